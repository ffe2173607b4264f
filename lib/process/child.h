/*
 * A function in a process of its own, for what may die of its input: parsers of what others wrote.
 */
#ifndef SDP_PROCESS_CHILD_H
#define SDP_PROCESS_CHILD_H

#include "sdp/err.h"

#include <sys/types.h>

/* {0}: none. */
struct sdp_child {
	pid_t child;
	struct sdp_err *said; /* by it */
};

/*
 * Forks a process that calls run, which returns 0 or -1 with err, and ends.  It lives no longer
 * than this one and leaves SIGINT to it; out is its standard output.  In any case call
 * sdp_child_stop.
 */
int sdp_child_start(struct sdp_child *apart, int (*run)(void *context, struct sdp_err *err),
		    void *context, int out, struct sdp_err *err);

/*
 * Waits for its end.  -1: it failed as err says, or died; name is for that message.  If it said
 * nothing, or has become another program, err has only a code.
 */
int sdp_child_end(struct sdp_child *apart, const char *name, struct sdp_err *err);

/* Kills it if it still lives. */
void sdp_child_stop(struct sdp_child *apart);

#endif
