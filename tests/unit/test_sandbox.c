/*
 * Tests the sandbox: it allows no files, sockets, processes or unlimited memory, but open
 * descriptors stay usable.
 */
#include "pdf/sandbox.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct sdp_sandbox walls = {.memory = 64 << 20, .seconds = 2};

/* The exit code of a process that does this within, or minus the signal that it died of. */
static int within(int (*body)(void))
{
	pid_t child = fork();
	if (child == 0) {
		struct sdp_err err;
		_exit(sdp_sandbox_enter(&walls, &err) < 0 ? 99 : body());
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int refused(long result)
{
	return result < 0 && errno == EPERM ? 0 : 1;
}

static int open_file(void)
{
	return refused(open("/etc/passwd", O_RDONLY));
}

static int make_file(void)
{
	return refused(open("sandbox-was-here", O_WRONLY | O_CREAT, 0600));
}

static int make_socket(void)
{
	return refused(socket(AF_INET, SOCK_STREAM, 0));
}

static int make_process(void)
{
	pid_t child = fork();
	if (child == 0)
		_exit(0);
	return refused(child);
}

static int run_program(void)
{
	char *words[] = {"true", NULL};
	return refused(execv("/bin/true", words));
}

static int run_data(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);
	return p == MAP_FAILED && errno == EPERM ? 0 : 1;
}

static int kill_parent(void)
{
	return refused(kill(getppid(), 0));
}

static int take_memory(void)
{
	char *some = malloc(16 << 20), *more = malloc(128 << 20);
	if (some)
		memset(some, 1, 16 << 20);
	return some && !more ? 0 : 1;
}

static int take_time(void)
{
	for (volatile unsigned i = 0;; i++)
		;
	return 0;
}

static int pipe_ends[2];

static int write_open(void)
{
	return write(pipe_ends[1], "still", 5) == 5 ? 0 : 1;
}

static void test_refused(void **state)
{
	(void)state;
	if (!WHOLE)
		skip();
	assert_int_equal(within(open_file), 0);
	assert_int_equal(within(make_file), 0);
	assert_int_equal(within(make_socket), 0);
	assert_int_equal(within(make_process), 0);
	assert_int_equal(within(run_program), 0);
	assert_int_equal(within(run_data), 0);
	assert_int_equal(within(kill_parent), 0);
	assert_int_equal(within(take_memory), 0);
}

static void test_time(void **state)
{
	(void)state;
	int end = within(take_time);
	assert_true(end == -SIGXCPU || end == -SIGKILL);
}

static void test_allowed(void **state)
{
	char text[8];
	(void)state;
	assert_int_equal(pipe(pipe_ends), 0);
	assert_int_equal(within(write_open), 0);
	assert_int_equal(read(pipe_ends[0], text, sizeof text), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_allowed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
