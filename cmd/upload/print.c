/* Prints documents and counts those that the reader may have got. */
#include "sdp/output.h"
#include "upload.h"

/*
 * Returns how many documents may have been read if so many bytes were. In JSON each document is a
 * line; in other formats, any output may be part of all documents.
 */
static int count_printed(const struct sdp_common *common, const cJSON *docs,
			 const struct sdp_buf *text, uint64_t seen)
{
	struct sdp_err ignored;
	enum sdp_doc_format format = SDP_DOC_TABLE;
	int lines = 0;
	if (sdp_output_format(common, &format, &ignored) < 0 || format != SDP_DOC_JSON)
		return seen ? cJSON_GetArraySize(docs) : 0;
	for (uint64_t i = 0; i < seen; i++)
		lines += text->data[i] == '\n';
	return lines;
}

int upload_print(const struct upload_params *params, const cJSON *docs, int *printed, bool *broken,
		 struct sdp_err *err)
{
	struct sdp_buf text = {0};
	struct sdp_output_fate fate = {0};
	const struct sdp_common *common = &params->common;
	bool list = params->list || params->verify || params->sync;
	int rc = sdp_output_documents_text(common, docs, list, &text, err);
	if (rc == 0 && !params->get) /* of --get, the output is the file itself */
		rc = sdp_output_text_seen(common->output, &text, &fate, err);
	*broken = fate.broken;
	*printed = count_printed(common, docs, &text, fate.seen);
	sdp_buf_release(&text);
	return rc;
}
