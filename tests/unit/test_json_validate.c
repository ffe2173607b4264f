/*
 * Tests the strict tokenizer through json/validate.h: which texts are valid, and where others are
 * not, however the text is divided.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "sdp/buf.h"
#include "json/validate.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Checks a text in pieces of this many bytes (0: at once); "" or the message. */
static const char *check(const char *text, size_t length, bool many, size_t piece, uint64_t *values)
{
	static struct sdp_err err;
	err = (struct sdp_err){0};
	struct sdp_json_validator *c = sdp_json_validator_new(NULL, many, &err);
	assert_non_null(c);
	int rc = 0;
	for (size_t at = 0; rc == 0 && at < length; at += piece ? piece : length) {
		size_t n = piece && piece < length - at ? piece : length - at;
		/* A copy without a byte to spare, for sanitizers. */
		char *copy = malloc(n);
		memcpy(copy, text + at, n);
		rc = sdp_json_validator_feed(c, copy, n, &err);
		free(copy);
	}
	if (rc == 0)
		rc = sdp_json_validator_end(c, &err);
	if (values)
		*values = sdp_json_validator_values(c);
	sdp_json_validator_free(c);
	assert_true(rc == 0 || err.code == SDP_DATA);
	return rc == 0 ? "" : err.text;
}

struct fault {
	const char *text, *message;
};

static const struct fault faults[] = {
	{"", "line 1, column 1: the input ends where a value is expected"},
	{" \n ", "line 2, column 2: the input ends where a value is expected"},
	{"[1,]", "line 1, column 4: expected a value, not ']'"},
	{"[1 2]", "line 1, column 4: expected a comma or ']', not '2'"},
	{"[,1]", "line 1, column 2: expected a value or ']', not ','"},
	{"[1}", "line 1, column 3: expected a comma or ']', not '}'"},
	{"{\"a\":1]", "line 1, column 7: expected a comma or '}', not ']'"},
	{"{\"a\" 1}", "line 1, column 6: expected a colon, not '1'"},
	{"{\"a\"", "line 1, column 5: the input ends where a colon is expected"},
	{"{\"a\":}", "line 1, column 6: expected a value, not '}'"},
	{"{\"a\":1,}", "line 1, column 8: expected a key in double quotes, not '}'"},
	{"{a:1}", "line 1, column 2: expected a key in double quotes or '}', not 'a'"},
	{"{'a':1}", "line 1, column 2: expected a key in double quotes or '}', not '''"},
	{"[1] x", "line 1, column 5: expected the end of the input, not 'x'"},
	{"[1][2]", "line 1, column 4: expected the end of the input, not '['"},
	{"[\"a", "line 1, column 4: the input ends where the end of the string is expected"},
	{"[\"a\nb\"]", "line 1, column 4: a control character in a string: '\\x0a'"},
	{"[\"\xc3\xa9\xe2\x82\xac\", \"\x80\"]", "line 1, column 9: invalid UTF-8: '\\x80'"},
	{"[\"\xed\xa0\x80\"]", "line 1, column 3: invalid UTF-8: '\\xed'"},
	{"[\"\xc0\xaf\"]", "line 1, column 3: invalid UTF-8: '\\xc0'"},
	{"[\"\xe2\x82", "line 1, column 3: invalid UTF-8: '\\xe2'"},
	{"[\"\\x\"]", "line 1, column 4: expected one of \"\\/bfnrtu after a backslash, not 'x'"},
	{"[\"\\u12g4\"]", "line 1, column 7: expected a hexadecimal digit, not 'g'"},
	{"[\"\\ud800\"]", "line 1, column 3: an unpaired surrogate: '\\'"},
	{"[\"\\ud800\\u0041\"]", "line 1, column 3: an unpaired surrogate: '\\'"},
	{"[\"\\udc00\\ud800\"]", "line 1, column 3: an unpaired surrogate: '\\'"},
	{"[01]", "line 1, column 3: a number cannot continue like this: '1'"},
	{"[-]", "line 1, column 3: expected a digit, not ']'"},
	{"[1.]", "line 1, column 4: expected a digit, not ']'"},
	{"[1e+]", "line 1, column 5: expected a digit, not ']'"},
	{"[+1]", "line 1, column 2: expected a value or ']', not '+'"},
	{"[.5]", "line 1, column 2: expected a value or ']', not '.'"},
	{"[1.5.2]", "line 1, column 5: a number cannot continue like this: '.'"},
	{"[NaN]", "line 1, column 2: JSON has no NaN and no Infinity: 'N'"},
	{"[nul]", "line 1, column 2: not a value: only true, false and null are words: 'n'"},
	{"[truee]", "line 1, column 2: not a value: only true, false and null are words: 't'"},
	{"[fals",
	 "line 1, column 6: the input ends where the rest of true, false or null is expected"},
	{"{\"a\":1,\"b\":2,\n\"\\u0061\":3}",
	 "line 2, column 1: a duplicate key in an object: 'a'"},
	{"[{\"\":1,\"\":2}]", "line 1, column 8: a duplicate key in an object: ''"},
	{"// x\n[]", "line 1, column 1: expected a value, not '/'"},
	{"[1]\xef\xbb\xbf",
	 "line 1, column 4: expected the end of the input, not '\\xef\\xbb\\xbf'"},
	{"\xff\xfe[\0", "line 1, column 1: expected a value, not '\\xff'"},
};

static const char *const good[] = {
	"0",
	"-0",
	"-0.0e-00",
	"1E400",
	"true",
	" null ",
	"\"\"",
	"[]",
	"{}",
	"[[],{}]",
	"\xef\xbb\xbf{}",
	"\"\\u0000\\ud83d\\ude00\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
	"\"\xf0\x9f\x98\x80\xed\x9f\xbf\x7f\"",
	"{\"a\":{\"a\":[{\"a\":1}]}}",
	"[123456789012345678901234567890]",
	"\t[\r\n1 , 2 ]\n",
};

static void test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		for (size_t piece = 0; piece < 5; piece++)
			assert_string_equal(check(faults[i].text, strlen(faults[i].text), false,
						  piece, NULL),
					    faults[i].message);
	assert_string_equal(check("[\0]", 3, false, 0, NULL),
			    "line 1, column 2: expected a value or ']', not '\\x00'");
	assert_string_equal(check("[\"\0\"]", 5, false, 0, NULL),
			    "line 1, column 3: a control character in a string: '\\x00'");
	assert_string_equal(check("[\"\\\0\"]", 6, false, 1, NULL),
			    "line 1, column 4: expected one of \"\\/bfnrtu after a backslash, "
			    "not '\\x00'");
}

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		for (size_t piece = 0; piece < 5; piece++)
			assert_string_equal(check(good[i], strlen(good[i]), false, piece, NULL),
					    "");
}

static void expect_values(const char *text, bool many, uint64_t expected)
{
	uint64_t values;
	assert_string_equal(check(text, strlen(text), many, 3, &values), "");
	assert_int_equal(values, expected);
}

static void test_values(void **state)
{
	(void)state;
	expect_values("[]", false, 0);
	expect_values("[1,[2,3],{\"a\":[4]}]", false, 3);
	expect_values("{\"a\":[1,2]}", false, 1);
	expect_values("{}\n{}\n[1,2] 5 6\n", true, 5);
	expect_values("{}{}", true, 2);
	assert_string_equal(check("{}\n}", 4, true, 0, NULL),
			    "line 2, column 1: expected a value, not '}'");
	assert_string_equal(check("01", 2, true, 0, NULL),
			    "line 1, column 2: a number cannot continue like this: '1'");
}

static void nested(struct sdp_buf *b, size_t depth, bool close)
{
	struct sdp_err err;
	b->length = 0;
	for (size_t i = 0; i < depth; i++)
		assert_int_equal(sdp_buf_add(b, i % 2 ? "{\"k\":" : "[", i % 2 ? 5 : 1, &err), 0);
	assert_int_equal(sdp_buf_add(b, "1", 1, &err), 0);
	for (size_t i = depth; close && i-- > 0;)
		assert_int_equal(sdp_buf_add(b, i % 2 ? "}" : "]", 1, &err), 0);
}

static void test_depth(void **state)
{
	struct sdp_buf b = {0};
	(void)state;
	nested(&b, 512, true);
	assert_string_equal(check(b.data, b.length, false, 7, NULL), "");
	nested(&b, 513, true);
	assert_non_null(strstr(check(b.data, b.length, false, 7, NULL),
			       "nested more than 512 levels deep"));
	nested(&b, 100000, false);
	assert_non_null(strstr(check(b.data, b.length, false, 0, NULL),
			       "column 1537: nested more than 512 levels deep"));
	sdp_buf_release(&b);
}

/* Many keys in one object, and one of them again at its end. */
static void test_many_keys(void **state)
{
	struct sdp_buf b = {0};
	struct sdp_err err;
	char key[32];
	(void)state;
	for (size_t n = 1; n < 3000; n = n * 3 / 2 + 1) {
		b.length = 0;
		for (size_t i = 0; i < n; i++)
			sdp_buf_format(&b, &err, "%s\"k%zu\":{\"k0\":%zu}", i ? "," : "{", i, i);
		size_t length = b.length;
		sdp_buf_add(&b, "}", 1, &err);
		assert_string_equal(check(b.data, b.length, false, 1000, NULL), "");
		b.length = length;
		snprintf(key, sizeof key, "k%zu", n / 2);
		sdp_buf_format(&b, &err, ",\"%s\":1}", key);
		const char *message = check(b.data, b.length, false, 1000, NULL);
		assert_non_null(strstr(message, "a duplicate key in an object"));
		assert_non_null(strstr(message, key));
	}
	sdp_buf_release(&b);
}

/*
 * A string, and blanks, longer than all pieces, cut anywhere; what is wrong behind it is still
 * found.
 */
static void test_long(void **state)
{
	struct sdp_buf b = {0};
	struct sdp_err err;
	static const char *const parts[] =
		{"abc",          "\xc3\xa9", "\\n", "\\ud83d\\ude00", "\xf0\x9f\x98\x80",
		 "\xe2\x82\xac", "\\\\"};
	(void)state;
	sdp_buf_add(&b, "[\"", 2, &err);
	for (uint64_t i = 0; b.length < 700000; i++)
		sdp_buf_add_text(&b, parts[sdp_rng_below(7, 1, i, 0)], &err);
	sdp_buf_add(&b, "\"", 1, &err);
	for (size_t i = 0; i < 300000; i++)
		sdp_buf_add(&b, i % 100 == 99 ? "\n" : " ", 1, &err);
	size_t length = b.length;
	sdp_buf_add(&b, "]", 1, &err);
	for (size_t piece = 1; piece < 100000; piece = piece * 5 + 1)
		assert_string_equal(check(b.data, b.length, false, piece, NULL), "");
	b.length = length;
	sdp_buf_add(&b, "x]", 2, &err);
	for (size_t piece = 1; piece < 100000; piece = piece * 5 + 1)
		assert_string_equal(check(b.data, b.length, false, piece, NULL),
				    "line 3001, column 1: expected a comma or ']', not 'x'");
	sdp_buf_release(&b);
}

static char *read_file(const char *folder, const char *name, size_t *length)
{
	char path[5000];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	char *text = malloc(1 << 20);
	*length = fread(text, 1, 1 << 20, f);
	fclose(f);
	return text;
}

/* Why a y_ of the suite is refused here, or NULL. */
static const char *reason(const char *name)
{
	return strncmp(name, "y_object_duplicated_key", 23) == 0 ? "a duplicate key in an object"
								 : NULL;
}

/* nst/JSONTestSuite, which the project does not ship; see reference() in tests/judges/judge.py. */
static void test_suite(void **state)
{
	const char *given = getenv("SDP_REFERENCE_DATA");
	char folder[4096];
	size_t seen = 0;
	(void)state;
	snprintf(folder, sizeof folder, "%s/corpora/json_test_suite",
		 given ? given : "../shared/data");
	DIR *dir = opendir(folder);
	if (!dir && !given)
		skip();
	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir));) {
		if (e->d_name[0] == '.' || e->d_name[1] != '_')
			continue;
		size_t length;
		char *text = read_file(folder, e->d_name, &length);
		char message[1000];
		snprintf(message, sizeof message, "%s", check(text, length, false, 0, NULL));
		for (size_t piece = 1; piece < 4; piece++)
			assert_string_equal(check(text, length, false, piece, NULL), message);
		free(text);
		bool placed = strncmp(message, "line ", 5) == 0 && strstr(message, ", column ");
		if (e->d_name[0] == 'n' && !placed)
			fail_msg("%s: '%s'", e->d_name, message);
		const char *why = reason(e->d_name);
		if (e->d_name[0] == 'y' && (why ? !strstr(message, why) : message[0]))
			fail_msg("%s: %s", e->d_name, message);
		seen++;
	}
	closedir(dir);
	assert_true(seen > 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),    cmocka_unit_test(test_good),
		cmocka_unit_test(test_values),    cmocka_unit_test(test_depth),
		cmocka_unit_test(test_many_keys), cmocka_unit_test(test_long),
		cmocka_unit_test(test_suite),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
