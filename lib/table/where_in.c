/*
 * Lists of constants of an expression of --where: x in (1, 2.5, 3). Texts are looked up in a map,
 * numbers and times among sorted mantissas. These are made when they are first needed, for the
 * scale that the numbers of x have; and for numbers of x that are no decimals, with any number of
 * digits.
 */
#include "table/where_eval.h"

#include "base/order.h"
#include "sdp/mem.h"

#include <stdlib.h>
#include <string.h>

bool sdp_where_is_listed(const struct sdp_where_node *element)
{
	return element->type != SDP_WHERE_TYPE_BOOLEAN && sdp_where_is_constant(element);
}

static int add_texts(struct sdp_where_set *set, struct sdp_err *err)
{
	for (size_t i = 1; i < set->node->count; i++) {
		const struct sdp_where_node *e = set->node->operands[i];
		if (sdp_where_is_listed(e) &&
		    sdp_map_add(&set->texts, e->text, e->text_length, 0, err) < 0)
			return -1;
	}
	return 0;
}

int sdp_where_sets_find(struct sdp_where_scratch *s, struct sdp_err *err)
{
	size_t count = 0;
	for (size_t i = 0; i < s->where->count; i++)
		count += s->where->nodes[i]->kind == SDP_WHERE_IN;
	s->sets = sdp_alloc(count, sizeof *s->sets, err);
	if (!s->sets)
		return -1;
	for (size_t i = 0; i < s->where->count; i++) {
		const struct sdp_where_node *node = s->where->nodes[i];
		if (node->kind != SDP_WHERE_IN)
			continue;
		struct sdp_where_set *set = &s->sets[s->set_count++];
		set->node = node;
		if (node->operands[0]->type == SDP_WHERE_TYPE_STRING && add_texts(set, err) < 0)
			return -1;
	}
	return 0;
}

void sdp_where_sets_release(struct sdp_where_scratch *s)
{
	for (size_t i = 0; i < s->set_count; i++) {
		sdp_map_release(&s->sets[i].texts);
		for (size_t k = 0; k < sizeof s->sets[i].scales / sizeof *s->sets[i].scales; k++)
			free(s->sets[i].scales[k].items);
		for (size_t k = 0; k < s->sets[i].exact_count; k++)
			mpz_clear(s->sets[i].exact[k].mantissa);
		free(s->sets[i].exact);
	}
	free(s->sets);
}

static struct sdp_where_set *set_of(struct sdp_where_scratch *s, const struct sdp_where_node *node)
{
	for (size_t i = 0; i < s->set_count; i++)
		if (s->sets[i].node == node)
			return &s->sets[i];
	SDP_BUG();
}

SDP_ORDER_VALUES(by_mantissa, int64_t)

/* Returns the mantissas of the constants that are decimals of this scale. */
static const struct sdp_where_mantissas *
mantissas(struct sdp_where_scratch *s, struct sdp_where_set *set, int scale, struct sdp_err *err)
{
	struct sdp_where_mantissas *m =
		&set->scales[scale <= SDP_SCALE_MAX ? scale : SDP_SCALE_MAX + 1];
	mpz_t c, power;
	int64_t c_scale;
	if (m->ready && scale <= SDP_SCALE_MAX)
		return m;
	if (!m->items)
		m->items = sdp_alloc(set->node->count, sizeof *m->items, err);
	int rc = m->items ? 0 : -1;
	m->count = 0;
	mpz_inits(c, power, (mpz_ptr)NULL);
	for (size_t i = 1; rc == 0 && i < set->node->count; i++) {
		if (!sdp_where_is_listed(set->node->operands[i]))
			continue;
		rc = sdp_where_exact(s, set->node->operands[i], 0, c, &c_scale, err);
		if (rc < 0)
			break;
		mpz_ui_pow_ui(power, 10, (unsigned long)llabs(c_scale - scale));
		if (c_scale <= scale)
			mpz_mul(c, c, power);
		else if (mpz_divisible_p(c, power))
			mpz_divexact(c, c, power);
		else
			continue;
		if (mpz_fits_slong_p(c))
			m->items[m->count++] = mpz_get_si(c);
	}
	mpz_clears(c, power, (mpz_ptr)NULL);
	if (rc < 0)
		return NULL;
	if (m->count)
		qsort(m->items, m->count, sizeof *m->items, by_mantissa);
	m->ready = true;
	return m;
}

static bool has(const struct sdp_where_mantissas *m, int64_t mantissa)
{
	const int64_t *at = m->items;
	size_t count = m->count;
	while (count > 1) {
		size_t half = count / 2;
		at += at[half] <= mantissa ? half : 0;
		count -= half;
	}
	return count && *at == mantissa;
}

/* Computes a number that is not null, or a constant. */
static int constant_of(struct sdp_where_scratch *s, const struct sdp_where_node *node, size_t row,
		       struct sdp_where_constant *out, struct sdp_err *err)
{
	if (sdp_where_exact(s, node, row, out->mantissa, &out->scale, err) < 0)
		return -1;
	if (mpz_sgn(out->mantissa) == 0) {
		out->scale = 0;
	} else {
		mpz_t ten;
		mpz_init_set_ui(ten, 10);
		out->scale -= (int64_t)mpz_remove(out->mantissa, out->mantissa, ten);
		mpz_clear(ten);
	}
	return 0;
}

static int by_value(const void *a, const void *b)
{
	const struct sdp_where_constant *x = a, *y = b;
	return x->scale != y->scale ? (x->scale > y->scale) - (x->scale < y->scale)
				    : mpz_cmp(x->mantissa, y->mantissa);
}

/* Makes the sorted list of all constants. */
static int find_constants(struct sdp_where_scratch *s, struct sdp_where_set *set,
			  struct sdp_err *err)
{
	set->exact = sdp_alloc(set->node->count, sizeof *set->exact, err);
	if (!set->exact)
		return -1;
	for (size_t i = 1; i < set->node->count; i++) {
		struct sdp_where_constant *c = &set->exact[set->exact_count];
		if (!sdp_where_is_listed(set->node->operands[i]))
			continue;
		mpz_init(c->mantissa);
		set->exact_count++;
		if (constant_of(s, set->node->operands[i], 0, c, err) < 0)
			return -1;
	}
	qsort(set->exact, set->exact_count, sizeof *set->exact, by_value);
	return 0;
}

/* Looks up a number that is no decimal. */
static int has_exact(struct sdp_where_scratch *s, struct sdp_where_set *set, size_t row,
		     uint8_t *out, struct sdp_err *err)
{
	struct sdp_where_constant x;
	if (!set->exact && find_constants(s, set, err) < 0)
		return -1;
	mpz_init(x.mantissa);
	int rc = constant_of(s, set->node->operands[0], row, &x, err);
	if (rc == 0)
		*out = bsearch(&x, set->exact, set->exact_count, sizeof x, by_value)
			       ? SDP_WHERE_TRUE
			       : SDP_WHERE_FALSE;
	mpz_clear(x.mantissa);
	return rc;
}

static int numbers_in(struct sdp_where_scratch *s, struct sdp_where_set *set, uint8_t *out,
		      struct sdp_err *err)
{
	size_t used = s->vectors_used;
	struct sdp_where_numbers x;
	const struct sdp_where_mantissas *m = NULL;
	int rc = sdp_where_numbers_of(s, set->node->operands[0], &x, err);
	if (rc == 0)
		m = mantissas(s, set, x.scale, err);
	if (!m)
		return -1;
	for (size_t row = 0; rc == 0 && row < s->block->rows; row++) {
		if (x.state[row] <= SDP_SCALE_MAX)
			out[row] = has(m, x.mantissa[row]) ? SDP_WHERE_TRUE : SDP_WHERE_FALSE;
		else if (x.state[row] == SDP_CELL_REAL)
			rc = has_exact(s, set, row, &out[row], err);
		else
			out[row] = SDP_WHERE_NULL;
	}
	s->vectors_used = used;
	return rc;
}

static int texts_in(struct sdp_where_scratch *s, struct sdp_where_set *set, uint8_t *out,
		    struct sdp_err *err)
{
	for (size_t row = 0; row < s->block->rows; row++) {
		const char *text;
		size_t length;
		if (sdp_where_text(s, set->node->operands[0], row, &s->texts[0], &text, &length,
				   err) < 0)
			return -1;
		out[row] = !text                                            ? SDP_WHERE_NULL
			   : sdp_map_number(&set->texts, text, length) >= 0 ? SDP_WHERE_TRUE
									    : SDP_WHERE_FALSE;
	}
	return 0;
}

int sdp_where_in_set(struct sdp_where_scratch *s, const struct sdp_where_node *node, uint8_t *out,
		     struct sdp_err *err)
{
	struct sdp_where_set *set = set_of(s, node);
	const struct sdp_where_node *x = node->operands[0];
	if (x->type == SDP_WHERE_TYPE_STRING)
		return texts_in(s, set, out, err);
	for (size_t i = 1; x->type == SDP_WHERE_TYPE_TIME && i < node->count; i++)
		if (sdp_where_is_listed(node->operands[i]))
			sdp_where_check_zones(s, x, node->operands[i]);
	return numbers_in(s, set, out, err);
}
