/* Cuts and loads chunks by their numbers, and keeps the one that was just cut. */
#include "table/chunk_reader.h"

#include "sdp/mem.h"

#include <string.h>

void sdp_chunk_reader_release(struct sdp_chunk_reader *r)
{
	sdp_reader_release(&r->reader);
	sdp_where_scratch_free(r->wanted);
	free(r->chosen);
	free(r->kept.records);
	*r = (struct sdp_chunk_reader){.source = r->source};
}

enum sdp_chunk_status sdp_chunk_reader_cut(struct sdp_chunk_reader *r, uint64_t number,
					   enum sdp_chunk_manner manner,
					   const struct sdp_chunk *previous,
					   struct sdp_chunk *chunk, struct sdp_err *err)
{
	enum sdp_chunk_status found =
		sdp_chunk_next(&r->reader, r->source, sdp_source_schema(r->source), manner,
			       previous, chunk, err);
	r->loaded = found == SDP_CHUNK_READY ? number + 1 : 0;
	return found;
}

bool sdp_chunk_reader_prefetch(struct sdp_chunk_reader *r, const struct sdp_chunk *previous,
			       unsigned count)
{
	r->loaded = 0;
	return sdp_chunk_prefetch(&r->reader, r->source, sdp_source_schema(r->source), previous,
				  count);
}

/* Removes the rows that are not wanted. */
static int select_rows(struct sdp_chunk_reader *r, struct sdp_block *block, struct sdp_err *err)
{
	const struct sdp_where *where = sdp_source_where(r->source);
	const struct sdp_row_choice *choice = sdp_source_row_choice(r->source);
	struct sdp_err ignored;
	/* Its types are guessed from all rows. */
	if (where && !sdp_where_is_bound(where))
		return 0;
	int rc = where ? sdp_where_filter(where, &r->wanted, block, err) : 0;
	if (!choice || block->rows == 0)
		return rc;
	if (sdp_grow(&r->chosen, &r->chosen_capacity, block->rows, 1, rc < 0 ? &ignored : err) ==
	    0) {
		choice->choose(choice->context, block, r->chosen);
		if (sdp_keep_rows(block, r->chosen, &r->kept, rc < 0 ? &ignored : err) == 0)
			return rc;
	}
	block->rows = 0;
	return -1;
}

/* Returns whether rows are removed from blocks. */
static bool removes_rows(const struct sdp_source *source)
{
	const struct sdp_where *where = sdp_source_where(source);
	return where ? sdp_where_is_bound(where) : sdp_source_row_choice(source) != NULL;
}

/* Returns the block of a chunk without rows. */
static struct sdp_block no_rows(const struct sdp_chunk_reader *r, uint64_t number,
				const struct sdp_chunk *chunk)
{
	return (struct sdp_block){
		.schema = sdp_source_schema(r->source),
		.file = sdp_source_name(r->source, chunk->input),
		.input = chunk->input,
		.columns = sdp_source_schema(r->source)->count,
		.first_record = chunk->first_record,
		.chunk = number,
	};
}

int sdp_chunk_reader_load(struct sdp_chunk_reader *r, uint64_t number, struct sdp_chunk *chunk,
			  struct sdp_block *block, struct sdp_err *err)
{
	bool loaded = r->loaded == number + 1;
	struct sdp_err earlier;
	r->loaded = 0;
	*block = no_rows(r, number, chunk);
	if (chunk->is_unwanted)
		return 0;
	int rc = (loaded ? sdp_reader_block : sdp_reader_load)(&r->reader, r->source,
							       sdp_source_schema(r->source), chunk,
							       block, err);
	block->chunk = number;
	memcpy(chunk->odd, block->odd, sizeof chunk->odd);
	chunk->rows_read = (uint32_t)block->rows;
	r->all = *block;
	if (select_rows(r, block, &earlier) < 0) {
		*err = earlier;
		rc = -1;
	}
	chunk->rows_wanted = (uint32_t)block->rows;
	chunk->is_unwanted = rc == 0 && block->rows == 0 && removes_rows(r->source);
	return rc;
}

static bool has_oddities(const struct sdp_chunk *chunk)
{
	bool any = false;
	for (int k = 0; k < SDP_ODD_KINDS; k++)
		any |= chunk->odd[k].count != 0;
	return any;
}

/*
 * Ends a block after the first rows that are wanted. What follows the last of them has not been
 * read: if it has oddities, the chunk is parsed again up to this row.
 */
static void end_after(struct sdp_chunk_reader *r, uint64_t number, struct sdp_chunk *chunk,
		      uint64_t most, struct sdp_block *block)
{
	uint64_t last = most ? sdp_block_record(block, most - 1) : 0, rows = most > 0;
	struct sdp_err ignored;
	while (most && sdp_block_record(&r->all, rows - 1) < last)
		rows++;
	if (most && has_oddities(chunk)) {
		r->reader.most = rows;
		sdp_chunk_reader_load(r, number, chunk, block, &ignored);
	}
	chunk->rows_read = (uint32_t)rows;
}

int sdp_chunk_reader_apply(struct sdp_chunk_reader *r, uint64_t number, struct sdp_chunk *chunk,
			   uint64_t most, sdp_chunk_use *use, void *context, struct sdp_err *err)
{
	struct sdp_block block;
	struct sdp_err earlier;
	/* How many rows must be read for the wanted ones is not known. */
	bool selects = sdp_source_where(r->source) || sdp_source_row_choice(r->source);
	r->reader.most = most == UINT64_MAX || selects ? 0 : most;
	int rc = sdp_chunk_reader_load(r, number, chunk, &block, err);
	if (block.rows >= most) {
		if (selects)
			end_after(r, number, chunk, most, &block);
		block.rows = block.rows < most ? block.rows : most;
		rc = 0;
	}
	if (rc == 0)
		return use(context, &block, err);
	if (block.rows && use(context, &block, &earlier) < 0)
		*err = earlier;
	return -1;
}

int sdp_chunk_each(struct sdp_source *source, sdp_chunk_use *use, void *context,
		   struct sdp_err *err)
{
	struct sdp_chunk_reader reader = {.source = source};
	struct sdp_chunk before, chunk;
	enum sdp_chunk_status found = SDP_CHUNK_READY;
	int rc = 0;
	for (uint64_t n = 0; rc == 0 && found == SDP_CHUNK_READY; n++, before = chunk) {
		found = sdp_chunk_reader_cut(&reader, n, SDP_CHUNK_WHOLE, n ? &before : NULL,
					     &chunk, err);
		if (found == SDP_CHUNK_READY)
			rc = sdp_chunk_reader_apply(&reader, n, &chunk, UINT64_MAX, use, context,
						    err);
	}
	sdp_chunk_reader_release(&reader);
	return rc == 0 && found == SDP_CHUNK_END ? 0 : -1;
}
