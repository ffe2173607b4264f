/*
 * Column types (see sdp-csv(5)).  The type of a column is the narrowest one that admits all its
 * cells that have a value.
 *
 * The form of a cell is one bit, SDP_SEEN_…; for a column we keep the set of bits of its cells.  So
 * the parts of a column are joined by OR, and its type follows from the set alone.
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
	SDP_SEEN_LOCAL = 16, /* a date and time without a time zone */
	SDP_SEEN_ZONED = 32, /* a date and time with a time zone */
	SDP_SEEN_STRING = 64,
};

enum sdp_type {
	SDP_STRING, /* also a column without values, and a mixture of the other types */
	SDP_BOOLEAN,
	SDP_INTEGER_TYPE,
	SDP_REAL_TYPE, /* integers and reals */
	SDP_DATE,
	SDP_DATETIME, /* with dates among those without a time zone */
};

/* The way in which the cells of a type are read. */
enum sdp_class {
	SDP_CLASS_TEXT,
	SDP_CLASS_BOOLEAN,
	SDP_CLASS_NUMBER,
	SDP_CLASS_TIME,
	SDP_CLASS_NONE, /* no value was seen yet */
};

/* Returns the type of a column with these SDP_SEEN_ bits. */
enum sdp_type sdp_type_of(unsigned seen);

enum sdp_class sdp_type_class(enum sdp_type type);

/* Returns "string", "boolean", "integer", "real", "date" or "datetime". */
const char *sdp_type_name(enum sdp_type type);

/* Finds the type of this name (length bytes).  Returns whether there is one. */
bool sdp_type_by_name(const char *name, size_t length, enum sdp_type *type);

/* Returns the set of SDP_SEEN_ bits of the cells that --types admits in a column of this type. */
unsigned sdp_type_admits(enum sdp_type type);

/*
 * Parses a date, or a date and time, of ISO 8601: YYYY-MM-DD; then optionally T or a blank and
 * hh:mm; then optionally :ss, a fraction of up to 9 digits (and further zeros) after a full stop,
 * and after at most one blank a time zone (sdp_zone_parse).  Years are 0000 to 9999; there are no
 * leap seconds.
 *
 * The result is second + fraction × 10^-scale, in seconds since 1970-01-01 00:00, in UTC or,
 * without a time zone, in local time; 0 ≤ scale ≤ 9 and 0 ≤ fraction < 10^scale.  Returns
 * SDP_SEEN_DATE, SDP_SEEN_LOCAL or SDP_SEEN_ZONED; 0 if the text is not such a time.
 */
unsigned sdp_time_parse(const char *text, size_t length, int64_t *second, int64_t *fraction,
			int *scale);

/*
 * Parses the time zone at the start of a text: Z, UTC, GMT, ±hh[[:]mm] or ±hh:mm:ss.  Sets *offset
 * to the seconds that it is ahead of UTC.  Returns its bytes; 0 if there is none.
 */
size_t sdp_zone_parse(const char *text, size_t length, int *offset);

/*
 * Parses the digits of a fraction at the start of a text, up to 9 and then zeros, as *fraction ×
 * 10^-*scale.  Returns their number; 0 if there are none or other digits follow.
 */
size_t sdp_fraction_parse(const char *text, size_t length, int64_t *fraction, int *scale);

/* Returns 1 for "true", 0 for "false", in upper or lower case, and -1 for any other text. */
int sdp_boolean_parse(const char *text, size_t length);

/* Returns the SDP_SEEN_ bit of a cell, which must not be null.  thousands may be NULL. */
unsigned sdp_cell_seen(const char *text, size_t length, char decimal, const char *thousands);

enum { SDP_NULLS_MAX = 32 }; /* texts of --na */

/*
 * The text of null in JSON where --na does not make the empty cell null: one NUL, which no other
 * cell contains.
 */
#define SDP_NULL_CELL "\0"

/* The texts that mean null. */
struct sdp_nulls {
	size_t count;
	bool given;     /* --na was given */
	bool empty;     /* the empty cell is null */
	bool numeric;   /* one of the texts is also a number (-999) */
	bool temporal;  /* one of the texts is also a time (9999-12-31) */
	size_t longest; /* bytes of the longest text */
	struct sdp_null_text {
		size_t length;
		char text[40];      /* room for any time */
	} texts[SDP_NULLS_MAX + 1]; /* one more for sdp_nulls_add_null_cell */
};

/*
 * Sets nulls from a comma-separated list.  NULL is the default, ",NA,N/A,NaN,nan,null,NULL", which
 * begins with the empty cell; with "" nothing is null.  Fails with SDP_USAGE if there are more than
 * 32 texts or one has more than 40 bytes.
 */
int sdp_nulls_init(struct sdp_nulls *nulls, const char *list, char decimal, struct sdp_err *err);

/* Adds the text SDP_NULL_CELL. */
void sdp_nulls_add_null_cell(struct sdp_nulls *nulls);

/* Returns whether this is one of the texts; for sdp_is_null. */
bool sdp_nulls_find(const struct sdp_nulls *nulls, const char *text, size_t length);

/* Returns whether a cell is null. */
static inline bool sdp_is_null(const struct sdp_nulls *nulls, const char *text, size_t length)
{
	if (length == 0)
		return nulls->empty;
	return length <= nulls->longest && sdp_nulls_find(nulls, text, length);
}

#endif
