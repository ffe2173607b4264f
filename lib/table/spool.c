/*
 * The spool: an unlinked temporary file that holds the bytes of pipes and gzip, so that every
 * process can read them at any offset.
 */
#define _GNU_SOURCE
#include "base/env.h"
#include "base/file.h"
#include "process/fetch.h"
#include "table/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *sdp_temporary_folder(void)
{
	const char *dir = sdp_env("TMPDIR");
	return dir ? dir : "/var/tmp";
}

int sdp_spool_new(struct sdp_err *err)
{
	const char *dir = sdp_temporary_folder();
	int fd = sdp_file_open(dir, O_TMPFILE | O_RDWR, 0600);
	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT)) {
		char path[4096];
		snprintf(path, sizeof path, "%s/sdp-XXXXXX", dir);
		fd = mkostemp(path, O_CLOEXEC);
		if (fd >= 0)
			unlink(path);
	}
	if (fd < 0)
		return sdp_fail_errno(err, "cannot create a temporary file in %s", dir);
	return fd;
}

int sdp_spool_address(const char *address, struct sdp_err *err)
{
	char where[64];
	int fd = sdp_spool_new(err);
	snprintf(where, sizeof where, "the temporary file in %.40s", sdp_temporary_folder());
	if (fd < 0 || sdp_fetch_copy(address, fd, where, err) == 0)
		return fd;
	close(fd);
	return -1;
}

ssize_t sdp_source_read_some(struct sdp_source *s, struct sdp_input *input, struct sdp_buf *text,
			     size_t size, struct sdp_err *err)
{
	if (sdp_buf_reserve(text, size, err) < 0)
		return -1;
	char *to = text->data + text->length;
	ssize_t n = sdp_input_read(input, to, size, err);
	if (n <= 0)
		return n;
	text->length += (size_t)n;
	if (input->direct)
		return n;
	if (sdp_write_all(s->spool, to, (size_t)n) < 0)
		return sdp_fail_errno(err, "cannot write to the temporary file in %s",
				      sdp_temporary_folder());
	s->spool_size += (uint64_t)n;
	return n;
}

uint64_t sdp_source_spooled(const struct sdp_source *source)
{
	return source->spool_size;
}

bool sdp_source_spools(const struct sdp_source *source, uint32_t input)
{
	return !sdp_source_input(source, input)->direct;
}

void sdp_source_forget(struct sdp_source *source, uint64_t offset)
{
	enum { STEP = 16 << 20 };
	uint64_t from = source->forgotten;
	/* finding the line of a fault in JSON needs the bytes from the start */
	bool kept = source->schema.format == SDP_FORMAT_JSON && !source->options.follow;
	if (offset < from + STEP || kept)
		return;
	source->forgotten = offset / STEP * STEP;
	/* Not all file systems support holes. */
	if (fallocate(source->spool, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)from,
		      (off_t)(source->forgotten - from)) < 0)
		errno = 0;
}
