/* What the files of sdp-pdf share. Functions return 0, or -1 with err filled. */
#ifndef SDP_CMD_PDF_H
#define SDP_CMD_PDF_H

#include "cli/decode.h"
#include "pdf/pdf.h"
#include "sdp/program.h"
#include "table/source.h"

struct params {
	struct sdp_common common;
	struct sdp_pdf_params pdf;
	bool itself; /* no other program has started this one */
};

/*
 * The next functions read the PDF in this process, which they put into the sandbox
 * (pdf/sandbox.h).
 */

/* Returns a reader of a PDF, or NULL. Warns if this machine has no sandbox. */
struct sdp_pdf *pdf_open(const struct sdp_decoding *what, struct sdp_err *err);

/* Writes the lines or tables of a PDF as CSV to standard output. */
int pdf_write_rows(const struct params *params, const struct sdp_decoding *what,
		   struct sdp_err *err);

/*
 * Checks all pages of a PDF and writes their number to standard output; 0: the PDF is encrypted and
 * does not tell.
 */
int pdf_check_pages(const struct sdp_decoding *what, struct sdp_err *err);

#endif
