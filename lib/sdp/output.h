/*
 * Output of results: to standard output, or to the file of -o.
 *
 * A regular file is written under a temporary name in the same directory, synced, and renamed by
 * sdp_output_close, so that it is either complete or unchanged, also after a crash of the machine.
 * If nothing is written, the file is empty.  Symbolic links are followed; a replaced file keeps its
 * permissions, a new one gets those that the umask leaves.  Other files (a FIFO, /dev/full,
 * /dev/stdout) are written directly.
 *
 * Every write and close is checked; failures have the code SDP_SYSTEM.  A write to a broken pipe
 * ends the process by SIGPIPE, unless that was ignored when the program started, or epipe_fails is
 * set (and SIGPIPE is ignored): then it fails.  A write that is interrupted by a signal that asks
 * the program to end (base/signals.h) fails.
 *
 * A terminal gets control characters as \xNN (cli/terminal.h), whatever the format is; any other
 * output gets the bytes as they are.
 *
 * The struct owns its descriptor and its names.  After a successful open, the caller calls either
 * sdp_output_close or sdp_output_abandon, once.
 */
#ifndef SDP_OUTPUT_H
#define SDP_OUTPUT_H

#include "sdp/buf.h"
#include "sdp/doc.h"
#include "sdp/program.h"

#include <cjson/cJSON.h>
#include <sys/stat.h>

struct sdp_output {
	int fd;
	bool direct;      /* the file is written in place, not renamed */
	const char *name; /* for messages: "standard output", or the path as given */
	char *target;     /* the path that temporary is renamed to; NULL if direct */
	char *temporary;
	int slot;               /* of sdp_signals_create */
	struct sdp_buf pending; /* bytes not written yet */
	bool terminal;          /* it gets control characters as \xNN */
	struct sdp_buf held;    /* the beginning of a character for it */
	uint64_t written;       /* bytes written to fd */
	/*
	 * epipe_fails may be set after opening: a write to a broken pipe then fails and sets
	 * broken.
	 */
	bool epipe_fails;
	bool broken;
};

/* Opens path, or standard output if it is NULL or "-".  path must outlive the struct. */
int sdp_output_open(struct sdp_output *out, const char *path, struct sdp_err *err);

/* Writes bytes through a buffer, so they may be delayed until flush or close. */
int sdp_output_write(struct sdp_output *out, const void *bytes, size_t length, struct sdp_err *err);

/* Writes the bytes in the buffer. */
int sdp_output_flush(struct sdp_output *out, struct sdp_err *err);

/* Does what a failed write does if nobody can read the pipe any more, otherwise nothing. */
int sdp_output_still_read(struct sdp_output *out, struct sdp_err *err);

/* Flushes, closes and renames the file; on failure removes it as sdp_output_abandon does. */
int sdp_output_close(struct sdp_output *out, struct sdp_err *err);

/* Discards the bytes in the buffer and removes the temporary file.  Frees what the struct owns. */
void sdp_output_abandon(struct sdp_output *out);

/*
 * Fails with SDP_USAGE if path, the argument of -o (may be NULL), is the regular file that input
 * describes, so that a program does not overwrite its own input.
 */
int sdp_output_spares(const char *path, const struct stat *input, struct sdp_err *err);

/* The same for all files that operands name: "-" is standard input, and so are no operands. */
int sdp_output_spares_all(const char *path, int count, char *const *operands, struct sdp_err *err);

/* Opens path, writes the text and closes it: the file is complete or unchanged. */
int sdp_output_text(const char *path, const struct sdp_buf *text, struct sdp_err *err);

/* What became of a text that was written, or not wholly. */
struct sdp_output_fate {
	bool broken;   /* the reader of the pipe went away, and SIGPIPE is not ignored */
	uint64_t seen; /* bytes that may have been read; of a file that is renamed at the end 0 */
};

/*
 * Does the same, but a broken pipe is an error and not the end; ignores SIGPIPE from then on.  The
 * caller then ends by SIGPIPE if fate->broken is set.
 */
int sdp_output_text_seen(const char *path, const struct sdp_buf *text, struct sdp_output_fate *fate,
			 struct sdp_err *err);

/*
 * Prints a document (sdp/doc.h) to standard output or the file of -o, in the format of
 * sdp_output_format.  If the document cannot be printed, the output is not opened.
 */
int sdp_output_document(const struct sdp_common *common, const cJSON *doc, struct sdp_err *err);

/*
 * Prints a list of documents: in JSON one line per document, in other formats as the rows of one
 * table, even if there is only one.  An empty array prints nothing, except in CSV and TSV the
 * header, if its columns were declared (sdp_doc_columns).
 */
int sdp_output_documents(const struct sdp_common *common, const cJSON *docs, struct sdp_err *err);

/*
 * Appends to text what sdp_output_documents would print.  Without list, a single document is
 * printed as by sdp_output_document.
 */
int sdp_output_documents_text(const struct sdp_common *common, const cJSON *docs, bool list,
			      struct sdp_buf *text, struct sdp_err *err);

/*
 * Sets *format to the format of documents: that of -f, or else of the environment variable
 * SDP_FORMAT, or else table on a terminal and JSON elsewhere.  Fails with SDP_USAGE if the name is
 * unknown.
 */
int sdp_output_format(const struct sdp_common *common, enum sdp_doc_format *format,
		      struct sdp_err *err);

/*
 * Fails if SDP_FORMAT is unknown or the directory of -o does not exist.  A program calls it before
 * it starts work whose result it prints as a document.
 */
int sdp_output_check(const struct sdp_common *common, struct sdp_err *err);

#endif
