/*
 * Reads any bytes as CSV. Compares the scan kernels with each other and with a byte-by-byte walk,
 * the slow parser with the scan, and both with libcsv where both define the result. Also tests
 * UTF-8 and the writer. The first byte chooses the delimiter and where the text is split.
 */
#include "table/scan.c"

#include "base/csv_cell.h"
#include "base/utf8.h"
#include "table/csv.h"

#include <csv.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) ((x) ? (void)0 : failed(#x, __LINE__))

static void failed(const char *what, int line)
{
	fprintf(stderr, "fuzz_csv.c:%d: not so: %s\n", line, what);
	abort();
}

struct input {
	char *text; /* 64 bytes behind it */
	size_t length, split;
	struct sdp_dialect dialect;
	/* By the walk: */
	uint32_t *ends;
	struct sdp_scan_fields fields;
	size_t last_end;
	bool open;        /* a quoted cell at the end */
	bool lone_cr;     /* outside quotes, neither before LF nor last */
	bool plain_quote; /* a quote in a cell that is not quoted */
	bool junk;        /* text behind a closing quote */
	bool empty_line;
};

/* ---- scanning ---- */

static void look_at(struct input *in, size_t i, struct sdp_scan_state before,
		    struct sdp_scan_state after)
{
	char c = in->text[i], next = i + 1 < in->length ? in->text[i + 1] : '\n';
	bool closed = before.previous == SDP_SCAN_CLOSE && !before.inside;
	bool ends = c == in->dialect.delimiter || c == '\n' || (c == '\r' && next == '\n');
	if (before.inside)
		return;
	in->lone_cr = in->lone_cr || (c == '\r' && next != '\n' && c != in->dialect.delimiter);
	in->plain_quote = in->plain_quote || (c == '"' && !after.inside);
	in->junk = in->junk || (closed && c != '"' && !ends);
}

static void walk(struct input *in)
{
	struct sdp_scan_state s = {0};
	for (size_t i = 0; i < in->length; i++) {
		struct sdp_scan_state before = s;
		enum sdp_scan_byte what = sdp_scan_byte(&s, in->text[i], in->dialect);
		look_at(in, i, before, s);
		if (what == SDP_SCAN_WITHIN)
			continue;
		in->ends[in->fields.fields++] = (uint32_t)i;
		if (what == SDP_SCAN_RECORD_END) {
			in->empty_line = in->empty_line || i == in->last_end ||
					 (i == in->last_end + 1 && in->text[i - 1] == '\r');
			in->fields.records++;
			in->last_end = i + 1;
		}
	}
	in->open = s.inside;
	in->empty_line = in->empty_line ||
			 (in->last_end + 1 == in->length && in->text[in->last_end] == '\r');
}

static unsigned check_kernel(const struct input *in, uint32_t *ends)
{
	struct sdp_scan_fields got;
	struct sdp_scan_count first, second;
	struct sdp_scan_state s = {0};
	sdp_scan_cells(in->text, in->length, in->dialect, ends, &got);
	CHECK(got.fields == in->fields.fields && got.records == in->fields.records);
	CHECK(memcmp(ends, in->ends, got.fields * sizeof *ends) == 0);
	CHECK(!in->junk || got.flags & SDP_SCAN_JUNK);
	CHECK(!(got.flags & SDP_SCAN_NUL) == !memchr(in->text, 0, in->length));
	sdp_scan_records(&s, in->text, in->split, in->dialect, &first);
	sdp_scan_records(&s, in->text + in->split, in->length - in->split, in->dialect, &second);
	CHECK(s.inside == in->open);
	CHECK(first.records + second.records == got.records);
	CHECK((second.last_end ? in->split + second.last_end : first.last_end) == in->last_end);
	s = (struct sdp_scan_state){0};
	size_t end = sdp_scan_first_end(&s, in->text, in->length, in->dialect);
	CHECK((end > 0) == (in->fields.records > 0));
	CHECK(end == 0 || in->text[end - 1] == '\n');
	return got.flags;
}

static void check_kernels(const struct input *in)
{
	static const char *const kernels[] = {"c", "sse2", "avx2", "avx512"};
	uint32_t *ends = malloc((in->length + SDP_SCAN_ROOM) * sizeof *ends);
	unsigned flags = 0;
	if (!ends)
		abort();
	for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
		chosen = kernel_named(kernels[i]);
		if (!chosen)
			continue;
		unsigned got = check_kernel(in, ends);
		CHECK(i == 0 || got == flags);
		flags = got;
	}
	free(ends);
}

/* ---- the careful parser ---- */

static const char *careful_cell(const struct sdp_cells *cells, size_t i, bool last, size_t *length)
{
	size_t start = i ? cells->ends[i - 1] + 1 : 0;
	const char *s = cells->text.data + start;
	*length = cells->ends[i] - start;
	if (last && *length && s[*length - 1] == '\r')
		--*length;
	if (*length && *s == '"') {
		s++;
		*length -= 2;
	}
	return s;
}

/* Without doubled quotes a cell is the bytes that the scan found. */
static void same_as_scan(const struct input *in, const struct sdp_cells *cells)
{
	size_t start = 0;
	for (size_t i = 0; i < in->fields.fields; i++) {
		size_t end = in->ends[i], n = end - start, length;
		const char *s = in->text + start;
		bool last = in->text[end] == '\n';
		const char *value = careful_cell(cells, i, last, &length);
		start = end + 1;
		if (last && n && s[n - 1] == '\r')
			n--;
		if (n && *s == '"') {
			s++;
			n -= 2;
		}
		if (memchr(s, '"', n) && s > in->text && s[-1] == '"')
			continue; /* a doubled quote in a quoted cell */
		CHECK(n == length && memcmp(s, value, n) == 0);
	}
}

static bool check_careful(const struct input *in, struct sdp_cells *cells)
{
	struct sdp_csv_context context = {.file = "f", .first_record = 1, .dialect = in->dialect};
	struct sdp_err err;
	bool good = sdp_csv_parse(&context, in->text, in->length, cells, &err) == 0;
	CHECK(good == (!in->open && !in->junk));
	if (!good)
		return false;
	size_t rest = in->last_end < in->length;
	CHECK(cells->rows == in->fields.records + rest);
	CHECK(cells->count == in->fields.fields + rest);
	same_as_scan(in, cells);
	return true;
}

/* ---- libcsv ---- */

struct other {
	struct sdp_buf text; /* length, bytes, length, bytes, … */
	size_t cells, rows;
};

static void on_cell(void *text, size_t length, void *context)
{
	struct other *o = context;
	struct sdp_err err;
	if (sdp_buf_add(&o->text, &length, sizeof length, &err) < 0 ||
	    sdp_buf_add(&o->text, text, length, &err) < 0)
		abort();
	o->cells++;
}

static void on_record(int c, void *context)
{
	(void)c;
	((struct other *)context)->rows++;
}

static int no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static bool libcsv_parse(const struct input *in, struct other *o)
{
	struct csv_parser p;
	csv_init(&p, CSV_STRICT | CSV_STRICT_FINI);
	csv_set_delim(&p, (unsigned char)in->dialect.delimiter);
	csv_set_space_func(&p, no_space);
	bool good = csv_parse(&p, in->text, in->length, on_cell, on_record, o) == in->length &&
		    csv_fini(&p, on_cell, on_record, o) == 0;
	csv_free(&p);
	return good;
}

static void same_as_libcsv(const struct sdp_cells *cells, const struct other *o)
{
	const char *p = o->text.data;
	CHECK(cells->count == o->cells && cells->rows == o->rows);
	for (size_t i = 0; i < cells->count; i++) {
		size_t length, n;
		const char *s = careful_cell(cells, i, false, &length);
		memcpy(&n, p, sizeof n);
		CHECK(n == length && memcmp(p + sizeof n, s, n) == 0);
		p += sizeof n + n;
	}
}

static void check_libcsv(const struct input *in, const struct sdp_cells *cells, bool good)
{
	struct other o = {{0}, 0, 0};
	bool other_good = libcsv_parse(in, &o);
	if (!in->lone_cr) {
		CHECK(good || !other_good);
		CHECK(other_good || !good || in->plain_quote);
		/* libcsv passes over empty lines, which here are records of one empty cell. */
		if (good && other_good && !in->empty_line)
			same_as_libcsv(cells, &o);
	}
	sdp_buf_release(&o.text);
}

/* ---- UTF-8 and writing ---- */

/* By the definition: decode, then see whether it is the shortest form of a character. */
static size_t naive_utf8(const unsigned char *s, size_t n)
{
	size_t i = 0;
	while (i < n) {
		size_t more = s[i] < 0x80             ? 0
			      : (s[i] & 0xe0) == 0xc0 ? 1
			      : (s[i] & 0xf0) == 0xe0 ? 2
			      : (s[i] & 0xf8) == 0xf0 ? 3
						      : 9;
		if (more == 9 || more >= n - i)
			return i;
		uint32_t c = more ? s[i] & (0x3fu >> more) : s[i];
		for (size_t k = 1; k <= more; k++) {
			if ((s[i + k] & 0xc0) != 0x80)
				return i;
			c = c << 6 | (s[i + k] & 0x3f);
		}
		static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
		if (c < least[more] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
			return i;
		i += more + 1;
	}
	return n;
}

static void check_writer(const struct input *in, struct sdp_cells *cells)
{
	struct sdp_buf out = {0};
	struct sdp_err err;
	struct sdp_csv_context context = {.file = "f",
					  .first_record = 1,
					  .dialect = in->dialect,
					  .columns = 1};
	size_t length;
	if (sdp_csv_add_cell(&out, in->text, in->length, in->dialect.delimiter, &err) < 0 ||
	    sdp_buf_add(&out, "\n", 1, &err) < 0)
		abort();
	CHECK(sdp_csv_parse(&context, out.data, out.length, cells, &err) == 0 && cells->count == 1);
	const char *s = careful_cell(cells, 0, true, &length);
	CHECK(length == in->length && memcmp(s, in->text, length) == 0);
	sdp_buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct input in = {.length = size - 1, .dialect = {",;\t|"[data[0] % 4], '"', '\0'}};
	struct sdp_cells cells = {0};
	in.split = in.length * (data[0] / 4) / 64;
	in.text = malloc(in.length + 64);
	in.ends = malloc((in.length + 1) * sizeof *in.ends);
	if (!in.text || !in.ends)
		abort();
	memcpy(in.text, data + 1, in.length);
	memset(in.text + in.length, data[0], 64);
	walk(&in);
	check_kernels(&in);
	bool good = check_careful(&in, &cells);
	check_libcsv(&in, &cells, good);
	CHECK(sdp_utf8_valid(in.text, in.length) ==
	      naive_utf8((unsigned char *)in.text, in.length));
	check_writer(&in, &cells);
	sdp_cells_release(&cells);
	free(in.text);
	free(in.ends);
	return 0;
}
