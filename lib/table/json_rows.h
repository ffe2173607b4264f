/* Between block.c, cut_json.c and json_rows.c: a chunk of JSON records as cells. */
#ifndef SDP_TABLE_JSON_ROWS_H
#define SDP_TABLE_JSON_ROWS_H

#include "sdp/block.h"
#include "table/reader.h"
#include "table/source.h"
#include "json/token.h"

struct sdp_json_rows;
void sdp_json_rows_free(struct sdp_json_rows *rows);

/* As sdp_reader_read; of what a document has behind its records only the beginning. */
int sdp_json_read(struct sdp_reader *reader, const struct sdp_source *source,
		  const struct sdp_chunk *chunk, struct sdp_err *err);

/* As sdp_reader_block, of a chunk of an input that is JSON. */
int sdp_json_block(struct sdp_reader *reader, const struct sdp_source *source,
		   const struct sdp_schema *schema, const struct sdp_chunk *chunk,
		   struct sdp_block *block, struct sdp_err *err);

/* The place of a byte of a chunk in its input; reads it up to there. */
int sdp_json_line(const struct sdp_source *source, const struct sdp_chunk *chunk, size_t at,
		  struct sdp_json_line *line, struct sdp_err *err);

/* Fails with it; what: the message. */
int sdp_json_fail_at(const struct sdp_source *source, const struct sdp_chunk *chunk,
		     uint64_t record, size_t at, const char *what, struct sdp_err *err);

/*
 * Checks what begins at the chunk and goes on to the input's end, but at most length bytes: the
 * rest of the document behind the records (first: there were none), or a record that is too long to
 * be read.
 */
int sdp_json_validator_rest(const struct sdp_source *source, const struct sdp_chunk *chunk,
			    uint64_t length, bool first, bool final, struct sdp_err *err);

#endif
