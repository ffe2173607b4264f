/* Converts the bytes of an input to UTF-8 with line ends LF or CR LF, piece by piece. */
#ifndef SDP_TABLE_ENCODING_H
#define SDP_TABLE_ENCODING_H

#include "sdp/err.h"

#include <iconv.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What the errors about bytes that are not UTF-8 end with. */
#define SDP_ENCODING_HINT "; --encoding windows-1252?"

struct sdp_encoding_convert {
	const char *name; /* of the encoding, as iconv knows it; NULL: the bytes are unchanged */
	iconv_t iconv;
	bool cr;        /* CR and CR LF become LF */
	bool after_cr;  /* the last byte was a CR */
	uint64_t taken; /* the bytes of the input decoded so far */
	size_t have;    /* the bytes in raw */
	bool full;      /* some of them are left only because out had no more room */
	unsigned char raw[1 << 16];
};

/*
 * Returns the encoding that a byte order mark of UTF-16 or UTF-32 at the start of the bytes names,
 * or NULL if there is none. *may: more bytes could change the result.
 */
const char *sdp_encoding_mark(const char *bytes, size_t length, bool *may);

/* Returns whether bytes in this encoding need no conversion. */
bool sdp_encoding_is_utf8(const char *name);

/* Fails with SDP_USAGE if iconv does not know the encoding. */
int sdp_encoding_check(const char *name, struct sdp_err *err);

/*
 * Prepares a zeroed struct for an encoding (NULL: UTF-8). Free what it holds with
 * sdp_encoding_end.
 */
int sdp_encoding_begin(struct sdp_encoding_convert *transcode, const char *name,
		       struct sdp_err *err);
void sdp_encoding_end(struct sdp_encoding_convert *transcode);

/*
 * Decodes raw[0, have) to out, which has room for size (at least 64) bytes, and returns the number
 * of bytes written. What is not decoded remains in raw: an incomplete character, or what out had no
 * room for (full). last: nothing follows. Returns -1 at a byte sequence that is not in the
 * encoding; the error names the input and the offset.
 */
ssize_t sdp_encoding_convert(struct sdp_encoding_convert *transcode, char *out, size_t size,
			     bool last, const char *name, struct sdp_err *err);

/* Replaces CR and CR LF by LF in place, across calls (after_cr). Returns the remaining length. */
size_t sdp_encoding_use_cr(struct sdp_encoding_convert *transcode, char *text, size_t length);

#endif
