/* sdp-stats: descriptive statistics of every column. */
#include "base/rational.h"
#include "cli/misfit_warnings.h"
#include "engine/typed_columns.h"
#include "model/stats/column_summary.h"
#include "model/stats/quantiles.h"
#include "model/stats/wide_store.h"
#include "sdp/columns.h"
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "sdp/program.h"
#include "sdp/task.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
	QUARTILES = 3,
	DICTIONARY = 1 << 16,
	SEEN_WIDE =
		1 << 16 /* with the SDP_SEEN_ bits of a column: it has wide numbers (sdp/num.h) */
};

static const struct sdp_probability quartiles[QUARTILES] = {{1, 4}, {1, 2}, {3, 4}};

struct params {
	struct sdp_common common;
};

/*
 * Pass 1 reads each column as the guess of its type says. If a guess turns out to be wrong, the
 * column alone is read again as its real type. The items of the last pass are columns, for their
 * distinct values and quartiles.
 */
struct column {
	size_t index; /* in the schema */
	const char *name;
	struct sdp_typed_column typed;
	bool read; /* whether the current pass reads it */
	bool wide; /* its numbers are kept in the wide store */
};

struct plan {
	const struct sdp_schema *schema;
	size_t count;
	bool first; /* in the first pass, which counts the rows */
	uint32_t dictionary;
	size_t *order; /* of columns, by descending cost */
	const struct state *root;
	struct column columns[];
};

struct sorted {
	bool done;
	struct sdp_quantiles_result order;
	const struct sdp_wide_result *wide; /* of a column of wide numbers */
};

struct state {
	uint64_t rows;
	struct sorted *sorted;       /* results of the pass over columns */
	struct sdp_misfits *misfits; /* of each column, counted in the first pass */
	struct sdp_wide_store *wide; /* of each column, for those of wide numbers */
	struct sdp_column_summary columns[];
};

static size_t state_size(const void *opaque)
{
	const struct plan *plan = opaque;
	return sizeof(struct state) +
	       plan->count * (sizeof(struct sdp_column_summary) + sizeof(struct sorted) +
			      sizeof(struct sdp_misfits) + sizeof(struct sdp_wide_store));
}

static int init(const void *opaque, void *state, struct sdp_work *work, struct sdp_err *err)
{
	const struct plan *plan = opaque;
	struct state *s = state;
	(void)work;
	(void)err;
	s->sorted = (struct sorted *)(void *)&s->columns[plan->count];
	s->misfits = (struct sdp_misfits *)(void *)&s->sorted[plan->count];
	s->wide = (struct sdp_wide_store *)(void *)&s->misfits[plan->count];
	return 0;
}

static uint32_t dictionary_limit(size_t columns, const struct sdp_work *work)
{
	/*
	 * All dictionaries together may use a quarter of the spill's limit, at about 100 bytes per
	 * entry.
	 */
	uint64_t entries = work->spill.limit / 400 / (unsigned)work->workers / columns;
	return entries < 64 ? 64 : entries > DICTIONARY ? DICTIONARY : (uint32_t)entries;
}

/*
 * If the error is that there is no column with the name of a statistic, adds how statistics are
 * chosen.  Returns -1.
 */
static int add_hint(struct sdp_err *err)
{
	static const char *const statistics[] = {"type",   "count",  "nulls",      "null_percent",
						 "unique", "min",    "max",        "mean",
						 "sum",    "stddev", "variance",   "q1",
						 "median", "q3",     "min_length", "max_length"};
	struct sdp_err why = *err;
	char start[64];
	for (size_t i = 0; i < sizeof statistics / sizeof *statistics; i++) {
		snprintf(start, sizeof start, "no column '%s' among ", statistics[i]);
		if (strncmp(why.text, start, strlen(start)) == 0)
			return sdp_fail(
				err, why.code,
				"%.900s (%s is a statistic: sdp-stats -f csv … | sdp-cat -x "
				"name,%s chooses it)",
				why.text, statistics[i], statistics[i]);
	}
	return -1;
}

static int open_plan(const void *params, const struct sdp_schema *schema, struct sdp_work *work,
		     void **out, struct sdp_pass *first, struct sdp_err *err)
{
	const struct params *p = params;
	size_t *indices, count;
	if (sdp_columns_select(schema, p->common.columns, &indices, &count, err) < 0)
		return add_hint(err);
	struct plan *plan =
		sdp_spill_take(&work->spill, sizeof *plan + count * sizeof *plan->columns, err);
	size_t *order = sdp_spill_take(&work->spill, count * sizeof *order, err);
	if (!plan || !order) {
		free(indices);
		return -1;
	}
	plan->schema = schema;
	plan->count = count;
	plan->order = order;
	plan->first = true;
	plan->dictionary = dictionary_limit(count, work);
	for (size_t i = 0; i < count; i++) {
		const struct sdp_column *c = &schema->columns[indices[i]];
		plan->columns[i] =
			(struct column){indices[i], c->name, sdp_typed_column(c), true, false};
	}
	free(indices);
	*first = (struct sdp_pass){.kind = SDP_PASS_CHUNKS, .phase = "reading", .share = 0.8};
	*out = plan;
	return 0;
}

/* ---- reading ---- */

/* Returns the SDP_SEEN_ bits of the cells of a column. */
static unsigned seen_of(const struct sdp_column_summary *s)
{
	return s->seen & ~(unsigned)SEEN_WIDE;
}

/* Returns whether a column has wide numbers, but was read as if it had none. */
static bool is_too_narrow(const struct column *c, const struct sdp_column_summary *s)
{
	return c->typed.class == SDP_CLASS_NUMBER && s->seen & SEEN_WIDE && !c->wide;
}

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

static int read_texts(const struct plan *plan, struct sdp_column_summary *s,
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

static int read_numbers(const struct column *c, struct sdp_column_summary *s,
			struct sdp_wide_store *wide, const struct sdp_block *block,
			struct sdp_work *work, struct sdp_err *err)
{
	struct sdp_number_column *n = &work->numbers;
	bool times = c->typed.class == SDP_CLASS_TIME;
	if ((times ? sdp_block_times : sdp_block_numbers)(block, c->index, n, err) < 0)
		return -1;
	s->nulls += n->nulls;
	s->seen |= n->seen | (n->wides ? SEEN_WIDE : 0u);
	if (is_too_narrow(c, s) || !sdp_typed_column_holds(&c->typed, seen_of(s)))
		return 0; /* the column is read again */
	if (c->wide)
		return add_wide(s, wide, block, c->index, n, work, err);
	return times ? add_times(s, block, c->index, work, err) : add_numbers(s, n, work, err);
}

static int read_column(const struct plan *plan, const struct column *c,
		       struct sdp_column_summary *s, struct sdp_wide_store *wide,
		       const struct sdp_block *block, struct sdp_work *work, struct sdp_err *err)
{
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

static int update(const void *opaque, void *state, const struct sdp_block *block,
		  struct sdp_work *work, struct sdp_err *err)
{
	const struct plan *plan = opaque;
	struct state *s = state;
	struct sdp_fault fault = {0};
	s->rows += plan->first ? block->rows : 0;
	for (size_t i = 0; i < plan->count; i++) {
		const struct column *c = &plan->columns[i];
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
		sdp_fault_check_type(&fault, block, c->index, seen_of(&s->columns[i]));
	}
	return sdp_fault_fail(&fault, err);
}

/* ---- sorting, merging, stepping ---- */

static int item(const void *opaque, void *state, size_t number, struct sdp_work *work,
		struct sdp_err *err)
{
	const struct plan *plan = opaque;
	struct state *s = state;
	size_t i = plan->order[number];
	const struct sdp_column_summary *c = &plan->root->columns[i];
	struct sdp_quantiles_result far;
	s->sorted[i].done = true;
	if (plan->columns[i].wide) {
		struct sdp_wide_result *r = sdp_spill_take(&work->spill, sizeof *r, err);
		if (!r || sdp_wide_store_solve(&plan->root->wide[i], &work->spill, work->memory,
					       quartiles, QUARTILES, c->values, r, err) < 0)
			return -1;
		s->sorted[i].order = r->order;
		s->sorted[i].wide = r;
		return 0;
	}
	if (sdp_quantiles_solve(&c->keys, &work->spill, work->memory, quartiles, QUARTILES,
				&s->sorted[i].order, err) < 0 ||
	    sdp_quantiles_solve(&c->far_times, &work->spill, work->memory, NULL, 0, &far, err) < 0)
		return -1;
	s->sorted[i].order.unique += far.unique;
	return 0;
}

static int merge(const void *opaque, void *into, void *from, struct sdp_work *work,
		 struct sdp_err *err)
{
	const struct plan *plan = opaque;
	struct state *a = into, *b = from;
	a->rows += b->rows;
	for (size_t i = 0; i < plan->count; i++) {
		if (sdp_column_summary_merge(&a->columns[i], &b->columns[i], &work->spill, err) < 0)
			return -1;
		sdp_misfits_merge(&a->misfits[i], &b->misfits[i]);
		sdp_wide_store_merge(&a->wide[i], &b->wide[i]);
		if (!b->sorted[i].done)
			continue;
		a->sorted[i] = b->sorted[i];
		if (b->sorted[i].wide &&
		    !(a->sorted[i].wide =
			      sdp_wide_result_copy(b->sorted[i].wide, &work->spill, err)))
			return -1;
	}
	return 0;
}

struct cost {
	uint64_t cost;
	size_t column;
};

static int by_cost(const void *a, const void *b)
{
	const struct cost *x = a, *y = b;
	if (x->cost != y->cost)
		return x->cost < y->cost ? 1 : -1;
	return (x->column > y->column) - (x->column < y->column);
}

/* Puts the costliest columns first, so that all workers end at about the same time. */
static int order_by_cost(struct plan *plan, const struct state *root, struct sdp_err *err)
{
	struct cost *costs = sdp_alloc(plan->count, sizeof *costs, err);
	if (!costs)
		return -1;
	for (size_t i = 0; i < plan->count; i++)
		costs[i] = (struct cost){sdp_quantiles_cost(&root->columns[i].keys) +
						 root->wide[i].bytes,
					 i};
	qsort(costs, plan->count, sizeof *costs, by_cost);
	for (size_t i = 0; i < plan->count; i++)
		plan->order[i] = costs[i].column;
	free(costs);
	return 0;
}

static int refuse_zones(const struct plan *plan, const struct column *c, struct sdp_err *err)
{
	char word[SDP_COLUMNS_WORD];
	return sdp_fail(err, SDP_DATA,
			"column '%s': times with and without a zone cannot be compared; --types %s "
			"takes them as text",
			c->name, sdp_columns_word(plan->schema, c->index, "=string", word));
}

static int step(void *opaque, void *root, struct sdp_work *work, struct sdp_pass *next,
		struct sdp_err *err)
{
	struct plan *plan = opaque;
	struct state *s = root;
	bool again = false;
	(void)work;
	if (next->kind == SDP_PASS_ITEMS) {
		next->kind = SDP_PASS_DONE;
		return 0;
	}
	plan->first = false;
	for (size_t i = 0; i < plan->count; i++) {
		struct column *c = &plan->columns[i];
		struct sdp_column_summary *summary = &s->columns[i];
		if (c->typed.fixed && c->typed.type == SDP_DATETIME &&
		    sdp_type_of(seen_of(summary)) == SDP_STRING && summary->seen)
			return refuse_zones(plan, c, err);
		c->read = sdp_typed_column_update(&c->typed, seen_of(summary));
		if (is_too_narrow(c, summary))
			c->read = c->wide = true;
		again |= c->read;
		if (c->read)
			*summary = (struct sdp_column_summary){0};
	}
	plan->root = root;
	*next = (struct sdp_pass){.kind = SDP_PASS_CHUNKS, .phase = "reading again", .share = 0.8};
	if (again)
		return 0;
	*next = (struct sdp_pass){SDP_PASS_ITEMS, plan->count, "sorting", .discard_states = true};
	return order_by_cost(plan, root, err);
}

/* ---- the document ---- */

static int put_extreme(cJSON *row, const char *key, enum sdp_type type,
		       const struct sdp_extreme_number *number, const struct sdp_extreme_text *text,
		       const char *wide, struct sdp_err *err)
{
	if (wide)
		return sdp_doc_decimal(row, key, wide, err);
	if (text->data) {
		char *copy = sdp_strndup(text->data, text->length, err);
		int rc = copy ? sdp_doc_text(row, key, copy, err) : -1;
		free(copy);
		return rc;
	}
	if (!number->any)
		return sdp_doc_null(row, key, err);
	struct sdp_value v = number->value;
	if (type == SDP_BOOLEAN)
		return sdp_doc_text(row, key, v.value ? "true" : "false", err);
	if (v.kind == SDP_KEY_REAL)
		return sdp_doc_real(row, key, sdp_key_to_double(v.value), err);
	char decimal[32];
	sdp_decimal_print_number(decimal, v.value, v.kind);
	return sdp_doc_decimal(row, key, decimal, err);
}

/* Writes the sum; all its digits if it is a decimal. */
static int put_sum(cJSON *row, const struct sdp_column_summary *s, const struct sorted *sorted,
		   const struct sdp_moment_result *m, struct sdp_err *err)
{
	struct sdp_buf text = {0};
	struct sdp_totals t;
	if (sorted->wide)
		return sdp_doc_decimal(row, "sum", sorted->wide->sum, err);
	if (!m->exact)
		return sdp_doc_real(row, "sum", m->sum, err);
	sdp_totals_init(&t);
	sdp_totals_add_scaled(&t, (const struct sdp_scaled_sum *const *)s->scaled);
	int rc = sdp_exact_print(&text, t.sum, t.scale, err);
	if (rc == 0)
		rc = sdp_doc_decimal(row, "sum", text.data, err);
	sdp_buf_release(&text);
	sdp_totals_clear(&t);
	return rc;
}

/* Writes the sum, the moments and the quartiles. They are null if the column is not numeric. */
static void put_moments(cJSON *row, const struct column *c, const struct sdp_column_summary *s,
			const struct sorted *sorted, struct sdp_err *err)
{
	struct sdp_moment_result m = {.mean = NAN, .sum = NAN, .variance = NAN, .stddev = NAN};
	double q[QUARTILES] = {NAN, NAN, NAN};
	if (sdp_type_class(c->typed.type) == SDP_CLASS_NUMBER && s->values) {
		if (sorted->wide)
			m = sorted->wide->moments;
		else
			sdp_exact_moments((const struct sdp_scaled_sum *const *)s->scaled, s->real,
					  &m);
		memcpy(q, sorted->order.quantile, sizeof q);
		if (isinf(m.variance))
			sdp_warn("column '%s': the variance exceeds every double and is printed as "
				 "null",
				 c->name);
	}
	sdp_doc_real(row, "mean", m.mean, err);
	put_sum(row, s, sorted, &m, err);
	SDP_DOC_REALS(row, err, {"stddev", m.stddev}, {"variance", m.variance}, {"q1", q[0]},
		      {"median", q[1]}, {"q3", q[2]});
}

static void put_column(cJSON *columns, const struct column *c, const struct sdp_column_summary *s,
		       const struct sorted *sorted, uint64_t rows, struct sdp_err *err)
{
	const struct sdp_wide_result *wide = sorted->wide;
	enum sdp_type type = c->typed.type;
	cJSON *row = sdp_doc_row(columns, err);
	sdp_doc_text(row, "name", c->name, err);
	sdp_doc_text(row, "type", sdp_type_name(type), err);
	sdp_doc_count(row, "count", s->values, err);
	sdp_doc_count(row, "nulls", s->nulls, err);
	sdp_doc_real(row, "null_percent", rows ? (double)s->nulls * 100 / (double)rows : NAN, err);
	sdp_doc_count(row, "unique", sorted->order.unique, err);
	put_extreme(row, "min", type, &s->low, &s->least, wide ? wide->low : NULL, err);
	put_extreme(row, "max", type, &s->high, &s->greatest, wide ? wide->high : NULL, err);
	put_moments(row, c, s, sorted, err);
	if (type == SDP_STRING && s->values) {
		sdp_doc_count(row, "min_length", s->shortest, err);
		sdp_doc_count(row, "max_length", s->longest, err);
	} else {
		sdp_doc_null(row, "min_length", err);
		sdp_doc_null(row, "max_length", err);
	}
}

static int warn_of_misfits(const struct plan *plan, const struct state *s, struct sdp_err *err)
{
	size_t found = 0;
	for (size_t i = 0; i < plan->count; i++)
		if (sdp_warn_misfits(NULL, &s->misfits[i], plan->schema, plan->columns[i].index,
				     "is a string", &found, err) < 0)
			return -1;
	return sdp_warn_more_misfits(NULL, found, err);
}

static int emit(const void *opaque, const void *root, cJSON *doc, struct sdp_err *err)
{
	const struct plan *plan = opaque;
	const struct state *s = root;
	sdp_doc_count(doc, "rows", s->rows, err);
	cJSON *columns = sdp_doc_array(doc, "columns", err);
	if (warn_of_misfits(plan, s, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->count; i++)
		put_column(columns, &plan->columns[i], &s->columns[i], &s->sorted[i], s->rows, err);
	return sdp_err_result(err);
}

static const struct sdp_task task = {
	.name = "descriptive_stats",
	.open = open_plan,
	.state_size = state_size,
	.init = init,
	.update = update,
	.item = item,
	.merge = merge,
	.step = step,
	.emit = emit,
};

static const struct sdp_option options[] = {{0}};

static const char *const examples[] = {
	"sdp-sample flights | sdp-stats -x dep_delay,carrier",
	"sdp-stats -f csv table.csv | sdp-cat -x name,q1,median,q3 -f table",
	NULL,
};

static const struct sdp_help_section sections[] = {
	{"columns", "columns"},
	{0},
};

static const struct sdp_option_values values[] = {
	{"print", "columns"},
	{0},
};

const struct sdp_program sdp_program = {
	.name = "sdp-stats",
	.summary = "print descriptive statistics of every column",
	.operands = "[FILE...]",
	.examples = examples,
	.options = options,
	.sections = sections,
	.values = values,
	.groups = SDP_GROUP_WORKERS | SDP_GROUP_TABLE | SDP_GROUP_COLUMNS | SDP_GROUP_DOCUMENT |
		  SDP_GROUP_MEMORY | SDP_GROUP_PROGRESS,
	.params_size = sizeof(struct params),
	.task = &task,
};
