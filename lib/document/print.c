/* Prints documents: one with lazy rows piece by piece, any other as a tree. */
#include "document/lazy_rows.h"
#include "document/print_tree.h"

/* Prints to sink, using out as its buffer; if sink is NULL, all of the text goes to out. */
static int print(const cJSON *doc, const struct sdp_doc_style *style, struct sdp_buf *out,
		 const struct sdp_doc_sink *sink, struct sdp_err *err)
{
	return sdp_doc_is_lazy(doc) ? sdp_doc_print_lazy(doc, style, out, sink, err)
				    : sdp_doc_print_tree(doc, style, out, err);
}

int sdp_doc_print(const cJSON *doc, const struct sdp_doc_style *style, struct sdp_buf *out,
		  struct sdp_err *err)
{
	return print(doc, style, out, NULL, err);
}

int sdp_doc_write(const cJSON *doc, const struct sdp_doc_style *style,
		  const struct sdp_doc_sink *sink, struct sdp_err *err)
{
	struct sdp_buf out = {0};
	int rc = print(doc, style, &out, sink, err);
	if (rc == 0)
		rc = sink->write(sink->context, out.data ? out.data : "", out.length, err);
	sdp_buf_release(&out);
	return rc;
}
