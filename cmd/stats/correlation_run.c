/* Runs the task of the columns and that of correlations, and prints one document. */
#include "correlation.h"
#include "sdp/doc.h"
#include "sdp/output.h"
#include "sdp/run.h"

#include <string.h>

/*
 * Checks that the options of correlations were given with --correlation.  If --wide chooses a
 * matrix in the format of the output, sets square and what is printed.
 */
static int check(struct correlation_params *p, struct sdp_err *err)
{
	enum sdp_doc_format format;
	if (p->method == CORRELATION_NONE)
		return sdp_refuse_given(&p->common, "against drop-nulls wide",
					"without --correlation", err);
	if (sdp_output_format(&p->common, &format, err) < 0)
		return -1;
	p->square = p->wide && format != SDP_DOC_JSON;
	if (p->wide && !p->common.print)
		p->common.print = correlation_member(p);
	return 0;
}

/* Returns whether only correlations are printed, so that nothing else needs to be computed. */
static bool is_alone(const struct correlation_params *p)
{
	enum sdp_doc_format format;
	struct sdp_err ignored;
	return p->common.print && strcmp(p->common.print, correlation_member(p)) == 0 &&
	       sdp_output_format(&p->common, &format, &ignored) == 0 && format != SDP_DOC_JSON;
}

int correlation_run(struct correlation_params *p, const struct sdp_task *columns, int count,
		    char **operands, struct sdp_err *err)
{
	if (check(p, err) < 0)
		return -1;
	struct sdp_source *source = sdp_run_open(&p->common, count, operands, err);
	int rc = source ? 0 : -1;
	if (rc == 0 && p->method && !is_alone(p)) {
		p->document = cJSON_CreateObject();
		rc = p->document ? sdp_run_task_on(columns, p, source, p->document, err)
				 : sdp_fail_memory(err);
	}
	if (rc == 0)
		rc = sdp_run_document_on(p->method ? &correlation_task : columns, p, source, err);
	cJSON_Delete(p->document);
	sdp_source_free(source);
	return rc;
}
