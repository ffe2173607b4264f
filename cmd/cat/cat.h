/*
 * Which of the rows that --where wants sdp-cat prints. The options apply in this order: --part,
 * --sample, --tail, --head.
 */
#ifndef SDP_CMD_CAT_H
#define SDP_CMD_CAT_H

#include "base/rng.h"
#include "cli/decode.h"
#include "sdp/program.h"
#include "table/source.h"

/* The choices of --part. */
enum cat_part { CAT_PART_ALL, CAT_PART_TRAIN, CAT_PART_TEST };

struct params {
	struct sdp_common common;
	int64_t head; /* -1: all */
	int64_t tail; /* -1: all */
	bool count;
	const char *sample; /* "N" or "P%"; NULL: all */
	double test_fraction;
	enum cat_part part;
	struct sdp_pdf_params pdf;
};

/* The place of a row in the input. */
struct cat_place {
	uint32_t input;
	uint64_t record;
};

/* A row with its random draw, by which rows are ordered; equal draws by their places. */
struct cat_draw {
	uint64_t draw;
	struct cat_place place;
};

/* Which rows are chosen; {0}: all. It does not change while the input is read. */
struct cat_choice {
	uint64_t seed;
	enum cat_part part;
	double test_fraction;
	/* Of --sample: a share, or the rows with draws up to a last one; at most one of them. */
	bool by_share, by_draw;
	double share;
	struct cat_draw last;
	/* Of --tail: the rows from this place on. */
	bool from_place;
	struct cat_place first;
};

/* Compare two places, or two draws; below, at or above 0. */
static inline int cat_compare_places(const struct cat_place *a, const struct cat_place *b)
{
	if (a->input != b->input)
		return a->input < b->input ? -1 : 1;
	return (a->record > b->record) - (a->record < b->record);
}

static inline int cat_compare_draws(const struct cat_draw *a, const struct cat_draw *b)
{
	if (a->draw != b->draw)
		return a->draw < b->draw ? -1 : 1;
	return cat_compare_places(&a->place, &b->place);
}

/* Returns the draw of a row of a block. */
static inline struct cat_draw cat_draw_of(const struct cat_choice *choice,
					  const struct sdp_block *block, size_t row)
{
	uint64_t record = sdp_block_record(block, row);
	return (struct cat_draw){sdp_rng(sdp_rng_input(choice->seed, block->input), record,
					 SDP_DRAW_SAMPLE),
				 {block->input, record}};
}

/*
 * Makes the choice from the options, and sets it for the source. If it depends on all rows
 * (--sample N, --tail), reads the input for that. choice must outlive the source.
 */
int cat_choose(const struct params *params, struct sdp_source *source, struct cat_choice *choice,
	       struct sdp_err *err);

/* Fails with SDP_USAGE if options do not fit together. */
int cat_check(const struct params *params, struct sdp_err *err);

/* Finds the draw of the last of the count rows with the lowest draws, if there are so many. */
int cat_sample(const struct params *params, struct sdp_source *source, uint64_t count,
	       struct cat_choice *choice, struct sdp_err *err);

/* Finds the place of the first of the last count rows, if there are so many. */
int cat_tail(const struct params *params, struct sdp_source *source, uint64_t count,
	     struct cat_choice *choice, struct sdp_err *err);

#endif
