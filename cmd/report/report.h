/*
 * What sdp-report is made of: documents read (report_read.c), charts drawn (report_chart.c), a page
 * of Markdown or HTML written (report_page.c, report_media.c), its contents (report_scaling.c,
 * report_compare.c, report_method.c).
 *
 * Names, commands and the like come from whoever made the documents.  They reach a page only
 * through report_code and a chart only through its legend, which make them harmless.
 */
#ifndef SDP_CMD_REPORT_H
#define SDP_CMD_REPORT_H

#include "sdp/buf.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

/* A row of results.  What the document has no value for is NaN. */
struct report_run {
	double workers, median, low, high, speedup, speedup_low, speedup_high, efficiency,
		karp_flatt;
	double user, sys, memory, bytes_per_second, rows_per_second;
	bool identical; /* true if the document does not say */
	double *times;
	size_t runs, time_count, time_capacity;
};

struct report_fit {
	double serial_fraction, max_speedup, alpha, beta, gamma, peak_workers;
	bool there, weak;
};

/* A command or task at its numbers of workers, ascending. */
struct report_series {
	const char *name, *command; /* command: NULL if the document does not say */
	struct report_run *runs;
	size_t count, capacity;
	struct report_fit fit;
	const struct report_document *document;
};

struct report_document {
	cJSON *tree;
	double cores; /* NaN if the document does not say */
};

/* All documents of an input.  It is theirs what the series point to. */
struct report_file {
	const char *path;
	char *label;       /* what the report calls it: the file's name without folders and .json */
	bool shared_label; /* with another file */
	struct report_document **documents;
	size_t document_count, document_capacity;
	struct report_series *series;
	size_t count, capacity;
};

/* path: "-" for standard input.  Release the file in any case. */
int report_read(const char *path, const char *output, struct report_file *file,
		struct sdp_err *err);
void report_file_release(struct report_file *file);

/* Members of documents; NULL, or NaN, if there are none of that type. */
const char *report_text_of(const cJSON *object, const char *key);
double report_number_of(const cJSON *object, const char *key);

/* The first of this name; NULL if there is none.  And of so many workers. */
const struct report_series *report_find(const struct report_file *file, const char *name);
const struct report_run *report_find_run(const struct report_series *series, double workers);

enum report_chart { REPORT_TIME, REPORT_SPEEDUP, REPORT_EFFICIENCY, REPORT_THROUGHPUT };

/* A line of a chart and what its legend calls it. */
struct report_line {
	const struct report_series *series;
	const char *title;
};

/* Appends an SVG drawn by gnuplot; nothing where no line has anything to show. */
int report_draw(enum report_chart chart, const struct report_line *lines, size_t count,
		struct sdp_buf *svg, struct sdp_err *err);

/* Appends text with control characters, and what no XML may hold, replaced by U+FFFD. */
int report_clean(struct sdp_buf *out, const char *text, struct sdp_err *err);

struct report_picture {
	char slug[64];
	struct sdp_buf svg;
};

/*
 * A page in the making; {.html, .output, .err} is an empty one.  The functions below that return
 * nothing do nothing once one has failed: then failed is true and *err says why.
 */
struct report_page {
	bool html, failed, in_table;
	bool without_charts; /* nothing is drawn */
	const char *output;  /* -o; NULL or "-": standard output */
	struct sdp_err *err;
	struct sdp_buf body;
	const char *columns; /* of the open table: l or r for each */
	size_t cell;         /* of it, that come next */
	struct report_picture *pictures;
	size_t picture_count, picture_capacity;
};

/* Text of this program: put as it is, so it must hold no markup and nothing that was read. */
void report_plain(struct report_page *page, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Text that was read, as code. */
void report_code(struct report_page *page, const char *text);

void report_begin(struct report_page *page, const char *title);
void report_end(struct report_page *page);
void report_heading(struct report_page *page, int level);
void report_heading_end(struct report_page *page, int level);
void report_title(struct report_page *page, int level, const char *text);
void report_paragraph(struct report_page *page);
void report_paragraph_end(struct report_page *page);

/* columns: "lrr"; heads: their names, separated by "|". */
void report_table(struct report_page *page, const char *columns, const char *heads);
void report_cell(struct report_page *page); /* the next one; what follows goes into it */
void report_cell_text(struct report_page *page, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void report_cell_code(struct report_page *page, const char *text);
void report_table_end(struct report_page *page);

/* A number with so many significant digits and no exponent; a dash for NaN. */
void report_number(struct report_page *page, double value, int digits);
void report_cell_number(struct report_page *page, double value, int digits);
void report_cell_count(struct report_page *page, double value); /* rounded to a whole number */

/* value (low–high), the brackets only if both are known. */
void report_cell_interval(struct report_page *page, double value, double low, double high,
			  int digits);

/* Pictures stand beside each other where there is room. */
void report_gallery(struct report_page *page);
void report_chart(struct report_page *page, enum report_chart chart,
		  const struct report_line *lines, size_t count, const char *slug);
void report_gallery_end(struct report_page *page);

/* The page and its pictures, where -o says. */
int report_write(struct report_page *page, struct sdp_err *err);
void report_page_release(struct report_page *page);

/* Contents. */
void report_scaling(struct report_page *page, const struct report_file *file, size_t number,
		    bool only);
void report_beside(struct report_page *page, const struct report_file *files, size_t count);
void report_compare(struct report_page *page, const struct report_file *a,
		    const struct report_file *b);
void report_environment(struct report_page *page, const struct report_file *files, size_t count);
void report_commands(struct report_page *page, const struct report_file *files, size_t count);
void report_method(struct report_page *page, const struct report_file *files, size_t count);

#endif
