/* Prints a document without lazy rows: as JSON on one line, or its rows as CSV or TSV. */
#include "document/print_tree.h"

#include "base/csv_cell.h"
#include "document/flatten.h"

#include <string.h>

static int print_json(const cJSON *doc, int digits, struct sdp_buf *out, struct sdp_err *err)
{
	return sdp_doc_json(doc, digits, out, err) < 0 ? -1 : sdp_buf_add(out, "\n", 1, err);
}

/* quote: the cell is quoted also if it needs no quotes. */
static int add_cell(struct sdp_buf *out, const struct sdp_buf *cell, const struct sdp_grid *grid,
		    bool tsv, bool quote, size_t column, struct sdp_err *err)
{
	const char *text = cell->length ? cell->data : "";
	if (column && sdp_buf_add(out, tsv ? "\t" : ",", 1, err) < 0)
		return -1;
	/* The only cell of a line is quoted if it is empty, so that the line is not empty. */
	int rc = quote || (cell->length == 0 && grid->columns == 1)
			 ? sdp_csv_quote_cell(out, text, cell->length, err)
			 : sdp_csv_add_cell(out, text, cell->length, tsv ? '\t' : ',', err);
	if (rc == 0 && column + 1 == grid->columns)
		rc = sdp_buf_add(out, "\n", 1, err);
	return rc;
}

static const char *header_name(const void *context, size_t i)
{
	return ((const struct sdp_grid *)context)->names[i];
}

static bool has_line_end(const cJSON *value)
{
	const cJSON *child;
	if (cJSON_IsString(value))
		return strchr(value->valuestring, '\n');
	cJSON_ArrayForEach(child, value) if (has_line_end(child)) return true;
	return false;
}

/* Returns whether a cell of this row of several spans lines. */
static bool spans_lines(const struct sdp_grid *grid, size_t row)
{
	const cJSON **cells = grid->cells + row * grid->columns;
	for (size_t c = 0; grid->columns > 1 && c < grid->columns; c++)
		if (cells[c] && has_line_end(cells[c]))
			return true;
	return false;
}

static int print_rows(const struct sdp_grid *grid, const struct sdp_doc_style *style,
		      struct sdp_buf *out, struct sdp_err *err)
{
	bool tsv = style->format == SDP_DOC_TSV;
	const struct sdp_csv_names names = {header_name, grid, grid->columns};
	struct sdp_buf cell = {0};
	bool quote = false;
	int rc = grid->columns ? sdp_csv_add_header(out, &names, tsv ? '\t' : ',', err) : 0;
	for (size_t i = 0; rc == 0 && i < grid->rows * grid->columns; i++) {
		size_t column = i % grid->columns;
		cell.length = 0;
		if (column == 0)
			quote = tsv && spans_lines(grid, i / grid->columns);
		if (grid->cells[i])
			rc = sdp_doc_value(grid->cells[i], style->digits, &cell, err);
		if (rc == 0)
			rc = add_cell(out, &cell, grid, tsv, quote, column, err);
	}
	sdp_buf_release(&cell);
	return rc;
}

int sdp_doc_print_tree(const cJSON *doc, const struct sdp_doc_style *style, struct sdp_buf *out,
		       struct sdp_err *err)
{
	struct sdp_grid grid = {0};
	bool json = style->format == SDP_DOC_JSON;
	if (style->format == SDP_DOC_TABLE)
		return sdp_doc_print_table(doc, style, out, err);
	/* JSON is always the whole document, but a member named by --print must exist. */
	int rc = json && !style->print ? 0 : sdp_flatten(&grid, doc, style, err);
	if (rc == 0)
		rc = json ? print_json(doc, style->digits, out, err)
			  : print_rows(&grid, style, out, err);
	sdp_grid_release(&grid);
	return rc;
}
