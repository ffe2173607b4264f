/*
 * Decoders write CSV to standard output (struct sdp_decoder, table/source.h): what they all need
 * for that, and the decoder of text.
 *
 * Functions return 0, or -1 with err.  If the reader of the output is gone, the process dies of
 * SIGPIPE.
 */
#ifndef SDP_TABLE_DECODED_H
#define SDP_TABLE_DECODED_H

#include "sdp/buf.h"
#include "table/source.h"

#include <stdbool.h>

/* {0} is a new one; flush it at the end.  The caller releases text. */
struct sdp_decoded {
	struct sdp_buf text;
	bool begun; /* whether the current row has a cell */
};

int sdp_decoded_cell(struct sdp_decoded *out, const char *text, size_t length, struct sdp_err *err);
int sdp_decoded_number(struct sdp_decoded *out, uint64_t number, struct sdp_err *err);
int sdp_decoded_end(struct sdp_decoded *out, struct sdp_err *err); /* ends the row */
int sdp_decoded_flush(struct sdp_decoded *out, struct sdp_err *err);

/*
 * Writes the lines of a text as rows of line and text, or splits them at blanks into columns, as
 * what->format says.  header: the lines get a header.  A line that is longer than max_record bytes
 * is an error.
 */
int sdp_text_rows(const struct sdp_decoding *what, bool header, uint64_t max_record,
		  struct sdp_err *err);

#endif
