/*
 * Wide numbers as sorted runs of keys.
 *
 * A key begins with a byte for the sign: 0 negative, 1 zero (which has no further bytes), 2
 * positive.  Then follow the place of the point, as two bytes, and the digits, two in a byte, from
 * 1 (00) to 100 (99), with a 0 at the end:
 *
 *	-1234.5 = -0.12345 × 10^4     0 | ~(4 + BIAS) | ~13 ~35 ~51 ~0        (~: complement)
 *
 * So no key is the beginning of another, and the complement reverses the order of negative numbers.
 *
 * In a run each key is preceded by its length and by its count.
 */
#include "model/stats/wide_store.h"

#include "model/stats/exact_value.h"
#include "sdp/mem.h"
#include "sdp/num.h"

#include <string.h>

enum { BIAS = 1000, HEAD = sizeof(uint32_t) + sizeof(uint64_t), LEAST_READ = 1 << 14 };

struct sdp_wide_run {
	struct sdp_wide_run *next;
	struct sdp_extent extent;
};

/* A record of a run. */
struct record {
	const char *key;
	uint32_t length;
	uint64_t count;
};

static struct record read_head(const char *at)
{
	struct record r = {.key = at + HEAD};
	memcpy(&r.length, at, sizeof r.length);
	memcpy(&r.count, at + sizeof r.length, sizeof r.count);
	return r;
}

static int put_record(struct sdp_buf *out, const struct record *r, struct sdp_err *err)
{
	return sdp_buf_add(out, &r->length, sizeof r->length, err) < 0 ||
			       sdp_buf_add(out, &r->count, sizeof r->count, err) < 0
		       ? -1
		       : sdp_buf_add(out, r->key, r->length, err);
}

static int compare(const struct record *a, const struct record *b)
{
	return memcmp(a->key, b->key, a->length < b->length ? a->length : b->length);
}

static int by_key(const void *a, const void *b)
{
	return compare(a, b);
}

/* ---- a block ---- */

int sdp_wide_batch_add(struct sdp_wide_batch *b, const char *text, size_t length, char point,
		       const char *group, struct sdp_err *err)
{
	struct sdp_digits n;
	b->digits.length = 0;
	if (sdp_number_digits(text, length, point, group, &b->digits, &n, err) < 0 ||
	    sdp_buf_reserve(&b->bytes, HEAD + n.count / 2 + 8, err) < 0)
		return -1;
	char *start = b->bytes.data + b->bytes.length, *key = start + HEAD, *at = key;
	*at++ = (char)(n.count == 0 ? 1 : n.negative ? 0 : 2);
	unsigned place = (unsigned)(n.point + BIAS);
	if (n.count) {
		*at++ = (char)(place >> 8);
		*at++ = (char)place;
		for (size_t i = 0; i < n.count; i += 2) {
			int low = i + 1 < n.count ? b->digits.data[i + 1] - '0' : 0;
			*at++ = (char)((b->digits.data[i] - '0') * 10 + low + 1);
		}
		*at++ = 0;
	}
	for (char *p = key + 1; n.negative && p < at; p++)
		*p = (char)~*p;
	uint32_t size = (uint32_t)(at - key);
	uint64_t one = 1;
	memcpy(start, &size, sizeof size);
	memcpy(start + sizeof size, &one, sizeof one);
	b->bytes.length += HEAD + size;
	b->count++;
	return 0;
}

void sdp_wide_batch_release(struct sdp_wide_batch *batch)
{
	sdp_buf_release(&batch->bytes);
	sdp_buf_release(&batch->digits);
	*batch = (struct sdp_wide_batch){0};
}

/* ---- runs ---- */

static int add_run(struct sdp_wide_store *s, struct sdp_spill *spill, const struct sdp_buf *bytes,
		   struct sdp_err *err)
{
	struct sdp_wide_run *run = sdp_spill_take(spill, sizeof *run, err);
	if (!run || sdp_spill_keep(spill, bytes->data, bytes->length, &run->extent, err) < 0)
		return -1;
	if (s->last_run)
		s->last_run->next = run;
	else
		s->runs = run;
	s->last_run = run;
	s->run_count++;
	s->bytes += bytes->length;
	return 0;
}

int sdp_wide_store_add(struct sdp_wide_store *s, struct sdp_spill *spill,
		       const struct sdp_wide_batch *batch, struct sdp_err *err)
{
	struct sdp_buf run = {0};
	if (batch->count == 0)
		return 0;
	struct record *records = sdp_alloc(batch->count, sizeof *records, err);
	if (!records)
		return -1;
	const char *at = batch->bytes.data;
	for (size_t i = 0; i < batch->count; i++) {
		records[i] = read_head(at);
		at += HEAD + records[i].length;
	}
	qsort(records, batch->count, sizeof *records, by_key);
	int rc = 0;
	for (size_t i = 0, n; rc == 0 && i < batch->count; i += n) {
		for (n = 1; i + n < batch->count && compare(&records[i], &records[i + n]) == 0;)
			records[i].count += records[i + n++].count;
		rc = put_record(&run, &records[i], err);
	}
	if (rc == 0)
		rc = add_run(s, spill, &run, err);
	sdp_buf_release(&run);
	free(records);
	return rc;
}

void sdp_wide_store_merge(struct sdp_wide_store *into, struct sdp_wide_store *from)
{
	if (!from->runs)
		return;
	if (into->last_run)
		into->last_run->next = from->runs;
	else
		into->runs = from->runs;
	into->last_run = from->last_run;
	into->run_count += from->run_count;
	into->bytes += from->bytes;
}

/* ---- merging runs ---- */

/* Reads a run: the bytes from at on that are in memory, and the current record. */
struct reader {
	const struct sdp_wide_run *run;
	char *room;
	size_t room_size;
	const char *bytes;
	size_t at, length;
	uint64_t offset; /* in the run, of the end of bytes */
	struct record record;
};

struct merge {
	const struct sdp_spill *spill;
	struct reader *readers;
	struct reader **heap; /* the reader with the lowest key first */
	size_t count;
	size_t read; /* bytes to read at once */
	struct sdp_err *err;
};

/* Makes more bytes available, at least one record. */
static int refill(struct merge *m, struct reader *r, size_t needed)
{
	size_t rest = r->length - r->at;
	uint64_t left = r->run->extent.length - r->offset;
	size_t wanted = needed > m->read ? needed : m->read;
	size_t more = wanted - rest > left ? (size_t)left : wanted - rest;
	if (r->room_size < rest + more) {
		char *room = sdp_alloc(rest + more, 1, m->err);
		if (!room)
			return -1;
		if (rest)
			memcpy(room, r->bytes + r->at, rest);
		free(r->room);
		r->room = room;
		r->room_size = rest + more;
	} else if (rest) {
		memmove(r->room, r->bytes + r->at, rest);
	}
	char *to = r->room + rest;
	const void *got = sdp_spill_get(m->spill, &r->run->extent, r->offset, more, to, m->err);
	if (!got)
		return -1;
	if (got != to)
		memcpy(to, got, more);
	r->bytes = r->room;
	r->at = 0;
	r->length = rest + more;
	r->offset += more;
	return 0;
}

/* Moves to the next record.  Returns 1, 0 at the end of the run, or -1. */
static int next(struct merge *m, struct reader *r)
{
	if (r->at == r->length && r->offset == r->run->extent.length)
		return 0;
	if (r->length - r->at < HEAD && refill(m, r, HEAD) < 0)
		return -1;
	r->record = read_head(r->bytes + r->at);
	if (r->length - r->at < HEAD + r->record.length) {
		if (refill(m, r, HEAD + r->record.length) < 0)
			return -1;
		r->record = read_head(r->bytes + r->at);
	}
	r->at += HEAD + r->record.length;
	return 1;
}

static void sink(struct merge *m, size_t i)
{
	for (size_t child; (child = 2 * i + 1) < m->count; i = child) {
		if (child + 1 < m->count &&
		    compare(&m->heap[child + 1]->record, &m->heap[child]->record) < 0)
			child++;
		if (compare(&m->heap[child]->record, &m->heap[i]->record) >= 0)
			return;
		struct reader *swap = m->heap[i];
		m->heap[i] = m->heap[child];
		m->heap[child] = swap;
	}
}

typedef int visitor(void *context, const struct record *record, struct sdp_err *err);

/* Calls visit with every different key of the heap in order. */
static int visit_all(struct merge *m, visitor *visit, void *context)
{
	struct sdp_buf key = {0};
	struct record now = {.count = 0};
	int rc = 0;
	while (rc == 0 && m->count) {
		struct reader *r = m->heap[0];
		if (now.count && compare(&now, &r->record) == 0) {
			now.count += r->record.count;
		} else {
			rc = now.count ? visit(context, &now, m->err) : 0;
			key.length = 0;
			if (rc == 0)
				rc = sdp_buf_add(&key, r->record.key, r->record.length, m->err);
			now = (struct record){key.data, r->record.length, r->record.count};
		}
		int more = rc == 0 ? next(m, r) : -1;
		if (more == 0)
			m->heap[0] = m->heap[--m->count];
		rc = more < 0 ? -1 : 0;
		sink(m, 0);
	}
	if (rc == 0 && now.count)
		rc = visit(context, &now, m->err);
	sdp_buf_release(&key);
	return rc;
}

/* Merges the first count runs, and calls visit with every different key in order. */
static int merge_runs(const struct sdp_wide_run *run, size_t count, size_t read,
		      const struct sdp_spill *spill, visitor *visit, void *context,
		      struct sdp_err *err)
{
	struct merge m = {.spill = spill, .read = read, .err = err};
	m.readers = sdp_alloc(count, sizeof *m.readers, err);
	m.heap = sdp_alloc(count, sizeof *m.heap, err);
	int rc = m.readers && m.heap ? 0 : -1;
	for (size_t i = 0; rc == 0 && i < count; i++, run = run->next) {
		m.readers[i].run = run;
		m.heap[m.count++] = &m.readers[i];
		rc = next(&m, &m.readers[i]) < 0 ? -1 : 0;
	}
	for (size_t i = m.count; rc == 0 && i-- > 0;)
		sink(&m, i);
	if (rc == 0)
		rc = visit_all(&m, visit, context);
	for (size_t i = 0; m.readers && i < count; i++)
		free(m.readers[i].room);
	free(m.readers);
	free(m.heap);
	return rc;
}

static int append(void *run, const struct record *record, struct sdp_err *err)
{
	return put_record(run, record, err);
}

/* Merges some of the first runs, `most` at most, to one at the end. */
static int merge_some(struct sdp_wide_store *s, struct sdp_spill *spill, uint64_t memory,
		      size_t most, struct sdp_err *err)
{
	struct sdp_buf run = {0};
	size_t n = 0;
	uint64_t bytes = 0;
	const struct sdp_wide_run *r = s->runs;
	/* What is merged is in memory as a whole. */
	for (; n < most && (n < 2 || bytes + r->extent.length < memory / 2); r = r->next) {
		bytes += r->extent.length;
		n++;
	}
	int rc = merge_runs(s->runs, n, LEAST_READ, spill, append, &run, err);
	if (rc == 0)
		rc = add_run(s, spill, &run, err);
	sdp_buf_release(&run);
	for (size_t i = 0; rc == 0 && i < n; i++)
		s->runs = s->runs->next;
	s->run_count -= n;
	return rc;
}

/*
 * Copies the list of the runs, as merged ones are added to it: the store is in shared memory, and
 * not this worker's.  Returns the copies in one piece of memory, or NULL.
 */
static struct sdp_wide_run *copy_list(struct sdp_wide_store *s, struct sdp_err *err)
{
	struct sdp_wide_run *copies = sdp_alloc(s->run_count, sizeof *copies, err);
	const struct sdp_wide_run *run = s->runs;
	if (!copies)
		return NULL;
	for (uint64_t i = 0; i < s->run_count; i++, run = run->next) {
		copies[i].extent = run->extent;
		copies[i].next = i + 1 < s->run_count ? &copies[i + 1] : NULL;
	}
	s->runs = copies;
	s->last_run = &copies[s->run_count - 1];
	return copies;
}

/*
 * Calls visit with every different key in order.  While there are more runs than can be read at
 * once, some are merged to one.
 */
static int visit_store(struct sdp_wide_store s, struct sdp_spill *spill, uint64_t memory,
		       visitor *visit, void *context, struct sdp_err *err)
{
	size_t most = (size_t)(memory / 2 / LEAST_READ);
	struct sdp_wide_run *copies = s.run_count > most ? copy_list(&s, err) : NULL;
	int rc = s.run_count > most && !copies ? -1 : 0;
	while (rc == 0 && s.run_count > most)
		rc = merge_some(&s, spill, memory, most, err);
	size_t read = (size_t)(memory / 2 / s.run_count);
	if (rc == 0)
		rc = merge_runs(s.runs, s.run_count, read > 1 << 20 ? 1 << 20 : read, spill, visit,
				context, err);
	free(copies);
	return rc;
}

/* ---- statistics ---- */

enum { RANKS = 2 * SDP_QUANTILES_QUANTILES };

struct exact {
	mpz_t mantissa;
	int64_t scale; /* of mantissa × 10^-scale, at least 0 */
};

struct statistics {
	struct sdp_totals totals;
	struct exact x;
	mpz_t term[2];
	uint64_t unique;
	struct sdp_buf low, high; /* keys */
	uint64_t rank[RANKS];
	struct exact at[RANKS]; /* the numbers of these ranks */
	size_t ranks;
	struct sdp_buf digits; /* scratch space */
};

/* Decodes a key to s->digits and n. */
static int decode(struct statistics *s, const char *key, struct sdp_digits *n, struct sdp_err *err)
{
	const unsigned char *p = (const unsigned char *)key;
	unsigned flip = *p == 0 ? 0xff : 0;
	*n = (struct sdp_digits){.negative = *p == 0};
	s->digits.length = 0;
	if (*p == 1)
		return sdp_buf_add(&s->digits, "0", 1, err);
	n->point = (int64_t)((p[1] ^ flip) << 8 | (p[2] ^ flip)) - BIAS;
	for (p += 3; (*p ^ flip) != 0; p++) {
		unsigned pair = (*p ^ flip) - 1;
		char two[2] = {(char)('0' + pair / 10), (char)('0' + pair % 10)};
		if (sdp_buf_add(&s->digits, two, 2, err) < 0)
			return -1;
	}
	if (s->digits.data[s->digits.length - 1] == '0')
		s->digits.data[--s->digits.length] = '\0';
	n->count = s->digits.length;
	return 0;
}

static int set_exact(struct statistics *s, const char *key, struct exact *out, struct sdp_err *err)
{
	struct sdp_digits n;
	if (decode(s, key, &n, err) < 0)
		return -1;
	out->scale = sdp_rational_of_digits(out->mantissa, s->digits.data, &n);
	return 0;
}

static void add(struct statistics *s, const struct exact *x, uint64_t count)
{
	mpz_mul_ui(s->term[0], x->mantissa, count);
	mpz_mul(s->term[1], s->term[0], x->mantissa);
	sdp_totals_add(&s->totals, s->term[0], s->term[1], x->scale, count);
}

static int take_record(void *context, const struct record *r, struct sdp_err *err)
{
	struct statistics *s = context;
	if (s->totals.count == 0 && sdp_buf_add(&s->low, r->key, r->length, err) < 0)
		return -1;
	s->high.length = 0;
	if (sdp_buf_add(&s->high, r->key, r->length, err) < 0 ||
	    set_exact(s, r->key, &s->x, err) < 0)
		return -1;
	for (size_t i = 0; i < s->ranks; i++)
		if (s->rank[i] >= s->totals.count && s->rank[i] < s->totals.count + r->count) {
			mpz_set(s->at[i].mantissa, s->x.mantissa);
			s->at[i].scale = s->x.scale;
		}
	s->unique++;
	add(s, &s->x, r->count);
	return 0;
}

struct sdp_wide_result *sdp_wide_result_copy(const struct sdp_wide_result *result,
					     struct sdp_spill *spill, struct sdp_err *err)
{
	struct sdp_wide_result *copy = sdp_spill_take(spill, sizeof *copy, err);
	if (!copy)
		return NULL;
	*copy = *result;
	copy->low = sdp_spill_text(spill, result->low, err);
	copy->high = sdp_spill_text(spill, result->high, err);
	copy->sum = sdp_spill_text(spill, result->sum, err);
	return copy->low && copy->high && copy->sum ? copy : NULL;
}

/* Prints a number to the spill. */
static const char *print(const mpz_t mantissa, int64_t scale, struct sdp_spill *spill,
			 struct sdp_err *err)
{
	struct sdp_buf text = {0};
	const char *out = NULL;
	if (sdp_exact_print(&text, mantissa, scale, err) == 0)
		out = sdp_spill_text(spill, text.data, err);
	sdp_buf_release(&text);
	return out;
}

static const char *print_key(struct statistics *s, const char *key, struct sdp_spill *spill,
			     struct sdp_err *err)
{
	return set_exact(s, key, &s->x, err) < 0 ? NULL
						 : print(s->x.mantissa, s->x.scale, spill, err);
}

static int finish(struct statistics *s, struct sdp_spill *spill, const struct sdp_probability *p,
		  size_t count, struct sdp_wide_result *out, struct sdp_err *err)
{
	out->order = (struct sdp_quantiles_result){.values = s->totals.count, .unique = s->unique};
	for (size_t i = 0; i < count; i++) {
		const struct exact *low = &s->at[2 * i], *high = low + 1;
		struct sdp_value a, b;
		uint64_t rank, part;
		sdp_quantiles_place(s->totals.count, p[i], &rank, &part);
		if (sdp_value_of_decimal(&a, spill, low->mantissa, low->scale, err) < 0 ||
		    sdp_value_of_decimal(&b, spill, high->mantissa, high->scale, err) < 0)
			return -1;
		out->order.quantile[i] = sdp_value_between(a, b, part, p[i].denominator);
	}
	sdp_totals_moments(&s->totals, &out->moments);
	out->low = print_key(s, s->low.data, spill, err);
	out->high = print_key(s, s->high.data, spill, err);
	out->sum = print(s->totals.sum, s->totals.scale, spill, err);
	return out->low && out->high && out->sum ? 0 : -1;
}

int sdp_wide_store_solve(const struct sdp_wide_store *store, struct sdp_spill *spill,
			 uint64_t memory, const struct sdp_probability *p, size_t count,
			 uint64_t values, struct sdp_wide_result *result, struct sdp_err *err)
{
	struct statistics s = {.ranks = 2 * count};
	sdp_totals_init(&s.totals);
	mpz_inits(s.x.mantissa, s.term[0], s.term[1], (mpz_ptr)NULL);
	for (size_t i = 0; i < count; i++) {
		uint64_t part;
		sdp_quantiles_place(values, p[i], &s.rank[2 * i], &part);
		s.rank[2 * i + 1] = s.rank[2 * i] + (part > 0);
	}
	for (size_t i = 0; i < s.ranks; i++)
		mpz_init(s.at[i].mantissa);
	int rc = visit_store(*store, spill, memory < 1 << 20 ? 1 << 20 : memory, take_record, &s,
			     err);
	if (rc == 0)
		rc = finish(&s, spill, p, count, result, err);
	for (size_t i = 0; i < s.ranks; i++)
		mpz_clear(s.at[i].mantissa);
	sdp_totals_clear(&s.totals);
	mpz_clears(s.x.mantissa, s.term[0], s.term[1], (mpz_ptr)NULL);
	sdp_buf_release(&s.low);
	sdp_buf_release(&s.high);
	sdp_buf_release(&s.digits);
	return rc;
}
