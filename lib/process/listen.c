/* Runs a program, reads both of its pipes until they are closed, and waits for it. */
#define _GNU_SOURCE
#include "process/listen.h"

#include "base/signals.h"
#include "base/utf8.h"
#include "process/find.h"
#include "process/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUT = 0, MESSAGES = 1, STEP = 1 << 16, OUT_MOST = 1 << 20 };

static void take_line(struct sdp_listener *l, const char *line, size_t length)
{
	if (l->line)
		l->line(l->context, line, length);
	/* An excerpt (sdp/err.h) belongs to the message before it. */
	if (length && *line == ' ')
		return;
	memcpy(l->last[1], l->last[0], sizeof l->last[1]);
	if (length >= sizeof l->last[0])
		length = sdp_utf8_prefix(line, sizeof l->last[0] - 1);
	snprintf(l->last[0], sizeof l->last[0], "%.*s", (int)length, line);
}

/* Takes all complete lines, and the rest at the end or if it is long. */
static void take_lines(struct sdp_listener *l, struct sdp_buf *text, bool end)
{
	size_t at = 0;
	const char *newline;
	while (at < text->length && (newline = memchr(text->data + at, '\n', text->length - at))) {
		take_line(l, text->data + at, (size_t)(newline - text->data) - at);
		at = (size_t)(newline - text->data) + 1;
	}
	if (at < text->length && (end || text->length - at >= STEP)) {
		take_line(l, text->data + at, text->length - at);
		at = text->length;
	}
	if (at)
		memmove(text->data, text->data + at, text->length -= at);
}

/* Reads once from a pipe.  Returns 1, or 0 at its end, or -1. */
static int read_pipe(int fd, struct sdp_buf *to, struct sdp_err *err)
{
	if (sdp_buf_reserve(to, STEP, err) < 0)
		return -1;
	ssize_t n = read(fd, to->data + to->length, STEP);
	if (n < 0)
		return errno == EINTR ? 1 : sdp_fail_errno(err, "cannot read from a pipe");
	to->data[to->length += (size_t)n] = '\0';
	return n > 0;
}

/* Reads both pipes until they are closed. */
static int read_pipes(struct sdp_listener *l, const int fds[2], struct sdp_err *err)
{
	struct pollfd ends[2] = {{fds[OUT], POLLIN, 0}, {fds[MESSAGES], POLLIN, 0}};
	struct sdp_buf lines = {0};
	int rc = 0;
	while (rc == 0 && (ends[OUT].fd >= 0 || ends[MESSAGES].fd >= 0)) {
		if (poll(ends, 2, -1) < 0) {
			if (errno != EINTR)
				rc = sdp_fail_errno(err, "cannot wait for a program");
			continue;
		}
		for (int i = 0; rc == 0 && i < 2; i++) {
			struct sdp_buf *to = i == OUT && l->out ? l->out : &lines;
			if (ends[i].fd < 0 || !ends[i].revents)
				continue;
			int more = read_pipe(ends[i].fd, to, err);
			if (more == 0)
				ends[i].fd = -1;
			else if (more < 0)
				rc = -1;
			else if (to == l->out && to->length > OUT_MOST)
				rc = sdp_fail(err, SDP_SYSTEM, "its output is larger than 1 MiB");
		}
		take_lines(l, &lines, false);
	}
	take_lines(l, &lines, true);
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

static void close_both(const int fds[2])
{
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

int sdp_listen(struct sdp_listener *listener, const char *program, char *const *words,
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
		struct sdp_spawn launch = {.path = path.data,
					   .words = words,
					   .in = -1,
					   .out = out[1],
					   .messages = messages[1],
					   .keep = -1};
		rc = (pid = sdp_spawn_child(&launch, err)) < 0 ? -1 : 0;
	}
	close_both((int[]){out[1], messages[1]});
	if (rc == 0)
		rc = read_pipes(listener, (int[]){out[0], messages[0]}, err);
	close_both((int[]){out[0], messages[0]});
	/* A program whose output is not read must not go on. */
	if (pid > 0 && rc < 0)
		kill(pid, SIGTERM);
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

const char *sdp_listen_message(const char *line, const char *program)
{
	size_t name = strlen(program);
	bool named = strncmp(line, program, name) == 0 && strncmp(line + name, ": ", 2) == 0;
	return line + (named ? name + 2 : 0);
}

const char *sdp_listener_reason(const struct sdp_listener *listener, const char *program)
{
	return sdp_listen_message(listener->last[0], program);
}
