/*
 * Input as a table: files, pipes and gzip, one after the other, cut into chunks at record ends.
 *
 * Whatever the bytes come from, in the end they lie in a file that every process can pread: a
 * regular file is used where it is; pipes and gzip are written to an unlinked spool while they
 * are cut.  Chunks depend on the bytes alone.
 *
 * The parent opens the source before it forks, so that workers inherit the descriptors; only the
 * parent cuts.  Names and descriptors belong to the source.
 */
#ifndef SDP_SOURCE_H
#define SDP_SOURCE_H

#include "sdp/err.h"
#include "sdp/type.h"

#include <stdbool.h>

struct sdp_source_options {
	char delimiter; /* 0: a comma */
	char decimal;
	bool no_header;
	bool format_given; /* so that text that looks like JSON is a table none the less */
	const char *na;    /* NULL: the default list */
	const char *types; /* "col=type,…" or NULL */
	uint64_t max_record;
};

struct sdp_column {
	const char *name;
	bool fixed;         /* by --types */
	enum sdp_type type; /* of a fixed column */
	enum sdp_class guess; /* how its cells look in the first chunk */
};

struct sdp_schema {
	struct sdp_column *columns;
	size_t count;
	char delimiter, decimal;
	struct sdp_nulls nulls;
};

/* A run of whole records of one input. */
struct sdp_chunk {
	uint64_t offset; /* in the input's file, or in the spool */
	uint64_t first_record; /* number of its first record; the first of an input is 1 */
	uint32_t length; /* bytes */
	uint32_t input;
};

struct sdp_source;

/*
 * Opens the inputs ("-" or none: standard input), reads the first header and fixes the schema
 * with the types of --types; guesses follow with sdp_source_guess.
 */
struct sdp_source *sdp_source_open(const struct sdp_source_options *options, int count,
				   char **names, struct sdp_err *err);
void sdp_source_free(struct sdp_source *source);

struct sdp_schema *sdp_source_schema(struct sdp_source *source);

/* The next chunk: 1, or 0 at the end of the last input, or -1. */
int sdp_source_next(struct sdp_source *source, struct sdp_chunk *chunk, struct sdp_err *err);

/* The bytes of the chunk that sdp_source_next gave last; good until it is called again. */
const char *sdp_source_last(const struct sdp_source *source);

/* For any process: length bytes of a chunk into text.  Fails if an input shrank. */
int sdp_source_read(const struct sdp_source *source, const struct sdp_chunk *chunk, char *text,
		    struct sdp_err *err);

/* Fails if a regular input is no longer what it was when it was opened. */
int sdp_source_unchanged(const struct sdp_source *source, struct sdp_err *err);

/* The input's name as messages have it. */
const char *sdp_source_name(const struct sdp_source *source, uint32_t input);

/* Where the chunk's bytes lie in the (inflated) input, for messages. */
uint64_t sdp_source_offset(const struct sdp_source *source, const struct sdp_chunk *chunk);

/* Bytes of all inputs if known beforehand, else 0; and how many have been cut. */
uint64_t sdp_source_size(const struct sdp_source *source);
uint64_t sdp_source_cut(const struct sdp_source *source);

/* An unlinked temporary file in TMPDIR (default /var/tmp): its descriptor, or -1. */
int sdp_spool_new(struct sdp_err *err);

#endif
