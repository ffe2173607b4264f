/* The values of a document: what kind they are, and their text. */
#include "document/value.h"

#include "base/csv_cell.h"
#include "base/human.h"
#include "sdp/mem.h"
#include "sdp/num.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
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
		bool exact = item->valueint == SDP_DOC_DECIMAL;
		if (!digits || !is_real_lexeme(item) || (exact && digits < 0))
			return sdp_buf_add_text(out, item->valuestring, err);
		if (exact)
			return sdp_buf_add(out, text,
					   sdp_decimal_print_digits(text, item->valuestring,
								    digits),
					   err);
		v = strtod(item->valuestring, NULL);
	}
	if (!isfinite(v))
		return 0;
	bool whole = fabs(v) < 0x1p53 && v == floor(v);
	return sdp_buf_add(out, text, print_real(text, v, whole ? 0 : digits), err);
}

/* Appends the values of an array, separated by ", "; a text is quoted as a cell of CSV is. */
static int join(const cJSON *array, int digits, struct sdp_buf *out, struct sdp_err *err)
{
	const cJSON *child;
	cJSON_ArrayForEach(child, array)
	{
		const char *text = cJSON_IsString(child) ? child->valuestring : NULL;
		if ((child != array->child && sdp_buf_add(out, ", ", 2, err) < 0) ||
		    (text ? sdp_csv_add_cell(out, text, strlen(text), ',', err)
			  : sdp_doc_value(child, digits, out, err)) < 0)
			return -1;
	}
	return 0;
}

int sdp_doc_value(const cJSON *item, int digits, struct sdp_buf *out, struct sdp_err *err)
{
	if (cJSON_IsArray(item))
		return join(item, digits, out, err);
	if (sdp_doc_is_number(item))
		return print_number(item, digits, out, err);
	if (cJSON_IsBool(item))
		return sdp_buf_add_text(out, cJSON_IsTrue(item) ? "true" : "false", err);
	if (cJSON_IsString(item) || cJSON_IsRaw(item))
		return sdp_buf_add_text(out, item->valuestring, err);
	return 0;
}

static enum sdp_doc_unit unit_of(const struct sdp_doc_view *view, const char *name)
{
	for (const struct sdp_doc_measure *m = view ? view->measures : NULL; m && m->name; m++)
		if (name && strcmp(m->name, name) == 0)
			return m->unit;
	return 0;
}

int sdp_doc_table_value(const cJSON *item, const char *name, const struct sdp_doc_view *view,
			int digits, struct sdp_buf *out, struct sdp_err *err)
{
	char text[SDP_HUMAN_TEXT];
	enum sdp_doc_unit unit = sdp_doc_is_number(item) ? unit_of(view, name) : 0;
	double value = !unit               ? NAN
		       : cJSON_IsRaw(item) ? strtod(item->valuestring, NULL)
					   : item->valuedouble;
	if (!isfinite(value))
		return sdp_doc_value(item, digits, out, err);
	digits = digits > 0 ? digits : SDP_HUMAN_DIGITS;
	if (unit == SDP_DOC_SECONDS)
		sdp_human_seconds(text, value, digits);
	else
		sdp_human_bytes(text, value, digits);
	if (sdp_buf_add_text(out, text, err) < 0)
		return -1;
	return unit == SDP_DOC_BYTES_PER_SECOND ? sdp_buf_add_text(out, "/s", err) : 0;
}

static int round_reals(cJSON *item, int digits, struct sdp_err *err)
{
	cJSON *child;
	if (is_real_lexeme(item) && item->valueint != SDP_DOC_SETTING) {
		char text[32];
		size_t n = item->valueint == SDP_DOC_DECIMAL
				   ? sdp_decimal_print_digits(text, item->valuestring, digits)
				   : print_real(text, strtod(item->valuestring, NULL), digits);
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
