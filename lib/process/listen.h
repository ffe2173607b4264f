/*
 * Runs another program of sdp, passes on the lines that it prints, and waits for it.  The last
 * lines are kept for a message.
 */
#ifndef SDP_PROCESS_LISTEN_H
#define SDP_PROCESS_LISTEN_H

#include "sdp/buf.h"

struct sdp_listener {
	/*
	 * Called for each line of its standard error, and of its standard output unless out is set;
	 * may be NULL.  A very long line comes in parts.
	 */
	void (*line)(void *context, const char *line, size_t length);
	void *context;
	struct sdp_buf *out; /* gets its standard output; NULL: line does */
	/* The last two lines that do not begin with a blank, cut if long, the newer one first. */
	char last[2][490];
};

/*
 * Runs a program, found by sdp_find_program, in the process group of this process, so that signals
 * reach both.  words are its arguments, the first being its name; they end with NULL.  Returns its
 * exit code, or -1 with SDP_SYSTEM if it could not be run or listened to, if a signal killed it, or
 * if it printed more than 1 MiB to out.
 */
int sdp_listen(struct sdp_listener *listener, const char *program, char *const *words,
	       struct sdp_err *err);

/* Returns a line that a program of sdp has printed without the name of the program before it. */
const char *sdp_listen_message(const char *line, const char *program);

/* Returns the last line of a program of sdp that failed, without its name; "" if there is none. */
const char *sdp_listener_reason(const struct sdp_listener *listener, const char *program);

#endif
