/* Tests output to files, links, pipes and standard output: files appear complete or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/signals.h"
#include "sdp/doc.h"
#include "sdp/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[] = "/tmp/sdp-test-output-XXXXXX";
static struct sdp_err err;

static int enter(void **state)
{
	(void)state;
	umask(022);
	unsetenv("SDP_FORMAT");
	return mkdtemp(directory) && chdir(directory) == 0 ? 0 : -1;
}

static int leave(void **state)
{
	char command[100];
	(void)state;
	snprintf(command, sizeof command, "rm -r %s", directory);
	return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void holds(const char *path, const char *text)
{
	char have[1000];
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	size_t n = fread(have, 1, sizeof have - 1, f);
	have[n] = '\0';
	fclose(f);
	assert_string_equal(have, text);
}

/* Names in the directory, "." and ".." apart. */
static int file_count(void)
{
	int n = -2;
	DIR *d = opendir(".");
	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static int write_file(const char *path, const char *text)
{
	struct sdp_output out;
	memset(&err, 0, sizeof err);
	if (sdp_output_open(&out, path, &err) < 0)
		return -1;
	if (sdp_output_write(&out, text, strlen(text), &err) < 0) {
		sdp_output_abandon(&out);
		return -1;
	}
	return sdp_output_close(&out, &err);
}

static void test_new_file(void **state)
{
	struct stat st;
	(void)state;
	assert_int_equal(write_file("new", "hello\n"), 0);
	holds("new", "hello\n");
	assert_int_equal(stat("new", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(file_count(), 1);
	assert_int_equal(write_file("empty", ""), 0);
	holds("empty", "");
	unlink("new");
	unlink("empty");
}

static void test_replace(void **state)
{
	struct sdp_output out;
	struct stat st;
	(void)state;
	put("old", "before");
	chmod("old", 0620);
	assert_int_equal(sdp_output_open(&out, "old", &err), 0);
	assert_int_equal(sdp_output_write(&out, "after", 5, &err), 0);
	assert_int_equal(sdp_output_flush(&out, &err), 0);
	holds("old", "before");
	assert_int_equal(sdp_output_close(&out, &err), 0);
	holds("old", "after");
	assert_int_equal(stat("old", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0620);
	assert_int_equal(sdp_output_open(&out, "old", &err), 0);
	assert_int_equal(file_count(), 2);
	sdp_output_abandon(&out);
	assert_int_equal(file_count(), 1);
	holds("old", "after");
	unlink("old");
}

static void test_links(void **state)
{
	struct stat st;
	(void)state;
	mkdir("sub", 0755);
	put("sub/real", "x");
	assert_int_equal(symlink("sub/hop", "link"), 0);
	assert_int_equal(symlink("real", "sub/hop"), 0);
	assert_int_equal(write_file("link", "through"), 0);
	holds("sub/real", "through");
	assert_true(lstat("link", &st) == 0 && S_ISLNK(st.st_mode));
	unlink("sub/real");
	assert_int_equal(write_file("link", "again"), 0);
	holds("sub/real", "again");
	assert_int_equal(symlink("loop", "loop"), 0);
	assert_int_equal(write_file("loop", "x"), -1);
	assert_int_equal(system("rm -r sub link loop"), 0);
}

static void test_big(void **state)
{
	struct sdp_output out;
	struct stat st;
	static char block[100000];
	(void)state;
	memset(block, 'x', sizeof block);
	assert_int_equal(sdp_output_open(&out, "big", &err), 0);
	for (size_t n = 1; n <= sizeof block; n = 10 * n)
		for (int i = 0; i < 10; i++)
			assert_int_equal(sdp_output_write(&out, block, n, &err), 0);
	assert_int_equal(sdp_output_close(&out, &err), 0);
	assert_int_equal(stat("big", &st), 0);
	assert_int_equal(st.st_size, 1111110);
	unlink("big");
}

static void test_failures(void **state)
{
	(void)state;
	assert_int_equal(write_file("/dev/full", "x"), -1);
	assert_int_equal(err.code, SDP_SYSTEM);
	assert_string_equal(err.text, "cannot write to /dev/full: No space left on device");
	assert_int_equal(write_file("none/x", "x"), -1);
	assert_string_equal(err.text, "cannot write to none/x: No such file or directory");
	mkdir("dir", 0755);
	assert_int_equal(write_file("dir", "x"), -1);
	assert_string_equal(err.text, "cannot write to dir: Is a directory");
	if (geteuid() != 0) {
		put("locked", "x");
		chmod("locked", 0444);
		assert_int_equal(write_file("locked", "y"), -1);
		assert_string_equal(err.text, "cannot write to locked: Permission denied");
		holds("locked", "x");
		unlink("locked");
	}
	rmdir("dir");
	assert_int_equal(file_count(), 0);
}

/* Runs body in a child whose standard output is fd; the child's status. */
static int in_child(int fd, int (*body)(void))
{
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(fd, STDOUT_FILENO);
		_exit(body());
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int to_stdout(void)
{
	if (write_file(NULL, "x") == 0)
		return 0;
	if (strcmp(err.text, "cannot write to standard output: No space left on device") == 0)
		return 10;
	return strcmp(err.text, "cannot write to standard output: Bad file descriptor") == 0 ? 11
											     : 12;
}

static int to_dev_stdout(void)
{
	return write_file("/dev/stdout", "y");
}

static void test_stdout(void **state)
{
	(void)state;
	int full = open("/dev/full", O_WRONLY), null = open("/dev/null", O_RDONLY);
	int file = open("file", O_WRONLY | O_CREAT, 0600);
	assert_int_equal(WEXITSTATUS(in_child(full, to_stdout)), 10);
	assert_int_equal(WEXITSTATUS(in_child(null, to_stdout)), 11);
	assert_int_equal(in_child(file, to_stdout), 0);
	assert_int_equal(in_child(file, to_dev_stdout), 0);
	holds("file", "xy");
	close(full);
	close(null);
	close(file);
	unlink("file");
}

static void test_fifo(void **state)
{
	char text[10];
	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	int fd = open("fifo", O_RDONLY | O_NONBLOCK);
	assert_int_equal(write_file("fifo", "abc"), 0);
	assert_int_equal(read(fd, text, sizeof text), 3);
	close(fd);
	unlink("fifo");
}

static void test_broken_pipe(void **state)
{
	int ends[2];
	(void)state;
	for (int ignored = 0; ignored < 2; ignored++) {
		assert_int_equal(pipe(ends), 0);
		close(ends[0]);
		signal(SIGPIPE, ignored ? SIG_IGN : SIG_DFL);
		int status = in_child(ends[1], to_stdout);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
		close(ends[1]);
	}
	signal(SIGPIPE, SIG_DFL);
}

static int interrupted_abrupt(void)
{
	struct sdp_output out;
	sdp_signals_install_abrupt();
	sdp_output_open(&out, "half", &err);
	raise(SIGTERM);
	return 0;
}

static int interrupted_polling(void)
{
	struct sdp_output out;
	sdp_signals_install();
	sdp_output_open(&out, "half", &err);
	if (file_count() != 1)
		return 1;
	raise(SIGINT);
	if (sdp_interrupted != SIGINT)
		return 2;
	sdp_signals_die();
}

static int interrupted_twice(void)
{
	struct sdp_output out;
	sdp_signals_install();
	sdp_output_open(&out, "half", &err);
	raise(SIGINT);
	raise(SIGHUP);
	return 0;
}

/* A worker that dies must leave its parent's file alone. */
static int interrupted_worker(void)
{
	struct sdp_output out;
	int status;
	sdp_signals_install_abrupt();
	sdp_output_open(&out, "half", &err);
	pid_t pid = fork();
	if (pid == 0)
		raise(SIGTERM);
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) && sdp_output_close(&out, &err) == 0 ? 0 : 1;
}

static int ignored(void)
{
	signal(SIGHUP, SIG_IGN);
	sdp_signals_install_abrupt();
	raise(SIGHUP);
	return 7;
}

static void test_signals(void **state)
{
	(void)state;
	int status = in_child(1, interrupted_abrupt);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	status = in_child(1, interrupted_polling);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	status = in_child(1, interrupted_twice);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
	assert_int_equal(file_count(), 0);
	assert_int_equal(in_child(1, interrupted_worker), 0);
	assert_int_equal(file_count(), 1);
	unlink("half");
	assert_int_equal(WEXITSTATUS(in_child(1, ignored)), 7);
}

static void document_is(const struct sdp_common *common, const char *text)
{
	cJSON *doc = cJSON_CreateObject();
	cJSON *rows = sdp_doc_array(doc, "rows", &err);
	sdp_doc_real(sdp_doc_row(rows, &err), "a", 1.0 / 3, &err);
	int rc = sdp_output_document(common, doc, &err);
	cJSON_Delete(doc);
	if (rc < 0)
		fail_msg("%s", err.text);
	holds("doc", text);
}

static void test_document(void **state)
{
	struct sdp_common common = {.output = "doc"};
	(void)state;
	document_is(&common, "{\"rows\":[{\"a\":0.3333333333333333}]}\n");
	common.digits = 3;
	document_is(&common, "{\"rows\":[{\"a\":0.333}]}\n");
	setenv("SDP_FORMAT", "csv", 1);
	document_is(&common, "a\n0.333\n");
	common.format = SDP_RESULT_TSV;
	common.digits = 0;
	common.print = "rows";
	document_is(&common, "a\n0.3333333333333333\n");
	setenv("SDP_FORMAT", "xml", 1);
	assert_int_equal(sdp_output_check(&common, &err), 0);
	common.format = SDP_RESULT_DEFAULT;
	assert_int_equal(sdp_output_check(&common, &err), -1);
	assert_int_equal(err.code, SDP_USAGE);
	assert_string_equal(
		err.text,
		"SDP_FORMAT: a document is printed as json, csv, tsv or table, not as 'xml'");
	unsetenv("SDP_FORMAT");
	common.output = "none/doc";
	assert_int_equal(sdp_output_check(&common, &err), -1);
	assert_int_equal(err.code, SDP_SYSTEM);
	unlink("doc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_file), cmocka_unit_test(test_replace),
		cmocka_unit_test(test_links),    cmocka_unit_test(test_big),
		cmocka_unit_test(test_failures), cmocka_unit_test(test_stdout),
		cmocka_unit_test(test_fifo),     cmocka_unit_test(test_broken_pipe),
		cmocka_unit_test(test_signals),  cmocka_unit_test(test_document),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}
