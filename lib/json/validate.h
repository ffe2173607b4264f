/*
 * Checking JSON as it comes: strict RFC 8259, and no key twice in one object (RFC 7493, section
 * 2.3). Faults name line and column, both from 1; a column is a character.  A byte order mark is
 * passed over.
 *
 * The check holds a piece of the input, the longest key or number, and 16 bytes and some for every
 * key of the objects that are open.
 */
#ifndef SDP_JSON_VALIDATE_H
#define SDP_JSON_VALIDATE_H

#include "base/map.h"
#include "json/token.h"

/* A JSON pointer (RFC 6901), its tokens unescaped. */
struct sdp_json_pointer {
	const char *text; /* as given */
	struct sdp_buf names;
	size_t ends[SDP_JSON_DEPTH]; /* of each token in names */
	unsigned count;
};

int sdp_json_pointer_parse(struct sdp_json_pointer *pointer, const char *text, struct sdp_err *err);
void sdp_json_pointer_release(struct sdp_json_pointer *pointer);

struct sdp_json_digest {
	uint64_t half[2];
};

/*
 * A container that is open; an object's keys are keys[first …], or once they are many, in the map.
 */
struct sdp_json_level {
	size_t first;
	struct sdp_map map;
};

struct sdp_json_validator {
	const char *file;
	struct sdp_json json;
	struct sdp_buf window;     /* bytes from offset on */
	uint64_t offset;           /* a byte order mark counts */
	struct sdp_json_line line; /* of the window's first byte */
	bool begun;
	struct sdp_json_digest *keys;
	size_t key_count, key_capacity;
	struct sdp_json_level levels[SDP_JSON_DEPTH + 1]; /* by depth */
	struct sdp_buf name;                              /* scratch: a key without escapes */
	uint64_t values;
	bool array; /* the first value at the top is one */
	/* Looking for the array of records; see sdp_json_validator_find. */
	const struct sdp_json_pointer *pointer;
	bool finding, found, next; /* next: the next value is on the pointer's way */
	enum sdp_json_kind kind;   /* of what was found */
	unsigned way;              /* depth of the container that the way has come to */
	uint64_t index, place;     /* in an array there: the next value's; what the way wants */
};

/*
 * many: values may follow each other, as in NDJSON.  file is for messages, not copied; may be NULL.
 */
struct sdp_json_validator *sdp_json_validator_new(const char *file, bool many, struct sdp_err *err);
void sdp_json_validator_free(struct sdp_json_validator *check);

/*
 * The next bytes, any number of them; then the end.  Fails at the first fault, after which all is
 * over.
 */
int sdp_json_validator_feed(struct sdp_json_validator *check, const char *bytes, size_t length,
			    struct sdp_err *err);
int sdp_json_validator_end(struct sdp_json_validator *check, struct sdp_err *err);

/*
 * Values seen so far: those at the top, or if the first one there is an array and many was not
 * said, its elements.
 */
uint64_t sdp_json_validator_values(const struct sdp_json_validator *check);

/*
 * Feeding stops behind the token that begins the value at pointer (NULL: the top one): found is
 * set, kind says what it is, and offset + json.at is where it stopped.  If there is none the feed
 * fails.
 */
void sdp_json_validator_find(struct sdp_json_validator *check,
			     const struct sdp_json_pointer *pointer);

/* Goes on behind what stopped it. */
int sdp_json_validator_go_on(struct sdp_json_validator *check, struct sdp_err *err);

/* Fails at the fault that its tokens have come to. */
int sdp_json_validator_fail(const struct sdp_json_validator *check, struct sdp_err *err);

#endif
