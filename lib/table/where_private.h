/*
 * The tree of an expression of --where.
 *
 *	where_parse.c   makes the tree from the text
 *	where_bind.c    finds the columns, checks the types, prepares constants
 *	where_doubt.c   warns of columns that are strings because of a few cells
 *	where_messages.c  shows where a fault is
 *	where_eval.c    evaluates the tree for the rows of a block
 */
#ifndef SDP_TABLE_WHERE_PRIVATE_H
#define SDP_TABLE_WHERE_PRIVATE_H

#include "sdp/num.h"
#include "table/where.h"

enum sdp_where_kind {
	/* leaves */
	SDP_WHERE_NUMBER,
	SDP_WHERE_STRING, /* 'text': a string or a time, as what it is compared with */
	SDP_WHERE_BOOLEAN,
	SDP_WHERE_COLUMN,
	/* numbers, of operands that are numbers */
	SDP_WHERE_ADD,      /* two or more operands; a - b is the sum of a and NEGATE of b */
	SDP_WHERE_MULTIPLY, /* two or more operands */
	SDP_WHERE_NEGATE,   /* one operand */
	/* functions of one operand */
	SDP_WHERE_LENGTH,
	SDP_WHERE_LOWER,
	SDP_WHERE_UPPER,
	SDP_WHERE_YEAR,
	SDP_WHERE_MONTH,
	SDP_WHERE_DAY,
	SDP_WHERE_HOUR,
	SDP_WHERE_WEEKDAY,
	/* booleans: comparisons of two operands of the same type */
	SDP_WHERE_EQUAL,
	SDP_WHERE_UNEQUAL,
	SDP_WHERE_LESS,
	SDP_WHERE_AT_MOST,
	SDP_WHERE_GREATER,
	SDP_WHERE_AT_LEAST,
	SDP_WHERE_MATCH,   /* operand 1 is an SDP_WHERE_STRING, the pattern; !~ is NOT of it */
	SDP_WHERE_IN,      /* operand 0 among the others; "not in" is NOT of it */
	SDP_WHERE_BETWEEN, /* operand 1 <= operand 0 <= operand 2; "not between" is NOT of it */
	SDP_WHERE_IS_NULL, /* of any operand; "is not null" is NOT of it */
	/* logic of three values */
	SDP_WHERE_NOT,
	SDP_WHERE_AND, /* of two or more operands */
	SDP_WHERE_OR,
};

/* The type of the values of a node; before sdp_where_bind, that of columns is not known. */
enum sdp_where_type {
	SDP_WHERE_TYPE_UNKNOWN, /* also afterwards of a column whose type does not matter */
	SDP_WHERE_TYPE_BOOLEAN,
	SDP_WHERE_TYPE_NUMBER,
	SDP_WHERE_TYPE_STRING,
	SDP_WHERE_TYPE_TIME,
};

struct sdp_where_node {
	enum sdp_where_kind kind;
	enum sdp_where_type type;
	size_t at, length; /* its place in the expression, for carets */
	struct sdp_where_node **operands;
	size_t count, capacity; /* of operands */
	/* SDP_WHERE_STRING: the text; SDP_WHERE_COLUMN: the name; _NUMBER: as it is written */
	char *text; /* NUL-terminated; owned by the node */
	size_t text_length;
	size_t index;  /* its place among the nodes of the expression */
	size_t column; /* SDP_WHERE_COLUMN: index in the schema */
	bool any_type; /* and only whether it is null matters */
	bool doubtful; /* and it may be meant as a number or time (where_doubt.c) */
	bool truth;    /* SDP_WHERE_BOOLEAN */
	/* SDP_WHERE_NUMBER; its exact digits are those of text (sdp_number_digits) */
	struct sdp_number number;
	/*
	 * SDP_WHERE_STRING of type time: second + fraction × 10^-scale since 1970, as
	 * sdp_time_parse reads it, and the SDP_SEEN_ bit of its form.
	 */
	int64_t second, fraction;
	int scale;
	unsigned seen;
	/* SDP_WHERE_MATCH: pcre2_codes, of which careful (where_regex.c) may be NULL. */
	void *pattern, *careful;
};

struct sdp_where {
	const char *text; /* the expression */
	struct sdp_where_node *root;
	bool bound;
	struct sdp_where_node **nodes; /* all nodes, which sdp_where_free frees */
	size_t count, capacity;
};

/*
 * Sets the types of all nodes from those of the columns, and checks that they fit. The type of a
 * column that is not known yet fits everywhere. Fails with this code.
 */
int sdp_where_check_types(struct sdp_where *where, const struct sdp_schema *schema,
			  enum sdp_code code, struct sdp_err *err);

/*
 * Marks the column among the operands of a comparison of strings as doubtful if nearly all of its
 * first values are of another type (nearly), and a text that it is compared with is, too.
 */
void sdp_where_doubt(struct sdp_where_node *node, struct sdp_where_node *column,
		     enum sdp_where_type nearly);

/* Warns of each doubtful column, with the first cell of the block that is of another type. */
void sdp_where_warn(const struct sdp_where *where, const struct sdp_block *block);

/*
 * Fails with "--where: MESSAGE" and an excerpt that shows the expression, or what is near the part,
 * with a caret below the part. Returns -1.
 */
int sdp_where_fail(const struct sdp_where *where, const struct sdp_where_node *part,
		   struct sdp_err *err, enum sdp_code code, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Does so for the byte at this offset of the expression. */
int sdp_where_fail_at(const struct sdp_where *where, size_t at, struct sdp_err *err,
		      enum sdp_code code, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/*
 * Compiles the regular expression of an SDP_WHERE_MATCH, if that has not been done; at and reason
 * (size bytes) become the fault and its place in the pattern, or reason becomes "" if memory is
 * exhausted. Returns 0 or -1. sdp_where_regex_free frees the result, of any node.
 */
int sdp_where_regex_compile(struct sdp_where_node *node, size_t *at, char *reason, size_t size,
			    struct sdp_err *err);
void sdp_where_regex_free(struct sdp_where_node *node);

/*
 * Returns what was probably meant by a text that begins with a sign of another language; NULL if
 * this is not known, or if the sign is valid.
 */
const char *sdp_where_sign_meant(const char *text);

/* Returns what is written instead of a word of another language; NULL if this is not known. */
const char *sdp_where_word_meant(const char *word, size_t length);

#endif
