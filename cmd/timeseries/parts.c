/*
 * Goes through the groups in parts if they need more than --max-memory.
 *
 * The input is read once for each part, whose groups are those with a range of hashes.  The
 * finished rows of a part go to the temporary file as a run: group after group in the order of the
 * document, each as its key, its number of rows and the values of the rows.  While the document is
 * printed, the runs are merged.
 */
#include "timeseries.h"

#include "sdp/buf.h"
#include "sdp/doc.h"
#include "sdp/mem.h"

#include <string.h>

enum {
	PARTS_MAX = 256,           /* first guess */
	WORKER_BYTES = 128 * 1024, /* what a worker takes of the arena at the least */
	WRITE_BYTES = 1 << 20,
	READ_LEAST = 4096,
	READ_MOST = 1 << 20,
};

/* A run, and how far it was read. */
struct run {
	uint64_t at, end;     /* in the file; at: behind what is in the buffer */
	struct sdp_buf bytes; /* read, from offset next on not used */
	size_t next;
	struct sdp_buf key; /* of the current group */
	uint64_t rows;      /* left in it */
};

struct timeseries_runs {
	const struct timeseries_plan *plan;
	struct sdp_spill spill; /* of owner 0, and all in the file */
	size_t members, count, capacity, room;
	uint64_t rows;
	struct sdp_buf out; /* of the run that is being written */
	struct run *runs;
	/* All runs while they are read; a heap of those that have groups left, by their keys. */
	struct run *open, **heap;
	size_t heaped;
};

/* ---- writing ---- */

static int flush_run(struct timeseries_runs *r, struct sdp_err *err)
{
	struct sdp_extent extent;
	struct run *run = &r->runs[r->count];
	if (r->out.length == 0)
		return 0;
	if (sdp_spill_keep(&r->spill, r->out.data, r->out.length, &extent, err) < 0)
		return -1;
	/* The workers are idle, so what is written lies side by side. */
	if (run->end == 0)
		run->at = extent.at;
	run->end = extent.at + extent.length;
	r->out.length = 0;
	return 0;
}

static bool is_text(enum sdp_lazy_kind kind)
{
	return kind == SDP_LAZY_TEXT || kind == SDP_LAZY_DECIMAL;
}

/* A value is its kind, 8 bytes, and if these are a length, a text. */
static int write_value(struct sdp_buf *out, const struct sdp_lazy_value *v, struct sdp_err *err)
{
	unsigned char kind = (unsigned char)v->kind;
	uint64_t bits = 0;
	if (is_text(v->kind))
		bits = v->of.text.length;
	else if (v->kind == SDP_LAZY_WORD)
		bits = v->of.word;
	else if (v->kind == SDP_LAZY_BOOLEAN)
		bits = v->of.boolean;
	else if (v->kind != SDP_LAZY_NULL)
		memcpy(&bits, &v->of, sizeof bits);
	if (sdp_buf_add(out, &kind, 1, err) < 0 || sdp_buf_add(out, &bits, sizeof bits, err) < 0)
		return -1;
	return is_text(v->kind) ? sdp_buf_add(out, v->of.text.start, v->of.text.length, err) : 0;
}

static int write_row(struct timeseries_runs *r, const struct sdp_lazy_rows *rows, uint64_t number,
		     struct sdp_lazy_value *values, struct sdp_err *err)
{
	size_t start = r->out.length;
	uint32_t length = 0;
	if (rows->row(rows->context, number, values, err) < 0 ||
	    sdp_buf_add(&r->out, &length, sizeof length, err) < 0)
		return -1;
	for (size_t i = 0; i < r->members; i++)
		if (write_value(&r->out, &values[i], err) < 0)
			return -1;
	length = (uint32_t)(r->out.length - start - sizeof length);
	memcpy(r->out.data + start, &length, sizeof length);
	return r->out.length < WRITE_BYTES ? 0 : flush_run(r, err);
}

/* Writes the rows of the part: of each group as many per point, or per column, as given. */
static int write_run(struct timeseries_runs *r, const struct timeseries_state *s,
		     const struct sdp_lazy_rows *rows, size_t per_point, size_t per_group,
		     struct sdp_err *err)
{
	const struct sdp_timeline *t = &r->plan->timeline;
	struct sdp_lazy_value *values = sdp_alloc(r->members, sizeof *values, err);
	uint64_t number = 0;
	int rc = values ? 0 : -1;
	for (size_t row = 0, n; rc == 0 && row < t->count; row += n) {
		const struct sdp_map_entry *g = &s->series.groups.entries[t->rows[row].group];
		n = sdp_timeline_group(t, row);
		uint64_t count = n * per_point + per_group;
		if (sdp_buf_add(&r->out, &g->length, sizeof g->length, err) < 0 ||
		    sdp_buf_add(&r->out, g->key, g->length, err) < 0 ||
		    sdp_buf_add(&r->out, &count, sizeof count, err) < 0)
			rc = -1;
		for (uint64_t i = 0; rc == 0 && i < count; i++)
			rc = write_row(r, rows, number++, values, err);
	}
	free(values);
	if (rc == 0)
		rc = flush_run(r, err);
	sdp_buf_release(&r->out);
	r->rows += number;
	r->count += rc == 0 && number > 0;
	return rc;
}

/* Makes room for one more run. */
static int add_run(struct timeseries_runs *r, struct sdp_err *err)
{
	if (r->count < r->capacity)
		return 0;
	size_t capacity = 2 * r->capacity + 16;
	struct run *runs = sdp_spill_take(&r->spill, capacity * sizeof *runs, err);
	if (!runs)
		return -1;
	if (r->count)
		memcpy(runs, r->runs, r->count * sizeof *runs);
	r->runs = runs;
	r->capacity = capacity;
	return 0;
}

static int write_part(struct timeseries_plan *j, const struct timeseries_state *s,
		      struct sdp_work *work, struct sdp_err *err)
{
	size_t columns = j->counting ? 1 : j->value_count, each = j->value_count * (j->lags + 1);
	int rc = 0;
	for (int i = 0; rc == 0 && i < (j->lags ? 2 : 1); i++) {
		const struct sdp_lazy_rows *rows = timeseries_lazy_rows(j, i);
		struct sdp_spill kept = work->spill;
		kept.owner = 0;
		kept.limit = 0;
		struct timeseries_runs *r = j->runs[i];
		if (!r && !(r = j->runs[i] = sdp_spill_take(&kept, sizeof *r, err)))
			return -1;
		r->plan = j;
		r->spill = kept;
		r->members = rows->member_count;
		rc = add_run(r, err) < 0
			     ? -1
			     : write_run(r, s, rows, i ? 0 : columns, i ? each : 0, err);
	}
	return rc;
}

/* ---- reading ---- */

/* Returns the next n bytes of a run, which are valid until the next call; NULL on failure. */
static const char *take(struct timeseries_runs *r, struct run *run, size_t n, struct sdp_err *err)
{
	struct sdp_buf *b = &run->bytes;
	if (b->length - run->next < n) {
		size_t have = b->length - run->next;
		uint64_t more = n > r->room ? n : r->room, left = run->end - run->at;
		more = more < left ? more : left;
		if (have)
			memmove(b->data, b->data + run->next, have);
		b->length = have;
		run->next = 0;
		struct sdp_extent rest = {run->at, more, true};
		if (sdp_buf_reserve(b, more, err) < 0 ||
		    !sdp_spill_get(&r->spill, &rest, 0, more, b->data + have, err))
			return NULL;
		b->length += more;
		run->at += more;
	}
	const char *p = b->data + run->next;
	run->next += n;
	return p;
}

/* Reads the head of the next group.  Returns 1, 0 at the end of the run, or -1. */
static int next_group(struct timeseries_runs *r, struct run *run, struct sdp_err *err)
{
	uint32_t length;
	if (run->at == run->end && run->next == run->bytes.length)
		return 0;
	const char *p = take(r, run, sizeof length, err);
	if (!p)
		return -1;
	memcpy(&length, p, sizeof length);
	run->key.length = 0;
	if (!(p = take(r, run, length, err)) || sdp_buf_add(&run->key, p, length, err) < 0 ||
	    !(p = take(r, run, sizeof run->rows, err)))
		return -1;
	memcpy(&run->rows, p, sizeof run->rows);
	return 1;
}

static bool precedes(const struct timeseries_runs *r, const struct run *a, const struct run *b)
{
	return timeseries_compare_keys(r->plan, a->key.data, b->key.data) < 0;
}

/* Moves the run at a place of the heap down to where it belongs. */
static void sift(struct timeseries_runs *r, size_t at)
{
	struct run **heap = r->heap, *run = heap[at];
	for (size_t child; (child = 2 * at + 1) < r->heaped; at = child) {
		child += child + 1 < r->heaped && precedes(r, heap[child + 1], heap[child]);
		if (!precedes(r, heap[child], run))
			break;
		heap[at] = heap[child];
	}
	heap[at] = run;
}

static void release_runs(void *context)
{
	struct timeseries_runs *r = context;
	for (size_t i = 0; r->open && i < r->count; i++) {
		sdp_buf_release(&r->open[i].bytes);
		sdp_buf_release(&r->open[i].key);
	}
	free(r->open);
	free(r->heap);
	r->open = NULL;
	r->heap = NULL;
}

/* Begins to read all runs. */
static int begin(struct timeseries_runs *r, struct sdp_err *err)
{
	release_runs(r);
	r->open = sdp_alloc(r->count, sizeof *r->open, err);
	r->heap = sdp_alloc(r->count, sizeof(struct run *), err);
	if (!r->open || !r->heap)
		return -1;
	memcpy(r->open, r->runs, r->count * sizeof *r->open);
	uint64_t room = r->plan->plan.memory / 2 / r->count;
	r->room = room < READ_LEAST ? READ_LEAST : room > READ_MOST ? READ_MOST : room;
	r->heaped = r->count;
	for (size_t i = 0; i < r->count; i++) {
		r->heap[i] = &r->open[i];
		if (next_group(r, r->heap[i], err) < 0)
			return -1;
	}
	for (size_t i = r->count; i-- > 0;)
		sift(r, i);
	return 0;
}

static const char *read_value(struct sdp_lazy_value *v, const char *p)
{
	uint64_t bits;
	*v = (struct sdp_lazy_value){.kind = (enum sdp_lazy_kind)(unsigned char)*p++};
	memcpy(&bits, p, sizeof bits);
	p += sizeof bits;
	if (v->kind == SDP_LAZY_WORD)
		v->of.word = (uint32_t)bits;
	else if (v->kind == SDP_LAZY_BOOLEAN)
		v->of.boolean = bits;
	else if (!is_text(v->kind))
		memcpy(&v->of, &bits, sizeof bits);
	if (!is_text(v->kind))
		return p;
	v->of.text.start = p;
	v->of.text.length = bits;
	return p + bits;
}

static int read_row(void *context, uint64_t number, struct sdp_lazy_value *values,
		    struct sdp_err *err)
{
	struct timeseries_runs *r = context;
	if (number == 0 && begin(r, err) < 0)
		return -1;
	while (r->heap[0]->rows == 0) {
		int more = next_group(r, r->heap[0], err);
		if (more < 0)
			return -1;
		if (more == 0)
			r->heap[0] = r->heap[--r->heaped];
		sift(r, 0);
	}
	struct run *run = r->heap[0];
	uint32_t length;
	const char *p = take(r, run, sizeof length, err);
	if (!p)
		return -1;
	memcpy(&length, p, sizeof length);
	if (!(p = take(r, run, length, err)))
		return -1;
	run->rows--;
	for (size_t i = 0; i < r->members; i++)
		p = read_value(&values[i], p);
	return 0;
}

/* ---- the parts ---- */

void timeseries_forget(struct timeseries_plan *j, struct timeseries_state *s, struct sdp_work *work)
{
	/* Owner 0 has the plan. */
	if (work->spill.owner)
		sdp_shared_arena_drop(work->spill.arena, work->spill.owner);
	j->plan.spent = sdp_shared_arena_used(work->spill.arena);
	j->slots = NULL;
	j->slot_count = 0;
	j->timeline = (struct sdp_timeline){0};
	s->series = (struct sdp_bucket_table){0};
	s->parts = NULL;
	s->repeats = (struct sdp_duplicate_times){NULL};
	s->times = (struct sdp_value_store){0};
}

/* Makes the output of the runs. */
static int end_parts(struct timeseries_plan *j, const struct timeseries_state *s,
		     struct sdp_work *work, struct sdp_err *err)
{
	size_t columns = j->counting ? 1 : j->value_count;
	if (j->table && j->runs[0]->rows / columns > timeseries_most_rows(j, true))
		return sdp_bucket_table_fail(&j->plan, err);
	if (timeseries_prepare_output(j, s, work, err) < 0)
		return -1;
	for (int i = 0; i < (j->lags ? 2 : 1); i++) {
		struct sdp_lazy_rows *rows = timeseries_lazy_rows(j, i);
		rows->rows = j->runs[i]->rows;
		rows->row = read_row;
		rows->release = release_runs;
		rows->context = j->runs[i];
	}
	return 0;
}

/* Begins with parts.  Their number is guessed from how far the reading got. */
static int begin_parts(struct timeseries_plan *j, const struct timeseries_state *s,
		       struct sdp_work *work)
{
	uint64_t parts = 2 * (s->used / (s->placed + 1)) + 2;
	if (!j->by_count || work->spill.file < 0)
		return -1;
	j->part.on = true;
	j->part.width = UINT64_MAX / (parts < PARTS_MAX ? parts : PARTS_MAX);
	j->plan.memory /= 2;
	return 0;
}

/* Chooses a smaller part after a failure.  Returns -1 if it has only one group. */
static int divide(struct timeseries_plan *j, const struct timeseries_state *s)
{
	j->part.width /= 2;
	return s->hash_most == ~s->hash_least || j->part.width == 0 ? -1 : 0;
}

int timeseries_next_part(struct timeseries_plan *j, struct timeseries_state *s, bool failed,
			 struct sdp_work *work, struct sdp_pass *next, struct sdp_err *err)
{
	struct timeseries_part_of_groups *p = &j->part;
	next->kind = SDP_PASS_DONE;
	if (failed) {
		if (p->on ? divide(j, s) : begin_parts(j, s, work))
			return -1;
		err->code = SDP_OK;
	} else {
		int rc = write_part(j, s, work, err);
		timeseries_release_output(j);
		if (rc < 0)
			return -1;
		if (p->last == UINT64_MAX)
			return end_parts(j, s, work, err);
		if (sdp_bucket_table_used(&j->plan, &work->spill) < j->plan.memory / 2)
			p->width = p->width > UINT64_MAX / 2 ? UINT64_MAX : 2 * p->width;
		p->first = p->last + 1;
	}
	p->last = p->width > UINT64_MAX - p->first ? UINT64_MAX : p->first + p->width;
	timeseries_forget(j, s, work);
	j->plan.spent += (uint64_t)work->workers * WORKER_BYTES;
	s->full = false;
	s->placed = s->hash_most = s->hash_least = 0;
	double share = 0.8 * ((double)p->width + 1) / ((double)(UINT64_MAX - p->first) + 1);
	*next = (struct sdp_pass){SDP_PASS_CHUNKS, 0, "reading in parts", false,
				  share < 0.8 ? share : 0.8};
	return 0;
}
