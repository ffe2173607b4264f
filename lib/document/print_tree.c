/* Prints a document without lazy rows: as JSON on one line, or its rows as CSV or TSV. */
#include "document/print_tree.h"

#include "base/csv_cell.h"
#include "document/flatten.h"

static int print_json(const cJSON *doc, int digits, struct sdp_buf *out, struct sdp_err *err)
{
	return sdp_doc_json(doc, digits, out, err) < 0 ? -1 : sdp_buf_add(out, "\n", 1, err);
}

static int add_cell(struct sdp_buf *out, const struct sdp_buf *cell, const struct sdp_grid *grid,
		    bool tsv, size_t column, struct sdp_err *err)
{
	const char *text = cell->length ? cell->data : "";
	if (column && sdp_buf_add(out, tsv ? "\t" : ",", 1, err) < 0)
		return -1;
	/* The only cell of a line is quoted if it is empty, so that the line is not empty. */
	int rc = cell->length == 0 && grid->columns == 1
			 ? sdp_buf_add(out, "\"\"", 2, err)
			 : sdp_csv_add_cell(out, text, cell->length, tsv ? '\t' : ',', err);
	if (rc == 0 && column + 1 == grid->columns)
		rc = sdp_buf_add(out, "\n", 1, err);
	return rc;
}

static int print_rows(const struct sdp_grid *grid, const struct sdp_doc_style *style,
		      struct sdp_buf *out, struct sdp_err *err)
{
	bool tsv = style->format == SDP_DOC_TSV;
	struct sdp_buf cell = {0};
	int rc = 0;
	for (size_t c = 0; rc == 0 && c < grid->columns; c++) {
		cell.length = 0;
		rc = sdp_buf_add_text(&cell, grid->names[c], err);
		if (rc == 0)
			rc = add_cell(out, &cell, grid, tsv, c, err);
	}
	for (size_t i = 0; rc == 0 && i < grid->rows * grid->columns; i++) {
		cell.length = 0;
		if (grid->cells[i])
			rc = sdp_doc_value(grid->cells[i], style->digits, &cell, err);
		if (rc == 0)
			rc = add_cell(out, &cell, grid, tsv, i % grid->columns, err);
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
