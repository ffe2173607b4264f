/*
 * A frame: the columns that a model uses, on the rows that it uses, parsed once and kept.
 *
 * It is made by passes over the chunks, most often one, and is then a table of blocks that later
 * passes work on as items:
 *
 *	types      the whole column's, joined over all chunks; where the first guess fails
 *	           the pass is run again with what the columns turned out to be
 *	features   those asked for, or every numeric column but the target, the boolean and string
 *	           columns of at most 100 levels
 *	rows used  those without a null in any used column; of these some may be held out for tests
 *	results    levels, scales and maxima on the rows used (held-out ones too), and the blocks
 *
 * A number stays the decimal that it is: each numeric column is fixed-point integers of at most 62
 * bits, value = integer × 10^-tens × 2^twos, with twos = 0 wherever the column's decimals fit, else
 * tens = 0 and the unit is a power of two by the largest magnitude.
 *
 * Everything lies in the spill, seen by all processes; workers only read it.  Columns that
 * cannot be used are errors or, chosen by default, warnings.
 */
#ifndef SDP_ENGINE_FRAME_H
#define SDP_ENGINE_FRAME_H

#include "sdp/task.h"
#include "table/formula.h"

enum {
	SDP_FRAME_LEVELS = 100,      /* of a column that is not said to be categorical */
	SDP_FRAME_LEVELS_MAX = 1000, /* of one that is */
	SDP_FRAME_WARNINGS = 1100,   /* that others than the frame may add */
};

struct sdp_text {
	const char *data; /* with a NUL behind */
	size_t length;
};

enum sdp_frame_role {
	SDP_FRAME_OUT, /* not used: only its type is of interest */
	SDP_FRAME_NUMBER,
	SDP_FRAME_LEVEL,
};

struct sdp_frame_column {
	size_t index; /* in the schema */
	const char *name;
	enum sdp_class class; /* how the pass reads it; in the end what it is */
	enum sdp_type type;   /* in the end */
	enum sdp_frame_role role;
	bool fixed;       /* by --types */
	bool asked;       /* for by name: cannot be left out */
	bool number;      /* where only a number will do */
	bool categorical; /* by --categorical, or a label */
	bool crowded;     /* has too many levels, and is out */
	/* Numbers: value = integer × 10^-tens × 2^twos with |integer| ≤ most ≤ 2^62. */
	int tens, twos;
	bool binary; /* tens is 0, else twos is */
	int64_t most;
	/* Levels, ascending bytewise. */
	const struct sdp_text *levels;
	size_t level_count, reference;
	const char *reference_text; /* asked for */
};

/* The used rows of a chunk; the first train of them are for fitting, the rest is held out. */
struct sdp_frame_block {
	struct sdp_frame_block *next;
	uint64_t chunk;
	size_t rows, train;
	struct sdp_extent extent;
};

struct sdp_frame_options {
	const char *target;
	bool label;                     /* the target is levels, not a number */
	const char *features;           /* NULL: the default */
	const char *const *categorical; /* columns by --categorical */
	size_t categorical_count;
	const char *const *references; /* "column=level" */
	size_t reference_count;
	double test_fraction; /* of the rows, held out by (seed, record) */
	uint64_t seed;
};

struct sdp_frame {
	/* the target, then all that may be features, as they come */
	struct sdp_frame_column *columns;
	size_t column_count;
	/* factor[] counts columns of the frame; those of columns that are out too */
	struct sdp_term *terms;
	size_t term_count;
	bool explicit; /* features were asked for */
	double test_fraction;
	uint64_t seed;
	size_t *indices; /* of the columns in the schema */
	/* After the last pass. */
	uint64_t rows, used, held, dropped;    /* rows = used + held + dropped */
	const struct sdp_frame_block **blocks; /* by chunk */
	size_t block_count;
	const char **warnings;
	size_t warning_count, warning_room;
	/* so many, the first, say what was left out by default: that is no surprise */
	size_t quiet;
};

/* What a worker knows of the blocks it read: the first part of a task's state. */
struct sdp_frame_state;

/* In open: NULL on failure. */
struct sdp_frame *sdp_frame_new(const struct sdp_schema *schema,
				const struct sdp_frame_options *options, struct sdp_spill *spill,
				struct sdp_err *err);
size_t sdp_frame_state_size(const struct sdp_frame *frame);
int sdp_frame_update(const struct sdp_frame *frame, struct sdp_frame_state *state,
		     const struct sdp_block *block, struct sdp_work *work, struct sdp_err *err);
int sdp_frame_merge(const struct sdp_frame *frame, struct sdp_frame_state *into,
		    struct sdp_frame_state *from, struct sdp_work *work, struct sdp_err *err);

/*
 * In step: 1 if the chunks must be read again (the state is fresh then), 0 if the frame is ready,
 * -1. No rows left is an error.
 */
int sdp_frame_step(struct sdp_frame *frame, struct sdp_frame_state *state, struct sdp_spill *spill,
		   struct sdp_err *err);

/* A warning for the document; those that are not quiet are for people as well. */
int sdp_frame_warn(struct sdp_frame *frame, struct sdp_spill *spill, struct sdp_err *err,
		   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A kept block at hand; good until the next load. */
struct sdp_frame_rows {
	size_t rows, train;
	const char *bytes;
	char *room; /* the caller's to free in the end; {0} is fresh */
	size_t capacity;
};

int sdp_frame_load(const struct sdp_frame *frame, size_t block, const struct sdp_spill *spill,
		   struct sdp_frame_rows *rows, struct sdp_err *err);

/* Column's integers of the rows [from, from + n): numbers as above, or the numbers of levels. */
void sdp_frame_integers(const struct sdp_frame *frame, const struct sdp_frame_rows *rows,
			size_t column, size_t from, size_t n, int64_t *out);

/* A column of numbers as doubles, each the nearest to the cell's value. */
void sdp_frame_doubles(const struct sdp_frame *frame, const struct sdp_frame_rows *rows,
		       size_t column, size_t from, size_t n, double *out);

#endif
