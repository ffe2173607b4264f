/* Prints documents and counts those that the reader may have got. */
#include "sdp/output.h"
#include "upload.h"

#include <signal.h>

/*
 * Returns how many documents may have been read. In JSON each document is a line; in other formats,
 * any output may be part of all documents.
 */
static int count_printed(const struct sdp_common *common, const cJSON *docs,
			 const struct sdp_buf *text, uint64_t written)
{
	struct sdp_err ignored;
	enum sdp_doc_format format = SDP_DOC_TABLE;
	int lines = 0;
	if (sdp_output_format(common, &format, &ignored) < 0 || format != SDP_DOC_JSON)
		return written ? cJSON_GetArraySize(docs) : 0;
	for (uint64_t i = 0; i < written; i++)
		lines += text->data[i] == '\n';
	return lines;
}

static int write_text(const struct sdp_common *common, const cJSON *docs,
		      const struct sdp_buf *text, int *printed, bool *broken, struct sdp_err *err)
{
	struct sdp_output out;
	if (sdp_output_open(&out, common->output, err) < 0)
		return -1;
	out.epipe_fails = true;
	int rc = sdp_output_write(&out, text->data, text->length, err);
	if (rc == 0)
		rc = sdp_output_flush(&out, err);
	*broken = out.broken;
	/* A file that is renamed at the end has had no readers before. */
	*printed = out.direct ? count_printed(common, docs, text, out.written) : 0;
	if (rc == 0)
		return sdp_output_close(&out, err);
	sdp_output_abandon(&out);
	return -1;
}

int upload_print(const struct sdp_common *common, const cJSON *docs, int *printed, bool *broken,
		 struct sdp_err *err)
{
	struct sdp_buf text = {0};
	*printed = 0;
	*broken = false;
	signal(SIGPIPE, SIG_IGN);
	int rc = sdp_output_documents_text(common, docs, &text, err);
	if (rc == 0 && (docs->child || text.length))
		rc = write_text(common, docs, &text, printed, broken, err);
	sdp_buf_release(&text);
	return rc;
}
