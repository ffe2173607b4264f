/* Opening inputs, headers, types, reading; taking in pipes is in pump.c. */
#define _GNU_SOURCE
#include "table/source.h"

#include "base/utf8.h"
#include "sdp/columns.h"
#include "sdp/mem.h"
#include "table/csv.h"
#include "table/input.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static size_t shared_size(const struct sdp_source *source)
{
	return (source->count + 1) * sizeof *source->shared;
}

void sdp_source_free(struct sdp_source *source)
{
	if (!source)
		return;
	for (uint32_t i = 0; i < source->count; i++)
		sdp_input_close(&source->inputs[i]);
	for (size_t i = 0; i < source->schema.count; i++)
		free((char *)source->schema.columns[i].name);
	free(source->schema.columns);
	free(source->inputs);
	sdp_cells_release(&source->json.names);
	sdp_json_pointer_release(&source->json.pointer);
	sdp_map_release(&source->json.columns);
	if (source->shared)
		munmap(source->shared, shared_size(source));
	if (source->spool >= 0)
		close(source->spool);
	free(source);
}

/* One descriptor a file: as many as the system grants. */
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

static int open_inputs(struct sdp_source *s, int count, char **names, struct sdp_err *err)
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
	bool direct = true;
	for (int i = 0; i < count; i++) {
		for (int k = 0; k < i && strcmp(names[i], "-") == 0; k++)
			if (strcmp(names[k], "-") == 0)
				return sdp_fail(err, SDP_USAGE,
						"standard input can be read only once");
		struct sdp_input *input = &s->inputs[s->count++];
		if (sdp_input_open(input, names[i], s->options.encoding, err) < 0 ||
		    sdp_input_decode(input, &s->options, err) < 0)
			return -1;
		direct = direct && input->direct;
	}
	if (s->options.title && set_title(&s->inputs[0], s->options.title, err) < 0)
		return -1;
	if (!direct && (s->spool = sdp_spool_new(err)) < 0)
		return -1;
	void *p = mmap(NULL, shared_size(s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		       0);
	if (p == MAP_FAILED)
		return sdp_fail_errno(err, "cannot map shared memory");
	s->shared = p;
	return 0;
}

/*
 * The first input's header makes the schema; other direct files are looked at before work begins.
 */
static int begin_inputs(struct sdp_source *s, struct sdp_err *err)
{
	for (uint32_t i = 0; i < s->count; i++)
		if ((i == 0 || s->inputs[i].direct) && sdp_source_begin(s, i, err) < 0)
			return -1;
	return 0;
}

enum { MADE_NAME = 24 };

/* The name of a column that has none in the header. */
static const char *make_name(char name[MADE_NAME], size_t index, size_t *length)
{
	*length = (size_t)snprintf(name, MADE_NAME, "c%zu", index + 1);
	return name;
}

static int name_column(struct sdp_column *column, const char *text, size_t length, size_t index,
		       struct sdp_err *err)
{
	char made[MADE_NAME];
	if (length == 0)
		text = make_name(made, index, &length);
	column->name = sdp_strndup(text, length, err);
	column->guess = SDP_CLASS_NONE;
	return column->name ? 0 : -1;
}

/* The value of cell i of a parsed record. */
static const char *cell_at(const struct sdp_cells *cells, size_t i, size_t *length)
{
	size_t start = i ? cells->ends[i - 1] + 1 : 0;
	const char *s = cells->text.data + start;
	*length = cells->ends[i] - start;
	if (*length >= 2 && *s == '"') {
		s++;
		*length -= 2;
	}
	return s;
}

static int make_schema(struct sdp_source *s, const struct sdp_cells *cells, struct sdp_err *err)
{
	s->schema.columns = sdp_alloc(cells->count, sizeof *s->schema.columns, err);
	if (!s->schema.columns)
		return -1;
	for (size_t i = 0; i < cells->count; i++) {
		size_t length = 0;
		bool lines = s->schema.delimiter == '\n';
		const char *text = lines                  ? "line"
				   : s->options.no_header ? ""
							  : cell_at(cells, i, &length);
		length = lines ? 4 : length;
		if (name_column(&s->schema.columns[i], text, length, i, err) < 0)
			return -1;
		s->schema.count++;
	}
	return 0;
}

static int same_header(const struct sdp_source *s, const struct sdp_cells *cells,
		       struct sdp_place place, struct sdp_err *err)
{
	const char *first = s->inputs[0].name;
	if (cells->count != s->schema.count)
		return sdp_fail_at(err, place, "%zu columns where %s has %zu", cells->count, first,
				   s->schema.count);
	for (size_t i = 0; i < cells->count; i++) {
		size_t length;
		const char *text = cell_at(cells, i, &length), *name = s->schema.columns[i].name;
		char quoted[64], made[MADE_NAME];
		if (length == 0)
			text = make_name(made, i, &length);
		if (strlen(name) != length || memcmp(name, text, length) != 0)
			return sdp_fail_at(err, place, "column %zu is %s where %s has '%s'", i + 1,
					   sdp_quote(quoted, sizeof quoted, text, length), first,
					   name);
	}
	return 0;
}

int sdp_source_header(struct sdp_source *s, uint32_t input, const struct sdp_head *head,
		      struct sdp_err *err)
{
	struct sdp_place place = {s->inputs[input].name, head->lines + 1, NULL};
	const char *text = head->text.data + head->mark + head->comments;
	size_t length = head->length;
	struct sdp_csv_context context = {.file = place.file,
					  .first_record = place.record,
					  .delimiter = s->schema.delimiter};
	size_t bad = sdp_utf8_valid(text, length);
	if (bad < length)
		return sdp_fail_at(err, place, "invalid UTF-8: byte 0x%02x at offset %zu",
				   (unsigned char)text[bad], head->comments + bad);
	const char *nul = memchr(text, '\0', length);
	if (nul)
		return sdp_fail_at(err, place, "NUL byte at offset %zu",
				   head->comments + (size_t)(nul - text));
	const char *cr = memchr(text, '\r', length);
	if (cr && cr + 1 < text + length && cr[1] != '\n' && !memchr(text, '"', length))
		return sdp_fail_at(err, place,
				   "a carriage return without a line feed at offset %zu",
				   head->comments + (size_t)(cr - text));
	struct sdp_cells cells = {0};
	int rc = sdp_csv_parse(&context, text, length, &cells, err);
	if (rc == 0 && !s->schema.columns)
		rc = make_schema(s, &cells, err);
	else if (rc == 0 && !s->options.no_header)
		rc = same_header(s, &cells, place, err);
	sdp_cells_release(&cells);
	return rc;
}

static const char *last_equals(const char *text, size_t length)
{
	while (length > 0 && text[length - 1] != '=')
		length--;
	return length ? text + length - 1 : NULL;
}

/* "col=type,col=type": a column's name may itself hold "=", the last one counts. */
static int fix_types(struct sdp_source *s, struct sdp_err *err)
{
	for (const char *p = s->options.types; p && *p;) {
		size_t n = strcspn(p, ",");
		const char *equals = last_equals(p, n);
		enum sdp_type type;
		if (!equals || !sdp_type_by_name(equals + 1, n - (size_t)(equals + 1 - p), &type))
			return sdp_fail(err, SDP_USAGE,
					"--types: not "
					"COLUMN=boolean|integer|real|date|datetime|string: '%.*s'",
					(int)n, p);
		size_t i;
		struct sdp_err why;
		if (sdp_columns_find(&s->schema, p, (size_t)(equals - p), &i, &why) < 0)
			return sdp_fail(err, why.code, "--types: %.900s", why.text);
		s->schema.columns[i].fixed = true;
		s->schema.columns[i].type = type;
		s->schema.columns[i].guess = sdp_type_class(type);
		p += n + (p[n] == ',');
	}
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
	s->schema.delimiter = options->delimiter;
	s->schema.decimal = options->decimal ? options->decimal : '.';
	s->schema.ragged = options->ragged;
	s->schema.thousands = options->thousands;
	s->schema.comment = options->comment;
	s->json.pointed = options->records != NULL;
	s->json.single = options->format == SDP_SOURCE_JSON;
	if (sdp_nulls_init(&s->schema.nulls, options->na, s->schema.decimal, err) < 0 ||
	    (options->records &&
	     sdp_json_pointer_parse(&s->json.pointer, options->records, err) < 0) ||
	    open_inputs(s, count, names, err) < 0 || begin_inputs(s, err) < 0 ||
	    (!s->json.on && fix_types(s, err) < 0)) {
		sdp_source_free(s);
		return NULL;
	}
	return s;
}

bool sdp_source_columns_unknown(const struct sdp_source *source)
{
	return source->json.on && !source->json.known;
}

int sdp_source_set_columns(struct sdp_source *s, const struct sdp_cells *paths, struct sdp_err *err)
{
	s->schema.columns = sdp_alloc(paths->count, sizeof *s->schema.columns, err);
	if (!s->schema.columns)
		return -1;
	for (size_t i = 0; i < paths->count; i++) {
		size_t start = i ? paths->ends[i - 1] + 1 : 0, length = paths->ends[i] - start;
		const char *path = paths->text.data + start;
		if (name_column(&s->schema.columns[i], path, length, i, err) < 0)
			return -1;
		s->schema.count++;
		if (sdp_map_add(&s->json.columns, path, length, i, err) < 0)
			return -1;
	}
	s->json.known = true;
	return fix_types(s, err);
}

struct sdp_schema *sdp_source_schema(struct sdp_source *source)
{
	return &source->schema;
}

static int shrank(const struct sdp_input *input, struct sdp_err *err)
{
	return sdp_fail_at(err, (struct sdp_place){.file = input->name},
			   "the file changed while it was read");
}

int sdp_source_read(const struct sdp_source *source, const struct sdp_chunk *chunk, char *text,
		    struct sdp_err *err)
{
	const struct sdp_input *input = &source->inputs[chunk->input];
	int fd = input->direct ? input->fd : source->spool;
	ssize_t n = sdp_read_at(fd, text, chunk->length, chunk->offset);
	if (n < 0)
		return sdp_fail_errno(err, "%s", input->name);
	return (size_t)n < chunk->length ? shrank(input, err) : 0;
}

int sdp_source_unchanged(const struct sdp_source *source, struct sdp_err *err)
{
	for (uint32_t i = 0; i < source->count; i++) {
		const struct sdp_input *input = &source->inputs[i];
		struct stat now;
		if (!input->direct)
			continue;
		if (fstat(input->fd, &now) < 0)
			return sdp_fail_errno(err, "%s", input->name);
		if (now.st_size != input->stat.st_size ||
		    now.st_mtim.tv_sec != input->stat.st_mtim.tv_sec ||
		    now.st_mtim.tv_nsec != input->stat.st_mtim.tv_nsec)
			return shrank(input, err);
	}
	return 0;
}

const char *sdp_source_name(const struct sdp_source *source, uint32_t input)
{
	return source->inputs[input].name;
}

uint64_t sdp_source_offset(const struct sdp_source *source, const struct sdp_chunk *chunk)
{
	return chunk->offset - atomic_load(&source->shared[chunk->input].origin);
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

void sdp_source_there(const struct sdp_source *source, uint32_t input,
		      struct sdp_input_there *there)
{
	struct sdp_input_shared *shared = &source->shared[input];
	/* The flags first: what they promise of the rest then holds. */
	there->broken = atomic_load(&shared->broken);
	there->complete = atomic_load(&shared->complete);
	there->begun = atomic_load(&shared->begun);
	there->end = atomic_load(&shared->end);
	there->start = atomic_load(&shared->start);
	there->origin = atomic_load(&shared->origin);
	there->base = atomic_load(&shared->base);
	there->first_record = atomic_load(&shared->first_record);
}

uint32_t sdp_source_inputs(const struct sdp_source *source)
{
	return source->count;
}

uint64_t sdp_source_max_record(const struct sdp_source *source)
{
	return source->options.max_record;
}

void sdp_source_count_ragged(struct sdp_source *source, const struct sdp_chunk *chunk)
{
	if (chunk->ragged && source->ragged.count == 0) {
		source->ragged.record = chunk->first_ragged;
		source->ragged.input = chunk->input;
	}
	source->ragged.count += chunk->ragged;
}

bool sdp_source_ragged_text(const struct sdp_source *source, bool named, char *out, size_t size)
{
	bool one = source->ragged.count == 1, skip = source->schema.ragged == SDP_RAGGED_SKIP;
	if (source->ragged.count == 0)
		return false;
	int n = snprintf(out, size,
			 "%" PRIu64 " record%s with%s cells than the header %s %s; the first: ",
			 source->ragged.count, one ? "" : "s", skip ? " more or fewer" : " fewer",
			 one ? "was" : "were", skip ? "left out" : "filled with nulls");
	out += n;
	size -= (size_t)n;
	if (named)
		snprintf(out, size, "%.250s:%" PRIu64, source->inputs[source->ragged.input].name,
			 source->ragged.record);
	else if (source->count > 1)
		snprintf(out, size, "%" PRIu64 " of input %" PRIu32, source->ragged.record,
			 source->ragged.input + 1);
	else
		snprintf(out, size, "%" PRIu64, source->ragged.record);
	return true;
}

uint64_t sdp_source_spooled(const struct sdp_source *source)
{
	return source->spool_size;
}

bool sdp_source_spools(const struct sdp_source *source, uint32_t input)
{
	return !source->inputs[input].direct;
}

void sdp_source_forget(struct sdp_source *source, uint64_t offset)
{
	enum { STEP = 16 << 20 };
	uint64_t from = source->forgotten;
	/* a fault in JSON is found by its line: from the start */
	if (offset < from + STEP || source->json.on)
		return;
	source->forgotten = offset / STEP * STEP;
	/* Not all file systems have holes. */
	if (fallocate(source->spool, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)from,
		      (off_t)(source->forgotten - from)) < 0)
		errno = 0;
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
	return !source->options.no_header && !source->json.on;
}

char sdp_source_other_delimiter(const struct sdp_source *source, size_t *cells)
{
	*cells = source->other_count + 1;
	return source->schema.count == 1 && source->schema.delimiter != '\n'
		       ? source->other_delimiter
		       : '\0';
}
