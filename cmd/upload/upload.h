/*
 * The types and functions that the files of sdp-upload share.
 *
 *	FILE ─ sdp_upload_file_take ─▶ bytes in a file, hashed ─ upload_check ─▶ type, rows, columns
 *	                                                                              │
 *	                        storage/local.h (folder) or storage/remote.h (S3) ─▶ a record
 *
 * Functions return 0, or -1 with err filled, unless the comment says otherwise.
 */
#ifndef SDP_CMD_UPLOAD_H
#define SDP_CMD_UPLOAD_H

#include "sdp/program.h"
#include "storage/local.h"
#include "storage/remote.h"

struct upload_params {
	struct sdp_common common;
	const char *name;
	int input_format; /* 1 + an enum sdp_upload_type; 0: detected */
	bool no_validate, fallback;
	bool list, get, stat, remove, verify, sync;
	int64_t stall; /* in seconds */
};

/* ---- the check of the contents (check.c, pdf.c) ---- */

/* Reads and checks the whole file. Fails with the place of the first error. */
int upload_check(const struct sdp_upload_file *file, const struct sdp_upload_kind *kind,
		 const struct sdp_common *common, struct sdp_upload_counts *counts,
		 struct sdp_err *err);

/* Has sdp-pdf read every page of a PDF (pdf.c). */
int upload_check_pdf(const struct sdp_upload_file *file, const struct sdp_common *common,
		     struct sdp_upload_counts *counts, struct sdp_err *err);

/* ---- the commands (put.c, manage.c, print.c) ---- */

/* Prepares calls to S3 with the settings and the options. */
int upload_connect(struct sdp_upload_remote *remote, struct sdp_upload_settings *settings,
		   const struct upload_params *params, struct sdp_err *err);

/*
 * Store the FILEs, or send those that are pending (--sync), and add a document for each to out.
 * Stop at the first failure.
 */
int upload_store(const struct upload_params *params, struct sdp_upload_settings *settings,
		 int count, char **operands, cJSON *out, struct sdp_err *err);
int upload_sync(const struct upload_params *params, struct sdp_upload_settings *settings,
		cJSON *out, struct sdp_err *err);

/*
 * Runs --list, --get, --stat, --remove or --verify and adds the documents of the files to out. It
 * removes nothing; upload_remove does that after the documents were printed.
 */
int upload_stored(const struct upload_params *params, struct sdp_upload_settings *settings,
		  int count, char **operands, cJSON *out, struct sdp_err *err);
/* Returns the name of the stored file with this id, as a new string, or NULL. */
char *upload_stored_name(const struct upload_params *params, struct sdp_upload_settings *settings,
			 const char *id, struct sdp_err *err);
/*
 * Removes the files of the documents, except the first kept ones. Stops at the first failure and,
 * for --remove, before the next file after a signal; for other commands, of which it undoes the
 * work, it blocks signals for good.
 */
int upload_remove(const struct upload_params *params, struct sdp_upload_settings *settings,
		  const cJSON *docs, int kept, struct sdp_err *err);

/*
 * Prints the documents (print.c). On failure, *printed is the number of documents that may have
 * been read, and *broken says whether the reader of a pipe is gone; SIGPIPE does not kill this
 * process.
 */
int upload_print(const struct upload_params *params, const cJSON *docs, int *printed, bool *broken,
		 struct sdp_err *err);

#endif
