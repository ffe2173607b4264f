/*
 * Texts of an expression of --where: comparisons byte by byte, lower() and upper(). They are not
 * copied for all rows; each row looks at its cells.
 */
#include "table/where_eval.h"

#include "base/utf8.h"
#include "sdp/mem.h"

#include <string.h>

/* Appends the text, which may be in room, to room, in lower or upper case. */
static int change_case(struct sdp_buf *room, bool upper, const char **text, size_t *length,
		       struct sdp_err *err)
{
	enum { LONGEST = 4 }; /* bytes of a character */
	const char *s = *text;
	bool inside = room->length && s >= room->data && s < room->data + room->length;
	size_t at = inside ? (size_t)(s - room->data) : 0, start = room->length;
	if (!sdp_utf8_case_known())
		return sdp_fail(
			err, SDP_SYSTEM,
			"--where: lower and upper need the locale C.UTF-8, which is missing");
	if (sdp_buf_reserve(room, LONGEST * (*length + 1), err) < 0)
		return -1;
	if (inside)
		s = room->data + at;
	char *out = room->data + start;
	for (size_t i = 0, n; i < *length; i += n) {
		n = sdp_utf8_sequence(s + i, *length - i);
		if (n)
			out = sdp_utf8_put_case(out, s + i, n, upper);
		else
			*out++ = s[i + n++];
	}
	*text = room->data + start;
	room->length = (size_t)(out - room->data);
	*length = room->length - start;
	return 0;
}

static int text_in(struct sdp_where_scratch *s, const struct sdp_where_node *node, size_t row,
		   struct sdp_buf *room, const char **text, size_t *length, struct sdp_err *err)
{
	if (node->kind == SDP_WHERE_STRING) {
		*text = node->text;
		*length = node->text_length;
		return 0;
	}
	if (node->kind == SDP_WHERE_COLUMN) {
		*text = sdp_block_cell(s->block, row, node->column, length);
		if (sdp_is_null(&s->block->schema->nulls, *text, *length))
			*text = NULL;
		return 0;
	}
	if (text_in(s, node->operands[0], row, room, text, length, err) < 0)
		return -1;
	return *text ? change_case(room, node->kind == SDP_WHERE_UPPER, text, length, err) : 0;
}

int sdp_where_text(struct sdp_where_scratch *s, const struct sdp_where_node *node, size_t row,
		   struct sdp_buf *room, const char **text, size_t *length, struct sdp_err *err)
{
	room->length = 0;
	return text_in(s, node, row, room, text, length, err);
}

int sdp_where_length(struct sdp_where_scratch *s, const struct sdp_where_node *node, size_t row,
		     size_t *length, struct sdp_err *err)
{
	const char *text;
	size_t bytes, count = 0;
	if (sdp_where_text(s, node, row, &s->texts[0], &text, &bytes, err) < 0)
		return -1;
	/* All bytes of a character but the first are 10xxxxxx. */
	for (size_t i = 0; text && i < bytes; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	*length = text ? count : SDP_WHERE_NO_TEXT;
	return 0;
}

/* ---- comparisons ---- */

static int order(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t shorter = a_length < b_length ? a_length : b_length;
	int sign = shorter ? memcmp(a, b, shorter) : 0;
	return sign ? sign : (a_length > b_length) - (a_length < b_length);
}

/* Compares a column with a constant that is no text of null, for equality. */
static void equal_cells(struct sdp_where_scratch *s, bool unequal,
			const struct sdp_where_node *column, const struct sdp_where_node *text,
			uint8_t *out)
{
	const struct sdp_block *block = s->block;
	const size_t length = text->text_length;
	const uint8_t same = unequal ? SDP_WHERE_FALSE : SDP_WHERE_TRUE,
		      other = (uint8_t)(SDP_WHERE_TRUE - same);
	for (size_t row = 0; row < block->rows; row++) {
		size_t n;
		const char *cell = sdp_block_cell(block, row, column->column, &n);
		if (n == length && memcmp(cell, text->text, n) == 0)
			out[row] = same;
		else
			out[row] = sdp_is_null(&block->schema->nulls, cell, n) ? SDP_WHERE_NULL
									       : other;
	}
}

int sdp_where_compare_texts(struct sdp_where_scratch *s, enum sdp_where_kind kind,
			    const struct sdp_where_node *left, const struct sdp_where_node *right,
			    uint8_t *out, struct sdp_err *err)
{
	const struct sdp_nulls *nulls = &s->block->schema->nulls;
	if (left->kind == SDP_WHERE_COLUMN && right->kind == SDP_WHERE_STRING &&
	    (kind == SDP_WHERE_EQUAL || kind == SDP_WHERE_UNEQUAL) &&
	    !sdp_is_null(nulls, right->text, right->text_length)) {
		equal_cells(s, kind == SDP_WHERE_UNEQUAL, left, right, out);
		return 0;
	}
	for (size_t row = 0; row < s->block->rows; row++) {
		const char *a, *b;
		size_t a_length, b_length;
		if (sdp_where_text(s, left, row, &s->texts[0], &a, &a_length, err) < 0 ||
		    sdp_where_text(s, right, row, &s->texts[1], &b, &b_length, err) < 0)
			return -1;
		out[row] = a && b ? sdp_where_holds(kind, order(a, a_length, b, b_length))
				  : SDP_WHERE_NULL;
	}
	return 0;
}
