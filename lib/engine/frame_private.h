/*
 * Between frame.c (what is read and why), frame_read.c (reading) and frame_load.c (what was kept).
 */
#ifndef SDP_ENGINE_FRAME_PRIVATE_H
#define SDP_ENGINE_FRAME_PRIVATE_H

#include "engine/frame.h"

/* Texts, ascending, each once. */
struct levels {
	struct sdp_text *items;
	size_t count, capacity;
};

/* What a state knows of a column. */
struct part {
	unsigned seen; /* SDP_SEEN_ bits of all rows */
	bool crowded;  /* more levels than allowed; they are not kept then */
	bool real;     /* a used cell is no decimal */
	double most_real;
	uint64_t most[SDP_SCALE_MAX + 1]; /* largest magnitude of the decimals of a scale */
	bool scales[SDP_SCALE_MAX + 1];   /* which occur */
	struct levels levels;
};

struct sdp_frame_state {
	uint64_t rows, used, held;
	struct sdp_frame_block *blocks; /* in any order */
	struct part parts[];            /* a column */
};

/* How a column's used cells lie in a block's extent. */
enum cells_kind {
	CELLS_DECIMAL, /* base + offsets of width bytes, all of one scale */
	CELLS_MIXED,   /* struct mixed */
	CELLS_LEVELS,  /* a table of texts, then their numbers in 16 bits */
};

struct cells {
	int64_t base;
	uint64_t offset, table; /* where the cells begin, and the table */
	uint32_t levels;
	uint8_t kind, width, scale;
};

struct mixed {
	int64_t value; /* mantissa, or the bits of a double */
	int64_t scale; /* or SDP_CELL_REAL */
};

static inline size_t frame_levels_limit(const struct sdp_frame_column *column)
{
	return column->categorical ? SDP_FRAME_LEVELS_MAX : SDP_FRAME_LEVELS;
}

static inline size_t frame_aligned(size_t n)
{
	return (n + 63) / 64 * 64;
}

/* frame.c: fails at the first cell that --types, or what its column is for, does not admit. */
int sdp_frame_refuse(const struct sdp_frame *frame, const struct sdp_block *block,
		     struct sdp_work *work, struct sdp_err *err);

/* frame_levels.c: the place of a text among levels; where it belongs if *found is false. */
size_t sdp_frame_level_find(const struct sdp_text *items, size_t count, const char *text,
			    size_t length, bool *found);

/* Adds a text, unless that crowds the column.  copy: it is in no shared memory yet. */
int sdp_frame_level_add(struct part *part, const struct sdp_frame_column *column,
			struct sdp_spill *spill, const char *text, size_t length, bool copy,
			struct sdp_err *err);

/* The level that a cell is: itself, or in room its value where that is what counts (1.0 is 1). */
const char *sdp_frame_level_text(enum sdp_class class, const struct sdp_schema *schema,
				 const char *text, size_t *length, char room[32]);

#endif
