/*
 * Validates JSON as it arrives: strictly by RFC 8259, and without duplicate keys in an object (RFC
 * 7493, section 2.3).  Errors name line and column, both from 1; a column is a character.  A byte
 * order mark at the start is skipped.
 *
 * The memory used is a piece of the input, the longest key or number, and at least 16 bytes for
 * each key of all objects that are open.
 */
#ifndef SDP_JSON_VALIDATE_H
#define SDP_JSON_VALIDATE_H

#include "base/map.h"
#include "json/token.h"

/* A parsed JSON pointer (RFC 6901). */
struct sdp_json_pointer {
	const char *text;            /* as given; not copied */
	struct sdp_buf names;        /* its tokens without escapes */
	size_t ends[SDP_JSON_DEPTH]; /* the end of each token in names */
	unsigned count;              /* of tokens */
};

/* Parses the argument of --records.  Fails with SDP_USAGE if it is no JSON pointer. */
int sdp_json_pointer_parse(struct sdp_json_pointer *pointer, const char *text, struct sdp_err *err);
void sdp_json_pointer_release(struct sdp_json_pointer *pointer);

/* XXH3 hash of a key. */
struct sdp_json_digest {
	uint64_t half[2];
};

/*
 * An open container.  The keys of an object are keys[first …] or, if there are many, in the map.
 */
struct sdp_json_level {
	size_t first;
	struct sdp_map map;
};

struct sdp_json_validator {
	const char *file; /* for messages; may be NULL */
	struct sdp_json json;
	struct sdp_buf window;     /* the bytes of the input, from offset on, not tokenized yet */
	uint64_t offset;           /* in the input, including a byte order mark */
	struct sdp_json_line line; /* of the first byte of the window */
	bool begun;                /* a byte order mark, if there is one, was skipped */
	struct sdp_json_digest *keys;
	size_t key_count, key_capacity;
	struct sdp_json_level levels[SDP_JSON_DEPTH + 1]; /* by depth */
	struct sdp_buf name;                              /* scratch: a key without escapes */
	uint64_t values;                                  /* see sdp_json_validator_values */
	bool array;                                       /* the top value is an array */
	/* The search for the value at a pointer; see sdp_json_validator_find. */
	const struct sdp_json_pointer *pointer;
	bool finding, found;
	bool next;               /* the next value is on the path of the pointer */
	enum sdp_json_kind kind; /* of the value that was found */
	unsigned path_depth;     /* depth of the innermost open container on that path */
	/* If it is an array: the index of its next value, and the index that the pointer has. */
	uint64_t index, wanted_index;
};

/*
 * Creates a validator.  many: several values may follow each other, as in NDJSON.  file, which may
 * be NULL, is the name for messages and is not copied.
 */
struct sdp_json_validator *sdp_json_validator_new(const char *file, bool many, struct sdp_err *err);
void sdp_json_validator_free(struct sdp_json_validator *check);

/*
 * Validate the next bytes, any number of them, or the end of the input.  Fail with SDP_DATA at the
 * first error; no further call is allowed after that.
 */
int sdp_json_validator_feed(struct sdp_json_validator *check, const char *bytes, size_t length,
			    struct sdp_err *err);
int sdp_json_validator_end(struct sdp_json_validator *check, struct sdp_err *err);

/*
 * Returns the number of values so far: those at the top or, if the top value is an array and many
 * is false, its elements.
 */
uint64_t sdp_json_validator_values(const struct sdp_json_validator *check);

/*
 * Makes feeding stop after the first token of the value at pointer (NULL: the top value).  Then
 * found is set, kind is the kind of the token, and offset + json.at is the offset after it in the
 * input.  If there is no such value, feeding fails.
 */
void sdp_json_validator_find(struct sdp_json_validator *check,
			     const struct sdp_json_pointer *pointer);

/* Continues with the bytes after the value at which feeding stopped. */
int sdp_json_validator_go_on(struct sdp_json_validator *check, struct sdp_err *err);

#endif
