/*
 * Inputs that are followed: the bytes of the file come through a pipe (process/follow.h). When
 * another file has replaced it, that is the next input of the source.
 *
 * What is detected from the first bytes (the format, the delimiter, the meaning of quotes) is
 * detected from the whole lines that the file has at first, as if it had no others; a pipe would be
 * waited for instead.
 */
#include "table/input.h"

#include "base/address.h"
#include "sdp/mem.h"
#include "sdp/messages.h"
#include "table/codec.h"
#include "table/sniff.h"
#include "json/token.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Returns the length of the first line with its end, or 0 if it has none yet. *cr: a line before it
 * ended with CR alone; otherwise an LF may follow the last CR.
 */
static size_t first_line(const char *text, size_t length, bool *cr)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n')
			return i + 1;
		if (text[i] == '\r' && (i + 1 < length ? text[i + 1] != '\n' : *cr)) {
			*cr = true;
			return i + 1;
		}
	}
	return 0;
}

static bool is_blank(const char *line, size_t length)
{
	while (length && memchr(" \t\r\n", *line, 4)) {
		line++;
		length--;
	}
	return length == 0;
}

/* Waits for a header and a record, or for a record if there is no header, and takes all lines. */
static size_t enough(const void *context, const char *text, size_t length)
{
	const struct sdp_source_options *o = context;
	bool json = o->format == SDP_SOURCE_NDJSON ||
		    (o->format == SDP_SOURCE_ANY && sdp_json_looks(text, length));
	uint64_t wanted = o->no_header || json ? 1 : 2, skip = o->skip, lines = 0;
	size_t at = 0, n;
	bool may, cr = false;
	if (sdp_sniff_codec(text, length, &may) || sdp_sniff_pdf(text, length))
		return length; /* it is refused */
	for (; (n = first_line(text + at, length - at, &cr)) > 0; at += n)
		if (skip)
			skip--;
		else if (!is_blank(text + at, n) && (!o->comment || text[at] != o->comment))
			lines++;
	if (length == SDP_FOLLOW_BEGINNING)
		return at ? at : length;
	return lines >= wanted ? at : 0;
}

static int followed_end(struct sdp_input *input, struct sdp_err *err)
{
	return sdp_follow_end(&input->follow, err);
}

/* Sets an input to read from the pipe of a file that is followed. */
static int set_name(struct sdp_input *input, const char *name, struct sdp_err *err)
{
	*input = (struct sdp_input){.fd = -1, .decoded = -1, .pausing = true};
	input->at_end = followed_end;
	input->name = sdp_strndup(name, strlen(name), err);
	return input->name ? 0 : -1;
}

static int check_operands(int count, char **names, struct sdp_err *err)
{
	struct stat st;
	if (count == 0 || (count == 1 && strcmp(names[0], "-") == 0))
		return sdp_fail(err, SDP_USAGE,
				"--follow: the name of a file is needed; the rows of standard "
				"input are processed as they come without --follow");
	if (count > 1)
		return sdp_fail(err, SDP_USAGE, "--follow: only one FILE can be followed");
	if (sdp_address_is(names[0]))
		return sdp_fail(err, SDP_USAGE,
				"--follow: only a file of this machine can be followed, not an "
				"address");
	if (stat(names[0], &st) < 0)
		return sdp_fail_errno(err, "cannot open %s", names[0]);
	if (S_ISREG(st.st_mode))
		return 0;
	if (S_ISDIR(st.st_mode))
		return sdp_fail(err, SDP_SYSTEM, "cannot open %s: it is a directory", names[0]);
	return sdp_fail(err, SDP_USAGE,
			"--follow: %s is no regular file; the rows of a pipe are processed as they "
			"come without --follow",
			names[0]);
}

int sdp_source_follow(struct sdp_source *s, int count, char **names, struct sdp_err *err)
{
	if (check_operands(count, names, err) < 0)
		return -1;
	s->inputs = sdp_alloc(2, sizeof *s->inputs, err);
	if (!s->inputs || set_name(&s->inputs[0], names[0], err) < 0)
		return -1;
	s->count = 1;
	s->inputs[0].encoding = s->options.encoding;
	/* Workers have a copy of this name. */
	if (set_name(&s->inputs[1], names[0], err) < 0)
		return -1;
	return sdp_follow_start(&s->inputs[0].follow, names[0], enough, &s->options,
				&s->inputs[0].fd, err);
}

int sdp_source_follow_next(struct sdp_source *s, struct sdp_err *err)
{
	struct sdp_input *ended = sdp_source_input(s, s->pumping - 1), *next = &s->inputs[1];
	struct sdp_follow follow = ended->follow;
	if (s->pumping == SDP_FOLLOW_FILES)
		return sdp_fail(err, SDP_SYSTEM, "%s: the file was replaced %d times", ended->name,
				SDP_FOLLOW_FILES);
	ended->follow = (struct sdp_follow){0};
	sdp_input_close(next);
	int rc = set_name(next, s->inputs[0].name, err);
	next->encoding = s->options.encoding;
	next->follow = follow;
	if (rc == 0)
		rc = sdp_follow_next(&next->follow, &next->fd, err);
	if (rc == 0)
		sdp_note("%s was replaced: the new file is read from now on", next->name);
	return rc;
}

int sdp_follow_explain(struct sdp_err *err)
{
	const struct sdp_err why = *err;
	if (why.code != SDP_DATA)
		return -1;
	return sdp_fail(err, SDP_SYSTEM, "the file was replaced, and its rows do not go on: %s",
			why.text);
}

int sdp_follow_check(const struct sdp_source *s, const struct sdp_input *input, struct sdp_err *err)
{
	const struct sdp_codec *codec = sdp_input_codec(input);
	struct sdp_place place = {.file = input->name};
	const char *decode =
		s->options.format == SDP_SOURCE_ANY && !s->options.skip ? input->decode : NULL;
	if (codec)
		return sdp_fail_at(err, place, "%s data cannot be followed (--follow)",
				   codec->name);
	if (decode && strcmp(decode, "pdf") == 0)
		return sdp_fail_at(err, place, "a PDF cannot be followed (--follow)");
	if (decode)
		return sdp_fail_at(err, place,
				   "this is text without delimiters, which cannot be followed "
				   "(--follow); to read it as CSV: --input-format csv");
	return 0;
}

bool sdp_source_follows(const struct sdp_source *source)
{
	return source->options.follow;
}

bool sdp_source_caught_up(const struct sdp_source *source)
{
	const struct sdp_input *input = &source->inputs[0];
	return source->options.follow &&
	       (source->pumping || input->at >= sdp_follow_beginning(&input->follow));
}
