/*
 * Checks a PDF and counts its pages. A PDF that had to be repaired is refused, because most such
 * files are truncated and have lost contents. A PDF is also refused if a page cannot be read
 * completely.
 */
#include "pdf.h"
#include "table/decoded.h"

#include <stdlib.h>

static int damaged(const char *name, unsigned page, const char *why, struct sdp_err *err)
{
	struct sdp_place place = {.file = name};
	if (page == 0)
		return sdp_fail_at(err, place, "the PDF is damaged: %s", why);
	return sdp_fail_at(err, place, "the PDF is damaged: page %u: %s", page, why);
}

static int check_pages(const char *name, struct sdp_pdf *pdf, unsigned pages, struct sdp_err *err)
{
	struct sdp_page page = {0};
	const char *why = sdp_pdf_repaired(pdf);
	int rc = why ? damaged(name, 0, why, err) : 0;
	for (unsigned i = 0; rc == 0 && i < pages; i++) {
		struct sdp_err fault;
		rc = sdp_pdf_page(pdf, i, &page, &fault);
		if (rc < 0)
			*err = fault;
		else if ((why = sdp_pdf_repaired(pdf)))
			rc = damaged(name, i + 1, why, err);
		else if (rc == 2) {
			*err = fault;
			rc = -1;
		} else if (rc == 1) {
			sdp_warn("%s", fault.text);
			rc = 0;
		}
	}
	sdp_page_release(&page);
	return rc;
}

static int write_number(unsigned number, struct sdp_err *err)
{
	struct sdp_decoded out = {0};
	int rc = sdp_decoded_number(&out, number, err);
	if (rc == 0)
		rc = sdp_decoded_end(&out, err);
	if (rc == 0)
		rc = sdp_decoded_flush(&out, err);
	sdp_buf_release(&out.text);
	return rc;
}

int pdf_check_pages(const struct sdp_decoding *what, struct sdp_err *err)
{
	unsigned pages = 0;
	struct sdp_pdf *pdf = pdf_open(what, err);
	int rc = pdf ? sdp_pdf_begin(pdf, NULL, &pages, err) : -1, locked = rc;
	if (rc == 1 && sdp_pdf_repaired(pdf))
		rc = damaged(what->name, 0, sdp_pdf_repaired(pdf), err);
	else if (rc == 1) {
		sdp_warn("%s: the PDF is encrypted: what its pages hold is not checked",
			 what->name);
		rc = 0;
	}
	if (rc == 0 && !locked)
		rc = check_pages(what->name, pdf, pages, err);
	if (rc == 0)
		rc = write_number(pages, err);
	sdp_pdf_free(pdf);
	return rc;
}
