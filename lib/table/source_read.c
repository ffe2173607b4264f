/* What any process may ask of a source: its inputs, how much of them is there, and their bytes. */
#include "table/input.h"

int sdp_source_read(const struct sdp_source *source, const struct sdp_chunk *chunk, char *text,
		    struct sdp_err *err)
{
	const struct sdp_input *input = sdp_source_input(source, chunk->input);
	int fd = input->direct ? input->fd : source->spool;
	ssize_t n = sdp_read_at(fd, text, chunk->length, chunk->offset);
	if (n < 0)
		return sdp_fail_errno(err, "%s", input->name);
	return (size_t)n == chunk->length
		       ? 0
		       : sdp_fail_at(err, (struct sdp_place){.file = input->name},
				     "the file changed while it was read");
}

const char *sdp_source_name(const struct sdp_source *source, uint32_t input)
{
	return sdp_source_input(source, input)->name;
}

uint64_t sdp_source_offset(const struct sdp_source *source, const struct sdp_chunk *chunk)
{
	return chunk->offset - atomic_load(&source->shared[chunk->input].origin);
}

void sdp_source_input_state(const struct sdp_source *source, uint32_t input,
			    struct sdp_input_state *there)
{
	struct sdp_input_shared *shared = &source->shared[input];
	/* The flags are read first, so that what they promise of the other values holds. */
	there->broken = atomic_load(&shared->broken);
	there->complete = atomic_load(&shared->complete);
	there->begun = atomic_load(&shared->begun);
	there->end = atomic_load(&shared->end);
	there->start = atomic_load(&shared->start);
	there->origin = atomic_load(&shared->origin);
	there->text = atomic_load(&shared->text);
	there->base = atomic_load(&shared->base);
	there->first_record = atomic_load(&shared->first_record);
}

uint32_t sdp_source_inputs(const struct sdp_source *source)
{
	return source->options.follow ? SDP_FOLLOW_FILES : source->count;
}

uint32_t sdp_source_usual_chunks(struct sdp_source *source, bool usual)
{
	source->chunk_target =
		usual || !source->small_chunks ? (uint32_t)1 << 20 : source->small_chunks;
	return source->chunk_target;
}

uint32_t sdp_source_chunk_target(const struct sdp_source *source)
{
	return source->chunk_target;
}

uint64_t sdp_source_max_record(const struct sdp_source *source)
{
	return source->options.max_record;
}

bool sdp_source_columns_unknown(const struct sdp_source *source)
{
	return source->schema.format == SDP_FORMAT_JSON && !source->json.known;
}

size_t sdp_source_cells(const struct sdp_source *source, uint32_t input)
{
	const struct sdp_input *i = sdp_source_input(source, input);
	return i->columns ? i->header.count
			  : source->schema.count - (source->options.label != NULL);
}

size_t sdp_source_cell_column(const struct sdp_source *source, uint32_t input, size_t i)
{
	const struct sdp_input *in = sdp_source_input(source, input);
	return i >= sdp_source_cells(source, input) ? SIZE_MAX : in->columns ? in->columns[i] : i;
}

bool sdp_source_relayouts(const struct sdp_source *source, uint32_t input)
{
	const struct sdp_input *in = sdp_source_input(source, input);
	size_t cells = sdp_source_cells(source, input);
	if (sdp_source_columns_unknown(source))
		return false;
	for (size_t i = 0; in->columns && i < cells; i++)
		if (in->columns[i] != i)
			return true;
	return cells != source->schema.count;
}

const char *sdp_source_label(const struct sdp_source *source, uint32_t input)
{
	const struct sdp_input *in = sdp_source_input(source, input);
	return !source->options.label ? NULL : in->standard ? "-" : in->name;
}
