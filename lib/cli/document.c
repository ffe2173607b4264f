/* Prints documents: chooses the format and the width, and opens the output for the first bytes. */
#include "base/env.h"
#include "cli/table_views.h"
#include "cli/terminal.h"
#include "sdp/doc.h"
#include "sdp/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TELL "%s: a document is printed as json, csv, tsv or table, not as "

int sdp_output_format(const struct sdp_common *common, enum sdp_doc_format *format,
		      struct sdp_err *err)
{
	static const char *const names[] = {[SDP_DOC_JSON] = "json",
					    [SDP_DOC_CSV] = "csv",
					    [SDP_DOC_TSV] = "tsv",
					    [SDP_DOC_TABLE] = "table"};
	const char *name = sdp_env("SDP_FORMAT");
	char quoted[128];
	if (common->format == SDP_RESULT_NDJSON)
		return sdp_fail(err, SDP_USAGE, TELL "'ndjson'", "--format");
	if (common->format) {
		*format = (enum sdp_doc_format)(common->format - SDP_RESULT_JSON);
		return 0;
	}
	if (!name) {
		*format = sdp_terminal_gets(common->output) ? SDP_DOC_TABLE : SDP_DOC_JSON;
		return 0;
	}
	for (int i = 0; i < (int)(sizeof names / sizeof *names); i++)
		if (strcmp(name, names[i]) == 0) {
			*format = (enum sdp_doc_format)i;
			return 0;
		}
	return sdp_fail(err, SDP_USAGE, TELL "%s", "SDP_FORMAT",
			sdp_quote(quoted, sizeof quoted, name, strlen(name)));
}

int sdp_output_check(const struct sdp_common *common, struct sdp_err *err)
{
	enum sdp_doc_format format;
	struct stat st;
	const char *path = common->output, *slash;
	/* A program that prints rows has its own formats and does not use SDP_FORMAT. */
	if (common->format != SDP_RESULT_NDJSON && sdp_output_format(common, &format, err) < 0)
		return -1;
	if (!path || !(slash = strrchr(path, '/')) || slash == path || lstat(path, &st) == 0)
		return 0;
	struct sdp_buf directory = {0};
	int rc = sdp_buf_add(&directory, path, (size_t)(slash - path), err);
	if (rc == 0 && stat(directory.data, &st) < 0)
		rc = sdp_fail_errno(err, "cannot write to %s", path);
	sdp_buf_release(&directory);
	return rc;
}

/*
 * Where a document is written.  The output is opened when the first bytes arrive, so that a
 * document that cannot be printed leaves an existing file unchanged.
 */
struct destination {
	const char *path;
	struct sdp_output out;
	bool open;
};

static int write_piece(void *context, const void *text, size_t length, struct sdp_err *err)
{
	struct destination *to = context;
	if (!to->open && sdp_output_open(&to->out, to->path, err) < 0)
		return -1;
	to->open = true;
	return sdp_output_write(&to->out, text, length, err);
}

/*
 * Prints an array of documents.  As JSON, each is printed on its own.  In other formats, several
 * documents are the rows of one table, as is a single one of a list.  Of an empty array they have
 * the header, if its columns are known.  A table shows the columns of the view for lists.
 */
static int print_all(const cJSON *docs, bool list, const struct sdp_doc_style *style,
		     struct sdp_buf *text, struct sdp_err *err)
{
	int rc = 0, least = list ? 1 : 2;
	bool header = !docs->child && (docs->valuestring || style->format != SDP_DOC_TABLE);
	if (style->format != SDP_DOC_JSON && (cJSON_GetArraySize(docs) >= least || header)) {
		cJSON *all = cJSON_CreateObject();
		rc = all && cJSON_AddItemReferenceToObject(all, "documents", (cJSON *)docs)
			     ? 0
			     : sdp_fail_memory(err);
		struct sdp_doc_style rows = *style;
		rows.columns = style->view && !style->print ? style->view->list : NULL;
		if (rc == 0)
			rc = sdp_doc_print(all, &rows, text, err);
		cJSON_Delete(all);
		return rc;
	}
	for (const cJSON *doc = docs->child; rc == 0 && doc; doc = doc->next)
		rc = sdp_doc_print(doc, style, text, err);
	return rc;
}

int sdp_output_documents_text(const struct sdp_common *common, const cJSON *docs, bool list,
			      struct sdp_buf *text, struct sdp_err *err)
{
	struct sdp_doc_style style = {.digits = (int)common->digits,
				      .print = common->print,
				      .rows = common->rows};
	if (sdp_output_format(common, &style.format, err) < 0)
		return -1;
	sdp_terminal_style(common->output, &style);
	style.view = sdp_table_view(docs->child);
	return print_all(docs, list, &style, text, err);
}

int sdp_output_documents(const struct sdp_common *common, const cJSON *docs, struct sdp_err *err)
{
	struct sdp_buf text = {0};
	int rc = sdp_output_documents_text(common, docs, true, &text, err);
	if (rc == 0)
		rc = sdp_output_text(common->output, &text, err);
	sdp_buf_release(&text);
	return rc;
}

int sdp_output_document(const struct sdp_common *common, const cJSON *doc, struct sdp_err *err)
{
	struct sdp_doc_style style = {.digits = (int)common->digits,
				      .print = common->print,
				      .rows = common->rows};
	struct destination to = {.path = common->output};
	struct sdp_doc_sink sink = {write_piece, &to};
	if (sdp_output_format(common, &style.format, err) < 0)
		return -1;
	sdp_terminal_style(common->output, &style);
	style.view = sdp_table_view(doc);
	int rc = sdp_doc_write(doc, &style, &sink, err);
	if (rc == 0 && !to.open)
		rc = write_piece(&to, "", 0, err);
	if (rc == 0)
		return sdp_output_close(&to.out, err);
	if (to.open)
		sdp_output_abandon(&to.out);
	return -1;
}
