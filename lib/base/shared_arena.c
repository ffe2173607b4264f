/*
 * The region is one MAP_SHARED | MAP_NORESERVE mapping.  Its first pages hold the control block:
 *
 *	top      first free byte; taken by fetch-add, so allocation never waits
 *	owner[]  per owner the newest grab (chained through the grabs' headers) and, inside the
 *	         current small-object slab, what is left of it
 *
 * Requests of less than a quarter slab are cut from the owner's slab; larger ones are grabs of
 * their own.  One process at a time acts for an owner, so only top and used are contended.  A
 * process killed between fetch-add and chaining leaks untouched addresses, not memory.
 */
#define _GNU_SOURCE
#include "sdp/shared_arena.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { ALIGN = 64, PAGE = 4096, SLAB = 64 * 1024 };

#define LARGEST  (UINT64_C(1) << 42)
#define SMALLEST (UINT64_C(1) << 26)

struct grab {
	struct grab *older;
	size_t size; /* header included */
};

struct owner {
	struct grab *newest;
	char *slab;
	size_t left;
};

struct control {
	_Atomic uint64_t top, used;
	uint64_t size;
	struct owner owners[];
};

struct sdp_shared_arena {
	struct control *control; /* the start of the region */
	int owners;
};

struct sdp_shared_arena *sdp_shared_arena_new(int owners, struct sdp_err *err)
{
	struct sdp_shared_arena *arena = malloc(sizeof *arena);
	if (!arena) {
		sdp_fail_memory(err);
		return NULL;
	}
	size_t head = sizeof(struct control) + (size_t)owners * sizeof(struct owner);
	void *p = MAP_FAILED;
	uint64_t size;
	for (size = LARGEST; size >= SMALLEST; size >>= 1) {
		p = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (p == MAP_FAILED)
			continue;
		if (size == LARGEST || size <= SMALLEST)
			break;
		/* Where address space is short others need some, too: half of what can be had. */
		munmap(p, size);
		size >>= 1;
		p = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		break;
	}
	if (p == MAP_FAILED) {
		free(arena);
		sdp_fail_errno(err, "cannot map shared memory");
		return NULL;
	}
	arena->control = p;
	arena->owners = owners;
	arena->control->size = size;
	atomic_init(&arena->control->top, (head + PAGE - 1) / PAGE * PAGE);
	return arena;
}

void sdp_shared_arena_free(struct sdp_shared_arena *arena)
{
	if (!arena)
		return;
	munmap(arena->control, arena->control->size);
	free(arena);
}

/* A run of whole pages for this owner; returns what is behind the header. */
static void *grab(struct sdp_shared_arena *arena, int owner, size_t size, struct sdp_err *err)
{
	struct control *c = arena->control;
	if (size > c->size)
		return sdp_fail_memory(err), NULL;
	size = (size + ALIGN + PAGE - 1) / PAGE * PAGE;
	uint64_t at = atomic_fetch_add(&c->top, size);
	if (at + size > c->size)
		return sdp_fail_memory(err), NULL;
	atomic_fetch_add(&c->used, size);
	struct grab *g = (struct grab *)(void *)((char *)c + at);
	g->size = size;
	g->older = c->owners[owner].newest;
	c->owners[owner].newest = g;
	return (char *)g + ALIGN;
}

void *sdp_shared_arena_take(struct sdp_shared_arena *arena, int owner, size_t size,
			    struct sdp_err *err)
{
	if (owner < 0 || owner >= arena->owners)
		SDP_BUG();
	struct owner *o = &arena->control->owners[owner];
	size_t rounded = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (rounded < size || rounded > SLAB / 4)
		return grab(arena, owner, size, err);
	if (rounded > o->left) {
		char *slab = grab(arena, owner, SLAB - ALIGN, err);
		if (!slab)
			return NULL;
		o->slab = slab;
		o->left = SLAB - ALIGN;
	}
	void *p = o->slab;
	o->slab += rounded;
	o->left -= rounded;
	return p;
}

void sdp_shared_arena_drop(struct sdp_shared_arena *arena, int owner)
{
	struct owner *o = &arena->control->owners[owner];
	for (struct grab *g = o->newest, *older; g; g = older) {
		older = g->older;
		size_t size = g->size;
		atomic_fetch_sub(&arena->control->used, size);
		madvise(g, size, MADV_REMOVE);
	}
	*o = (struct owner){0};
}

void sdp_shared_arena_pass(struct sdp_shared_arena *arena, int from, int to)
{
	struct owner *f = &arena->control->owners[from], *t = &arena->control->owners[to];
	struct grab *last = f->newest;
	if (!last)
		return;
	while (last->older)
		last = last->older;
	last->older = t->newest;
	t->newest = f->newest;
	if (f->left > t->left) {
		t->slab = f->slab;
		t->left = f->left;
	}
	*f = (struct owner){0};
}

uint64_t sdp_shared_arena_used(const struct sdp_shared_arena *arena)
{
	return atomic_load(&arena->control->used);
}
