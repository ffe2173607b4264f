/* base/file_change: which changes of a file are noticed, and what the message says. */
#define _GNU_SOURCE
#include "base/file_change.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct stat then;
static int fd;

static void set_up(void)
{
	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "1234", 4), 4);
	assert_int_equal(fstat(fd, &then), 0);
}

static void expect(const char *part)
{
	struct sdp_err err = {0};
	assert_int_equal(sdp_file_unchanged(fd, &then, "file", &err), -1);
	assert_int_equal(err.code, SDP_DATA);
	assert_non_null(strstr(err.text, part));
	close(fd);
}

static void rewrite(void)
{
	const struct timespec times[] = {then.st_atim, then.st_mtim};
	assert_int_equal(pwrite(fd, "5", 1, 0), 1);
	assert_int_equal(futimens(fd, times), 0);
}

static void permit(void)
{
	assert_int_equal(fchmod(fd, 0600), 0);
}

static void move(void)
{
	assert_int_equal(rename("file", "other"), 0);
}

static void test_ctime(void **state)
{
	static void (*const changes[])(void) = {rewrite, permit, move};
	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct stat now;
		set_up();
		do { /* The clock of the file system may be coarse. */
			changes[i]();
			if (changes[i] == move)
				assert_int_equal(rename("other", "file"), 0);
			assert_int_equal(fstat(fd, &now), 0);
		} while (memcmp(&now.st_ctim, &then.st_ctim, sizeof now.st_ctim) == 0);
		assert_memory_equal(&now.st_mtim, &then.st_mtim, sizeof now.st_mtim);
		expect("file: the file changed while it was read: its ctime changed, but not its");
	}
}

static void test_content(void **state)
{
	struct sdp_err err = {0};
	(void)state;
	set_up();
	assert_int_equal(sdp_file_unchanged(fd, &then, "file", &err), 0);
	assert_int_equal(ftruncate(fd, 3), 0);
	expect("file: the file changed while it was read");
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fstat(ends[0], &then), 0);
	assert_int_equal(write(ends[1], "1", 1), 1);
	assert_int_equal(sdp_file_unchanged(ends[0], &then, "pipe", &err), 0);
}

static char folder[] = "/tmp/test_file_change.XXXXXX";

static int enter(void **state)
{
	(void)state;
	return mkdtemp(folder) ? chdir(folder) : -1;
}

static int leave(void **state)
{
	(void)state;
	return unlink("file") < 0 || chdir("/") < 0 ? -1 : rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ctime),
		cmocka_unit_test(test_content),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}
