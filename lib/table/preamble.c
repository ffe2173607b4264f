/*
 * Skips what is before the header: the lines of --skip, blank lines, comments, and the line "sep=;"
 * with which Excel names the delimiter.
 *
 *	mark │ --skip: lines │ blank lines and comments │ sep=; │ blank lines and comments │ header
 *	     └────────────────── dropped ───────────────────────┘
 *	     └────────────────── before ───────────────────────────────────────────────────┘
 *
 * Without a header, what is dropped is not data. Blank lines and comments after it are skipped
 * where all records are.
 */
#include "table/input.h"

#include "base/utf8.h"
#include "sdp/block.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

/*
 * Reads until the next line is complete. Sets *length to its length with its end, 0 at the end of
 * the input.
 */
static int next_line(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head,
		     size_t *length, struct sdp_err *err)
{
	size_t at = head->mark + head->before, seen = at;
	const char *lf;
	while (!(lf = head->text.length > seen
			      ? memchr(head->text.data + seen, '\n', head->text.length - seen)
			      : NULL)) {
		seen = head->text.length;
		ssize_t n = sdp_source_read_some(s, input, &head->text, SDP_INPUT_READ, err);
		if (n < 0)
			return -1;
		if (n == 0)
			break;
	}
	*length = (lf ? (size_t)(lf - head->text.data) + 1 : head->text.length) - at;
	return 0;
}

static int skip_line(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head,
		     struct sdp_err *err)
{
	size_t length;
	if (next_line(s, input, head, &length, err) < 0)
		return -1;
	head->before += length;
	head->lines++;
	return sdp_head_need(s, input, head, err);
}

/* Returns the length of a line without its end. */
static size_t without_end(const char *line, size_t length)
{
	length -= length && line[length - 1] == '\n';
	return length - (length && line[length - 1] == '\r');
}

static bool is_blank(const struct sdp_source *s, const char *line, size_t length)
{
	size_t i = 0, n = without_end(line, length);
	while (i < n && sdp_is_blank(line[i]) && s->schema.dialect.delimiter != ' ')
		i++;
	return i == n;
}

/*
 * Sets *delimiter to the character that a line of Excel names as the delimiter, or to NUL. Fails if
 * the character has several bytes.
 */
static int named_delimiter(const char *line, size_t length, struct sdp_place place, char *delimiter,
			   struct sdp_err *err)
{
	size_t n = without_end(line, length);
	*delimiter = '\0';
	if (n >= 7 && line[0] == '"' && line[n - 1] == '"') {
		line++;
		n -= 2;
	}
	if (n < 5 || strncasecmp(line, "sep=", 4) != 0)
		return 0;
	if (n == 5 && line[4] != '"' && line[4] != '\r')
		*delimiter = line[4];
	if (n > 5 && sdp_utf8_sequence(line + 4, n - 4) == n - 4)
		return sdp_fail_at(
			err, place,
			"the delimiter of the line '%.*s' is not one byte; --skip %" PRIu64
			" passes the line over",
			(int)n, line, place.record);
	return 0;
}

static int obey(struct sdp_source *s, const struct sdp_input *input, const struct sdp_head *head,
		char delimiter, struct sdp_err *err)
{
	struct sdp_place place = {input->name, head->lines + 1, NULL};
	char given = s->schema.dialect.delimiter;
	if (!given) {
		const struct sdp_dialect *dialect = &s->schema.dialect;
		const char *other = delimiter == s->schema.decimal   ? "decimal"
				    : delimiter == dialect->quote    ? "quote"
				    : delimiter == dialect->escape   ? "escape"
				    : delimiter == s->schema.comment ? "comment"
								     : NULL;
		if (other)
			return sdp_fail(err, SDP_USAGE, "--%s: '%c' separates the cells of %s",
					other, delimiter, input->name);
		s->schema.dialect.delimiter = delimiter;
		return 0;
	}
	if (given == delimiter)
		return 0;
	if (s->options.delimiter)
		return input != s->inputs
			       ? 0
			       : sdp_source_warn(
					 s, err,
					 "the line 'sep=%c' before the header says otherwise than "
					 "--delimiter or --input-format; it is skipped",
					 delimiter);
	return sdp_fail_at(err, place, "the cells are separated by '%c', where %s has '%c'",
			   delimiter, s->inputs[0].name, given);
}

/* Skips the lines of --skip. */
static int skip_first_lines(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head,
			    struct sdp_err *err)
{
	for (uint64_t i = 0; i < s->options.skip; i++) {
		if (head->mark + head->before >= head->text.length)
			return sdp_fail_at(err, (struct sdp_place){.file = input->name},
					   "the input ends within the lines of --skip %" PRIu64,
					   s->options.skip);
		if (skip_line(s, input, head, err) < 0)
			return -1;
	}
	head->dropped = head->before;
	head->dropped_lines = head->lines;
	return 0;
}

int sdp_head_skip(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head,
		  struct sdp_err *err)
{
	bool lines = s->options.format == SDP_SOURCE_LINES, named = lines;
	if (skip_first_lines(s, input, head, err) < 0)
		return -1;
	for (size_t at; (at = head->mark + head->before) < head->text.length;) {
		size_t length;
		int rc = 0;
		struct sdp_place place = {input->name, head->lines + 1, NULL};
		char first = head->text.data[at], delimiter = '\0';
		bool comment = s->schema.comment && first == s->schema.comment;
		if (!comment && !memchr(" \t\r\nsS\"", first, 7))
			return 0;
		if (next_line(s, input, head, &length, err) < 0)
			return -1;
		const char *line = head->text.data + at;
		bool blank = !lines && is_blank(s, line, length);
		if (!comment && !blank && !named)
			rc = named_delimiter(line, length, place, &delimiter, err);
		if (rc < 0)
			return -1;
		if (!comment && !blank && !delimiter)
			return 0;
		if (delimiter && obey(s, input, head, delimiter, err) < 0)
			return -1;
		if (skip_line(s, input, head, err) < 0)
			return -1;
		if (delimiter) {
			named = true;
			head->dropped = head->before;
			head->dropped_lines = head->lines;
		}
	}
	return 0;
}
