/* sdp-pdf: prints the lines and tables of PDFs. It is the only program that links mupdf. */
#include "pdf.h"
#include "sdp/run.h"

#include <string.h>

/* The limits that other programs have as options. */
enum { MAX_RECORD = 256 << 20 };

static int run(void *p, int count, char **operands, struct sdp_err *err)
{
	struct params *params = p;
	struct sdp_rows rows = {0};
	if (sdp_pdf_check(&params->common, &params->pdf, err) < 0)
		return -1;
	params->itself = true;
	params->common.input_format = SDP_INPUT_PDF;
	params->common.max_record = MAX_RECORD;
	params->common.workers = 1; /* mupdf takes longer than one worker does for its rows */
	struct sdp_source *source = sdp_run_open(&params->common, count, operands, err);
	int rc = source ? sdp_run_rows_on(&params->common, &rows, source, err) : -1;
	sdp_source_free(source);
	return rc;
}

/* Runs in a process of its own, of this program (run) or of one that needs it (cli/decode.h). */
static int decode(const void *p, const struct sdp_decoding *what, struct sdp_err *err)
{
	return strcmp(what->format, "pdf-pages") == 0 ? pdf_check_pages(what, err)
						      : pdf_write_rows(p, what, err);
}

#define AT(member) offsetof(struct params, member)

static const struct sdp_option options[] = {
	SDP_PDF_OPTIONS(pdf),
	{0, "no-header", SDP_FLAG, AT(common.no_header), NULL, NULL, NULL, 0, 0,
	 "the first record is data; columns are called c1, c2, ..."},
	{0},
};

static const char *const examples[] = {
	"sdp-pdf --tables report.pdf",
	"sdp-pdf --pdf-table 2 -f ndjson report.pdf | jq .",
	NULL,
};

static const struct sdp_help_section sections[] = {
	{"what to print", "tables table pdf-table no-header"},
	{"PDF", "password-file"},
	{0},
};

const struct sdp_program sdp_program = {
	.name = "sdp-pdf",
	.summary = "print the lines and tables of PDFs as CSV, NDJSON or a table",
	.operands = "[FILE...]",
	.examples = examples,
	.options = options,
	.sections = sections,
	.groups = SDP_GROUP_ROWS | SDP_GROUP_PDF,
	.params_size = sizeof(struct params),
	.run = run,
	.decode = decode,
};
