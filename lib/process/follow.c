/* Follows files that grow. */
#define _GNU_SOURCE
#include "process/follow.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "sdp/mem.h"
#include "sdp/shared_arena.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LOOK = 1000,      /* ms between looks if inotify reports nothing */
	LOOK_OFTEN = 250, /* the same if there is no inotify, or a change is due */
	QUIET = 1000,     /* ms that a replaced file does not grow before the next one is read */
	PIECE = 1 << 18,
	MARK = 256, /* the last bytes that are compared */
};

struct sdp_follow_shared {
	_Atomic uint64_t beginning;
	/* Set by the child when it ends with success: */
	uint64_t at;  /* the bytes that were copied */
	dev_t device; /* of the file that has replaced this one … */
	ino_t inode;
};

/* ---- in the child ---- */

struct follower {
	const struct sdp_follow *f;
	char *piece;
	uint64_t at;     /* the bytes copied */
	char mark[MARK]; /* the last ones of them … */
	size_t marked;   /* … and their number */
	int watch;       /* of inotify, or -1 */
	uint64_t grew;   /* when it last grew, in ms */
	uint64_t gone;   /* since when the name is missing and the file removed; 0: it is not */
	bool replaced;   /* another file that is not empty has the name: */
	struct stat other;
};

static int fail(const struct follower *w, const char *what, struct sdp_err *err)
{
	bool unfinished = w->marked && w->mark[w->marked - 1] != '\n';
	return sdp_fail(err, SDP_SYSTEM, "%s: the file was %s while it was followed%s", w->f->path,
			what, unfinished ? "; its last line has no line end" : "");
}

/* Waits for a change, but not for long. */
static void wait_for_change(const struct follower *w)
{
	char events[4096];
	struct pollfd fd = {.fd = w->watch, .events = POLLIN};
	poll(&fd, 1, w->watch < 0 || w->replaced || w->gone ? LOOK_OFTEN : LOOK);
	while (w->watch >= 0 && read(w->watch, events, sizeof events) > 0)
		;
}

/* Remembers the last bytes. */
static void set_mark(struct follower *w, const char *text, size_t length)
{
	size_t taken = length < MARK ? length : MARK,
	       kept = w->marked + taken <= MARK ? w->marked : MARK - taken;
	memmove(w->mark, w->mark + w->marked - kept, kept);
	memcpy(w->mark + kept, text + length - taken, taken);
	w->marked = kept + taken;
}

static int pass_on(struct follower *w, const char *text, size_t length, struct sdp_err *err)
{
	if (sdp_write_all(STDOUT_FILENO, text, length) < 0)
		return sdp_fail_errno(err, "%s: cannot pass on its bytes", w->f->path);
	set_mark(w, text, length);
	w->at += length;
	w->grew = sdp_clock_ms();
	return 0;
}

/* Copies what is there. */
static int copy(struct follower *w, struct sdp_err *err)
{
	ssize_t n;
	while ((n = sdp_read_at(w->f->file, w->piece, PIECE, w->at)) > 0)
		if (pass_on(w, w->piece, (size_t)n, err) < 0)
			return -1;
	return n < 0 ? sdp_fail_errno(err, "%s", w->f->path) : 0;
}

/* Fails unless what was copied is still there. */
static int check_file(const struct follower *w, struct stat *st, struct sdp_err *err)
{
	char now[MARK];
	struct stat before;
	if (fstat(w->f->file, st) < 0)
		return sdp_fail_errno(err, "%s", w->f->path);
	if ((uint64_t)st->st_size < w->at)
		return fail(w, "truncated", err);
	ssize_t n = sdp_read_at(w->f->file, now, w->marked, w->at - w->marked);
	if (n < 0)
		return sdp_fail_errno(err, "%s", w->f->path);
	if ((size_t)n < w->marked)
		return fail(w, "truncated", err);
	if (memcmp(now, w->mark, w->marked) != 0)
		return fail(w, "rewritten", err);
	if (w->f->before >= 0 && fstat(w->f->before, &before) == 0 &&
	    before.st_size > w->f->before_size)
		return sdp_fail(err, SDP_SYSTEM,
				"%s: the file that was replaced has grown after that: its last "
				"bytes were not read",
				w->f->path);
	return 0;
}

/* Looks at which file has the name. */
static int check_name(struct follower *w, const struct stat *st, struct sdp_err *err)
{
	struct stat named;
	uint64_t now = sdp_clock_ms();
	bool none = stat(w->f->path, &named) < 0;
	if (none && errno != ENOENT && errno != ENOTDIR)
		return sdp_fail_errno(err, "%s", w->f->path);
	bool other = !none && (named.st_dev != st->st_dev || named.st_ino != st->st_ino);
	if (other && !S_ISREG(named.st_mode))
		return fail(w, "replaced by a directory or a device", err);
	if (none && st->st_nlink == 0)
		w->gone = w->gone ? w->gone : now;
	else
		w->gone = 0;
	if (w->gone && now - w->gone >= QUIET)
		return fail(w, "removed", err);
	if (w->replaced &&
	    (!other || named.st_dev != w->other.st_dev || named.st_ino != w->other.st_ino))
		return fail(w, "replaced twice within a second", err);
	if (other && named.st_size > 0 && !w->replaced) {
		w->replaced = true;
		w->other = named;
		w->grew = now;
	}
	return 0;
}

/* Returns whether all of the file was copied and the next one is to be read. */
static bool has_ended(const struct follower *w)
{
	if (!w->replaced || sdp_clock_ms() - w->grew < QUIET)
		return false;
	w->f->shared->at = w->at;
	w->f->shared->device = w->other.st_dev;
	w->f->shared->inode = w->other.st_ino;
	return true;
}

static int look(struct follower *w, struct sdp_err *err)
{
	struct stat st;
	return check_file(w, &st, err) < 0 || check_name(w, &st, err) < 0 ? -1 : 0;
}

/* Waits until the file has enough bytes to begin with. */
static int begin(struct follower *w, struct sdp_err *err)
{
	char *text = sdp_alloc(SDP_FOLLOW_BEGINNING, 1, err);
	size_t enough = 0;
	bool ended = false;
	int rc = text ? 0 : -1;
	w->grew = sdp_clock_ms();
	while (rc == 0 && enough == 0 && !ended) {
		ssize_t n = sdp_read_at(w->f->file, text, SDP_FOLLOW_BEGINNING, 0);
		if (n < 0)
			rc = sdp_fail_errno(err, "%s", w->f->path);
		else
			enough = w->f->enough(w->f->context, text, (size_t)n);
		if (rc == 0 && enough == 0)
			rc = look(w, err);
		ended = has_ended(w);
		if (ended && n == 0)
			rc = fail(w, "replaced, still empty,", err);
		if (ended)
			enough = (size_t)n; /* no more will come */
		else if (rc == 0 && enough == 0)
			wait_for_change(w);
	}
	if (rc == 0) {
		atomic_store(&w->f->shared->beginning, enough);
		rc = pass_on(w, text, enough, err);
	}
	free(text);
	return rc;
}

/* Copies the file until it has ended. */
static int follow(void *context, struct sdp_err *err)
{
	struct follower w = {.f = context};
	char path[32];
	snprintf(path, sizeof path, "/proc/self/fd/%d", w.f->file);
	w.watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w.watch >= 0 &&
	    inotify_add_watch(w.watch, path, IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF) < 0) {
		close(w.watch);
		w.watch = -1;
	}
	w.piece = sdp_alloc(PIECE, 1, err);
	int rc = w.piece ? begin(&w, err) : -1;
	while (rc == 0) {
		if (look(&w, err) < 0 || copy(&w, err) < 0)
			rc = -1;
		else if (has_ended(&w))
			break;
		else
			wait_for_change(&w);
	}
	free(w.piece);
	return rc;
}

/* ---- in the parent ---- */

static int start(struct sdp_follow *f, int *from, struct sdp_err *err)
{
	int ends[2];
	atomic_store(&f->shared->beginning, 0);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return sdp_fail_errno(err, "cannot follow %s", f->path);
	int rc = sdp_child_start(&f->child, follow, f, ends[1], err);
	close(ends[1]);
	if (rc == 0)
		*from = ends[0];
	else
		close(ends[0]);
	return rc;
}

/* Opens the file. */
static int open_file(struct sdp_follow *f, struct stat *st, struct sdp_err *err)
{
	f->file = sdp_file_open(f->path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (f->file < 0 || fstat(f->file, st) < 0)
		return sdp_fail_errno(err, "cannot open %s", f->path);
	return 0;
}

int sdp_follow_start(struct sdp_follow *f, const char *path, sdp_follow_enough *enough,
		     const void *context, int *from, struct sdp_err *err)
{
	struct stat st;
	*f = (struct sdp_follow){path, enough, context, .file = -1, .before = -1};
	f->shared = sdp_shared_map(sizeof *f->shared, err);
	if (!f->shared || open_file(f, &st, err) < 0)
		return -1;
	if (!S_ISREG(st.st_mode))
		return sdp_fail(err, SDP_USAGE, "cannot follow %s: it is no regular file", path);
	return start(f, from, err);
}

int sdp_follow_next(struct sdp_follow *f, int *from, struct sdp_err *err)
{
	struct stat st;
	sdp_file_close(f->before);
	f->before = f->file;
	f->before_size = (off_t)f->shared->at;
	if (open_file(f, &st, err) < 0)
		return -1;
	if (st.st_dev != f->shared->device || st.st_ino != f->shared->inode)
		return sdp_fail(err, SDP_SYSTEM,
				"%s: the file was replaced twice within a second while it was "
				"followed",
				f->path);
	return start(f, from, err);
}

uint64_t sdp_follow_beginning(const struct sdp_follow *f)
{
	return f->shared ? atomic_load(&f->shared->beginning) : 0;
}

int sdp_follow_end(struct sdp_follow *f, struct sdp_err *err)
{
	int rc = sdp_child_end(&f->child, f->path, err);
	/* It does not die of what it reads, as a parser may. */
	if (rc < 0 && strstr(err->text, SDP_CHILD_DIED))
		sdp_fail(err, SDP_SYSTEM, "%s: the process that follows it died", f->path);
	sdp_child_stop(&f->child);
	return rc;
}

void sdp_follow_stop(struct sdp_follow *f)
{
	if (!f->shared)
		return;
	sdp_child_stop(&f->child);
	sdp_file_close(f->file);
	sdp_file_close(f->before);
	munmap(f->shared, sizeof *f->shared);
	*f = (struct sdp_follow){0};
}
