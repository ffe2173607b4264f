/*
 * An exact accumulator: one sum for the scale that comes first, and a linked list of sums for other
 * scales and for reals.
 */
#include "model/stats/accumulator.h"

#include <stddef.h>
#include <string.h>

/* Sums of decimals of any size, at one scale, as limbs in the spill. */
struct big_sum {
	int64_t scale;
	uint64_t count;
	struct {
		mp_limb_t *limbs;
		int64_t size, room; /* size is negative for a negative number */
	} sum, square;
};

struct sdp_accumulator_more {
	struct sdp_accumulator_more *next;
	int scale; /* SDP_KEY_REAL: real, else scaled */
	union {
		struct sdp_scaled_sum scaled;
		struct sdp_real_sum real;
		struct big_sum big;
	} sum;
};

static struct sdp_accumulator_more *more_of(struct sdp_accumulator *t, struct sdp_spill *spill,
					    int scale, struct sdp_err *err)
{
	for (struct sdp_accumulator_more *m = t->more; m; m = m->next)
		if (m->scale == scale)
			return m;
	/* Only a sum of reals needs the whole union. */
	size_t size = scale == SDP_KEY_REAL
			      ? sizeof *t->more
			      : offsetof(struct sdp_accumulator_more, sum) +
					(scale == SDP_KEY_RATIONAL ? sizeof(struct big_sum)
								   : sizeof(struct sdp_scaled_sum));
	struct sdp_accumulator_more *m = sdp_spill_take(spill, size, err);
	if (!m)
		return NULL;
	m->scale = scale;
	m->next = t->more;
	t->more = m;
	return m;
}

static struct sdp_scaled_sum *sum_of(struct sdp_accumulator *t, struct sdp_spill *spill, int scale,
				     struct sdp_err *err)
{
	if (t->sum.count == 0)
		t->scale = scale;
	if (t->scale == scale)
		return &t->sum;
	struct sdp_accumulator_more *m = more_of(t, spill, scale, err);
	return m ? &m->sum.scaled : NULL;
}

/*
 * Equal numbers may differ in scale.  The canonical form is kept, so that the result does not
 * depend on the order of the numbers.
 */
static void note_range(struct sdp_accumulator *t, struct sdp_value low, struct sdp_value high)
{
	if (t->count == 0 || sdp_value_compare(&low, &t->low) < 0) {
		if (low.kind <= SDP_SCALE_MAX)
			sdp_decimal_canonical(&low.value, &low.kind);
		t->low = low;
	}
	if (t->count == 0 || sdp_value_compare(&high, &t->high) > 0) {
		if (high.kind <= SDP_SCALE_MAX)
			sdp_decimal_canonical(&high.value, &high.kind);
		t->high = high;
	}
}

int sdp_accumulator_add_decimals(struct sdp_accumulator *t, struct sdp_spill *spill,
				 const int64_t *mantissa, size_t n, int scale, int64_t low,
				 int64_t high, struct sdp_err *err)
{
	struct sdp_scaled_sum *sum = sum_of(t, spill, scale, err);
	if (!sum)
		return -1;
	note_range(t, (struct sdp_value){scale, low}, (struct sdp_value){scale, high});
	sdp_scaled_sum_add(sum, mantissa, n);
	t->count += n;
	return 0;
}

int sdp_accumulator_add_real(struct sdp_accumulator *t, struct sdp_spill *spill, double value,
			     struct sdp_err *err)
{
	struct sdp_accumulator_more *m = more_of(t, spill, SDP_KEY_REAL, err);
	struct sdp_value v = {SDP_KEY_REAL, sdp_key_of_double(value)};
	if (!m)
		return -1;
	note_range(t, v, v);
	sdp_real_sum_add(&m->sum.real, value);
	t->count++;
	return 0;
}

/* ---- decimals of any size ---- */

static void add_big(struct sdp_totals *out, const struct big_sum *big)
{
	mpz_t sum, square;
	sdp_totals_add(out, mpz_roinit_n(sum, big->sum.limbs, big->sum.size),
		       mpz_roinit_n(square, big->square.limbs, big->square.size), big->scale,
		       big->count);
}

static int keep_limbs(mp_limb_t **limbs, int64_t *size, int64_t *room, const mpz_t from,
		      struct sdp_spill *spill, struct sdp_err *err)
{
	int64_t n = (int64_t)mpz_size(from);
	if (n > *room) {
		*room = 2 * n + 2;
		*limbs = sdp_spill_take(spill, (size_t)*room * sizeof **limbs, err);
		if (!*limbs)
			return -1;
	}
	*size = n * mpz_sgn(from);
	memcpy(*limbs, mpz_limbs_read(from), (size_t)n * sizeof **limbs);
	return 0;
}

static int keep_big(struct big_sum *big, const struct sdp_totals *from, struct sdp_spill *spill,
		    struct sdp_err *err)
{
	big->scale = from->scale;
	big->count = from->count;
	return keep_limbs(&big->sum.limbs, &big->sum.size, &big->sum.room, from->sum, spill, err) <
			       0
		       ? -1
		       : keep_limbs(&big->square.limbs, &big->square.size, &big->square.room,
				    from->square, spill, err);
}

int sdp_accumulator_add_rational(struct sdp_accumulator *t, struct sdp_spill *spill,
				 struct sdp_value value, struct sdp_err *err)
{
	struct sdp_accumulator_more *m = more_of(t, spill, SDP_KEY_RATIONAL, err);
	struct sdp_totals totals;
	mpz_t x, d;
	if (!m)
		return -1;
	note_range(t, value, value);
	t->count++;
	sdp_totals_init(&totals);
	mpz_inits(x, d, (mpz_ptr)NULL);
	if (m->sum.big.count)
		add_big(&totals, &m->sum.big);
	sdp_value_get(value, x, d);
	mpz_mul(d, x, x);
	sdp_totals_add(&totals, x, d, sdp_value_scale(value), 1);
	int rc = keep_big(&m->sum.big, &totals, spill, err);
	mpz_clears(x, d, (mpz_ptr)NULL);
	sdp_totals_clear(&totals);
	return rc;
}

static int merge_big(struct sdp_accumulator *into, const struct big_sum *from,
		     struct sdp_spill *spill, struct sdp_err *err)
{
	struct sdp_accumulator_more *m = more_of(into, spill, SDP_KEY_RATIONAL, err);
	struct sdp_totals totals;
	if (!m)
		return -1;
	sdp_totals_init(&totals);
	if (m->sum.big.count)
		add_big(&totals, &m->sum.big);
	add_big(&totals, from);
	int rc = keep_big(&m->sum.big, &totals, spill, err);
	sdp_totals_clear(&totals);
	return rc;
}

/* ---- merging and results ---- */

int sdp_accumulator_merge(struct sdp_accumulator *into, struct sdp_accumulator *from,
			  struct sdp_spill *spill, struct sdp_err *err)
{
	if (from->count == 0)
		return 0;
	if (into->count == 0) {
		*into = *from;
		return 0;
	}
	note_range(into, from->low, from->high);
	into->count += from->count;
	if (from->sum.count) {
		struct sdp_scaled_sum *sum = sum_of(into, spill, from->scale, err);
		if (!sum)
			return -1;
		sdp_scaled_sum_merge(sum, &from->sum);
	}
	for (struct sdp_accumulator_more *m = from->more; m; m = m->next) {
		bool real = m->scale == SDP_KEY_REAL;
		if (m->scale == SDP_KEY_RATIONAL) {
			if (merge_big(into, &m->sum.big, spill, err) < 0)
				return -1;
			continue;
		}
		struct sdp_accumulator_more *r = real ? more_of(into, spill, m->scale, err) : NULL;
		struct sdp_scaled_sum *sum = real ? NULL : sum_of(into, spill, m->scale, err);
		if (!r && !sum)
			return -1;
		if (real)
			sdp_real_sum_merge(&r->sum.real, &m->sum.real);
		else
			sdp_scaled_sum_merge(sum, &m->sum.scaled);
	}
	return 0;
}

void sdp_accumulator_totals(const struct sdp_accumulator *t, struct sdp_totals *out)
{
	const struct sdp_scaled_sum *scaled[SDP_SCALE_MAX + 1] = {0};
	const struct sdp_real_sum *real = NULL;
	const struct big_sum *big = NULL;
	if (t->sum.count)
		scaled[t->scale] = &t->sum;
	for (const struct sdp_accumulator_more *m = t->more; m; m = m->next)
		if (m->scale == SDP_KEY_REAL)
			real = &m->sum.real;
		else if (m->scale == SDP_KEY_RATIONAL)
			big = &m->sum.big;
		else
			scaled[m->scale] = &m->sum.scaled;
	sdp_totals_add_scaled(out, scaled);
	if (big)
		add_big(out, big);
	if (real)
		sdp_totals_add_real(out, real);
}

void sdp_accumulator_moments(const struct sdp_accumulator *t, struct sdp_moment_result *out)
{
	const struct sdp_scaled_sum *scaled[SDP_SCALE_MAX + 1] = {0};
	struct sdp_totals totals;
	if (!t->more) {
		if (t->sum.count)
			scaled[t->scale] = &t->sum;
		sdp_exact_moments(scaled, NULL, out);
		return;
	}
	sdp_totals_init(&totals);
	sdp_accumulator_totals(t, &totals);
	sdp_totals_moments(&totals, out);
	sdp_totals_clear(&totals);
}
