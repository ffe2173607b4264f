/*
 * Spearman's r and Kendall's tau-b of two ranked columns.
 *
 * If one of them lacks values, the ranks of the other are those among all its values.  They still
 * tell the order, so counting how often each occurs on the common rows gives the ranks among those.
 */
#include "model/stats/ranks.h"

#include "base/rational.h"
#include "sdp/mem.h"

#include <math.h>
#include <string.h>

/* A pair on the rows in which both have a value. */
struct pair {
	size_t n, levels;  /* levels: ranks are below it */
	uint32_t *x, *y;   /* the ranks of these rows, in one order */
	uint32_t *u, *v;   /* how many rows have each rank */
	uint32_t *room[2]; /* n each */
};

uint64_t sdp_rank_pair_memory(uint64_t n)
{
	return (4 * n + 3 * (2 * n + 1)) * sizeof(uint32_t);
}

static int take_pair(struct pair *p, const uint32_t *x, const uint32_t *y, size_t n,
		     struct sdp_err *err)
{
	*p = (struct pair){.levels = 2 * n + 1};
	p->x = sdp_alloc(4 * n + 2 * p->levels, sizeof *p->x, err);
	if (!p->x)
		return -1;
	p->y = p->x + n;
	p->room[0] = p->y + n;
	p->room[1] = p->room[0] + n;
	p->u = p->room[1] + n;
	p->v = p->u + p->levels;
	for (size_t i = 0; i < n; i++) {
		if (!x[i] || !y[i])
			continue;
		p->x[p->n] = x[i];
		p->y[p->n++] = y[i];
		p->u[x[i]]++;
		p->v[y[i]]++;
	}
	return 0;
}

/* ---- Spearman ---- */

/* Replaces the count of each rank by the doubled rank among the common rows. */
static void rank_again(uint32_t *counts, size_t levels)
{
	uint32_t before = 0;
	for (size_t i = 0; i < levels; i++) {
		uint32_t count = counts[i];
		counts[i] = 2 * before + 1 + count;
		before += count;
	}
}

static void set_wide(mpz_t out, sdp_uint128 value)
{
	mpz_set_ui(out, (unsigned long)(value >> 64));
	mpz_mul_2exp(out, out, 64);
	mpz_add_ui(out, out, (unsigned long)value);
}

static void set_total(const struct pair *p, sdp_uint128 xx, sdp_uint128 yy, sdp_uint128 xy,
		      struct sdp_correlation *out)
{
	struct sdp_pair_total total = {.n = p->n};
	sdp_pair_total_init(&total);
	mpz_set_ui(total.x, p->n);
	mpz_mul_ui(total.x, total.x, p->n + 1); /* the sum of 2, 4, …, 2n */
	mpz_set(total.y, total.x);
	set_wide(total.xx, xx);
	set_wide(total.yy, yy);
	set_wide(total.xy, xy);
	sdp_correlation_pearson(&total, out);
	out->ci_low = out->ci_high = NAN;
	sdp_pair_total_clear(&total);
}

/* Returns Σ x y, of ranks below 2^32. The halves of the products are summed apart. */
static sdp_uint128 sum_products(const uint32_t *x, const uint32_t *y, size_t n)
{
	uint64_t low = 0, high = 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t product = (uint64_t)x[i] * y[i];
		low += (uint32_t)product;
		high += product >> 32;
	}
	return ((sdp_uint128)high << 32) + low;
}

/* Computes r if no row lacks a value. Returns whether that is so. */
static bool correlate_complete(const uint32_t *x, const uint32_t *y, size_t n,
			       struct sdp_correlation *out)
{
	struct pair p = {.n = n};
	uint32_t least = UINT32_MAX;
	for (size_t i = 0; i < n; i++) {
		least = x[i] < least ? x[i] : least;
		least = y[i] < least ? y[i] : least;
	}
	if (least)
		set_total(&p, sum_products(x, x, n), sum_products(y, y, n), sum_products(x, y, n),
			  out);
	return least > 0;
}

int sdp_rank_spearman(const uint32_t *x, const uint32_t *y, size_t n, struct sdp_correlation *out,
		      struct sdp_err *err)
{
	struct pair p;
	sdp_uint128 xx = 0, yy = 0, xy = 0;
	if (correlate_complete(x, y, n, out))
		return 0;
	if (take_pair(&p, x, y, n, err) < 0)
		return -1;
	rank_again(p.u, p.levels);
	rank_again(p.v, p.levels);
	for (size_t i = 0; i < p.n; i++) {
		uint64_t a = p.u[p.x[i]], b = p.v[p.y[i]];
		xx += a * a;
		yy += b * b;
		xy += a * b;
	}
	set_total(&p, xx, yy, xy, out);
	free(p.x);
	return 0;
}

/* ---- Kendall ---- */

/* Sums over the sets of equal values, of size u. */
struct ties {
	uint64_t pairs;       /* Σ u (u - 1) / 2 */
	sdp_uint128 triples;  /* Σ u (u - 1) (u - 2) */
	sdp_uint128 variance; /* Σ u (u - 1) (2u + 5) */
};

static struct ties find_ties(const uint32_t *counts, size_t levels)
{
	struct ties t = {0};
	for (size_t i = 0; i < levels; i++) {
		uint64_t u = counts[i];
		if (u < 2)
			continue;
		t.pairs += u * (u - 1) / 2;
		t.triples += (sdp_uint128)(u * (u - 1)) * (u - 2);
		t.variance += (sdp_uint128)(u * (u - 1)) * (2 * u + 5);
	}
	return t;
}

/* Orders the rows by key, keeping the order of equal keys. counts are those of the keys. */
static void order_by(const uint32_t *key, const uint32_t *counts, size_t levels, size_t n,
		     uint32_t *places, uint32_t *x, uint32_t *y, uint32_t *room_x, uint32_t *room_y)
{
	uint32_t before = 0;
	for (size_t i = 0; i < levels; i++) {
		places[i] = before;
		before += counts[i];
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t to = places[key[i]]++;
		room_x[to] = x[i];
		room_y[to] = y[i];
	}
	memcpy(x, room_x, n * sizeof *x);
	memcpy(y, room_y, n * sizeof *y);
}

/* Sorts values by merging and returns the number of pairs that were in descending order. */
static uint64_t count_inversions(uint32_t *values, uint32_t *room, size_t n)
{
	uint64_t inversions = 0;
	for (size_t run = 1; run < n; run *= 2) {
		for (size_t from = 0; from < n; from += 2 * run) {
			size_t middle = from + run < n ? from + run : n,
			       end = from + 2 * run < n ? from + 2 * run : n, i = from, j = middle;
			for (size_t k = from; k < end; k++) {
				bool right = i == middle || (j < end && values[j] < values[i]);
				inversions += right ? middle - i : 0;
				room[k] = right ? values[j++] : values[i++];
			}
		}
		uint32_t *swap = values;
		values = room;
		room = swap;
	}
	return inversions;
}

/* Returns the number of pairs of rows that are equal in both columns; rows are in order. */
static uint64_t count_equal(const struct pair *p)
{
	uint64_t pairs = 0;
	for (size_t first = 0, end; first < p->n; first = end) {
		for (end = first + 1;
		     end < p->n && p->x[end] == p->x[first] && p->y[end] == p->y[first];)
			end++;
		pairs += (uint64_t)(end - first) * (end - first - 1) / 2;
	}
	return pairs;
}

/*
 * Computes V × 18 M (n - 2), where V is the variance of the difference of concordant and discordant
 * pairs and M = n (n - 1), and 18 M (n - 2).
 */
static void find_variance(uint64_t n, const struct ties *u, const struct ties *v, mpz_t variance,
			  mpz_t divisor)
{
	mpz_t term, other;
	mpz_inits(term, other, (mpz_ptr)NULL);
	mpz_set_ui(divisor, n);
	mpz_mul_ui(divisor, divisor, n - 1);
	mpz_mul_ui(variance, divisor, 2 * n + 5);
	set_wide(term, u->variance + v->variance);
	mpz_sub(variance, variance, term);
	mpz_mul_ui(divisor, divisor, n - 2);
	mpz_mul(variance, variance, divisor);
	mpz_set_ui(term, u->pairs);
	mpz_mul_ui(term, term, v->pairs);
	mpz_mul_ui(term, term, n - 2);
	mpz_addmul_ui(variance, term, 36);
	set_wide(term, u->triples);
	set_wide(other, v->triples);
	mpz_mul(term, term, other);
	mpz_addmul_ui(variance, term, 2);
	mpz_mul_ui(divisor, divisor, 18);
	mpz_clears(term, other, (mpz_ptr)NULL);
}

/* Sets r and p from the difference of concordant and discordant pairs. */
static void find_tau(uint64_t n, int64_t difference, const struct ties *u, const struct ties *v,
		     struct sdp_correlation *out)
{
	uint64_t all = n * (n - 1) / 2;
	mpz_t square, product, variance, divisor;
	if (n < 3 || u->pairs == all || v->pairs == all)
		return;
	mpz_inits(square, product, variance, divisor, (mpz_ptr)NULL);
	mpz_set_si(square, difference);
	mpz_mul(square, square, square);
	mpz_set_ui(product, all - u->pairs);
	mpz_mul_ui(product, product, all - v->pairs);
	out->r = sdp_quotient_round(square, product, 0, true);
	out->r = difference < 0 ? -out->r : out->r;
	find_variance(n, u, v, variance, divisor);
	mpz_mul(square, square, divisor);
	out->p = erfc(sdp_quotient_round(square, variance, 0, true) * sqrt(0.5));
	mpz_clears(square, product, variance, divisor, (mpz_ptr)NULL);
}

int sdp_rank_kendall(const uint32_t *x, const uint32_t *y, size_t n, struct sdp_correlation *out,
		     struct sdp_err *err)
{
	struct pair p;
	if (take_pair(&p, x, y, n, err) < 0)
		return -1;
	uint32_t *places = sdp_alloc(p.levels, sizeof *places, err);
	if (!places) {
		free(p.x);
		return -1;
	}
	*out = (struct sdp_correlation){p.n, NAN, NAN, NAN, NAN};
	struct ties u = find_ties(p.u, p.levels), v = find_ties(p.v, p.levels);
	order_by(p.y, p.v, p.levels, p.n, places, p.x, p.y, p.room[0], p.room[1]);
	order_by(p.x, p.u, p.levels, p.n, places, p.x, p.y, p.room[0], p.room[1]);
	uint64_t equal = count_equal(&p), discordant = count_inversions(p.y, p.room[0], p.n);
	int64_t all = (int64_t)(p.n * (p.n - (p.n > 0)) / 2);
	find_tau(p.n,
		 all - (int64_t)u.pairs - (int64_t)v.pairs + (int64_t)equal -
			 2 * (int64_t)discordant,
		 &u, &v, out);
	free(places);
	free(p.x);
	return 0;
}
