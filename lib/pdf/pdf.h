/*
 * Reads the pages of PDF files with mupdf.
 *
 * Any parser of the size of mupdf has faults.  So call these functions in a process of their own
 * (process/child.h), and call sdp_pdf_enclose before sdp_pdf_begin.
 */
#ifndef SDP_PDF_PDF_H
#define SDP_PDF_PDF_H

#include "pdf/page.h"
#include "pdf/tables.h"

struct sdp_pdf;

/*
 * Returns a reader of the file fd, or NULL with err.  fd must be seekable; it stays the caller's
 * (the reader duplicates it).  name is the name in messages and must outlive the reader.  Nothing
 * is parsed before sdp_pdf_begin.
 */
struct sdp_pdf *sdp_pdf_new(int fd, const char *name, struct sdp_err *err);
void sdp_pdf_free(struct sdp_pdf *pdf);

/*
 * Closes all descriptors of this process except the standard ones and that of the PDF, and enters
 * a sandbox (sandbox.h).  Its limits of CPU time and memory are higher than a valid PDF needs.
 * Returns 0 or -1.
 */
int sdp_pdf_enclose(const struct sdp_pdf *pdf, struct sdp_err *err);

/*
 * Opens the PDF, repairs it if it is damaged, and stores the number of pages in *pages.  password
 * is NULL if there is none.
 *
 * Returns 0 if the PDF is open; *pages is then at least 1.  Returns 1 if it is encrypted and the
 * password is missing or wrong; err says so, and *pages is the number of pages, or 0 if that is
 * encrypted too.  Returns -1 if it is not a PDF or cannot be repaired.
 */
int sdp_pdf_begin(struct sdp_pdf *pdf, const char *password, unsigned *pages, struct sdp_err *err);

/*
 * Returns the error that made mupdf repair the PDF, or NULL if it has not been repaired.  The text
 * belongs to the reader.
 */
const char *sdp_pdf_repaired(const struct sdp_pdf *pdf);

/*
 * Reads the text of a page; the first page has number 0.
 *
 * Returns 0 if the page is intact; 1 if mupdf warns of something unusual (why has the warning as
 * SDP_DATA); 2 if part of the page is damaged (page has the part that can be read, why the reason);
 * -1 if there is no memory.
 */
int sdp_pdf_page(struct sdp_pdf *pdf, unsigned number, struct sdp_page *page, struct sdp_err *why);

/*
 * Adds the tables of a page to tables: those that are drawn with lines (ruled.h) and others
 * (tables.h).  Pages must be read in order.  rest receives the text outside the former.  Returns as
 * sdp_pdf_page does.
 */
int sdp_pdf_tables(struct sdp_pdf *pdf, unsigned number, struct sdp_page *rest,
		   struct sdp_tables *tables, struct sdp_err *why);

#endif
