/*
 * Checking JSON as it comes: strict RFC 8259, and no key twice in one object (RFC 7493, section
 * 2.3). Faults name line and column, both from 1; a column is a character.  A byte order mark is
 * passed over.
 *
 * The check holds a piece of the input, the longest key or number, and 16 bytes and some for every
 * key of the objects that are open.
 */
#ifndef SDP_JSON_H
#define SDP_JSON_H

#include "sdp/err.h"

#include <stdbool.h>

struct sdp_json_check;

/*
 * many: values may follow each other, as in NDJSON.  file is for messages, not copied; may be NULL.
 */
struct sdp_json_check *sdp_json_check_new(const char *file, bool many, struct sdp_err *err);
void sdp_json_check_free(struct sdp_json_check *check);

/*
 * The next bytes, any number of them; then the end.  Fails at the first fault, after which all is
 * over.
 */
int sdp_json_check_feed(struct sdp_json_check *check, const char *bytes, size_t length,
			struct sdp_err *err);
int sdp_json_check_end(struct sdp_json_check *check, struct sdp_err *err);

/*
 * Values seen so far: those at the top, or if the first one there is an array and many was not
 * said, its elements.
 */
uint64_t sdp_json_check_values(const struct sdp_json_check *check);

/*
 * Does an object or array begin here, and go on as one can?  A header of CSV may begin with a
 * bracket, too.
 */
bool sdp_json_looks(const char *text, size_t length);

/* The first byte from there on that is no blank. */
size_t sdp_json_skip(const char *text, size_t from, size_t length);

#endif
