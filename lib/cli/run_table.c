/*
 * Runs of programs that read tables: they open the source, run the engine with progress, and print
 * a document or rows.
 */
#include "sdp/run.h"

#include "base/signals.h"
#include "cli/cli.h"
#include "cli/decode.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "document/row_table.h"
#include "sdp/doc.h"
#include "sdp/engine.h"
#include "sdp/output.h"
#include "table/encoding.h"
#include "table/json_columns.h"
#include "table/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Sets the format from --input-format.  Without it, --delimiter means delimited text, even if the
 * input looks like JSON.
 */
static int choose_format(const struct sdp_common *common, struct sdp_source_options *options,
			 struct sdp_err *err)
{
	enum sdp_input_format format = common->input_format;
	const char *name = sdp_input_format_name(format);
	if (common->pdf_table && format && format != SDP_INPUT_PDF)
		return sdp_fail(err, SDP_USAGE, "--pdf-table is for PDF, not for %s", name);
	if (common->pdf_table)
		format = SDP_INPUT_PDF;
	options->delimiter = common->delimiter;
	options->quote = sdp_common_quote(common);
	options->escape = common->escape == SDP_ESCAPE_BACKSLASH ? '\\' : '\0';
	options->format = common->lines       ? SDP_SOURCE_LINES
			  : common->delimiter ? SDP_SOURCE_DELIMITED
					      : SDP_SOURCE_ANY;
	if (!format)
		return 0;
	name = sdp_input_format_name(format);
	bool json = format == SDP_INPUT_JSON, ndjson = format == SDP_INPUT_NDJSON,
	     decode = format == SDP_INPUT_TXT || format == SDP_INPUT_PDF;
	options->format = json     ? SDP_SOURCE_JSON
			  : ndjson ? SDP_SOURCE_NDJSON
				   : SDP_SOURCE_DELIMITED;
	if ((json || ndjson || decode) && common->delimiter)
		return sdp_fail(err, SDP_USAGE, "--delimiter: %s has none", name);
	if ((json || ndjson || decode) && (options->quote || sdp_given(common, "escape")))
		return sdp_fail(err, SDP_USAGE, "--%s: %s has none",
				options->quote ? "quote" : "escape", name);
	if (decode && sdp_given(common, "skip"))
		return sdp_fail(err, SDP_USAGE, "--skip: %s has no lines before a header", name);
	if (!json && common->records)
		return sdp_fail(err, SDP_USAGE, "--records: %s has no arrays to point to", name);
	if (decode)
		options->decode_as = name;
	if (!json && !ndjson && !common->delimiter)
		options->delimiter = format == SDP_INPUT_TSV ? '\t' : ',';
	return 0;
}

int sdp_run_source_options(const struct sdp_common *common, struct sdp_source_options *options,
			   struct sdp_err *err)
{
	*options = (struct sdp_source_options){
		.decimal = common->decimal,
		.no_header = common->no_header,
		.no_lines = common->no_lines,
		.list = common->list,
		.records = common->records,
		.na = common->na,
		.types = common->types,
		.thousands = common->thousands,
		.comment = common->comment,
		.skip = (uint64_t)common->skip,
		.follow = common->follow,
		.other_keys = common->columns != NULL,
		.unite = common->unite,
		.unites = sdp_program.groups & SDP_GROUP_TABLE,
		.label = common->label,
		.ragged = common->ragged,
		.encoding = common->encoding,
		.max_record = common->max_record,
		.decoder = {sdp_program.decode ? sdp_program.decode : sdp_decode, common},
		.pdf_tables = !sdp_program.decode || common->pdf_table,
	};
	if (choose_format(common, options, err) < 0)
		return -1;
	return common->encoding ? sdp_encoding_check(common->encoding, err) : 0;
}

/* Fails if an option for tables was given where it has no meaning. */
static int check_table(const struct sdp_common *c, struct sdp_err *err)
{
	const char *option = c->where ? "where" : c->unite ? "union" : c->label ? "source" : NULL;
	if (option && c->lines)
		return sdp_fail(err, SDP_USAGE,
				"--%s is for the rows of a table, but lines are read%s%s", option,
				c->no_lines ? "; " : "", c->no_lines ? c->no_lines : "");
	if (c->unite && c->no_header)
		return sdp_fail(err, SDP_USAGE,
				"--union joins columns by their names, but with --no-header there "
				"are none");
	if (c->unite && c->na && !*c->na)
		return sdp_fail(
			err, SDP_USAGE,
			"--union: missing cells are null, but --na '' says that no cell is");
	if (c->label && !*c->label)
		return sdp_fail(err, SDP_USAGE, "--source: the name of the column is empty");
	return 0;
}

static struct sdp_source *open_source(const struct sdp_common *common, int count, char **operands,
				      struct sdp_err *err)
{
	struct sdp_source_options options;
	struct sdp_where *where = NULL;
	if (check_table(common, err) < 0)
		return NULL;
	if (common->where && !(where = sdp_where_parse(common->where, err)))
		return NULL;
	struct sdp_source *source = sdp_run_source_options(common, &options, err) < 0
					    ? NULL
					    : sdp_source_open(&options, count, operands, err);
	if (source)
		sdp_source_select(source, where);
	else
		sdp_where_free(where);
	return source;
}

/* A run of the engine, with its progress display and its warnings. */
struct monitored_run {
	struct sdp_progress_line line;
	struct sdp_engine_options options;
	struct sdp_engine_report report;
	const struct sdp_source *source;
	bool odd_reported; /* an earlier run has warned about oddities */
	bool followed;     /* another run follows, which goes on with the display */
};

/* The runs that have ended, for the progress of the next one. */
static struct {
	bool any;
	struct timespec start; /* of the first one */
	double done;           /* their part of the program's work */
} earlier;

/* share is that of this run in the time of it and of those that follow. */
static void begin_run(struct monitored_run *s, const struct sdp_common *common,
		      const struct sdp_source *source, double share)
{
	s->followed = share < 1;
	s->source = source;
	s->odd_reported = sdp_source_odd(source);
	sdp_progress_line_init(&s->line, sdp_program.name, common);
	if (earlier.any)
		s->line.start = earlier.start;
	s->line.from = earlier.done;
	s->line.until = earlier.done + (1 - earlier.done) * share;
	s->options = (struct sdp_engine_options){
		.workers = (int)common->workers,
		.max_memory = common->max_memory,
		.progress = s->line.how == SDP_PROGRESS_NONE ? NULL : sdp_progress_line_show,
		.progress_context = &s->line,
	};
}

static void end_display(struct monitored_run *s, int rc)
{
	(rc == 0 && s->followed ? sdp_progress_line_clear : sdp_progress_line_end)(&s->line);
	earlier.any = true;
	earlier.start = s->line.start;
	earlier.done = s->line.until;
}

static void end_run(struct monitored_run *s, int rc)
{
	char text[SDP_ODD_TEXT];
	end_display(s, rc);
	for (int k = 0; rc == 0 && !s->odd_reported && k < SDP_ODD_KINDS; k++)
		if (sdp_source_odd_text(s->source, (enum sdp_odd)k, true, text, sizeof text))
			sdp_warn("%s", text);
	if (rc == 0)
		sdp_note("chunks: %" PRIu64 ", passes: %d, workers: %d, of these died: %d, bytes "
			 "in temporary files: %" PRIu64,
			 s->report.chunks, s->report.passes, s->options.workers, s->report.deaths,
			 s->report.temporary);
	if (rc == 0 && sdp_source_where(s->source))
		sdp_note("rows read: %" PRIu64 ", of these wanted: %" PRIu64, s->report.rows_read,
			 s->report.rows);
}

static int find_columns(const struct sdp_common *common, struct sdp_source *source,
			struct sdp_err *err)
{
	struct monitored_run run;
	begin_run(&run, common, source, 0.4);
	int rc = common->follow          ? sdp_json_find_columns(source, UINT64_MAX, err)
		 : common->first_records ? sdp_json_find_columns(source, common->first_records, err)
					 : sdp_discover_columns(source, &run.options, err);
	end_display(&run, rc);
	char pointer[200];
	const char *filter;
	bool one = rc == 0 && sdp_source_records(source) == 1;
	if (one && sdp_source_table_within(source, pointer, sizeof pointer))
		sdp_warn("the input is one object and is read as one record: --records %s?",
			 pointer);
	else if (one && sdp_source_table_across(source, &filter))
		sdp_warn("the input is one object and is read as one record; its members look like "
			 "%s: jq -c '%s' makes a record of each row",
			 *filter == '.' ? "rows" : "columns", filter);
	return rc;
}

/* Warns if the table has one column, but would have several with another delimiter. */
static void warn_about_delimiter(struct sdp_source *source)
{
	size_t cells;
	char other = sdp_source_other_delimiter(source, &cells), by[4], instead[4];
	if (other)
		sdp_warn("the delimiter %s gives one column, %s would give %zu: "
			 "--delimiter?",
			 sdp_delimiter_name(sdp_source_schema(source)->dialect.delimiter, by),
			 sdp_delimiter_name(other, instead), cells);
}

int sdp_refuse_typing(int operands, struct sdp_err *err)
{
	const char *example = sdp_program.examples ? sdp_program.examples[0] : NULL;
	if (operands || !isatty(STDIN_FILENO))
		return 0;
	return sdp_fail(err, SDP_USAGE,
			"nothing to read: name a FILE, use a pipe, or - for the terminal%s%s; "
			"see %s -h",
			example ? ", as in: " : "", example ? example : "", sdp_program.name);
}

struct sdp_source *sdp_run_open(const struct sdp_common *common, int count, char **operands,
				struct sdp_err *err)
{
	if (sdp_signals_install_bounded() < 0) {
		sdp_fail_errno(err, "cannot handle signals");
		return NULL;
	}
	if (sdp_refuse_typing(count, err) < 0 ||
	    sdp_output_spares_all(common->output, count, operands, err) < 0)
		return NULL;
	struct sdp_source *source = open_source(common, count, operands, err);
	if (!source)
		return NULL;
	if (sdp_source_headless(source))
		sdp_warn("the first record looks like data, not like a header: --no-header?");
	warn_about_delimiter(source);
	const char *warning;
	for (size_t i = 0; (warning = sdp_source_warning(source, i)); i++)
		if (strcmp(warning, SDP_PDF_LINES_WARNING) != 0)
			sdp_warn("%s", warning);
	if (sdp_source_columns_unknown(source) && find_columns(common, source, err) < 0) {
		sdp_source_free(source);
		return NULL;
	}
	return source;
}

static int run_task(struct monitored_run *run, const struct sdp_task *task, const void *params,
		    struct sdp_source *source, cJSON *doc, struct sdp_err *err)
{
	int rc = sdp_doc_text(doc, "task", task->name, err);
	if (rc == 0)
		rc = sdp_engine_run(task, params, source, &run->options, doc, &run->report, err);
	end_run(run, rc);
	return rc;
}

int sdp_run_task_on(const struct sdp_task *task, const void *params, struct sdp_source *source,
		    cJSON *doc, struct sdp_err *err)
{
	struct monitored_run run;
	begin_run(&run, params, source, ((const struct sdp_common *)params)->rows_follow ? 0.7 : 1);
	return run_task(&run, task, params, source, doc, err);
}

/* A run whose document is printed as the last step of the engine. */
struct printed {
	struct monitored_run run;
	const struct sdp_common *common;
};

static int print_document(void *context, const cJSON *doc, struct sdp_err *err)
{
	struct printed *p = context;
	sdp_progress_line_clear(&p->run.line);
	return sdp_output_document(p->common, doc, err);
}

int sdp_run_document_on(const struct sdp_task *task, const void *params, struct sdp_source *source,
			struct sdp_err *err)
{
	struct printed p = {.common = params};
	begin_run(&p.run, params, source, 1);
	p.run.options.finish = print_document;
	p.run.options.finish_context = &p;
	cJSON *doc = cJSON_CreateObject();
	int rc = doc ? run_task(&p.run, task, params, source, doc, err) : sdp_fail_memory(err);
	cJSON_Delete(doc);
	return rc;
}

static int rows_format(const struct sdp_common *common, enum sdp_row_format *format,
		       struct sdp_err *err)
{
	static const enum sdp_row_format formats[] =
		{[SDP_RESULT_DEFAULT] = SDP_ROW_CSV, [SDP_RESULT_CSV] = SDP_ROW_CSV,
		 [SDP_RESULT_TSV] = SDP_ROW_TSV,     [SDP_RESULT_TABLE] = SDP_ROW_CELLS,
		 [SDP_RESULT_JSON] = SDP_ROW_NDJSON, [SDP_RESULT_NDJSON] = SDP_ROW_NDJSON};
	if (common->format == SDP_RESULT_JSON && sdp_program.groups & SDP_GROUP_DOCUMENT)
		return sdp_fail(
			err, SDP_USAGE,
			"--format: rows are printed as csv, tsv, table or ndjson, not as 'json'");
	*format = formats[common->format];
	return 0;
}

int sdp_run_rows_check(const struct sdp_common *common, struct sdp_err *err)
{
	enum sdp_row_format format;
	if (rows_format(common, &format, err) < 0)
		return -1;
	return sdp_refuse_given(common, "print digits", "where rows are printed, not a document",
				err);
}

/* Where rows go: as they are, laid out as a table, or as elements of a JSON array. */
struct row_output {
	struct sdp_output file;
	struct sdp_row_table table;
	struct sdp_buf text; /* of the table or the array, not written yet */
	bool laid_out, array;
	bool begun; /* the array has an element */
};

static int open_rows(struct row_output *out, const struct sdp_common *common,
		     const struct sdp_rows *rows, struct sdp_err *err)
{
	struct sdp_doc_style style = {0};
	sdp_terminal_style(common->output, &style);
	*out = (struct row_output){.table = {.width = style.width, .bold = style.bold},
				   .laid_out = rows->format == SDP_ROW_CELLS && !rows->count_only,
				   .array = common->format == SDP_RESULT_JSON && !rows->count_only};
	return sdp_output_open(&out->file, common->output, err);
}

static int write_held(struct row_output *out, struct sdp_err *err)
{
	int rc = sdp_output_write(&out->file, out->text.data, out->text.length, err);
	out->text.length = 0;
	return rc;
}

static int lay_out(struct row_output *out, const char *p, const char *end, struct sdp_err *err)
{
	static const enum sdp_text_kind kinds[] = {[SDP_ROW_CELL_NULL] = SDP_TEXT_NULL,
						   [SDP_ROW_CELL_NUMBER] = SDP_TEXT_NUMBER,
						   [SDP_ROW_CELL_OTHER] = SDP_TEXT_OTHER};
	enum { PIECE = 1 << 16 };
	while (p < end) {
		struct sdp_row_cell cell;
		p = sdp_row_cell_next(p, &cell);
		if ((cell.kind == SDP_ROW_CELL_END
			     ? sdp_row_table_end_row(&out->table, &out->text, err)
			     : sdp_row_table_add(&out->table, kinds[cell.kind], cell.text,
						 cell.length, err)) < 0 ||
		    (out->text.length > PIECE && write_held(out, err) < 0))
			return -1;
	}
	return out->text.length ? write_held(out, err) : 0;
}

/* Writes lines of JSON as the elements of the array. */
static int write_elements(struct row_output *out, const char *p, const char *end,
			  struct sdp_err *err)
{
	while (p < end) {
		const char *next = memchr(p, '\n', (size_t)(end - p));
		if (sdp_buf_add(&out->text, out->begun ? ",\n" : "[\n", 2, err) < 0 ||
		    sdp_buf_add(&out->text, p, (size_t)(next - p), err) < 0)
			return -1;
		out->begun = true;
		p = next + 1;
	}
	return write_held(out, err);
}

/* Writes the end of the array. */
static int end_array(struct row_output *out, struct sdp_err *err)
{
	const char *text = out->begun ? "\n]\n" : "[]\n";
	return sdp_output_write(&out->file, text, strlen(text), err);
}

/* The text is that of whole rows. */
static int write_rows(void *context, const char *text, size_t length, struct sdp_err *err)
{
	struct row_output *out = context;
	return out->laid_out ? lay_out(out, text, text + length, err)
	       : out->array  ? write_elements(out, text, text + length, err)
			     : sdp_output_write(&out->file, text, length, err);
}

/* Rows of a table that are held back wait, as they do not know their widths yet. */
static int flush_rows(void *context, struct sdp_err *err)
{
	struct row_output *out = context;
	return sdp_output_flush(&out->file, err);
}

static int check_rows(void *context, struct sdp_err *err)
{
	struct row_output *out = context;
	return sdp_output_still_read(&out->file, err);
}

/* Appends to the message that the array on standard output has no end. */
static void add_that_it_is_open(struct sdp_err *err)
{
	static const char text[] = "; the array on standard output is left open";
	size_t length = strlen(err->text);
	if (length + sizeof text <= sizeof err->text)
		memcpy(err->text + length, text, sizeof text);
}

/* Ends the output: wholly if rc is 0, otherwise it is discarded. */
static int close_rows(struct row_output *out, bool to_stdout, int rc, struct sdp_err *err)
{
	if (rc == 0 && out->laid_out)
		rc = sdp_row_table_end(&out->table, &out->text, err);
	if (rc == 0 && out->text.length)
		rc = write_held(out, err);
	if (rc == 0 && out->array)
		rc = end_array(out, err);
	if (rc < 0 && out->begun && to_stdout)
		add_that_it_is_open(err);
	sdp_row_table_release(&out->table);
	sdp_buf_release(&out->text);
	if (rc == 0)
		return sdp_output_close(&out->file, err);
	sdp_output_abandon(&out->file);
	return -1;
}

/* Warns if NDJSON cannot keep the names of all columns. */
static int warn_about_names(const struct sdp_rows *rows, struct sdp_source *source,
			    struct sdp_err *err)
{
	struct sdp_row_writer writer;
	if (rows->count_only || rows->format != SDP_ROW_NDJSON)
		return 0;
	if (sdp_row_writer_init(&writer, rows->format, sdp_source_name(source, 0),
				sdp_source_schema(source), rows->choice, rows->added,
				rows->added_count, err) < 0)
		return -1;
	if (writer.renamed.length)
		sdp_warn("%s", writer.renamed.data);
	sdp_row_writer_release(&writer);
	return 0;
}

int sdp_run_rows_on(const struct sdp_common *common, struct sdp_rows *rows,
		    struct sdp_source *source, struct sdp_err *err)
{
	struct row_output out;
	struct sdp_rows_sink sink = {write_rows, flush_rows, check_rows, &out};
	struct monitored_run run;
	if (rows_format(common, &rows->format, err) < 0 ||
	    warn_about_names(rows, source, err) < 0 || open_rows(&out, common, rows, err) < 0)
		return -1;
	if (common->follow && !rows->limited && !out.file.direct) {
		sdp_fail(err, SDP_USAGE,
			 "--output: with --follow, the rows have no end, so %s would never be "
			 "complete; > %s, or -n",
			 common->output, common->output);
		sdp_output_abandon(&out.file);
		return -1;
	}
	begin_run(&run, common, source, 1);
	int rc = sdp_rows_run(rows, source, &run.options, &sink, &run.report, err);
	end_run(&run, rc);
	if (rc == 0 && rows->count_only) {
		char text[32];
		int length = snprintf(text, sizeof text, "%" PRIu64 "\n", run.report.rows);
		rc = sdp_output_write(&out.file, text, (size_t)length, err);
	}
	bool to_stdout = !common->output || strcmp(common->output, "-") == 0;
	return close_rows(&out, to_stdout, rc, err);
}

int sdp_run_task(const struct sdp_program *program, void *params, int count, char **operands,
		 struct sdp_err *err)
{
	struct sdp_source *source = sdp_run_open(params, count, operands, err);
	if (!source)
		return -1;
	int rc = sdp_run_document_on(program->task, params, source, err);
	sdp_source_free(source);
	return rc;
}
