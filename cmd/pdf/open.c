/* Opens a PDF in the sandbox. */
#include "pdf.h"
#include "pdf/sandbox.h"

struct sdp_pdf *pdf_open(const struct sdp_decoding *what, struct sdp_err *err)
{
	struct sdp_pdf *pdf = sdp_pdf_new(what->fd, what->name, err);
	if (pdf && sdp_pdf_enclose(pdf, err) < 0) {
		sdp_pdf_free(pdf);
		return NULL;
	}
	if (pdf && !sdp_sandbox_available())
		sdp_warn("%s: the PDF is read without a sandbox, which this machine does not have",
			 what->name);
	return pdf;
}
