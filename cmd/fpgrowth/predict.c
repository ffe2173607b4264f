/* --predict: adds a column with the items that the rules of a model predict for each basket. */
#include "fpgrowth.h"

#include "base/csv_cell.h"
#include "cli/model_file.h"
#include "model/itemsets/recommend.h"
#include "sdp/mem.h"
#include "sdp/run.h"

#include <string.h>

struct prediction {
	struct fpgrowth_input input;
	struct sdp_recommender recommender;
	char separator;
	bool words; /* the items of a basket are in one text, so none has the separator */
};

/* ---- the model ---- */

static int fail_rule(const char *path, size_t number, struct sdp_err *err)
{
	return sdp_fail(err, SDP_DATA, "%s: rule %zu lacks its items", path, number);
}

/*
 * Appends the items of one side of a rule to *items. Returns 1 if the side is not a list of items.
 */
static int read_side(struct sdp_recommender *r, const cJSON *side, uint32_t **items, size_t *count,
		     size_t *capacity, struct sdp_err *err)
{
	const cJSON *item;
	size_t before = *count;
	cJSON_ArrayForEach(item, side)
	{
		if (!cJSON_IsString(item))
			return 1;
		int64_t number = sdp_recommender_item(r, item->valuestring, err);
		if (number < 0 || sdp_grow(items, capacity, *count + 1, sizeof **items, err) < 0)
			return -1;
		(*items)[(*count)++] = (uint32_t)number;
	}
	return !cJSON_IsArray(side) || *count == before;
}

static int read_rules(struct sdp_recommender *r, const cJSON *doc, const char *path,
		      struct sdp_err *err)
{
	const cJSON *rules = sdp_doc_member(doc, "rules"), *rule;
	uint32_t *items = NULL;
	size_t count = 0, capacity = 0, number = 0;
	int rc = 0;
	if (!cJSON_IsArray(rules))
		return sdp_fail(err, SDP_DATA, "%s: the model has no rules: --rules finds rules",
				path);
	cJSON_ArrayForEach(rule, rules)
	{
		const cJSON *left = sdp_doc_member(rule, "antecedent");
		const cJSON *right = sdp_doc_member(rule, "consequent");
		count = 0;
		number++;
		rc = read_side(r, left, &items, &count, &capacity, err);
		size_t antecedent = count;
		if (rc == 0)
			rc = read_side(r, right, &items, &count, &capacity, err);
		if (rc == 0)
			rc = sdp_recommender_add(r, items, (uint32_t)antecedent,
						 (uint32_t)(count - antecedent), err);
		if (rc)
			break;
	}
	free(items);
	if (rc > 0)
		return fail_rule(path, number, err);
	return rc < 0 ? -1 : sdp_recommender_finish(r, err);
}

/* ---- rows ---- */

/* A basket as the model's numbers of its items, without duplicates. */
struct basket {
	const struct prediction *prediction;
	uint32_t *numbers;
	size_t count, capacity;
	unsigned char *seen; /* one flag per item */
};

static int take_item(void *context, const char *text, size_t length, struct sdp_err *err)
{
	struct basket *b = context;
	const size_t *number = sdp_map_find(&b->prediction->recommender.items, text, length);
	if (!number || b->seen[*number])
		return 0;
	if (sdp_grow(&b->numbers, &b->capacity, b->count + 1, sizeof *b->numbers, err) < 0)
		return -1;
	b->seen[*number] = 1;
	b->numbers[b->count++] = (uint32_t)*number;
	return 0;
}

/* Adds an item to a cell. An item that could be taken for several is quoted as in CSV. */
static int add_item(const struct prediction *p, const char *text, size_t length,
		    struct sdp_buf *cell, struct sdp_err *err)
{
	if (cell->length && sdp_buf_add(cell, &p->separator, 1, err) < 0)
		return -1;
	if (memchr(text, p->separator, length))
		return sdp_csv_quote_cell(cell, text, length, err);
	return p->words ? sdp_buf_add(cell, text, length, err)
			: sdp_csv_add_cell(cell, text, length, p->separator, err);
}

static int add_expected(struct basket *b, void *scratch, struct sdp_buf *cell,
			struct sdp_added *added, struct sdp_err *err)
{
	const struct sdp_recommender *r = &b->prediction->recommender;
	const uint32_t *expected;
	size_t n = sdp_recommend(r, b->numbers, b->count, scratch, &expected);
	cell->length = 0;
	for (size_t i = 0; i < n; i++)
		if (add_item(b->prediction, r->texts[expected[i]], r->lengths[expected[i]], cell,
			     err) < 0)
			return -1;
	for (; b->count; b->count--)
		b->seen[b->numbers[b->count - 1]] = 0;
	return n ? sdp_added_text(added, cell->data, cell->length, err)
		 : sdp_added_null(added, err);
}

static int make(const void *plan, const struct sdp_block *block, struct sdp_added *added,
		struct sdp_work *work, struct sdp_err *err)
{
	const struct prediction *p = plan;
	size_t size = sdp_recommend_size(&p->recommender), items = p->recommender.items.count;
	struct basket b = {.prediction = p};
	struct fpgrowth_taker taker = {take_item, &b, {0}};
	struct sdp_buf cell = {0};
	char *scratch = sdp_work_scratch(work, size + items + 1, err);
	int rc = scratch ? 0 : -1;
	if (scratch) {
		memset(scratch, 0, size + items);
		b.seen = (unsigned char *)scratch + size;
	}
	for (size_t row = 0; rc == 0 && row < block->rows; row++) {
		rc = fpgrowth_read_row(&p->input, block, row, &taker, err);
		if (rc == 0)
			rc = add_expected(&b, scratch, &cell, added, err);
	}
	free(b.numbers);
	sdp_buf_release(&taker.text);
	sdp_buf_release(&cell);
	return rc;
}

/* Makes the texts that hold items strings in NDJSON, even if an item is called 1 or NA. */
static void fix_types(const struct fpgrowth_input *in, struct sdp_schema *schema)
{
	if (in->form == FPGROWTH_LINES)
		schema->nulls = (struct sdp_nulls){.empty = true};
	for (size_t i = 0; schema->format != SDP_FORMAT_JSON && i < in->count; i++)
		if ((in->form == FPGROWTH_LINES || i < in->texts) &&
		    !schema->columns[in->columns[i]].fixed) {
			schema->columns[in->columns[i]].fixed = true;
			schema->columns[in->columns[i]].type = SDP_STRING;
		}
}

static int predict_on(struct prediction *p, const struct fpgrowth_params *params,
		      struct sdp_source *source, struct sdp_err *err)
{
	static const struct sdp_added_column column = {"prediction", SDP_ADDED_STRING};
	struct sdp_rows rows = {.plan = p, .added = &column, .added_count = 1, .make = make};
	struct sdp_schema *schema = sdp_source_schema(source);
	if (fpgrowth_input_init(&p->input, params, schema, err) < 0)
		return -1;
	fix_types(&p->input, schema);
	p->words = p->input.form == FPGROWTH_LINES || p->input.count == p->input.texts;
	p->separator = params->separator ? params->separator : p->words ? ' ' : ';';
	return sdp_run_rows_on(&params->common, &rows, source, err);
}

int fpgrowth_predict(const struct fpgrowth_params *params, int count, char **operands,
		     struct sdp_err *err)
{
	struct prediction p = {0};
	cJSON *doc = NULL;
	struct sdp_source *source = NULL;
	int rc = sdp_model_file_read(params->predict, fpgrowth_task.name, &doc, err);
	if (rc == 0)
		rc = read_rules(&p.recommender, doc, params->predict, err);
	if (rc == 0)
		rc = (source = sdp_run_open(&params->common, count, operands, err))
			     ? predict_on(&p, params, source, err)
			     : -1;
	sdp_source_free(source);
	free(p.input.columns);
	sdp_recommender_release(&p.recommender);
	cJSON_Delete(doc);
	return rc;
}
