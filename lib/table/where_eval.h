/*
 * The evaluation of an expression of --where for some rows of a block at a time.
 *
 *	where_filter.c     cuts blocks into such parts, and removes the rows that are not wanted
 *	where_eval.c       conditions, by the logic of three values: true, false and null
 *	where_columns.c    memory; columns, with a check of their cells
 *	where_numbers.c    numbers and times, as decimals or, where these do not fit, exactly
 *	where_compare.c    their comparisons
 *	where_in.c         lists of constants
 *	where_text.c       texts
 *	where_regex.c      regular expressions
 *
 * Functions that return int return 0 or -1. They fail only if the system does: the first cell that
 * is of the wrong type is noted in scratch->fault, and evaluation goes on.
 */
#ifndef SDP_TABLE_WHERE_EVAL_H
#define SDP_TABLE_WHERE_EVAL_H

#include "base/map.h"
#include "base/rational.h"
#include "table/keep_rows.h"
#include "table/where_private.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* The rows that are evaluated at once; what is computed of them stays in the processor's cache. */
enum { SDP_WHERE_ROWS = 1024 };

/* The three values: "and" is the minimum, "or" the maximum, and "not x" is SDP_WHERE_TRUE - x. */
enum { SDP_WHERE_FALSE, SDP_WHERE_NULL, SDP_WHERE_TRUE };

/* A column of numbers, times or booleans that the expression uses. */
struct sdp_where_column {
	size_t column; /* index in the schema */
	enum sdp_where_type type;
	struct sdp_number_column numbers; /* numbers and times; all decimals have one scale */
	uint8_t *truth;                   /* booleans: the three values */
};

/* Room for the numbers of the rows. */
struct sdp_where_vector {
	int64_t mantissa[SDP_WHERE_ROWS];
	uint8_t state[SDP_WHERE_ROWS];
};

/*
 * Numbers or times: mantissa × 10^-scale. state is at most SDP_SCALE_MAX if the row has a decimal;
 * SDP_CELL_REAL if sdp_where_exact has to compute its number; otherwise it is null.
 */
struct sdp_where_numbers {
	const int64_t *mantissa;
	const uint8_t *state;
	int scale;
	bool plain; /* all rows have decimals */
};

/* A number as mantissa × 10^-scale, where the mantissa is no multiple of 10, or both are 0. */
struct sdp_where_constant {
	mpz_t mantissa;
	int64_t scale;
};

/* The constants of a list, x in (1, 2, y). */
struct sdp_where_set {
	const struct sdp_where_node *node;
	struct sdp_map texts;
	/* Numbers: all of them, ascending by scale; made for the first x that is no decimal. */
	struct sdp_where_constant *exact;
	size_t exact_count;
	/* Numbers: the mantissas of each scale, ascending; the last one is of other scales. */
	struct sdp_where_mantissas {
		int64_t *items;
		size_t count;
		bool ready;
	} scales[SDP_SCALE_MAX + 2];
};

struct sdp_where_scratch {
	const struct sdp_where *where;
	const struct sdp_block *block;    /* the rows that are evaluated, as a block */
	struct sdp_fault fault;           /* the first one among them */
	struct sdp_where_column *columns; /* by column, then type */
	size_t column_count;
	struct sdp_where_set *sets;
	size_t set_count;
	/* Stacks: of those taken, `used` are in use. */
	struct sdp_where_vector **vectors;
	size_t vectors_used, vectors_taken, vectors_capacity;
	uint8_t **truths;
	size_t truths_used, truths_taken, truths_capacity;
	struct sdp_buf texts[2]; /* of lower() and upper(): one for each operand of a comparison */
	struct sdp_buf digits;
	pcre2_match_data *match;
	pcre2_match_context *limits;
	uint8_t *wanted; /* of all rows of the block: 0 or 1 */
	size_t wanted_capacity;
	struct sdp_kept_rows kept;
};

/* Return room for as many values as there are rows, until `used` is set back. NULL on failure. */
struct sdp_where_vector *sdp_where_vector_take(struct sdp_where_scratch *s, struct sdp_err *err);
uint8_t *sdp_where_truth_take(struct sdp_where_scratch *s, struct sdp_err *err);

/* Finds the column of a node among those of the scratch. */
struct sdp_where_column *sdp_where_column_of(struct sdp_where_scratch *s,
					     const struct sdp_where_node *node);

/* Reads the columns of the rows, and notes the first cell that has the wrong type. */
int sdp_where_read_columns(struct sdp_where_scratch *s, struct sdp_err *err);

/* Computes the three values of a boolean node for all rows. */
int sdp_where_truths(struct sdp_where_scratch *s, const struct sdp_where_node *node, uint8_t *out,
		     struct sdp_err *err);

/* Returns whether a node has the same value in all rows. */
bool sdp_where_is_constant(const struct sdp_where_node *node);

/* Returns the truth of a comparison (SDP_WHERE_EQUAL …) of operands of this order. */
static inline uint8_t sdp_where_holds(enum sdp_where_kind kind, int order)
{
	bool holds = kind == SDP_WHERE_EQUAL     ? order == 0
		     : kind == SDP_WHERE_UNEQUAL ? order != 0
		     : kind == SDP_WHERE_LESS    ? order < 0
		     : kind == SDP_WHERE_AT_MOST ? order <= 0
		     : kind == SDP_WHERE_GREATER ? order > 0
						 : order >= 0;
	return holds ? SDP_WHERE_TRUE : SDP_WHERE_FALSE;
}

/* ---- numbers and times ---- */

/* Returns whether a row with this state has a decimal, or has no number. */
static inline bool sdp_where_is_decimal(uint8_t state)
{
	return state <= SDP_SCALE_MAX;
}
static inline bool sdp_where_lacks_number(uint8_t state)
{
	return state > SDP_SCALE_MAX && state != SDP_CELL_REAL;
}

/* Returns the state of what is computed from two operands: 0, SDP_CELL_REAL or SDP_CELL_NULL. */
static inline uint8_t sdp_where_join(uint8_t a, uint8_t b)
{
	return sdp_where_lacks_number(a) || sdp_where_lacks_number(b) ? SDP_CELL_NULL
	       : sdp_where_is_decimal(a) && sdp_where_is_decimal(b)   ? 0
								      : SDP_CELL_REAL;
}

/* Multiplies a mantissa by 10^tens. Returns whether the result fits. */
static inline bool sdp_where_lift(int64_t mantissa, int tens, int64_t *out)
{
	*out = 0;
	return tens > SDP_SCALE_MAX ? mantissa == 0
				    : !__builtin_mul_overflow(mantissa, sdp_pow10[tens], out);
}

/* Computes a node for all rows. What out points to is valid until vectors_used is set back. */
int sdp_where_numbers_of(struct sdp_where_scratch *s, const struct sdp_where_node *node,
			 struct sdp_where_numbers *out, struct sdp_err *err);

/*
 * Computes the number of a row that is not null, or of a constant, with any number of digits:
 * mantissa × 10^-scale with scale ≥ 0.
 */
int sdp_where_exact(struct sdp_where_scratch *s, const struct sdp_where_node *node, size_t row,
		    mpz_t mantissa, int64_t *scale, struct sdp_err *err);

/* Gives two numbers the larger one of their scales. */
void sdp_where_align(mpz_t a, int64_t *a_scale, mpz_t b, int64_t *b_scale);

int sdp_where_compare_numbers(struct sdp_where_scratch *s, enum sdp_where_kind kind,
			      const struct sdp_where_node *left, const struct sdp_where_node *right,
			      uint8_t *out, struct sdp_err *err);

/* Notes the first time without a zone that is compared with one that has a zone. */
void sdp_where_check_zones(struct sdp_where_scratch *s, const struct sdp_where_node *a,
			   const struct sdp_where_node *b);

/* ---- lists ---- */

/* Finds the lists of the expression. */
int sdp_where_sets_find(struct sdp_where_scratch *s, struct sdp_err *err);
void sdp_where_sets_release(struct sdp_where_scratch *s);

/* Returns whether an element of a list is in the set: a constant number, time or string. */
bool sdp_where_is_listed(const struct sdp_where_node *element);

/* Computes whether operand 0 is in the set of a list, null if it is null. */
int sdp_where_in_set(struct sdp_where_scratch *s, const struct sdp_where_node *node, uint8_t *out,
		     struct sdp_err *err);

/* ---- texts ---- */

/*
 * Finds the text of a node in a row: *text is NULL if it is null. room is where lower() and upper()
 * put theirs.
 */
int sdp_where_text(struct sdp_where_scratch *s, const struct sdp_where_node *node, size_t row,
		   struct sdp_buf *room, const char **text, size_t *length, struct sdp_err *err);

int sdp_where_compare_texts(struct sdp_where_scratch *s, enum sdp_where_kind kind,
			    const struct sdp_where_node *left, const struct sdp_where_node *right,
			    uint8_t *out, struct sdp_err *err);

/* Computes the number of characters of a text; SDP_WHERE_NO_TEXT: it is null. */
#define SDP_WHERE_NO_TEXT SIZE_MAX
int sdp_where_length(struct sdp_where_scratch *s, const struct sdp_where_node *text, size_t row,
		     size_t *length, struct sdp_err *err);

/* ---- regular expressions ---- */

int sdp_where_match(struct sdp_where_scratch *s, const struct sdp_where_node *node, uint8_t *out,
		    struct sdp_err *err);

#endif
