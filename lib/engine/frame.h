/*
 * A frame holds the columns that a model uses on the rows that it uses. It is parsed once and kept.
 *
 * A frame is built in passes over the chunks of the input, usually one. It is then a table of
 * blocks, which later passes process as items:
 *
 *	types      The type of a column is the type of all its cells, over all chunks. If the
 *	           guessed types were wrong, the pass is repeated with the types found.
 *	features   The columns that were named, or by default every numeric column except the
 *	           target and every boolean or string column with at most 100 levels.
 *	ids        A default feature that seems to be an id (engine/typed_columns.h) in the kept
 *	           rows is left out with a warning. If it has nulls, the pass is repeated.
 *	rows used  The rows without a null in any used column. Some of them may be held out for
 *	           testing.
 *	levels     The levels of a column are those of the rows for fitting. If a row that is held
 *	           out has another one, the pass is repeated, and such rows are not kept.
 *	results    The scales and maxima over the kept rows (held-out ones included), and the
 *	           blocks.
 *
 * Numbers are exact integers in a unit of the column: value = integer × 10^-tens. Those of a wide
 * column have more than 62 bits (all 64-bit integers, 18 decimals of numbers beyond 4, 1e300 beside
 * 1e-300) and are read as limbs (base/limbs.h). No number needs more than 6,020 bits, as it has at
 * most SDP_DIGITS_MAX digits and is neither beyond the doubles nor nearer to 0 than 1e-400.
 *
 * A frame and all that it points to is in the spill (shared memory), so all processes see it and
 * nothing of it is freed one by one; workers only read it. A column that cannot be used is an error
 * if it was named, and a warning if it was chosen by default.
 */
#ifndef SDP_ENGINE_FRAME_H
#define SDP_ENGINE_FRAME_H

#include "base/limbs.h"
#include "engine/typed_columns.h"
#include "sdp/task.h"
#include "table/formula.h"

enum {
	/* The most levels of a column that --categorical does not name. */
	SDP_FRAME_LEVELS = 100,
	SDP_FRAME_LEVELS_MAX = 1000, /* The most levels of one that --categorical names. */
	/* Room for warnings that callers of sdp_frame_warn add. */
	SDP_FRAME_WARNINGS = 1100,
};

struct sdp_text {
	const char *data; /* NUL-terminated */
	size_t length;
};

enum sdp_frame_role {
	SDP_FRAME_OUT, /* Not used; only its type is tracked. */
	SDP_FRAME_NUMBER,
	SDP_FRAME_LEVEL,
};

/* A column of the frame. Names and texts belong to the spill or to the schema. */
struct sdp_frame_column {
	size_t index; /* in sdp_schema.columns */
	const char *name;
	struct sdp_typed_column typed;
	enum sdp_frame_role role;
	/* The column was named by an option: if it cannot be used, that is an error. */
	bool required;
	bool number;          /* Only numbers are allowed. */
	bool categorical;     /* Named by --categorical, or a label. */
	bool too_many_levels; /* It has more levels than allowed and is therefore not used. */
	bool id;              /* It seems to be an id and is therefore not used. */
	/* Its integers in the kept rows, if it is a default feature and they are all different. */
	struct sdp_all_different different;
	/* If some exceed 2^62, different has their differences from one number, and these they. */
	const char *id_low, *id_high;
	size_t slot; /* its number among the columns that the blocks hold */
	/* Numbers: value = integer × 10^-tens; tens is negative if all have zeros at their ends. */
	int tens;
	bool wide;        /* Integers may have more than 62 bits. */
	double log2_most; /* |integer| + 1 ≤ 2^log2_most */
	double low, high; /* The least and the greatest number, rounded. */
	/* Levels: the texts in ascending bytewise order; reference is the index of one of them. */
	const struct sdp_text *levels;
	size_t level_count, reference;
	/*
	 * The levels that only held-out rows have, in the same order: all of them, or the first if
	 * there are more than the column may have levels (unseen_more); and how many rows have one.
	 */
	const struct sdp_text *unseen;
	size_t unseen_count;
	bool unseen_more;
	uint64_t unseen_rows;
	/* The reference level given by --reference; NULL: the first. */
	const char *reference_text;
	const struct sdp_schema *schema; /* of the reference */
};

/* The used rows of one chunk. The first train of them are for fitting; the rest are held out. */
struct sdp_frame_block {
	struct sdp_frame_block *next;
	uint64_t chunk;
	size_t rows, train;
	struct sdp_extent extent;
};

/* What the options of a command ask for. The caller owns all texts. */
struct sdp_frame_options {
	const char *target;
	bool label;           /* The target is a label with levels, not a number. */
	bool doubles;         /* Products are doubles: one that exceeds them is refused. */
	const char *features; /* The list given by -x; NULL: the default features. */
	const char *const *categorical; /* The columns named by --categorical. */
	size_t categorical_count;
	const char *const *references; /* "column=level" */
	size_t reference_count;
	/*
	 * The fraction of the rows to hold out, 0 to 1. Whether a row is held out depends only on
	 * the seed and its record number.
	 */
	double test_fraction;
	uint64_t seed;
};

struct sdp_frame {
	const struct sdp_schema *schema; /* of the input; NULL if the frame comes from a document */
	/* The target, then all columns that may be features, in the order in which they occur. */
	struct sdp_frame_column *columns;
	size_t column_count;
	/*
	 * factor[] of a term is an index into columns. Before the last pass ends, terms of unused
	 * columns are included.
	 */
	struct sdp_term *terms;
	size_t term_count;
	bool explicit; /* Features were named by -x. */
	bool doubles;  /* as in the options */
	double test_fraction;
	uint64_t seed;
	size_t *indices; /* The index of each column in the schema. */
	/* Of each column, counted in the first pass; NULL before it ends. */
	const struct sdp_misfits *misfits;
	/* The levels of all columns are known: held-out rows with others are not kept. */
	bool levels_known;
	/* The following is set after the last pass. */
	uint64_t rows, used, held, dropped; /* rows = used + held + dropped */
	/* The held-out rows that are kept: those whose levels all occur in rows for fitting. */
	uint64_t tested;
	const struct sdp_frame_block **blocks; /* In ascending order of chunk numbers. */
	size_t block_count;
	size_t slots;          /* the number of columns that the blocks hold */
	const char **warnings; /* As the document has them; … */
	const char **printed;  /* … and as they are printed, some with a place before the text. */
	size_t warning_count, warning_room;
	/*
	 * The number of warnings that need not be printed any more: those that were, and those that
	 * say which columns were left out by default, which are in the document only.
	 */
	size_t warnings_done;
};

/*
 * What a worker has found in the blocks that it read. It is the first part of the state of a task.
 */
struct sdp_frame_state;

/*
 * Creates the frame that the options ask for. Call it in the open callback of a task. Returns NULL
 * on failure; an unknown column or an unsuitable option is SDP_USAGE.
 */
struct sdp_frame *sdp_frame_new(const struct sdp_schema *schema,
				const struct sdp_frame_options *options, struct sdp_spill *spill,
				struct sdp_err *err);
/* Returns the size of a state in bytes. A state of zeros is a fresh state. */
size_t sdp_frame_state_size(const struct sdp_frame *frame);
/*
 * Adds the rows of a block to the state of a worker: its used rows are kept in the spill. Returns 0
 * or -1; it fails at the first cell that is not allowed in its column.
 */
int sdp_frame_update(const struct sdp_frame *frame, struct sdp_frame_state *state,
		     const struct sdp_block *block, struct sdp_work *work, struct sdp_err *err);
/*
 * Merges the state from into the state into, which takes over the memory of from. Returns 0 or -1.
 */
int sdp_frame_merge(const struct sdp_frame *frame, struct sdp_frame_state *into,
		    struct sdp_frame_state *from, struct sdp_work *work, struct sdp_err *err);

/*
 * Ends a pass; call it in the step callback of a task with the merged state. Returns 1 if the
 * chunks must be read again (the state is then fresh), 0 if the frame is ready, and -1 on failure.
 * It is an error if no rows are left to fit.
 */
int sdp_frame_step(struct sdp_frame *frame, struct sdp_frame_state *state, struct sdp_spill *spill,
		   struct sdp_err *err);

/*
 * Adds a warning to the document, and to those to print. A text of more than 399 bytes is cut
 * between two characters; a warning for which there is no room is dropped. Returns 0 or -1.
 */
int sdp_frame_warn(struct sdp_frame *frame, struct sdp_spill *spill, struct sdp_err *err,
		   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Returns the next warning to print, or NULL if all were returned. */
const char *sdp_frame_next_warning(struct sdp_frame *frame);

/* A loaded block; valid until the next load into the same structure. */
struct sdp_frame_rows {
	size_t rows, train;
	const char *bytes;
	char *room; /* A buffer that the caller frees; start with {0}. */
	size_t capacity;
};

/* Loads block number block, below block_count. Returns 0 or -1. */
int sdp_frame_load(const struct sdp_frame *frame, size_t block, const struct sdp_spill *spill,
		   struct sdp_frame_rows *rows, struct sdp_err *err);

/* Returns the bits of the integers of a column of numbers: |integer| < 2^bits. */
int sdp_frame_bits(const struct sdp_frame_column *column);

/*
 * Writes the integers of a used column, which must not be wide, for the rows [from, from + n) to
 * out: numbers as described above, or the indices of levels.
 */
void sdp_frame_integers(const struct sdp_frame *frame, const struct sdp_frame_rows *rows,
			size_t column, size_t from, size_t n, int64_t *out);

/*
 * Does so with the limbs of a column of numbers, wide or not: out[k × SDP_TILE + i] for row from +
 * i, n ≤ SDP_TILE. There are sdp_limbs_for(sdp_frame_bits(column)) limbs.
 */
void sdp_frame_limbs(const struct sdp_frame *frame, const struct sdp_frame_rows *rows,
		     size_t column, size_t from, size_t n, int32_t *out);

/*
 * Writes a used column of numbers for the rows [from, from + n) to out as doubles, each of them the
 * double nearest to the value of the cell.
 */
void sdp_frame_doubles(const struct sdp_frame *frame, const struct sdp_frame_rows *rows,
		       size_t column, size_t from, size_t n, double *out);

#endif
