/*
 * Finds the row with the n-th lowest draw. The first pass counts draws by their first bits, which
 * tells the bits of the n-th; the second collects the few draws with these bits.
 */
#include "search.h"

#include <stdlib.h>

enum { BITS = 16, COUNTS = 1 << BITS };

/* What is known of the n-th draw, and where the result goes; in shared memory. */
struct plan {
	struct cat_choice *choice; /* of the parent */
	struct cat_choice copy;    /* for the workers */
	uint64_t wanted;           /* n; after the first pass, among the draws with these bits */
	bool collecting;
	uint64_t bits;
};

struct state {
	uint64_t counts[COUNTS];
	struct cat_list draws; /* struct cat_draw */
};

static int open_plan(const void *params, const struct sdp_schema *schema, struct sdp_work *work,
		     void **plan, struct sdp_pass *first, struct sdp_err *err)
{
	const struct cat_search *t = params;
	struct plan *p = sdp_spill_take(&work->spill, sizeof *p, err);
	(void)schema;
	if (!p)
		return -1;
	*p = (struct plan){.choice = t->choice, .copy = *t->choice, .wanted = t->wanted};
	*plan = p;
	*first = (struct sdp_pass){SDP_PASS_CHUNKS, .phase = "drawing", .share = 0.5};
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
		else if (bits == p->bits &&
			 cat_list_add(&s->draws, &draw, sizeof draw, work, err) < 0)
			return -1;
	}
	return 0;
}

static int merge(const void *plan, void *into, void *from, struct sdp_work *work,
		 struct sdp_err *err)
{
	struct state *a = into, *b = from;
	(void)plan, (void)work, (void)err;
	for (size_t i = 0; i < COUNTS; i++)
		a->counts[i] += b->counts[i];
	cat_list_join(&a->draws, &b->draws);
	return 0;
}

static int by_draw(const void *a, const void *b)
{
	return cat_compare_draws(a, b);
}

/* Sets the last row of the sample: the wanted-th of those collected. */
static int find_last(const struct plan *p, const struct state *s, struct sdp_err *err)
{
	if (s->draws.count != s->counts[p->bits] || p->wanted < 1 || p->wanted > s->draws.count)
		SDP_BUG();
	struct cat_draw *draws = cat_list_sorted(&s->draws, sizeof *draws, by_draw, err);
	if (!draws)
		return -1;
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

int cat_sample(const struct params *params, struct sdp_source *source, uint64_t count,
	       struct cat_choice *choice, struct sdp_err *err)
{
	static const struct sdp_task task = {.name = "sample",
					     .open = open_plan,
					     .state_bytes = sizeof(struct state),
					     .update = update,
					     .merge = merge,
					     .step = step,
					     .emit = cat_search_emit};
	if (count == 0) {
		/* No draw comes before that of record 0, which there is not. */
		choice->by_draw = true;
		return 0;
	}
	return cat_search_run(&task, params, source, count, choice, err);
}
