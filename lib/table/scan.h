/*
 * Finding the structure of CSV, 64 bytes a step.
 *
 * The grammar (RFC 4180 with two habits of the wild): a quote opens a quoted cell only at the
 * cell's first byte, elsewhere it is a plain character; inside a quoted cell a doubled quote
 * stands for one; the delimiter and LF end a cell unless quoted; CR counts only before LF.
 * A closing quote followed by anything but a delimiter, LF, CR LF or a quote is junk: the
 * scan goes on as in an unquoted cell and says so.
 *
 * With LF as the delimiter the text is no CSV but lines: each a record of one cell, in which a
 * quote is a character like others.
 *
 * Four kernels (AVX-512, AVX2, SSE2, plain C) give the same answers; the best one that the machine
 * has is picked at run time.
 */
#ifndef SDP_TABLE_SCAN_H
#define SDP_TABLE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the scan saw; workers look closer where a flag is set. */
enum {
	SDP_SCAN_ESCAPED = 1, /* a doubled quote in a quoted cell */
	SDP_SCAN_JUNK = 2,    /* text behind a closing quote */
	SDP_SCAN_HIGH = 4,    /* a byte over 0x7f: UTF-8 is to be checked */
	SDP_SCAN_NUL = 8,     /* a zero byte */
};

/* Where in the grammar a scan stands between two calls; {0} is the start of a record. */
struct sdp_scan_state {
	bool inside;      /* a quoted cell */
	uint8_t previous; /* what the last byte was: */
#define SDP_SCAN_START 0  /* a delimiter, a record's end or nothing: a quote would open */
#define SDP_SCAN_CLOSE 1  /* a closing quote */
#define SDP_SCAN_OTHER 2
#define SDP_SCAN_CR    3 /* a CR behind a closing quote: only LF may follow */
};

struct sdp_scan_count {
	size_t records;  /* record ends (LF outside quotes) */
	size_t last_end; /* offset behind the last of them; 0: none */
};

/*
 * Counts record ends in text[0, length).  state carries over from call to call.
 * The flags are not looked for: this is the cutter's pass.
 */
void sdp_scan_records(struct sdp_scan_state *state, const char *text, size_t length, char delimiter,
		      struct sdp_scan_count *count);

/*
 * Offset behind the first record end in text[0, length), 0 if there is none; stops there, with
 * the state of a record's start.
 */
size_t sdp_scan_first_end(struct sdp_scan_state *state, const char *text, size_t length,
			  char delimiter);

/* One byte on: is it within a cell, or the end of a cell or record? */
enum sdp_scan_byte { SDP_SCAN_WITHIN, SDP_SCAN_CELL_END, SDP_SCAN_RECORD_END };
enum sdp_scan_byte sdp_scan_byte(struct sdp_scan_state *state, char byte, char delimiter);

struct sdp_scan_fields {
	size_t fields;  /* cell ends written to ends[] */
	size_t records; /* how many of them end a record */
	unsigned flags;
	struct sdp_scan_state state; /* behind the last byte */
};

enum { SDP_SCAN_ROOM = 64 }; /* entries behind the last that may be overwritten */

/*
 * Writes the offset of every cell's end (its delimiter or LF) in text[0, length) to ends, which has
 * room for length + SDP_SCAN_ROOM entries; length < 2^32 - 64.  The text starts a record.  64 bytes
 * behind the text must be readable.
 */
void sdp_scan_cells(const char *text, size_t length, char delimiter, uint32_t *ends,
		    struct sdp_scan_fields *out);

/*
 * Overwrites the rest of each comment, a record that begins with this byte (no quote, and not the
 * delimiter), with that byte: what then scans text finds nothing in it.  Are there any?  The text
 * starts a record, and may end in the middle of one.
 */
bool sdp_scan_hide_comments(char *text, size_t length, char delimiter, char comment);

/*
 * Forces a kernel by name ("avx512", "avx2", "sse2", "c") for tests; false if the machine lacks it.
 */
bool sdp_scan_use(const char *kernel);

#endif
