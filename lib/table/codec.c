/* The decompressors: each wraps the stream of its library. */
#include "table/codec.h"

#include "base/library.h"

#include <bzlib.h>
#include <limits.h>
#include <lzma.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

SDP_LIBRARY(bzip2, BZ2_bzlibVersion());
SDP_LIBRARY(liblzma, lzma_version_string());
SDP_LIBRARY(zlib, zlibVersion());
SDP_LIBRARY(zstd, ZSTD_versionString());

static unsigned at_most(size_t n)
{
	return n < INT_MAX ? (unsigned)n : INT_MAX;
}

static void took(struct sdp_codec_io *io, size_t in, size_t out)
{
	io->in += in;
	io->in_left -= in;
	io->out += out;
	io->out_left -= out;
}

static enum sdp_codec_end fails(struct sdp_codec_io *io, const char *fault)
{
	io->fault = fault;
	return SDP_CODEC_FAILS;
}

const char sdp_codec_no_memory[] = "out of memory";

/* ---- gzip ---- */

static void *gzip_begin(void)
{
	z_stream *z = calloc(1, sizeof *z);
	/* 16 added to the window bits: gzip format only. */
	if (z && inflateInit2(z, 16 + MAX_WBITS) == Z_OK)
		return z;
	free(z);
	return NULL;
}

static enum sdp_codec_end gzip_step(void *state, struct sdp_codec_io *io)
{
	z_stream *z = state;
	unsigned in = at_most(io->in_left), out = at_most(io->out_left);
	z->next_in = (unsigned char *)io->in;
	z->avail_in = in;
	z->next_out = (unsigned char *)io->out;
	z->avail_out = out;
	int rc = inflate(z, Z_NO_FLUSH);
	took(io, in - z->avail_in, out - z->avail_out);
	if (rc == Z_STREAM_END)
		return SDP_CODEC_MEMBER_ENDS;
	if (rc == Z_OK || rc == Z_BUF_ERROR)
		return SDP_CODEC_GOES_ON;
	if (rc == Z_MEM_ERROR)
		return fails(io, sdp_codec_no_memory);
	return fails(io, z->msg ? z->msg : "invalid stream");
}

static int gzip_again(void *state)
{
	inflateReset(state);
	return 0;
}

static void gzip_end(void *state)
{
	inflateEnd(state);
	free(state);
}

const struct sdp_codec sdp_codec_gzip = {"gzip",     ".gz",     "application/gzip",
					 gzip_begin, gzip_step, gzip_again,
					 gzip_end};

/* ---- zstd: skippable frames are frames without contents ---- */

static void *zstd_begin(void)
{
	ZSTD_DCtx *d = ZSTD_createDCtx();
	if (d)
		ZSTD_DCtx_setParameter(d, ZSTD_d_windowLogMax, SDP_CODEC_WINDOW);
	return d;
}

static enum sdp_codec_end zstd_step(void *state, struct sdp_codec_io *io)
{
	ZSTD_inBuffer in = {io->in, io->in_left, 0};
	ZSTD_outBuffer out = {io->out, io->out_left, 0};
	size_t rc = ZSTD_decompressStream(state, &out, &in);
	took(io, in.pos, out.pos);
	if (!ZSTD_isError(rc))
		return rc == 0 && in.pos > 0 ? SDP_CODEC_MEMBER_ENDS : SDP_CODEC_GOES_ON;
	switch (ZSTD_getErrorCode(rc)) {
	case ZSTD_error_frameParameter_windowTooLarge:
		return fails(io, "its window is larger than 128 MB (zstd -d --long=31 reads it)");
	case ZSTD_error_memory_allocation:
		return fails(io, sdp_codec_no_memory);
	case ZSTD_error_noForwardProgress_destFull:
	case ZSTD_error_noForwardProgress_inputEmpty:
		return SDP_CODEC_GOES_ON;
	default:
		return fails(io, ZSTD_getErrorName(rc));
	}
}

static int zstd_again(void *state)
{
	ZSTD_DCtx_reset(state, ZSTD_reset_session_only);
	return 0;
}

static void zstd_end(void *state)
{
	ZSTD_freeDCtx(state);
}

const struct sdp_codec sdp_codec_zstd = {"zstd",     ".zst",    "application/zstd",
					 zstd_begin, zstd_step, zstd_again,
					 zstd_end};

/* ---- xz ---- */

static int xz_again(void *state)
{
	/* The stream keeps the memory of the previous one. */
	return lzma_stream_decoder(state, SDP_CODEC_MEMORY, 0) == LZMA_OK ? 0 : -1;
}

static void xz_end(void *state)
{
	lzma_end(state);
	free(state);
}

static void *xz_begin(void)
{
	lzma_stream *x = malloc(sizeof *x);
	if (!x)
		return NULL;
	*x = (lzma_stream)LZMA_STREAM_INIT;
	if (xz_again(x) == 0)
		return x;
	xz_end(x);
	return NULL;
}

static enum sdp_codec_end xz_step(void *state, struct sdp_codec_io *io)
{
	lzma_stream *x = state;
	x->next_in = io->in;
	x->avail_in = io->in_left;
	x->next_out = (uint8_t *)io->out;
	x->avail_out = io->out_left;
	lzma_ret rc = lzma_code(x, LZMA_RUN);
	took(io, io->in_left - x->avail_in, io->out_left - x->avail_out);
	switch (rc) {
	case LZMA_OK:
	case LZMA_BUF_ERROR:
		return SDP_CODEC_GOES_ON;
	case LZMA_STREAM_END:
		return SDP_CODEC_MEMBER_ENDS;
	case LZMA_MEMLIMIT_ERROR:
		return fails(io, "it needs more than 1 GB of memory");
	case LZMA_MEM_ERROR:
		return fails(io, sdp_codec_no_memory);
	case LZMA_OPTIONS_ERROR:
		return fails(io, "it has options that liblzma does not know");
	case LZMA_FORMAT_ERROR:
		return fails(io, "invalid stream");
	default:
		return fails(io, "it is corrupt");
	}
}

const struct sdp_codec sdp_codec_xz = {"xz",     ".xz", "application/x-xz", xz_begin, xz_step,
				       xz_again, xz_end};

/* ---- bzip2 ---- */

static void *bzip2_begin(void)
{
	bz_stream *b = calloc(1, sizeof *b);
	if (b && BZ2_bzDecompressInit(b, 0, 0) == BZ_OK)
		return b;
	free(b);
	return NULL;
}

static enum sdp_codec_end bzip2_step(void *state, struct sdp_codec_io *io)
{
	bz_stream *b = state;
	unsigned in = at_most(io->in_left), out = at_most(io->out_left);
	b->next_in = (char *)io->in;
	b->avail_in = in;
	b->next_out = io->out;
	b->avail_out = out;
	int rc = BZ2_bzDecompress(b);
	took(io, in - b->avail_in, out - b->avail_out);
	switch (rc) {
	case BZ_OK:
		return SDP_CODEC_GOES_ON;
	case BZ_STREAM_END:
		return SDP_CODEC_MEMBER_ENDS;
	case BZ_MEM_ERROR:
		return fails(io, sdp_codec_no_memory);
	case BZ_DATA_ERROR_MAGIC:
		return fails(io, "invalid stream");
	default:
		return fails(io, "it is corrupt");
	}
}

static int bzip2_again(void *state)
{
	bz_stream *b = state;
	BZ2_bzDecompressEnd(b);
	*b = (bz_stream){0};
	return BZ2_bzDecompressInit(b, 0, 0) == BZ_OK ? 0 : -1;
}

static void bzip2_end(void *state)
{
	BZ2_bzDecompressEnd(state);
	free(state);
}

const struct sdp_codec sdp_codec_bzip2 = {"bzip2",     ".bz2",     "application/x-bzip2",
					  bzip2_begin, bzip2_step, bzip2_again,
					  bzip2_end};

const struct sdp_codec *const sdp_codecs[] = {&sdp_codec_gzip, &sdp_codec_zstd, &sdp_codec_xz,
					      &sdp_codec_bzip2, NULL};
