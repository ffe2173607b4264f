/* Tests measuring a command in a process that has other children. */
/* slow: it waits for processes to end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "process/measure.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void nap(double seconds)
{
	struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
	nanosleep(&t, NULL);
}

/* Measures a shell script and adds its output to out. */
static void measure(const char *script, struct sdp_measure *m, struct sdp_buf *out)
{
	char text[500];
	char *words[] = {(char[]){"sh"}, (char[]){"-c"}, text, NULL};
	struct sdp_measure_command command = {.path = "/bin/sh",
					      .words = words,
					      .inherit = -1,
					      .capture = out};
	struct sdp_err err;
	snprintf(text, sizeof text, "%s", script);
	assert_int_equal(sdp_buf_add(out, "", 0, &err), 0);
	assert_int_equal(sdp_measure_run(&command, m, &err), 0);
	assert_int_equal(m->status, 0);
	sdp_buf_release(&m->messages);
}

static pid_t start_child(double seconds, int status)
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		nap(seconds);
		_exit(status);
	}
	return pid;
}

static void end_child(pid_t pid)
{
	int status;
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

/* Processes that survive the command are killed and reaped. */
static void test_left_behind(void **state)
{
	struct sdp_measure m;
	struct sdp_buf out = {0};
	(void)state;
	measure("setsid sleep 60 >/dev/null 2>&1 & echo $!; sleep 0.1", &m, &out);
	pid_t left = (pid_t)strtol(out.data, NULL, 10);
	assert_true(left > 1);
	assert_int_equal(kill(left, 0), -1);
	assert_int_equal(errno, ESRCH);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_true(m.wall < 30);
	sdp_buf_release(&out);
}

/* Children from before are neither killed nor reaped, but the command's orphans are. */
static void test_other_children(void **state)
{
	struct sdp_measure m;
	struct sdp_buf out = {0};
	int status;
	pid_t running = start_child(60, 0), ended = start_child(0, 7), ending = start_child(0.1, 8);
	(void)state;
	measure("setsid sleep 60 >/dev/null 2>&1 & echo $!; sleep 0.3", &m, &out);
	pid_t left = (pid_t)strtol(out.data, NULL, 10);
	assert_true(left > 1);
	assert_int_equal(kill(left, 0), -1);
	assert_int_equal(waitpid(ended, &status, 0), ended);
	assert_int_equal(WEXITSTATUS(status), 7);
	assert_int_equal(waitpid(ending, &status, 0), ending);
	assert_int_equal(WEXITSTATUS(status), 8);
	end_child(running);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	sdp_buf_release(&out);
}

/* A process that another child starts during the run is left alone too, even as an orphan. */
static void test_other_orphan(void **state)
{
	struct sdp_measure m;
	struct sdp_buf out = {0};
	int ends[2], status;
	pid_t orphan;
	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		nap(0.1);
		orphan = start_child(60, 0);
		ssize_t n = write(ends[1], &orphan, sizeof orphan);
		nap(3);
		_exit(n == (ssize_t)sizeof orphan ? 0 : 1);
	}
	measure("sleep 4", &m, &out);
	assert_int_equal(read(ends[0], &orphan, sizeof orphan), sizeof orphan);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	end_child(orphan); /* it has fallen to this process */
	close(ends[0]);
	close(ends[1]);
	sdp_buf_release(&out);
}

static void test_memory(void **state)
{
	enum { LARGE = 80 << 20 };
	struct sdp_measure m;
	struct sdp_buf out = {0};
	int ends[2];
	char ready;
	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		char *large = malloc(LARGE);
		if (large)
			memset(large, 1, LARGE);
		ssize_t n = write(ends[1], large ? large : "", 1);
		nap(n == 1 ? 60 : 0);
		free(large);
		_exit(0);
	}
	assert_int_equal(read(ends[0], &ready, 1), 1);
	measure("sleep 0.2", &m, &out);
	assert_in_range(m.peak_memory, 1, LARGE / 2);
	end_child(child);
	close(ends[0]);
	close(ends[1]);
	sdp_buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_left_behind),
		cmocka_unit_test(test_other_children),
		cmocka_unit_test(test_other_orphan),
		cmocka_unit_test(test_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
