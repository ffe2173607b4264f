/* Generates the CSV rows of sdp-sample. */
#include "model/synthetic/synthetic.h"

#include "base/calendar.h"
#include "base/portable_math.h"
#include "base/rng.h"

#include <stdbool.h>
#include <string.h>

/*
 * All printed numbers are rounded to integers in millionths before y is computed from them, so the
 * relation of y is integer arithmetic on exactly the numbers in the row.
 */

enum {
	MINUTES_A_DAY = 1440,
	ROW_MAX = 384, /* upper bound for the bytes of a row */
	ROWS_A_RESERVE = 128,
	CUSTOMERS = 50000,
	QUANTITIES = 1000,
};

/* Events occur if a 16-bit slice of a draw is below a threshold. */
#define PERCENT(p) ((uint32_t)((p)*65536 / 100.0 + 0.5))

enum draw {
	DRAW_X1,
	DRAW_X2,
	DRAW_X3,
	DRAW_X4,
	DRAW_X5,
	DRAW_X6,
	DRAW_NOISE,
	DRAW_LABEL,
	DRAW_CHOICE,  /* 16-bit slices: category, cluster, null */
	DRAW_INTEGER, /* 32-bit halves: customer, quantity */
	DRAW_ITEMS,   /* this draw and the two draws after it */
};

const char sdp_synthetic_header[] = "id,ts,category,customer,x1,x2,x3,x4,x5,x6,qty,y,label,items\n";

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324"
				  "25262728293031323334353637383940414243444546474849"
				  "50515253545556575859606162636465666768697071727374"
				  "75767778798081828384858687888990919293949596979899";

struct clock {
	int64_t day;                   /* day of text, since 2020-01-01; -1 if there is none yet */
	char text[11];                 /* "2020-01-01T" */
	int64_t season[MINUTES_A_DAY]; /* millionths */
};

struct row {
	int64_t x[6], y; /* millionths */
	uint32_t category, customer, quantity;
	bool x3_null, label;
};

static char *put_pair(char *p, uint32_t n)
{
	memcpy(p, digit_pairs + 2 * n, 2);
	return p + 2;
}

static char *put_integer(char *p, uint64_t n)
{
	char text[20], *from = text + sizeof text;

	while (n >= 100) {
		from -= 2;
		put_pair(from, (uint32_t)(n % 100));
		n /= 100;
	}
	if (n >= 10) {
		from -= 2;
		put_pair(from, (uint32_t)n);
	} else {
		*--from = (char)('0' + n);
	}
	size_t length = (size_t)(text + sizeof text - from);
	memcpy(p, from, length);
	return p + length;
}

/* Writes a number of millionths with six decimals, |n| < 2^32 × 10^6. */
static char *put_millionths(char *p, int64_t n)
{
	if (n < 0)
		*p++ = '-';
	uint64_t absolute = n < 0 ? -(uint64_t)n : (uint64_t)n;
	uint32_t whole = (uint32_t)(absolute / 1000000), part = (uint32_t)(absolute % 1000000);

	p = put_integer(p, whole);
	*p++ = '.';
	p = put_pair(p, part / 10000);
	p = put_pair(p, part / 100 % 100);
	return put_pair(p, part % 100);
}

static char *put_text(char *p, const char *text)
{
	size_t length = strlen(text);

	memcpy(p, text, length);
	return p + length;
}

static int64_t millionths(double x)
{
	return (int64_t)(x * 1e6 + (x < 0 ? -0.5 : 0.5));
}

static uint32_t slice(uint64_t bits, int i)
{
	return (uint32_t)(bits >> 16 * i & 0xffff);
}

/* Returns a uniform number in 0 … n−1 from 32 random bits. */
static uint32_t below(uint32_t bits, uint32_t n)
{
	return (uint32_t)((uint64_t)bits * n >> 32);
}

/* day is counted from 2020-01-01. */
static void clock_set_day(struct clock *clock, int64_t day)
{
	struct sdp_date date = sdp_date_of_days(day + 18262);
	char *p = put_pair(clock->text, (uint32_t)date.year / 100);

	p = put_pair(p, (uint32_t)date.year % 100);
	*p++ = '-';
	p = put_pair(p, (uint32_t)date.month);
	*p++ = '-';
	p = put_pair(p, (uint32_t)date.day);
	*p = 'T';
	clock->day = day;
}

static void clock_init(struct clock *clock)
{
	clock->day = -1;
	for (unsigned i = 0; i < MINUTES_A_DAY; i++)
		clock->season[i] = millionths(2 * sdp_portable_sin_turn(i, MINUTES_A_DAY));
}

static char *put_time(char *p, struct clock *clock, uint64_t minutes)
{
	uint32_t minute = (uint32_t)(minutes % MINUTES_A_DAY);

	if (clock->day != (int64_t)(minutes / MINUTES_A_DAY))
		clock_set_day(clock, (int64_t)(minutes / MINUTES_A_DAY));
	memcpy(p, clock->text, sizeof clock->text);
	p = put_pair(p + sizeof clock->text, minute / 60);
	*p++ = ':';
	p = put_pair(p, minute % 60);
	memcpy(p, ":00", 3);
	return p + 3;
}

static double normal(uint64_t seed, uint64_t record, enum draw draw)
{
	return sdp_portable_normal(sdp_rng_unit(seed, record, draw));
}

static void draw_row(struct row *row, uint64_t seed, uint64_t record, int64_t season)
{
	static const double centers[3][2] = {{-3, -3}, {0, 4}, {4, -1}};
	uint64_t choice = sdp_rng(seed, record, DRAW_CHOICE);
	uint64_t integers = sdp_rng(seed, record, DRAW_INTEGER);
	uint32_t c = slice(choice, 0), k = slice(choice, 1);
	const double *center = centers[(k >= PERCENT(50)) + (k >= PERCENT(80))];
	int64_t *x = row->x;

	x[0] = millionths(normal(seed, record, DRAW_X1));
	x[1] = millionths(5 + 2 * normal(seed, record, DRAW_X2));
	x[2] = (int64_t)below((uint32_t)(sdp_rng(seed, record, DRAW_X3) >> 32), 1000001) * 100;
	x[3] = millionths(-3 * sdp_portable_log(sdp_rng_unit(seed, record, DRAW_X4)));
	x[4] = millionths(center[0] + 0.6 * normal(seed, record, DRAW_X5));
	x[5] = millionths(center[1] + 0.6 * normal(seed, record, DRAW_X6));
	row->x3_null = slice(choice, 2) < PERCENT(2);

	int64_t noise = millionths(normal(seed, record, DRAW_NOISE));
	int64_t tenths = 30000000 + 20 * x[0] - 15 * x[1] + x[2] + 7 * x[3] + 10 * (season + noise);
	row->y = (tenths + (tenths < 0 ? -5 : 5)) / 10;

	/* u < 1/(1 + exp(−t)) without computing exp: the logit of u is below t. */
	double u = sdp_rng_unit(seed, record, DRAW_LABEL);
	double t = (double)(2500000 + x[0]) - (double)x[1] / 2;
	row->label = sdp_portable_log(u / (1 - u)) * 1e6 < t;

	row->category = (c >= PERCENT(40)) + (c >= PERCENT(70)) + (c >= PERCENT(90));
	row->customer = below((uint32_t)integers, CUSTOMERS);
	row->quantity = below((uint32_t)(integers >> 32), QUANTITIES);
}

/* An item: its probability alone, and its probability if all items of `with` are in the basket. */
struct item {
	const char *name;
	uint32_t with; /* bits of earlier items; 0 if there are none */
	uint32_t probability, probability_with;
};

static const struct item items[] = {
	{"apples", 0, PERCENT(20), 0},
	{"bread", 0, PERCENT(35), 0},
	{"butter", 1 << 1, PERCENT(10), PERCENT(60)},
	{"coffee", 0, PERCENT(25), 0},
	{"sugar", 1 << 3, PERCENT(5), PERCENT(50)},
	{"diapers", 0, PERCENT(12), 0},
	{"beer", 1 << 5, PERCENT(15), PERCENT(70)},
	{"milk", 0, PERCENT(30), 0},
	{"cereal", 1 << 7, PERCENT(8), PERCENT(60)},
	{"pasta", 0, PERCENT(20), 0},
	{"tomatoes", 0, PERCENT(25), 0},
	{"cheese", 1 << 9 | 1 << 10, PERCENT(10), PERCENT(80)},
};

/* Writes the items.  An empty basket would be a null, so it contains water instead. */
static char *put_items(char *p, uint64_t seed, uint64_t record)
{
	uint64_t bits = 0;
	uint32_t held = 0;

	for (unsigned i = 0; i < sizeof items / sizeof items[0]; i++) {
		const struct item *item = &items[i];
		if (i % 4 == 0)
			bits = sdp_rng(seed, record, DRAW_ITEMS + i / 4);
		bool together = item->with && (held & item->with) == item->with;
		if (slice(bits, (int)(i % 4)) >=
		    (together ? item->probability_with : item->probability))
			continue;
		if (held)
			*p++ = ' ';
		p = put_text(p, item->name);
		held |= UINT32_C(1) << i;
	}
	return held ? p : put_text(p, "water");
}

static char *put_row(char *p, const struct row *row, struct clock *clock, uint64_t record)
{
	static const char *const categories[] = {"alpha", "beta", "gamma", "delta"};

	p = put_integer(p, record + 1);
	*p++ = ',';
	p = put_time(p, clock, record);
	*p++ = ',';
	p = put_text(p, categories[row->category]);
	p = put_text(p, ",\"cust, ");
	p = put_integer(p, row->customer);
	*p++ = '"';
	for (int i = 0; i < 6; i++) {
		*p++ = ',';
		if (i == 2 && row->x3_null)
			continue;
		p = put_millionths(p, row->x[i]);
		if (i == 2)
			p -= 2; /* x3 has four decimals */
	}
	*p++ = ',';
	p = put_integer(p, row->quantity);
	*p++ = ',';
	p = put_millionths(p, row->y);
	*p++ = ',';
	*p++ = row->label ? '1' : '0';
	*p++ = ',';
	return p;
}

int sdp_synthetic_rows(uint64_t seed, uint64_t first, uint64_t count, struct sdp_buf *out,
		       struct sdp_err *err)
{
	struct clock clock;

	clock_init(&clock);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t record = first + i;
		struct row row;

		if (i % ROWS_A_RESERVE == 0 &&
		    sdp_buf_reserve(out, ROWS_A_RESERVE * ROW_MAX, err) < 0)
			return -1;
		draw_row(&row, seed, record, clock.season[record % MINUTES_A_DAY]);
		char *p = put_row(out->data + out->length, &row, &clock, record);
		p = put_items(p, seed, record);
		*p++ = '\n';
		*p = '\0';
		out->length = (size_t)(p - out->data);
	}
	return 0;
}
