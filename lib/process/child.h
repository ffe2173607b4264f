/*
 * Runs a function in a process of its own, for code that may crash on its input, such as parsers of
 * other people's formats.
 */
#ifndef SDP_PROCESS_CHILD_H
#define SDP_PROCESS_CHILD_H

#include "sdp/err.h"

#include <sys/types.h>

/* The beginning of the message for a process that a signal killed. */
#define SDP_CHILD_DIED "the process that decodes it died"

/* A child process; {0} is none. */
struct sdp_child {
	pid_t pid;
	struct sdp_err *reported; /* its error, in shared memory */
};

/*
 * Forks a process that calls run, which returns 0 or -1 with err, and exits.  The descriptor out is
 * its standard output.  It is killed when this process dies.  It ignores SIGINT, which this process
 * handles, and SIGTERM and SIGHUP if this process ignores them.  The caller must call
 * sdp_child_stop, also on failure.
 */
int sdp_child_start(struct sdp_child *child, int (*run)(void *context, struct sdp_err *err),
		    void *context, int out, struct sdp_err *err);

/*
 * For use in run: replaces the process by another program of sdp, with the descriptor in as its
 * standard input.  The program reports its error by sdp_child_report.  Returns -1 with SDP_SYSTEM
 * if the program cannot be run.  err must be that of run.
 */
int sdp_child_exec(const char *path, char *const *words, int in, struct sdp_err *err);

/*
 * In a program that sdp_child_exec runs: returns the memory for its error, which stays valid.
 * Returns NULL if this program was started in another way (errno is 0), or if the system fails.
 */
struct sdp_err *sdp_child_report(void);

/*
 * Waits until the process has exited.  Returns 0 if run returned 0.  Returns -1 with the error of
 * run or of the program that replaced it, or with SDP_DATA if a signal killed the process; name is
 * the name of its input, for that message.  A program that was killed before it called
 * sdp_child_report had too little memory to start: then the code is SDP_SYSTEM.  If the process
 * reported no error, err has only the exit status as its code (SDP_SYSTEM if it is none of
 * sdp_code), and no text.  Fails if a signal that asks this program to end (base/signals.h) arrives
 * meanwhile.
 */
int sdp_child_end(struct sdp_child *child, const char *name, struct sdp_err *err);

/* Kills the process if it is still running, reaps it, and frees the memory. */
void sdp_child_stop(struct sdp_child *child);

#endif
