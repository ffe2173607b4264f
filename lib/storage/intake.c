/* Opens and reads a file, or a stream of unknown length, that is to be stored. */
#include "base/address.h"
#include "base/file.h"
#include "base/file_change.h"
#include "base/signals.h"
#include "sdp/mem.h"
#include "storage/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 1 << 18 };

static int open_address(struct sdp_upload_file *file, const char *address, struct sdp_err *err)
{
	*file = (struct sdp_upload_file){.in = -1, .fd = -1};
	file->title = file->shown = sdp_address_shown(address, err);
	return file->shown ? sdp_fetch_start(&file->fetch, address, file->title, &file->in, err)
			   : -1;
}

int sdp_upload_file_open(struct sdp_upload_file *file, const char *operand, struct sdp_err *err)
{
	bool standard = !operand || strcmp(operand, "-") == 0;
	if (!standard && sdp_address_is(operand))
		return open_address(file, operand, err);
	*file = (struct sdp_upload_file){.title = standard ? "stdin" : operand,
					 .in = -1,
					 .unnamed = !operand,
					 .fd = -1};
	file->in = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
			    : sdp_file_open(operand, O_RDONLY | O_NOCTTY, 0);
	if (file->in < 0 || fstat(file->in, &file->stat) < 0)
		return sdp_fail_errno(err, "cannot open %s", file->title);
	if (S_ISDIR(file->stat.st_mode))
		return sdp_fail(err, SDP_SYSTEM, "cannot open %s: it is a directory", file->title);
	/* Standard input may be positioned in the middle of a file, so it is read as a stream. */
	file->regular = S_ISREG(file->stat.st_mode) && !standard;
	return 0;
}

static int too_large(const struct sdp_upload_file *file, uint64_t max_size, struct sdp_err *err)
{
	return sdp_fail_at(err, (struct sdp_place){.file = file->title},
			   "larger than MAX_UPLOAD_SIZE_MB allows: %llu MB (of 1048576 bytes)",
			   (unsigned long long)(max_size >> 20));
}

static ssize_t read_piece(const struct sdp_upload_file *file, char *bytes, struct sdp_err *err)
{
	for (;;) {
		if (!file->regular && sdp_file_wait(file->in) < 0)
			return sdp_fail_errno(err, "%s", file->title);
		if (sdp_interrupted)
			return sdp_fail(err, SDP_SYSTEM, "interrupted");
		ssize_t n = file->regular ? pread(file->in, bytes, PIECE, (off_t)file->size)
					  : read(file->in, bytes, PIECE);
		if (n >= 0)
			return n;
		if (errno != EINTR)
			return sdp_fail_errno(err, "%s", file->title);
	}
}

int sdp_upload_file_take(struct sdp_upload_file *file, int copy, uint64_t max_size,
			 struct sdp_err *err)
{
	if (file->regular && (uint64_t)file->stat.st_size > max_size)
		return too_large(file, max_size, err);
	file->size = 0;
	struct sdp_sha256 *digest = sdp_sha256_new(err);
	char *bytes = sdp_alloc(PIECE, 1, err);
	int rc = digest && bytes ? 0 : -1;
	while (rc == 0) {
		ssize_t n = read_piece(file, bytes, err);
		if (n <= 0) {
			rc = (int)n;
			if (n == 0 && file->fetch.pid)
				rc = sdp_fetch_end(&file->fetch, file->title, err);
			break;
		}
		file->size += (uint64_t)n;
		if (file->size > max_size)
			rc = too_large(file, max_size, err);
		else if (copy >= 0 && sdp_write_all(copy, bytes, (size_t)n) < 0)
			rc = sdp_fail_errno(err, "cannot write what %s holds", file->title);
		else
			rc = sdp_sha256_add(digest, bytes, (size_t)n, err);
	}
	if (rc == 0)
		rc = sdp_sha256_end(digest, file->sha256, err);
	sdp_sha256_free(digest);
	free(bytes);
	/* A script whose variable is empty calls without a FILE. */
	if (rc == 0 && file->unnamed && file->size == 0)
		rc = sdp_fail(err, SDP_USAGE,
			      "nothing to store: no FILE was given, and standard input is empty (- "
			      "stores it nevertheless)");
	file->fd = copy >= 0 ? copy : file->in;
	return rc < 0 ? -1 : sdp_upload_file_unchanged(file, err);
}

int sdp_upload_file_measure(struct sdp_upload_file *file, uint64_t max_size, struct sdp_err *err)
{
	file->fd = file->in;
	file->size = (uint64_t)file->stat.st_size;
	return file->size > max_size ? too_large(file, max_size, err) : 0;
}

int sdp_upload_file_key(const struct sdp_upload_file *file, char key[SDP_SHA256_HEX],
			struct sdp_err *err)
{
	const struct stat *s = &file->stat;
	char text[200];
	if (file->sha256[0]) {
		memcpy(key, file->sha256, SDP_SHA256_HEX);
		return 0;
	}
	/* The system sets the time of change (ctime) itself, so every write changes it. */
	int n = snprintf(text, sizeof text, "%ju %ju %ju %jd.%ld %jd.%ld", (uintmax_t)s->st_dev,
			 (uintmax_t)s->st_ino, (uintmax_t)s->st_size, (intmax_t)s->st_mtim.tv_sec,
			 s->st_mtim.tv_nsec, (intmax_t)s->st_ctim.tv_sec, s->st_ctim.tv_nsec);
	return sdp_sha256_of(text, (size_t)n, key, err);
}

int sdp_upload_file_unchanged(const struct sdp_upload_file *file, struct sdp_err *err)
{
	/* Files in /proc and the like report size 0. */
	uint64_t size = (uint64_t)file->stat.st_size;
	if (file->regular && size && size != file->size)
		return sdp_fail_at(err, (struct sdp_place){.file = file->title},
				   "the file changed while it was read");
	return file->regular ? sdp_file_unchanged(file->in, &file->stat, file->title, err) : 0;
}

void sdp_upload_file_close(struct sdp_upload_file *file)
{
	sdp_fetch_stop(&file->fetch);
	if (file->in >= 0)
		close(file->in);
	file->in = -1;
	free(file->shown);
	file->shown = NULL;
}
