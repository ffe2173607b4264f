/*
 * Prints a document as text for a terminal: plain values, then sparklines, rows, nested objects,
 * and the names of other arrays.
 */
#include "base/csv_cell.h"
#include "document/flatten.h"
#include "document/print_tree.h"
#include "document/sparkline.h"
#include "document/text_table.h"

#include <stdio.h>
#include <string.h>

enum { DIGITS = -6, GAP = 2, LINES = 5 };

struct table {
	struct sdp_doc_style style; /* with digits as sdp_doc_table_value has them */
	struct sdp_buf *out;
	struct sdp_err *err;
	bool begun; /* something was printed, so the next part follows a blank line */
};

static int begin_part(struct table *t)
{
	bool begun = t->begun;
	t->begun = true;
	return begun ? sdp_buf_add(t->out, "\n", 1, t->err) : 0;
}

static int add_clean(struct table *t, const char *text, size_t length, int *width)
{
	return sdp_text_table_clean(t->out, text, length, 0, width, t->err);
}

static int add_name(struct table *t, const char *name, int indent, int width)
{
	int w = 0;
	if (sdp_text_table_pad(t->out, indent, t->err) < 0 ||
	    add_clean(t, name, strlen(name), &w) < 0)
		return -1;
	return sdp_text_table_pad(t->out, width - w + GAP, t->err);
}

/*
 * Formats one value, with a comma unless it is the last of its array; sets its width. A text that
 * could be taken for several is quoted, as in a cell.
 */
static int value_piece(struct table *t, const cJSON *item, struct sdp_buf *piece, int *width)
{
	struct sdp_buf value = {0};
	int rc = cJSON_IsString(item) ? sdp_csv_add_cell(&value, item->valuestring,
							 strlen(item->valuestring), ',', t->err)
				      : sdp_doc_value(item, t->style.digits, &value, t->err);
	piece->length = 0;
	*width = item->next ? 1 : 0;
	if (rc == 0)
		rc = sdp_text_table_clean(piece, value.length ? value.data : "", value.length, 0,
					  width, t->err);
	if (rc == 0)
		rc = sdp_buf_add(piece, ",", item->next ? 1 : 0, t->err);
	sdp_buf_release(&value);
	return rc;
}

/* Appends the values of an array, wrapped at the width of the terminal, in at most LINES lines. */
static int add_values(struct table *t, const cJSON *array, int at)
{
	struct sdp_buf piece = {0};
	const cJSON *item;
	int column = 0, lines = 1, width, rc = 0;
	cJSON_ArrayForEach(item, array)
	{
		rc = value_piece(t, item, &piece, &width);
		if (rc == 0 && column && t->style.width &&
		    at + column + 1 + width > t->style.width) {
			if (lines++ == LINES) {
				rc = sdp_buf_add_text(t->out, " …", t->err);
				break;
			}
			rc = sdp_buf_format(t->out, t->err, "\n%*s", at, "");
			column = 0;
		} else if (rc == 0 && column) {
			rc = sdp_buf_add(t->out, " ", 1, t->err);
			column++;
		}
		if (rc == 0)
			rc = sdp_buf_add(t->out, piece.data, piece.length, t->err);
		if (rc < 0)
			break;
		column += width;
	}
	sdp_buf_release(&piece);
	return rc;
}

static int add_value(struct table *t, const cJSON *item, const char *name, int at)
{
	struct sdp_buf value = {0};
	int width = 0, rc = 0;
	if (cJSON_IsArray(item) && item->child)
		rc = add_values(t, item, at);
	else if (cJSON_IsArray(item) || cJSON_IsNull(item))
		rc = sdp_buf_add(t->out, "-", 1, t->err);
	else {
		rc = sdp_doc_table_value(item, name, t->style.view, t->style.digits, &value,
					 t->err);
		if (rc == 0)
			rc = add_clean(t, value.length ? value.data : "", value.length, &width);
	}
	sdp_buf_release(&value);
	return rc < 0 ? -1 : sdp_buf_add(t->out, "\n", 1, t->err);
}

/* Raises *width to the width of the text if that is larger. */
static int widen(struct table *t, const char *text, int *width)
{
	struct sdp_buf scratch = {0};
	int w = 0;
	int rc = sdp_text_table_clean(&scratch, text, strlen(text), 0, &w, t->err);
	sdp_buf_release(&scratch);
	if (w > *width)
		*width = w;
	return rc;
}

/* Returns whether an item belongs to the first part. The source of the rows has its own part. */
static bool is_scalar(const cJSON *item, const cJSON *source)
{
	bool empty = cJSON_IsArray(item) && !item->child;
	if (item == source || (empty && strcmp(item->string, "warnings") == 0))
		return false;
	return sdp_doc_is_plain(item) || sdp_doc_is_plain_array(item);
}

static int print_warnings(struct table *t, const cJSON *item, int width)
{
	const cJSON *child;
	cJSON_ArrayForEach(child, item) if (add_name(t, "warning", 0, width) < 0 ||
					    add_value(t, child, NULL, width + GAP) < 0) return -1;
	return 0;
}

static int print_scalars(struct table *t, const cJSON *doc, const cJSON *source)
{
	const cJSON *item;
	int width = 0;
	cJSON_ArrayForEach(item, doc) if (is_scalar(item, source) &&
					  widen(t, item->string, &width) < 0) return -1;
	if (width == 0)
		return 0;
	t->begun = true;
	cJSON_ArrayForEach(item, doc)
	{
		bool warnings = item->string && strcmp(item->string, "warnings") == 0;
		if (!is_scalar(item, source))
			continue;
		if (warnings && cJSON_IsArray(item)) {
			if (print_warnings(t, item, width) < 0)
				return -1;
		} else if (add_name(t, item->string, 0, width) < 0 ||
			   add_value(t, item, item->string, width + GAP) < 0)
			return -1;
	}
	return 0;
}

static int print_object(struct table *t, const cJSON *object)
{
	struct sdp_grid grid;
	int width = 0, w = 0;
	int rc = sdp_flatten_object(&grid, object, t->err);
	for (size_t c = 0; rc == 0 && c < grid.columns; c++)
		rc = widen(t, grid.names[c], &width);
	if (rc == 0)
		rc = begin_part(t);
	if (rc == 0 && t->style.bold)
		rc = sdp_buf_add_text(t->out, SDP_BOLD, t->err);
	if (rc == 0)
		rc = add_clean(t, object->string, strlen(object->string), &w);
	if (rc == 0)
		rc = sdp_buf_add_text(t->out, t->style.bold ? SDP_PLAIN "\n" : "\n", t->err);
	for (size_t c = 0; rc == 0 && c < grid.columns; c++) {
		rc = add_name(t, grid.names[c], GAP, width);
		if (rc == 0)
			rc = add_value(t, grid.cells[c], grid.names[c], GAP + width + GAP);
	}
	sdp_grid_release(&grid);
	return rc;
}

/* Names the arrays that --print would show. */
static int print_others(struct table *t, const cJSON *doc, const cJSON *source)
{
	const cJSON *item;
	bool first = true;
	cJSON_ArrayForEach(item, doc)
	{
		if (!cJSON_IsArray(item) || item == source || sdp_doc_is_plain_array(item))
			continue;
		int rows = cJSON_GetArraySize(item), w = 0;
		if ((first && begin_part(t) < 0) ||
		    add_clean(t, item->string, strlen(item->string), &w) < 0 ||
		    sdp_buf_format(t->out, t->err, ": %d row%s, shown by --print ", rows,
				   rows == 1 ? "" : "s") < 0 ||
		    add_clean(t, item->string, strlen(item->string), &w) < 0 ||
		    sdp_buf_add(t->out, "\n", 1, t->err) < 0)
			return -1;
		first = false;
	}
	return 0;
}

/* Adds the header and the rows of the first columns of the grid, as many as the table has. */
static int add_cells(struct table *t, const struct sdp_grid *grid, struct sdp_text_table *table)
{
	struct sdp_buf value = {0};
	int rc = 0;
	for (size_t c = 0; rc == 0 && c < table->columns; c++)
		rc = sdp_text_table_add(table, SDP_TEXT_OTHER, grid->names[c],
					strlen(grid->names[c]), t->err);
	for (size_t i = 0; rc == 0 && i < grid->rows * table->columns; i++) {
		size_t row = i / table->columns, c = i % table->columns;
		const cJSON *item = grid->cells[row * grid->columns + c];
		bool null = !item || cJSON_IsNull(item);
		value.length = 0;
		if (!null)
			rc = sdp_doc_table_value(item, grid->names[c], t->style.view,
						 t->style.digits, &value, t->err);
		if (rc == 0)
			rc = sdp_text_table_add(table,
						null                      ? SDP_TEXT_NULL
						: sdp_doc_is_number(item) ? SDP_TEXT_NUMBER
						: cJSON_IsArray(item)     ? SDP_TEXT_LIST
									  : SDP_TEXT_OTHER,
						value.length ? value.data : "", value.length,
						t->err);
	}
	sdp_buf_release(&value);
	return rc;
}

/* Prints the first columns of the grid. Returns whether they fit into the width, or -1. */
static int print_columns(struct table *t, const struct sdp_grid *grid, size_t columns)
{
	struct sdp_text_table table = {.columns = columns, .cut_words = t->style.columns != NULL};
	struct sdp_text_layout layout = {0};
	int rc = add_cells(t, grid, &table);
	if (rc == 0)
		rc = sdp_text_table_print(&table, t->style.width, t->style.bold, &layout, t->out,
					  t->err);
	bool fit = layout.widths != NULL;
	sdp_text_layout_release(&layout);
	sdp_text_table_release(&table);
	return rc < 0 ? -1 : fit;
}

/* listed: how many columns of the grid style.columns names; 0: it names none. */
static int print_rows(struct table *t, const struct sdp_grid *grid, size_t listed)
{
	if (begin_part(t) < 0)
		return -1;
	if (grid->columns == 0) /* no rows whose columns are known, or only empty objects */
		return sdp_buf_format(t->out, t->err, "no %s\n",
				      grid->source->string ? grid->source->string : "rows");
	for (size_t columns = listed; columns > 1; columns--) {
		size_t before = t->out->length;
		int fit = print_columns(t, grid, columns);
		if (fit)
			return fit < 0 ? -1 : 0;
		t->out->length = before;
	}
	return print_columns(t, grid, listed ? listed : grid->columns) < 0 ? -1 : 0;
}

static int print_sparks(struct table *t, const cJSON *rows)
{
	struct sdp_buf lines = {0};
	int rc = sdp_sparkline_print(rows, t->style.digits, t->style.width, &lines, t->err);
	if (rc == 0 && lines.length)
		rc = begin_part(t);
	if (rc == 0 && lines.length)
		rc = sdp_buf_add(t->out, lines.data, lines.length, t->err);
	sdp_buf_release(&lines);
	return rc;
}

int sdp_doc_print_table(const cJSON *doc, const struct sdp_doc_style *style, struct sdp_buf *out,
			struct sdp_err *err)
{
	struct table t = {*style, out, err, false};
	struct sdp_grid grid;
	const cJSON *item;
	size_t listed = 0;
	int rc = sdp_flatten(&grid, doc, style, err);
	t.style.digits = style->digits ? style->digits : DIGITS;
	if (rc == 0 && style->view && style->view->first)
		sdp_grid_put_first(&grid, style->view->first);
	if (rc == 0 && style->columns)
		listed = sdp_grid_put_first(&grid, style->columns);
	if (rc == 0 && !style->print)
		rc = print_scalars(&t, doc, grid.source);
	if (rc == 0 && !style->print && style->width)
		rc = print_sparks(&t, grid.source);
	if (rc == 0 && grid.source != doc)
		rc = print_rows(&t, &grid, listed);
	if (rc == 0 && !style->print) {
		cJSON_ArrayForEach(item, doc) if (rc == 0 && cJSON_IsObject(item)) rc =
			print_object(&t, item);
		if (rc == 0)
			rc = print_others(&t, doc, grid.source);
	}
	sdp_grid_release(&grid);
	return rc;
}
