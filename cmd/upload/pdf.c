/*
 * Checks a PDF and counts its pages. A PDF that had to be repaired is refused, because most such
 * files are truncated and have lost contents. A PDF is also refused if a page cannot be read
 * completely.
 */
#define _GNU_SOURCE
#include "pdf/pdf.h"
#include "base/signals.h"
#include "process/child.h"
#include "upload.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

struct reading {
	int fd;
	const char *title;
};

/* The result that the reading process sends. */
struct found {
	unsigned pages; /* 0: unknown */
};

static int damaged(const struct reading *r, unsigned page, const char *why, struct sdp_err *err)
{
	struct sdp_place place = {.file = r->title};
	if (page == 0)
		return sdp_fail_at(err, place, "the PDF is damaged: %s", why);
	return sdp_fail_at(err, place, "the PDF is damaged: page %u: %s", page, why);
}

static int read_pages(const struct reading *r, struct sdp_pdf *pdf, unsigned pages,
		      struct sdp_err *err)
{
	struct sdp_page page = {0};
	const char *why = sdp_pdf_repaired(pdf);
	int rc = why ? damaged(r, 0, why, err) : 0;
	for (unsigned i = 0; rc == 0 && i < pages; i++) {
		struct sdp_err fault;
		rc = sdp_pdf_page(pdf, i, &page, &fault);
		if (rc < 0)
			*err = fault;
		else if ((why = sdp_pdf_repaired(pdf)))
			rc = damaged(r, i + 1, why, err);
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

static int read_pdf(void *context, struct sdp_err *err)
{
	const struct reading *r = context;
	struct found found = {0};
	struct sdp_pdf *pdf = sdp_pdf_new(r->fd, r->title, err);
	int rc = pdf ? sdp_pdf_enclose(pdf, err) : -1, locked = 0;
	if (rc == 0)
		rc = locked = sdp_pdf_begin(pdf, NULL, &found.pages, err);
	if (rc == 1 && sdp_pdf_repaired(pdf))
		rc = damaged(r, 0, sdp_pdf_repaired(pdf), err);
	else if (rc == 1) {
		sdp_warn("%s: the PDF is encrypted: what its pages hold is not checked", r->title);
		rc = 0;
	}
	if (rc == 0 && !locked)
		rc = read_pages(r, pdf, found.pages, err);
	if (rc == 0 && sdp_write_all(STDOUT_FILENO, &found, sizeof found) < 0)
		rc = sdp_fail_errno(err, "cannot say what was read of %s", r->title);
	sdp_pdf_free(pdf);
	return rc;
}

/* Waits for the result, unless this program is interrupted. */
static int wait_for_result(struct sdp_child *reader, int from, const char *title,
			   struct found *found, struct sdp_err *err)
{
	struct pollfd end = {.fd = from, .events = POLLIN};
	ssize_t n = 0;
	while (!sdp_interrupted && poll(&end, 1, 200) <= 0)
		;
	if (sdp_interrupted)
		return sdp_fail(err, SDP_SYSTEM, "interrupted");
	do
		n = read(from, found, sizeof *found);
	while (n < 0 && errno == EINTR);
	if (sdp_child_end(reader, title, err) < 0)
		return -1;
	return n == sizeof *found ? 0
				  : sdp_fail(err, SDP_SYSTEM,
					     "%s: the process that reads it said nothing", title);
}

static int read_in_child(struct reading *r, struct upload_counts *counts, struct sdp_err *err)
{
	struct sdp_child reader = {0};
	struct found found;
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return sdp_fail_errno(err, "%s", r->title);
	int rc = sdp_child_start(&reader, read_pdf, r, ends[1], err);
	close(ends[1]);
	if (rc == 0)
		rc = wait_for_result(&reader, ends[0], r->title, &found, err);
	close(ends[0]);
	sdp_child_stop(&reader);
	if (rc == 0 && found.pages)
		counts->pages = found.pages;
	return rc;
}

/*
 * Opens the bytes with a file position of their own, because mupdf seeks. What is
 * compressed is decompressed to a copy.
 */
static int open_bytes(const struct upload_file *file, bool compressed, struct sdp_err *err)
{
	char path[UPLOAD_PATH];
	if (compressed) {
		struct upload_reader *reader = upload_reader_open(file, err);
		int fd = reader ? upload_reader_spool(reader, err) : -1;
		upload_reader_close(reader);
		return fd;
	}
	upload_file_path(file, path);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? sdp_fail_errno(err, "%s", file->title) : fd;
}

int upload_check_pdf(const struct upload_file *file, struct upload_counts *counts,
		     struct sdp_err *err)
{
	struct upload_kind kind;
	if (upload_sniff(file, "", NULL, &kind, err) < 0)
		return -1;
	if (kind.type != UPLOAD_PDF)
		return sdp_fail_at(err, (struct sdp_place){.file = file->title},
				   "not a PDF: it does not begin with %%PDF-");
	struct reading r = {open_bytes(file, kind.codec, err), file->title};
	if (r.fd < 0)
		return -1;
	int rc = read_in_child(&r, counts, err);
	close(r.fd);
	return rc;
}
