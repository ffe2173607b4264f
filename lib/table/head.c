/*
 * Reads the head of an input, which is its byte order mark and first record, and detects its
 * format.
 */
#include "table/input.h"

#include "base/csv_cell.h"
#include "table/csv.h"
#include "table/scan.h"
#include "table/sniff.h"
#include "json/validate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { LOOK = SDP_SNIFF_LOOK, STEP = 1 << 20 };

/*
 * Refuses formats that sdp does not read by their names, before they are taken for a table of one
 * column. text is in UTF-8 and starts after a byte order mark.
 */
static int refuse_foreign(const struct sdp_source *s, const struct sdp_input *input,
			  const char *text, size_t length, struct sdp_err *err)
{
	const struct sdp_foreign *foreign = input->decoder.pid ? NULL : input->foreign;
	if (!foreign && !input->decoder.pid && s->options.format == SDP_SOURCE_ANY &&
	    !s->options.delimiter && !s->options.skip)
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
		return sdp_fail_at(err, place, "this is not JSON, and --records is for JSON");
	if (json && s->options.follow && format == SDP_SOURCE_ANY && *sdp_json_blanks(text) == '[')
		return sdp_fail_at(err, place,
				   "this looks like one document of JSON, which cannot be followed "
				   "(--follow); NDJSON can (--input-format ndjson)");
	if (input == s->inputs)
		s->schema.format = json    ? SDP_FORMAT_JSON
				   : lines ? SDP_FORMAT_LINES
					   : SDP_FORMAT_DELIMITED;
	else if (json != (s->schema.format == SDP_FORMAT_JSON))
		return sdp_fail_at(err, place, "this is %s, but %s is%s",
				   json ? "JSON" : "not JSON", s->inputs[0].name,
				   json ? " not" : "");
	if (json && (s->options.quote || s->options.escape))
		return sdp_fail(err, SDP_USAGE, "--%s: JSON has none",
				s->options.quote ? "quote" : "escape");
	if (json && s->schema.thousands)
		return sdp_fail(err, SDP_USAGE, "--thousands: numbers in JSON have no separators");
	if (json && s->schema.decimal != '.')
		return sdp_fail(err, SDP_USAGE,
				"--decimal: the decimal point of JSON is a full stop");
	if (json && s->schema.ragged != SDP_RAGGED_ERROR)
		return sdp_fail(err, SDP_USAGE,
				"--ragged: records of JSON may have different keys");
	if (json && !s->schema.nulls.empty)
		sdp_nulls_add_null_cell(&s->schema.nulls);
	return 0;
}

static const char delimiters[] = SDP_CSV_DELIMITERS;

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
 * Returns the delimiter of a header where the records do not decide: a comma if there is one
 * outside quotes, else the most frequent of tab, semicolon and bar. If the comma is the decimal
 * point, these three take precedence.
 */
static char most_frequent(const char *text, size_t length, char quote, char decimal)
{
	size_t count[4] = {0}, best = 1;
	count_delimiters(text, length, quote, count, count);
	for (size_t k = 2; k < 4; k++)
		if (count[k] > count[best])
			best = k;
	bool comma = decimal == ',' ? count[best] == 0 : count[0] > 0 || count[best] == 0;
	return comma ? ',' : delimiters[best];
}

/*
 * Returns the delimiter of a header that has none. Where the comma is within numbers, it is not the
 * comma, unless the names of the header have one.
 */
static char without_delimiter(const struct sdp_source *s, const char *text, size_t length)
{
	size_t count[4] = {0};
	bool number =
		s->schema.decimal == ',' || (s->schema.thousands && *s->schema.thousands == ',');
	count_delimiters(text, length, s->schema.dialect.quote, count, count);
	return number && (count[0] == 0 || s->options.no_header) ? ';' : ',';
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
	size_t start = head->mark + head->before;
	for (size_t seen = start;;) {
		size_t left = head->text.length - seen, step = STEP - (seen - start) % STEP;
		if (step > left)
			step = left;
		size_t end =
			sdp_scan_first_end(&state, head->text.data + seen, step, s->schema.dialect);
		seen += end ? end : step;
		head->length = seen - start;
		if ((end || head->length % STEP == 0) && head->length > s->options.max_record)
			return sdp_csv_too_long(place, state.inside, s->options.max_record, err);
		if (end)
			return 0;
		ssize_t n = left > step ? 1
					: sdp_source_read_some(s, input, &head->text,
							       SDP_INPUT_READ, err);
		if (n < 0)
			return -1;
		if (n > 0)
			continue;
		if (head->length == 0)
			return sdp_fail_at(err, (struct sdp_place){.file = input->name},
					   s->options.no_header
						   ? "the input is empty"
						   : "the input is empty: not even a header");
		bool open = state.inside || state.escaped || head->text.data[seen - 1] == '\n';
		return open ? sdp_csv_not_closed(place, state.inside, err) : 0;
	}
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
	/* The delimiter that is not known yet is one of several. */
	bool unknown = !dialect.delimiter;
	dialect.delimiter = unknown ? ',' : dialect.delimiter;
	*cr = false;
	for (size_t i = head->mark + head->before;
	     i - head->mark - head->before <= s->options.max_record; i++) {
		const char *text = head->text.data;
		while (i >= head->text.length || (text[i] == '\r' && i + 1 == head->text.length)) {
			ssize_t n =
				sdp_source_read_some(s, input, &head->text, SDP_INPUT_READ, err);
			text = head->text.data;
			if (n <= 0)
				return n < 0 ? -1 : 0;
		}
		char c = unknown && memchr(delimiters, text[i], 4) ? ',' : text[i];
		*cr = text[i] == '\r' && !state.inside && text[i + 1] != '\n';
		if (*cr || sdp_scan_byte(&state, c, dialect) == SDP_SCAN_RECORD_END)
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

/* Returns the text from the header on that is looked at, which does not depend on reading. */
static const char *look_at(const struct sdp_head *head, size_t most, size_t *length)
{
	size_t from = head->mark + head->before, left = head->text.length - from;
	*length = left < most ? left : most;
	return head->text.data + from;
}

/*
 * Returns whether the first line needs no delimiter to be read: a blank line, a comment, one that
 * is skipped, or one that names the delimiter.
 */
static bool begins_with_plain_line(const struct sdp_source *s, const struct sdp_head *head)
{
	size_t length;
	const char *text = look_at(head, LOOK, &length);
	bool named = length >= 5 &&
		     (strncasecmp(text, "sep=", 4) == 0 || strncasecmp(text, "\"sep=", 5) == 0);
	return length &&
	       (s->options.skip || named || *text == '\n' || *text == '\r' || *text == ' ' ||
		*text == '\t' || (s->schema.comment && *text == s->schema.comment));
}

/* Refuses JSON after lines of comments that --comment does not name. */
static int refuse_hidden_json(const struct sdp_source *s, const struct sdp_input *input,
			      const char *text, size_t length, struct sdp_err *err)
{
	const char *end = text + length;
	if (s->options.format != SDP_SOURCE_ANY || input->decoder.pid || length == 0 ||
	    *text != '#')
		return 0;
	for (const char *lf; text && text < end && *text == '#'; text = lf ? lf + 1 : NULL)
		lf = memchr(text, '\n', (size_t)(end - text));
	if (!text || !sdp_json_looks(text, (size_t)(end - text)))
		return 0;
	return sdp_fail_at(err, (struct sdp_place){.file = input->name},
			   "this looks like JSON after lines that begin with '#'; to read it: "
			   "--comment '#'; to read it as CSV: --input-format csv");
}

int sdp_head_detect(struct sdp_source *s, uint32_t number, struct sdp_head *head,
		    struct sdp_err *err)
{
	struct sdp_input *input = sdp_source_input(s, number);
	size_t length;
	if (sdp_head_need(s, input, head, err) < 0)
		return -1;
	const char *text = look_at(head, LOOK, &length);
	if (refuse_foreign(s, input, text, length, err) < 0)
		return -1;
	if (!s->options.skip && !input->decoder.pid && s->options.format != SDP_SOURCE_DELIMITED &&
	    sdp_json_looks(text, length))
		return detect_format(s, input, text, length, err);
	if (begins_with_plain_line(s, head) && detect_line_ends(s, input, head, true, err) < 0)
		return -1;
	if (head->later)
		return 0;
	if (sdp_head_skip(s, input, head, err) < 0)
		return -1;
	text = look_at(head, LOOK, &length);
	if (refuse_hidden_json(s, input, text, length, err) < 0)
		return -1;
	return detect_format(s, input, text, length, err);
}

/* ---- the delimiter ---- */

static struct sdp_delimiting delimiting(const struct sdp_source *s)
{
	return (struct sdp_delimiting){.dialect = s->schema.dialect,
				       .decimal = s->schema.decimal,
				       .thousands = s->schema.thousands,
				       .comment = s->schema.comment,
				       .ragged = s->schema.ragged,
				       .nulls = &s->schema.nulls};
}

static int warn_of_delimiter(struct sdp_source *s, const struct sdp_delimiting *d,
			     struct sdp_err *err)
{
	char by[4], other[4], taken = s->schema.dialect.delimiter;
	if (d->delimiter)
		return sdp_source_warn(s, err,
				       "the delimiter may be %s or %s, which both give %zu "
				       "columns; %s is used: --delimiter?",
				       sdp_delimiter_name(taken, by),
				       sdp_delimiter_name(d->other, other), d->columns,
				       sdp_delimiter_name(taken, by));
	return sdp_source_warn(s, err,
			       "no delimiter gives all records as many cells as the header; %s is "
			       "used: --delimiter?",
			       sdp_delimiter_name(taken, by));
}

/*
 * Chooses the delimiter. More than the header is only read, and waited for, if the header leaves a
 * choice.
 */
static int choose_delimiter(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head,
			    struct sdp_err *err)
{
	struct sdp_delimiting d = delimiting(s);
	char candidates[4] = ",";
	size_t length, count;
	bool whole = false, all = false;
	const char *text = look_at(head, SDP_SNIFF_CHUNK, &length);
	while ((count = sdp_delimiter_candidates(&d, text, length, &whole, candidates)),
	       !whole && !all && length < SDP_SNIFF_CHUNK) {
		if (sdp_head_look(s, input, head, length + 1, &all, err) < 0)
			return -1;
		text = look_at(head, SDP_SNIFF_CHUNK, &length);
	}
	if (count < 2) {
		s->schema.dialect.delimiter =
			count ? candidates[0] : without_delimiter(s, text, length);
		return 0;
	}
	if (sdp_head_look(s, input, head, SDP_SNIFF_CHUNK + 1, &all, err) < 0)
		return -1;
	text = look_at(head, SDP_SNIFF_CHUNK, &length);
	all = all && head->text.length - head->mark - head->before <= SDP_SNIFF_CHUNK;
	sdp_sniff_delimiter(&d, candidates, count, text, length, all);
	s->schema.dialect.delimiter =
		d.delimiter ? d.delimiter
			    : most_frequent(text, length, d.dialect.quote, s->schema.decimal);
	return d.delimiter && !d.other ? 0 : warn_of_delimiter(s, &d, err);
}

/* Warns if lines before the header seem to be taken for it. */
static int look_for_preamble(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head,
			     struct sdp_err *err)
{
	struct sdp_delimiting d = delimiting(s);
	struct sdp_preamble found;
	bool all = false;
	size_t length;
	char quoted[4];
	const char *text = look_at(head, SDP_SNIFF_CHUNK, &length);
	d.delimiter = s->options.delimiter;
	while (!sdp_sniff_preamble(&d, s->schema.count, text, length, all, &found) && !all) {
		if (sdp_head_look(s, input, head, length + 1, &all, err) < 0)
			return -1;
		text = look_at(head, SDP_SNIFF_CHUNK, &length);
	}
	if (!found.columns)
		return 0;
	char header[64] = "has one cell";
	if (s->schema.count > 1)
		snprintf(header, sizeof header, "has %zu cells", s->schema.count);
	return sdp_source_warn(s, err,
			       "the header %s, but line %" PRIu64
			       " has %zu, separated by %s: --skip %" PRIu64 "?",
			       header, head->lines + found.lines + 1, found.columns,
			       sdp_delimiter_name(found.delimiter, quoted),
			       head->lines + found.lines);
}

/* Warns if what follows lines that are passed over looks like columns between blanks. */
static int look_for_blanks(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head,
			   struct sdp_err *err)
{
	const char *format = "";
	size_t length;
	bool all;
	if (!head->lines || s->options.format != SDP_SOURCE_ANY || s->options.delimiter)
		return 0;
	if (sdp_head_look(s, input, head, LOOK + 1, &all, err) < 0)
		return -1;
	const char *text = look_at(head, LOOK, &length);
	sdp_sniff_text(text, length, all && length < LOOK, true, &format);
	if (strncmp(format, "txt-", 4) != 0)
		return 0;
	return sdp_source_warn(s, err,
			       "the columns seem to be separated by blanks, which is only detected "
			       "if nothing precedes the header: remove the first %" PRIu64
			       " line%s of %s?",
			       head->lines, head->lines == 1 ? "" : "s", input->name);
}

/* Reads the header record; schema.c makes columns of it. */
static int read_header(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head,
		       struct sdp_err *err)
{
	struct sdp_dialect *dialect = &s->schema.dialect;
	if (input->decoder.pid && dialect->delimiter && dialect->delimiter != ',')
		return sdp_fail_at(
			err, (struct sdp_place){.file = input->name},
			"this is decoded to comma-separated cells, but the delimiter is '%c'",
			dialect->delimiter);
	if (input->decoder.pid && (s->options.quote || s->options.escape))
		return sdp_fail(err, SDP_USAGE, "--%s: %s is decoded to cells without one",
				s->options.quote ? "quote" : "escape", input->name);
	if (input->decoder.pid)
		dialect->delimiter = ',';
	/* Line ends come first, because the delimiter is chosen by records. */
	if (detect_line_ends(s, input, head, false, err) < 0)
		return -1;
	if (head->later)
		return 0;
	if (!dialect->delimiter && choose_delimiter(s, input, head, err) < 0)
		return -1;
	if (dialect->delimiter == s->schema.comment)
		return sdp_fail(err, SDP_USAGE, "--comment: '%c' separates the cells of %s",
				s->schema.comment, input->name);
	if (input == s->inputs && dialect->delimiter == '\t' && !s->options.quote &&
	    sdp_head_quotes(s, input, head, err) < 0)
		return -1;
	return first_record(s, input, head, err);
}

int sdp_head_begin(struct sdp_source *s, uint32_t number, struct sdp_head *head, uint64_t *start,
		   struct sdp_err *err)
{
	struct sdp_input *input = sdp_source_input(s, number);
	if (read_header(s, input, head, err) < 0)
		return -1;
	if (head->later)
		return 0;
	size_t from = head->mark + head->before;
	if (number == 0)
		note_other_delimiter(s, head->text.data + from, head->length);
	*start = s->options.no_header ? head->mark + head->dropped : from + head->length;
	if (sdp_source_header(s, number, head, err) < 0)
		return -1;
	if (number == 0 && s->schema.format == SDP_FORMAT_DELIMITED && s->schema.count == 1 &&
	    !input->decoder.pid && look_for_blanks(s, input, head, err) < 0)
		return -1;
	bool one = s->schema.count == 1 || s->schema.ragged == SDP_RAGGED_ERROR;
	return number == 0 && s->schema.format == SDP_FORMAT_DELIMITED && one && !input->decoder.pid
		       ? look_for_preamble(s, input, head, err)
		       : 0;
}
