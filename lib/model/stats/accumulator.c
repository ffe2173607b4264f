/*
 * An exact accumulator: one sum for the scale that comes first, and a linked list of sums for other
 * scales and for reals.
 */
#include "model/stats/accumulator.h"

#include <stddef.h>

struct sdp_accumulator_more {
	struct sdp_accumulator_more *next;
	int scale; /* SDP_KEY_REAL: real, else scaled */
	union {
		struct sdp_scaled_sum scaled;
		struct sdp_real_sum real;
	} sum;
};

static struct sdp_accumulator_more *more_of(struct sdp_accumulator *t, struct sdp_spill *spill,
					    int scale, struct sdp_err *err)
{
	for (struct sdp_accumulator_more *m = t->more; m; m = m->next)
		if (m->scale == scale)
			return m;
	/* Only a sum of reals needs the whole union. */
	size_t size = scale == SDP_KEY_REAL ? sizeof *t->more
					    : offsetof(struct sdp_accumulator_more, sum) +
						      sizeof(struct sdp_scaled_sum);
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
		if (low.kind != SDP_KEY_REAL)
			sdp_decimal_canonical(&low.value, &low.kind);
		t->low = low;
	}
	if (t->count == 0 || sdp_value_compare(&high, &t->high) > 0) {
		if (high.kind != SDP_KEY_REAL)
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

void sdp_accumulator_moments(const struct sdp_accumulator *t, struct sdp_moment_result *out)
{
	const struct sdp_scaled_sum *scaled[SDP_SCALE_MAX + 1] = {0};
	const struct sdp_real_sum *real = NULL;
	if (t->sum.count)
		scaled[t->scale] = &t->sum;
	for (const struct sdp_accumulator_more *m = t->more; m; m = m->next)
		if (m->scale == SDP_KEY_REAL)
			real = &m->sum.real;
		else
			scaled[m->scale] = &m->sum.scaled;
	sdp_exact_moments(scaled, real, out);
}

double sdp_value_double(struct sdp_value v)
{
	return v.kind == SDP_KEY_REAL ? sdp_key_to_double(v.value)
				      : sdp_decimal_to_double(v.value, v.kind);
}

double sdp_value_difference(struct sdp_value a, struct sdp_value b)
{
	struct sdp_scaled_sum sums[2] = {{0}};
	const struct sdp_scaled_sum *scaled[SDP_SCALE_MAX + 1] = {0};
	struct sdp_real_sum real = {0};
	struct sdp_moment_result m;
	struct sdp_value v[2] = {a, b};
	for (int i = 0; i < 2; i++) {
		int sign = i ? -1 : 1;
		if (v[i].kind == SDP_KEY_REAL) {
			sdp_real_sum_add(&real, sign * sdp_key_to_double(v[i].value));
			continue;
		}
		/* Two mantissas of one scale go to one sum. */
		struct sdp_scaled_sum *sum = i && scaled[v[1].kind] ? &sums[0] : &sums[i];
		sum->sum += (sdp_int128)sign * v[i].value;
		sum->count++;
		scaled[v[i].kind] = sum;
	}
	sdp_exact_moments(scaled, &real, &m);
	return m.sum;
}
