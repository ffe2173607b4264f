/*
 * Finds the row with the n-th lowest draw. The first pass counts draws by their first bits, which
 * tells the bits of the n-th; the second collects the few draws with these bits.
 */
#include "cat.h"
#include "sdp/mem.h"
#include "sdp/run.h"

#include <string.h>

enum { BITS = 16, COUNTS = 1 << BITS, PIECE = 1024 };

/* What is known of the n-th draw, and where the result goes; in shared memory. */
struct plan {
	struct cat_choice *choice; /* of the parent */
	struct cat_choice copy;    /* for the workers */
	uint64_t wanted;           /* n; after the first pass, among the draws with these bits */
	bool collecting;
	uint64_t bits;
};

/* A piece of the draws that are collected. */
struct piece {
	struct piece *next;
	size_t count;
	struct cat_draw draws[PIECE];
};

struct state {
	uint64_t counts[COUNTS];
	struct piece *pieces;
};

/* The parameters of the task. */
struct task_params {
	struct sdp_common common;
	uint64_t wanted;
	struct cat_choice *choice;
};

static int open_plan(const void *params, const struct sdp_schema *schema, struct sdp_work *work,
		     void **plan, struct sdp_pass *first, struct sdp_err *err)
{
	const struct task_params *t = params;
	struct plan *p = sdp_spill_take(&work->spill, sizeof *p, err);
	(void)schema;
	if (!p)
		return -1;
	*p = (struct plan){.choice = t->choice, .copy = *t->choice, .wanted = t->wanted};
	*plan = p;
	*first = (struct sdp_pass){SDP_PASS_CHUNKS, .phase = "drawing", .share = 0.5};
	return 0;
}

static int collect(struct state *s, const struct cat_draw *draw, struct sdp_work *work,
		   struct sdp_err *err)
{
	struct piece *piece = s->pieces;
	if (!piece || piece->count == PIECE) {
		piece = sdp_spill_take(&work->spill, sizeof *piece, err);
		if (!piece)
			return -1;
		piece->next = s->pieces;
		piece->count = 0;
		s->pieces = piece;
	}
	piece->draws[piece->count++] = *draw;
	return 0;
}

static int update(const void *plan, void *state, const struct sdp_block *block,
		  struct sdp_work *work, struct sdp_err *err)
{
	const struct plan *p = plan;
	struct state *s = state;
	for (size_t row = 0; row < block->rows; row++) {
		struct cat_draw draw = cat_draw_of(&p->copy, block, row);
		uint64_t bits = draw.draw >> (64 - BITS);
		if (!p->collecting)
			s->counts[bits]++;
		else if (bits == p->bits && collect(s, &draw, work, err) < 0)
			return -1;
	}
	return 0;
}

static int merge(const void *plan, void *into, void *from, struct sdp_work *work,
		 struct sdp_err *err)
{
	struct state *a = into, *b = from;
	struct piece **end = &b->pieces;
	(void)plan, (void)work, (void)err;
	for (size_t i = 0; i < COUNTS; i++)
		a->counts[i] += b->counts[i];
	while (*end)
		end = &(*end)->next;
	*end = a->pieces;
	a->pieces = b->pieces;
	return 0;
}

static int by_draw(const void *a, const void *b)
{
	return cat_compare_draws(a, b);
}

/* Sets the last row of the sample: the wanted-th of those collected. */
static int find_last(const struct plan *p, const struct state *s, struct sdp_err *err)
{
	size_t count = s->counts[p->bits], n = 0;
	struct cat_draw *draws = sdp_alloc(count, sizeof *draws, err);
	if (!draws)
		return -1;
	for (const struct piece *piece = s->pieces; piece; piece = piece->next) {
		memcpy(draws + n, piece->draws, piece->count * sizeof *draws);
		n += piece->count;
	}
	if (n != count || p->wanted < 1 || p->wanted > n)
		SDP_BUG();
	qsort(draws, n, sizeof *draws, by_draw);
	p->choice->last = draws[p->wanted - 1];
	p->choice->by_draw = true;
	free(draws);
	return 0;
}

static int step(void *plan, void *root, struct sdp_work *work, struct sdp_pass *next,
		struct sdp_err *err)
{
	struct plan *p = plan;
	const struct state *s = root;
	(void)work;
	next->kind = SDP_PASS_DONE;
	if (p->collecting)
		return find_last(p, s, err);
	for (size_t i = 0; i < COUNTS; i++) {
		if (p->wanted <= s->counts[i]) {
			p->bits = i;
			p->collecting = true;
			*next = (struct sdp_pass){SDP_PASS_CHUNKS, .phase = "drawing"};
			return 0;
		}
		p->wanted -= s->counts[i];
	}
	return 0; /* there are fewer rows: all are chosen */
}

static int emit(const void *plan, const void *root, cJSON *doc, struct sdp_err *err)
{
	(void)plan, (void)root, (void)doc, (void)err;
	return 0;
}

int cat_sample(const struct params *params, struct sdp_source *source, uint64_t count,
	       struct cat_choice *choice, struct sdp_err *err)
{
	static const struct sdp_task task = {.name = "sample",
					     .open = open_plan,
					     .state_bytes = sizeof(struct state),
					     .update = update,
					     .merge = merge,
					     .step = step,
					     .emit = emit};
	struct task_params t = {params->common, count, choice};
	t.common.rows_follow = true;
	if (count == 0) {
		/* No draw comes before that of record 0, which there is not. */
		choice->by_draw = true;
		return 0;
	}
	cJSON *doc = cJSON_CreateObject();
	int rc = doc ? sdp_run_task_on(&task, &t, source, doc, err) : sdp_fail_memory(err);
	cJSON_Delete(doc);
	return rc;
}
