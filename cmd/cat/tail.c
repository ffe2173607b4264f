/*
 * Finds the first of the last n rows. A pass counts the rows of each chunk; if the numbers of the
 * records within the chunk that has that row are not consecutive, another pass looks at it.
 */
#include "search.h"

#include <stdlib.h>

/* The rows of a chunk. */
struct part {
	uint64_t chunk, rows, first_record;
	uint32_t input;
	bool consecutive;
};

struct state {
	struct cat_list parts;  /* struct part */
	struct cat_place found; /* in the second pass; record 0: not here */
};

struct plan {
	struct cat_choice *choice; /* of the parent */
	uint64_t wanted;
	bool looking; /* for the row number `skip` of the chunk */
	uint64_t chunk, skip;
};

static int open_plan(const void *params, const struct sdp_schema *schema, struct sdp_work *work,
		     void **plan, struct sdp_pass *first, struct sdp_err *err)
{
	const struct cat_search *t = params;
	struct plan *p = sdp_spill_take(&work->spill, sizeof *p, err);
	(void)schema;
	if (!p)
		return -1;
	*p = (struct plan){.choice = t->choice, .wanted = t->wanted};
	*plan = p;
	*first = (struct sdp_pass){SDP_PASS_CHUNKS, .phase = "counting", .share = 0.9};
	return 0;
}

static int update(const void *plan, void *state, const struct sdp_block *block,
		  struct sdp_work *work, struct sdp_err *err)
{
	const struct plan *p = plan;
	struct state *s = state;
	if (p->looking && block->chunk == p->chunk)
		s->found = (struct cat_place){block->input, sdp_block_record(block, p->skip)};
	if (p->looking || block->rows == 0)
		return 0;
	struct part part = {block->chunk, block->rows, sdp_block_record(block, 0), block->input,
			    !block->records};
	return cat_list_add(&s->parts, &part, sizeof part, work, err);
}

static int merge(const void *plan, void *into, void *from, struct sdp_work *work,
		 struct sdp_err *err)
{
	struct state *a = into, *b = from;
	(void)plan, (void)work, (void)err;
	cat_list_join(&a->parts, &b->parts);
	if (b->found.record)
		a->found = b->found;
	return 0;
}

static int by_chunk_descending(const void *a, const void *b)
{
	const struct part *x = a, *y = b;
	return (x->chunk < y->chunk) - (x->chunk > y->chunk);
}

static void set_first(struct plan *p, struct cat_place place)
{
	p->choice->first = place;
	p->choice->from_place = true;
}

static int step(void *plan, void *root, struct sdp_work *work, struct sdp_pass *next,
		struct sdp_err *err)
{
	struct plan *p = plan;
	const struct state *s = root;
	(void)work;
	next->kind = SDP_PASS_DONE;
	if (p->looking) {
		set_first(p, s->found);
		return 0;
	}
	struct part *parts = cat_list_sorted(&s->parts, sizeof *parts, by_chunk_descending, err);
	if (!parts)
		return -1;
	for (uint64_t i = 0, left = p->wanted; i < s->parts.count; left -= parts[i++].rows) {
		if (left > parts[i].rows)
			continue;
		p->chunk = parts[i].chunk;
		p->skip = parts[i].rows - left;
		p->looking = !parts[i].consecutive;
		if (p->looking)
			*next = (struct sdp_pass){SDP_PASS_CHUNKS, .phase = "counting"};
		else
			set_first(p, (struct cat_place){parts[i].input,
							parts[i].first_record + p->skip});
		break;
	}
	free(parts);
	return 0;
}

int cat_tail(const struct params *params, struct sdp_source *source, uint64_t count,
	     struct cat_choice *choice, struct sdp_err *err)
{
	static const struct sdp_task task = {.name = "tail",
					     .open = open_plan,
					     .state_bytes = sizeof(struct state),
					     .update = update,
					     .merge = merge,
					     .step = step,
					     .emit = cat_search_emit};
	if (count == 0) {
		set_first(&(struct plan){.choice = choice}, (struct cat_place){UINT32_MAX, 0});
		return 0;
	}
	return cat_search_run(&task, params, source, count, choice, err);
}
