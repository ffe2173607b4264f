/* Reads the values of a store: as numbers, as offsets in one order, or as 128-bit keys. */
#include "model/stats/value_view.h"

#include "base/rng.h"

#include <string.h>

enum { BATCH = 4096 };

static bool is_decimal(uint64_t kind)
{
	return kind <= SDP_SCALE_MAX;
}

static bool fits(int64_t value, int from, int to)
{
	int64_t v;
	return !__builtin_mul_overflow(value, sdp_pow10[to - from], &v);
}

static int64_t highest(const struct sdp_key_run *r)
{
	return (int64_t)((uint64_t)r->base + r->span);
}

void sdp_value_view_describe(const struct sdp_value_store *keys, struct sdp_value_view_content *c)
{
	*c = (struct sdp_value_view_content){.fits = true};
	for (const struct sdp_key_run *r = keys->runs; r; r = r->next) {
		if (r->kind == SDP_KEY_HASH)
			c->hashes += r->count;
		else if (r->kind == SDP_KEY_REAL)
			c->reals += r->count;
		else if (r->kind == SDP_KEY_RATIONAL)
			c->rationals += r->count;
		else
			c->decimals += r->count;
		if (is_decimal(r->kind) && r->kind > c->scale)
			c->scale = r->kind;
	}
	for (uint32_t i = 0; i < keys->capacity; i++) {
		const struct sdp_key_entry *e = &keys->table[i];
		if (keys->hashed) {
			c->hashes += e->count;
		} else if (e->count && e->extra == SDP_KEY_REAL) {
			c->reals += e->count;
		} else if (e->count && e->extra == SDP_KEY_RATIONAL) {
			c->rationals += e->count;
		} else if (e->count) {
			c->decimals += e->count;
			c->scale = (int)e->extra > c->scale ? (int)e->extra : c->scale;
		}
	}
	for (const struct sdp_key_run *r = keys->runs; r; r = r->next)
		if (is_decimal(r->kind))
			c->fits = c->fits && fits(r->base, r->kind, c->scale) &&
				  fits(highest(r), r->kind, c->scale);
	for (uint32_t i = 0; i < keys->capacity && !keys->hashed; i++)
		if (keys->table[i].count && is_decimal(keys->table[i].extra))
			c->fits = c->fits && fits((int64_t)keys->table[i].key,
						  (int)keys->table[i].extra, c->scale);
}

static bool shows(const struct sdp_value_view *view, uint64_t kind)
{
	switch (view->what) {
	case SDP_VALUE_VIEW_DECIMALS:
		return is_decimal(kind);
	case SDP_VALUE_VIEW_REALS:
		return kind == SDP_KEY_REAL;
	default:
		return is_decimal(kind) || kind == SDP_KEY_REAL;
	}
}

static int64_t shown(const struct sdp_value_view *view, int64_t value, uint64_t kind)
{
	if (view->what == SDP_VALUE_VIEW_DECIMALS)
		return value * sdp_pow10[view->scale - (int)kind];
	if (kind == SDP_KEY_REAL)
		return value;
	return sdp_key_of_decimal(value, (int)kind);
}

static void widen(struct sdp_value_view *view, int64_t *high, int64_t value, uint64_t count)
{
	if (view->values == 0 || value < view->origin)
		view->origin = value;
	if (view->values == 0 || value > *high)
		*high = value;
	view->values += count;
}

void sdp_value_view_init(struct sdp_value_view *view, const struct sdp_value_store *keys,
			 const struct sdp_spill *spill, enum sdp_value_view_what what, int scale)
{
	*view = (struct sdp_value_view){.keys = keys, .spill = spill, .what = what, .scale = scale};
	int64_t high = 0;
	for (const struct sdp_key_run *r = keys->runs; r; r = r->next)
		if (shows(view, r->kind)) {
			widen(view, &high, shown(view, r->base, r->kind), r->count);
			widen(view, &high, shown(view, highest(r), r->kind), 0);
		}
	for (uint32_t i = 0; i < keys->capacity && !keys->hashed; i++) {
		const struct sdp_key_entry *e = &keys->table[i];
		if (e->count && shows(view, e->extra))
			widen(view, &high, shown(view, (int64_t)e->key, e->extra), e->count);
	}
	view->span = (uint64_t)high - (uint64_t)view->origin;
}

/* Reads n offsets of a run, each of width bytes. */
static void unpack(uint64_t *to, const void *from, size_t n, int width)
{
	const uint8_t *b = from;
	const uint16_t *h = from;
	const uint32_t *w = from;
	for (size_t i = 0; width == 1 && i < n; i++)
		to[i] = b[i];
	for (size_t i = 0; width == 2 && i < n; i++)
		to[i] = h[i];
	for (size_t i = 0; width == 4 && i < n; i++)
		to[i] = w[i];
	if (width == 8)
		memcpy(to, from, n * sizeof *to);
}

static void show(const struct sdp_value_view *view, const struct sdp_key_run *r, uint64_t *keys,
		 size_t n)
{
	if (view->what == SDP_VALUE_VIEW_DOUBLES) {
		for (size_t i = 0; i < n; i++)
			keys[i] = (uint64_t)shown(view, (int64_t)((uint64_t)r->base + keys[i]),
						  r->kind) -
				  (uint64_t)view->origin;
		return;
	}
	uint64_t factor = r->kind == SDP_KEY_REAL ? 1 : (uint64_t)sdp_pow10[view->scale - r->kind];
	uint64_t add = (uint64_t)r->base * factor - (uint64_t)view->origin;
	if (factor == 1)
		for (size_t i = 0; i < n; i++)
			keys[i] += add;
	else
		for (size_t i = 0; i < n; i++)
			keys[i] = keys[i] * factor + add;
}

int sdp_value_view_visit(const struct sdp_value_view *view, sdp_value_view_visitor *visit,
			 void *context, struct sdp_err *err)
{
	uint64_t batch[BATCH], room[BATCH];
	for (const struct sdp_key_run *r = view->keys->runs; r; r = r->next) {
		if (!shows(view, r->kind))
			continue;
		for (uint64_t at = 0; at < r->count; at += BATCH) {
			size_t n = r->count - at < BATCH ? (size_t)(r->count - at) : BATCH;
			const void *p = sdp_spill_get(view->spill, &r->extent, at * r->width,
						      n * r->width, room, err);
			if (!p)
				return -1;
			unpack(batch, p, n, r->width);
			show(view, r, batch, n);
			visit(context, batch, n, 1);
		}
	}
	for (uint32_t i = 0; i < view->keys->capacity && !view->keys->hashed; i++) {
		const struct sdp_key_entry *e = &view->keys->table[i];
		if (!e->count || !shows(view, e->extra))
			continue;
		uint64_t key =
			(uint64_t)shown(view, (int64_t)e->key, e->extra) - (uint64_t)view->origin;
		visit(context, &key, 1, e->count);
	}
	return 0;
}

int sdp_value_view_values(const struct sdp_value_store *keys, const struct sdp_spill *spill,
			  sdp_value_visitor *visit, void *context, struct sdp_err *err)
{
	uint64_t batch[BATCH], room[BATCH];
	for (const struct sdp_key_run *r = keys->runs; r; r = r->next)
		for (uint64_t at = 0; at < r->count; at += BATCH) {
			size_t n = r->count - at < BATCH ? (size_t)(r->count - at) : BATCH;
			const void *p = sdp_spill_get(spill, &r->extent, at * r->width,
						      n * r->width, room, err);
			if (!p)
				return -1;
			unpack(batch, p, n, r->width);
			for (size_t i = 0; i < n; i++)
				batch[i] += (uint64_t)r->base;
			if (visit(context, r->kind, (const int64_t *)batch, n, 1) < 0)
				return -1;
		}
	for (uint32_t i = 0; i < keys->capacity; i++) {
		const struct sdp_key_entry *e = &keys->table[i];
		int64_t value = (int64_t)e->key;
		if (e->count && visit(context, (int)e->extra, &value, 1, e->count) < 0)
			return -1;
	}
	return 0;
}

/* Maps a decimal to two words, one-to-one.  The first word depends on all bits of the value. */
static void mix_decimal(int64_t mantissa, int scale, uint64_t pair[2])
{
	sdp_int128 v = (sdp_int128)mantissa * sdp_pow10[SDP_SCALE_MAX - scale];
	uint64_t low = (uint64_t)v, high = (uint64_t)(v >> 64);
	pair[1] = sdp_rng_mix(high);
	pair[0] = sdp_rng_mix(low + pair[1]);
}

static int pairs_of_run(const struct sdp_key_run *r, const struct sdp_spill *spill,
			sdp_value_view_visitor *visit, void *context, struct sdp_err *err)
{
	enum { PAIRS = BATCH / 2 };
	uint64_t batch[BATCH], room[BATCH];
	for (uint64_t at = 0; at < r->count; at += PAIRS) {
		size_t n = r->count - at < PAIRS ? (size_t)(r->count - at) : PAIRS;
		const void *p =
			sdp_spill_get(spill, &r->extent, at * r->width, n * r->width, room, err);
		if (!p)
			return -1;
		if (r->kind == SDP_KEY_HASH) {
			visit(context, p, n, 1);
			continue;
		}
		uint64_t offsets[PAIRS];
		unpack(offsets, p, n, r->width);
		for (size_t i = 0; i < n; i++)
			mix_decimal((int64_t)((uint64_t)r->base + offsets[i]), r->kind,
				    &batch[2 * i]);
		visit(context, batch, n, 1);
	}
	return 0;
}

int sdp_value_view_pairs(const struct sdp_value_store *keys, const struct sdp_spill *spill,
			 bool decimals, sdp_value_view_visitor *visit, void *context,
			 struct sdp_err *err)
{
	for (const struct sdp_key_run *r = keys->runs; r; r = r->next)
		if (decimals ? is_decimal(r->kind) : r->kind == SDP_KEY_HASH)
			if (pairs_of_run(r, spill, visit, context, err) < 0)
				return -1;
	for (uint32_t i = 0; i < keys->capacity; i++) {
		const struct sdp_key_entry *e = &keys->table[i];
		uint64_t pair[2] = {e->key, e->extra};
		if (!e->count || (decimals && !is_decimal(e->extra)))
			continue;
		if (decimals)
			mix_decimal((int64_t)e->key, (int)e->extra, pair);
		visit(context, pair, 1, e->count);
	}
	return 0;
}
