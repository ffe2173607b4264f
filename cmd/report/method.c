/* The sections on the environment, the commands and the method of measurement. */
#include "report.h"
#include "sdp/doc.h"

#include <math.h>
#include <string.h>

/* Appends one row: the members of a document's environment and input. */
static void put_machine(struct report_page *page, const struct report_document *d)
{
	const cJSON *e = sdp_doc_member(d->tree, "environment");
	const cJSON *input = sdp_doc_member(d->tree, "input");
	report_cell_code(page, sdp_doc_get_text(e, "started_at"));
	report_cell_code(page, sdp_doc_get_text(e, "cpu"));
	report_cell_count(page, d->cores);
	report_cell_number(page, sdp_doc_get_number(e, "memory", NAN) / 1e9, 3);
	report_cell_code(page, sdp_doc_get_text(e, "system"));
	report_cell_code(page, sdp_doc_get_text(e, "kernel"));
	report_cell_code(page, sdp_doc_get_text(e, "sdp"));
	report_cell_code(page, sdp_doc_get_text(input, "path"));
	report_cell_count(page, sdp_doc_get_number(input, "rows", NAN));
	report_cell_number(page, sdp_doc_get_number(input, "bytes", NAN) / 1e6, 3);
}

/* Returns whether both documents were measured on the same machine, with the same input. */
static bool same_place(const struct report_document *a, const struct report_document *b)
{
	cJSON *e = sdp_doc_member(a->tree, "environment");
	cJSON *f = sdp_doc_member(b->tree, "environment");
	static const char *const members[] = {"cpu", "system", "kernel", "sdp"};
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		const char *x = sdp_doc_get_text(e, members[i]),
			   *y = sdp_doc_get_text(f, members[i]);
		if (strcmp(x ? x : "", y ? y : ""))
			return false;
	}
	return a->cores == b->cores && cJSON_Compare(sdp_doc_member(a->tree, "input"),
						     sdp_doc_member(b->tree, "input"), true);
}

/*
 * Opens a table. Its first column, which names the input, is left out if there is only one input.
 */
static void open_table(struct report_page *page, size_t count, const char *columns,
		       const char *heads)
{
	report_table(page, columns + (count == 1),
		     heads + (count == 1 ? sizeof "document|" - 1 : 0));
}

static void put_label(struct report_page *page, size_t count, const struct report_file *file)
{
	if (count > 1)
		report_cell_code(page, file->label);
}

void report_environment(struct report_page *page, const struct report_file *files, size_t count)
{
	report_title(page, 2, "Environment");
	open_table(
		page, count, "lllrrllllrr",
		"document|measured|processor|cores|memory (GB)|system|kernel|sdp|input|rows|input "
		"(MB)");
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < files[i].document_count; k++)
			if (k == 0 ||
			    !same_place(files[i].documents[k], files[i].documents[k - 1])) {
				put_label(page, count, &files[i]);
				put_machine(page, files[i].documents[k]);
			}
	report_table_end(page);
}

void report_commands(struct report_page *page, const struct report_file *files, size_t count)
{
	report_title(page, 2, "Commands");
	report_paragraph(page);
	report_code(page, "{}");
	report_plain(page, " stands for the number of workers.");
	report_paragraph_end(page);
	open_table(page, count, "lll", "document|name|command");
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < files[i].count; k++) {
			put_label(page, count, &files[i]);
			report_cell_code(page, files[i].series[k].name);
			report_cell_code(page, files[i].series[k].command);
		}
	report_table_end(page);
}

static void put_skipped(struct report_page *page, const struct report_file *file)
{
	for (size_t i = 0; i < file->document_count; i++) {
		const cJSON *row, *rows = sdp_doc_member(file->documents[i]->tree, "skipped");
		cJSON_ArrayForEach(row, rows)
		{
			const char *name = sdp_doc_get_text(row, "name"),
				   *reason = sdp_doc_get_text(row, "reason");
			if (!name || !reason)
				continue;
			report_paragraph(page);
			report_plain(page, "Skipped: ");
			report_code(page, name);
			report_plain(page, ", because ");
			report_code(page, reason);
			report_paragraph_end(page);
		}
	}
}

/* States how often each command was run, if all documents agree. */
static void put_runs(struct report_page *page, const struct report_file *files, size_t count)
{
	const cJSON *first = sdp_doc_member(files[0].documents[0]->tree, "method");
	double runs = sdp_doc_get_number(first, "runs", NAN),
	       warmup = sdp_doc_get_number(first, "warmup", NAN);
	bool agree = !isnan(runs) && !isnan(warmup);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < files[i].document_count; k++) {
			const cJSON *m = sdp_doc_member(files[i].documents[k]->tree, "method");
			agree = agree && sdp_doc_get_number(m, "runs", NAN) == runs &&
				sdp_doc_get_number(m, "warmup", NAN) == warmup;
		}
	if (agree)
		report_plain(page,
			     "Each command ran %.0f time%s with each number of workers, after %.0f "
			     "unmeasured run%s. ",
			     runs, runs == 1 ? "" : "s", warmup, warmup == 1 ? "" : "s");
	if (agree && runs > 1 && runs < 5)
		report_plain(page, "Intervals from fewer than five runs tend to be too narrow. ");
}

void report_method(struct report_page *page, const struct report_file *files, size_t count)
{
	report_title(page, 2, "Method");
	report_paragraph(page);
	put_runs(page, files, count);
	report_plain(page, "Runs are organized in rounds. A round contains every pair of command "
			   "and number of workers once, in a random order. Times are medians of "
			   "wall-clock times from the start of a command to its end, which include "
			   "reading the input. Intervals in parentheses are 95 %% bootstrap "
			   "percentile intervals of 2000 resamples. Memory is the largest amount "
			   "that a command and all processes below it held at one time.");
	report_paragraph_end(page);
	report_paragraph(page);
	report_plain(page,
		     "Speedup is the median time with the smallest number of workers, "
		     "divided by the median time. Efficiency is the speedup divided by the "
		     "ratio of the numbers of workers. The serial fraction in the table of "
		     "results is that of Karp and Flatt. Amdahl's law and Gunther's universal "
		     "scalability law (USL) are fitted to the medians by least squares. The p "
		     "of a comparison is that of the two-sided Mann-Whitney test on the times "
		     "of the single runs, exact for up to 100 runs.");
	report_paragraph_end(page);
	for (size_t i = 0; i < count; i++)
		put_skipped(page, &files[i]);
}
