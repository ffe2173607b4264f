/*
 * Running another program and measuring it: time, processor time, memory of its whole process
 * tree, and a hash of what it prints.
 *
 * The program gets a process group of its own, /dev/null as standard input and the signals'
 * default actions.  Nothing of it outlives the call: what the command leaves running when it
 * ends is killed, whatever session it went to (this process becomes the one that orphans fall
 * to), and should this process be killed, the command is too.  So a process that measures must
 * have no other children, and measures one command at a time.
 */
#ifndef SDP_PROCESS_MEASURE_H
#define SDP_PROCESS_MEASURE_H

#include "sdp/buf.h"

#include <stdbool.h>

struct sdp_measure_command {
	const char *path;        /* as sdp_find_program gives it */
	char *const *words;      /* ended by NULL */
	int inherit;             /* a descriptor the program gets under the same number, or -1 */
	struct sdp_buf *capture; /* what it prints is added here; NULL: only hashed */
	/* Gets what it prints, piece by piece; NULL for none.  -1 ends the command. */
	int (*take)(void *context, const void *bytes, size_t length, struct sdp_err *err);
	/* Called now and then while the program runs; NULL for none. */
	void (*tick)(void *context);
	void *context;
};

struct sdp_measure {
	/* seconds from before fork to the end of the command itself (CLOCK_MONOTONIC) */
	double wall;
	/*
	 * Processor time in seconds: the command and all below it that was waited for, by it or, if
	 * it left them behind, here.
	 */
	double user, sys;
	/*
	 * Bytes: the greatest sum over the tree of what is not of files (Pss_Anon + Pss_Shmem of
	 * smaps_rollup, pages that processes share counted once), looked at every 10 ms, or less
	 * often where looking would take more than a fiftieth of the time; but no less than
	 * ru_maxrss, the resident size of the largest single process, files and this process's own
	 * pages before exec included, which is all there is for a very short run.
	 */
	uint64_t peak_memory;
	uint64_t hash[2], printed; /* XXH3 of standard output, 128 bits; and its bytes */
	int status;                /* as waitpid has it */
	struct sdp_buf messages;   /* the last 64 KiB of its standard error */
};

/*
 * Runs the command to its end, whatever that is.  -1: it could not be run, or a signal
 * (sdp_interrupted) asks this process to end: then the command was sent SIGTERM, and SIGKILL
 * after two seconds.  Release m->messages in any case.
 */
int sdp_measure_run(const struct sdp_measure_command *command, struct sdp_measure *m,
		    struct sdp_err *err);

/*
 * Adds the path of a program: a name with a slash as it is, any other beside this program's file,
 * else on PATH.  SDP_SYSTEM if there is none.
 */
int sdp_find_program(const char *name, struct sdp_buf *path, struct sdp_err *err);

#endif
