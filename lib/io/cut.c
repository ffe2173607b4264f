/*
 * The cutter: the one sequential look at all bytes.  It knows where records end and what number
 * each has, so that everybody else may start anywhere.
 *
 *	window   |<-- last chunk -->|<------------- not yet cut ------------->|
 *	         0                taken                              window.length
 *
 * A chunk ends at the last record end within TARGET bytes; a record longer than that is a chunk of
 * its own.  So chunks depend on the bytes alone.  Bytes of pipes and gzip pass through the window
 * into the spool before a chunk that holds them is handed out.
 */
#include "cut.h"

#include "sdp/scan.h"

#include <inttypes.h>
#include <string.h>

enum { TARGET = 1 << 20, READ = 1 << 18, LOOK = 512 };

/* Reads on until the window holds want bytes behind the last chunk, or the input ends. */
static int fill(struct sdp_source *s, size_t want, struct sdp_err *err)
{
	struct sdp_input *input = &s->inputs[s->current];
	if (s->taken) {
		s->window.length -= s->taken;
		memmove(s->window.data, s->window.data + s->taken, s->window.length);
		s->window_at += s->taken;
		s->taken = 0;
	}
	while (s->window.length < want && !s->at_end) {
		size_t room = want - s->window.length;
		if (room < READ && !input->direct)
			room = READ;
		if (sdp_buf_reserve(&s->window, room + 64, err) < 0)
			return -1;
		char *to = s->window.data + s->window.length;
		ssize_t n = sdp_input_read(input, to, room, err);
		if (n < 0)
			return -1;
		s->at_end = n == 0;
		s->window.length += (size_t)n;
		if (!input->direct && n > 0) {
			if (sdp_write_all(s->spool, to, (size_t)n) < 0)
				return sdp_fail_errno(err, "cannot write to the temporary file (TMPDIR says where)");
			s->spool_size += (uint64_t)n;
		}
	}
	return 0;
}

static int too_long(struct sdp_source *s, bool quoted, uint64_t record, struct sdp_err *err)
{
	struct sdp_place place = {s->inputs[s->current].name, record, NULL};
	if (quoted)
		return sdp_fail_at(err, place, "a quoted cell is not closed within %" PRIu64 " bytes",
				   s->options.max_record);
	return sdp_fail_at(err, place, "the record is longer than %" PRIu64 " bytes", s->options.max_record);
}

/*
 * Length of the next chunk, from the window's start; 0 at the end of the input.  *records are
 * the record ends in it.
 */
static int64_t measure(struct sdp_source *s, size_t target, size_t *records, struct sdp_err *err)
{
	char delimiter = s->schema.delimiter;
	if (fill(s, target, err) < 0)
		return -1;
	size_t n = s->window.length < target ? s->window.length : target;
	if (n == 0)
		return 0;
	struct sdp_scan_state state = {0};
	struct sdp_scan_count count;
	sdp_scan_records(&state, s->window.data, n, delimiter, &count);
	*records = count.records;
	if (count.last_end)
		return (int64_t)count.last_end;
	/* By steps that do not depend on how much a pipe gave at once: nor do the messages, then. */
	*records = 1;
	for (size_t seen = n;;) {
		if (seen > s->options.max_record)
			return too_long(s, state.inside, s->next_record, err);
		if (fill(s, seen + TARGET, err) < 0)
			return -1;
		if (seen == s->window.length) {
			struct sdp_place place = {s->inputs[s->current].name, s->next_record, NULL};
			if (state.inside)
				return sdp_fail_at(err, place, "a quoted cell is not closed");
			return (int64_t)seen;
		}
		size_t step = s->window.length - seen < TARGET ? s->window.length - seen : TARGET;
		size_t end = sdp_scan_first_end(&state, s->window.data + seen, step, delimiter);
		if (end && seen + end > s->options.max_record)
			return too_long(s, false, s->next_record, err);
		if (end)
			return (int64_t)(seen + end);
		seen += step;
	}
}

static int empty_input(struct sdp_source *s, struct sdp_err *err)
{
	return sdp_fail_at(err, (struct sdp_place){.file = s->inputs[s->current].name},
			   "the input is empty: not even a header");
}

/*
 * What sdp does not read is refused by name, before it is taken for a table of one column.  The
 * window begins with the input's text: inflated, behind a byte order mark.
 */
static int refuse_others(const struct sdp_source *s, struct sdp_err *err)
{
	static const struct {
		const char *magic, *name;
	} others[] = {
		{"%PDF-", "a PDF"},
		{"PK\3\4", "a ZIP archive"},
		{"\xff\xfe", "UTF-16 text"},
		{"\xfe\xff", "UTF-16 text"},
		{"\xfd" "7zXZ", "xz data"},
		{"\x28\xb5\x2f\xfd", "zstd data"},
	};
	const char *text = s->window.data + s->taken;
	size_t length = s->window.length - s->taken, i = 0;
	struct sdp_place place = {.file = s->inputs[s->current].name};
	for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
		size_t n = strlen(others[k].magic);
		if (length >= n && memcmp(text, others[k].magic, n) == 0)
			return sdp_fail_at(err, place, "this is %s, not a CSV table", others[k].name);
	}
	while (i < length && memchr(" \t\r\n", text[i], 4))
		i++;
	if (!s->options.format_given && i < length && (text[i] == '{' || text[i] == '['))
		return sdp_fail_at(err, place, "this looks like JSON, not like a CSV table");
	return 0;
}

/* Begins the current input: byte order mark, header. */
static int begin_input(struct sdp_source *s, struct sdp_err *err)
{
	struct sdp_input *input = &s->inputs[s->current];
	if (sdp_input_begin(input, err) < 0)
		return -1;
	input->start = input->direct ? input->at : s->spool_size;
	s->window.length = s->taken = 0;
	s->window_at = input->start;
	s->at_end = false;
	s->next_record = 1;
	if (fill(s, LOOK, err) < 0)
		return -1;
	if (s->window.length >= 3 && memcmp(s->window.data, "\xef\xbb\xbf", 3) == 0)
		s->taken = 3;
	if (refuse_others(s, err) < 0)
		return -1;
	size_t records;
	int64_t length = fill(s, 1, err) < 0 ? -1 : measure(s, 1, &records, err);
	if (length <= 0)
		return length < 0 ? -1 : empty_input(s, err);
	if (sdp_source_header(s, s->window.data, (size_t)length, err) < 0)
		return -1;
	if (!s->options.no_header) {
		s->taken = (size_t)length;
		s->next_record = 2;
	}
	s->cut += s->taken;
	return 0;
}

int sdp_cut_begin(struct sdp_source *s, struct sdp_err *err)
{
	return begin_input(s, err);
}

int sdp_source_next(struct sdp_source *s, struct sdp_chunk *chunk, struct sdp_err *err)
{
	for (;;) {
		size_t records;
		int64_t length = measure(s, TARGET, &records, err);
		if (length < 0)
			return -1;
		if (length > 0) {
			*chunk = (struct sdp_chunk){s->window_at, s->next_record, (uint32_t)length, s->current};
			s->taken = (size_t)length;
			s->next_record += records;
			s->cut += (uint64_t)length;
			return 1;
		}
		if (s->current + 1 == s->count)
			return 0;
		s->current++;
		if (begin_input(s, err) < 0)
			return -1;
	}
}

const char *sdp_source_last(const struct sdp_source *source)
{
	return source->window.data;
}
