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
static ssize_t decode(const char *encoding, const char *text, size_t length, size_t piece,
		      char *out, struct sdp_err *err)
{
	size_t sum = 0;
	d = (struct sdp_encoding_convert){0};
	assert_int_equal(sdp_encoding_begin(&d, encoding, err), 0);
	for (size_t at = 0; at < length || d.have;) {
		size_t n = length - at < piece ? length - at : piece;
		memcpy(d.raw + d.have, text + at, n);
		d.have += n;
		at += n;
		ssize_t got = sdp_encoding_convert(&d, out + sum, 64, n == 0, "f", err);
		if (got < 0) {
			sdp_encoding_end(&d);
			return -1;
		}
		sum += (size_t)got;
	}
	ssize_t rest = sdp_encoding_convert(&d, out + sum, 64, true, "f", err);
	sdp_encoding_end(&d);
	return rest < 0 ? -1 : (ssize_t)sum + rest;
}

static void test_pieces(void **state)
{
	static const struct {
		const char *encoding;
		const char *text;
		size_t length;
		const char *want;
	} cases[] = {
		{"UTF-16LE",
		 "\xff\xfe"
		 "a\0\xac\x20\x3d\xd8\0\xde\xff\xdb\xff\xdf\xe4\0",
		 16,
		 "\xef\xbb\xbf"
		 "a\xe2\x82\xac\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf\xc3\xa4"},
		{"UTF-16BE", "\0a\x20\xac\xd8\x3d\xde\0", 8, "a\xe2\x82\xac\xf0\x9f\x98\x80"},
		{"latin1", "a\x80\xff", 3, "a\xc2\x80\xc3\xbf"},
		{"windows-1252", "a\x80\xff", 3, "a\xe2\x82\xac\xc3\xbf"},
		{"utf-32be", "\0\0\0a\0\1\xf6\0", 8, "a\xf0\x9f\x98\x80"},
		{"shift_jis", "\x83\x65,\xb1", 4, "\xe3\x83\x86,\xef\xbd\xb1"},
		/* with states between characters, and with characters that are held back */
		{"iso-2022-jp", "a\x1b$B%F\x1b(B,b", 11, "a\xe3\x83\x86,b"},
		{"utf-7", "a+IKw-,b", 8, "a\xe2\x82\xac,b"},
		{"big5-hkscs", "\x88\x62,\x88\x66", 5, "\xc3\x8a\xcc\x84,\xc3\x8a"},
		{NULL, "a\xff", 2, "a\xff"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t piece = 1; piece <= cases[i].length; piece++) {
			char out[200];
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
		{"a\0\0\xdc", 4, "f: invalid UTF-16LE: byte 0x00 at offset 2"},
		{"a\0\0\xd8"
		 "b\0",
		 6, "f: invalid UTF-16LE: byte 0x00 at offset 2"},
		{"a\0\0\xd8", 4, "f: invalid UTF-16LE: an incomplete character at offset 2"},
		{"a\0b", 3, "f: invalid UTF-16LE: an incomplete character at offset 2"},
		{"\xfe\xff", 2,
		 "f: invalid UTF-16LE: a byte order mark of the other order at offset 0"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t piece = 1; piece <= cases[i].length; piece++) {
			char out[200];
			struct sdp_err err;
			assert_int_equal(decode("UTF-16LE", cases[i].text, cases[i].length, piece,
						out, &err),
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
