/* Chooses rows by --part, --sample and --tail. */
#include "base/rng.h"
#include "base/share.h"
#include "cat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_chosen(const struct cat_choice *c, const struct sdp_block *block, uint64_t seed,
		      size_t row)
{
	struct cat_place place = {block->input, sdp_block_record(block, row)};
	bool held_out =
		c->part && sdp_rng_unit(seed, place.record, SDP_DRAW_TEST) < c->test_fraction;
	if (c->part && held_out != (c->part == CAT_PART_TEST))
		return false;
	if (c->by_share && !(sdp_rng_unit(seed, place.record, SDP_DRAW_SAMPLE) < c->share))
		return false;
	if (c->by_draw) {
		struct cat_draw draw = cat_draw_of(c, block, row);
		if (cat_compare_draws(&draw, &c->last) > 0)
			return false;
	}
	return !c->from_place || cat_compare_places(&place, &c->first) >= 0;
}

static void choose(const void *context, const struct sdp_block *block, uint8_t *wanted)
{
	const struct cat_choice *c = context;
	uint64_t seed = sdp_rng_input(c->seed, block->input);
	for (size_t row = 0; row < block->rows; row++)
		wanted[row] = is_chosen(c, block, seed, row);
}

/* Parses --sample: a number of rows, or a percentage. */
static int parse_sample(const char *text, struct cat_choice *choice, uint64_t *count,
			struct sdp_err *err)
{
	struct sdp_number number;
	bool percent;
	size_t digits = strspn(text, "0123456789");
	if (sdp_share_parse(text, &number, &percent) && percent) {
		choice->by_share = true;
		choice->share = number.real;
		return 0;
	}
	errno = 0;
	*count = strtoull(text, NULL, 10);
	if (digits > 0 && text[digits] == '\0' && errno == 0)
		return 0;
	return sdp_fail(err, SDP_USAGE,
			"--sample: neither a number of rows nor a percentage from 0%% to 100%%: "
			"'%s'",
			text);
}

int cat_check(const struct params *p, struct sdp_err *err)
{
	struct cat_choice choice = {0};
	uint64_t count;
	bool fraction = sdp_given(&p->common, "test-fraction");
	if (fraction && !p->part)
		return sdp_fail(err, SDP_USAGE,
				"--test-fraction: which part of the rows, --part train or test?");
	if (p->part && !fraction)
		return sdp_fail(err, SDP_USAGE, "--part needs --test-fraction");
	if (!p->sample && !p->part && sdp_given(&p->common, "seed"))
		return sdp_fail(err, SDP_USAGE, "--seed has no effect without --sample or --part");
	return p->sample ? parse_sample(p->sample, &choice, &count, err) : 0;
}

int cat_choose(const struct params *p, struct sdp_source *source, struct cat_choice *choice,
	       struct sdp_err *err)
{
	uint64_t count = 0;
	*choice = (struct cat_choice){.seed = (uint64_t)p->common.seed,
				      .part = p->part,
				      .test_fraction = p->test_fraction};
	if (!p->sample && !p->part && p->tail < 0)
		return 0;
	if (p->sample && parse_sample(p->sample, choice, &count, err) < 0)
		return -1;
	sdp_source_choose_rows(source, (struct sdp_row_choice){choose, choice});
	if (p->sample && !choice->by_share && cat_sample(p, source, count, choice, err) < 0)
		return -1;
	return p->tail < 0 ? 0 : cat_tail(p, source, (uint64_t)p->tail, choice, err);
}
