/* Secrets: passwords are read whole or refused, and processes with secrets leave no core dumps. */
#include "../../lib/base/secret.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { SIZE = 8 };

/* Reads a password from a file with these bytes; returns its length, or -1. */
static int length_of(const char *bytes, size_t length, char password[SIZE], struct sdp_err *err)
{
	char name[] = "secret.XXXXXX";
	int fd = mkstemp(name);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
	memset(password, 'x', SIZE);
	int rc = sdp_secret_read_line(name, password, SIZE, err);
	unlink(name);
	return rc < 0 ? -1 : (int)strlen(password);
}

static void test_lines(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		int wanted;
	} cases[] = {{"abc", 3, 3},       {"abc\n", 4, 3},
		     {"abc\r\n", 5, 3},   {"abc\nnext line\n", 14, 3},
		     {"1234567", 7, 7},   {"1234567\nmore", 12, 7},
		     {"12345678", 8, -1}, {"12345678\n", 9, -1},
		     {"", 0, -1},         {"\n", 1, 0},
		     {"a\0b\n", 4, -1},   {"a\rb\n", 4, 3}};
	struct sdp_err err;
	char password[SIZE];
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int n = length_of(cases[i].bytes, cases[i].length, password, &err);
		assert_int_equal(n, cases[i].wanted);
		/* Nothing of what was refused, or of what follows the line, is left. */
		for (int k = n < 0 ? 0 : n; k < SIZE; k++)
			assert_int_equal(password[k], 0);
	}
}

/* The limit is 1, which counts also where dumps are piped, unless only 0 is allowed. */
static void test_no_core_dumps(void **state)
{
	struct rlimit limit;
	(void)state;
	sdp_secret_begin();
	assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
	assert_int_equal(limit.rlim_cur, limit.rlim_max == 0 ? 0 : 1);
	limit.rlim_cur = limit.rlim_max = 0;
	assert_int_equal(setrlimit(RLIMIT_CORE, &limit), 0);
	sdp_secret_begin();
	assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
	assert_int_equal(limit.rlim_cur, 0);
}

static void test_release(void **state)
{
	struct sdp_buf buf = {0};
	struct sdp_err err;
	(void)state;
	assert_int_equal(sdp_buf_add_text(&buf, "token", &err), 0);
	sdp_secret_release(&buf);
	assert_null(buf.data);
	assert_int_equal(buf.length, 0);
	sdp_secret_release(&buf);
	sdp_secret_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_no_core_dumps),
		cmocka_unit_test(test_release),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
