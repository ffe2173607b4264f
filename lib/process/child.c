/*
 * Runs a function in a child process, which reports its error through shared memory.
 *
 * The memory is a file without a name, so that the child can hand it to a program that it executes.
 */
#define _GNU_SOURCE
#include "process/child.h"

#include "base/file.h"
#include "base/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REPORT = 3 }; /* the descriptor of the memory in an executed program */

static int report_fd = -1; /* in a child: the descriptor of the memory */

static _Noreturn void child_main(int (*run)(void *context, struct sdp_err *err), void *context,
				 int out, struct sdp_err *reported, pid_t parent)
{
	sdp_signals_die_with(parent);
	signal(SIGINT, SIG_IGN); /* from the terminal: it is left to the parent */
	sdp_signals_default(SIGPIPE);
	sdp_signals_default(SIGTERM);
	sdp_signals_default(SIGHUP);
	if (dup2(out, STDOUT_FILENO) < 0)
		_exit(SDP_SYSTEM);
	int rc = run(context, reported);
	_exit(rc < 0 ? (int)reported->code : 0);
}

static struct sdp_err *map(int fd)
{
	void *memory =
		mmap(NULL, sizeof(struct sdp_err), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return memory == MAP_FAILED ? NULL : memory;
}

int sdp_child_start(struct sdp_child *child, int (*run)(void *context, struct sdp_err *err),
		    void *context, int out, struct sdp_err *err)
{
	*child = (struct sdp_child){0};
	/* A program that shortened the memory would make this process crash when it reads it. */
	int memory = memfd_create("report", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (memory < 0 || sdp_file_resize(memory, sizeof(struct sdp_err)) < 0 ||
	    fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0 ||
	    !(child->reported = map(memory))) {
		sdp_fail_errno(err, "cannot share memory with a process");
		if (memory >= 0)
			close(memory);
		return -1;
	}
	pid_t parent = getpid(), pid = fork();
	if (pid == 0) {
		report_fd = memory;
		child_main(run, context, out, child->reported, parent);
	}
	close(memory);
	if (pid < 0)
		return sdp_fail_errno(err, "cannot start a process");
	child->pid = pid;
	return 0;
}

int sdp_child_exec(const char *path, char *const *words, int in, struct sdp_err *err)
{
	/* The number of one may be that of the other's place. */
	int input = fcntl(in, F_DUPFD, REPORT + 1), report = fcntl(report_fd, F_DUPFD, REPORT + 1);
	if (input < 0 || report < 0 || dup2(input, STDIN_FILENO) < 0 || dup2(report, REPORT) < 0)
		return sdp_fail_errno(err, "cannot run %s", path);
	(void)close_range(REPORT + 1, ~0U, 0); /* what it does not close, the program may have */
	/* Until the program has started: the kernel kills it where it finds no memory for it. */
	err->code = SDP_SYSTEM;
	execv(path, words);
	return sdp_fail_errno(err, "cannot run %s", path);
}

struct sdp_err *sdp_child_report(void)
{
	struct stat st;
	if (fstat(REPORT, &st) < 0) {
		errno = errno == EBADF ? 0 : errno;
		return NULL;
	}
	errno = 0;
	struct sdp_err *reported =
		S_ISREG(st.st_mode) && st.st_size == (off_t)sizeof *reported ? map(REPORT) : NULL;
	if (reported)
		*reported = (struct sdp_err){0};
	return reported;
}

/* A program that does not fit into the limits on memory dies of this while it is executed. */
static bool not_started(int status, const struct sdp_err *reported)
{
	return WIFSIGNALED(status) && reported->code == SDP_SYSTEM && !reported->text[0] &&
	       (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGKILL);
}

int sdp_child_end(struct sdp_child *child, const char *name, struct sdp_err *err)
{
	int status = 0;
	while (waitpid(child->pid, &status, 0) < 0)
		if (errno != EINTR)
			return sdp_fail_errno(err, "cannot wait for a process");
		else if (sdp_interrupted)
			return sdp_fail(err, SDP_SYSTEM, "interrupted");
	child->pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (not_started(status, child->reported))
		return sdp_fail(err, SDP_SYSTEM,
				"%s: out of memory: the process that decodes it cannot start",
				name);
	if (WIFSIGNALED(status))
		return sdp_fail_at(err, (struct sdp_place){.file = name}, SDP_CHILD_DIED ": %s",
				   strsignal(WTERMSIG(status)));
	/* A parser that its input has taken over may have written anything. */
	*err = *child->reported;
	err->text[sizeof err->text - 1] = '\0';
	err->excerpt[0] = '\0';
	if (!err->text[0])
		*err = (struct sdp_err){.code = (enum sdp_code)WEXITSTATUS(status)};
	if (err->code > SDP_SYSTEM)
		err->code = SDP_SYSTEM;
	return -1;
}

void sdp_child_stop(struct sdp_child *child)
{
	if (child->pid) {
		kill(child->pid, SIGKILL);
		while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (child->reported)
		munmap(child->reported, sizeof *child->reported);
	*child = (struct sdp_child){0};
}
