/* Exact sums of pairs of columns. */
#include "model/stats/pair_sums.h"

#include "sdp/mem.h"

#include <string.h>

/* Of a column of l limbs: the number of rows, a sum for each limb, and one for each product. */
static size_t lack_size(size_t l)
{
	return 1 + l + l * (l + 1) / 2;
}

/* Returns whether the sums have that of x over the rows that y lacks. */
static bool has_lack(const struct sdp_pair_sums *s, size_t x, size_t y)
{
	return x != y && (s->against == SDP_PAIRS_ALL || s->against == x || s->against == y);
}

double sdp_pair_sums_bytes(const struct sdp_pair_unit *units, size_t count, size_t against,
			   bool nulls)
{
	double limbs = 0, lack = 0, grams = 0,
	       other = against == SDP_PAIRS_ALL ? 0 : (double)units[against].limbs;
	for (size_t i = 0; i < count; i++) {
		double both = (double)units[i].limbs + other;
		limbs += (double)units[i].limbs;
		lack += (double)lack_size(units[i].limbs);
		grams += both * (both + 1) / 2;
	}
	double products = against == SDP_PAIRS_ALL ? limbs * (limbs + 1) / 2 : grams;
	double lacks = !nulls ? 0 : lack * (against == SDP_PAIRS_ALL ? (double)count : 2);
	return sizeof(sdp_int128) * (products + lacks + limbs) + 128 * (double)count;
}

/* Returns an empty matrix for a number of limbs. */
static struct sdp_gram *new_gram(size_t limbs, struct sdp_spill *spill, struct sdp_err *err)
{
	struct sdp_gram *gram = sdp_spill_take(spill, sdp_gram_size(limbs), err);
	if (gram)
		gram->limbs = limbs;
	return gram;
}

static int make_grams(struct sdp_pair_sums *s, struct sdp_spill *spill, struct sdp_err *err)
{
	size_t grams = s->against == SDP_PAIRS_ALL ? 1 : s->count;
	if (!(s->grams = sdp_spill_take(spill, grams * sizeof *s->grams, err)))
		return -1;
	for (size_t i = 0; i < grams; i++) {
		size_t limbs = s->against == SDP_PAIRS_ALL ? s->limbs
			       : s->against == i           ? s->columns[i].unit.limbs
							   : s->columns[i].unit.limbs +
							   s->columns[s->against].unit.limbs;
		if (!(s->grams[i] = new_gram(limbs, spill, err)))
			return -1;
	}
	return 0;
}

struct sdp_pair_sums *sdp_pair_sums_new(const struct sdp_pair_unit *units, size_t count,
					size_t against, struct sdp_spill *spill,
					struct sdp_err *err)
{
	struct sdp_pair_sums *s = sdp_spill_take(spill, sizeof *s, err);
	if (!s || !(s->columns = sdp_spill_take(spill, count * sizeof *s->columns, err)) ||
	    !(s->nulls = sdp_spill_take(spill, count * sizeof *s->nulls, err)) ||
	    !(s->lacks = sdp_spill_take(spill, count * sizeof(sdp_int128 *), err)))
		return NULL;
	s->count = count;
	s->against = against;
	for (size_t i = 0; i < count; i++) {
		s->columns[i] = (struct sdp_pair_column){units[i], s->limbs, s->lack};
		s->limbs += units[i].limbs;
		s->lack += lack_size(units[i].limbs);
	}
	s->sums = sdp_spill_take(spill, s->limbs * sizeof *s->sums, err);
	return s->sums && make_grams(s, spill, err) == 0 ? s : NULL;
}

/* ---- adding ---- */

static void add_products(struct sdp_pair_sums *s, int32_t *tile, size_t n)
{
	if (s->against == SDP_PAIRS_ALL) {
		sdp_gram_add(s->grams[0], tile, n);
		return;
	}
	const struct sdp_pair_column *y = &s->columns[s->against];
	int32_t *pair = tile + s->limbs * SDP_TILE;
	memcpy(pair, tile + y->limb * SDP_TILE, y->unit.limbs * SDP_TILE * sizeof *tile);
	for (size_t i = 0; i < s->count; i++) {
		const struct sdp_pair_column *x = &s->columns[i];
		if (i != s->against)
			memcpy(pair + y->unit.limbs * SDP_TILE, tile + x->limb * SDP_TILE,
			       x->unit.limbs * SDP_TILE * sizeof *tile);
		sdp_gram_add(s->grams[i], pair, n);
	}
}

/* Adds the rows that y lacks to the sums of x. A sum of products stays below 2^62. */
static void add_lack(const struct sdp_pair_column *x, const int32_t *tile,
		     const struct sdp_pair_nulls *x_nulls, const struct sdp_pair_nulls *y_nulls,
		     sdp_int128 *lack)
{
	sdp_int128 *sums = lack + x->lack;
	uint64_t both = 0;
	for (size_t i = 0; x_nulls->count && i < y_nulls->count; i++)
		both += x_nulls->bits[y_nulls->rows[i] / 64] >> y_nulls->rows[i] % 64 & 1;
	*sums++ += both;
	for (size_t a = 0; a < x->unit.limbs; a++) {
		const int32_t *u = tile + (x->limb + a) * SDP_TILE;
		int64_t sum = 0;
		for (size_t i = 0; i < y_nulls->count; i++)
			sum += u[y_nulls->rows[i]];
		*sums++ += sum;
		for (size_t b = 0; b <= a; b++) {
			const int32_t *v = tile + (x->limb + b) * SDP_TILE;
			int64_t product = 0;
			for (size_t i = 0; i < y_nulls->count; i++)
				product += (int64_t)u[y_nulls->rows[i]] * v[y_nulls->rows[i]];
			*sums++ += product;
		}
	}
}

int sdp_pair_sums_add(struct sdp_pair_sums *s, int32_t *tile, size_t n,
		      const struct sdp_pair_nulls *nulls, struct sdp_spill *spill,
		      struct sdp_err *err)
{
	s->rows += n;
	for (size_t i = 0; i < s->limbs; i++) {
		int64_t sum = 0;
		for (size_t row = 0; row < n; row++)
			sum += tile[i * SDP_TILE + row];
		s->sums[i] += sum;
	}
	for (size_t y = 0; y < s->count; y++) {
		s->nulls[y] += nulls[y].count;
		if (nulls[y].count && !s->lacks[y] &&
		    !(s->lacks[y] = sdp_spill_take(spill, s->lack * sizeof(sdp_int128), err)))
			return -1;
	}
	for (size_t x = 0; x < s->count; x++)
		for (size_t y = 0; y < s->count; y++)
			if (nulls[y].count && has_lack(s, x, y))
				add_lack(&s->columns[x], tile, &nulls[x], &nulls[y], s->lacks[y]);
	add_products(s, tile, n);
	return 0;
}

/* ---- merging ---- */

bool sdp_pair_sums_match(const struct sdp_pair_sums *a, const struct sdp_pair_sums *b)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->columns[i].unit.tens != b->columns[i].unit.tens ||
		    a->columns[i].unit.limbs != b->columns[i].unit.limbs)
			return false;
	return true;
}

void sdp_pair_sums_merge(struct sdp_pair_sums *a, const struct sdp_pair_sums *b)
{
	a->rows += b->rows;
	for (size_t i = 0; i < a->limbs; i++)
		a->sums[i] += b->sums[i];
	for (size_t i = 0; i < (a->against == SDP_PAIRS_ALL ? 1 : a->count); i++)
		sdp_gram_merge(a->grams[i], b->grams[i]);
	for (size_t i = 0; i < a->count; i++) {
		a->nulls[i] += b->nulls[i];
		for (size_t k = 0; a->lacks[i] && b->lacks[i] && k < a->lack; k++)
			a->lacks[i][k] += b->lacks[i][k];
		if (!a->lacks[i])
			a->lacks[i] = b->lacks[i];
	}
}

/* ---- totals ---- */

void sdp_pair_total_init(struct sdp_pair_total *t)
{
	mpz_inits(t->x, t->y, t->xx, t->yy, t->xy, (mpz_ptr)NULL);
}

void sdp_pair_total_clear(struct sdp_pair_total *t)
{
	mpz_clears(t->x, t->y, t->xx, t->yy, t->xy, (mpz_ptr)NULL);
}

/* Adds sum × 2^(27·power), or subtracts it. */
static void add_shifted(mpz_t out, sdp_int128 sum, size_t power, bool subtract)
{
	mpz_t term;
	mpz_init_set_si(term, (long)(sum >> 64));
	mpz_mul_2exp(term, term, 64);
	mpz_add_ui(term, term, (unsigned long)sum);
	mpz_mul_2exp(term, term, power * SDP_LIMB_BITS);
	(subtract ? mpz_sub : mpz_add)(out, out, term);
	mpz_clear(term);
}

/* Returns the place of a column in a matrix of sums. */
static struct sdp_gram_column place(const struct sdp_pair_sums *s, size_t column)
{
	bool second = s->against != SDP_PAIRS_ALL && s->against != column;
	size_t first = s->against == SDP_PAIRS_ALL ? s->columns[column].limb : 0;
	return (struct sdp_gram_column){second ? s->columns[s->against].unit.limbs : first,
					s->columns[column].unit.limbs};
}

/* Computes Σx and Σx² over the rows in which x and y have a value. */
static void sums_of(const struct sdp_pair_sums *s, size_t x, size_t y, mpz_t sum, mpz_t square)
{
	const struct sdp_pair_column *c = &s->columns[x];
	struct sdp_gram_column at = place(s, x);
	mpz_set_ui(sum, 0);
	for (size_t a = 0; a < c->unit.limbs; a++)
		add_shifted(sum, s->sums[c->limb + a], a, false);
	sdp_gram_product(s->grams[s->against == SDP_PAIRS_ALL ? 0 : x], &at, &at, square);
	if (!s->lacks[y] || x == y)
		return;
	const sdp_int128 *lack = s->lacks[y] + c->lack + 1;
	for (size_t a = 0; a < c->unit.limbs; a++) {
		add_shifted(sum, *lack++, a, true);
		for (size_t b = 0; b <= a; b++, lack++) {
			add_shifted(square, *lack, a + b, true);
			if (a != b)
				add_shifted(square, *lack, a + b, true);
		}
	}
}

static void times_tens(mpz_t number, int tens)
{
	mpz_t power;
	if (tens == 0)
		return;
	mpz_init(power);
	mpz_ui_pow_ui(power, 10, (unsigned long)tens);
	mpz_mul(number, number, power);
	mpz_clear(power);
}

static void add_total(const struct sdp_pair_sums *s, size_t x, size_t y, struct sdp_pair_total *t)
{
	struct sdp_pair_total own;
	struct sdp_gram_column a = place(s, x), b = place(s, y);
	int up_x = t->x_tens - s->columns[x].unit.tens, up_y = t->y_tens - s->columns[y].unit.tens;
	size_t gram = s->against == SDP_PAIRS_ALL ? 0 : x == s->against ? y : x;
	sdp_pair_total_init(&own);
	sums_of(s, x, y, own.x, own.xx);
	sums_of(s, y, x, own.y, own.yy);
	sdp_gram_product(s->grams[gram], &a, &b, own.xy);
	times_tens(own.x, up_x);
	times_tens(own.xx, 2 * up_x);
	times_tens(own.y, up_y);
	times_tens(own.yy, 2 * up_y);
	times_tens(own.xy, up_x + up_y);
	mpz_add(t->x, t->x, own.x);
	mpz_add(t->y, t->y, own.y);
	mpz_add(t->xx, t->xx, own.xx);
	mpz_add(t->yy, t->yy, own.yy);
	mpz_add(t->xy, t->xy, own.xy);
	sdp_pair_total_clear(&own);
	t->n += s->rows - s->nulls[x];
	if (x != y)
		t->n -= s->nulls[y];
	if (x != y && s->lacks[y])
		t->n += (uint64_t)s->lacks[y][s->columns[x].lack];
}

void sdp_pair_total(const struct sdp_pair_sums *list, size_t x, size_t y, struct sdp_pair_total *t)
{
	t->n = 0;
	t->x_tens = t->y_tens = 0;
	for (const struct sdp_pair_sums *s = list; s; s = s->next) {
		int a = s->columns[x].unit.tens, b = s->columns[y].unit.tens;
		t->x_tens = a > t->x_tens ? a : t->x_tens;
		t->y_tens = b > t->y_tens ? b : t->y_tens;
	}
	mpz_set_ui(t->x, 0);
	mpz_set_ui(t->y, 0);
	mpz_set_ui(t->xx, 0);
	mpz_set_ui(t->yy, 0);
	mpz_set_ui(t->xy, 0);
	for (const struct sdp_pair_sums *s = list; s; s = s->next)
		add_total(s, x, y, t);
}
