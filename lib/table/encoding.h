/* Bytes of an input as UTF-8 with line ends that are LF or CR LF, a piece at a time. */
#ifndef SDP_TABLE_ENCODING_H
#define SDP_TABLE_ENCODING_H

#include "table/source.h"

#include <sys/types.h>

struct sdp_encoding_convert {
	enum sdp_encoding encoding; /* UTF8: bytes are passed on as they are */
	bool cr;                    /* CR and CR LF become LF … */
	bool after_cr;              /* … and the last byte was a CR */
	uint64_t taken;             /* bytes of the input that were decoded */
	size_t have;                /* bytes in raw: of a character that has not ended */
	unsigned char raw[1 << 16];
};

/* What a byte order mark of UTF-16 says; ANY: there is none. */
enum sdp_encoding sdp_encoding_mark(const char *bytes, size_t length);

/*
 * Decodes raw[0, have) to out, which has room for twice as many bytes: how many there are.  last:
 * nothing follows.  Fails with the offset (name is the input's) of what is not in the encoding.
 */
ssize_t sdp_encoding_convert(struct sdp_encoding_convert *transcode, char *out, bool last,
			     const char *name, struct sdp_err *err);

/* Turns CR and CR LF into LF in place: the length that is left.  The piece before is remembered. */
size_t sdp_encoding_use_cr(struct sdp_encoding_convert *transcode, char *text, size_t length);

#endif
