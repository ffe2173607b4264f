/*
 * A program for the tests of row streams (tests/scenarios/rows.sh). It prints the input's rows with
 * three added columns: the record number, half of the first cell if that is a number, and the last
 * cell reversed.
 */
#include "cli/model_file.h"
#include "sdp/mem.h"
#include "sdp/run.h"

#include <string.h>
#include <time.h>

struct params {
	struct sdp_common common;
	bool twice, plain;
	int64_t slow;
	const char *model, *name;
};

/* ---- a task that counts rows, for --twice ---- */

static int open_plan(const void *params, const struct sdp_schema *schema, struct sdp_work *work,
		     void **plan, struct sdp_pass *first, struct sdp_err *err)
{
	(void)params, (void)schema, (void)work, (void)err;
	*plan = NULL;
	*first = (struct sdp_pass){.kind = SDP_PASS_CHUNKS, .phase = "reading"};
	return 0;
}

static int update(const void *plan, void *state, const struct sdp_block *block,
		  struct sdp_work *work, struct sdp_err *err)
{
	(void)plan, (void)work, (void)err;
	*(uint64_t *)state += block->rows;
	return 0;
}

static int merge(const void *plan, void *into, void *from, struct sdp_work *work,
		 struct sdp_err *err)
{
	(void)plan, (void)work, (void)err;
	*(uint64_t *)into += *(uint64_t *)from;
	return 0;
}

static int emit(const void *plan, const void *root, cJSON *doc, struct sdp_err *err)
{
	(void)plan, (void)err;
	cJSON_AddNumberToObject(doc, "rows", (double)*(const uint64_t *)root);
	return 0;
}

static const struct sdp_task count_rows = {.name = "count_rows",
					   .open = open_plan,
					   .state_bytes = sizeof(uint64_t),
					   .update = update,
					   .merge = merge,
					   .emit = emit};

/* ---- the rows ---- */

static int add_half(struct sdp_added *added, const struct sdp_block *block, size_t row,
		    struct sdp_err *err)
{
	struct sdp_number number;
	size_t length;
	const char *s = sdp_block_cell(block, row, 0, &length);
	if (sdp_is_null(&block->schema->nulls, s, length))
		return sdp_added_null(added, err);
	sdp_number_parse(s, length, '.', &number);
	if (number.kind == SDP_NUMBER_NONE) {
		char quoted[64];
		return sdp_fail_at(err, sdp_block_place(block, row, 0), "not a number: %s",
				   sdp_quote(quoted, sizeof quoted, s, length));
	}
	return sdp_added_real(added, number.real / 2, err);
}

static int add_backwards(struct sdp_added *added, const struct sdp_block *block, size_t row,
			 struct sdp_err *err)
{
	size_t length;
	const char *s = sdp_block_cell(block, row, block->columns - 1, &length);
	char *text = sdp_alloc(length, 1, err);
	if (!text)
		return -1;
	for (size_t i = 0; i < length; i++)
		text[i] = s[length - 1 - i];
	int rc = sdp_added_text(added, text, length, err);
	free(text);
	return rc;
}

static int make(const void *plan, const struct sdp_block *block, struct sdp_added *added,
		struct sdp_work *work, struct sdp_err *err)
{
	const struct params *params = plan;
	struct timespec pause = {params->slow / 1000, params->slow % 1000 * 1000000};
	(void)work;
	nanosleep(&pause, NULL);
	for (size_t row = 0; row < block->rows; row++)
		if (sdp_added_integer(added, (int64_t)sdp_block_record(block, row), err) < 0 ||
		    add_half(added, block, row, err) < 0 ||
		    add_backwards(added, block, row, err) < 0)
			return -1;
	return 0;
}

static int stream(const struct params *params, struct sdp_source *source, struct sdp_err *err)
{
	struct sdp_added_column added[] = {{"record", SDP_ADDED_NUMBER},
					   {params->name, SDP_ADDED_NUMBER},
					   {"backwards", SDP_ADDED_CELL}};
	struct sdp_rows rows = {.plan = params};
	if (!params->plain) {
		rows.added = added;
		rows.added_count = 3;
		rows.make = make;
	}
	if (params->twice) {
		cJSON *doc = cJSON_CreateObject();
		int rc = doc ? sdp_run_task_on(&count_rows, params, source, doc, err)
			     : sdp_fail_memory(err);
		const cJSON *count = cJSON_GetObjectItem(doc, "rows");
		if (rc == 0)
			sdp_note("%.0f rows", cJSON_GetNumberValue(count));
		cJSON_Delete(doc);
		if (rc < 0)
			return -1;
	}
	return sdp_run_rows_on(&params->common, &rows, source, err);
}

static int run(void *p, int count, char **operands, struct sdp_err *err)
{
	const struct params *params = p;
	cJSON *model = NULL;
	if (sdp_run_rows_check(&params->common, err) < 0)
		return -1;
	if (params->model && sdp_model_file_read(params->model, "count_rows", &model, err) < 0)
		return -1;
	cJSON_Delete(model);
	struct sdp_source *source = sdp_run_open(&params->common, count, operands, err);
	int rc = source ? stream(params, source, err) : -1;
	sdp_source_free(source);
	return rc;
}

static const struct sdp_option options[] = {
	{0, "twice", SDP_FLAG, offsetof(struct params, twice), NULL, NULL, NULL, 0, 0,
	 "count the rows first"},
	{0, "plain", SDP_FLAG, offsetof(struct params, plain), NULL, NULL, NULL, 0, 0,
	 "add nothing"},
	{0, "slow", SDP_INTEGER, offsetof(struct params, slow), "MS", NULL, "0", 0, 10000,
	 "for each chunk"},
	{0, "model", SDP_TEXT, offsetof(struct params, model), "FILE", NULL, NULL, 0, 0,
	 "read a model"},
	{0, "name", SDP_TEXT, offsetof(struct params, name), "NAME", NULL, "half", 0, 0,
	 "of the half"},
	{0},
};

const struct sdp_program sdp_program = {
	.name = "rows",
	.summary = "rows with their record numbers",
	.operands = "[FILE...]",
	.options = options,
	.groups = SDP_GROUP_WORKERS | SDP_GROUP_TABLE | SDP_GROUP_DOCUMENT | SDP_GROUP_ROWS |
		  SDP_GROUP_MEMORY | SDP_GROUP_PROGRESS,
	.params_size = sizeof(struct params),
	.run = run,
};
