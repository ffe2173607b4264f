/*
 * Starts programs.
 *
 * The child first duplicates its descriptors to high numbers, and then moves them to their final
 * numbers. Through a pipe, which exec closes, it reports why it could not run the program.
 */
#define _GNU_SOURCE
#include "process/spawn.h"

#include "base/file.h"
#include "base/signals.h"
#include "sdp/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEEP = 3, PLACES, AWAY = 16 };

static _Noreturn void report_and_exit(int report)
{
	int why = errno;
	sdp_write_all(report, &why, sizeof why);
	_exit(127);
}

/*
 * Returns a copy of a descriptor, or of /dev/null, whose number is at least AWAY and which exec
 * closes.
 */
static int move_away(int fd, int flags)
{
	if (fd >= 0) {
		int copy = fcntl(fd, F_DUPFD_CLOEXEC, AWAY);
		if (copy < 0 && errno == EINVAL) /* the limit on descriptors is below AWAY */
			errno = EMFILE;
		return copy;
	}
	int null = sdp_file_open("/dev/null", flags, 0),
	    moved = null < 0 ? -1 : move_away(null, flags);
	if (null >= 0)
		close(null);
	return moved;
}

static void close_from(int first, int last)
{
	if (first > last || close_range((unsigned)first, (unsigned)last, 0) == 0)
		return;
	long most = sysconf(_SC_OPEN_MAX);
	for (int fd = first; fd <= last && fd < (most > 0 && most < 65536 ? most : 65536); fd++)
		close(fd);
}

/* Puts the descriptors in place, and closes all others.  Returns the new number of report. */
static int place_descriptors(const struct sdp_spawn *l, bool detached, int report)
{
	int from[PLACES] = {move_away(l->in, O_RDONLY), move_away(l->out, O_WRONLY),
			    move_away(l->messages, O_WRONLY),
			    l->keep < 0 ? -1 : move_away(l->keep, 0)};
	int away = move_away(report, 0), last = l->keep < 0 ? KEEP - 1 : KEEP;
	if (away < 0)
		report_and_exit(report);
	for (int i = 0; i <= last; i++)
		if (from[i] < 0 || dup2(from[i], i) < 0)
			report_and_exit(away);
	if (detached) { /* exec closes those of this program, but there may be others */
		close_from(last + 1, away - 1);
		close_from(away + 1, INT_MAX);
	}
	return away;
}

static _Noreturn void exec_program(const struct sdp_spawn *l, bool detached, int report)
{
	report = place_descriptors(l, detached, report);
	sdp_signals_restore();
	if (detached)
		umask(077);
	for (const char *const *e = l->environment; e && e[0]; e += 2)
		if (setenv(e[0], e[1], 1) < 0)
			report_and_exit(report);
	execv(l->path, l->words);
	report_and_exit(report);
}

/* Waits until the program is running.  Returns 0, or the errno of the child. */
static int outcome(int report)
{
	int why = 0;
	ssize_t n;
	do
		n = read(report, &why, sizeof why);
	while (n < 0 && errno == EINTR);
	close(report);
	return n == (ssize_t)sizeof why ? why : 0;
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

static pid_t start(const struct sdp_spawn *l, bool detached, int folder, struct sdp_err *err)
{
	int report[2];
	if (pipe2(report, O_CLOEXEC) < 0)
		return sdp_fail_errno(err, "cannot make a pipe");
	pid_t self = getpid(), pid = fork();
	if (pid == 0 && detached) {
		pid_t child = fork();
		if (child < 0)
			report_and_exit(report[1]);
		if (child > 0)
			_exit(0);
		if (setsid() < 0 || fchdir(folder) < 0)
			report_and_exit(report[1]);
	} else if (pid == 0) {
		if (l->group)
			setpgid(0, 0);
		sdp_signals_die_with(self);
	}
	if (pid == 0)
		exec_program(l, detached, report[1]);
	close(report[1]);
	if (pid < 0) {
		close(report[0]);
		return sdp_fail_errno(err, "cannot start a process");
	}
	int why = outcome(report[0]);
	if (detached || why)
		reap(pid);
	if (!why)
		return pid;
	errno = why;
	return sdp_fail_errno(err, "cannot run %s", l->path);
}

int sdp_spawn_detached(const struct sdp_spawn *launch, struct sdp_err *err)
{
	const char *path = launch->folder ? launch->folder : "/";
	int folder = sdp_file_open(path, O_PATH | O_DIRECTORY, 0);
	if (folder < 0)
		return sdp_fail_errno(err, "cannot enter %s", path);
	int rc = start(launch, true, folder, err) < 0 ? -1 : 0;
	close(folder);
	return rc;
}

pid_t sdp_spawn_child(const struct sdp_spawn *launch, struct sdp_err *err)
{
	return start(launch, false, -1, err);
}
