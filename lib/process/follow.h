/*
 * A file that grows, as a pipe: a child process copies the bytes of the file to the pipe, first
 * those that are there, then those that are added.
 *
 *	access.csv     ─────────────▶  replaced, renamed to access.csv.1
 *	(a new file)                   access.csv  ─────────────▶  …
 *	pipe: one file after the other, each with a child of its own
 *
 * The pipe ends when the file was replaced by another one of the same name, as the rotation of logs
 * does, and all of it was copied: when the new file is not empty, and the old one has not grown for
 * a second. Until then the old file is read, also if its name is gone. The new file is read by the
 * next child. If the old one grows nevertheless, that child fails, so that no byte is lost
 * unnoticed.
 *
 * A child also fails if the file is truncated, rewritten (as far as that shows in its size and in
 * the last bytes that were read), or removed and not replaced within a second.
 *
 * It sleeps until inotify reports a change. It looks at the file at least once a second, because
 * changes that other machines make on a network file system are not reported, and four times a
 * second without inotify.
 *
 * Functions return 0, or -1 with err.
 */
#ifndef SDP_PROCESS_FOLLOW_H
#define SDP_PROCESS_FOLLOW_H

#include "process/child.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Returns how many of the first bytes of a file to begin with, or 0 to wait for more. More than
 * SDP_FOLLOW_BEGINNING bytes are never looked at; it must not return 0 for as many.
 */
enum { SDP_FOLLOW_BEGINNING = 1 << 22 };
typedef size_t sdp_follow_enough(const void *context, const char *text, size_t length);

struct sdp_follow_shared;

/* A file that is followed; {0} is none. What path and context point to belongs to the caller. */
struct sdp_follow {
	const char *path;
	sdp_follow_enough *enough;
	const void *context;
	struct sdp_child child;
	struct sdp_follow_shared *shared; /* with the child; NULL: none is followed */
	int file;                         /* the descriptor of the file */
	int before;                       /* that of the file which it replaced, or -1 … */
	off_t before_size;                /* … and how much of that was read */
};

/*
 * Opens the file of path, which must be a regular one, and starts its child. *from receives the
 * pipe, which the caller closes. The caller must call sdp_follow_stop, also on failure.
 */
int sdp_follow_start(struct sdp_follow *follow, const char *path, sdp_follow_enough *enough,
		     const void *context, int *from, struct sdp_err *err);

/* After sdp_follow_end has returned 0: does the same for the file that has replaced this one. */
int sdp_follow_next(struct sdp_follow *follow, int *from, struct sdp_err *err);

/*
 * Returns the number of bytes of the file that `enough` chose to begin with. It is known when the
 * first byte has come through the pipe; 0 before that.
 */
uint64_t sdp_follow_beginning(const struct sdp_follow *follow);

/*
 * After the pipe has ended: returns 0 if another file has replaced this one, and -1 with SDP_SYSTEM
 * if following failed.
 */
int sdp_follow_end(struct sdp_follow *follow, struct sdp_err *err);

/* Kills the child if it is still running, and closes the files. */
void sdp_follow_stop(struct sdp_follow *follow);

#endif
