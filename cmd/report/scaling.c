/*
 * The results of a document: table, charts and fits. Also compares the same names of several
 * inputs.
 */
#include "report.h"

#include "sdp/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool wider_than_cores(const struct report_file *file)
{
	for (size_t i = 0; i < file->count; i++)
		if (file->series[i].runs[file->series[i].count - 1].workers >
		    file->series[i].document->cores)
			return true;
	return false;
}

/* Lists the names whose runs did not all print the same output. */
static void put_differing(struct report_page *page, const struct report_file *file)
{
	bool any = false;
	for (size_t i = 0; i < file->count; i++) {
		bool differs = false;
		for (size_t k = 0; k < file->series[i].count; k++)
			differs |= !file->series[i].runs[k].identical;
		if (!differs)
			continue;
		if (!any)
			report_paragraph(page);
		report_plain(page, any ? ", " : "Not all runs printed identical output: ");
		report_code(page, file->series[i].name);
		any = true;
	}
	if (any)
		report_paragraph_end(page);
}

static void put_results(struct report_page *page, const struct report_file *file)
{
	report_table(page, "lrrrrrrrrl",
		     "name|workers|time (s)|speedup|efficiency|serial fraction|CPU time (s)|memory "
		     "(MB)|rows/s|identical output");
	for (size_t i = 0; i < file->count; i++)
		for (size_t k = 0; k < file->series[i].count; k++) {
			const struct report_run *r = &file->series[i].runs[k];
			report_cell_code(page, file->series[i].name);
			report_cell_count(page, r->workers);
			report_cell_interval(page, r->median, r->low, r->high, 3);
			report_cell_interval(page, r->speedup, r->speedup_low, r->speedup_high, 3);
			report_cell_number(page, r->efficiency, 2);
			report_cell_number(page, r->karp_flatt, 2);
			report_cell_number(page, r->user + r->sys, 3);
			report_cell_number(page, r->memory / 1e6, 3);
			report_cell_count(page, r->rows_per_second);
			report_cell_text(page, r->identical ? "yes" : "no");
		}
	report_table_end(page);
	put_differing(page, file);
	if (!wider_than_cores(file))
		return;
	report_paragraph(page);
	report_plain(page, "Rows with more workers than cores show the cost of the additional "
			   "workers, which share the cores, and not what they could gain on more "
			   "cores.");
	report_paragraph_end(page);
}

static void put_fits(struct report_page *page, const struct report_file *file)
{
	bool any = false, weak = false;
	for (size_t i = 0; i < file->count; i++)
		any |= file->series[i].fit.there && !isnan(file->series[i].fit.serial_fraction);
	if (!any)
		return;
	report_table(page, "lrrrrr",
		     "name|serial fraction (Amdahl)|maximum speedup (Amdahl)|contention "
		     "α|coherency β|peak number of workers (USL)");
	for (size_t i = 0; i < file->count; i++) {
		const struct report_fit *f = &file->series[i].fit;
		if (!f->there || isnan(f->serial_fraction))
			continue;
		weak |= f->weak;
		report_cell_code(page, file->series[i].name);
		report_cell_number(page, f->serial_fraction, 3);
		report_cell_number(page, f->max_speedup, 3);
		report_cell_number(page, f->alpha, 3);
		report_cell_number(page, f->beta, 3);
		report_cell_number(page, f->peak_workers, 3);
	}
	report_table_end(page);
	if (!weak)
		return;
	report_paragraph(page);
	report_plain(page, "These fits prove little: three parameters were fitted to hardly more "
			   "points, one for each number of workers.");
	report_paragraph_end(page);
}

static void put_charts(struct report_page *page, const struct report_file *file, size_t number,
		       bool only)
{
	struct report_line *lines = sdp_alloc(file->count, sizeof *lines, page->err);
	bool several = false;
	char slug[32] = "";
	if (!lines) {
		page->failed = true;
		return;
	}
	for (size_t i = 0; i < file->count; i++) {
		lines[i] = (struct report_line){&file->series[i], file->series[i].name};
		several |= file->series[i].count > 1;
	}
	if (!only)
		snprintf(slug, sizeof slug, "%zu-", number + 1);
	report_gallery(page);
	for (enum report_chart chart = REPORT_TIME; several && chart <= REPORT_THROUGHPUT; chart++)
		report_chart(page, chart, lines, file->count, slug);
	report_gallery_end(page);
	free(lines);
}

void report_scaling(struct report_page *page, const struct report_file *file, size_t number,
		    bool only)
{
	report_heading(page, 2);
	if (only)
		report_plain(page, "Results");
	else
		report_code(page, file->label);
	report_heading_end(page, 2);
	put_results(page, file);
	put_charts(page, file, number, only);
	put_fits(page, file);
}

/* Collects the series of this name, at most one per file. Returns their number. */
static size_t lines_of(const struct report_file *files, size_t count, const char *name,
		       struct report_line *lines)
{
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		const struct report_series *s = report_find(&files[i], name);
		if (s)
			lines[n++] = (struct report_line){s, files[i].label};
	}
	return n;
}

/*
 * Appends a table that gives each time relative to that of the first file. If the first file has no
 * run with this number of workers, there is a dash.
 */
static void put_beside(struct report_page *page, const struct report_line *lines, size_t count)
{
	report_table(page, "lrrrrr",
		     "input|workers|time (s)|ratio to the first|memory (MB)|rows/s");
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < lines[i].series->count; k++) {
			const struct report_run *r = &lines[i].series->runs[k];
			const struct report_run *first =
				report_find_run(lines[0].series, r->workers);
			report_cell_code(page, lines[i].title);
			report_cell_count(page, r->workers);
			report_cell_interval(page, r->median, r->low, r->high, 3);
			report_cell_number(page, first ? r->median / first->median : NAN, 3);
			report_cell_number(page, r->memory / 1e6, 3);
			report_cell_count(page, r->rows_per_second);
		}
	report_table_end(page);
}

static bool seen_before(const struct report_file *files, size_t file, size_t series)
{
	const char *name = files[file].series[series].name;
	for (size_t i = 0; i < file; i++)
		if (report_find(&files[i], name))
			return true;
	return report_find(&files[file], name) != &files[file].series[series];
}

void report_beside(struct report_page *page, const struct report_file *files, size_t count)
{
	struct report_line *lines = sdp_alloc(count, sizeof *lines, page->err);
	size_t shown = 0;
	if (!lines)
		page->failed = true;
	for (size_t i = 0; lines && i < count; i++)
		for (size_t k = 0; k < files[i].count; k++) {
			const char *name = files[i].series[k].name;
			size_t n =
				seen_before(files, i, k) ? 0 : lines_of(files, count, name, lines);
			char slug[40];
			if (n < 2)
				continue;
			if (shown++ == 0)
				report_title(page, 2, "Comparison of the inputs");
			snprintf(slug, sizeof slug, "beside-%zu-", shown);
			report_heading(page, 3);
			report_code(page, name);
			report_heading_end(page, 3);
			put_beside(page, lines, n);
			report_gallery(page);
			report_chart(page, REPORT_TIME, lines, n, slug);
			report_gallery_end(page);
		}
	free(lines);
}
