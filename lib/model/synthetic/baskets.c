/* Generates market baskets: patterns of items that overlap and lose items, and planted sets. */
#include "base/portable_math.h"
#include "base/rng.h"
#include "model/synthetic/synthetic.h"

#include <stdbool.h>
#include <string.h>

enum {
	BODY_ITEMS = 1000,
	WORDS = (BODY_ITEMS + 63) / 64,
	PATTERNS = 200,
	PATTERN_MAX = 6,
	SLOTS = 4096,      /* the weight of a pattern is its number of slots */
	TRIES = 12,        /* maximum number of patterns added to a basket */
	BASKET_MAX = 1024, /* in bytes: 13 goods, and 12 patterns of 6 items of 5 bytes */
	BASKETS_A_RESERVE = 128,
};

#define PERCENT(p) ((uint32_t)((p)*65536 / 100.0 + 0.5))

/*
 * Draw numbers that synthetic.c does not use, so that the generators use independent random
 * numbers.
 */
#define DRAW_BASKET  UINT64_C(0x6261736b00000000)
#define DRAW_PATTERN UINT64_C(0x7061747400000000)

struct pattern {
	uint16_t items[PATTERN_MAX];
	uint8_t size, loss; /* loss: each item is omitted with probability loss/256 */
};

struct patterns {
	struct pattern list[PATTERNS];
	uint8_t slots[SLOTS];
};

static const char *const goods[] = {
	"apples",  "beer", "bread", "butter", "cereal",   "cheese",  "coffee",
	"diapers", "milk", "pasta", "sugar",  "tomatoes", "yoghurt",
};

enum {
	APPLES = 1,
	BEER = 2,
	BREAD = 4,
	BUTTER = 8,
	CEREAL = 16,
	CHEESE = 32,
	COFFEE = 64,
	DIAPERS = 128,
	MILK = 256,
	PASTA = 512,
	SUGAR = 1024,
	TOMATOES = 2048,
	YOGHURT = 4096,
	GOODS = sizeof goods / sizeof goods[0],
};

static const struct {
	uint32_t set, probability;
} planted[] = {
	{BEER | DIAPERS, PERCENT(8)},
	{BREAD | BUTTER | MILK, PERCENT(6)},
	{COFFEE | SUGAR, PERCENT(5)},
	{CHEESE | PASTA | TOMATOES, PERCENT(4)},
	{APPLES | CEREAL | YOGHURT, PERCENT(3)},
};

static uint32_t slice(uint64_t bits, unsigned i)
{
	return (uint32_t)(bits >> 16 * i & 0xffff);
}

static bool holds(const struct pattern *pattern, uint16_t item)
{
	for (int i = 0; i < pattern->size; i++)
		if (pattern->items[i] == item)
			return true;
	return false;
}

/*
 * Takes about half of the items of a pattern from the pattern before, and the others from all
 * items.
 */
static void pattern_init(struct pattern *pattern, const struct pattern *before, uint64_t seed,
			 uint64_t number)
{
	uint64_t bits = sdp_rng(seed, number, DRAW_PATTERN);
	int size = 2 + __builtin_popcount((unsigned)bits & 15);

	pattern->size = 0;
	pattern->loss = (uint8_t)(32 + (bits >> 4 & 63));
	for (int i = 0; before && i < before->size && pattern->size < size; i++)
		if (bits >> (16 + i) & 1)
			pattern->items[pattern->size++] = before->items[i];
	for (uint64_t draw = DRAW_PATTERN + 2; pattern->size < size; draw++) {
		uint64_t item = (sdp_rng(seed, number, draw) >> 32) * BODY_ITEMS >> 32;
		if (!holds(pattern, (uint16_t)item))
			pattern->items[pattern->size++] = (uint16_t)item;
	}
}

/* Weights are exponentially distributed: a few patterns are frequent, many are rare. */
static void patterns_init(struct patterns *patterns, uint64_t seed)
{
	double weights[PATTERNS], total = 0, sum = 0;
	int slot = 0;

	for (int i = 0; i < PATTERNS; i++) {
		pattern_init(&patterns->list[i], i ? &patterns->list[i - 1] : NULL, seed,
			     (uint64_t)i);
		weights[i] = -sdp_portable_log(sdp_rng_unit(seed, (uint64_t)i, DRAW_PATTERN + 1));
		total += weights[i];
	}
	for (int i = 0; i < PATTERNS; i++) {
		sum += weights[i];
		int end = i == PATTERNS - 1 ? SLOTS : (int)(sum / total * SLOTS);
		while (slot < end)
			patterns->slots[slot++] = (uint8_t)i;
	}
}

static uint32_t draw_goods(uint64_t seed, uint64_t record)
{
	uint64_t bits = sdp_rng(seed, record, DRAW_BASKET);
	uint64_t more = sdp_rng(seed, record, DRAW_BASKET + 1);
	uint32_t held = 0;

	for (unsigned i = 0; i < sizeof planted / sizeof planted[0]; i++)
		if (slice(i < 4 ? bits : more, i % 4) < planted[i].probability)
			held |= planted[i].set;
	if (slice(more, 1) < PERCENT(25))
		held |= UINT32_C(1) << (slice(more, 2) * GOODS >> 16);
	return held;
}

/* Adds patterns to the basket until it has the size drawn for it; it gets at least one item. */
static void draw_body(uint64_t held[WORDS], const struct patterns *patterns, uint64_t seed,
		      uint64_t record)
{
	uint64_t sizes = sdp_rng(seed, record, DRAW_BASKET + 1) >> 48;
	int size = 1 + __builtin_popcount((unsigned)sizes), count = 0;

	for (uint64_t i = 0; i < TRIES && count < size; i++) {
		uint64_t bits = sdp_rng(seed, record, DRAW_BASKET + 2 + i);
		const struct pattern *pattern = &patterns->list[patterns->slots[bits >> 52]];

		for (int j = 0; j < pattern->size; j++) {
			uint16_t item = pattern->items[j];
			uint64_t bit = UINT64_C(1) << item % 64;
			bool lost = (bits >> 8 * j & 255) < pattern->loss;

			if ((lost && count) || (held[item / 64] & bit))
				continue;
			held[item / 64] |= bit;
			count++;
		}
	}
}

static char *put_basket(char *p, uint32_t held_goods, const uint64_t held[WORDS],
			char names[BODY_ITEMS][4])
{
	for (; held_goods; held_goods &= held_goods - 1) {
		const char *name = goods[__builtin_ctz(held_goods)];
		size_t length = strlen(name);
		memcpy(p, name, length);
		p[length] = ' ';
		p += length + 1;
	}
	for (unsigned word = 0; word < WORDS; word++)
		for (uint64_t bits = held[word]; bits; bits &= bits - 1) {
			unsigned item = word * 64 + (unsigned)__builtin_ctzll(bits);
			memcpy(p, names[item], 4);
			p += 2 + (item >= 10) + (item >= 100);
			*p++ = ' ';
		}
	p[-1] = '\n';
	*p = '\0';
	return p;
}

static void names_init(char names[BODY_ITEMS][4])
{
	for (unsigned i = 0; i < BODY_ITEMS; i++) {
		char *p = names[i];
		*p++ = 'i';
		if (i >= 100)
			*p++ = (char)('0' + i / 100);
		if (i >= 10)
			*p++ = (char)('0' + i / 10 % 10);
		*p = (char)('0' + i % 10);
	}
}

int sdp_synthetic_baskets(uint64_t seed, uint64_t first, uint64_t count, struct sdp_buf *out,
			  struct sdp_err *err)
{
	struct patterns patterns;
	char names[BODY_ITEMS][4] = {{0}};

	patterns_init(&patterns, seed);
	names_init(names);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t held[WORDS] = {0};

		if (i % BASKETS_A_RESERVE == 0 &&
		    sdp_buf_reserve(out, BASKETS_A_RESERVE * BASKET_MAX, err) < 0)
			return -1;
		draw_body(held, &patterns, seed, first + i);
		char *p = put_basket(out->data + out->length, draw_goods(seed, first + i), held,
				     names);
		out->length = (size_t)(p - out->data);
	}
	return 0;
}
