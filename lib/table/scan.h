/*
 * Finds the ends of cells and records in CSV, 64 bytes per step.
 *
 * A dialect (sdp/schema.h) says which bytes are the delimiter, the quote and the escape. The
 * grammar is RFC 4180 with two common habits. A quote opens a quoted cell only if it is the
 * first byte of the cell after blanks (sdp_is_blank), if there are any; elsewhere it is a plain
 * character. In a quoted cell, a doubled quote stands for one quote. The delimiter and LF end a
 * cell unless they are quoted. CR has a meaning only before LF. A closing quote followed by
 * anything but a delimiter, LF, CR LF or a quote is junk: the scan continues as in an unquoted
 * cell and sets a flag.
 *
 * If the dialect has an escape, it and the next byte are plain characters, in quoted cells, too.
 *
 * Four kernels (AVX-512, AVX2, SSE2, plain C) give identical results. The best one that the machine
 * supports is chosen at run time. Text with escapes is scanned byte by byte.
 */
#ifndef SDP_TABLE_SCAN_H
#define SDP_TABLE_SCAN_H

#include "sdp/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lines of text: each is a record of one cell, in which all other bytes are plain. */
#define SDP_SCAN_LINES ((struct sdp_dialect){'\n', '\n', '\0'})

/* What a scan found. If a flag is set, the caller must look at the text more closely. */
enum {
	/* a doubled quote in a quoted cell, an escape, or blanks before an opening quote */
	SDP_SCAN_ESCAPED = 1,
	SDP_SCAN_JUNK = 2, /* text after a closing quote */
	SDP_SCAN_HIGH = 4, /* a byte above 0x7f: the text must be checked for valid UTF-8 */
	SDP_SCAN_NUL = 8,  /* a zero byte */
};

/* The state of a scan between two calls; {0} is the start of a record. */
struct sdp_scan_state {
	bool inside;      /* in a quoted cell */
	bool escaped;     /* after an escape */
	uint8_t previous; /* the kind of the last byte: */
/* a delimiter, a record end or nothing: a quote would open a cell */
#define SDP_SCAN_START 0
#define SDP_SCAN_CLOSE 1 /* a closing quote */
#define SDP_SCAN_OTHER 2
#define SDP_SCAN_CR    3 /* a CR after a closing quote: only LF may follow */
#define SDP_SCAN_BLANK 4 /* blanks after SDP_SCAN_START: a quote would open a cell, too */
};

struct sdp_scan_count {
	size_t records;  /* record ends (LF outside quotes) */
	size_t last_end; /* the offset after the last of them; 0: there is none */
};

/*
 * Counts the record ends in text[0, length). The state carries over from call to call. Flags are
 * not set, because only chunk cutting uses this.
 */
void sdp_scan_records(struct sdp_scan_state *state, const char *text, size_t length,
		      struct sdp_dialect dialect, struct sdp_scan_count *count);

/*
 * Returns the offset after the first record end in text[0, length), or 0 if there is none. After a
 * record end, the state is that of the start of a record.
 */
size_t sdp_scan_first_end(struct sdp_scan_state *state, const char *text, size_t length,
			  struct sdp_dialect dialect);

/*
 * Advances the state by one byte. Returns whether the byte is within a cell or ends a cell or a
 * record.
 */
enum sdp_scan_byte { SDP_SCAN_WITHIN, SDP_SCAN_CELL_END, SDP_SCAN_RECORD_END };
enum sdp_scan_byte sdp_scan_byte(struct sdp_scan_state *state, char byte,
				 struct sdp_dialect dialect);

struct sdp_scan_fields {
	size_t fields;  /* the number of cell ends written to ends[] */
	size_t records; /* how many of them end a record */
	unsigned flags;
	struct sdp_scan_state state; /* after the last byte */
};

enum { SDP_SCAN_ROOM = 64 }; /* entries after the last that may be overwritten */

/*
 * Writes the offset of the end of every cell (its delimiter or LF) in text[0, length) to ends,
 * which has room for length + SDP_SCAN_ROOM entries. length must be below 2^32 - 64. The text must
 * begin with a record, and 64 bytes after it must be readable.
 */
void sdp_scan_cells(const char *text, size_t length, struct sdp_dialect dialect, uint32_t *ends,
		    struct sdp_scan_fields *out);

/*
 * Overwrites each comment, a record that begins with the byte comment, with that byte, so that the
 * scan finds nothing in it. comment must be neither a quote nor the delimiter. The text begins with
 * a record and may end within one. Returns whether there were comments.
 */
bool sdp_scan_hide_comments(char *text, size_t length, struct sdp_dialect dialect, char comment);

#endif
