/*
 * Compares two inputs, A (before) and B (after): what changed, and whether the change may be due to
 * chance.
 */
#include "base/utf8.h"
#include "report.h"
#include "sdp/doc.h"

#include "model/bench/rank_sum.h"
#include "model/bench/speedup_models.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A change is significant if its p is below this level. */
static const double level = 0.05;

struct tally {
	size_t faster, slower, rows;
	double least; /* the smallest possible p, for the row where it is largest */
};

static int fail_times(const struct report_file *file, const struct report_series *s,
		      const struct report_run *r, struct sdp_err *err)
{
	char name[64];
	sdp_quote(name, sizeof name, s->name, strlen(s->name));
	return sdp_fail_at(err, (struct sdp_place){.file = file->path},
			   "times: some of the %zu runs of %s are missing (workers: %.0f); a "
			   "newer sdp-bench prints them",
			   r->runs, name, r->workers);
}

/* Returns the smallest p that samples of these sizes can have: 2 / C(m + n, m). */
static double least_p(size_t m, size_t n)
{
	return fmin(2 * exp(lgamma((double)m + 1) + lgamma((double)n + 1) -
			    lgamma((double)(m + n) + 1)),
		    1);
}

static int put_change(struct report_page *page, const struct report_run *a,
		      const struct report_run *b, struct tally *tally)
{
	struct sdp_rank_sum test;
	struct sdp_speedup_interval quotient; /* median of a divided by median of b */
	double change = b->median / a->median - 1;
	if (sdp_rank_sum_test(a->times, a->time_count, b->times, b->time_count, &test, page->err) <
		    0 ||
	    sdp_speedup_speedup_ci(a->times, a->time_count, b->times, b->time_count, 1, tally->rows,
				   &quotient, page->err) < 0)
		return -1;
	report_cell_text(page, "%+.1f %%", 100 * change);
	if (isnan(quotient.low))
		report_cell_text(page, "–");
	else
		report_cell_text(page, "%+.1f to %+.1f %%", 100 * (1 / quotient.high - 1),
				 100 * (1 / quotient.low - 1));
	report_cell_number(page, test.p, 2);
	bool sure = test.p < level && change != 0;
	report_cell_text(page, !sure ? "not significant" : change < 0 ? "faster" : "slower");
	tally->faster += sure && change < 0;
	tally->slower += sure && change > 0;
	tally->rows++;
	tally->least = fmax(tally->least, least_p(a->time_count, b->time_count));
	return 0;
}

static void put_rows(struct report_page *page, const struct report_file *a,
		     const struct report_file *b, struct tally *tally)
{
	report_table(page, "lrrrrrrl",
		     "name|workers|A: time (s)|B: time (s)|change|95 % interval|p|difference");
	for (size_t i = 0; i < a->count; i++) {
		const struct report_series *s = &a->series[i], *other = report_find(b, s->name);
		for (size_t k = 0; k < s->count; k++) {
			const struct report_run *r = &s->runs[k],
						*now = report_find_run(other, r->workers);
			if (!now)
				continue;
			if (r->time_count != r->runs || now->time_count != now->runs) {
				page->failed = true;
				fail_times(r->time_count != r->runs ? a : b, s,
					   r->time_count != r->runs ? r : now, page->err);
				return;
			}
			report_cell_code(page, s->name);
			report_cell_count(page, r->workers);
			report_cell_interval(page, r->median, r->low, r->high, 3);
			report_cell_interval(page, now->median, now->low, now->high, 3);
			if (!page->failed && put_change(page, r, now, tally) < 0)
				page->failed = true;
		}
	}
	report_table_end(page);
}

/* Lists the runs that one input has and the other lacks. */
static void put_missing(struct report_page *page, char which, const struct report_file *one,
			const struct report_file *other)
{
	bool any = false;
	for (size_t i = 0; i < one->count; i++)
		for (size_t k = 0; k < one->series[i].count; k++) {
			const struct report_series *s = &one->series[i];
			if (report_find_run(report_find(other, s->name), s->runs[k].workers))
				continue;
			if (!any) {
				report_paragraph(page);
				report_plain(page, "Only in %c: ", which);
			}
			report_plain(page, any ? ", " : "");
			report_code(page, s->name);
			report_plain(page, " with %.0f worker%s", s->runs[k].workers,
				     s->runs[k].workers == 1 ? "" : "s");
			any = true;
		}
	if (any)
		report_paragraph_end(page);
}

/* Fails if a name occurs twice, since it would be unclear which of the two to compare. */
static int check_names(const struct report_file *file, struct sdp_err *err)
{
	for (size_t i = 0; i < file->count; i++)
		if (report_find(file, file->series[i].name) != &file->series[i]) {
			char name[64];
			sdp_quote(name, sizeof name, file->series[i].name,
				  strlen(file->series[i].name));
			return sdp_fail_at(err, (struct sdp_place){.file = file->path},
					   "two documents have the name %s", name);
		}
	return 0;
}

/* Lists differences of the environments, which may be the cause of a change. */
static void put_differences(struct report_page *page, const struct report_file *a,
			    const struct report_file *b)
{
	static const char *const members[] = {"cpu", "machine", "system", "kernel", "sdp"};
	const cJSON *x = a->documents[0]->tree, *y = b->documents[0]->tree;
	const cJSON *there = sdp_doc_member(x, "environment");
	const cJSON *here = sdp_doc_member(y, "environment");
	const cJSON *input = sdp_doc_member(x, "input");
	const cJSON *other = sdp_doc_member(y, "input");
	char text[200] = "";
	size_t n = 0;
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		const char *old = sdp_doc_get_text(there, members[i]),
			   *new = sdp_doc_get_text(here, members[i]);
		if (strcmp(old ? old : "", new ? new : ""))
			n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n ? ", " : "",
					      members[i]);
	}
	if (a->documents[0]->cores != b->documents[0]->cores)
		n += (size_t)snprintf(text + n, sizeof text - n, "%score count", n ? ", " : "");
	if (sdp_doc_get_number(input, "bytes", NAN) != sdp_doc_get_number(other, "bytes", NAN) &&
	    !(isnan(sdp_doc_get_number(input, "bytes", NAN)) &&
	      isnan(sdp_doc_get_number(other, "bytes", NAN))))
		n += (size_t)snprintf(text + n, sizeof text - n, "%sinput size", n ? ", " : "");
	if (n == 0)
		return;
	report_paragraph(page);
	report_plain(page, "A and B also differ in: %s.", text);
	report_paragraph_end(page);
}

static void put_summary(struct report_page *page, const struct tally *t)
{
	report_paragraph(page);
	report_plain(page,
		     "In %zu pair%s, B is faster in %zu and slower in %zu (p below %.2f); the "
		     "other differences are not significant.",
		     t->rows, t->rows == 1 ? "" : "s", t->faster, t->slower, level);
	if (t->rows > 1)
		report_plain(page,
			     " The p values are not corrected for multiple comparisons: among 20 "
			     "pairs without a difference, one p below %.2f is expected.",
			     level);
	if (t->least >= level)
		report_plain(page,
			     " Some pairs have too few runs for a p below %.2g: measure with "
			     "more runs.",
			     t->least);
	report_paragraph_end(page);
}

static void put_charts(struct report_page *page, const struct report_file *a,
		       const struct report_file *b)
{
	size_t shown = 0;
	report_gallery(page);
	for (size_t i = 0; i < a->count; i++) {
		const struct report_series *other = report_find(b, a->series[i].name);
		char slug[32], was[60], is[60];
		if (!other)
			continue;
		snprintf(slug, sizeof slug, "compare-%zu-", ++shown);
		int length = (int)sdp_utf8_prefix(a->series[i].name, 50);
		snprintf(was, sizeof was, "A: %.*s", length, a->series[i].name);
		snprintf(is, sizeof is, "B: %.*s", length, a->series[i].name);
		struct report_line lines[] = {{&a->series[i], was}, {other, is}};
		report_chart(page, REPORT_TIME, lines, 2, slug);
	}
	report_gallery_end(page);
}

void report_compare(struct report_page *page, const struct report_file *a,
		    const struct report_file *b)
{
	struct tally tally = {0};
	if (page->failed || check_names(a, page->err) < 0 || check_names(b, page->err) < 0) {
		page->failed = true;
		return;
	}
	report_paragraph(page);
	report_plain(page, "A is ");
	report_code(page, a->path);
	report_plain(page, ", B is ");
	report_code(page, b->path);
	report_plain(page, ".");
	report_paragraph_end(page);
	report_title(page, 2, "Change");
	put_rows(page, a, b, &tally);
	if (!page->failed && tally.rows == 0) {
		sdp_fail(page->err, SDP_DATA,
			 "%s and %s have no name with the same number of workers in common",
			 a->path, b->path);
		page->failed = true;
	}
	put_summary(page, &tally);
	put_differences(page, a, b);
	put_missing(page, 'A', a, b);
	put_missing(page, 'B', b, a);
	put_charts(page, a, b);
}
