/*
 * Starts another program: one that survives this process, or one that does not.
 *
 * The program ignores and blocks the signals that this one ignored and blocked when it started
 * (base/signals.h).
 */
#ifndef SDP_PROCESS_SPAWN_H
#define SDP_PROCESS_SPAWN_H

#include "sdp/err.h"

#include <stdbool.h>
#include <sys/types.h>

struct sdp_spawn {
	const char *path;   /* as sdp_find_program returns it */
	char *const *words; /* arguments, the first being the name; ended by NULL */
	/* Its standard input, output and error; -1: /dev/null. */
	int in, out, messages;
	int keep;           /* its descriptor 3; -1: it has none */
	const char *folder; /* of a detached program: where it runs; NULL: / */
	bool group;         /* a child leads a process group of its own */
	/* Environment variables to set: name, value, …, NULL; may be NULL. */
	const char *const *environment;
};

/*
 * Starts the program as the leader of its own session, in folder, with a umask of 077 and no other
 * descriptors.  It is not a child of this process: the system reaps it, and signals for this
 * process or its terminal do not reach it.  Returns 0, or -1 with SDP_SYSTEM if it cannot be run.
 */
int sdp_spawn_detached(const struct sdp_spawn *launch, struct sdp_err *err);

/*
 * Starts the program as a child, by default in the process group of this process; it is killed if
 * this process dies.  It also inherits the descriptors that are not close-on-exec.  Returns its
 * pid, for which the caller must wait, or -1 with SDP_SYSTEM.
 */
pid_t sdp_spawn_child(const struct sdp_spawn *launch, struct sdp_err *err);

#endif
