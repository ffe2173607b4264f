/*
 * PDF documents by mupdf.
 *
 * mupdf has faults like any parser of its size: call these in a process of its own (apart.h), and
 * sdp_pdf_enclose before sdp_pdf_begin.
 */
#ifndef SDP_PDF_PDF_H
#define SDP_PDF_PDF_H

#include "pdf/page.h"

struct sdp_pdf;

/*
 * Reads the file fd, which must be seekable and is the caller's; name is for messages.  Nothing is
 * parsed before sdp_pdf_begin.
 */
struct sdp_pdf *sdp_pdf_new(int fd, const char *name, struct sdp_err *err);
void sdp_pdf_free(struct sdp_pdf *pdf);

/*
 * Closes what else this process has open but its standard streams, and enters a sandbox (sandbox.h)
 * with more time and memory than a good document takes.
 */
int sdp_pdf_enclose(const struct sdp_pdf *pdf, struct sdp_err *err);

/*
 * Finds the pages, by repair if it must; password NULL: none.  *pages of them.  1: it is encrypted,
 * and not so that this password opens it, as err says; then *pages is what it gives away, perhaps
 * 0.
 */
int sdp_pdf_begin(struct sdp_pdf *pdf, const char *password, unsigned *pages, struct sdp_err *err);

/* What was wrong with it before it was repaired; NULL: nothing so far. */
const char *sdp_pdf_repaired(const struct sdp_pdf *pdf);

/*
 * The text of a page, from 0.  1: something is odd, which why says (SDP_DATA); 2: something is
 * broken, and page has what could be read all the same.
 */
int sdp_pdf_page(struct sdp_pdf *pdf, unsigned number, struct sdp_page *page, struct sdp_err *why);

#endif
