/* Reading chunks: from their bytes to blocks. */
#ifndef SDP_TABLE_READER_H
#define SDP_TABLE_READER_H

#include "sdp/block.h"
#include "table/csv.h"
#include "table/scan.h"
#include "table/source.h"

/* What a worker reads chunks with; {0} is fresh.  Blocks are good until the next read. */
struct sdp_reader {
	char *text; /* in room */
	size_t length;
	char *room;
	size_t room_size;
	/*
	 * Bytes of an input that were read before they were asked for: they begin room.  length 0:
	 * none. Cells were looked for in them as if a record began at scanned; 0: they were not.
	 */
	struct {
		uint32_t input;
		uint64_t offset;
		size_t length, scanned;
	} ahead;
	uint32_t *ends; /* ends[0] is in front of the first cell */
	size_t ends_capacity;
	struct sdp_scan_fields fields;
	bool comments; /* among the records */
	/*
	 * only so many rows of a chunk are wanted, and what is ragged behind them is not counted;
	 * 0: all
	 */
	uint64_t most;
	struct sdp_cells cells;
	struct sdp_json_rows *json;
};

void sdp_reader_release(struct sdp_reader *reader);

/*
 * Reads and parses a chunk.  Fails with the place of the first record that is not in order; block
 * then holds the rows before it (none if it was the system that failed), in which whoever reads
 * cells may find a fault that comes first.
 */
int sdp_reader_load(struct sdp_reader *reader, const struct sdp_source *source,
		    const struct sdp_schema *schema, const struct sdp_chunk *chunk,
		    struct sdp_block *block, struct sdp_err *err);

/*
 * The same in steps, for who cuts: read the bytes, end the input's last record with an LF if it
 * has none, find the cells, drop those of an unfinished record at the end (what is left has
 * this many bytes), make the block.
 */
int sdp_reader_read(struct sdp_reader *reader, const struct sdp_source *source,
		    const struct sdp_chunk *chunk, struct sdp_err *err);
/*
 * Reads what may hold the chunk that is read next, which then is there, and looks for its cells; on
 * failure it is as if not called.
 */
void sdp_reader_ahead(struct sdp_reader *reader, const struct sdp_source *source,
		      const struct sdp_schema *schema, const struct sdp_chunk *range);
/*
 * In the place of sdp_reader_scan: did that find a record's end just before the chunk, and one in
 * it?
 */
bool sdp_reader_scanned(struct sdp_reader *reader);
void sdp_reader_end_record(struct sdp_reader *reader);
int sdp_reader_scan(struct sdp_reader *reader, const struct sdp_schema *schema,
		    struct sdp_err *err);
size_t sdp_reader_trim(struct sdp_reader *reader);
int sdp_reader_block(struct sdp_reader *reader, const struct sdp_source *source,
		     const struct sdp_schema *schema, const struct sdp_chunk *chunk,
		     struct sdp_block *block, struct sdp_err *err);

#endif
