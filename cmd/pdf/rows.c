/* Writes a PDF as rows of page, line and text, or writes its tables. */
#define _GNU_SOURCE /* explicit_bzero */
#include "base/secret.h"
#include "pdf.h"
#include "pdf/pdf.h"
#include "pdf/tables.h"
#include "table/decoded.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PASSWORD = 256 };

/* ---- lines ---- */

static int write_header(struct sdp_decoded *out, struct sdp_err *err)
{
	static const char *const names[] = {SDP_PDF_LINES};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (sdp_decoded_cell(out, names[i], strlen(names[i]), err) < 0)
			return -1;
	return sdp_decoded_end(out, err);
}

static int write_page(struct sdp_decoded *out, const struct sdp_page *page, unsigned number,
		      struct sdp_err *err)
{
	struct sdp_buf line = {0};
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < page->line_count; i++) {
		line.length = 0;
		if (sdp_page_add_line(page, i, &line, err) < 0 ||
		    sdp_decoded_number(out, number + 1, err) < 0 ||
		    sdp_decoded_number(out, i + 1, err) < 0 ||
		    sdp_decoded_cell(out, line.data, line.length, err) < 0 ||
		    sdp_decoded_end(out, err) < 0)
			rc = -1;
	}
	sdp_buf_release(&line);
	return rc;
}

/* ---- tables ---- */

static const char *cell_of(const struct sdp_table *t, size_t row, size_t column, size_t *length)
{
	const struct sdp_buf *cell =
		column < t->columns ? &t->cells[row * t->columns + column] : NULL;
	*length = cell ? cell->length : 0;
	return *length ? cell->data : "";
}

static bool same_header(const struct sdp_table *a, const struct sdp_table *b)
{
	for (size_t i = 0; i < a->columns; i++) {
		size_t n, m;
		const char *x = cell_of(a, 0, i, &n), *y = cell_of(b, 0, i, &m);
		if (n != m || memcmp(x, y, n) != 0)
			return false;
	}
	return a->columns == b->columns;
}

/* Appends a cell as warnings show it: "'Place' in record 1". */
static void describe_cell(const struct sdp_table *t, const struct sdp_doubt *d, struct sdp_buf *out,
			  struct sdp_err *err)
{
	char quoted[64];
	size_t length;
	const char *text = cell_of(t, d->row, d->column, &length);
	sdp_buf_format(out, err, "%s in record %zu", sdp_quote(quoted, sizeof quoted, text, length),
		       d->row + 1);
	if (d->kind != SDP_DOUBT_EDGE && d->columns > 1)
		sdp_buf_format(out, err, ", %zu columns", d->columns);
	if (d->kind != SDP_DOUBT_EDGE && d->rows > 1)
		sdp_buf_format(out, err, ", %zu rows", d->rows);
}

/* Warns of the cells of a table about which there is a doubt of this kind. */
static int warn_of(const char *name, const struct sdp_tables *all, const struct sdp_table *t,
		   enum sdp_doubt_kind kind, struct sdp_err *err)
{
	static const char *const texts[] = {
		[SDP_DOUBT_MERGED] = "a merged cell has its text in its first row and column only",
		[SDP_DOUBT_WIDE] = "a cell with a wide gap may be several columns",
		[SDP_DOUBT_STACKED] = "a row of several lines may be several rows",
		[SDP_DOUBT_CROSSED] = "text crosses a line of the table, and may be in two cells",
		[SDP_DOUBT_EDGE] = "a line next to the table may be no row of it",
		[SDP_DOUBT_ODD] = "the lines around a cell are no rectangle",
	};
	enum { SHOWN = 3 };
	struct sdp_buf list = {0};
	size_t count = 0;
	err->code = SDP_OK;
	for (size_t i = 0; i < t->doubt_count; i++) {
		const struct sdp_doubt *d = &t->doubts[i];
		if (d->kind != kind || count++ >= SHOWN)
			continue;
		sdp_buf_add_text(&list, count > 1 ? "; " : "", err);
		describe_cell(t, d, &list, err);
	}
	if (count > SHOWN)
		sdp_buf_format(&list, err, "; and %zu more", count - SHOWN);
	if (err->code == SDP_OK && count > 0)
		sdp_warn("%s: table %td of the PDF: %s: %s", name, t - all->tables + 1, texts[kind],
			 list.data);
	sdp_buf_release(&list);
	return sdp_err_result(err);
}

static int warn(const char *name, const struct sdp_tables *all, const struct sdp_table *t,
		struct sdp_err *err)
{
	for (int kind = 0; kind < SDP_DOUBTS; kind++)
		if (warn_of(name, all, t, (enum sdp_doubt_kind)kind, err) < 0)
			return -1;
	char quoted[64];
	if (t->left_out > 0)
		sdp_warn("%s: table %td of the PDF: page %u: lines next to the table that are not "
			 "in it: %zu, the first one %s",
			 name, t - all->tables + 1, t->left_page + 1, t->left_out,
			 sdp_quote(quoted, sizeof quoted, t->left_text.data, t->left_text.length));
	return 0;
}

/*
 * Writes the rows of a table, beginning with row first. number is the table's number for the first
 * column; 0: there is no such column.
 */
static int write_rows(struct sdp_decoded *out, const struct sdp_table *t, size_t first,
		      size_t columns, size_t number, struct sdp_err *err)
{
	for (size_t row = first; row < t->rows; row++) {
		if (number && sdp_decoded_number(out, number, err) < 0)
			return -1;
		for (size_t i = 0; i < columns; i++) {
			size_t length;
			const char *text = cell_of(t, row, i, &length);
			if (sdp_decoded_cell(out, text, length, err) < 0)
				return -1;
		}
		if (sdp_decoded_end(out, err) < 0)
			return -1;
	}
	return 0;
}

/*
 * Writes the header: "table" and the names of the first table's columns, or c1, c2, … if the tables
 * have different headers.
 */
static int write_names(struct sdp_decoded *out, const struct sdp_table *t, size_t columns,
		       bool same, struct sdp_err *err)
{
	if (sdp_decoded_cell(out, "table", 5, err) < 0)
		return -1;
	for (size_t i = 0; i < columns; i++) {
		char made[24];
		size_t length = (size_t)snprintf(made, sizeof made, "c%zu", i + 1);
		const char *name = same ? cell_of(t, 0, i, &length) : made;
		if (sdp_decoded_cell(out, name, length, err) < 0)
			return -1;
	}
	return sdp_decoded_end(out, err);
}

/* Appends the number, the page and the columns of a table: "2 (page 1: Animal, Legs)". */
static void describe_table(const struct sdp_table *t, size_t number, struct sdp_buf *out,
			   struct sdp_err *err)
{
	enum { NAMES = 60 };
	sdp_buf_format(out, err, "%s%zu (page %u: ", number > 1 ? "; " : "", number,
		       t->first_page + 1);
	size_t begin = out->length;
	for (size_t i = 0; i < t->columns; i++) {
		size_t length;
		const char *text = cell_of(t, 0, i, &length);
		if (out->length - begin + length > NAMES) {
			sdp_buf_add_text(out, i ? ", …" : "…", err);
			break;
		}
		sdp_buf_format(out, err, "%s%.*s", i ? ", " : "", (int)length, text);
	}
	sdp_buf_add_text(out, ")", err);
}

/* Refuses to choose one of several tables. */
static int fail_several(const struct sdp_tables *all, const char *name, struct sdp_err *err)
{
	enum { MOST = 700 };
	struct sdp_buf list = {0};
	err->code = SDP_OK;
	for (size_t i = 0; i < all->count && list.length < MOST; i++) {
		describe_table(&all->tables[i], i + 1, &list, err);
		if (list.length >= MOST && i + 1 < all->count)
			sdp_buf_add_text(&list, "; …", err);
	}
	if (err->code == SDP_OK)
		sdp_fail(err, SDP_USAGE, "%s: %zu tables: --pdf-table N chooses one: %s", name,
			 all->count, list.data);
	sdp_buf_release(&list);
	return -1;
}

/* Writes the table that --pdf-table names, or the only one. */
static int write_one(const struct params *params, const char *name, const struct sdp_tables *all,
		     struct sdp_decoded *out, struct sdp_err *err)
{
	int64_t number = sdp_common_pdf_table(&params->common);
	if (number == 0 && all->count > 1)
		return fail_several(all, name, err);
	if ((uint64_t)number > all->count)
		return sdp_fail_at(err, (struct sdp_place){.file = name},
				   "--pdf-table %" PRId64 ": the number of tables is %zu", number,
				   all->count);
	const struct sdp_table *t = &all->tables[number ? number - 1 : 0];
	if (warn(name, all, t, err) < 0)
		return -1;
	return write_rows(out, t, 0, t->columns, 0, err);
}

static int write_tables(const struct params *params, const char *name, const struct sdp_tables *all,
			struct sdp_decoded *out, struct sdp_err *err)
{
	const struct sdp_table *first = all->tables;
	size_t columns = 0;
	bool same = true;
	if (all->count == 0)
		return sdp_fail_at(err, (struct sdp_place){.file = name},
				   "no tables are found in it");
	if (params->common.pdf_table)
		return write_one(params, name, all, out, err);
	if ((uint64_t)params->pdf.table > all->count)
		return sdp_fail_at(err, (struct sdp_place){.file = name},
				   "--table %" PRId64 ": the number of tables is %zu",
				   params->pdf.table, all->count);
	if (params->pdf.table || all->count == 1) {
		first += params->pdf.table ? params->pdf.table - 1 : 0;
		if (warn(name, all, first, err) < 0)
			return -1;
		return write_rows(out, first, 0, first->columns, 0, err);
	}
	for (size_t i = 0; i < all->count; i++) {
		if (warn(name, all, &all->tables[i], err) < 0)
			return -1;
		columns = all->tables[i].columns > columns ? all->tables[i].columns : columns;
		same = same && same_header(first, &all->tables[i]);
	}
	if (!params->common.no_header && write_names(out, first, columns, same, err) < 0)
		return -1;
	for (size_t i = 0; i < all->count; i++)
		if (write_rows(out, &all->tables[i], same, columns, i + 1, err) < 0)
			return -1;
	return 0;
}

/* ---- all pages ---- */

/* What is made of the pages of a PDF. */
struct reading {
	const struct params *params;
	struct sdp_pdf *pdf;
	const char *name;
	struct sdp_decoded *out;
	struct sdp_tables all;
	bool tables, lines; /* which of them are wanted */
	bool again;         /* the pages were read before, with their warnings */
};

static int read_page(struct reading *r, struct sdp_page *page, unsigned number, unsigned *readable,
		     struct sdp_err *err)
{
	struct sdp_err why;
	size_t tables = r->all.count;
	int found = r->tables ? sdp_pdf_tables(r->pdf, number, page, &r->all, &why)
			      : sdp_pdf_page(r->pdf, number, page, &why);
	if (found > 0 && !r->again)
		sdp_warn("%s", why.text);
	if (found < 0) {
		*err = why;
		return -1;
	}
	*readable += found == 0 || page->line_count > 0 || r->all.count > tables;
	return r->lines ? write_page(r->out, page, number, err) : 0;
}

static int read_pages(struct reading *r, unsigned pages, struct sdp_err *err)
{
	struct sdp_page page = {0};
	unsigned readable = 0;
	int rc = r->lines && !r->params->common.no_header ? write_header(r->out, err) : 0;
	for (unsigned i = 0; rc == 0 && i < pages; i++)
		rc = read_page(r, &page, i, &readable, err);
	if (rc == 0 && readable == 0)
		rc = sdp_fail_at(err, (struct sdp_place){.file = r->name},
				 "none of the PDF's pages can be read");
	sdp_page_release(&page);
	return rc;
}

static int write_pages(struct reading *r, unsigned pages, struct sdp_err *err)
{
	const struct params *params = r->params;
	const char *one = params->common.pdf_table;
	r->tables = params->pdf.tables || params->pdf.table || one;
	r->lines = !r->tables;
	int rc = read_pages(r, pages, err);
	bool fall_back = r->all.count == 0 && one && sdp_common_pdf_table(&params->common) == 0;
	if (rc == 0 && r->tables && !fall_back)
		return write_tables(params, r->name, &r->all, r->out, err);
	if (rc < 0 || !fall_back)
		return rc;
	sdp_warn("%s: " SDP_PDF_LINES_WARNING, r->name);
	r->tables = false;
	r->lines = r->again = true;
	return read_pages(r, pages, err);
}

int pdf_write_rows(const struct params *params, const struct sdp_decoding *what,
		   struct sdp_err *err)
{
	char password[PASSWORD] = "";
	unsigned pages = 0;
	if (params->pdf.password_file &&
	    sdp_secret_read_line(params->pdf.password_file, password, sizeof password, err) < 0)
		return -1;
	const char *key = params->pdf.password_file ? password : NULL;
	struct sdp_pdf *pdf = pdf_open(what, err);
	int rc = pdf ? sdp_pdf_begin(pdf, key, &pages, err) : -1;
	explicit_bzero(password, sizeof password);
	if (rc == 1 && params->itself && !key) /* err speaks of sdp-cat */
		sdp_fail_at(err, (struct sdp_place){.file = what->name},
			    "the PDF is encrypted: --password-file opens it");
	rc = rc == 0 ? 0 : -1;
	if (rc == 0 && sdp_pdf_repaired(pdf))
		sdp_warn("%s: the PDF is damaged; what could be repaired is read", what->name);
	struct sdp_decoded out = {0};
	struct reading reading = {.params = params, .pdf = pdf, .name = what->name, .out = &out};
	if (rc == 0)
		rc = write_pages(&reading, pages, err);
	if (rc == 0)
		rc = sdp_decoded_flush(&out, err);
	sdp_buf_release(&out.text);
	sdp_tables_release(&reading.all);
	sdp_pdf_free(pdf);
	return rc;
}
