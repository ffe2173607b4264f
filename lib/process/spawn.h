/*
 * Starting other programs: one that outlives this process, one that does not.
 *
 * The program gets the signals' default actions, a umask of 077, the descriptors named here and no
 * others; what is -1 is /dev/null.
 */
#ifndef SDP_PROCESS_SPAWN_H
#define SDP_PROCESS_SPAWN_H

#include "sdp/err.h"

#include <sys/types.h>

struct sdp_spawn {
	const char *path;   /* as sdp_find_program gives it */
	char *const *words; /* ended by NULL, the first being the program's name */
	int in, out, messages;
	int keep;                       /* becomes descriptor 3; -1: there is no such */
	const char *const *environment; /* name, value, …, NULL: variables to be set; or NULL */
};

/*
 * As the leader of a session of its own, in /, as nobody's child: it is the system that collects
 * it, and no signal for this process or its terminal reaches it.  -1 if it could not be run.
 */
int sdp_spawn_detached(const struct sdp_spawn *launch, struct sdp_err *err);

/*
 * As a child in this process's group, killed should this process die.  Its pid, to be waited for,
 * or -1.
 */
pid_t sdp_spawn_child(const struct sdp_spawn *launch, struct sdp_err *err);

#endif
