/* Tests child processes: how their errors, and those of programs that they execute, come back. */
#include "base/signals.h"
#include "process/child.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Runs it in a child, and returns what sdp_child_end returns. */
static int outcome(int (*run)(void *context, struct sdp_err *err), struct sdp_err *err)
{
	struct sdp_child child = {0};
	*err = (struct sdp_err){0};
	assert_int_equal(sdp_child_start(&child, run, NULL, STDOUT_FILENO, err), 0);
	int rc = sdp_child_end(&child, "in", err);
	sdp_child_stop(&child);
	return rc;
}

static int succeed(void *context, struct sdp_err *err)
{
	(void)context, (void)err;
	return 0;
}

static int report(void *context, struct sdp_err *err)
{
	(void)context;
	return sdp_fail(err, SDP_USAGE, "in: several tables");
}

static int die(void *context, struct sdp_err *err)
{
	(void)context, (void)err;
	raise(SIGKILL);
	return 0;
}

static int write_garbage(void *context, struct sdp_err *err)
{
	(void)context;
	memset(err, 'x', sizeof *err);
	return -1;
}

static int hang_up(void *context, struct sdp_err *err)
{
	(void)context, (void)err;
	raise(SIGHUP);
	return 0;
}

static void test_function(void **state)
{
	struct sdp_err err;
	(void)state;
	assert_int_equal(outcome(succeed, &err), 0);
	assert_int_equal(outcome(report, &err), -1);
	assert_int_equal(err.code, SDP_USAGE);
	assert_string_equal(err.text, "in: several tables");
	assert_int_equal(outcome(die, &err), -1);
	assert_int_equal(err.code, SDP_DATA);
	assert_string_equal(err.text, "in: " SDP_CHILD_DIED ": Killed");
	assert_int_equal(outcome(write_garbage, &err), -1);
	assert_int_equal(err.code, SDP_SYSTEM);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

/* What a shell finds: its input on descriptor 0, the memory for the error on 3, nothing else. */
static int look(void *context, struct sdp_err *err)
{
	char *words[] = {"sh", "-c",
			 "read line && [ \"$line\" = hello ] && [ -e /proc/$$/fd/3 ] && "
			 "! [ -e /proc/$$/fd/4 ] && exit 0; exit 1",
			 NULL};
	int ends[2];
	(void)context;
	if (pipe(ends) < 0 || write(ends[1], "hello\n", 6) != 6)
		return sdp_fail_errno(err, "no pipe");
	return sdp_child_exec("/bin/sh", words, ends[0], err);
}

static int say_nothing(void *context, struct sdp_err *err)
{
	char *words[] = {"sh", "-c", "exit 2", NULL};
	(void)context;
	return sdp_child_exec("/bin/sh", words, STDIN_FILENO, err);
}

static int run_nothing(void *context, struct sdp_err *err)
{
	char *words[] = {"nothing", NULL};
	(void)context;
	return sdp_child_exec("/nowhere/nothing", words, STDIN_FILENO, err);
}

static void test_program(void **state)
{
	struct sdp_err err;
	(void)state;
	assert_int_equal(outcome(look, &err), 0);
	assert_int_equal(outcome(say_nothing, &err), -1);
	assert_int_equal(err.code, 2);
	assert_string_equal(err.text, "");
	assert_int_equal(outcome(run_nothing, &err), -1);
	assert_int_equal(err.code, SDP_SYSTEM);
	assert_string_equal(err.text, "cannot run /nowhere/nothing: No such file or directory");
}

static int exit_oddly(void *context, struct sdp_err *err)
{
	char *words[] = {"sh", "-c", "exit 42", NULL};
	(void)context;
	return sdp_child_exec("/bin/sh", words, STDIN_FILENO, err);
}

static int shorten(void *context, struct sdp_err *err)
{
	char *words[] = {"sh", "-c", "truncate -s 0 /proc/$$/fd/3 && exit 0; exit 1", NULL};
	(void)context;
	return sdp_child_exec("/bin/sh", words, STDIN_FILENO, err);
}

static int crash(void *context, struct sdp_err *err)
{
	char *words[] = {"sh", "-c", "kill -SEGV $$", NULL};
	(void)context;
	return sdp_child_exec("/bin/sh", words, STDIN_FILENO, err);
}

static void test_odd_program(void **state)
{
	struct sdp_err err;
	(void)state;
	/* As the kernel kills a program that does not fit into the limits on memory. */
	assert_int_equal(outcome(crash, &err), -1);
	assert_int_equal(err.code, SDP_SYSTEM);
	assert_string_equal(err.text,
			    "in: out of memory: the process that decodes it cannot start");
	assert_int_equal(outcome(exit_oddly, &err), -1);
	assert_int_equal(err.code, SDP_SYSTEM);
	assert_int_equal(outcome(shorten, &err), -1);
	assert_int_equal(err.code, 1);
}

static void test_ignored_signal(void **state)
{
	struct sdp_err err;
	(void)state;
	assert_int_equal(outcome(hang_up, &err), -1);
	signal(SIGHUP, SIG_IGN); /* as nohup does */
	sdp_signals_begin();
	assert_int_equal(outcome(hang_up, &err), 0);
	signal(SIGHUP, SIG_DFL);
	sdp_signals_begin();
}

static void test_not_a_child(void **state)
{
	(void)state;
	assert_null(sdp_child_report());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_function),    cmocka_unit_test(test_program),
		cmocka_unit_test(test_odd_program), cmocka_unit_test(test_ignored_signal),
		cmocka_unit_test(test_not_a_child),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
