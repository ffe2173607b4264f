/*
 * Decodes PDF and text files by running sdp-cat, the only program that is linked with the decoders.
 */
#include "cli/cli.h"
#include "process/find.h"
#include "process/measure.h"
#include "table/source.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int sdp_decode_by_sdp_cat(const void *context, const struct sdp_decoding *what, struct sdp_err *err)
{
	const struct sdp_common *common = context;
	struct sdp_buf path = {0};
	if (sdp_find_program("sdp-cat", &path, err) < 0)
		return -1;
	/* Of text, sdp-cat detects the kind from the first bytes, as we did. */
	bool pdf = strcmp(what->format, "pdf") == 0, txt = strcmp(what->format, "txt") == 0;
	char *words[7] = {"sdp-cat", common->quiet ? "-q" : "--progress=never"};
	size_t n = 2;
	if (pdf) {
		words[n++] = "--pdf-table";
		words[n++] = common->pdf_table ? (char *)common->pdf_table : "auto";
	} else if (txt && common->input_format)
		words[n++] = "--input-format=txt";
	words[n++] = "--";
	words[n++] = what->named ? (char *)what->name : "-";
	if (!what->named && dup2(what->fd, STDIN_FILENO) < 0)
		return sdp_fail_errno(err, "%s", what->name);
	execv(path.data, words);
	sdp_fail_errno(err, "cannot run %s", path.data);
	sdp_buf_release(&path);
	return -1;
}
