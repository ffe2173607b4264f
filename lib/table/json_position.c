/*
 * Finds the line and column of a byte of JSON, and validates the parts of an input that are not
 * records.
 */
#include "table/json_rows.h"

#include "base/text.h"
#include "sdp/mem.h"
#include "table/encoding.h"
#include "table/input.h"
#include "table/reader.h"

#include <inttypes.h>
#include <string.h>

enum { PIECE = 1 << 18 };

int sdp_json_load(struct sdp_reader *reader, const struct sdp_source *source,
		  const struct sdp_schema *schema, const struct sdp_chunk *chunk,
		  struct sdp_err *err)
{
	(void)schema;
	enum { LOOK = 1 << 20 };
	struct sdp_chunk begin = *chunk;
	if (chunk->records == 0 && chunk->length > LOOK) {
		begin.length = LOOK;
		if (sdp_reader_read(reader, source, &begin, err) < 0)
			return -1;
		reader->text[LOOK] = '\0';
		if (*sdp_json_blanks(reader->text) == ']')
			return 0;
	}
	return sdp_reader_read(reader, source, chunk, err);
}

/* Calls take with the bytes [from, to) of an input, piece by piece. */
static int for_pieces(const struct sdp_source *source, uint32_t input, uint64_t from, uint64_t to,
		      int (*take)(void *context, const char *text, size_t length,
				  struct sdp_err *err),
		      void *context, struct sdp_err *err)
{
	char *text = sdp_alloc(PIECE, 1, err);
	int rc = text ? 0 : -1;
	while (rc == 0 && from < to) {
		struct sdp_chunk piece = {.input = input, .offset = from, .length = PIECE};
		if (to - from < PIECE)
			piece.length = (uint32_t)(to - from);
		rc = sdp_source_read(source, &piece, text, err);
		if (rc == 0)
			rc = take(context, text, piece.length, err);
		from += piece.length;
	}
	free(text);
	return rc;
}

static int count_lines(void *context, const char *text, size_t length, struct sdp_err *err)
{
	(void)err;
	sdp_json_count(context, text, length);
	return 0;
}

/* Sets *line to the line and column of byte at of a chunk; reads the input up to there. */
static int find_line(const struct sdp_source *source, const struct sdp_chunk *chunk, size_t at,
		     struct sdp_json_line *line, struct sdp_err *err)
{
	struct sdp_input_state there;
	struct sdp_chunk mark = {.input = chunk->input, .length = 3};
	char text[3];
	if (chunk->from.line) {
		*line = chunk->from;
		return for_pieces(source, chunk->input, chunk->offset, chunk->offset + at,
				  count_lines, line, err);
	}
	sdp_source_input_state(source, chunk->input, &there);
	uint64_t from = there.origin, to = chunk->offset + at;
	mark.offset = from;
	if (to - from >= 3 && sdp_source_read(source, &mark, text, err) < 0)
		return -1;
	if (to - from >= 3)
		from += sdp_text_mark(text, sizeof text);
	*line = (struct sdp_json_line){1, 1};
	return for_pieces(source, chunk->input, from, to, count_lines, line, err);
}

int sdp_json_set_place(const struct sdp_source *source, const struct sdp_chunk *previous,
		       const char *text, struct sdp_chunk *chunk, struct sdp_err *err)
{
	chunk->from = (struct sdp_json_line){0};
	if (previous && previous->input == chunk->input)
		chunk->from = previous->to;
	else if (find_line(source, chunk, 0, &chunk->from, err) < 0)
		return -1;
	chunk->to = chunk->from;
	sdp_json_count(&chunk->to, text, chunk->length);
	return 0;
}

int sdp_json_fail_at(const struct sdp_source *source, const struct sdp_chunk *chunk,
		     uint64_t record, size_t at, const char *what, struct sdp_err *err)
{
	struct sdp_json_line line;
	if (find_line(source, chunk, at, &line, err) < 0)
		return -1;
	return sdp_fail_at(err,
			   (struct sdp_place){sdp_source_name(source, chunk->input), record, NULL},
			   "line %" PRIu64 ", column %" PRIu64 ": %s%s", line.line, line.column,
			   what, strncmp(what, "invalid UTF-8", 13) == 0 ? SDP_ENCODING_HINT : "");
}

static int feed(void *context, const char *text, size_t length, struct sdp_err *err)
{
	return sdp_json_validator_feed(context, text, length, err);
}

int sdp_json_validator_rest(const struct sdp_source *source, const struct sdp_chunk *chunk,
			    uint64_t length, bool first, bool final, struct sdp_err *err)
{
	struct sdp_input_state there;
	const char *file = sdp_source_name(source, chunk->input);
	sdp_source_input_state(source, chunk->input, &there);
	struct sdp_json_validator *c =
		sdp_json_validator_new(file, !there.base && !source->json.single, err);
	if (!c)
		return -1;
	c->json.nan_fault = source->json.nan_fault;
	uint64_t left = there.end - chunk->offset;
	/*
	 * Validates the part before the records again, to know what is open there and which keys it
	 * has.
	 */
	int rc = there.base
			 ? for_pieces(source, chunk->input, there.text, there.start, feed, c, err)
			 : 0;
	if (rc == 0)
		rc = find_line(source, chunk, 0, &c->line, err);
	if (rc == 0 && !first)
		c->json.expect = there.base ? SDP_JSON_AFTER_VALUE : SDP_JSON_AT_TOP;
	c->begun = true;
	if (rc == 0)
		rc = for_pieces(source, chunk->input, chunk->offset,
				chunk->offset + (length < left ? length : left), feed, c, err);
	if (rc == 0 && final)
		rc = sdp_json_validator_end(c, err);
	sdp_json_validator_free(c);
	return rc;
}
