/* Adds blocks to the summaries of the columns, each as the guess of its type says. */
#include "stats.h"

#include <string.h>

/* Copies the decimals of one scale to out, without gaps. Returns their number. */
static size_t compact(const struct sdp_number_column *n, int scale, int64_t *out)
{
	size_t count = 0;
	for (size_t i = 0; i < n->rows; i++) {
		out[count] = n->mantissa[i];
		count += n->scale[i] == scale;
	}
	return count;
}

static int add_numbers(struct sdp_column_summary *s, struct sdp_number_column *n,
		       struct sdp_work *work, struct sdp_err *err)
{
	int lowest = sdp_number_column_align(n) ? n->max_scale : 0;
	int64_t *values = sdp_work_scratch(work, (n->rows + 1) * sizeof *values, err);
	if (!values)
		return -1;
	if (lowest == n->max_scale && n->nulls + n->reals + n->others == 0)
		return sdp_column_summary_add_decimals(s, &work->spill, n->mantissa, n->rows,
						       lowest, err);
	for (int scale = lowest; scale <= n->max_scale; scale++) {
		size_t count = compact(n, scale, values);
		if (sdp_column_summary_add_decimals(s, &work->spill, values, count, scale, err) < 0)
			return -1;
	}
	double *reals = (double *)(void *)values;
	size_t count = 0;
	for (size_t i = 0; n->reals && i < n->rows; i++)
		if (n->scale[i] == SDP_CELL_REAL)
			reals[count++] = n->real[i];
	return sdp_column_summary_add_reals(s, &work->spill, reals, count, err);
}

/* The cells of a column that have a value, as texts, with buffers for hashes or times. */
struct texts {
	const char **text;
	size_t *length, count;
	uint64_t *hashes;
	int64_t *value;
};

static int take_texts(struct texts *t, size_t rows, struct sdp_work *work, struct sdp_err *err)
{
	size_t each =
		sizeof *t->text + sizeof *t->length + 2 * sizeof *t->hashes + sizeof *t->value;
	char *p = sdp_work_scratch(work, (rows + 1) * each, err);
	if (!p)
		return -1;
	t->count = 0;
	t->text = (const char **)(void *)p;
	t->length = (size_t *)(void *)(t->text + rows + 1);
	t->hashes = (uint64_t *)(void *)(t->length + rows + 1);
	t->value = (int64_t *)(void *)(t->hashes + 2 * (rows + 1));
	return 0;
}

/* Adds the times whose decimals do not fit 64 bits. */
static int add_far_times(struct sdp_column_summary *s, const struct sdp_block *block, size_t column,
			 struct texts *t, struct sdp_work *work, struct sdp_err *err)
{
	struct sdp_number_column *n = &work->numbers;
	uint32_t *nanos = (uint32_t *)(void *)t->hashes;
	t->count = 0;
	for (size_t i = 0; i < n->rows; i++) {
		int64_t fraction;
		int scale;
		if (n->scale[i] != SDP_CELL_REAL)
			continue;
		t->text[t->count] = sdp_block_cell(block, i, column, &t->length[t->count]);
		sdp_time_parse(t->text[t->count], t->length[t->count], &t->value[t->count],
			       &fraction, &scale);
		nanos[t->count++] = (uint32_t)(fraction * sdp_pow10[9 - scale]);
	}
	return sdp_column_summary_add_far_times(s, &work->spill, t->value, nanos, t->count, t->text,
						t->length, err);
}

static int add_times(struct sdp_column_summary *s, const struct sdp_block *block, size_t column,
		     struct sdp_work *work, struct sdp_err *err)
{
	struct sdp_number_column *n = &work->numbers;
	struct texts t;
	if (take_texts(&t, n->rows, work, err) < 0)
		return -1;
	int lowest = sdp_number_column_align(n) ? n->max_scale : 0;
	for (int scale = lowest; scale <= n->max_scale; scale++) {
		t.count = 0;
		for (size_t i = 0; i < n->rows; i++)
			if (n->scale[i] == scale) {
				t.text[t.count] =
					sdp_block_cell(block, i, column, &t.length[t.count]);
				t.value[t.count++] = n->mantissa[i];
			}
		if (sdp_column_summary_add_times(s, &work->spill, t.value, t.count, scale, t.text,
						 t.length, err) < 0)
			return -1;
	}
	return n->reals ? add_far_times(s, block, column, &t, work, err) : 0;
}

static int read_texts(const struct stats_plan *plan, struct sdp_column_summary *s,
		      const struct sdp_block *block, size_t column, struct sdp_work *work,
		      struct sdp_err *err)
{
	const struct sdp_nulls *nulls = &block->schema->nulls;
	struct texts t;
	if (take_texts(&t, block->rows, work, err) < 0)
		return -1;
	for (size_t row = 0; row < block->rows; row++) {
		t.text[t.count] = sdp_block_cell(block, row, column, &t.length[t.count]);
		t.count += !sdp_is_null(nulls, t.text[t.count], t.length[t.count]);
	}
	s->nulls += block->rows - t.count;
	return sdp_column_summary_add_texts(s, &work->spill, t.text, t.length, t.count,
					    plan->dictionary, t.hashes, err);
}

/* Adds true as 1 and false as 0. */
static int read_booleans(struct sdp_column_summary *s, const struct sdp_block *block, size_t column,
			 struct sdp_work *work, struct sdp_err *err)
{
	const struct sdp_schema *schema = block->schema;
	int64_t *values = sdp_work_scratch(work, (block->rows + 1) * sizeof *values, err);
	size_t count = 0;
	if (!values)
		return -1;
	for (size_t row = 0; row < block->rows; row++) {
		size_t length;
		const char *text = sdp_block_cell(block, row, column, &length);
		int value = sdp_boolean_parse(text, length);
		bool null = sdp_is_null(&schema->nulls, text, length);
		s->nulls += null;
		if (!null)
			s->seen |= value >= 0 ? SDP_SEEN_BOOLEAN
					      : sdp_cell_seen(text, length, schema->decimal,
							      schema->thousands);
		if (!null && value >= 0)
			values[count++] = value;
	}
	return sdp_column_summary_add_decimals(s, &work->spill, values, count, 0, err);
}

/* Adds the numbers of a column as they are written. */
static int add_wide(struct sdp_column_summary *s, struct sdp_wide_store *wide,
		    const struct sdp_block *block, size_t column, const struct sdp_number_column *n,
		    struct sdp_work *work, struct sdp_err *err)
{
	struct sdp_wide_batch batch = {0};
	int rc = 0;
	for (size_t row = 0; rc == 0 && row < block->rows; row++) {
		size_t length;
		const char *text = sdp_block_cell(block, row, column, &length);
		if (n->scale[row] != SDP_CELL_NULL && n->scale[row] != SDP_CELL_OTHER)
			rc = sdp_wide_batch_add(&batch, text, length, block->schema->decimal,
						block->schema->thousands, err);
	}
	s->values += batch.count;
	if (rc == 0)
		rc = sdp_wide_store_add(wide, &work->spill, &batch, err);
	sdp_wide_batch_release(&batch);
	return rc;
}

static int read_numbers(const struct stats_column *c, struct sdp_column_summary *s,
			struct sdp_wide_store *wide, const struct sdp_block *block,
			struct sdp_work *work, struct sdp_err *err)
{
	struct sdp_number_column *n = &work->numbers;
	bool times = c->typed.class == SDP_CLASS_TIME;
	if ((times ? sdp_block_times : sdp_block_numbers)(block, c->index, n, err) < 0)
		return -1;
	s->nulls += n->nulls;
	s->seen |= n->seen | (n->wides ? STATS_SEEN_WIDE : 0u);
	if (stats_is_too_narrow(c, s) || !sdp_typed_column_holds(&c->typed, stats_seen_of(s)))
		return 0; /* the column is read again */
	if (c->wide)
		return add_wide(s, wide, block, c->index, n, work, err);
	return times ? add_times(s, block, c->index, work, err) : add_numbers(s, n, work, err);
}

/* Returns what the summary of a column leaves out, because no statistic needs it. */
static unsigned skipped(enum sdp_class class, unsigned needs)
{
	bool number = class == SDP_CLASS_NUMBER;
	unsigned keys = STATS_NEEDS_DISTINCT | (number ? STATS_NEEDS_QUANTILES : 0u);
	return (needs & keys ? 0u : SDP_SUMMARY_NO_KEYS) |
	       (number && needs & STATS_NEEDS_SUMS ? 0u : SDP_SUMMARY_NO_SUMS) |
	       (needs & STATS_NEEDS_EXTREMES ? 0u : SDP_SUMMARY_NO_EXTREMES);
}

static int read_column(const struct stats_plan *plan, const struct stats_column *c,
		       struct sdp_column_summary *s, struct sdp_wide_store *wide,
		       const struct sdp_block *block, struct sdp_work *work, struct sdp_err *err)
{
	s->skip = skipped(c->typed.class, plan->list.needs);
	switch (c->typed.class) {
	case SDP_CLASS_TEXT:
		return read_texts(plan, s, block, c->index, work, err);
	case SDP_CLASS_BOOLEAN:
		return read_booleans(s, block, c->index, work, err);
	case SDP_CLASS_NUMBER:
	case SDP_CLASS_TIME:
		return read_numbers(c, s, wide, block, work, err);
	case SDP_CLASS_NONE:
		/* The column has had no value so far. After its first value it is read again. */
		s->seen |= sdp_block_seen(block, c->index);
		s->nulls += s->seen ? 0 : block->rows;
		break;
	}
	return 0;
}

int stats_read(const void *opaque, void *state, const struct sdp_block *block,
	       struct sdp_work *work, struct sdp_err *err)
{
	const struct stats_plan *plan = opaque;
	struct stats_state *s = state;
	struct sdp_fault fault = {0};
	s->rows += plan->first ? block->rows : 0;
	for (size_t i = 0; i < plan->count; i++) {
		const struct stats_column *c = &plan->columns[i];
		if (!c->read)
			continue;
		if (sdp_block_lacks(block, c->index)) {
			s->columns[i].nulls += block->rows;
			continue;
		}
		if (read_column(plan, c, &s->columns[i], &s->wide[i], block, work, err) < 0)
			return -1;
		/* Before its first value, a column has no misfits. */
		if ((c->typed.class != SDP_CLASS_NONE || s->columns[i].seen) &&
		    sdp_typed_column_count(&c->typed, &s->misfits[i], block, c->index,
					   &work->numbers, err) < 0)
			return -1;
		sdp_fault_check_type(&fault, block, c->index, stats_seen_of(&s->columns[i]));
	}
	return sdp_fault_fail(&fault, err);
}
