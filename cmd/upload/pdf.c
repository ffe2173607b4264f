/* Has sdp-pdf check a PDF and count its pages. */
#define _GNU_SOURCE
#include "base/file.h"
#include "base/signals.h"
#include "cli/decode.h"
#include "process/child.h"
#include "upload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct reading {
	int fd;
	const char *title;
	const struct sdp_common *common;
};

/* Has sdp-pdf read the PDF and print the number of its pages. */
static int read_pdf(void *context, struct sdp_err *err)
{
	static const char *const options[] = {NULL};
	const struct reading *r = context;
	const struct sdp_decoding what = {r->title, "pdf-pages", r->fd};
	return sdp_decode_by_sdp_pdf(r->common, "sdp-upload", &what, options, err);
}

/*
 * Waits for the number of pages, unless this program is interrupted.  Closes from, the end of the
 * pipe, so that a program that goes on writing ends.
 */
static int wait_for_pages(struct sdp_child *reader, int from, const char *title, int64_t *pages,
			  struct sdp_err *err)
{
	char line[24] = "", *rest;
	size_t length = 0;
	while (!sdp_interrupted && length < sizeof line - 1) {
		(void)sdp_file_wait(from); /* if it fails, reading waits */
		if (sdp_interrupted)
			break;
		ssize_t n = read(from, line + length, sizeof line - 1 - length);
		if (n == 0 || (n < 0 && errno != EINTR))
			break;
		length += n > 0 ? (size_t)n : 0;
	}
	close(from);
	if (sdp_interrupted)
		return sdp_fail(err, SDP_SYSTEM, "interrupted");
	if (sdp_child_end(reader, title, err) < 0)
		return err->text[0] ? -1
				    : sdp_fail(err, err->code,
					       "%s: sdp-pdf gave no reason for its failure", title);
	*pages = strtoll(line, &rest, 10);
	return rest > line && *rest == '\n'
		       ? 0
		       : sdp_fail(err, SDP_SYSTEM, "%s: sdp-pdf printed no number of pages", title);
}

static int read_in_child(struct reading *r, struct sdp_upload_counts *counts, struct sdp_err *err)
{
	struct sdp_child reader = {0};
	int64_t pages = 0;
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return sdp_fail_errno(err, "%s", r->title);
	int rc = sdp_child_start(&reader, read_pdf, r, ends[1], err);
	close(ends[1]);
	if (rc == 0)
		rc = wait_for_pages(&reader, ends[0], r->title, &pages, err);
	else
		close(ends[0]);
	sdp_child_stop(&reader);
	if (rc == 0 && pages > 0)
		counts->pages = pages;
	return rc;
}

/*
 * Opens the bytes with a file position of their own, because mupdf seeks. What is
 * compressed is decompressed to a copy.
 */
static int open_bytes(const struct sdp_upload_file *file, bool compressed, struct sdp_err *err)
{
	char path[SDP_UPLOAD_PATH];
	if (compressed) {
		struct sdp_upload_reader *reader = sdp_upload_reader_open(file, err);
		int fd = reader ? sdp_upload_reader_spool(reader, err) : -1;
		sdp_upload_reader_close(reader);
		return fd;
	}
	sdp_upload_file_path(file, path);
	int fd = sdp_file_open(path, O_RDONLY, 0);
	return fd < 0 ? sdp_fail_errno(err, "%s", file->title) : fd;
}

int upload_check_pdf(const struct sdp_upload_file *file, const struct sdp_common *common,
		     struct sdp_upload_counts *counts, struct sdp_err *err)
{
	struct sdp_upload_kind kind;
	if (sdp_upload_sniff(file, "", 0, &kind, err) < 0)
		return -1;
	if (kind.type != SDP_UPLOAD_PDF)
		return sdp_fail_at(err, (struct sdp_place){.file = file->title},
				   "not a PDF: it does not begin with %%PDF-");
	struct reading r = {open_bytes(file, kind.codec, err), file->title, common};
	if (r.fd < 0)
		return -1;
	int rc = read_in_child(&r, counts, err);
	close(r.fd);
	return rc;
}
