/*
 * Opens the inputs of a source and reads chunks of them. pump.c takes in pipes, and schema.c makes
 * the schema.
 */
#define _GNU_SOURCE
#include "table/source.h"

#include "base/env.h"
#include "base/file_change.h"
#include "base/utf8.h"
#include "sdp/columns.h"
#include "sdp/mem.h"
#include "sdp/num.h"
#include "sdp/shared_arena.h"
#include "table/csv.h"
#include "table/input.h"
#include "table/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static size_t shared_size(const struct sdp_source *source)
{
	size_t count = source->options.follow ? SDP_FOLLOW_FILES : source->count;
	return (count + 1) * sizeof *source->shared;
}

void sdp_source_free(struct sdp_source *source)
{
	if (!source)
		return;
	for (uint32_t i = 0; i < source->count; i++)
		sdp_input_close(&source->inputs[i]);
	if (source->options.follow && source->inputs && source->inputs[1].name)
		sdp_input_close(&source->inputs[1]);
	for (size_t i = 0; i < source->schema.count; i++)
		free((char *)source->schema.columns[i].name);
	free(source->schema.columns);
	free(source->inputs);
	sdp_buf_release(&source->warnings);
	sdp_where_free(source->where);
	sdp_cells_release(&source->json.names);
	sdp_json_pointer_release(&source->json.pointer);
	sdp_map_release(&source->json.columns);
	sdp_map_release(&source->names);
	if (source->shared)
		munmap(source->shared, shared_size(source));
	if (source->spool >= 0)
		close(source->spool);
	free(source);
}

/* Raises the limit of descriptors as far as the system allows, because each file needs one. */
static void raise_descriptors(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int set_title(struct sdp_input *input, const char *title, struct sdp_err *err)
{
	free(input->name);
	input->name = sdp_strndup(title, strlen(title), err);
	return input->name ? 0 : -1;
}

static int open_operands(struct sdp_source *s, int count, char **names, struct sdp_err *err)
{
	static char *standard[] = {"-"};
	if (count == 0) {
		count = 1;
		names = standard;
	}
	if (count > 100)
		raise_descriptors();
	s->inputs = sdp_alloc((size_t)count, sizeof *s->inputs, err);
	if (!s->inputs)
		return -1;
	for (int i = 0; i < count; i++) {
		for (int k = 0; k < i && strcmp(names[i], "-") == 0; k++)
			if (strcmp(names[k], "-") == 0)
				return sdp_fail(err, SDP_USAGE,
						"standard input can be read only once");
		struct sdp_input *input = &s->inputs[s->count++];
		if (sdp_input_open(input, names[i], s->options.encoding, err) < 0 ||
		    sdp_input_decode(input, &s->options, err) < 0)
			return -1;
	}
	return 0;
}

static int open_inputs(struct sdp_source *s, int count, char **names, struct sdp_err *err)
{
	bool direct = !s->options.follow;
	if ((s->options.follow ? sdp_source_follow : open_operands)(s, count, names, err) < 0)
		return -1;
	for (uint32_t i = 0; i < s->count; i++)
		direct = direct && s->inputs[i].direct;
	if (s->options.title && set_title(&s->inputs[0], s->options.title, err) < 0)
		return -1;
	if (!direct && (s->spool = sdp_spool_new(err)) < 0)
		return -1;
	s->shared = sdp_shared_map(shared_size(s), err);
	return s->shared ? 0 : -1;
}

/*
 * Begins the first input, whose header makes the schema, and all other direct files, so that their
 * faults are found before work begins.
 */
static int begin_inputs(struct sdp_source *s, struct sdp_err *err)
{
	for (uint32_t i = 0; i < s->count; i++)
		if ((i == 0 || s->inputs[i].direct) && sdp_source_begin(s, i, err) < 0)
			return -1;
	return 0;
}

/*
 * Sets the size of chunks.  SDP_TEST_CHUNK=BYTES makes the first ones so small that a short input,
 * too, becomes many chunks on several workers; the output does not change.
 */
static int set_chunk_target(struct sdp_source *s, struct sdp_err *err)
{
	const uint32_t most = sdp_source_usual_chunks(s, true);
	const char *text = sdp_env("SDP_TEST_CHUNK");
	char *end = NULL, quoted[64];
	unsigned long target = text && sdp_is_digit(*text) ? strtoul(text, &end, 10) : 0;
	s->small_chunks = (uint32_t)target;
	sdp_source_usual_chunks(s, false);
	return !text || (target && target <= most && !*end)
		       ? 0
		       : sdp_fail(err, SDP_USAGE,
				  "SDP_TEST_CHUNK: not a number of bytes from 1 to %u: %s", most,
				  sdp_quote(quoted, sizeof quoted, text, strlen(text)));
}

/* Sets the texts that mean null. NaN and Infinity are values of JSON if --na names NaN. */
static int init_nulls(struct sdp_source *s, struct sdp_err *err)
{
	struct sdp_nulls *nulls = &s->schema.nulls;
	if (sdp_nulls_init(nulls, s->options.na, s->schema.decimal, err) < 0)
		return -1;
	s->json.nan_fault = "JSON has no NaN and no Infinity, unless --na NaN allows them";
	for (size_t i = 0; nulls->given && i < nulls->count; i++)
		if (nulls->texts[i].length == 3 && memcmp(nulls->texts[i].text, "NaN", 3) == 0)
			s->json.nan_fault = NULL;
	return 0;
}

struct sdp_source *sdp_source_open(const struct sdp_source_options *options, int count,
				   char **names, struct sdp_err *err)
{
	struct sdp_source *s = sdp_alloc(1, sizeof *s, err);
	if (!s)
		return NULL;
	s->options = *options;
	s->spool = -1;
	s->schema.dialect =
		(struct sdp_dialect){options->delimiter, options->quote ? options->quote : '"',
				     options->escape};
	if (options->format == SDP_SOURCE_LINES)
		s->schema.dialect = SDP_SCAN_LINES;
	s->schema.decimal = options->decimal ? options->decimal : '.';
	s->schema.ragged = options->ragged;
	s->schema.thousands = options->thousands;
	s->schema.comment = options->comment;
	s->json.pointed = options->records != NULL;
	s->json.single = options->format == SDP_SOURCE_JSON;
	if (set_chunk_target(s, err) < 0 || init_nulls(s, err) < 0 ||
	    (options->records &&
	     sdp_json_pointer_parse(&s->json.pointer, options->records, err) < 0) ||
	    open_inputs(s, count, names, err) < 0 || begin_inputs(s, err) < 0 ||
	    (s->schema.format != SDP_FORMAT_JSON && sdp_source_unite(s, err) < 0) ||
	    (s->schema.format != SDP_FORMAT_JSON && sdp_source_fix_types(s, err) < 0)) {
		sdp_source_free(s);
		return NULL;
	}
	return s;
}

void sdp_source_select(struct sdp_source *source, struct sdp_where *where)
{
	source->where = where;
}

struct sdp_where *sdp_source_where(const struct sdp_source *source)
{
	return source->where;
}

void sdp_source_choose_rows(struct sdp_source *source, struct sdp_row_choice choice)
{
	source->row_choice = choice;
}

const struct sdp_row_choice *sdp_source_row_choice(const struct sdp_source *source)
{
	return source->row_choice.choose ? &source->row_choice : NULL;
}

struct sdp_schema *sdp_source_schema(struct sdp_source *source)
{
	return &source->schema;
}

int sdp_source_unchanged(const struct sdp_source *source, struct sdp_err *err)
{
	for (uint32_t i = 0; i < source->count; i++) {
		if (sdp_input_unchanged(&source->inputs[i], err) < 0)
			return -1;
	}
	return 0;
}

uint64_t sdp_source_size(const struct sdp_source *source)
{
	uint64_t size = 0;
	for (uint32_t i = 0; i < source->count; i++) {
		if (!source->inputs[i].direct)
			return 0;
		size += (uint64_t)source->inputs[i].stat.st_size;
	}
	return size;
}

uint64_t sdp_source_have(const struct sdp_source *source)
{
	uint64_t have = source->spool_size;
	for (uint32_t i = 0; i < source->count; i++)
		have += source->inputs[i].direct ? (uint64_t)source->inputs[i].stat.st_size : 0;
	return have;
}

void sdp_source_count_odd(struct sdp_source *source, const struct sdp_chunk *chunk)
{
	for (int k = 0; k < SDP_ODD_KINDS; k++) {
		if (chunk->odd[k].count && source->odd[k].count == 0) {
			source->odd[k].record = chunk->odd[k].first;
			source->odd[k].input = chunk->input;
		}
		source->odd[k].count += chunk->odd[k].count;
	}
}

bool sdp_source_odd(const struct sdp_source *source)
{
	bool odd = false;
	for (int k = 0; k < SDP_ODD_KINDS; k++)
		odd = odd || source->odd[k].count;
	return odd;
}

/* Writes the first part of the sentence; returns its length. */
static size_t describe(const struct sdp_source *source, enum sdp_odd kind, char *out, size_t size)
{
	uint64_t count = source->odd[kind].count;
	bool one = count == 1, skip = source->schema.ragged == SDP_RAGGED_SKIP;
	if (kind == SDP_ODD_RAGGED)
		return (size_t)snprintf(out, size,
					"%" PRIu64 " record%s with%s cells than the header %s %s",
					count, one ? "" : "s", skip ? " more or fewer" : " fewer",
					one ? "was" : "were",
					skip ? "skipped" : "filled with nulls");
	return (size_t)snprintf(out, size,
				"%" PRIu64 " record%s %s a cell that begins with a quote, which "
				"is plain text because none does in the first MiB: --quote '\"'?",
				count, one ? "" : "s", one ? "has" : "have");
}

bool sdp_source_odd_text(const struct sdp_source *source, enum sdp_odd kind, bool named, char *out,
			 size_t size)
{
	uint64_t record = source->odd[kind].record;
	uint32_t input = source->odd[kind].input;
	if (source->odd[kind].count == 0)
		return false;
	size_t n = describe(source, kind, out, size);
	const char *name = sdp_source_input(source, input)->name;
	if (named)
		snprintf(out + n, size - n, "; the first: %.*s:%" PRIu64,
			 (int)sdp_utf8_prefix(name, 250), name, record);
	else if (source->count > 1)
		snprintf(out + n, size - n, "; the first: %" PRIu64 " of input %" PRIu32, record,
			 input + 1);
	else
		snprintf(out + n, size - n, "; the first: %" PRIu64, record);
	return true;
}

bool sdp_source_headless(const struct sdp_source *source)
{
	const struct sdp_schema *schema = &source->schema;
	for (size_t i = 0; i < schema->count; i++) {
		const char *name = schema->columns[i].name;
		if (sdp_cell_seen(name, strlen(name), schema->decimal, schema->thousands) ==
		    SDP_SEEN_STRING)
			return false;
	}
	return !source->options.no_header && source->schema.format != SDP_FORMAT_JSON;
}

char sdp_source_other_delimiter(const struct sdp_source *source, size_t *cells)
{
	*cells = source->other_count + 1;
	return source->schema.count == 1 && source->schema.format != SDP_FORMAT_LINES
		       ? source->other_delimiter
		       : '\0';
}
