/*
 * Reads addresses (base/address.h) by another program of sdp, which is started as a child:
 *
 *	sdp-upload --get -        for s3://, http://, https:// and ids of stored files
 *	sdp-databricks get -      for dbfs:/
 *
 * The child reads the address as the only line of its standard input, so that no command line
 * shows it, and writes the bytes to its standard output. Only if it exits with 0 are they
 * complete, so its end must be checked before the end of its output counts.
 *
 * Functions return 0, or -1 with err.
 */
#ifndef SDP_PROCESS_FETCH_H
#define SDP_PROCESS_FETCH_H

#include "sdp/buf.h"

#include <sys/types.h>

/* A child that reads an address; {0} is none. */
struct sdp_fetch {
	pid_t pid;
	int messages; /* what it writes to standard error: the descriptor of a file */
	const char *program;
};

/*
 * Starts the program for an address. *from receives the pipe with its output, which the caller
 * closes. title is the name in messages (sdp_address_shown). The child is killed when this process
 * dies. Fails with SDP_SYSTEM if the program is not installed or cannot be run.
 */
int sdp_fetch_start(struct sdp_fetch *fetch, const char *address, const char *title, int *from,
		    struct sdp_err *err);

/*
 * Waits for the child, whose output has ended. Returns 0 if it exited with 0, after passing on its
 * warnings. Otherwise the code is its exit code (SDP_SYSTEM if that is none of enum sdp_code, or if
 * a signal killed it), and the text is its last message, with title as the place if it has none.
 */
int sdp_fetch_end(struct sdp_fetch *fetch, const char *title, struct sdp_err *err);

/* Kills the child if it is still running, and reaps it. */
void sdp_fetch_stop(struct sdp_fetch *fetch);

/*
 * Appends all bytes of a FILE to text, whether it is a file or an address, as sdp_file_read does;
 * most (a number of MiB) is the largest number of bytes.
 */
int sdp_fetch_read(const char *path, size_t most, struct sdp_buf *text, struct sdp_err *err);

/* Writes all bytes of an address to the descriptor to, whose name in messages is where. */
int sdp_fetch_copy(const char *address, int to, const char *where, struct sdp_err *err);

/*
 * In the other program: reads the address from standard input, which must be one line and nothing
 * more. Fails with SDP_USAGE if it is not.
 */
int sdp_fetch_asked(struct sdp_buf *address, struct sdp_err *err);

#endif
