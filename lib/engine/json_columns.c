/*
 * Finds the columns of JSON: the union of the paths of all records, in the order in which they
 * first appear.
 *
 * This is a task like any other. Its state is a set of names, each with the earliest place (chunk
 * and position in it) that a worker has seen, so the result depends neither on the order of the
 * blocks nor on how they are grouped.
 */
#include "engine/json_columns.h"

#include "base/rng.h"
#include "sdp/mem.h"
#include "table/csv.h"
#include "table/source.h"
#include "json/paths.h"

#include <string.h>

struct name {
	const char *text; /* NULL: an empty entry */
	size_t length;
	uint64_t hash, chunk, position;
};

/*
 * A hash table with open addressing, at most half full, in shared memory. A table that became too
 * small is not freed.
 */
struct names {
	struct name *table;
	size_t size, count;
	uint64_t records;
};

static uint64_t hash_of(const char *text, size_t length)
{
	uint64_t hash = sdp_rng_mix(length + 1), word = 0;
	for (; length > 0;
	     text += sizeof word, length -= length < sizeof word ? length : sizeof word) {
		word = 0;
		memcpy(&word, text, length < sizeof word ? length : sizeof word);
		hash = sdp_rng_mix((hash + 1) ^ word);
	}
	return hash;
}

static struct name *place(const struct names *names, const struct name *name)
{
	for (size_t i = name->hash & (names->size - 1);; i = (i + 1) & (names->size - 1)) {
		struct name *n = &names->table[i];
		if (!n->text || (n->hash == name->hash && n->length == name->length &&
				 memcmp(n->text, name->text, name->length) == 0))
			return n;
	}
}

static int grow(struct names *names, struct sdp_work *work, struct sdp_err *err)
{
	struct names larger = *names;
	larger.size = names->size ? 2 * names->size : 64;
	larger.table = sdp_spill_take(&work->spill, larger.size * sizeof *larger.table, err);
	if (!larger.table)
		return -1;
	for (size_t i = 0; i < names->size; i++)
		if (names->table[i].text)
			*place(&larger, &names->table[i]) = names->table[i];
	*names = larger;
	return 0;
}

/* Adds a name, or lowers its place if it is there. copy: its text is copied to shared memory. */
static int add(struct names *names, const struct name *name, bool copy, struct sdp_work *work,
	       struct sdp_err *err)
{
	if (2 * (names->count + 1) > names->size && grow(names, work, err) < 0)
		return -1;
	struct name *there = place(names, name);
	if (there->text) {
		bool earlier = name->chunk < there->chunk ||
			       (name->chunk == there->chunk && name->position < there->position);
		if (earlier) {
			there->chunk = name->chunk;
			there->position = name->position;
		}
		return 0;
	}
	if (names->count > SDP_JSON_NODES) /* one too many is enough to fail */
		return 0;
	char *text = copy ? sdp_spill_take(&work->spill, name->length + 1, err) : NULL;
	if (copy && !text)
		return -1;
	if (copy)
		memcpy(text, name->text, name->length);
	*there = *name;
	there->text = copy ? text : name->text;
	names->count++;
	return 0;
}

static int open_plan(const void *params, const struct sdp_schema *schema, struct sdp_work *work,
		     void **plan, struct sdp_pass *first, struct sdp_err *err)
{
	(void)schema;
	*plan = sdp_spill_take(&work->spill, sizeof(struct sdp_source *), err);
	if (!*plan)
		return -1;
	memcpy(*plan, params, sizeof(struct sdp_source *));
	*first = (struct sdp_pass){SDP_PASS_CHUNKS, 0, "looking for columns", false};
	return 0;
}

static size_t state_size(const void *plan)
{
	(void)plan;
	return sizeof(struct names);
}

static int update(const void *plan, void *state, const struct sdp_block *block,
		  struct sdp_work *work, struct sdp_err *err)
{
	const struct sdp_cells *paths = block->paths;
	struct names *names = state;
	(void)plan;
	names->records += block->rows;
	for (size_t i = 0; i < paths->count; i++) {
		size_t start = i ? paths->ends[i - 1] + 1 : 0;
		struct name name = {.text = paths->text.data + start,
				    .length = paths->ends[i] - start,
				    .chunk = block->chunk,
				    .position = i};
		name.hash = hash_of(name.text, name.length);
		if (add(names, &name, true, work, err) < 0)
			return -1;
	}
	return 0;
}

static int merge(const void *plan, void *into, void *from, struct sdp_work *work,
		 struct sdp_err *err)
{
	struct names *names = into;
	const struct names *other = from;
	(void)plan;
	names->records += other->records;
	for (size_t i = 0; i < other->size; i++)
		if (other->table[i].text && add(names, &other->table[i], false, work, err) < 0)
			return -1;
	return 0;
}

static int step(void *plan, void *root, struct sdp_work *work, struct sdp_pass *next,
		struct sdp_err *err)
{
	(void)plan, (void)root, (void)work, (void)err;
	next->kind = SDP_PASS_DONE;
	return 0;
}

static int by_appearance(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	if (x->chunk != y->chunk)
		return x->chunk < y->chunk ? -1 : 1;
	return x->position < y->position ? -1 : x->position > y->position;
}

/* Writes the names to cells, in the order in which they appear in the input. */
static int list(const struct names *names, struct sdp_cells *cells, struct sdp_err *err)
{
	struct name *sorted = sdp_alloc(names->count, sizeof *sorted, err);
	int rc = sorted ? sdp_grow(&cells->ends, &cells->ends_capacity, names->count,
				   sizeof *cells->ends, err)
			: -1;
	size_t count = 0;
	for (size_t i = 0; rc == 0 && i < names->size; i++)
		if (names->table[i].text)
			sorted[count++] = names->table[i];
	if (rc == 0)
		qsort(sorted, count, sizeof *sorted, by_appearance);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = sdp_buf_add(&cells->text, sorted[i].text, sorted[i].length, err);
		cells->ends[cells->count++] = (uint32_t)cells->text.length;
		if (rc == 0)
			rc = sdp_buf_add(&cells->text, "\n", 1, err);
	}
	free(sorted);
	return rc;
}

static int emit(const void *plan, const void *root, cJSON *doc, struct sdp_err *err)
{
	struct sdp_source *source;
	const struct names *names = root;
	struct sdp_cells cells = {0};
	(void)doc;
	memcpy(&source, plan, sizeof source);
	if (names->count == 0)
		return sdp_fail_at(err, (struct sdp_place){.file = sdp_source_name(source, 0)},
				   "no table: there are no values in its records");
	int rc = list(names, &cells, err);
	if (rc == 0)
		rc = sdp_source_set_columns(source, &cells, err);
	sdp_source_set_records(source, names->records);
	sdp_cells_release(&cells);
	return rc;
}

int sdp_discover_columns(struct sdp_source *source, const struct sdp_engine_options *options,
			 struct sdp_err *err)
{
	static const struct sdp_task task = {"columns", open_plan, state_size, NULL, update,
					     NULL,      merge,     step,       emit};
	struct sdp_engine_options own = *options;
	struct sdp_engine_report report;
	if (!sdp_source_columns_unknown(source))
		return 0;
	own.finish = NULL;
	return sdp_engine_run_as_is(&task, &source, source, &own, NULL, &report, err);
}

int sdp_engine_run(const struct sdp_task *task, const void *params, struct sdp_source *source,
		   const struct sdp_engine_options *options, cJSON *doc,
		   struct sdp_engine_report *report, struct sdp_err *err)
{
	if (sdp_discover_columns(source, options, err) < 0)
		return -1;
	return sdp_engine_run_as_is(task, params, source, options, doc, report, err);
}
