/*
 * The cells of a column that are not what nearly all of its cells are: numbers, or dates and times.
 *
 * A few such cells make a string of a column that looks like numbers. Programs count them while
 * they read the column as numbers, and say in a warning how many there are, which is the first and
 * which option helps. Counts merge in any order; they are 0 until a cell was counted.
 */
#ifndef SDP_TABLE_MISFITS_H
#define SDP_TABLE_MISFITS_H

#include "sdp/block.h"

enum {
	SDP_MISFITS_READINGS = 16,
	SDP_MISFITS_TEXTS = 4,
	SDP_MISFITS_TEXT = 900, /* bytes of a warning */
	SDP_MISFITS_HINT = 500,
};

struct sdp_misfits {
	enum sdp_class class; /* what the other cells are: SDP_CLASS_NUMBER or SDP_CLASS_TIME */
	uint64_t values;      /* cells that have a value */
	uint64_t count;       /* misfits among them */
	unsigned seen;        /* SDP_SEEN_ bits of all cells */
	/* Whether a number has a point, one that does not separate three digits, groups. */
	bool points, ungrouped, grouped;
	/*
	 * How many misfits are numbers with another --decimal or --thousands, by such a pair of
	 * options (misfits.c has them), and how many are numbers with none of them.
	 */
	uint64_t read[SDP_MISFITS_READINGS], unread;
	bool code; /* A misfit is like 007: the column is one of codes. */
	/* The texts of the latter in ascending order; over SDP_MISFITS_TEXTS: there are more. */
	size_t text_count;
	struct sdp_null_text texts[SDP_MISFITS_TEXTS];
	/* The first misfit, if there is one: its place and its quoted text. */
	const char *file;
	uint32_t input;
	uint64_t chunk, record;
	char first[64];
};

/*
 * Adds the cells of a column (index in the schema) of a block. numbers is the column as
 * sdp_block_numbers or, for SDP_CLASS_TIME, sdp_block_times has read it.
 */
void sdp_misfits_add(struct sdp_misfits *m, const struct sdp_block *block, size_t column,
		     enum sdp_class class, const struct sdp_number_column *numbers);

/* Reads a column as numbers or times into numbers, and adds its cells. Returns 0 or -1. */
int sdp_misfits_read(struct sdp_misfits *m, const struct sdp_block *block, size_t column,
		     enum sdp_class class, struct sdp_number_column *numbers, struct sdp_err *err);

/* Adds the cells that from has counted. */
void sdp_misfits_merge(struct sdp_misfits *into, const struct sdp_misfits *from);

/*
 * Returns SDP_CLASS_NUMBER or SDP_CLASS_TIME if all cells of a column of a block but a few are of
 * this class, else SDP_CLASS_TEXT. Then *found, unless it is NULL, has the misfits.
 */
enum sdp_class sdp_misfits_guess(const struct sdp_block *block, size_t column,
				 struct sdp_misfits *found);

/* Returns the file and the record of the first misfit. */
struct sdp_place sdp_misfits_place(const struct sdp_misfits *m);

/*
 * Writes a warning about a column with few misfits to text: "column 'a' FATE: …". fate is what
 * becomes of the column: "is a string". Increments *found, and returns whether the warning is to be
 * given: there are few misfits, and it is one of the first five warnings. The text has the record
 * of the first misfit but no name of a file, so that documents do not depend on it.
 */
bool sdp_misfits_warning(const struct sdp_misfits *m, const struct sdp_schema *schema,
			 size_t column, const char *fate, size_t *found,
			 char text[SDP_MISFITS_TEXT]);

/*
 * Writes to text which option may help where a cell must be a number and is none, as the end of a
 * message: " (--na?)"; "" if none does. Returns text.
 */
const char *sdp_misfits_hint(const struct sdp_schema *schema, size_t column, const char *cell,
			     size_t length, char text[SDP_MISFITS_HINT]);

/* Writes the warning after these to text. Returns whether there were more than five. */
bool sdp_misfits_more(size_t found, char text[SDP_MISFITS_TEXT]);

#endif
