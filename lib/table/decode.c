/*
 * Inputs that a child process decodes: the child reads the file and writes CSV to a pipe, which
 * replaces the file. Its exit status is checked when the pipe has ended.
 */
#define _GNU_SOURCE
#include "table/input.h"

#include "base/file_change.h"
#include "base/signals.h"

#include <fcntl.h>
#include <unistd.h>

int sdp_input_spool(struct sdp_input *input, struct sdp_err *err)
{
	enum { PIECE = 1 << 16 };
	char piece[PIECE];
	int fd = sdp_spool_new(err);
	ssize_t n = fd < 0 ? -1 : 1;
	while (n > 0 && (n = sdp_input_read(input, piece, PIECE, err)) > 0)
		if (sdp_interrupted)
			n = sdp_fail(err, SDP_SYSTEM, "interrupted");
		else if (sdp_write_all(fd, piece, (size_t)n) < 0)
			n = sdp_fail_errno(err, "cannot write to the temporary file in %s",
					   sdp_temporary_folder());
	if (n == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

struct decoding {
	const struct sdp_decoder *decoder;
	struct sdp_decoding what;
};

static int decode(void *context, struct sdp_err *err)
{
	const struct decoding *d = context;
	return d->decoder->run(d->decoder->context, &d->what, err);
}

static int decoder_ended(struct sdp_input *input, struct sdp_err *err)
{
	int rc = sdp_child_end(&input->decoder, input->name, err);
	if (input->decoded >= 0 &&
	    sdp_file_unchanged(input->decoded, &input->stat, input->name, err) < 0)
		return -1;
	if (rc == 0)
		return 0;
	if (!err->text[0])
		sdp_fail(err, err->code, "%s: the process that decodes it gave no reason",
			 input->name);
	return -1;
}

/* Replaces the file of an input by the pipe of its decoder. */
static void replace(struct sdp_input *input, int fd)
{
	sdp_input_end_decoding(input);
	if (input->direct) {
		input->decoded = input->fd;
	} else {
		close(input->fd);
		input->stat = (struct stat){0};
	}
	input->fd = fd;
	input->at_end = decoder_ended;
	input->direct = input->ended = false;
	input->encoding = "UTF-8";
	input->ahead_length = 0;
	input->at = 0;
}

int sdp_input_decode(struct sdp_input *input, const struct sdp_source_options *options,
		     struct sdp_err *err)
{
	const char *format = options->decode_as ? options->decode_as
			     : options->format == SDP_SOURCE_ANY && !options->skip ? input->decode
										   : NULL;
	if (!options->decoder.run || !format || !input->opened || input->decoder.pid)
		return 0;
	struct decoding d = {&options->decoder, {input->name, format, input->fd}};
	int ends[2] = {-1, -1};
	if (!input->direct && (d.what.fd = sdp_input_spool(input, err)) < 0)
		return -1;
	int rc = 0;
	if (lseek(d.what.fd, 0, SEEK_SET) < 0 || pipe2(ends, O_CLOEXEC) < 0)
		rc = sdp_fail_errno(err, "cannot decode %s", input->name);
	if (rc == 0)
		rc = sdp_child_start(&input->decoder, decode, &d, ends[1], err);
	if (ends[1] >= 0)
		close(ends[1]);
	if (d.what.fd != input->fd)
		close(d.what.fd);
	if (rc == 0)
		replace(input, ends[0]);
	else if (ends[0] >= 0)
		close(ends[0]);
	return rc;
}
