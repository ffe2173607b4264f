/* sdp-cat: prints any table that sdp reads as CSV, TSV, JSON or NDJSON, with unchanged cells. */
#include "cat.h"
#include "sdp/columns.h"
#include "sdp/mem.h"
#include "sdp/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- --types: checks the cells of columns with a fixed type ---- */

struct fixed {
	size_t *columns, count;
};

static int find_fixed(struct fixed *fixed, const struct sdp_schema *schema, struct sdp_err *err)
{
	fixed->columns = sdp_alloc(schema->count, sizeof *fixed->columns, err);
	if (!fixed->columns)
		return -1;
	for (size_t i = 0; i < schema->count; i++)
		if (schema->columns[i].fixed)
			fixed->columns[fixed->count++] = i;
	return 0;
}

static int check_types(const void *plan, const struct sdp_block *block, struct sdp_added *added,
		       struct sdp_work *work, struct sdp_err *err)
{
	const struct fixed *fixed = plan;
	struct sdp_fault fault = {0};
	(void)added, (void)work;
	for (size_t i = 0; i < fixed->count; i++)
		sdp_fault_check_type(&fault, block, fixed->columns[i],
				     sdp_block_seen(block, fixed->columns[i]));
	return sdp_fault_fail(&fault, err);
}

/* ---- the program ---- */

static int stream(const struct params *params, struct sdp_source *source, struct sdp_err *err)
{
	const struct sdp_schema *schema = sdp_source_schema(source);
	size_t *columns = NULL, count = 0;
	struct fixed fixed = {0};
	struct cat_choice chosen;
	int rc = find_fixed(&fixed, schema, err);
	if (rc == 0)
		rc = cat_choose(params, source, &chosen, err);
	if (rc == 0)
		rc = sdp_columns_select(schema, params->common.columns, &columns, &count, err);
	struct sdp_row_columns choice = {columns, count};
	struct sdp_rows rows = {
		.plan = &fixed,
		.make = fixed.count ? check_types : NULL,
		.choice = &choice,
		.limited = params->head >= 0,
		.limit = (uint64_t)params->head,
		.count_only = params->count,
	};
	if (rc == 0)
		rc = sdp_run_rows_on(&params->common, &rows, source, err);
	free(columns);
	free(fixed.columns);
	return rc;
}

/* Refuses what needs the end of the input with --follow. */
static int check_follow(const struct params *p, struct sdp_err *err)
{
	static const enum sdp_input_format ended[] = {SDP_INPUT_JSON, SDP_INPUT_TXT, SDP_INPUT_PDF};
	enum sdp_result_format format = p->common.format;
	if (sdp_refuse_given(&p->common,
			     "count tail union records tables table pdf-table password-file",
			     "with --follow", err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof ended / sizeof *ended; i++)
		if (p->common.input_format == ended[i])
			return sdp_fail(err, SDP_USAGE,
					"--follow is for csv, tsv and ndjson, not for %s",
					sdp_input_format_name(ended[i]));
	if (format == SDP_RESULT_JSON || format == SDP_RESULT_TABLE)
		return sdp_fail(err, SDP_USAGE,
				"--format: with --follow, rows are printed as csv, tsv or ndjson");
	if (p->sample && !strchr(p->sample, '%'))
		return sdp_fail(err, SDP_USAGE,
				"--sample: with --follow, only a percentage of the rows can be "
				"drawn");
	return 0;
}

static int run(void *p, int count, char **operands, struct sdp_err *err)
{
	struct params *params = p;
	bool pdf = params->pdf.tables || params->pdf.table || params->pdf.password_file ||
		   params->common.pdf_table;
	enum sdp_input_format format = params->common.input_format;
	if (sdp_pdf_check(&params->common, &params->pdf, err) < 0)
		return -1;
	if (pdf && format && format != SDP_INPUT_PDF)
		return sdp_fail(err, SDP_USAGE, "%s for PDF, not for %s",
				params->common.pdf_table
					? "--pdf-table is"
					: "--tables, --table and --password-file are",
				sdp_input_format_name(format));
	/* An expression may select by the column of --source. */
	if (params->count &&
	    sdp_refuse_given(&params->common,
			     params->common.where ? "columns format" : "columns format source",
			     "with --count", err) < 0)
		return -1;
	if (cat_check(params, err) < 0 || (params->common.follow && check_follow(params, err) < 0))
		return -1;
	if (pdf)
		params->common.input_format = SDP_INPUT_PDF;
	/* Any record may be the first wanted one. */
	if (params->head >= 0 && params->tail < 0 && !params->sample && !params->part &&
	    !params->common.where && !params->common.follow)
		params->common.first_records = params->head ? (uint64_t)params->head : 1;
	struct sdp_source *source = sdp_run_open(&params->common, count, operands, err);
	int rc = source ? stream(params, source, err) : -1;
	sdp_source_free(source);
	return rc;
}

/* Converts text to CSV, and has sdp-pdf convert a PDF. */
static int decode(const void *p, const struct sdp_decoding *what, struct sdp_err *err)
{
	const struct params *params = p;
	const char *options[SDP_DECODE_OPTIONS + 1] = {NULL};
	char table[24];
	size_t n = 0;
	if (strcmp(what->format, "pdf") != 0)
		return sdp_decode(p, what, err);
	if (params->pdf.tables)
		options[n++] = "--tables";
	if (params->pdf.table) {
		snprintf(table, sizeof table, "%" PRId64, params->pdf.table);
		options[n++] = "--table";
		options[n++] = table;
	}
	if (params->common.pdf_table) {
		options[n++] = "--pdf-table";
		options[n++] = params->common.pdf_table;
	}
	if (params->pdf.password_file) {
		options[n++] = "--password-file";
		options[n++] = params->pdf.password_file;
	}
	return sdp_decode_by_sdp_pdf(&params->common, sdp_program.name, what, options, err);
}

#define AT(member) offsetof(struct params, member)

static const struct sdp_option options[] = {
	{'n', "head", SDP_INTEGER, AT(head), "N", "rows", "-1", -1, 1e15,
	 "print only the first N rows; -1: all"},
	{0, "tail", SDP_INTEGER, AT(tail), "N", "rows", "-1", -1, 1e15,
	 "print only the last N rows; -1: all"},
	{0, "sample", SDP_TEXT, AT(sample), "N|P%", NULL, NULL, 0, 0,
	 "print N random rows, or each with a probability of P %, in their order"},
	{0, "part", SDP_CHOICE, AT(part), "train|test", NULL, NULL, CAT_PART_TRAIN, 0,
	 "print the rows that a model with --test-fraction is fitted to, or holds out"},
	{0, "test-fraction", SDP_SHARE, AT(test_fraction), "F", NULL, "0", 0, 1,
	 "share of the rows that are held out"},
	{0, "follow", SDP_FLAG, AT(common.follow), NULL, NULL, NULL, 0, 0,
	 "go on with rows that are added to the file, until a signal"},
	{0, "count", SDP_FLAG, AT(count), NULL, NULL, NULL, 0, 0, "print only the number of rows"},
	SDP_PDF_OPTIONS(pdf),
	{0},
};

static const char *const examples[] = {
	"sdp-sample flights | sdp-cat -x carrier,dep_delay -n 5",
	"sdp-cat --follow access.csv --where 'status >= 500' -x time,path",
	NULL,
};

static const struct sdp_help_section sections[] = {
	{"rows", "columns head tail sample part test-fraction seed count follow"},
	{"PDF", "tables table password-file"},
	{0},
};

const struct sdp_program sdp_program = {
	.name = "sdp-cat",
	.summary = "select rows and columns, draw samples, convert formats",
	.operands = "[FILE...]",
	.examples = examples,
	.options = options,
	.sections = sections,
	.groups = SDP_GROUP_WORKERS | SDP_GROUP_TABLE | SDP_GROUP_COLUMNS | SDP_GROUP_ROWS |
		  SDP_GROUP_MEMORY | SDP_GROUP_SEED | SDP_GROUP_PROGRESS,
	.params_size = sizeof(struct params),
	.run = run,
	.decode = decode,
};
