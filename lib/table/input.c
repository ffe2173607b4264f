/* One input (a regular file, a pipe or gzip) as a plain stream of bytes. */
#define _GNU_SOURCE
#include "table/input.h"

#include "base/signals.h"
#include "sdp/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { RAW = 256 * 1024 };

struct sdp_inflate {
	z_stream z;
	bool between; /* between two members of the gzip file */
	unsigned char raw[RAW];
};

static ssize_t raw_read(struct sdp_input *input, void *bytes, size_t size, struct sdp_err *err)
{
	if (input->ended)
		return 0;
	for (;;) {
		ssize_t n = input->direct ? pread(input->fd, bytes, size, (off_t)input->at)
					  : read(input->fd, bytes, size);
		if (n >= 0) {
			/* A terminal could be read further after its end. */
			input->ended = n == 0 && !input->direct;
			input->at += (uint64_t)n;
			if (input->ended && input->at_end && input->at_end(input, err) < 0)
				return -1;
			return n;
		}
		if (errno == EAGAIN || errno == EWOULDBLOCK) {
			/*
			 * The descriptor was opened as non-blocking, but there is nothing else to
			 * do here.
			 */
			poll(&(struct pollfd){.fd = input->fd, .events = POLLIN}, 1, 100);
			errno = EINTR;
		}
		if (errno != EINTR)
			return sdp_fail_errno(err, "%s", input->name);
		if (sdp_interrupted)
			return sdp_fail(err, SDP_SYSTEM, "interrupted");
	}
}

int sdp_input_waits_for(const struct sdp_input *input)
{
	if (!input->opened)
		return input->fd;
	bool at_hand = input->ended || input->ahead_length ||
		       (input->inflate && input->inflate->z.avail_in);
	return input->direct || at_hand || S_ISREG(input->stat.st_mode) ? -1 : input->fd;
}

/* Returns the bytes that were read ahead, then those of the file. */
static ssize_t plain_read(struct sdp_input *input, void *bytes, size_t size, struct sdp_err *err)
{
	if (input->ahead_length == 0)
		return raw_read(input, bytes, size, err);
	size_t n = input->ahead_length < size ? input->ahead_length : size;
	memcpy(bytes, input->ahead, n);
	input->ahead_length -= n;
	memmove(input->ahead, input->ahead + n, input->ahead_length);
	return (ssize_t)n;
}

static int inflate_fail(struct sdp_input *input, const char *what, struct sdp_err *err)
{
	return sdp_fail_at(err, (struct sdp_place){.file = input->name}, "damaged gzip data: %s",
			   what);
}

static ssize_t gzip_read(struct sdp_input *input, char *bytes, size_t size, struct sdp_err *err)
{
	struct sdp_inflate *g = input->inflate;
	g->z.next_out = (unsigned char *)bytes;
	g->z.avail_out = (unsigned)(size < INT32_MAX ? size : INT32_MAX);
	size_t room = g->z.avail_out;
	while (g->z.avail_out == room) {
		if (g->z.avail_in == 0) {
			ssize_t n = plain_read(input, g->raw, RAW, err);
			if (n < 0)
				return -1;
			if (n == 0)
				return g->between ? 0
						  : inflate_fail(input, "it ends too early", err);
			g->z.next_in = g->raw;
			g->z.avail_in = (unsigned)n;
		}
		if (g->between) {
			/* Zeros may pad the end; any other byte starts a member. */
			while (g->z.avail_in && *g->z.next_in == 0) {
				g->z.next_in++;
				g->z.avail_in--;
			}
			if (g->z.avail_in == 0)
				continue;
			inflateReset(&g->z);
			g->between = false;
		}
		int rc = inflate(&g->z, Z_NO_FLUSH);
		if (rc == Z_STREAM_END)
			g->between = true;
		else if (rc != Z_OK && rc != Z_BUF_ERROR && g->z.avail_out < room)
			/*
			 * What was inflated before the fault is returned first; zlib will report
			 * the fault again.
			 */
			break;
		else if (rc != Z_OK && rc != Z_BUF_ERROR)
			return inflate_fail(input, g->z.msg ? g->z.msg : "no valid stream", err);
	}
	return (ssize_t)(room - g->z.avail_out);
}

static int start_inflate(struct sdp_input *input, struct sdp_err *err)
{
	input->inflate = sdp_alloc(1, sizeof *input->inflate, err);
	if (!input->inflate)
		return -1;
	/* 16 added to the window bits: gzip format only. */
	if (inflateInit2(&input->inflate->z, 16 + MAX_WBITS) != Z_OK)
		return sdp_fail_memory(err);
	return 0;
}

static int start_transcode(struct sdp_input *input, struct sdp_err *err)
{
	input->transcode = sdp_alloc(1, sizeof *input->transcode, err);
	if (!input->transcode)
		return -1;
	input->transcode->encoding = input->encoding;
	return 0;
}

int sdp_input_use_cr(struct sdp_input *input, struct sdp_err *err)
{
	if (!input->transcode && start_transcode(input, err) < 0)
		return -1;
	input->transcode->cr = true;
	if (input->direct && lseek(input->fd, (off_t)input->at, SEEK_SET) < 0)
		return sdp_fail_errno(err, "%s", input->name);
	input->direct = false;
	return 0;
}

static ssize_t stored_read(struct sdp_input *input, char *bytes, size_t size, struct sdp_err *err)
{
	return input->inflate ? gzip_read(input, bytes, size, err)
			      : plain_read(input, bytes, size, err);
}

static ssize_t transcoded_read(struct sdp_input *input, char *bytes, size_t size,
			       struct sdp_err *err)
{
	struct sdp_encoding_convert *d = input->transcode;
	size_t most = size / 2 < sizeof d->raw ? size / 2 : sizeof d->raw;
	for (;;) {
		ssize_t n = stored_read(input, (char *)d->raw + d->have, most - d->have, err);
		if (n < 0)
			return -1;
		d->have += (size_t)n;
		ssize_t out = sdp_encoding_convert(d, bytes, n == 0, input->name, err);
		if (out < 0)
			return -1;
		size_t left = d->cr ? sdp_encoding_use_cr(d, bytes, (size_t)out) : (size_t)out;
		if (left || (n == 0 && out == 0))
			return (ssize_t)left;
	}
}

/* Detects the encoding from the first bytes of a stream. */
static ssize_t first_read(struct sdp_input *input, char *bytes, size_t size, struct sdp_err *err)
{
	size_t have = 0;
	ssize_t n = 1;
	while (n > 0 && have < 2) {
		n = stored_read(input, bytes + have, size - have, err);
		if (n < 0 && have == 0)
			return -1;
		have += n > 0 ? (size_t)n : 0;
	}
	input->encoding = sdp_encoding_mark(bytes, have);
	if (input->encoding == SDP_ENCODING_ANY) {
		input->encoding = SDP_ENCODING_UTF8;
		return (ssize_t)have;
	}
	if (start_transcode(input, err) < 0)
		return -1;
	memcpy(input->transcode->raw, bytes, have);
	input->transcode->have = have;
	return sdp_encoding_convert(input->transcode, bytes, false, input->name, err);
}

ssize_t sdp_input_read(struct sdp_input *input, char *bytes, size_t size, struct sdp_err *err)
{
	if (input->encoding == SDP_ENCODING_ANY)
		return first_read(input, bytes, size / 2, err);
	return input->transcode ? transcoded_read(input, bytes, size, err)
				: stored_read(input, bytes, size, err);
}

static bool is_gzip(const char *bytes, size_t length)
{
	return length >= 2 && (unsigned char)bytes[0] == 0x1f && (unsigned char)bytes[1] == 0x8b;
}

enum { AHEAD = 512 };

/*
 * Inflates the start of gzip data to out. Returns the number of bytes, at most AHEAD; *all: that is
 * all of the data.
 */
static size_t peek(const char *bytes, size_t length, char out[AHEAD], bool *all)
{
	z_stream z = {.next_in = (unsigned char *)bytes,
		      .avail_in = (unsigned)length,
		      .next_out = (unsigned char *)out,
		      .avail_out = AHEAD};
	*all = false;
	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return 0;
	*all = inflate(&z, Z_SYNC_FLUSH) == Z_STREAM_END;
	inflateEnd(&z);
	return AHEAD - z.avail_out;
}

/*
 * Returns whether these bytes decide how the input is decoded (input->decode), or whether more of
 * them, up to AHEAD, could change it. The result is always that for the first AHEAD bytes, however
 * they arrive.
 */
static bool decided(struct sdp_input *input, const char *bytes, size_t length, bool all)
{
	static const char pdf[] = "%PDF-";
	const size_t most = sizeof pdf - 1;
	char inner[AHEAD];
	if (length < 2 && !all)
		return false;
	if (is_gzip(bytes, length)) {
		length = peek(bytes, length, inner, &all);
		bytes = inner;
	}
	if (input->encoding > SDP_ENCODING_UTF8 && input->encoding != SDP_ENCODING_LATIN1)
		return true;
	if (input->encoding == SDP_ENCODING_ANY &&
	    sdp_encoding_mark(bytes, length) != SDP_ENCODING_ANY)
		return true;
	size_t n = length < most ? length : most;
	bool like_pdf = memcmp(bytes, pdf, n) == 0;
	if (like_pdf && n == most)
		input->decode = "pdf";
	return like_pdf ? n == most
			: sdp_sniff_text(bytes, length, all, length == AHEAD, &input->decode);
}

/*
 * Reads the first bytes of a stream, or of a direct file without moving its position, and detects
 * the format.
 */
static int look_ahead(struct sdp_input *input, struct sdp_err *err)
{
	input->ahead = sdp_alloc(AHEAD, 1, err);
	if (!input->ahead)
		return -1;
	size_t have = 0;
	while (have < AHEAD) {
		ssize_t n = raw_read(input, input->ahead + have, AHEAD - have, err);
		if (n < 0)
			return -1;
		have += (size_t)n;
		if (decided(input, input->ahead, have, n == 0) && !input->direct)
			break; /* do not wait for more from a slow pipe */
		if (n == 0)
			break;
	}
	input->ahead_length = have;
	bool zipped = is_gzip(input->ahead, have);
	/*
	 * Files of /proc and similar ones are longer than their size; they are read as pipes are.
	 */
	bool larger = input->direct && input->at > (uint64_t)input->stat.st_size;
	if (input->direct && !zipped && input->encoding == SDP_ENCODING_ANY)
		input->encoding = sdp_encoding_mark(input->ahead, have)
					  ? sdp_encoding_mark(input->ahead, have)
					  : SDP_ENCODING_UTF8;
	bool other = input->encoding > SDP_ENCODING_UTF8;
	if (input->direct && (zipped || larger || other)) {
		input->direct = false;
		if (lseek(input->fd, (off_t)input->at, SEEK_SET) < 0)
			return sdp_fail_errno(err, "%s", input->name);
	}
	if (zipped && start_inflate(input, err) < 0)
		return -1;
	if (other && start_transcode(input, err) < 0)
		return -1;
	if (input->direct) {
		input->at -= have;
		input->ahead_length = 0;
	}
	return 0;
}

int sdp_input_open(struct sdp_input *input, const char *name, enum sdp_encoding encoding,
		   struct sdp_err *err)
{
	bool standard = strcmp(name, "-") == 0;
	*input = (struct sdp_input){.fd = -1, .encoding = encoding};
	input->name =
		standard ? sdp_strndup("stdin", 5, err) : sdp_strndup(name, strlen(name), err);
	if (!input->name)
		return -1;
	struct stat st;
	if ((standard ? fstat(STDIN_FILENO, &st) : stat(name, &st)) < 0)
		return sdp_fail_errno(err, "cannot open %s", input->name);
	if (S_ISDIR(st.st_mode))
		return sdp_fail(err, SDP_SYSTEM, "cannot open %s: it is a directory", input->name);
	if (!standard && !S_ISREG(st.st_mode))
		/* opening a FIFO waits for its writer, so it is opened when its turn comes */
		return 0;
	input->fd = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
			     : open(name, O_RDONLY | O_CLOEXEC);
	if (input->fd < 0 || fstat(input->fd, &input->stat) < 0)
		return sdp_fail_errno(err, "cannot open %s", input->name);
	if (!S_ISREG(input->stat.st_mode))
		return 0;
	off_t at = lseek(input->fd, 0, SEEK_CUR);
	input->direct = at >= 0;
	input->at = at > 0 ? (uint64_t)at : 0;
	input->opened = true;
	input->named = !standard;
	return look_ahead(input, err);
}

int sdp_input_connect(struct sdp_input *input, struct sdp_err *err)
{
	/*
	 * O_NONBLOCK: opening a FIFO would otherwise wait for its writer; the first read waits
	 * instead.
	 */
	if (input->fd < 0)
		input->fd = open(input->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return input->fd < 0 ? sdp_fail_errno(err, "cannot open %s", input->name) : 0;
}

bool sdp_input_ready(const struct sdp_input *input, int timeout)
{
	return input->opened ||
	       poll(&(struct pollfd){.fd = input->fd, .events = POLLIN}, 1, timeout) > 0;
}

int sdp_input_begin(struct sdp_input *input, struct sdp_err *err)
{
	if (input->opened)
		return 0;
	if (sdp_input_connect(input, err) < 0)
		return -1;
	while (!sdp_input_ready(input, 100))
		if (sdp_interrupted)
			return sdp_fail(err, SDP_SYSTEM, "interrupted");
#ifdef F_SETPIPE_SZ
	/* fewer and larger reads; a failure does not matter */
	fcntl(input->fd, F_SETPIPE_SZ, 1 << 20);
#endif
	input->opened = true;
	return look_ahead(input, err);
}

void sdp_input_inflate_end(struct sdp_input *input)
{
	if (input->inflate)
		inflateEnd(&input->inflate->z);
	free(input->inflate);
	input->inflate = NULL;
	free(input->transcode);
	input->transcode = NULL;
}

void sdp_input_close(struct sdp_input *input)
{
	sdp_child_stop(&input->decoder);
	sdp_input_inflate_end(input);
	free(input->ahead);
	if (input->fd >= 0)
		close(input->fd);
	free(input->name);
}
