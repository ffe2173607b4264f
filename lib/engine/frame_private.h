/*
 * Declarations shared by frame.c (which columns are used and how), frame_read.c (reading blocks),
 * frame_wide.c (numbers of many digits), frame_levels.c (levels), frame_load.c (loading what was
 * kept) frame_checks.c (refusals and ids) and
 * frame_ids.c (ids of many digits).
 */
#ifndef SDP_ENGINE_FRAME_PRIVATE_H
#define SDP_ENGINE_FRAME_PRIVATE_H

#include "engine/frame.h"

#include <string.h>

/* A set of texts in ascending order. */
struct levels {
	struct sdp_text *items;
	size_t count, capacity;
};

/* What a worker has found in one column. */
struct part {
	unsigned seen;        /* SDP_SEEN_ bits of the cells of all rows */
	bool too_many_levels; /* There are more levels than allowed, and none are kept. */
	uint64_t values; /* The number of numbers in a column of numbers, also in other rows. */
	/* The least and the greatest of those in blocks of which rows are dropped, if there are. */
	bool all;
	double all_low, all_high;
	/*
	 * Of the used cells that are no decimals: whether there are any, their largest magnitude,
	 * and their largest scale.
	 */
	bool real;
	double most_real;
	int real_scale;
	bool any;         /* There are used numbers; … */
	double low, high; /* … the least and the greatest, rounded. */
	/* The largest magnitude of the decimals of each scale. */
	uint64_t most[SDP_SCALE_MAX + 1];
	bool scales[SDP_SCALE_MAX + 1]; /* The scales that occur. */
	struct levels levels;           /* of the rows for fitting */
	/*
	 * Levels that were found in held-out rows but not in rows for fitting of the same block:
	 * all of them, or the first if there are more than the column may have levels. Once the
	 * levels of the column are known, those that it does not have, and the rows with them.
	 */
	struct levels held;
	bool held_more;
	uint64_t unseen_rows;
	struct sdp_misfits misfits;
};

struct sdp_frame_state {
	uint64_t rows, used, held, tested;
	struct sdp_frame_block *blocks; /* A list in any order. */
	struct part parts[];            /* One per column of the frame. */
};

/* How the used cells of a column are stored in the extent of a block. */
enum cells_kind {
	/* All have the same scale: base + unsigned offsets of width bytes. */
	CELLS_DECIMAL,
	CELLS_MIXED,  /* The arrays of a struct mixed. */
	CELLS_LEVELS, /* A table of texts, then an array of 16-bit indices into it. */
};

/*
 * Where the used cells of a column are in the extent. The extent starts with an array of these, one
 * per used column.
 */
struct cells {
	int64_t base;
	/* Offsets in the extent: of the cells, and of the table of levels. */
	uint64_t offset, table;
	uint32_t levels;
	uint8_t kind, width, scale;
};

/*
 * Cells of any number: value × 10^-scale. Each array begins at a multiple of 64 bytes. real is the
 * nearest double of cells that are no decimals, that is, whose scale is not 0 to SDP_SCALE_MAX.
 */
struct mixed {
	const int64_t *value;
	const double *real;
	const int16_t *scale;
};

/*
 * Instead of the scale: the mantissa has more than 63 bits, and value is the offset of a struct
 * big.
 */
enum { SCALE_BIG = INT16_MAX };

struct big {
	int64_t scale, size; /* as the size of an mpz_t, negative if the number is */
	mp_limb_t limbs[];
};

/* Returns the most levels that the column may have. */
static inline size_t frame_levels_limit(const struct sdp_frame_column *column)
{
	return column->categorical ? SDP_FRAME_LEVELS_MAX : SDP_FRAME_LEVELS;
}

/* Rounds n up to a multiple of 64. */
static inline size_t frame_aligned(size_t n)
{
	return (n + 63) / 64 * 64;
}

/* Returns the arrays of count cells. */
static inline struct mixed frame_mixed(const char *bytes, const struct cells *cells, size_t count)
{
	const char *at = bytes + cells->offset;
	size_t each = frame_aligned(count * sizeof(int64_t));
	return (struct mixed){(const int64_t *)(const void *)at,
			      (const double *)(const void *)(at + each),
			      (const int16_t *)(const void *)(at + 2 * each)};
}

static inline bool frame_is_decimal(int scale)
{
	return scale >= 0 && scale <= SDP_SCALE_MAX;
}

/*
 * Returns the index of a text among levels; if it is not there, *found is false and the index is
 * the one to insert it at.
 */
size_t sdp_frame_level_find(const struct sdp_text *items, size_t count, const char *text,
			    size_t length, bool *found);

/*
 * Adds a text to the levels of a column. If that exceeds the limit, sets too_many_levels and drops
 * all levels of the part instead. copy: the text is not in shared memory and must be copied there.
 * Returns 0 or -1.
 */
int sdp_frame_level_add(struct part *part, const struct sdp_frame_column *column,
			struct sdp_spill *spill, const char *text, size_t length, bool copy,
			struct sdp_err *err);

/*
 * Adds a text to the levels of held-out rows. Beyond the limit of the column the first ones are
 * kept. copy is as above. Returns 0 or -1.
 */
int sdp_frame_level_hold(struct part *part, const struct sdp_frame_column *column,
			 struct sdp_spill *spill, const char *text, size_t length, bool copy,
			 struct sdp_err *err);

/*
 * Sets the levels of a column to those of the rows for fitting, and the unseen ones to those that
 * only held-out rows have. Returns whether there are unseen levels.
 */
bool sdp_frame_levels_choose(struct sdp_frame_column *column, const struct part *part);

/* Finds the reference among the levels of a column. Returns 0 or -1. */
int sdp_frame_reference_find(struct sdp_frame_column *column, struct sdp_err *err);

/* Writes the warning about the unseen levels or labels of a column to text, and returns it. */
enum { SDP_FRAME_UNSEEN_TEXT = 700 };
const char *sdp_frame_unseen_text(const struct sdp_frame_column *column, bool label,
				  char text[SDP_FRAME_UNSEEN_TEXT]);

/* Fails at the cell of a fault, which its column does not admit. Returns 0 if there is none. */
int sdp_frame_refuse(const struct sdp_frame *frame, const struct sdp_fault *fault,
		     struct sdp_err *err);

/* Returns a cell as a double; scale is SDP_CELL_REAL if value has the bits of one. */
static inline double sdp_frame_double(int64_t value, int scale)
{
	double real;
	if (scale != SDP_CELL_REAL)
		return sdp_decimal_to_double(value, scale);
	memcpy(&real, &value, sizeof real);
	return real;
}

/*
 * Notes numbers in the limits of all. scales is NULL if all have the same scale; if scale is not
 * negative, a scale only says which cells are null.
 */
void sdp_frame_note_all(struct part *part, const int64_t *values, const uint8_t *scales, int scale,
			size_t n);
void sdp_frame_note_limits(struct part *part, double low, double high);

/*
 * Loads block number block as sdp_frame_load does, but only a column of numbers. The columns must
 * have the slots that they had in the last pass.
 */
int sdp_frame_load_numbers(const struct sdp_frame *frame, size_t block, size_t column,
			   const struct sdp_spill *spill, struct sdp_frame_rows *rows,
			   struct sdp_err *err);

/*
 * Finds whether the kept values of a column are integers and all different, and sets c->different;
 * if some of them exceed 2^62, also the texts of the least and the greatest. Integers that differ
 * by 2^64 or more are not told apart. Returns 0 or -1.
 */
int sdp_frame_find_different(const struct sdp_frame *frame, struct sdp_frame_column *c,
			     struct sdp_spill *spill, struct sdp_err *err);

/*
 * Returns whether a column of integers has more numbers in all rows, kept or not, than there are
 * integers between the least and the greatest of them.
 */
bool sdp_frame_more_than_differ(const struct sdp_frame *frame, const struct sdp_frame_column *c,
				const struct part *part);

/*
 * Returns the level of a cell of a column: its text or, for a class whose values count, the text
 * of its value in room ("1.0" becomes "1"). *length is the length of the cell on entry and of the
 * level on return.
 */
const char *sdp_frame_level_text(enum sdp_class class, const struct sdp_schema *schema,
				 size_t column, const char *text, size_t *length, char room[32]);

/*
 * Makes reals of those decimals in a column of a block that are the nearest doubles of wide numbers
 * (sdp/num.h).
 */
void sdp_frame_find_wide(const struct sdp_block *block, size_t column, struct sdp_number_column *n);

/*
 * Sets *value and *scale, as in struct mixed, to the exact value of a cell. A struct big, of at
 * most twice the bytes of the cell, is appended to out. digits is scratch space. Returns 0 or -1.
 */
int sdp_frame_keep_exact(const struct sdp_block *block, size_t row, size_t column,
			 struct sdp_buf *digits, char *out, size_t *length, int64_t *value,
			 int16_t *scale, struct sdp_err *err);

#endif
