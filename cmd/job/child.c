/*
 * Runs a program for the runner and waits for it. Its standard output is collected or logged. Its
 * standard error is logged, and the last two lines of it are kept.
 */
#define _GNU_SOURCE
#include "base/signals.h"
#include "base/utf8.h"
#include "job.h"
#include "process/find.h"
#include "process/measure.h"
#include "process/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUT = 0, MESSAGES = 1 };

static void take_line(struct job_child *c, const char *line, size_t length)
{
	if (c->store)
		sdp_job_log(c->store, c->id, line, length);
	memcpy(c->last[1], c->last[0], sizeof c->last[1]);
	if (length >= sizeof c->last[0])
		length = sdp_utf8_prefix(line, sizeof c->last[0] - 1);
	snprintf(c->last[0], sizeof c->last[0], "%.*s", (int)length, line);
}

/* Logs all complete lines, and at the end also the rest. */
static void take_lines(struct job_child *c, struct sdp_buf *text, bool end)
{
	size_t at = 0;
	const char *newline;
	while (at < text->length && (newline = memchr(text->data + at, '\n', text->length - at))) {
		take_line(c, text->data + at, (size_t)(newline - text->data) - at);
		at = (size_t)(newline - text->data) + 1;
	}
	if (end && at < text->length) {
		take_line(c, text->data + at, text->length - at);
		at = text->length;
	}
	if (at)
		memmove(text->data, text->data + at, text->length -= at);
}

/*
 * Reads both pipes until they are closed. Signals also reach the child, which is in the same
 * process group.
 */
static int read_pipes(struct job_child *c, int fds[2], struct sdp_err *err)
{
	enum { STEP = 1 << 16 };
	struct pollfd ends[2] = {{fds[OUT], POLLIN, 0}, {fds[MESSAGES], POLLIN, 0}};
	struct sdp_buf lines = {0};
	int rc = 0;
	while (rc == 0 && (ends[OUT].fd >= 0 || ends[MESSAGES].fd >= 0)) {
		if (poll(ends, 2, -1) < 0)
			continue;
		for (int i = 0; rc == 0 && i < 2; i++) {
			struct sdp_buf *to = i == OUT && c->out ? c->out : &lines;
			if (ends[i].fd < 0 || !ends[i].revents ||
			    (rc = sdp_buf_reserve(to, STEP, err)) < 0)
				continue;
			ssize_t n = read(ends[i].fd, to->data + to->length, STEP);
			if (n == 0)
				ends[i].fd = -1;
			to->length += n > 0 ? (size_t)n : 0;
		}
		take_lines(c, &lines, false);
	}
	take_lines(c, &lines, true);
	sdp_buf_release(&lines);
	return rc;
}

static int outcome(const char *program, pid_t pid, struct sdp_err *err)
{
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return sdp_fail_errno(err, "cannot wait for %s", program);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return sdp_fail(err, SDP_SYSTEM, "%s died of signal %d", program, WTERMSIG(status));
}

int job_child_run(struct job_child *child, const char *program, char *const *words,
		  struct sdp_err *err)
{
	struct sdp_buf path = {0};
	int out[2] = {-1, -1}, messages[2] = {-1, -1}, rc = sdp_find_program(program, &path, err);
	pid_t pid = -1;
	if (rc == 0 && sdp_interrupted)
		rc = sdp_fail(err, SDP_SYSTEM, "interrupted");
	if (rc == 0 && (pipe2(out, O_CLOEXEC) < 0 || pipe2(messages, O_CLOEXEC) < 0))
		rc = sdp_fail_errno(err, "cannot make a pipe");
	if (rc == 0) {
		struct sdp_spawn launch = {path.data, words, -1, out[1], messages[1], -1, NULL};
		rc = (pid = sdp_spawn_child(&launch, err)) < 0 ? -1 : 0;
	}
	close(out[1]), close(messages[1]);
	if (rc == 0)
		rc = read_pipes(child, (int[]){out[0], messages[0]}, err);
	close(out[0]), close(messages[0]);
	if (pid > 0) {
		struct sdp_err first = *err;
		int code = outcome(program, pid, err);
		if (rc < 0)
			*err = first;
		else
			rc = code;
	}
	sdp_buf_release(&path);
	return rc;
}
