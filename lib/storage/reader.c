/*
 * Reads the bytes of a file that is to be stored: in pieces, decompressed, or by a
 * path.
 */
#include "base/signals.h"
#include "sdp/mem.h"
#include "table/input.h"
#include "upload.h"

#include <stdio.h>
#include <string.h>

struct upload_reader {
	struct sdp_input input;
};

void upload_file_path(const struct upload_file *file, char path[UPLOAD_PATH])
{
	snprintf(path, UPLOAD_PATH, "/proc/self/fd/%d", file->fd);
}

struct upload_reader *upload_reader_open(const struct upload_file *file, struct sdp_err *err)
{
	char path[UPLOAD_PATH];
	struct upload_reader *reader = sdp_alloc(1, sizeof *reader, err);
	if (!reader)
		return NULL;
	upload_file_path(file, path);
	int rc = sdp_input_open(&reader->input, path, NULL, err);
	if (rc == 0) {
		free(reader->input.name);
		reader->input.name = sdp_strndup(file->title, strlen(file->title), err);
		rc = reader->input.name ? 0 : -1;
	}
	if (rc == 0)
		return reader;
	upload_reader_close(reader);
	return NULL;
}

void upload_reader_format(const struct upload_reader *reader, const char **decode,
			  const struct sdp_foreign **foreign)
{
	*decode = reader->input.decode;
	*foreign = reader->input.foreign;
}

const struct sdp_codec *upload_reader_codec(const struct upload_reader *reader)
{
	return sdp_input_codec(&reader->input);
}

ssize_t upload_reader_next(struct upload_reader *reader, char *bytes, size_t size,
			   struct sdp_err *err)
{
	if (sdp_interrupted)
		return sdp_fail(err, SDP_SYSTEM, "interrupted");
	return sdp_input_read(&reader->input, bytes, size, err);
}

int upload_reader_spool(struct upload_reader *reader, struct sdp_err *err)
{
	return sdp_input_spool(&reader->input, err);
}

void upload_reader_close(struct upload_reader *reader)
{
	if (reader)
		sdp_input_close(&reader->input);
	free(reader);
}
