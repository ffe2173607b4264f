/* One input (a regular file, a pipe or compressed data) as a plain stream of bytes. */
#define _GNU_SOURCE
#include "table/input.h"

#include "base/address.h"
#include "base/file.h"
#include "base/file_change.h"
#include "base/secret.h"
#include "base/signals.h"
#include "sdp/mem.h"
#include "table/codec.h"
#include "table/sniff.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { RAW = 256 * 1024 };

struct sdp_decompress {
	const struct sdp_codec *codec;
	void *state;
	bool between; /* between two members */
	bool pending; /* the decompressor may have more bytes without further input */
	const unsigned char *next;
	size_t left;
	const char *fault; /* NULL: none so far */
	unsigned char raw[RAW];
};

/* Returns whether only the beginning of a file that is followed is read, and all of it was. */
static bool pauses(const struct sdp_input *input)
{
	uint64_t beginning = input->pausing ? sdp_follow_beginning(&input->follow) : 0;
	return beginning && input->at >= beginning;
}

static ssize_t raw_read(struct sdp_input *input, void *bytes, size_t size, struct sdp_err *err)
{
	uint64_t beginning = sdp_follow_beginning(&input->follow);
	if (input->ended || pauses(input))
		return 0;
	if (input->at < beginning && size > beginning - input->at)
		size = beginning - input->at;
	for (;;) {
		ssize_t n = input->direct ? pread(input->fd, bytes, size, (off_t)input->at)
					  : read(input->fd, bytes, size);
		if (n >= 0) {
			/* A terminal could be read further after its end. */
			input->ended = n == 0 && !input->direct;
			input->at += (uint64_t)n;
			if (input->ended && input->decoded < 0 &&
			    sdp_file_unchanged(input->fd, &input->stat, input->name, err) < 0)
				return -1;
			if (input->ended && input->at_end && input->at_end(input, err) < 0)
				return -1;
			return n;
		}
		if (errno == EAGAIN || errno == EWOULDBLOCK) {
			/*
			 * The descriptor was opened as non-blocking, but there is nothing else to
			 * do here.
			 */
			struct pollfd wait = {.fd = input->fd, .events = POLLIN};
			if (poll(&wait, 1, 100) >= 0)
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
	const struct sdp_decompress *d = input->decompress;
	bool at_hand = input->ended || input->ahead_length || (d && (d->left || d->pending)) ||
		       (input->transcode && input->transcode->full);
	bool file = S_ISREG(input->stat.st_mode) && input->decoded < 0;
	return input->direct || at_hand || file ? -1 : input->fd;
}

static int damaged(const struct sdp_input *input, struct sdp_err *err)
{
	if (input->decompress->fault == sdp_codec_no_memory)
		return sdp_fail_memory(err);
	return sdp_fail_at(err, (struct sdp_place){.file = input->name}, "damaged %s data: %s",
			   input->decompress->codec->name, input->decompress->fault);
}

/* Reads more of the compressed data. Returns their number, 0 at the end, or -1. */
static ssize_t refill(struct sdp_input *input, struct sdp_err *err)
{
	struct sdp_decompress *d = input->decompress;
	ssize_t n = raw_read(input, d->raw, RAW, err);
	d->next = d->raw;
	d->left = n > 0 ? (size_t)n : 0;
	return n;
}

/*
 * Moves to the next member if there is one. Returns 1 if a member goes on or begins, 0 if more
 * input is needed to know that, or -1.
 */
static int next_member(struct sdp_decompress *d, struct sdp_err *err)
{
	if (!d->between)
		return 1;
	for (; d->left && *d->next == 0; d->left--)
		d->next++;
	if (d->left == 0)
		return 0;
	d->between = false;
	return d->codec->again(d->state) < 0 ? sdp_fail_memory(err) : 1;
}

static ssize_t decompressed_read(struct sdp_input *input, char *bytes, size_t size,
				 struct sdp_err *err)
{
	struct sdp_decompress *d = input->decompress;
	struct sdp_codec_io io = {.out = bytes, .out_left = size};
	while (io.out_left == size) {
		int member = d->fault ? -1 : next_member(d, err);
		if (member < 0)
			return d->fault ? damaged(input, err) : -1;
		if (member) {
			io.in = d->next;
			io.in_left = d->left;
			enum sdp_codec_end end = d->codec->step(d->state, &io);
			d->next = io.in;
			d->left = io.in_left;
			d->between = end == SDP_CODEC_MEMBER_ENDS;
			d->pending = end == SDP_CODEC_GOES_ON && io.out_left == 0;
			/* What came before the fault is returned first. */
			d->fault = end == SDP_CODEC_FAILS ? io.fault : NULL;
		}
		if (d->left || d->fault || io.out_left < size)
			continue;
		ssize_t n = refill(input, err);
		if (n < 0 || (n == 0 && d->between))
			return n;
		if (n == 0)
			d->fault = "it ends too early";
	}
	return (ssize_t)(size - io.out_left);
}

static int start_decompress(struct sdp_input *input, const struct sdp_codec *codec,
			    struct sdp_err *err)
{
	struct sdp_decompress *d = sdp_alloc(1, sizeof *d, err);
	if (!d)
		return -1;
	d->codec = codec;
	d->state = codec->begin();
	memcpy(d->raw, input->ahead, input->ahead_length);
	d->next = d->raw;
	d->left = input->ahead_length;
	input->ahead_length = 0;
	input->decompress = d;
	return d->state ? 0 : sdp_fail_memory(err);
}

static ssize_t decoded_read(struct sdp_input *input, char *bytes, size_t size, struct sdp_err *err)
{
	return input->decompress ? decompressed_read(input, bytes, size, err)
				 : raw_read(input, bytes, size, err);
}

static int start_transcode(struct sdp_input *input, struct sdp_err *err)
{
	input->transcode = sdp_alloc(1, sizeof *input->transcode, err);
	if (!input->transcode)
		return -1;
	return sdp_encoding_begin(input->transcode,
				  sdp_encoding_is_utf8(input->encoding) ? NULL : input->encoding,
				  err);
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

/* Returns the bytes that were read ahead, then those that follow. */
static ssize_t stored_read(struct sdp_input *input, char *bytes, size_t size, struct sdp_err *err)
{
	if (input->ahead_length == 0)
		return decoded_read(input, bytes, size, err);
	size_t n = input->ahead_length < size ? input->ahead_length : size;
	memcpy(bytes, input->ahead, n);
	input->ahead_length -= n;
	memmove(input->ahead, input->ahead + n, input->ahead_length);
	return (ssize_t)n;
}

static ssize_t transcoded_read(struct sdp_input *input, char *bytes, size_t size,
			       struct sdp_err *err)
{
	struct sdp_encoding_convert *d = input->transcode;
	bool ended = false;
	for (;;) {
		if (!d->full) {
			size_t room = sizeof d->raw - d->have;
			ssize_t n = stored_read(input, (char *)d->raw + d->have,
						room < size ? room : size, err);
			if (n < 0)
				return -1;
			d->have += (size_t)n;
			ended = n == 0 && !pauses(input);
		}
		ssize_t out = sdp_encoding_convert(d, bytes, size, ended, input->name, err);
		if (out < 0)
			return -1;
		size_t left = d->cr ? sdp_encoding_use_cr(d, bytes, (size_t)out) : (size_t)out;
		if (left || (ended && out == 0) || pauses(input))
			return (ssize_t)left;
	}
}

int sdp_input_unchanged(const struct sdp_input *input, struct sdp_err *err)
{
	/* When a stream ended, raw_read has compared it for the last time. */
	if (!input->opened || input->ended)
		return 0;
	return sdp_file_unchanged(input->decoded < 0 ? input->fd : input->decoded, &input->stat,
				  input->name, err);
}

ssize_t sdp_input_read(struct sdp_input *input, char *bytes, size_t size, struct sdp_err *err)
{
	ssize_t n = input->transcode ? transcoded_read(input, bytes, size, err)
				     : stored_read(input, bytes, size, err);
	/* A mixture of two contents looks like damage, which it is not. */
	if (n < 0 && err->code == SDP_DATA)
		sdp_input_unchanged(input, err);
	return n;
}

/*
 * Reads until it is known whether the input is compressed, and begins to decompress it. The bytes
 * are in input->ahead, or in the decompressor.
 */
static int look_for_codec(struct sdp_input *input, struct sdp_err *err)
{
	bool may = true;
	while (may) {
		ssize_t n = raw_read(input, input->ahead + input->ahead_length,
				     SDP_SNIFF_LOOK - input->ahead_length, err);
		if (n < 0)
			return -1;
		input->ahead_length += (size_t)n;
		const struct sdp_codec *codec =
			sdp_sniff_codec(input->ahead, input->ahead_length, &may);
		if (codec)
			return start_decompress(input, codec, err);
		may = may && n > 0;
	}
	return 0;
}

/*
 * Returns whether these bytes decide how the input is decoded (input->decode and input->foreign),
 * or whether more of them could change it. The result is always that for all bytes that are looked
 * at, however they arrive.
 */
static bool decided(struct sdp_input *input, const char *bytes, size_t length, bool all)
{
	bool encoded = input->encoding && !sdp_encoding_is_utf8(input->encoding), may = false;
	const char *mark = input->encoding ? NULL : sdp_encoding_mark(bytes, length, &may);
	if (mark && (!may || all)) {
		input->encoding = mark;
		return true;
	}
	if (!all && (length < 2 || (!input->encoding && may)))
		return false;
	if (!all && sdp_sniff_binary_may(bytes, length))
		return false;
	if (sdp_sniff_pdf(bytes, length))
		input->decode = "pdf";
	if ((input->foreign = sdp_sniff_binary(bytes, length, encoded)))
		return true;
	/* What has NUL bytes here is not ASCII with other characters, but UTF-16 or the like. */
	return (encoded && memchr(bytes, '\0', length)) ||
	       sdp_sniff_text(bytes, length, all, length >= SDP_SNIFF_LOOK, &input->decode);
}

/* Reads the first, decompressed bytes of an input, and detects its format and its encoding. */
static int look_at_start(struct sdp_input *input, struct sdp_err *err)
{
	bool all = false;
	while (!decided(input, input->ahead, input->ahead_length, all) && !all) {
		size_t have = input->ahead_length,
		       most = have < SDP_SNIFF_LOOK ? SDP_SNIFF_LOOK : SDP_SNIFF_ZIP;
		ssize_t n = decoded_read(input, input->ahead + have, most - have, err);
		/* Damaged data are reported when they are read. */
		if (n < 0 && !(input->decompress && input->decompress->fault))
			return -1;
		input->ahead_length += n > 0 ? (size_t)n : 0;
		all = n <= 0;
	}
	if (!input->encoding)
		input->encoding = "UTF-8";
	return 0;
}

/*
 * Reads the first bytes of a stream, or of a direct file without moving its position, and detects
 * the format.
 */
static int look_ahead(struct sdp_input *input, struct sdp_err *err)
{
	input->ahead = sdp_alloc(SDP_SNIFF_ZIP, 1, err);
	if (!input->ahead || look_for_codec(input, err) < 0 || look_at_start(input, err) < 0)
		return -1;
	bool other = !sdp_encoding_is_utf8(input->encoding);
	/*
	 * Files of /proc and similar ones are longer than their size; they are read as pipes are.
	 */
	bool larger = input->direct && input->at > (uint64_t)input->stat.st_size;
	if (input->direct && (input->decompress || larger || other)) {
		input->direct = false;
		if (lseek(input->fd, (off_t)input->at, SEEK_SET) < 0)
			return sdp_fail_errno(err, "%s", input->name);
	}
	if (other && start_transcode(input, err) < 0)
		return -1;
	if (input->direct) {
		input->at -= input->ahead_length;
		input->ahead_length = 0;
	}
	return 0;
}

int sdp_input_open(struct sdp_input *input, const char *name, const char *encoding,
		   struct sdp_err *err)
{
	bool standard = strcmp(name, "-") == 0;
	*input = (struct sdp_input){.fd = -1, .decoded = -1, .encoding = encoding};
	input->standard = standard;
	input->name = standard ? sdp_strndup("stdin", 5, err) : sdp_address_shown(name, err);
	if (!input->name)
		return -1;
	if (!standard && sdp_address_is(name)) {
		input->address = sdp_strndup(name, strlen(name), err);
		return input->address ? 0 : -1;
	}
	struct stat st;
	if ((standard ? fstat(STDIN_FILENO, &st) : stat(name, &st)) < 0)
		return sdp_fail_errno(err, "cannot open %s", input->name);
	if (S_ISDIR(st.st_mode))
		return sdp_fail(err, SDP_SYSTEM, "cannot open %s: it is a directory", input->name);
	if (!standard && !S_ISREG(st.st_mode))
		/* opening a FIFO waits for its writer, so it is opened when its turn comes */
		return 0;
	input->fd = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
			     : sdp_file_open(name, O_RDONLY, 0);
	if (input->fd < 0 || fstat(input->fd, &input->stat) < 0)
		return sdp_fail_errno(err, "cannot open %s", input->name);
	if (!S_ISREG(input->stat.st_mode))
		return 0;
	off_t at = lseek(input->fd, 0, SEEK_CUR);
	input->direct = at >= 0;
	input->at = at > 0 ? (uint64_t)at : 0;
	input->opened = true;
	return look_ahead(input, err);
}

/* The bytes of an address are complete only if the program that reads it says so. */
static int fetched(struct sdp_input *input, struct sdp_err *err)
{
	if (sdp_fetch_end(&input->fetch, input->name, err) < 0)
		return -1;
	close(input->fd); /* there may be thousands of addresses */
	input->fd = -1;
	return 0;
}

int sdp_input_connect(struct sdp_input *input, struct sdp_err *err)
{
	if (input->fd < 0 && input->address) {
		input->at_end = fetched;
		return sdp_fetch_start(&input->fetch, input->address, input->name, &input->fd, err);
	}
	/*
	 * O_NONBLOCK: opening a FIFO would otherwise wait for its writer; the first read waits
	 * instead.
	 */
	if (input->fd < 0)
		input->fd = sdp_file_open(input->name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	return input->fd < 0 ? sdp_fail_errno(err, "cannot open %s", input->name) : 0;
}

bool sdp_input_ready(const struct sdp_input *input, int timeout)
{
	struct pollfd wait = {.fd = input->fd, .events = POLLIN};
	int n = input->opened ? 1 : poll(&wait, 1, timeout);
	/* If waiting fails, reading says why. */
	return n > 0 || (n < 0 && errno != EINTR);
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

const struct sdp_codec *sdp_input_codec(const struct sdp_input *input)
{
	return input->decompress ? input->decompress->codec : NULL;
}

void sdp_input_end_decoding(struct sdp_input *input)
{
	if (input->decompress && input->decompress->state)
		input->decompress->codec->end(input->decompress->state);
	free(input->decompress);
	input->decompress = NULL;
	if (input->transcode)
		sdp_encoding_end(input->transcode);
	free(input->transcode);
	input->transcode = NULL;
}

void sdp_input_close(struct sdp_input *input)
{
	sdp_fetch_stop(&input->fetch);
	sdp_child_stop(&input->decoder);
	sdp_follow_stop(&input->follow);
	sdp_input_end_decoding(input);
	free(input->ahead);
	if (input->fd >= 0)
		close(input->fd);
	if (input->decoded >= 0)
		close(input->decoded);
	sdp_secret_free(input->address);
	sdp_cells_release(&input->header);
	free(input->columns);
	free(input->name);
}
