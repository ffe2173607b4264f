/* Runs a function in a child process, which reports its error through shared memory. */
#define _GNU_SOURCE
#include "process/child.h"

#include "base/signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void child_main(int (*run)(void *context, struct sdp_err *err), void *context,
				 int out, struct sdp_err *reported)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], signals[i] == SIGINT ? SIG_IGN : SIG_DFL);
	if (dup2(out, STDOUT_FILENO) < 0)
		_exit(SDP_SYSTEM);
	int rc = run(context, reported);
	_exit(rc < 0 ? (int)reported->code : 0);
}

int sdp_child_start(struct sdp_child *child, int (*run)(void *context, struct sdp_err *err),
		    void *context, int out, struct sdp_err *err)
{
	struct sdp_err *reported = mmap(NULL, sizeof *reported, PROT_READ | PROT_WRITE,
					MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*child = (struct sdp_child){0};
	if (reported == MAP_FAILED)
		return sdp_fail_memory(err);
	child->reported = reported;
	pid_t pid = fork();
	if (pid == 0)
		child_main(run, context, out, reported);
	if (pid < 0)
		return sdp_fail_errno(err, "cannot start a process");
	child->pid = pid;
	return 0;
}

int sdp_child_end(struct sdp_child *child, const char *name, struct sdp_err *err)
{
	int status = 0;
	while (waitpid(child->pid, &status, 0) < 0)
		if (errno != EINTR)
			return sdp_fail_errno(err, "cannot wait for a process");
	child->pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFSIGNALED(status))
		return sdp_fail_at(err, (struct sdp_place){.file = name}, SDP_CHILD_DIED ": %s",
				   strsignal(WTERMSIG(status)));
	*err = *child->reported;
	if (err->code == SDP_OK)
		*err = (struct sdp_err){.code = (enum sdp_code)WEXITSTATUS(status)};
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
