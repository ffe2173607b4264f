/*
 * The check of sdp/json.h from within: where it stands, and finding the array of records on the
 * way.
 */
#ifndef SDP_JSON_CHECK_H
#define SDP_JSON_CHECK_H

#include "json_token.h"
#include "sdp/json.h"
#include "sdp/map.h"

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

struct sdp_json_check {
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
	/* Looking for the array of records; see sdp_json_check_find. */
	const struct sdp_json_pointer *pointer;
	bool finding, found, next; /* next: the next value is on the pointer's way */
	enum sdp_json_kind kind;   /* of what was found */
	unsigned way;              /* depth of the container that the way has come to */
	uint64_t index, place;     /* in an array there: the next value's; what the way wants */
};

/*
 * Feeding stops behind the token that begins the value at pointer (NULL: the top one): found is
 * set, kind says what it is, and offset + json.at is where it stopped.  If there is none the feed
 * fails.
 */
void sdp_json_check_find(struct sdp_json_check *check, const struct sdp_json_pointer *pointer);

/* Goes on behind what stopped it. */
int sdp_json_check_go_on(struct sdp_json_check *check, struct sdp_err *err);

/* Fails at the fault that its tokens have come to. */
int sdp_json_check_fail(const struct sdp_json_check *check, struct sdp_err *err);

#endif
