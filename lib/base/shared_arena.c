/*
 * An allocator in shared memory.
 *
 * The region is one mapping with MAP_SHARED | MAP_NORESERVE.  Its first pages hold the control
 * block:
 *
 *	top      offset of the first free byte; advanced by fetch-add, so allocation never waits
 *	owner[]  for each owner, the newest of its runs of pages (linked through their headers),
 *	         and the unused part of its current slab, from which small requests are served
 *
 * Requests of up to a quarter of a slab are served from the owner's slab; larger ones get a run of
 * pages of their own.  One process at a time acts for an owner, so only top and used are contended.
 * A process that is killed between the fetch-add and the linking leaks addresses that were never
 * touched, not memory.
 */
#define _GNU_SOURCE
#include "sdp/shared_arena.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { ALIGN = 64, PAGE = 4096, SLAB = 64 * 1024 };

#define LARGEST  (UINT64_C(1) << 42)
#define SMALLEST (UINT64_C(1) << 26)

struct run {
	struct run *older;
	size_t size; /* header included */
};

struct owner {
	struct run *newest;
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

void *sdp_shared_map(size_t size, struct sdp_err *err)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p != MAP_FAILED)
		return p;
	sdp_fail_errno(err, "cannot map shared memory");
	return NULL;
}

struct sdp_shared_arena *sdp_shared_arena_new(int owners, struct sdp_err *err)
{
	struct sdp_shared_arena *arena = malloc(sizeof *arena);
	if (!arena) {
		sdp_fail_memory(err);
		return NULL;
	}
	size_t head = sizeof(struct control) + (size_t)owners * sizeof(struct owner);
	uint64_t size = LARGEST;
	void *p = sdp_shared_map(size, err);
	while (!p && (size >>= 1) >= SMALLEST)
		p = sdp_shared_map(size, err);
	if (p && size < LARGEST && size > SMALLEST) {
		/* If address space is limited, leave half of it to others. */
		munmap(p, size);
		p = sdp_shared_map(size >>= 1, err);
	}
	if (!p) {
		free(arena);
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

/* Allocates a run of whole pages for this owner.  Returns the address after its header. */
static void *allocate_run(struct sdp_shared_arena *arena, int owner, size_t size,
			  struct sdp_err *err)
{
	struct control *c = arena->control;
	if (size > c->size)
		return sdp_fail_memory(err), NULL;
	size = (size + ALIGN + PAGE - 1) / PAGE * PAGE;
	uint64_t at = atomic_fetch_add(&c->top, size);
	if (at + size > c->size)
		return sdp_fail_memory(err), NULL;
	atomic_fetch_add(&c->used, size);
	struct run *r = (struct run *)(void *)((char *)c + at);
	r->size = size;
	r->older = c->owners[owner].newest;
	c->owners[owner].newest = r;
	return (char *)r + ALIGN;
}

void *sdp_shared_arena_take(struct sdp_shared_arena *arena, int owner, size_t size,
			    struct sdp_err *err)
{
	if (owner < 0 || owner >= arena->owners)
		SDP_BUG();
	struct owner *o = &arena->control->owners[owner];
	size_t rounded = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (rounded < size || rounded > SLAB / 4)
		return allocate_run(arena, owner, size, err);
	if (rounded > o->left) {
		char *slab = allocate_run(arena, owner, SLAB - ALIGN, err);
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
	for (struct run *r = o->newest, *older; r; r = older) {
		older = r->older;
		size_t size = r->size;
		atomic_fetch_sub(&arena->control->used, size);
		madvise(r, size, MADV_REMOVE);
	}
	*o = (struct owner){0};
}

void sdp_shared_arena_pass(struct sdp_shared_arena *arena, int from, int to)
{
	struct owner *f = &arena->control->owners[from], *t = &arena->control->owners[to];
	struct run *last = f->newest;
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
