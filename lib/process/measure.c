/*
 * Runs a program and measures it in one loop, which wakes up when the program prints, when it ends
 * (by SIGCHLD, which is unblocked only while the loop waits, so that none is missed), and when its
 * memory is due to be measured.
 */
#define _GNU_SOURCE
#define XXH_INLINE_ALL
#include "process/measure.h"
#include "base/clock.h"
#include "base/signals.h"
#include "process/spawn.h"
#include "process/tree.h"
#include "sdp/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

enum { TAIL = 64 << 10, PIPE = 1 << 20, OUT = 0, ERR = 1 };

/*
 * Seconds between measurements of memory, and from SIGTERM to SIGKILL.  A measurement may take
 * 1/share of the time.
 */
static const double interval = 0.01, share = 50, grace = 2;

struct run {
	const struct sdp_measure_command *command;
	struct sdp_measure *m;
	pid_t pid;
	struct pollfd ends[2]; /* fd -1: closed */
	sigset_t mask;         /* the mask of the caller, with SIGCHLD unblocked */
	struct sdp_process_tree tree;
	XXH3_state_t *hash;
	char *room;
	double start, next; /* the time of the next measurement of memory */
};

static void sleep_briefly(double seconds)
{
	struct timespec t = {0, (long)(seconds * 1e9)};
	nanosleep(&t, NULL);
}

static void on_child(int number)
{
	(void)number;
}

static void add_usage(struct sdp_measure *m, const struct rusage *u)
{
	uint64_t largest = (uint64_t)u->ru_maxrss * 1024;
	m->user += (double)u->ru_utime.tv_sec + (double)u->ru_utime.tv_usec / 1e6;
	m->sys += (double)u->ru_stime.tv_sec + (double)u->ru_stime.tv_usec / 1e6;
	if (m->peak_memory < largest)
		m->peak_memory = largest;
}

static void close_all(const int *fds, int count)
{
	for (int i = 0; i < count; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* Lets the program inherit a descriptor, or does not. */
static void inherit(int fd, bool yes)
{
	if (fd >= 0)
		(void)fcntl(fd, F_SETFD, yes ? 0 : FD_CLOEXEC);
}

static int launch(struct run *r, struct sdp_err *err)
{
	int fds[4] = {-1, -1, -1, -1};
	if (pipe2(fds, O_CLOEXEC) < 0 || pipe2(fds + 2, O_CLOEXEC) < 0) {
		sdp_fail_errno(err, "cannot make a pipe");
		close_all(fds, 4);
		return -1;
	}
	/* A larger pipe keeps a program that prints much from waiting; failure does not matter. */
	(void)fcntl(fds[0], F_SETPIPE_SZ, PIPE);
	(void)fcntl(fds[0], F_SETFL, O_NONBLOCK);
	(void)fcntl(fds[2], F_SETFL, O_NONBLOCK);
	struct sdp_spawn program = {.path = r->command->path,
				    .words = r->command->words,
				    .in = -1,
				    .out = fds[1],
				    .messages = fds[3],
				    .keep = -1,
				    .group = true};
	inherit(r->command->inherit, true);
	r->start = sdp_clock_seconds();
	r->next = r->start + interval / 4;
	r->pid = sdp_spawn_child(&program, err);
	inherit(r->command->inherit, false);
	close_all((int[]){fds[1], fds[3]}, 2);
	if (r->pid < 0) {
		close_all((int[]){fds[0], fds[2]}, 2);
		return -1;
	}
	r->ends[OUT] = (struct pollfd){.fd = fds[0], .events = POLLIN};
	r->ends[ERR] = (struct pollfd){.fd = fds[2], .events = POLLIN};
	return 0;
}

static int take_message(struct sdp_buf *messages, size_t n, const char *text, struct sdp_err *err)
{
	if (messages->length + n > 2 * TAIL && messages->length > TAIL) {
		memmove(messages->data, messages->data + messages->length - TAIL, TAIL);
		messages->length = TAIL;
	}
	return sdp_buf_add(messages, text, n, err);
}

/* Reads once from a pipe, at most a room full.  Returns 1 if it read something, 0, or -1. */
static int read_pipe(struct run *r, int which, struct sdp_err *err)
{
	struct pollfd *end = &r->ends[which];
	if (end->fd < 0)
		return 0;
	ssize_t n;
	do
		n = read(end->fd, r->room, which == OUT ? PIPE : TAIL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : sdp_fail_errno(err, "cannot read from a pipe");
	if (n == 0) {
		close(end->fd);
		end->fd = -1;
		return 0;
	}
	if (which == ERR)
		return take_message(&r->m->messages, (size_t)n, r->room, err) < 0 ? -1 : 1;
	r->m->printed += (uint64_t)n;
	XXH3_128bits_update(r->hash, r->room, (size_t)n);
	if (r->command->capture && sdp_buf_add(r->command->capture, r->room, (size_t)n, err) < 0)
		return -1;
	if (r->command->on_output &&
	    r->command->on_output(r->command->context, r->room, (size_t)n, err) < 0)
		return -1;
	return 1;
}

static void measure_memory(struct run *r, double before)
{
	uint64_t bytes = sdp_process_tree_memory(&r->tree);
	double after = sdp_clock_seconds(), rest = (after - before) * share;
	if (bytes > r->m->peak_memory)
		r->m->peak_memory = bytes;
	r->next = after + (rest > interval ? rest : interval);
}

/* Waits until the command itself has ended, reading its output and measuring its memory. */
static int watch(struct run *r, struct sdp_err *err)
{
	struct rusage usage;
	for (;;) {
		pid_t got = wait4(r->pid, &r->m->status, WNOHANG, &usage);
		double t = sdp_clock_seconds();
		if (got == r->pid) {
			r->m->wall = t - r->start;
			r->pid = 0;
			add_usage(r->m, &usage);
			return 0;
		}
		if (sdp_interrupted)
			return sdp_fail(err, SDP_SYSTEM, "interrupted");
		if (t >= r->next) {
			measure_memory(r, t);
			if (r->command->tick)
				r->command->tick(r->command->context);
			continue;
		}
		struct timespec rest = {(time_t)(r->next - t), 0};
		rest.tv_nsec = (long)((r->next - t - (double)rest.tv_sec) * 1e9);
		int ready = ppoll(r->ends, 2, &rest, &r->mask);
		if (ready < 0 && errno != EINTR)
			return sdp_fail_errno(err, "cannot wait for a program");
		for (int i = 0; ready > 0 && i < 2; i++)
			if (r->ends[i].revents && read_pipe(r, i, err) < 0)
				return -1;
	}
}

/* Ends the command, by SIGTERM first and SIGKILL after a while. */
static void stop(struct run *r)
{
	double until = sdp_clock_seconds() + grace;
	if (r->pid <= 0)
		return;
	kill(-r->pid, SIGTERM);
	kill(-r->pid, SIGCONT);
	while (waitpid(r->pid, NULL, WNOHANG) == 0) {
		if (sdp_clock_seconds() > until)
			kill(-r->pid, SIGKILL);
		sleep_briefly(0.005);
	}
}

/* Reaps the children that have ended, up to the first one of those that are to be left alone. */
static void reap_ended(struct run *r)
{
	struct rusage usage;
	siginfo_t ended = {0};
	while (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid > 0 &&
	       !sdp_process_tree_leaves_out(&r->tree, ended.si_pid) &&
	       wait4(ended.si_pid, NULL, WNOHANG, &usage) > 0)
		add_usage(r->m, &usage);
}

/*
 * Kills and reaps the processes that survived the command; they are children of this process.  Its
 * other children are left alone.  Those that have ended need not be found, for which memory may be
 * lacking.
 */
static void kill_survivors(struct run *r)
{
	struct rusage usage;
	double until = sdp_clock_seconds() + grace;
	for (;;) {
		reap_ended(r);
		bool seen = sdp_process_tree_kill(&r->tree) == 0;
		for (size_t i = 0; i < r->tree.children; i++)
			if (wait4(r->tree.below[i], NULL, WNOHANG, &usage) > 0)
				add_usage(r->m, &usage);
		if ((seen && r->tree.below_count == 0) || sdp_clock_seconds() >= until)
			return;
		sleep_briefly(0.001);
	}
}

static int run(struct run *r, struct sdp_err *err)
{
	if (sdp_process_tree_leave_out(&r->tree, err) < 0 || launch(r, err) < 0)
		return -1;
	int rc = watch(r, err);
	if (rc < 0)
		stop(r);
	kill_survivors(r);
	for (int i = 0; i < 2; i++) {
		int more = 1;
		while (rc == 0 && more > 0)
			if ((more = read_pipe(r, i, err)) < 0)
				rc = -1;
		if (r->ends[i].fd >= 0)
			close(r->ends[i].fd);
	}
	XXH128_hash_t hash = XXH3_128bits_digest(r->hash);
	r->m->hash[0] = hash.high64;
	r->m->hash[1] = hash.low64;
	return rc;
}

int sdp_measure_run(const struct sdp_measure_command *command, struct sdp_measure *m,
		    struct sdp_err *err)
{
	struct run r = {.command = command, .m = m, .ends = {{.fd = -1}, {.fd = -1}}};
	struct sigaction action = {.sa_handler = on_child}, old;
	sigset_t child, before;
	int rc = -1;

	*m = (struct sdp_measure){0};
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigemptyset(&action.sa_mask);
	sigaction(SIGCHLD, &action, &old);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &before);
	r.mask = before;
	sigdelset(&r.mask, SIGCHLD);
	r.hash = XXH3_createState();
	r.room = malloc(PIPE);
	if (!r.hash || !r.room) {
		sdp_fail_memory(err);
	} else {
		XXH3_128bits_reset(r.hash);
		rc = run(&r, err);
	}
	free(r.room);
	XXH3_freeState(r.hash);
	sdp_process_tree_release(&r.tree);
	sigprocmask(SIG_SETMASK, &before, NULL);
	sigaction(SIGCHLD, &old, NULL);
	return rc;
}
