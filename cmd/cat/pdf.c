/* Reads a PDF as rows of page, line and text, or reads its tables. */
#include "pdf/pdf.h"
#include "cat.h"
#include "pdf/tables.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PASSWORD = 256 };

/* Reads the password, the first line of --password-file. */
static int read_password(const char *file, char password[PASSWORD], struct sdp_err *err)
{
	FILE *f = fopen(file, "r");
	if (!f)
		return sdp_fail_errno(err, "cannot open %s", file);
	bool there = fgets(password, PASSWORD, f) != NULL;
	fclose(f);
	if (!there)
		return sdp_fail_at(err, (struct sdp_place){.file = file},
				   "there is no password in it");
	password[strcspn(password, "\r\n")] = '\0';
	return 0;
}

/* ---- lines ---- */

static int write_header(struct cat_csv *csv, struct sdp_err *err)
{
	if (cat_csv_cell(csv, "page", 4, err) < 0 || cat_csv_cell(csv, "line", 4, err) < 0 ||
	    cat_csv_cell(csv, "text", 4, err) < 0)
		return -1;
	return cat_csv_end(csv, err);
}

static int write_page(struct cat_csv *csv, const struct sdp_page *page, unsigned number,
		      struct sdp_err *err)
{
	struct sdp_buf line = {0};
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < page->line_count; i++) {
		line.length = 0;
		rc = sdp_page_add_line(page, i, &line, err);
		if (rc == 0)
			rc = cat_csv_number(csv, number + 1, err);
		if (rc == 0)
			rc = cat_csv_number(csv, i + 1, err);
		if (rc == 0)
			rc = cat_csv_cell(csv, line.data, line.length, err);
		if (rc == 0)
			rc = cat_csv_end(csv, err);
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

/*
 * Writes the rows of a table, beginning with row first. number is the table's number for the first
 * column; 0: there is no such column.
 */
static int write_rows(struct cat_csv *csv, const struct sdp_table *t, size_t first, size_t columns,
		      size_t number, struct sdp_err *err)
{
	for (size_t row = first; row < t->rows; row++) {
		if (number && cat_csv_number(csv, number, err) < 0)
			return -1;
		for (size_t i = 0; i < columns; i++) {
			size_t length;
			const char *text = cell_of(t, row, i, &length);
			if (cat_csv_cell(csv, text, length, err) < 0)
				return -1;
		}
		if (cat_csv_end(csv, err) < 0)
			return -1;
	}
	return 0;
}

/*
 * Writes the header: "table" and the names of the first table's columns, or c1, c2, … if the tables
 * have different headers.
 */
static int write_names(struct cat_csv *csv, const struct sdp_table *t, size_t columns, bool same,
		       struct sdp_err *err)
{
	if (cat_csv_cell(csv, "table", 5, err) < 0)
		return -1;
	for (size_t i = 0; i < columns; i++) {
		char made[24];
		size_t length = (size_t)snprintf(made, sizeof made, "c%zu", i + 1);
		const char *name = same ? cell_of(t, 0, i, &length) : made;
		if (cat_csv_cell(csv, name, length, err) < 0)
			return -1;
	}
	return cat_csv_end(csv, err);
}

static int write_tables(const struct params *params, const char *name, const struct sdp_tables *all,
			struct cat_csv *csv, struct sdp_err *err)
{
	struct sdp_place place = {.file = name};
	const struct sdp_table *first = all->tables;
	size_t columns = 0;
	bool same = true;
	if (all->count == 0)
		return sdp_fail_at(err, place, "no tables are found in it");
	if ((uint64_t)params->table > all->count)
		return sdp_fail_at(err, place, "--table: there are %zu", all->count);
	if (params->table || all->count == 1) {
		first += params->table ? params->table - 1 : 0;
		return write_rows(csv, first, 0, first->columns, 0, err);
	}
	for (size_t i = 0; i < all->count; i++) {
		columns = all->tables[i].columns > columns ? all->tables[i].columns : columns;
		same = same && same_header(first, &all->tables[i]);
	}
	if (!params->common.no_header && write_names(csv, first, columns, same, err) < 0)
		return -1;
	for (size_t i = 0; i < all->count; i++)
		if (write_rows(csv, &all->tables[i], same, columns, i + 1, err) < 0)
			return -1;
	return 0;
}

/* ---- all pages ---- */

static int write_pages(const struct params *params, struct sdp_pdf *pdf, const char *name,
		       unsigned pages, struct cat_csv *csv, struct sdp_err *err)
{
	bool tables = params->tables || params->table;
	struct sdp_page page = {0};
	struct sdp_tables all = {0};
	unsigned readable = 0;
	int rc = tables || params->common.no_header ? 0 : write_header(csv, err);
	for (unsigned i = 0; rc == 0 && i < pages; i++) {
		struct sdp_err why;
		int found = sdp_pdf_page(pdf, i, &page, &why);
		if (found > 0)
			sdp_warn("%s", why.text);
		if (found < 0)
			*err = why;
		readable += found == 0 || page.line_count > 0;
		rc = found < 0 ? -1
		     : tables  ? sdp_tables_add(&all, &page, i, err)
			       : write_page(csv, &page, i, err);
	}
	if (rc == 0 && readable == 0)
		rc = sdp_fail_at(err, (struct sdp_place){.file = name},
				 "none of the PDF's pages can be read");
	if (rc == 0 && tables)
		rc = write_tables(params, name, &all, csv, err);
	sdp_page_release(&page);
	sdp_tables_release(&all);
	return rc;
}

int cat_pdf(const struct params *params, const struct sdp_decoding *what, struct cat_csv *csv,
	    struct sdp_err *err)
{
	char password[PASSWORD] = "";
	unsigned pages = 0;
	if (params->password_file && read_password(params->password_file, password, err) < 0)
		return -1;
	struct sdp_pdf *pdf = sdp_pdf_new(what->fd, what->name, err);
	int rc = pdf ? sdp_pdf_enclose(pdf, err) : -1;
	if (rc == 0 &&
	    sdp_pdf_begin(pdf, params->password_file ? password : NULL, &pages, err) != 0)
		rc = -1;
	if (rc == 0 && sdp_pdf_repaired(pdf))
		sdp_warn("%s: the PDF is damaged; what could be repaired is read", what->name);
	if (rc == 0)
		rc = write_pages(params, pdf, what->name, pages, csv, err);
	sdp_pdf_free(pdf);
	return rc;
}
