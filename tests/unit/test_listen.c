/* Tests what is heard of a program: its lines, output and end; and that a failing read ends it. */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE /* with it, <unistd.h> defines read, too */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "process/listen.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool reads_fail; /* from now on, except those of the report of exec */

/* In place of the function of the C library. */
ssize_t read(int fd, void *bytes, size_t length)
{
	if (reads_fail && length > sizeof(int)) {
		errno = EIO;
		return -1;
	}
	return syscall(SYS_read, fd, bytes, length);
}

static void note_line(void *context, const char *line, size_t length)
{
	struct sdp_err err;
	assert_int_equal(sdp_buf_format(context, &err, "[%.*s]", (int)length, line), 0);
}

static int run(struct sdp_listener *listener, const char *script, struct sdp_err *err)
{
	char *words[] = {"sh", "-c", (char *)script, NULL};
	return sdp_listen(listener, "/bin/sh", words, err);
}

static void test_lines(void **state)
{
	(void)state;
	struct sdp_err err;
	struct sdp_buf lines = {0}, out = {0};
	struct sdp_listener all = {.line = note_line, .context = &lines}, some = all;
	assert_int_equal(run(&all, "echo a; echo b; printf c; exit 7", &err), 7);
	assert_string_equal(lines.data, "[a][b][c]");
	assert_string_equal(all.last[0], "c");
	assert_string_equal(all.last[1], "b");
	lines.length = 0;
	some.out = &out;
	assert_int_equal(run(&some, "echo out; echo err >&2", &err), 0);
	assert_string_equal(lines.data, "[err]");
	assert_string_equal(out.data, "out\n");
	sdp_buf_release(&lines), sdp_buf_release(&out);
}

/* A line without an end comes in parts, and nothing is lost. */
static void test_long_line(void **state)
{
	(void)state;
	struct sdp_err err;
	struct sdp_buf lines = {0};
	struct sdp_listener all = {.line = note_line, .context = &lines};
	size_t letters = 0, parts = 0;
	assert_int_equal(run(&all, "head -c 1000000 /dev/zero | tr '\\0' x", &err), 0);
	for (size_t i = 0; i < lines.length; i++)
		letters += lines.data[i] == 'x', parts += lines.data[i] == '[';
	assert_int_equal(letters, 1000000);
	assert_in_range(parts, 2, 100);
	sdp_buf_release(&lines);
}

static void check_failure(const char *script, bool collect, const char *text)
{
	struct sdp_err err = {0};
	struct sdp_buf out = {0};
	struct sdp_listener all = {.out = collect ? &out : NULL};
	assert_int_equal(run(&all, script, &err), -1);
	assert_int_equal(err.code, SDP_SYSTEM);
	assert_non_null(strstr(err.text, text));
	sdp_buf_release(&out);
}

static void test_failures(void **state)
{
	(void)state;
	check_failure("kill -9 $$", false, "died of signal 9");
	check_failure("head -c 3000000 /dev/zero; sleep 60", true, "larger than 1 MiB");
	reads_fail = true;
	check_failure("echo a; sleep 60", false, "cannot read from a pipe: Input/output error");
	reads_fail = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_failures),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
