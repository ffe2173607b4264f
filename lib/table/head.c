/*
 * Reads the head of an input, which is its byte order mark and first record, and detects its
 * format.
 */
#include "table/input.h"

#include "table/csv.h"
#include "table/scan.h"
#include "table/sniff.h"
#include "json/validate.h"

#include <string.h>
#include <unistd.h>

enum { READ = 1 << 18, LOOK = SDP_SNIFF_LOOK, STEP = 1 << 20 };

/*
 * Refuses formats that sdp does not read by their names, before they are taken for a table of one
 * column. text is in UTF-8 and starts after a byte order mark.
 */
static int refuse_foreign(const struct sdp_source *s, const struct sdp_input *input,
			  const char *text, size_t length, struct sdp_err *err)
{
	const struct sdp_foreign *foreign = input->decoder.pid ? NULL : input->foreign;
	if (!foreign && !input->decoder.pid && s->options.format == SDP_SOURCE_ANY &&
	    !s->options.delimiter)
		foreign = sdp_sniff_markup(text, length);
	return foreign ? sdp_foreign_fail(foreign, input->name,
					  s->options.format == SDP_SOURCE_LINES ? "lines of text"
										: "a CSV table",
					  err)
		       : 0;
}

/*
 * Detects whether the input is JSON, from the options or from its first bytes. Either all inputs
 * are JSON or none is.
 */
static int detect_format(struct sdp_source *s, const struct sdp_input *input, const char *text,
			 size_t length, struct sdp_err *err)
{
	enum sdp_source_format format = s->options.format;
	struct sdp_place place = {.file = input->name};
	if (input->decoder.pid)
		format = SDP_SOURCE_DELIMITED;
	bool lines = format == SDP_SOURCE_LINES;
	bool json = format == SDP_SOURCE_ANY
			    ? sdp_json_looks(text, length)
			    : format == SDP_SOURCE_JSON || format == SDP_SOURCE_NDJSON;
	if (lines && sdp_json_looks(text, length)) {
		const char *hint = s->options.no_lines;
		sdp_fail_at(err, place, "this looks like JSON, not like lines of text%s%s",
			    hint ? ": " : "", hint ? hint : "");
		err->code = SDP_USAGE;
		return -1;
	}
	if (s->options.records && !json)
		return sdp_fail_at(err, place, "this is not JSON, which --records is for");
	if (input == s->inputs)
		s->schema.format = json    ? SDP_FORMAT_JSON
				   : lines ? SDP_FORMAT_LINES
					   : SDP_FORMAT_DELIMITED;
	else if (json != (s->schema.format == SDP_FORMAT_JSON))
		return sdp_fail_at(err, place, "this is %s where %s is %s",
				   json ? "JSON" : "no JSON", s->inputs[0].name,
				   json ? "not" : "JSON");
	if (json && (s->options.quote || s->options.escape))
		return sdp_fail(err, SDP_USAGE, "--%s: JSON has none",
				s->options.quote ? "quote" : "escape");
	if (json && s->schema.comment)
		return sdp_fail(err, SDP_USAGE, "--comment: JSON has none");
	if (json && s->schema.thousands)
		return sdp_fail(err, SDP_USAGE, "--thousands: numbers of JSON have none");
	if (json && s->schema.decimal != '.')
		return sdp_fail(err, SDP_USAGE, "--decimal: numbers of JSON have a full stop");
	if (json && s->schema.ragged != SDP_RAGGED_ERROR)
		return sdp_fail(err, SDP_USAGE, "--ragged: records of JSON need not be alike");
	if (json && !s->schema.nulls.empty)
		sdp_nulls_add_null_cell(&s->schema.nulls);
	return 0;
}

static const char delimiters[] = ",\t;|";

/*
 * Counts the delimiters outside quotes in a header. A comma before a blank, as in prose, is counted
 * in prose.
 */
static void count_delimiters(const char *text, size_t length, char quote, size_t count[4],
			     size_t prose[4])
{
	bool inside = false;
	for (size_t i = 0; i < length && (inside || (text[i] != '\n' && text[i] != '\r')); i++) {
		const char *c = memchr(delimiters, text[i], 4);
		inside ^= text[i] == quote;
		if (c && !inside)
			(text[i] == ',' && i + 1 < length && text[i + 1] == ' '
				 ? prose
				 : count)[c - delimiters]++;
	}
}

/*
 * Returns the delimiter of a header: a comma if there is one outside quotes, else the most frequent
 * of tab, semicolon and bar. If the comma is the decimal point, these three take precedence.
 */
static char sniff_delimiter(const char *text, size_t length, char quote, char decimal)
{
	size_t count[4] = {0}, best = 1;
	count_delimiters(text, length, quote, count, count);
	for (size_t k = 2; k < 4; k++)
		if (count[k] > count[best])
			best = k;
	bool comma = decimal == ',' ? count[best] == 0 : count[0] > 0 || count[best] == 0;
	return comma ? ',' : delimiters[best];
}

/* Records the delimiter that would give the header the most cells, if any. */
static void note_other_delimiter(struct sdp_source *s, const char *text, size_t length)
{
	size_t count[4] = {0}, prose[4] = {0};
	count_delimiters(text, length, s->schema.dialect.quote, count, prose);
	for (size_t k = 0; k < 4; k++)
		if (count[k] > s->other_count && delimiters[k] != s->schema.decimal) {
			s->other_count = count[k];
			s->other_delimiter = delimiters[k];
		}
}

/*
 * Reads until the first record ends. The length is checked in whole steps, so that the messages do
 * not depend on how the bytes arrive.
 */
static int first_record(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head,
			struct sdp_err *err)
{
	struct sdp_place place = {input->name, head->lines + 1, NULL};
	struct sdp_scan_state state = {0};
	size_t start = head->mark + head->comments;
	for (size_t seen = start;;) {
		size_t left = head->text.length - seen, step = STEP - (seen - start) % STEP;
		if (step > left)
			step = left;
		size_t end =
			sdp_scan_first_end(&state, head->text.data + seen, step, s->schema.dialect);
		seen += end ? end : step;
		head->length = seen - start;
		if ((end || head->length % STEP == 0) && head->length > s->options.max_record)
			return sdp_csv_too_long(place, state.inside, s->schema.quotes,
						s->options.max_record, err);
		if (end)
			return 0;
		ssize_t n =
			left > step ? 1 : sdp_source_read_some(s, input, &head->text, READ, err);
		if (n < 0)
			return -1;
		if (n > 0)
			continue;
		if (head->length == 0)
			return sdp_fail_at(err, (struct sdp_place){.file = input->name},
					   s->options.no_header
						   ? "the input is empty"
						   : "the input is empty: not even a header");
		return state.inside || state.escaped
			       ? sdp_csv_not_closed(place, state.inside, s->schema.quotes, err)
			       : 0;
	}
}

/*
 * Returns whether the first bytes are enough for the functions above. A pipe that pauses after its
 * first rows is then not asked for more.
 */
static bool is_enough(const char *text, size_t length)
{
	size_t second = sdp_json_skip(text, sdp_json_skip(text, 0, length) + 1, length);
	bool inside = false;
	for (size_t i = 0; i < length && second < length; i++) {
		if (text[i] == '\n' && !inside)
			return true;
		inside ^= text[i] == '"';
	}
	return length >= LOOK;
}

/* Reads until enough bytes follow the byte order mark and the comments. */
static int read_enough(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head,
		       struct sdp_err *err)
{
	ssize_t n = 1;
	for (;;) {
		size_t from = head->mark + head->comments;
		if (n <= 0 ||
		    (head->text.length >= from + 3 &&
		     is_enough(head->text.data + from, head->text.length - from) &&
		     !sdp_sniff_markup_may(head->text.data + from, head->text.length - from)))
			break;
		n = sdp_source_read_some(s, input, &head->text, LOOK, err);
		if (head->text.length >= 3 && memcmp(head->text.data, "\xef\xbb\xbf", 3) == 0)
			head->mark = 3;
	}
	return n < 0 ? -1 : sdp_buf_reserve(&head->text, 64, err);
}

/*
 * Sets *cr to whether the first line ends with a CR that is not followed by LF. comment: the line
 * is a comment, in which quotes have no meaning.
 */
static int ends_in_cr(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head,
		      bool comment, bool *cr, struct sdp_err *err)
{
	struct sdp_scan_state state = {0};
	struct sdp_dialect dialect = comment ? SDP_SCAN_LINES : s->schema.dialect;
	*cr = false;
	for (size_t i = head->mark; i - head->mark <= s->options.max_record; i++) {
		const char *text = head->text.data;
		while (i >= head->text.length || (text[i] == '\r' && i + 1 == head->text.length)) {
			ssize_t n = sdp_source_read_some(s, input, &head->text, READ, err);
			text = head->text.data;
			if (n <= 0)
				return n < 0 ? -1 : 0;
		}
		*cr = text[i] == '\r' && !state.inside && text[i + 1] != '\n';
		if (*cr || sdp_scan_byte(&state, text[i], dialect) == SDP_SCAN_RECORD_END)
			return 0;
	}
	return 0;
}

/*
 * If the first line ends with CR, CR ends all lines of this input. What was read so far is
 * converted, both in head and in the spool; a direct file now goes to the spool.
 */
static int detect_line_ends(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head,
			    bool comment, struct sdp_err *err)
{
	bool cr, direct = input->direct;
	if (ends_in_cr(s, input, head, comment, &cr, err) < 0)
		return -1;
	if (!cr)
		return 0;
	head->later = direct && input != s->inputs;
	if (head->later)
		input->at = head->origin;
	if (sdp_input_use_cr(input, err) < 0 ||
	    (s->spool < 0 && (s->spool = sdp_spool_new(err)) < 0))
		return -1;
	input->transcode->cr = !head->later;
	if (head->later)
		return 0;
	if (direct)
		head->origin = s->spool_size;
	head->text.length =
		sdp_encoding_use_cr(input->transcode, head->text.data, head->text.length);
	s->spool_size = head->origin + head->text.length;
	if (lseek(s->spool, (off_t)head->origin, SEEK_SET) < 0 ||
	    sdp_write_all(s->spool, head->text.data, head->text.length) < 0)
		return sdp_fail_errno(err, "cannot write to the temporary file in %s",
				      sdp_temporary_folder());
	return 0;
}

/* Skips the lines that begin with the --comment character. */
static int skip_comments(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head,
			 struct sdp_err *err)
{
	for (;;) {
		size_t at = head->mark + head->comments, seen = 0;
		const char *lf;
		if (at >= head->text.length || head->text.data[at] != s->schema.comment)
			return 0;
		while (!(lf = memchr(head->text.data + at + seen, '\n',
				     head->text.length - at - seen))) {
			seen = head->text.length - at;
			ssize_t n = sdp_source_read_some(s, input, &head->text, READ, err);
			if (n < 0)
				return -1;
			if (n == 0)
				break;
		}
		head->comments +=
			lf ? (size_t)(lf - head->text.data) + 1 - at : head->text.length - at;
		head->lines++;
		if (read_enough(s, input, head, err) < 0)
			return -1;
	}
}

/* Returns the length of what is detected from, which is the same however the bytes arrive. */
static size_t look_at(const struct sdp_head *head)
{
	return (head->text.length < LOOK ? head->text.length : LOOK) - head->mark;
}

int sdp_head_detect(struct sdp_source *s, uint32_t number, struct sdp_head *head,
		    struct sdp_err *err)
{
	struct sdp_input *input = &s->inputs[number];
	if (read_enough(s, input, head, err) < 0)
		return -1;
	const char *text = head->text.data + head->mark;
	return refuse_foreign(s, input, text, look_at(head), err) < 0 ||
			       detect_format(s, input, text, look_at(head), err) < 0
		       ? -1
		       : 0;
}

/* Reads the header record; schema.c makes columns of it. */
static int read_header(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head,
		       struct sdp_err *err)
{
	if (input->decoder.pid && s->schema.dialect.delimiter && s->schema.dialect.delimiter != ',')
		return sdp_fail_at(
			err, (struct sdp_place){.file = input->name},
			"this is decoded to cells between commas, where the table has '%c'",
			s->schema.dialect.delimiter);
	if (input->decoder.pid && (s->options.quote || s->options.escape))
		return sdp_fail(err, SDP_USAGE, "--%s: %s is decoded to cells without one",
				s->options.quote ? "quote" : "escape", input->name);
	if (input->decoder.pid)
		s->schema.dialect.delimiter = ',';
	bool comment = s->schema.comment && look_at(head) &&
		       head->text.data[head->mark] == s->schema.comment;
	if (comment && detect_line_ends(s, input, head, true, err) < 0)
		return -1;
	if (head->later)
		return 0;
	if (comment && skip_comments(s, input, head, err) < 0)
		return -1;
	size_t from = head->mark + head->comments, left = head->text.length - from;
	if (!s->schema.dialect.delimiter)
		s->schema.dialect.delimiter =
			sniff_delimiter(head->text.data + from,
					left < LOOK - head->mark ? left : LOOK - head->mark,
					s->schema.dialect.quote, s->schema.decimal);
	if (s->schema.dialect.delimiter == s->schema.comment)
		return sdp_fail(err, SDP_USAGE, "--comment: '%c' separates the cells of %s",
				s->schema.comment, input->name);
	if (!comment && detect_line_ends(s, input, head, false, err) < 0)
		return -1;
	if (head->later)
		return 0;
	if (input == s->inputs && s->schema.dialect.delimiter == '\t' && !s->options.quote &&
	    sdp_head_quotes(s, input, head, err) < 0)
		return -1;
	int rc = first_record(s, input, head, err);
	if (rc == 0 && input == s->inputs)
		note_other_delimiter(s, head->text.data + from, head->length);
	return rc;
}

int sdp_head_begin(struct sdp_source *s, uint32_t number, struct sdp_head *head, uint64_t *start,
		   struct sdp_err *err)
{
	if (read_header(s, &s->inputs[number], head, err) < 0)
		return -1;
	if (head->later)
		return 0;
	*start = head->mark + (s->options.no_header ? 0 : head->comments + head->length);
	return sdp_source_header(s, number, head, err);
}
