/* The table of formats. */
#include "table/format.h"

#include "table/json_rows.h"

const struct sdp_format_steps sdp_formats[] = {
	[SDP_FORMAT_DELIMITED] = {sdp_head_begin, sdp_chunk_csv, sdp_csv_load, sdp_csv_block},
	[SDP_FORMAT_LINES] = {sdp_head_begin, sdp_chunk_csv, sdp_csv_load, sdp_csv_block},
	[SDP_FORMAT_JSON] = {sdp_source_begin_json, sdp_chunk_json, sdp_json_load, sdp_json_block},
};

int sdp_reader_block(struct sdp_reader *r, const struct sdp_source *source,
		     const struct sdp_schema *schema, const struct sdp_chunk *chunk,
		     struct sdp_block *block, struct sdp_err *err)
{
	struct sdp_err later;
	int rc = sdp_formats[schema->format].block(r, source, schema, chunk, block, err);
	return sdp_relayout_block(&r->relayout, source, block, rc < 0 ? &later : err) < 0 ? -1 : rc;
}

int sdp_reader_load(struct sdp_reader *r, const struct sdp_source *source,
		    const struct sdp_schema *schema, const struct sdp_chunk *chunk,
		    struct sdp_block *block, struct sdp_err *err)
{
	if (sdp_formats[schema->format].load(r, source, schema, chunk, err) < 0)
		return -1;
	return sdp_reader_block(r, source, schema, chunk, block, err);
}
