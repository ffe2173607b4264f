/* Reads lines of text as rows of line and text, or splits them into columns at blanks. */
#include "base/text.h"
#include "base/utf8.h"
#include "table/decoded.h"
#include "table/encoding.h"
#include "table/sniff.h"

#include <string.h>
#include <unistd.h>

enum { PIECE = 1 << 18 };

struct reading {
	const struct sdp_decoding *what;
	struct sdp_decoded out;
	uint64_t max_record;
	bool columns, gaps;
	uint64_t line, offset;
	size_t width; /* number of columns of the first line */
};

static struct sdp_place place_of(const struct reading *r)
{
	return (struct sdp_place){r->what->name, r->line, NULL};
}

static int check(const struct reading *r, const char *text, size_t length, struct sdp_err *err)
{
	size_t bad = sdp_utf8_valid(text, length);
	const char *nul = memchr(text, '\0', length);
	if (nul && (size_t)(nul - text) < bad)
		return sdp_fail_at(err, place_of(r), "NUL byte at offset %llu",
				   (unsigned long long)r->offset + (size_t)(nul - text));
	if (bad < length)
		return sdp_fail_at(err, place_of(r),
				   "invalid UTF-8: byte 0x%02x at offset %llu" SDP_ENCODING_HINT,
				   (unsigned char)text[bad], (unsigned long long)r->offset + bad);
	return 0;
}

static int write_columns(struct reading *r, const char *text, size_t length, struct sdp_err *err)
{
	const char *field;
	size_t at = 0, count = 0, n;
	while ((n = sdp_sniff_field(text, length, &at, r->gaps, &field)) > 0) {
		count++;
		if (sdp_decoded_cell(&r->out, field, n, err) < 0)
			return -1;
	}
	if (count == 0)
		return 0;
	r->width = r->width ? r->width : count;
	if (count != r->width)
		return sdp_fail_at(err, place_of(r),
				   "%zu column%s where the first line has %zu (--input-format txt "
				   "reads lines)",
				   count, count == 1 ? "" : "s", r->width);
	return sdp_decoded_end(&r->out, err);
}

static int write_line(struct reading *r, const char *text, size_t length, struct sdp_err *err)
{
	r->line++;
	if (check(r, text, length, err) < 0)
		return -1;
	r->offset += length + 1;
	if (length && text[length - 1] == '\r')
		length--;
	if (r->columns)
		return write_columns(r, text, length, err);
	if (sdp_decoded_number(&r->out, r->line, err) < 0 ||
	    sdp_decoded_cell(&r->out, text, length, err) < 0)
		return -1;
	return sdp_decoded_end(&r->out, err);
}

/*
 * Writes all complete lines of the text, and at the end of the input also the rest. Returns the
 * number of bytes written, or -1.
 */
static ssize_t write_lines(struct reading *r, const char *text, size_t length, bool end,
			   struct sdp_err *err)
{
	size_t at = 0;
	for (const char *lf; (lf = memchr(text + at, '\n', length - at));
	     at = (size_t)(lf - text) + 1)
		if (write_line(r, text + at, (size_t)(lf - text) - at, err) < 0)
			return -1;
	if (end && at < length && write_line(r, text + at, length - at, err) < 0)
		return -1;
	return end ? (ssize_t)length : (ssize_t)at;
}

static int read_lines(struct reading *r, struct sdp_buf *text, struct sdp_err *err)
{
	for (uint64_t from = 0;;) {
		if (sdp_buf_reserve(text, PIECE, err) < 0)
			return -1;
		ssize_t n = sdp_read_at(r->what->fd, text->data + text->length, PIECE, from);
		if (n < 0)
			return sdp_fail_errno(err, "%s", r->what->name);
		size_t mark = from == 0 ? sdp_text_mark(text->data, (size_t)n) : 0;
		from += (uint64_t)n;
		text->length += (size_t)n;
		if (mark) {
			text->length -= mark;
			memmove(text->data, text->data + mark, text->length);
			r->offset = mark;
		}
		ssize_t used = write_lines(r, text->data, text->length, n == 0, err);
		if (used < 0 || n == 0)
			return used < 0 ? -1 : 0;
		text->length -= (size_t)used;
		memmove(text->data, text->data + used, text->length);
		if (text->length > r->max_record) {
			r->line++;
			return sdp_fail_at(err, place_of(r), "the line is longer than %llu bytes",
					   (unsigned long long)r->max_record);
		}
	}
}

static int write_header(struct reading *r, struct sdp_err *err)
{
	if (sdp_decoded_cell(&r->out, "line", 4, err) < 0 ||
	    sdp_decoded_cell(&r->out, "text", 4, err) < 0)
		return -1;
	return sdp_decoded_end(&r->out, err);
}

int sdp_text_rows(const struct sdp_decoding *what, bool header, uint64_t max_record,
		  struct sdp_err *err)
{
	struct reading r = {.what = what, .max_record = max_record};
	struct sdp_buf text = {0};
	r.columns = strcmp(what->format, "txt") != 0;
	r.gaps = strcmp(what->format, "txt-gaps") == 0;
	int rc = header && !r.columns ? write_header(&r, err) : 0;
	if (rc == 0)
		rc = read_lines(&r, &text, err);
	if (rc == 0)
		rc = sdp_decoded_flush(&r.out, err);
	sdp_buf_release(&text);
	sdp_buf_release(&r.out.text);
	return rc;
}
