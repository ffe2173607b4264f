/*
 * Reads the bytes of a file that is to be stored: in pieces, decompressed, or by a
 * path.
 */
#include "base/signals.h"
#include "sdp/mem.h"
#include "storage/file.h"
#include "table/input.h"

#include <stdio.h>
#include <string.h>

struct sdp_upload_reader {
	struct sdp_input input;
};

void sdp_upload_file_path(const struct sdp_upload_file *file, char path[SDP_UPLOAD_PATH])
{
	snprintf(path, SDP_UPLOAD_PATH, "/proc/self/fd/%d", file->fd);
}

struct sdp_upload_reader *sdp_upload_reader_open(const struct sdp_upload_file *file,
						 struct sdp_err *err)
{
	char path[SDP_UPLOAD_PATH];
	struct sdp_upload_reader *reader = sdp_alloc(1, sizeof *reader, err);
	if (!reader)
		return NULL;
	sdp_upload_file_path(file, path);
	int rc = sdp_input_open(&reader->input, path, NULL, err);
	if (rc == 0) {
		free(reader->input.name);
		reader->input.name = sdp_strndup(file->title, strlen(file->title), err);
		rc = reader->input.name ? 0 : -1;
	}
	if (rc == 0)
		return reader;
	sdp_upload_reader_close(reader);
	return NULL;
}

void sdp_upload_reader_format(const struct sdp_upload_reader *reader, const char **decode,
			      const struct sdp_foreign **foreign)
{
	*decode = reader->input.decode;
	*foreign = reader->input.foreign;
}

const struct sdp_codec *sdp_upload_reader_codec(const struct sdp_upload_reader *reader)
{
	return sdp_input_codec(&reader->input);
}

ssize_t sdp_upload_reader_next(struct sdp_upload_reader *reader, char *bytes, size_t size,
			       struct sdp_err *err)
{
	if (sdp_interrupted)
		return sdp_fail(err, SDP_SYSTEM, "interrupted");
	return sdp_input_read(&reader->input, bytes, size, err);
}

int sdp_upload_reader_spool(struct sdp_upload_reader *reader, struct sdp_err *err)
{
	return sdp_input_spool(&reader->input, err);
}

void sdp_upload_reader_close(struct sdp_upload_reader *reader)
{
	if (reader)
		sdp_input_close(&reader->input);
	free(reader);
}
