/*
 * Prints a document as text for a terminal: plain values, then sparklines, rows, nested objects,
 * and the names of other arrays.
 *
 * All that can fail is memory, so sdp_doc_print_table checks err once, at the end.
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

static void begin_part(struct table *t)
{
	sdp_buf_add(t->out, "\n", t->begun, t->err);
	t->begun = true;
}

/* Adds a text and returns its width. */
static int add_clean(struct table *t, const char *text)
{
	int width = 0;
	sdp_text_table_clean(t->out, text, strlen(text), 0, &width, t->err);
	return width;
}

static void add_name(struct table *t, const char *name, int indent, int width)
{
	sdp_text_table_pad(t->out, indent, t->err);
	sdp_text_table_pad(t->out, width - add_clean(t, name) + GAP, t->err);
}

/*
 * Formats one value, with a comma unless it is the last of its array; sets its width. A text that
 * could be taken for several is quoted, as in a cell.
 */
static void value_piece(struct table *t, const cJSON *item, struct sdp_buf *piece, int *width)
{
	struct sdp_buf value = {0};
	const char *text = cJSON_GetStringValue(item);
	piece->length = 0;
	*width = item->next ? 1 : 0;
	if (text)
		sdp_csv_add_cell(&value, text, strlen(text), ',', t->err);
	else
		sdp_doc_value(item, t->style.digits, &value, t->err);
	sdp_text_table_clean(piece, value.length ? value.data : "", value.length, 0, width, t->err);
	sdp_buf_add(piece, ",", item->next ? 1 : 0, t->err);
	sdp_buf_release(&value);
}

/* Appends the values of an array, wrapped at the width of the terminal, in at most LINES lines. */
static void add_values(struct table *t, const cJSON *array, int at)
{
	struct sdp_buf piece = {0};
	const cJSON *item;
	int column = 0, lines = 1, width;
	cJSON_ArrayForEach(item, array)
	{
		value_piece(t, item, &piece, &width);
		bool wrap = column && t->style.width && at + column + 1 + width > t->style.width;
		if (wrap && lines++ == LINES) {
			sdp_buf_add_text(t->out, " …", t->err);
			break;
		}
		if (wrap)
			sdp_buf_format(t->out, t->err, "\n%*s", at, "");
		else
			sdp_buf_add(t->out, " ", column > 0, t->err);
		sdp_buf_add(t->out, piece.data, piece.length, t->err);
		column = width + (wrap || column == 0 ? 0 : column + 1);
	}
	sdp_buf_release(&piece);
}

static void add_value(struct table *t, const cJSON *item, const char *name, int at)
{
	struct sdp_buf value = {0};
	if (cJSON_IsArray(item) && item->child)
		add_values(t, item, at);
	else if (cJSON_IsArray(item) || cJSON_IsNull(item))
		sdp_buf_add(t->out, "-", 1, t->err);
	else {
		sdp_doc_table_value(item, name, t->style.view, t->style.digits, &value, t->err);
		add_clean(t, value.length ? value.data : "");
	}
	sdp_buf_release(&value);
	sdp_buf_add(t->out, "\n", 1, t->err);
}

/* Raises *width to the width of the text if that is larger. */
static void widen(struct table *t, const char *text, int *width)
{
	struct sdp_buf scratch = {0};
	int w = 0;
	sdp_text_table_clean(&scratch, text, strlen(text), 0, &w, t->err);
	sdp_buf_release(&scratch);
	if (w > *width)
		*width = w;
}

/* Returns whether an item belongs to the first part. The source of the rows has its own part. */
static bool is_scalar(const cJSON *item, const cJSON *source)
{
	bool empty = cJSON_IsArray(item) && !item->child;
	if (item == source || (empty && strcmp(item->string, "warnings") == 0))
		return false;
	return sdp_doc_is_plain(item) || sdp_doc_is_plain_array(item);
}

static void print_warnings(struct table *t, const cJSON *item, int width)
{
	const cJSON *child;
	cJSON_ArrayForEach(child, item)
	{
		add_name(t, "warning", 0, width);
		add_value(t, child, NULL, width + GAP);
	}
}

static void print_scalars(struct table *t, const cJSON *doc, const cJSON *source)
{
	const cJSON *item;
	int width = 0;
	cJSON_ArrayForEach(item, doc) if (is_scalar(item, source)) widen(t, item->string, &width);
	if (width == 0)
		return;
	t->begun = true;
	cJSON_ArrayForEach(item, doc)
	{
		if (!is_scalar(item, source))
			continue;
		if (strcmp(item->string, "warnings") == 0 && cJSON_IsArray(item)) {
			print_warnings(t, item, width);
			continue;
		}
		add_name(t, item->string, 0, width);
		add_value(t, item, item->string, width + GAP);
	}
}

static void print_object(struct table *t, const cJSON *object)
{
	struct sdp_grid grid;
	int width = 0, rc = sdp_flatten_object(&grid, object, t->err);
	for (size_t c = 0; rc == 0 && c < grid.columns; c++)
		widen(t, grid.names[c], &width);
	begin_part(t);
	sdp_buf_add_text(t->out, t->style.bold ? SDP_BOLD : "", t->err);
	add_clean(t, object->string);
	sdp_buf_add_text(t->out, t->style.bold ? SDP_PLAIN "\n" : "\n", t->err);
	for (size_t c = 0; rc == 0 && c < grid.columns; c++) {
		add_name(t, grid.names[c], GAP, width);
		add_value(t, grid.cells[c], grid.names[c], GAP + width + GAP);
	}
	sdp_grid_release(&grid);
}

/* Names the arrays that --print would show. */
static void print_others(struct table *t, const cJSON *doc, const cJSON *source)
{
	const cJSON *item;
	bool first = true;
	cJSON_ArrayForEach(item, doc)
	{
		if (!cJSON_IsArray(item) || item == source || sdp_doc_is_plain_array(item))
			continue;
		int rows = cJSON_GetArraySize(item);
		if (first)
			begin_part(t);
		add_clean(t, item->string);
		sdp_buf_format(t->out, t->err, ": %d row%s, shown by --print ", rows,
			       rows == 1 ? "" : "s");
		add_clean(t, item->string);
		sdp_buf_add(t->out, "\n", 1, t->err);
		first = false;
	}
}

static enum sdp_text_kind kind_of(const cJSON *item)
{
	if (!item || cJSON_IsNull(item))
		return SDP_TEXT_NULL;
	if (sdp_doc_is_number(item))
		return SDP_TEXT_NUMBER;
	return cJSON_IsArray(item) ? SDP_TEXT_LIST : SDP_TEXT_OTHER;
}

/* Adds the header and the rows of the first columns of the grid, as many as the table has. */
static void add_cells(struct table *t, const struct sdp_grid *grid, struct sdp_text_table *table)
{
	struct sdp_buf value = {0};
	for (size_t c = 0; c < table->columns; c++)
		sdp_text_table_add(table, SDP_TEXT_OTHER, grid->names[c], strlen(grid->names[c]),
				   t->err);
	for (size_t i = 0; t->err->code == SDP_OK && i < grid->rows * table->columns; i++) {
		size_t row = i / table->columns, c = i % table->columns;
		const cJSON *item = grid->cells[row * grid->columns + c];
		value.length = 0;
		if (kind_of(item) != SDP_TEXT_NULL)
			sdp_doc_table_value(item, grid->names[c], t->style.view, t->style.digits,
					    &value, t->err);
		sdp_text_table_add(table, kind_of(item), value.length ? value.data : "",
				   value.length, t->err);
	}
	sdp_buf_release(&value);
}

/* Prints the first columns of the grid. Returns whether they fit into the width. */
static bool print_columns(struct table *t, const struct sdp_grid *grid, size_t columns)
{
	struct sdp_text_table table = {.columns = columns, .cut_words = t->style.columns != NULL};
	struct sdp_text_layout layout = {0};
	add_cells(t, grid, &table);
	if (t->err->code == SDP_OK)
		sdp_text_table_print(&table, t->style.width, t->style.bold, &layout, t->out,
				     t->err);
	bool fit = layout.widths != NULL;
	sdp_text_layout_release(&layout);
	sdp_text_table_release(&table);
	return fit;
}

/* listed: how many columns of the grid style.columns names; 0: it names none. */
static void print_rows(struct table *t, const struct sdp_grid *grid, size_t listed)
{
	begin_part(t);
	if (grid->columns == 0) { /* no rows whose columns are known, or only empty objects */
		sdp_buf_format(t->out, t->err, "no %s\n",
			       grid->source->string ? grid->source->string : "rows");
		return;
	}
	for (size_t columns = listed; columns > 1; columns--) {
		size_t before = t->out->length;
		if (print_columns(t, grid, columns))
			return;
		t->out->length = before;
	}
	print_columns(t, grid, listed ? listed : grid->columns);
}

static void print_sparks(struct table *t, const cJSON *rows)
{
	struct sdp_buf lines = {0};
	sdp_sparkline_print(rows, t->style.digits, t->style.width, &lines, t->err);
	if (lines.length)
		begin_part(t);
	sdp_buf_add(t->out, lines.data, lines.length, t->err);
	sdp_buf_release(&lines);
}

int sdp_doc_print_table(const cJSON *doc, const struct sdp_doc_style *style, struct sdp_buf *out,
			struct sdp_err *err)
{
	struct table t = {*style, out, err, false};
	struct sdp_grid grid;
	const cJSON *item;
	size_t listed = 0;
	err->code = SDP_OK;
	if (sdp_flatten(&grid, doc, style, err) < 0)
		goto out;
	t.style.digits = style->digits ? style->digits : DIGITS;
	if (style->view && style->view->first)
		sdp_grid_put_first(&grid, style->view->first);
	if (style->columns)
		listed = sdp_grid_put_first(&grid, style->columns);
	if (!style->print)
		print_scalars(&t, doc, grid.source);
	if (!style->print && style->width)
		print_sparks(&t, grid.source);
	if (grid.source != doc)
		print_rows(&t, &grid, listed);
	if (style->print)
		goto out;
	cJSON_ArrayForEach(item, doc) if (cJSON_IsObject(item)) print_object(&t, item);
	print_others(&t, doc, grid.source);
out:
	sdp_grid_release(&grid);
	return sdp_err_result(err);
}
