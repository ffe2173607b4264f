/* Converts a chunk of JSON records to cells, and reports where in the input a fault is. */
#ifndef SDP_TABLE_JSON_ROWS_H
#define SDP_TABLE_JSON_ROWS_H

#include "sdp/block.h"
#include "table/reader.h"
#include "table/source.h"
#include "json/token.h"

enum { SDP_JSON_DENSE = 1024 }; /* With more columns, blocks of JSON are sparse (sdp/block.h). */

struct sdp_json_rows;
/* Frees the state that a reader keeps for JSON; NULL is allowed. */
void sdp_json_rows_free(struct sdp_json_rows *rows);

/*
 * Loads a chunk of JSON (struct sdp_format_steps). Of the rest of a document after its records,
 * only the first MiB is read if it begins with the closing bracket of the array.
 */
int sdp_json_load(struct sdp_reader *reader, const struct sdp_source *source,
		  const struct sdp_schema *schema, const struct sdp_chunk *chunk,
		  struct sdp_err *err);

/* Makes a block as sdp_reader_block does, from a chunk of JSON. */
int sdp_json_block(struct sdp_reader *reader, const struct sdp_source *source,
		   const struct sdp_schema *schema, const struct sdp_chunk *chunk,
		   struct sdp_block *block, struct sdp_err *err);

/*
 * Returns -1 with an error that names the record, the line and column of byte at of the chunk, and
 * what.
 */
int sdp_json_fail_at(const struct sdp_source *source, const struct sdp_chunk *chunk,
		     uint64_t record, size_t at, const char *what, struct sdp_err *err);

/*
 * Sets the places of a chunk of a file that is followed (from, to), whose bytes are text; previous
 * is the chunk before it, or NULL. Returns 0 or -1.
 */
int sdp_json_set_place(const struct sdp_source *source, const struct sdp_chunk *previous,
		       const char *text, struct sdp_chunk *chunk, struct sdp_err *err);

/*
 * Validates at most length bytes from the start of the chunk to the end of the input: the rest of a
 * document after its records (first: there were none), or a record that is too long to be read.
 * final: the input ends there.
 */
int sdp_json_validator_rest(const struct sdp_source *source, const struct sdp_chunk *chunk,
			    uint64_t length, bool first, bool final, struct sdp_err *err);

#endif
