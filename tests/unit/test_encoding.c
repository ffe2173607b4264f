/* Tests the decoding of encodings, from pieces of every size. */
#include "table/encoding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

static struct sdp_encoding_convert d;

/* Feeds text by pieces; the length of what came, or -1. */
static ssize_t decode(enum sdp_encoding encoding, const char *text, size_t length, size_t piece,
		      char *out, struct sdp_err *err)
{
	size_t sum = 0;
	d = (struct sdp_encoding_convert){.encoding = encoding};
	for (size_t at = 0; at < length || d.have;) {
		size_t n = length - at < piece ? length - at : piece;
		memcpy(d.raw + d.have, text + at, n);
		d.have += n;
		at += n;
		ssize_t got = sdp_encoding_convert(&d, out + sum, n == 0, "f", err);
		if (got < 0)
			return -1;
		sum += (size_t)got;
	}
	return (ssize_t)sum;
}

static void test_pieces(void **state)
{
	static const struct {
		enum sdp_encoding encoding;
		const char *text;
		size_t length;
		const char *want;
	} cases[] = {
		{SDP_ENCODING_UTF16LE,
		 "\xff\xfe"
		 "a\0\xac\x20\x3d\xd8\0\xde\xff\xdb\xff\xdf\xe4\0",
		 16,
		 "\xef\xbb\xbf"
		 "a\xe2\x82\xac\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf\xc3\xa4"},
		{SDP_ENCODING_UTF16BE, "\0a\x20\xac\xd8\x3d\xde\0", 8,
		 "a\xe2\x82\xac\xf0\x9f\x98\x80"},
		{SDP_ENCODING_LATIN1, "a\x80\xff", 3, "a\xc2\x80\xc3\xbf"},
		{SDP_ENCODING_UTF8, "a\xff", 2, "a\xff"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t piece = 1; piece <= cases[i].length; piece++) {
			char out[100];
			struct sdp_err err;
			size_t want = strlen(cases[i].want);
			assert_int_equal(decode(cases[i].encoding, cases[i].text, cases[i].length,
						piece, out, &err),
					 want);
			assert_memory_equal(out, cases[i].want, want);
		}
}

static void test_faults(void **state)
{
	static const struct {
		const char *text;
		size_t length;
		const char *message;
	} cases[] = {
		{"a\0\0\xdc", 4, "f: invalid UTF-16: half of a surrogate pair at offset 2"},
		{"a\0\0\xd8"
		 "b\0",
		 6, "f: invalid UTF-16: half of a surrogate pair at offset 2"},
		{"a\0\0\xd8", 4, "f: invalid UTF-16: half a character at offset 2"},
		{"a\0b", 3, "f: invalid UTF-16: half a character at offset 2"},
		{"\xfe\xff", 2, "f: invalid UTF-16: the mark of the other byte order at offset 0"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t piece = 1; piece <= cases[i].length; piece++) {
			char out[100];
			struct sdp_err err;
			assert_int_equal(decode(SDP_ENCODING_UTF16LE, cases[i].text,
						cases[i].length, piece, out, &err),
					 -1);
			assert_string_equal(err.text, cases[i].message);
		}
}

static void test_cr(void **state)
{
	static const char text[] = "a\rb\r\nc\n\r\r\nd\r", want[] = "a\nb\nc\n\n\nd\n";
	(void)state;
	for (size_t piece = 1; piece < sizeof text; piece++) {
		char out[sizeof text];
		size_t sum = 0;
		d = (struct sdp_encoding_convert){.cr = true};
		for (size_t at = 0; at < sizeof text - 1; at += piece) {
			size_t n = sizeof text - 1 - at < piece ? sizeof text - 1 - at : piece;
			memcpy(out + sum, text + at, n);
			sum += sdp_encoding_use_cr(&d, out + sum, n);
		}
		assert_int_equal(sum, sizeof want - 1);
		assert_memory_equal(out, want, sum);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_cr),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
