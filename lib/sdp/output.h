/*
 * Where results go: standard output, or the file of -o.
 *
 * A regular file is written under another name beside it and renamed over it by close, so that
 * it is there whole or not at all; a symbolic link is followed, the permissions of a replaced
 * file are kept, a new one has what the umask leaves.  Anything else (a FIFO, /dev/full,
 * /dev/stdout) is written directly.  Every write and the closing are checked: failures have the
 * code SDP_SYSTEM.  A broken pipe ends the process by SIGPIPE, unless outlives is set (and SIGPIPE
 * ignored); a write interrupted by a signal that asks to end (base/signals.h) fails.
 *
 * The struct owns its descriptor and names; after a successful open either close or abandon must
 * follow, once.
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
	bool direct;      /* not renamed */
	const char *name; /* for messages: "standard output", or the path as given */
	char *target;     /* what temporary becomes; NULL if direct */
	char *temporary;
	int slot; /* of sdp_signals_create */
	struct sdp_buf pending;
	uint64_t written; /* bytes that are out */
	/* set after opening: a broken pipe is a failure as any other, of which broken tells */
	bool outlives;
	bool broken;
};

/* path: NULL or "-" for standard output.  It must outlive the struct. */
int sdp_output_open(struct sdp_output *out, const char *path, struct sdp_err *err);

/* Buffered: what is written may stay behind until flush or close. */
int sdp_output_write(struct sdp_output *out, const void *bytes, size_t length, struct sdp_err *err);
int sdp_output_flush(struct sdp_output *out, struct sdp_err *err);

/* Flush, close and rename; on failure as abandon. */
int sdp_output_close(struct sdp_output *out, struct sdp_err *err);

/* Throws away what is not written yet, and the file that would have been renamed. */
void sdp_output_abandon(struct sdp_output *out);

/* Fails (SDP_USAGE) if path, of -o, is the very file that input describes. */
int sdp_output_spares(const char *path, const struct stat *input, struct sdp_err *err);

/* Open, write and close in one: all of it or nothing. */
int sdp_output_text(const char *path, const struct sdp_buf *text, struct sdp_err *err);

/*
 * Prints a document (see sdp/doc.h) where -o says, all of it or nothing: in the format of -f,
 * else of SDP_FORMAT, else as a table on a terminal and as JSON elsewhere.
 */
int sdp_output_document(const struct sdp_common *common, const cJSON *doc, struct sdp_err *err);

/*
 * Prints an array of documents: as JSON a line each, in other formats as the rows of one table.  Of
 * an empty one nothing is printed but the header in CSV and TSV, if its columns are declared
 * (sdp_doc_columns).
 */
int sdp_output_documents(const struct sdp_common *common, const cJSON *docs, struct sdp_err *err);
/* What that would print. */
int sdp_output_documents_text(const struct sdp_common *common, const cJSON *docs,
			      struct sdp_buf *text, struct sdp_err *err);

/* The format of documents: by -f, SDP_FORMAT, or where they go. */
int sdp_output_format(const struct sdp_common *common, enum sdp_doc_format *format,
		      struct sdp_err *err);

/* Fails if SDP_FORMAT or -o would make sdp_output_document fail, before work is done for it. */
int sdp_output_check(const struct sdp_common *common, struct sdp_err *err);

#endif
