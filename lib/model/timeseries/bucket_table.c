/* The hash table of buckets: finds the bucket of each row, adds values, and merges tables. */
#include "model/timeseries/bucket_table.h"

#include <string.h>

/* ---- the table ---- */

/*
 * Returns the entry of a bucket, or the free entry for it.  Consecutive buckets of a group get
 * adjacent entries.
 */
static struct sdp_slot **place_of(const struct sdp_bucket_table_plan *plan, struct sdp_slot **table,
				  size_t capacity, int64_t start, uint32_t group)
{
	uint64_t bucket = (uint64_t)start / plan->step, mask = capacity - 1;
	size_t i = (bucket + group * UINT64_C(0x9e3779b97f4a7c15)) & mask;
	while (table[i] && (table[i]->start != start || table[i]->group != group))
		i = (i + 1) & mask;
	return &table[i];
}

static int make_room(struct sdp_bucket_table *s, const struct sdp_bucket_table_plan *plan,
		     struct sdp_spill *spill, struct sdp_err *err)
{
	if (s->count < s->capacity / 2)
		return 0;
	size_t capacity = s->capacity ? 2 * s->capacity : 64;
	struct sdp_slot **table = sdp_spill_take(spill, capacity * sizeof *table, err);
	if (!table)
		return -1;
	for (size_t i = 0; i < s->capacity; i++)
		if (s->table[i])
			*place_of(plan, table, capacity, s->table[i]->start, s->table[i]->group) =
				s->table[i];
	s->table = table;
	s->capacity = capacity;
	return 0;
}

uint64_t sdp_bucket_table_used(const struct sdp_bucket_table_plan *plan,
			       const struct sdp_spill *spill)
{
	uint64_t used = sdp_shared_arena_used(spill->arena);
	return used > plan->spent ? used - plan->spent : 0;
}

int sdp_bucket_table_fail(const struct sdp_bucket_table_plan *plan, struct sdp_err *err)
{
	return sdp_fail(err, SDP_SYSTEM, "the %s or more memory",
			plan->samples ? "rows need more than --max-memory: use buckets (--every)"
				      : "buckets need more than --max-memory: use longer buckets, "
					"fewer groups");
}

static struct sdp_slot *new_slot(const struct sdp_bucket_table_plan *plan, struct sdp_spill *spill,
				 int64_t start, uint32_t group, struct sdp_err *err)
{
	size_t size = sizeof(struct sdp_slot) + plan->columns * sizeof(struct sdp_accumulator);
	if (plan->ends)
		size += plan->columns * sizeof(struct sdp_ends);
	if (plan->keys)
		size += plan->columns * sizeof(struct sdp_value_store);
	if (sdp_bucket_table_used(plan, spill) > plan->memory) {
		sdp_bucket_table_fail(plan, err);
		return NULL;
	}
	struct sdp_slot *slot = sdp_spill_take(spill, size, err);
	if (slot) {
		slot->start = start;
		slot->group = group;
	}
	return slot;
}

static struct sdp_slot *find_or_make(struct sdp_bucket_table *s,
				     const struct sdp_bucket_table_plan *plan,
				     struct sdp_spill *spill, int64_t start, uint32_t group,
				     struct sdp_err *err)
{
	if (make_room(s, plan, spill, err) < 0)
		return NULL;
	struct sdp_slot **place = place_of(plan, s->table, s->capacity, start, group);
	if (!*place && (*place = new_slot(plan, spill, start, group, err)))
		s->count++;
	return *place;
}

/* ---- placing ---- */

/* Orders rows by slot with a stable counting sort. */
static void order_rows(const struct sdp_bucket_table_rows *rows, struct sdp_placing *p)
{
	memset(p->ends, 0, p->count * sizeof *p->ends);
	for (size_t i = 0; i < rows->count; i++)
		p->ends[p->local[i]]++;
	uint32_t at = 0;
	for (size_t k = 0; k < p->count; k++) {
		uint32_t n = p->ends[k];
		p->ends[k] = at;
		at += n;
	}
	for (size_t i = 0; i < rows->count; i++)
		p->order[p->ends[p->local[i]]++] = rows->row[i];
}

static int place_samples(struct sdp_bucket_table *s, const struct sdp_bucket_table_plan *plan,
			 struct sdp_spill *spill, const struct sdp_bucket_table_rows *rows,
			 struct sdp_placing *p, struct sdp_err *err)
{
	size_t n = rows->count, each = sizeof(int64_t) + 2 * sizeof(uint32_t) +
				       plan->columns * sizeof(struct sdp_value);
	p->full = sdp_bucket_table_used(plan, spill) + n * each > plan->memory;
	if (p->full)
		return sdp_bucket_table_fail(plan, err);
	struct sdp_samples *block = sdp_spill_take(spill, sizeof *block + n * each, err);
	if (!block)
		return -1;
	block->count = n;
	block->values = (struct sdp_value *)(void *)(block + 1);
	block->second = (int64_t *)(void *)(block->values + n * plan->columns);
	block->nano = (uint32_t *)(void *)(block->second + n);
	block->group = block->nano + n;
	for (size_t i = 0; i < n; i++) {
		uint32_t row = rows->row[i];
		block->second[i] = rows->start[row];
		block->nano[i] = rows->nano[row];
		block->group[i] = rows->group ? rows->group[row] : 0;
		p->order[i] = row;
	}
	block->next = s->samples;
	s->samples = p->samples = block;
	s->sample_count += n;
	return 0;
}

int sdp_bucket_table_place(struct sdp_bucket_table *s, const struct sdp_bucket_table_plan *plan,
			   struct sdp_spill *spill, const struct sdp_bucket_table_rows *rows,
			   struct sdp_placing *p, struct sdp_err *err)
{
	struct sdp_slot *slot = NULL;
	bool sorted = true;
	p->count = 0;
	p->full = false;
	if (plan->samples)
		return place_samples(s, plan, spill, rows, p, err);
	for (size_t i = 0; i < rows->count; i++) {
		uint32_t row = rows->row[i], group = rows->group ? rows->group[row] : 0;
		if (!slot || slot->start != rows->start[row] || slot->group != group) {
			slot = find_or_make(s, plan, spill, rows->start[row], group, err);
			if (!slot) {
				p->full = sdp_bucket_table_used(plan, spill) > plan->memory;
				return -1;
			}
			bool known = slot->mark < p->count && p->slots[slot->mark] == slot;
			sorted &= !known;
			if (!known) {
				slot->mark = (uint32_t)p->count;
				p->slots[p->count++] = slot;
			}
		}
		slot->rows++;
		p->local[i] = slot->mark;
		p->order[i] = row;
		p->ends[slot->mark] = (uint32_t)i + 1;
	}
	if (!sorted)
		order_rows(rows, p);
	return 0;
}

/* ---- adding ---- */

static bool earlier(const struct sdp_timed_value *a, const struct sdp_timed_value *b, int sign)
{
	if (a->second != b->second)
		return sign > 0 ? a->second < b->second : a->second > b->second;
	if (a->nano != b->nano)
		return sign > 0 ? a->nano < b->nano : a->nano > b->nano;
	return sdp_value_compare(&a->value, &b->value) < 0;
}

static void update_ends(struct sdp_ends *ends, struct sdp_timed_value m)
{
	if (!ends->first.any || earlier(&m, &ends->first, 1))
		ends->first = m;
	if (!ends->last.any || earlier(&m, &ends->last, -1))
		ends->last = m;
}

/* Returns a row's number in a form that does not depend on the other rows of its block. */
static struct sdp_value value_of(const struct sdp_bucket_table_column *c, uint32_t row)
{
	struct sdp_value v = {c->scale[row], c->mantissa[row]};
	if (c->scale[row] == SDP_BUCKET_TABLE_REAL && c->rational)
		return (struct sdp_value){SDP_KEY_RATIONAL, c->mantissa[row]};
	if (c->scale[row] == SDP_BUCKET_TABLE_REAL)
		return (struct sdp_value){SDP_KEY_REAL, sdp_key_of_double(c->real[row])};
	if (c->scale[row] > SDP_SCALE_MAX)
		return (struct sdp_value){SDP_NO_VALUE, 0};
	sdp_decimal_canonical(&v.value, &v.kind);
	return v;
}

static void add_ends(struct sdp_ends *ends, const struct sdp_bucket_table_column *c,
		     const uint32_t *order, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t row = order[i];
		struct sdp_value v = value_of(c, row);
		if (v.kind != SDP_NO_VALUE)
			update_ends(ends, (struct sdp_timed_value){c->second[row], v, c->nano[row],
								   true});
	}
}

/* Adds n > 0 values of one kind. */
static int add_values(struct sdp_accumulator *tally, struct sdp_value_store *keys,
		      struct sdp_spill *spill, const int64_t *v, size_t n, int kind,
		      struct sdp_err *err)
{
	int64_t low = v[0], high = v[0];
	for (size_t i = 1; i < n; i++) {
		low = v[i] < low ? v[i] : low;
		high = v[i] > high ? v[i] : high;
	}
	if (kind <= SDP_SCALE_MAX &&
	    sdp_accumulator_add_decimals(tally, spill, v, n, kind, low, high, err) < 0)
		return -1;
	for (size_t i = 0; kind == SDP_KEY_REAL && i < n; i++)
		if (sdp_accumulator_add_real(tally, spill, sdp_key_to_double(v[i]), err) < 0)
			return -1;
	for (size_t i = 0; kind == SDP_KEY_RATIONAL && i < n; i++)
		if (sdp_accumulator_add_rational(tally, spill, (struct sdp_value){kind, v[i]},
						 err) < 0)
			return -1;
	return keys ? sdp_value_store_add(keys, spill, v, n, kind, low, high, err) : 0;
}

/* Copies the values of one kind to c->room, in the order of the rows.  Returns their number. */
static size_t gather(const struct sdp_bucket_table_column *c, const uint32_t *order, size_t n,
		     int kind)
{
	size_t count = 0;
	if (kind > SDP_SCALE_MAX) {
		for (size_t i = 0; i < n; i++)
			if (c->scale[order[i]] == SDP_BUCKET_TABLE_REAL)
				c->room[count++] = c->rational
							   ? c->mantissa[order[i]]
							   : sdp_key_of_double(c->real[order[i]]);
		return count;
	}
	for (size_t i = 0; i < n; i++) {
		c->room[count] = c->mantissa[order[i]];
		count += c->scale[order[i]] == kind;
	}
	return count;
}

static int add_run(const struct sdp_bucket_table_plan *plan, struct sdp_spill *spill,
		   struct sdp_slot *slot, size_t column, const struct sdp_bucket_table_column *c,
		   const uint32_t *order, size_t n, struct sdp_err *err)
{
	struct sdp_accumulator *tally = &slot->accumulators[column];
	struct sdp_value_store *keys = plan->keys ? &sdp_slot_keys(plan, slot)[column] : NULL;
	if (plan->ends)
		add_ends(&sdp_slot_ends(plan, slot)[column], c, order, n);
	if (c->plain && order[n - 1] - order[0] == n - 1)
		return add_values(tally, keys, spill, c->mantissa + order[0], n, c->low_scale, err);
	for (int scale = c->low_scale; scale <= c->high_scale; scale++) {
		size_t count = gather(c, order, n, scale);
		if (count && add_values(tally, keys, spill, c->room, count, scale, err) < 0)
			return -1;
	}
	int kind = c->rational ? SDP_KEY_RATIONAL : SDP_KEY_REAL;
	size_t reals = c->real ? gather(c, order, n, kind) : 0;
	return reals ? add_values(tally, keys, spill, c->room, reals, kind, err) : 0;
}

int sdp_bucket_table_add(const struct sdp_bucket_table_plan *plan, struct sdp_spill *spill,
			 const struct sdp_placing *p, size_t column,
			 const struct sdp_bucket_table_column *c, struct sdp_err *err)
{
	uint32_t from = 0;
	for (size_t i = 0; plan->samples && i < p->samples->count; i++)
		p->samples->values[i * plan->columns + column] = value_of(c, p->order[i]);
	for (size_t k = 0; k < p->count; k++) {
		if (add_run(plan, spill, p->slots[k], column, c, p->order + from, p->ends[k] - from,
			    err) < 0)
			return -1;
		from = p->ends[k];
	}
	return 0;
}

/* ---- merging ---- */

static int merge_slot(const struct sdp_bucket_table_plan *plan, struct sdp_slot *into,
		      struct sdp_slot *from, struct sdp_spill *spill, struct sdp_err *err)
{
	into->rows += from->rows;
	for (size_t c = 0; c < plan->columns; c++) {
		if (sdp_accumulator_merge(&into->accumulators[c], &from->accumulators[c], spill,
					  err) < 0)
			return -1;
		if (plan->ends && sdp_slot_ends(plan, from)[c].first.any) {
			update_ends(&sdp_slot_ends(plan, into)[c],
				    sdp_slot_ends(plan, from)[c].first);
			update_ends(&sdp_slot_ends(plan, into)[c],
				    sdp_slot_ends(plan, from)[c].last);
		}
		if (plan->keys &&
		    sdp_value_store_merge(&sdp_slot_keys(plan, into)[c],
					  &sdp_slot_keys(plan, from)[c], spill, err) < 0)
			return -1;
	}
	return 0;
}

int sdp_bucket_table_merge(struct sdp_bucket_table *into, struct sdp_bucket_table *from,
			   const struct sdp_bucket_table_plan *plan, struct sdp_spill *spill,
			   struct sdp_err *err)
{
	struct sdp_map_memory memory = sdp_map_spill(spill);
	uint32_t *numbers = NULL;
	if (into->capacity == 0 && into->groups.count == 0 && !into->samples) {
		*into = *from;
		return 0;
	}
	if (from->groups.count &&
	    !(numbers = sdp_spill_take(spill, from->groups.count * sizeof *numbers, err)))
		return -1;
	for (uint32_t i = 0; i < from->groups.count; i++) {
		const struct sdp_map_entry *g = &from->groups.entries[i];
		int64_t number = sdp_map_enter(&into->groups, g->key, g->length, &memory, err);
		if (number < 0)
			return -1;
		numbers[i] = (uint32_t)number;
	}
	into->sample_count += from->sample_count;
	while (from->samples) {
		struct sdp_samples *block = from->samples;
		from->samples = block->next;
		for (size_t i = 0; numbers && i < block->count; i++)
			block->group[i] = numbers[block->group[i]];
		block->next = into->samples;
		into->samples = block;
	}
	for (size_t i = 0; i < from->capacity; i++) {
		struct sdp_slot *slot = from->table[i];
		if (!slot)
			continue;
		if (make_room(into, plan, spill, err) < 0)
			return -1;
		slot->group = numbers ? numbers[slot->group] : 0;
		struct sdp_slot **place =
			place_of(plan, into->table, into->capacity, slot->start, slot->group);
		if (*place && merge_slot(plan, *place, slot, spill, err) < 0)
			return -1;
		if (!*place) {
			*place = slot;
			into->count++;
		}
	}
	return 0;
}
