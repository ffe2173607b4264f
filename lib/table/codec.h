/*
 * Decompressors behind one interface: gzip, zstd, xz and bzip2.
 *
 * Compressed data are one member after the other (a gzip member, a zstd frame, a stream of xz or
 * bzip2). Zeros may follow a member; any other byte begins another one.
 */
#ifndef SDP_TABLE_CODEC_H
#define SDP_TABLE_CODEC_H

#include <stddef.h>

/* Memory that the data of xz may ask for, and the base-2 logarithm of the window of zstd. */
enum { SDP_CODEC_MEMORY = 1 << 30, SDP_CODEC_WINDOW = 27 };

struct sdp_codec_io {
	const unsigned char *in;
	size_t in_left;
	char *out;
	size_t out_left;
	const char *fault; /* what is wrong, a string constant */
};

/* The fault of a decompressor that lacks memory.  Compare the pointer, not the text. */
extern const char sdp_codec_no_memory[];

enum sdp_codec_end { SDP_CODEC_GOES_ON, SDP_CODEC_MEMBER_ENDS, SDP_CODEC_FAILS };

struct sdp_codec {
	const char *name, *ending, *mime; /* "gzip", ".gz", "application/gzip" */
	/* Return the state of a decompressor at the start of a member, or NULL: no memory. */
	void *(*begin)(void);
	/*
	 * Decompresses from io->in to io->out until one of them is at its end, or a member ends.
	 * Sets io->fault if it fails, and fails again if called again.
	 */
	enum sdp_codec_end (*step)(void *state, struct sdp_codec_io *io);
	/* Continues with the next member. Returns 0, or -1: no memory. */
	int (*again)(void *state);
	void (*end)(void *state);
};

extern const struct sdp_codec sdp_codec_gzip, sdp_codec_zstd, sdp_codec_xz, sdp_codec_bzip2;
extern const struct sdp_codec *const sdp_codecs[]; /* all of them, and NULL */

#endif
