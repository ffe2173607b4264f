/*
 * The types and functions that the files of sdp-report share.
 *
 * read.c reads benchmark documents, chart.c draws charts, page.c and media.c write a page of
 * Markdown or HTML and its pictures, and scaling.c, compare.c and method.c fill the page.
 *
 * Names and commands in a document are untrusted text. They reach a page only through report_code
 * and a chart only through its legend, which escape them.
 */
#ifndef SDP_CMD_REPORT_H
#define SDP_CMD_REPORT_H

#include "sdp/buf.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

/* A row of "results". A value that the document does not have is NaN. */
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

/* The runs of a command or task, by number of workers, in ascending order. */
struct report_series {
	const char *name, *command; /* command: NULL if the document has none */
	struct report_run *runs;
	size_t count, capacity;
	struct report_fit fit;
	const struct report_document *document;
};

struct report_document {
	cJSON *tree;
	double cores; /* NaN if the document does not say */
};

/* All documents of an input. The file owns what its series point to. */
struct report_file {
	char *path;        /* as messages show it */
	char *label;       /* its name in the report: the file's name without folders and .json */
	bool shared_label; /* whether another file has the same label */
	struct report_document **documents;
	size_t document_count, document_capacity;
	struct report_series *series;
	size_t count, capacity;
};

/*
 * Reads and checks all documents of an input. path may be "-" for standard input. output is the -o
 * of the program, which must not be the same file. Release the file in any case.
 */
int report_read(const char *path, const char *output, struct report_file *file,
		struct sdp_err *err);
void report_file_release(struct report_file *file);

/*
 * Returns the first series of this name, or NULL, and the run of a series with this number of
 * workers, or NULL. series may be NULL.
 */
const struct report_series *report_find(const struct report_file *file, const char *name);
const struct report_run *report_find_run(const struct report_series *series, double workers);

enum report_chart { REPORT_TIME, REPORT_SPEEDUP, REPORT_EFFICIENCY, REPORT_THROUGHPUT };

/* A line of a chart and its title in the legend. */
struct report_line {
	const struct report_series *series;
	const char *title;
};

/* Appends an SVG drawn by gnuplot, or nothing if no line has a point to show. */
int report_draw(enum report_chart chart, const struct report_line *lines, size_t count,
		struct sdp_buf *svg, struct sdp_err *err);

/*
 * Appends text. Control characters and characters that XML does not allow are replaced by U+FFFD.
 */
void report_clean(struct sdp_buf *out, const char *text, struct sdp_err *err);

struct report_picture {
	char slug[64];
	struct sdp_buf svg;
};

/*
 * A page that is being written. {.html, .output, .err} is an empty page. report_page_release frees
 * what the page owns.
 *
 * The functions below that return nothing set failed and fill *err if they fail. If failed is set
 * already, they do nothing.
 */
struct report_page {
	bool html, failed, in_table;
	bool without_charts; /* whether report_chart draws nothing */
	const char *output;  /* the file of -o; NULL or "-": standard output */
	struct sdp_err *err;
	struct sdp_buf body;
	const char *columns; /* one character per column of the open table: l (left) or r (right) */
	size_t cell;         /* number of cells of the table so far */
	struct report_picture *pictures;
	size_t picture_count, picture_capacity;
};

/*
 * Appends text of this program. The text is not escaped, so it must contain no markup and nothing
 * that was read from a document.
 */
void report_plain(struct report_page *page, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Appends text that was read from a document, escaped, as code. */
void report_code(struct report_page *page, const char *text);

void report_begin(struct report_page *page, const char *title);
void report_end(struct report_page *page);
void report_heading(struct report_page *page, int level);
void report_heading_end(struct report_page *page, int level);
void report_title(struct report_page *page, int level, const char *text);
void report_paragraph(struct report_page *page);
void report_paragraph_end(struct report_page *page);

/* Opens a table. columns is, for example, "lrr"; heads are the column names, separated by "|". */
void report_table(struct report_page *page, const char *columns, const char *heads);
void report_cell_text(struct report_page *page, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void report_cell_code(struct report_page *page, const char *text);
void report_table_end(struct report_page *page);

/*
 * Appends a cell with a number of this many significant digits and without exponent, or a dash for
 * NaN.
 */
void report_cell_number(struct report_page *page, double value, int digits);
void report_cell_count(struct report_page *page, double value); /* rounded to an integer */

/* Appends value (low–high), or value alone if a limit is NaN. */
void report_cell_interval(struct report_page *page, double value, double low, double high,
			  int digits);

/*
 * The pictures of a gallery are placed side by side if there is enough space. The file names of a
 * chart's picture contain slug.
 */
void report_gallery(struct report_page *page);
void report_chart(struct report_page *page, enum report_chart chart,
		  const struct report_line *lines, size_t count, const char *slug);
void report_gallery_end(struct report_page *page);

/* Writes the page, and its pictures if they are files, to where -o says. */
int report_write(struct report_page *page, struct sdp_err *err);
void report_page_release(struct report_page *page);

/* ---- contents ---- */
void report_scaling(struct report_page *page, const struct report_file *file, size_t number,
		    bool only);
void report_beside(struct report_page *page, const struct report_file *files, size_t count);
void report_compare(struct report_page *page, const struct report_file *a,
		    const struct report_file *b);
void report_environment(struct report_page *page, const struct report_file *files, size_t count);
void report_commands(struct report_page *page, const struct report_file *files, size_t count);
void report_method(struct report_page *page, const struct report_file *files, size_t count);

#endif
