/*
 * Tests that what a folder of sdp's own files does stays inside it, and that files are read, locked
 * and made as base/file.h says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct sdp_err err;
static struct sdp_folder folder;

/* A home that is a symbolic link to a new folder, the current one is above both. */
static int set_up(void **state)
{
	static char made[] = "/tmp/sdp-folder-XXXXXX";
	(void)state;
	if (!mkdtemp(made) || chdir(made) < 0 || mkdir("real", 0700) < 0 ||
	    symlink("real", "home") < 0 || mkdir("victim", 0700) < 0)
		return -1;
	int fd = open("victim/precious", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	close(fd);
	return sdp_folder_open(&folder, "home", "jobs", &err);
}

static int tear_down(void **state)
{
	struct sdp_folder all;
	char here[100];
	(void)state;
	sdp_folder_close(&folder);
	if (!getcwd(here, sizeof here) || chdir("/") < 0 ||
	    sdp_folder_open(&all, "/tmp", here + strlen("/tmp/"), &err) < 0)
		return -1;
	int rc = sdp_folder_remove(&all, "home", &err) < 0 ||
				 sdp_folder_remove(&all, "real", &err) < 0 ||
				 sdp_folder_remove(&all, "victim", &err) < 0 || rmdir(here) < 0
			 ? -1
			 : 0;
	sdp_folder_close(&all);
	return rc;
}

static int write_text(const char *path, int flags, const char *text)
{
	return sdp_folder_write(&folder, path, flags, text, strlen(text), &err);
}

static void assert_content(const char *path, const char *content)
{
	struct sdp_buf text = {0};
	assert_int_equal(sdp_folder_read(&folder, path, 1 << 20, &text, &err), 0);
	assert_string_equal(text.data, content);
	sdp_buf_release(&text);
}

static int count_one(void *context, const char *name, struct sdp_err *ignored)
{
	(void)name, (void)ignored;
	++*(size_t *)context;
	return 0;
}

static void test_absent(void **state)
{
	(void)state;
	struct sdp_buf text = {0};
	struct stat st;
	size_t count = 0;
	assert_int_equal(folder.fd, -1);
	assert_int_equal(sdp_folder_read(&folder, "a/b", 9, &text, &err), SDP_ABSENT);
	assert_int_equal(sdp_folder_stat(&folder, "a", &st, &err), SDP_ABSENT);
	assert_int_equal(sdp_folder_each(&folder, "", count_one, &count, &err), 0);
	assert_int_equal(sdp_folder_remove(&folder, "a", &err), 0);
	assert_int_equal(count, 0);
	assert_int_equal(write_text("a", 0, "x"), -1);
	assert_string_equal(err.text, "cannot write to home/jobs/a: No such file or directory");
}

static void test_write(void **state)
{
	(void)state;
	struct stat st;
	size_t count = 0;
	assert_int_equal(sdp_folder_make(&folder, ".tmp/deep", &err), 0);
	assert_int_equal(sdp_folder_make(&folder, ".tmp/deep", &err), 0);
	assert_int_equal(write_text(".tmp/deep/a", 0, "one"), 0);
	assert_int_equal(write_text(".tmp/deep/a", 0, "two"), -1);
	assert_content(".tmp/deep/a", "one");
	assert_int_equal(write_text(".tmp/deep/a", O_APPEND, ", two"), 0);
	assert_content(".tmp/deep/a", "one, two");
	assert_int_equal(write_text(".tmp/deep/a", O_TRUNC, "3"), 0);
	assert_int_equal(sdp_folder_move(&folder, ".tmp/deep", "moved", &err), 0);
	assert_content("moved/a", "3");
	assert_int_equal(sdp_folder_stat(&folder, "moved/a", &st, &err), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(sdp_folder_each(&folder, "moved", count_one, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_int_equal(sdp_folder_remove(&folder, "moved", &err), 0);
	assert_int_equal(sdp_folder_stat(&folder, "moved", &st, &err), SDP_ABSENT);
}

/* A link is neither read nor written through, at any part of a path; removing removes the link. */
static void test_links(void **state)
{
	(void)state;
	struct sdp_buf text = {0};
	struct stat st;
	assert_int_equal(sdp_folder_make(&folder, "job", &err), 0);
	assert_int_equal(symlink("../../../victim", "home/jobs/job/out"), 0);
	assert_int_equal(symlink("../../victim", "home/jobs/link"), 0);
	assert_int_equal(sdp_folder_read(&folder, "link/precious", 9, &text, &err), -1);
	assert_string_equal(err.text, "cannot read home/jobs/link/precious: symbolic links in "
				      "home/jobs are not followed");
	assert_int_equal(sdp_folder_read(&folder, "link", 9, &text, &err), -1);
	assert_int_equal(write_text("link/new", 0, "x"), -1);
	assert_int_equal(write_text("job/out", O_TRUNC, "x"), -1);
	assert_int_equal(sdp_folder_make(&folder, "link", &err), -1);
	assert_int_equal(sdp_folder_make(&folder, "link/new", &err), -1);
	assert_int_equal(sdp_folder_each(&folder, "link", count_one, &st, &err), -1);
	assert_int_equal(sdp_folder_remove(&folder, "link/precious", &err), -1);
	assert_int_equal(sdp_folder_remove(&folder, "link", &err), 0);
	assert_int_equal(sdp_folder_remove(&folder, "job", &err), 0);
	assert_int_equal(stat("victim/precious", &st), 0);
	assert_int_equal(lstat("home/jobs/link", &st), -1);
}

static void test_link_as_the_folder(void **state)
{
	(void)state;
	struct sdp_folder other;
	assert_int_equal(symlink("../victim", "real/files"), 0);
	assert_int_equal(sdp_folder_open(&other, "home", "files", &err), -1);
	sdp_folder_close(&other);
}

static void test_not_regular(void **state)
{
	(void)state;
	struct sdp_buf text = {0};
	assert_int_equal(sdp_folder_make(&folder, "fifo", &err), 0);
	assert_int_equal(mkfifo("home/jobs/fifo/log", 0600), 0);
	assert_int_equal(sdp_folder_read(&folder, "fifo/log", 9, &text, &err), -1);
	assert_string_equal(err.text, "cannot read home/jobs/fifo/log: it is not a regular file");
}

static void test_lock(void **state)
{
	(void)state;
	int fd = sdp_folder_lock(&folder, ".lock", true, &err);
	assert_true(fd >= 0);
	assert_int_equal(sdp_folder_lock(&folder, ".lock", false, &err), SDP_HELD);
	close(fd);
	fd = sdp_folder_lock(&folder, ".lock", false, &err);
	assert_true(fd >= 0);
	close(fd);
}

static void test_file(void **state)
{
	(void)state;
	struct sdp_buf text = {0};
	char start[4];
	assert_int_equal(sdp_file_make_folders("x//y/z/", 0700), 0);
	assert_int_equal(sdp_file_make_folders("x/y", 0700), 0);
	assert_int_equal(sdp_file_make_folders("victim/precious/x/", 0700), -1);
	assert_int_equal(errno, ENOTDIR);
	assert_int_equal(rmdir("x/y/z") | rmdir("x/y") | rmdir("x"), 0);
	int fd = sdp_file_open("victim/f", O_WRONLY | O_CREAT, 0600);
	assert_int_equal(sdp_write_all(fd, "abcdef", 6), 0);
	close(fd);
	assert_int_equal(sdp_file_read("victim/f", 6, &text, &err), 0);
	assert_string_equal(text.data, "abcdef");
	assert_int_equal(sdp_file_read("victim/f", 5, &text, &err), -1);
	assert_int_equal(err.code, SDP_DATA);
	assert_int_equal(sdp_file_read("victim/g", 5, &text, &err), -1);
	assert_string_equal(err.text, "cannot open victim/g: No such file or directory");
	assert_int_equal(sdp_file_read_start("victim/f", start, sizeof start), 3);
	assert_string_equal(start, "abc");
	assert_int_equal(sdp_file_read_start("victim/g", start, sizeof start), -1);
	assert_string_equal(start, "");
	fd = sdp_file_open_folder_of("victim/f");
	assert_int_equal(sdp_file_sync(fd), 0);
	close(fd);
	assert_int_equal(sdp_file_open_folder_of("g/f"), -1);
	sdp_buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_absent), cmocka_unit_test(test_write),
		cmocka_unit_test(test_links),  cmocka_unit_test(test_link_as_the_folder),
		cmocka_unit_test(test_lock),   cmocka_unit_test(test_not_regular),
		cmocka_unit_test(test_file),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
