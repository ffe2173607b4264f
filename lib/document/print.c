#include "document/flatten.h"
#include "document/lazy_rows.h"

#include "sdp/mem.h"
#include "sdp/num.h"
#include "table/csv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool sdp_doc_is_plain(const cJSON *item)
{
	return !cJSON_IsArray(item) && !cJSON_IsObject(item);
}

bool sdp_doc_is_plain_array(const cJSON *item)
{
	const cJSON *child;
	if (!cJSON_IsArray(item))
		return false;
	cJSON_ArrayForEach(child, item) if (!sdp_doc_is_plain(child)) return false;
	return true;
}

bool sdp_doc_is_number(const cJSON *item)
{
	return cJSON_IsNumber(item) ||
	       (cJSON_IsRaw(item) && strchr("-0123456789", *item->valuestring));
}

static bool is_real_lexeme(const cJSON *item)
{
	return cJSON_IsRaw(item) && sdp_doc_is_number(item) && strpbrk(item->valuestring, ".eE");
}

static size_t print_real(char out[32], double v, int digits)
{
	if (digits < 0) {
		int whole = fabs(v) >= 1 ? (int)floor(log10(fabs(v))) + 1 : 1;
		digits = whole > -digits ? whole : -digits;
		digits = digits > 17 ? 17 : digits;
	}
	return digits ? sdp_num_print_digits(out, v, digits) : sdp_num_print(out, v);
}

static int print_number(const cJSON *item, int digits, struct sdp_buf *out, struct sdp_err *err)
{
	char text[32];
	double v = item->valuedouble;
	if (cJSON_IsRaw(item)) {
		if (!digits || !is_real_lexeme(item))
			return sdp_buf_add_text(out, item->valuestring, err);
		v = strtod(item->valuestring, NULL);
	}
	if (!isfinite(v))
		return 0;
	bool whole = fabs(v) < 0x1p53 && v == floor(v);
	return sdp_buf_add(out, text, print_real(text, v, whole ? 0 : digits), err);
}

int sdp_doc_value(const cJSON *item, int digits, struct sdp_buf *out, struct sdp_err *err)
{
	if (cJSON_IsArray(item)) {
		const cJSON *child;
		cJSON_ArrayForEach(child,
				   item) if ((child != item->child &&
					      sdp_buf_add(out, ", ", 2, err) < 0) ||
					     sdp_doc_value(child, digits, out, err) < 0) return -1;
		return 0;
	}
	if (sdp_doc_is_number(item))
		return print_number(item, digits, out, err);
	if (cJSON_IsBool(item))
		return sdp_buf_add_text(out, cJSON_IsTrue(item) ? "true" : "false", err);
	if (cJSON_IsString(item) || cJSON_IsRaw(item))
		return sdp_buf_add_text(out, item->valuestring, err);
	return 0;
}

static int round_reals(cJSON *item, int digits, struct sdp_err *err)
{
	cJSON *child;
	if (is_real_lexeme(item)) {
		char text[32];
		size_t n = print_real(text, strtod(item->valuestring, NULL), digits);
		char *copy = sdp_strndup(text, n, err);
		if (!copy)
			return -1;
		cJSON_free(item->valuestring);
		item->valuestring = copy;
	}
	cJSON_ArrayForEach(child, item) if (round_reals(child, digits, err) < 0) return -1;
	return 0;
}

int sdp_doc_json(const cJSON *doc, int digits, struct sdp_buf *out, struct sdp_err *err)
{
	cJSON *rounded = NULL;
	if (digits) {
		rounded = cJSON_Duplicate(doc, 1);
		if (!rounded)
			return sdp_fail_memory(err);
		if (round_reals(rounded, digits, err) < 0) {
			cJSON_Delete(rounded);
			return -1;
		}
	}
	char *text = cJSON_PrintUnformatted(rounded ? rounded : doc);
	cJSON_Delete(rounded);
	if (!text)
		return sdp_fail_memory(err);
	int rc = sdp_buf_add_text(out, text, err);
	cJSON_free(text);
	return rc;
}

static int print_json(const cJSON *doc, int digits, struct sdp_buf *out, struct sdp_err *err)
{
	return sdp_doc_json(doc, digits, out, err) < 0 ? -1 : sdp_buf_add(out, "\n", 1, err);
}

/* lone: the only cell of its line, which must not look like no line at all. */
static int add_csv(struct sdp_buf *out, const char *cell, size_t length, bool lone,
		   struct sdp_err *err)
{
	if (length == 0 && lone)
		return sdp_buf_add(out, "\"\"", 2, err);
	return sdp_csv_add_cell(out, cell, length, ',', err);
}

static int add_cell(struct sdp_buf *out, const struct sdp_buf *cell, const struct sdp_grid *grid,
		    bool tsv, size_t column, struct sdp_err *err)
{
	const char *text = cell->length ? cell->data : "";
	if (column && sdp_buf_add(out, tsv ? "\t" : ",", 1, err) < 0)
		return -1;
	int rc = tsv ? sdp_tsv_add_cell(out, text, cell->length, err)
		     : add_csv(out, text, cell->length, grid->columns == 1, err);
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

int sdp_doc_print(const cJSON *doc, const struct sdp_doc_style *style, struct sdp_buf *out,
		  struct sdp_err *err)
{
	struct sdp_grid grid = {0};
	bool json = style->format == SDP_DOC_JSON;
	if (sdp_doc_is_lazy(doc))
		return sdp_doc_print_lazy(doc, style, out, NULL, err);
	if (style->format == SDP_DOC_TABLE)
		return sdp_doc_print_table(doc, style, out, err);
	/* JSON is the whole document; but a part that is named must be there. */
	int rc = json && !style->print ? 0 : sdp_flatten(&grid, doc, style, false, err);
	if (rc == 0)
		rc = json ? print_json(doc, style->digits, out, err)
			  : print_rows(&grid, style, out, err);
	sdp_grid_release(&grid);
	return rc;
}

int sdp_doc_write(const cJSON *doc, const struct sdp_doc_style *style,
		  const struct sdp_doc_sink *sink, struct sdp_err *err)
{
	struct sdp_buf out = {0};
	int rc = sdp_doc_is_lazy(doc) ? sdp_doc_print_lazy(doc, style, &out, sink, err)
				      : sdp_doc_print(doc, style, &out, err);
	if (rc == 0)
		rc = sink->write(sink->context, out.data ? out.data : "", out.length, err);
	sdp_buf_release(&out);
	return rc;
}
