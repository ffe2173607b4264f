/* Reads chunks: from their bytes to blocks. Functions return 0 or -1 unless stated otherwise. */
#ifndef SDP_TABLE_READER_H
#define SDP_TABLE_READER_H

#include "sdp/block.h"
#include "table/csv.h"
#include "table/relayout.h"
#include "table/scan.h"
#include "table/source.h"

/* Bytes after the text of a chunk that the kernels may read. */
enum { SDP_READER_PADDING = 64 };

/*
 * What a worker needs to read chunks; {0} is a new one. It owns all its arrays. Blocks point into
 * it and are valid until the next read.
 */
struct sdp_reader {
	char *text; /* the bytes of the chunk; points into room */
	size_t length;
	char *room;
	size_t room_size;
	/*
	 * Bytes that were prefetched; they are at the start of room. length 0: there are none. If
	 * scanned is not 0, their cells were found on the assumption that a record starts at offset
	 * scanned.
	 */
	struct {
		uint32_t input;
		uint64_t offset;
		size_t length, scanned;
	} ahead;
	uint32_t *ends; /* ends[1] is the end of the first cell; ends[0] precedes it */
	size_t ends_capacity;
	struct sdp_scan_fields fields;
	bool comments; /* there are comments among the records */
	/*
	 * The most rows of a chunk that are wanted; 0: all. What follows them may be ignored;
	 * ragged records after them are not counted.
	 */
	uint64_t most;
	struct sdp_cells cells;
	struct sdp_json_rows *json;
	struct sdp_relayout relayout;
	/* The input that is being parsed, for messages. */
	struct {
		const struct sdp_source *source;
		const struct sdp_schema *schema;
		uint32_t input;
	} parsing;
};

/* Frees all that the reader owns. */
void sdp_reader_release(struct sdp_reader *reader);

/*
 * Reads and parses a chunk. Fails with the place of the first malformed record; block then holds
 * the rows before it, because one of their cells may have a fault that comes first. After a failure
 * of the system, block has no rows.
 */
int sdp_reader_load(struct sdp_reader *reader, const struct sdp_source *source,
		    const struct sdp_schema *schema, const struct sdp_chunk *chunk,
		    struct sdp_block *block, struct sdp_err *err);

/*
 * These do the same in steps, while chunks are cut. sdp_reader_read reads the bytes.
 * sdp_reader_end_record ends the last record of the input with an LF if it has none.
 * sdp_reader_scan finds the cells. sdp_reader_trim drops those of an unfinished record at the end,
 * and returns the remaining number of bytes. sdp_reader_block makes the block; sdp_csv_load and
 * sdp_csv_block are the steps of CSV and of lines (struct sdp_format_steps).
 */
int sdp_reader_read(struct sdp_reader *reader, const struct sdp_source *source,
		    const struct sdp_chunk *chunk, struct sdp_err *err);
/*
 * Prefetches a range of the input that probably contains the next chunk, and scans it for cells. A
 * failure is ignored.
 */
void sdp_reader_ahead(struct sdp_reader *reader, const struct sdp_source *source,
		      const struct sdp_schema *schema, const struct sdp_chunk *range);
/*
 * Replaces sdp_reader_scan after a prefetch. Returns whether that found a record that ends just
 * before the chunk, and one that ends in it; then the cells of the chunk are known.
 */
bool sdp_reader_scanned(struct sdp_reader *reader);
void sdp_reader_end_record(struct sdp_reader *reader);
int sdp_reader_scan(struct sdp_reader *reader, const struct sdp_schema *schema,
		    struct sdp_err *err);
size_t sdp_reader_trim(struct sdp_reader *reader);
int sdp_csv_load(struct sdp_reader *reader, const struct sdp_source *source,
		 const struct sdp_schema *schema, const struct sdp_chunk *chunk,
		 struct sdp_err *err);
int sdp_csv_block(struct sdp_reader *reader, const struct sdp_source *source,
		  const struct sdp_schema *schema, const struct sdp_chunk *chunk,
		  struct sdp_block *block, struct sdp_err *err);
int sdp_reader_block(struct sdp_reader *reader, const struct sdp_source *source,
		     const struct sdp_schema *schema, const struct sdp_chunk *chunk,
		     struct sdp_block *block, struct sdp_err *err);

#endif
