/*
 * What the first bytes of an input say about its format. All decisions depend on the bytes alone.
 * sdp-upload decides by these functions, too.
 */
#ifndef SDP_TABLE_SNIFF_H
#define SDP_TABLE_SNIFF_H

#include "sdp/err.h"
#include "sdp/schema.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	SDP_SNIFF_LOOK = 512,      /* bytes in which formats are looked for … */
	SDP_SNIFF_ZIP = 1 << 14,   /* … and the members of a ZIP archive */
	SDP_SNIFF_CHUNK = 1 << 20, /* bytes over which the delimiter is decided */
};

struct sdp_codec;

/*
 * Returns the decompressor for these bytes, or NULL. Then *may is whether more bytes could change
 * that.
 */
const struct sdp_codec *sdp_sniff_codec(const char *bytes, size_t length, bool *may);

/* A format that sdp does not read as a table. */
struct sdp_foreign {
	const char *name; /* "a Parquet file" */
	/*
	 * A command that converts it to CSV, in which FILE stands for the name; NULL: none is
	 * known.
	 */
	const char *command;
	const char *option; /* the option with which sdp reads it, or NULL */
	bool text;          /* it is text, which --input-format csv reads as it is */
};

/*
 * Returns the format of binary data, PDF among them (sdp_sniff_pdf), or NULL if the bytes may be
 * text. bytes are decompressed, but not converted to UTF-8. encoded: their encoding is known, so
 * that NUL bytes do not mean UTF-16.
 */
const struct sdp_foreign *sdp_sniff_binary(const char *bytes, size_t length, bool encoded);

/* Returns XML, HTML or YAML if the text, which is in UTF-8, looks like it, or else NULL. */
const struct sdp_foreign *sdp_sniff_markup(const char *text, size_t length);

/*
 * Returns whether more bytes, up to SDP_SNIFF_LOOK (SDP_SNIFF_ZIP for a ZIP archive), could change
 * what sdp_sniff_binary returns. sdp_sniff_markup_may: the same for sdp_sniff_markup.
 */
bool sdp_sniff_binary_may(const char *bytes, size_t length);
bool sdp_sniff_markup_may(const char *text, size_t length);

/* Returns whether the bytes are the beginning of a PDF. */
bool sdp_sniff_pdf(const char *bytes, size_t length);

/* Fails because the file is of this format, and not what it should be ("a CSV table"). */
int sdp_foreign_fail(const struct sdp_foreign *foreign, const char *file, const char *wanted,
		     struct sdp_err *err);

/*
 * Detects text in the first bytes of an input. *format becomes "txt" for lines of text,
 * "txt-blanks" for columns separated by blanks, "txt-gaps" for columns separated by at least two
 * blanks, and is unchanged otherwise. all: these are all bytes of the input; enough: there will be
 * no call with more. Returns false if more bytes could change the result.
 */
bool sdp_sniff_text(const char *bytes, size_t length, bool all, bool enough, const char **format);

/*
 * Finds the next column of a line of text from offset *at on, for decoders. Columns are separated
 * by blanks or, if gaps is true, by at least two blanks or a tab. Sets *field to its start and *at
 * to its end. Returns its length, which is 0 after the last column.
 */
size_t sdp_sniff_field(const char *text, size_t length, size_t *at, bool gaps, const char **field);

/* ---- the delimiter ---- */

struct sdp_delimiting {
	struct sdp_dialect dialect; /* but for the delimiter */
	char decimal, comment;
	const char *thousands; /* one character, or NULL */
	enum sdp_ragged ragged;
	const struct sdp_nulls *nulls;
	/* The result: see sdp_sniff_delimiter. */
	char delimiter, other;
	size_t columns, records; /* records: after the header */
};

/*
 * Finds which of `, tab ; |` occur outside quotes in the header, which text begins with. Returns
 * their number. *whole: the header ends within the text.
 */
size_t sdp_delimiter_candidates(const struct sdp_delimiting *d, const char *text, size_t length,
				bool *whole, char candidates[4]);

/*
 * Chooses the candidate that gives the most columns, at least two, where all records have as many
 * cells as the header and none is malformed; on a tie the one that gives more columns a type other
 * than string, then the first. The text begins with the header; whole: it does not end within a
 * record. Sets d->delimiter to NUL if no candidate fits, and d->other to another one that gives as
 * many columns, or to NUL.
 */
void sdp_sniff_delimiter(struct sdp_delimiting *d, const char *candidates, size_t count,
			 const char *text, size_t length, bool whole);

struct sdp_preamble {
	char delimiter;
	size_t columns; /* of the records after it; 0: there is no preamble */
	uint64_t lines; /* of the preamble */
};

/*
 * Finds lines before the header, which has so many cells: the record after it has another number,
 * and two of the next few, or all after some lines, have the same number, at least two.
 * d->delimiter is the one that was given, or NUL: any. Returns false if more text could change the
 * result.
 */
bool sdp_sniff_preamble(const struct sdp_delimiting *d, size_t columns, const char *text,
			size_t length, bool whole, struct sdp_preamble *found);

#endif
