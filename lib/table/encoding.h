/* Converts the bytes of an input to UTF-8 with line ends LF or CR LF, piece by piece. */
#ifndef SDP_TABLE_ENCODING_H
#define SDP_TABLE_ENCODING_H

#include "table/source.h"

#include <sys/types.h>

struct sdp_encoding_convert {
	enum sdp_encoding encoding; /* UTF8: the bytes are unchanged */
	bool cr;                    /* CR and CR LF become LF */
	bool after_cr;              /* the last byte was a CR */
	uint64_t taken;             /* the bytes of the input decoded so far */
	size_t have; /* the bytes in raw; between calls, those of an incomplete character */
	unsigned char raw[1 << 16];
};

/*
 * Returns the encoding that a byte order mark of UTF-16 at the start of the bytes names, or
 * SDP_ENCODING_ANY if there is none.
 */
enum sdp_encoding sdp_encoding_mark(const char *bytes, size_t length);

/*
 * Decodes raw[0, have) to out, which has room for twice as many bytes, and returns the number of
 * bytes written. last: nothing follows. Returns -1 at a byte sequence that is not in the encoding;
 * the error names the input and the offset.
 */
ssize_t sdp_encoding_convert(struct sdp_encoding_convert *transcode, char *out, bool last,
			     const char *name, struct sdp_err *err);

/* Replaces CR and CR LF by LF in place, across calls (after_cr). Returns the remaining length. */
size_t sdp_encoding_use_cr(struct sdp_encoding_convert *transcode, char *text, size_t length);

#endif
