/*
 * Runs another program and measures it: elapsed time, CPU time, memory of its whole process tree,
 * and a hash of its output.
 *
 * The program gets a process group of its own, /dev/null as standard input and the default actions
 * of all signals.  None of its processes survives the call: those that still run when the command
 * ends are killed, whatever session they are in (this process becomes their parent by
 * PR_SET_CHILD_SUBREAPER); if this process is killed, so is the command.
 *
 * Children that this process already has, and the processes that those start, are not measured,
 * killed or reaped.  The one exception: a process that one of them starts and that loses its parent
 * before the memory is measured next (see peak_memory) counts as one of the command's.  During the
 * call this process must not start other children, so it measures one command at a time.
 */
#ifndef SDP_PROCESS_MEASURE_H
#define SDP_PROCESS_MEASURE_H

#include "sdp/buf.h"

#include <stdbool.h>

struct sdp_measure_command {
	const char *path;        /* as sdp_find_program returns it */
	char *const *words;      /* arguments, the first being the name; ended by NULL */
	int inherit;             /* a descriptor that the program inherits, or -1 */
	struct sdp_buf *capture; /* receives its output; NULL: the output is only hashed */
	/* Called with each piece of its output; may be NULL.  Returns 0, or -1 to end it. */
	int (*on_output)(void *context, const void *bytes, size_t length, struct sdp_err *err);
	/* Called each time the memory is measured, about every 10 ms; may be NULL. */
	void (*tick)(void *context);
	void *context;
};

struct sdp_measure {
	/* Seconds from before the fork to the end of the command itself, by CLOCK_MONOTONIC. */
	double wall;
	/*
	 * CPU time in seconds, in user and in kernel mode, of the command and of all its
	 * descendants that were waited for, by it or, if they survived it, by this process.
	 */
	double user, sys;
	/*
	 * The peak memory in bytes: the maximum over time of the sum over the process tree of all
	 * memory that is not of files (Pss_Anon + Pss_Shmem of smaps_rollup, in which pages that
	 * processes share count once).  It is measured every 10 ms, or less often if that would
	 * take more than a fiftieth of the time.
	 *
	 * It is at least ru_maxrss, the maximum resident size of the largest single process, which
	 * includes files and the pages of this process before exec.  For a very short run that is
	 * the only measurement.
	 */
	uint64_t peak_memory;
	/* XXH3 of standard output in 128 bits (high half first), and its number of bytes. */
	uint64_t hash[2], printed;
	int status;              /* as waitpid returns it */
	struct sdp_buf messages; /* at least the last 64 KiB of its standard error */
};

/*
 * Runs the command until it ends, with whatever status.  Returns -1 if it cannot be run, or if a
 * signal (sdp_interrupted) asks this process to end; the command then gets SIGTERM and, after two
 * seconds, SIGKILL.  The caller must release m->messages, also on failure.
 */
int sdp_measure_run(const struct sdp_measure_command *command, struct sdp_measure *m,
		    struct sdp_err *err);

#endif
