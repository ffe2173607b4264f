/*
 * Column types (sdp.7): whole column, the narrowest that fits every cell with a value.
 *
 * What a cell looks like is one bit; a column is the set of bits seen, so joining two parts of a
 * column is an OR, and the type follows from the set alone.
 */
#ifndef SDP_TYPE_H
#define SDP_TYPE_H

#include "sdp/err.h"
#include "sdp/num.h"

#include <stdbool.h>

enum {
	SDP_SEEN_BOOLEAN = 1,
	SDP_SEEN_INTEGER = 2,
	SDP_SEEN_REAL = 4,
	SDP_SEEN_DATE = 8,
	SDP_SEEN_LOCAL = 16, /* a datetime without zone */
	SDP_SEEN_ZONED = 32, /* one with a zone */
	SDP_SEEN_STRING = 64,
};

enum sdp_type {
	SDP_STRING, /* also a column without values, and one that mixes the others */
	SDP_BOOLEAN,
	SDP_INTEGER_TYPE,
	SDP_REAL_TYPE,
	SDP_DATE,
	SDP_DATETIME,
};

/* How the cells of a type are read. */
enum sdp_class {
	SDP_CLASS_TEXT,
	SDP_CLASS_BOOLEAN,
	SDP_CLASS_NUMBER,
	SDP_CLASS_TIME,
	SDP_CLASS_NONE, /* nothing seen yet */
};

enum sdp_type sdp_type_of(unsigned seen);
enum sdp_class sdp_type_class(enum sdp_type type);
const char *sdp_type_name(enum sdp_type type);
/* false if there is no such type. */
bool sdp_type_by_name(const char *name, size_t length, enum sdp_type *type);

/* The cells that a type admits, as a set of bits. */
unsigned sdp_type_admits(enum sdp_type type);

/*
 * A point in time as a decimal number of seconds since 1970-01-01 (UTC, or local where the cell
 * has no zone): ISO 8601 date, or date and time joined by T or a blank, seconds and fraction
 * optional, zone Z, ±hh[[:]mm] or ±hh:mm:ss optional.  Returns the SDP_SEEN_ bit, 0 if it is none.
 */
unsigned sdp_time_parse(const char *text, size_t length, int64_t *mantissa, int *scale);

/* true or false in any case: 1, 0; else -1. */
int sdp_boolean_parse(const char *text, size_t length);

/* The bit of a cell that is not null. */
unsigned sdp_cell_seen(const char *text, size_t length, char decimal, char thousands);

/* The texts that stand for null. */
struct sdp_nulls {
	size_t count;
	bool empty;    /* the empty cell is one */
	bool numeric;  /* one of them would be read as a number (-999) */
	bool temporal; /* or as a time (9999-12-31) */
	size_t longest;
	struct sdp_null_text {
		size_t length;
		char text[24];
	} texts[32];
};

/*
 * From a comma-separated list; NULL: the default, "": nothing is null.  Fails if there are too many
 * or too long ones.
 */
int sdp_nulls_init(struct sdp_nulls *nulls, const char *list, char decimal, struct sdp_err *err);

bool sdp_nulls_find(const struct sdp_nulls *nulls, const char *text, size_t length);

static inline bool sdp_is_null(const struct sdp_nulls *nulls, const char *text, size_t length)
{
	if (length == 0)
		return nulls->empty;
	return length <= nulls->longest && sdp_nulls_find(nulls, text, length);
}

#endif
