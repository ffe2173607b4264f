/* Adds blocks of rows to the sums of the passes of sdp-logreg. */
#include "logreg.h"

#include "base/limbs.h"

#include <stdlib.h>

static const size_t ALIGNED = 64;

/* A tile: up to SDP_TILE rows of the design, with scratch memory for their arithmetic. */
struct tile {
	double *values;
	const double **columns;
	unsigned char *codes;
	int64_t *levels;
	int32_t *limbs;
	void *design, *arithmetic; /* scratch */
};

static int take_tile(const struct logreg_plan *j, struct sdp_work *work, struct tile *t,
		     struct sdp_err *err)
{
	size_t values = j->design->count * SDP_TILE * sizeof(double);
	size_t columns = (j->design->count * sizeof(double *) / ALIGNED + 1) * ALIGNED;
	size_t design = (sdp_design_scratch(j->design) / ALIGNED + 1) * ALIGNED;
	size_t limbs = j->phase == GRAM ? j->design->limbs * SDP_TILE * sizeof *t->limbs : 0;
	size_t arithmetic = j->phase < FIT ? 0 : sdp_logreg_scratch(&j->fit.shape, j->fit.parts);
	char *room = sdp_work_scratch(work,
				      values + columns + SDP_TILE * 9 + limbs + design + arithmetic,
				      err);
	if (!room)
		return -1;
	t->values = (double *)(void *)room;
	t->columns = (const double **)(void *)(room += values);
	t->codes = (unsigned char *)(room += columns);
	t->levels = (int64_t *)(void *)(room += SDP_TILE);
	t->limbs = (int32_t *)(void *)(room += SDP_TILE * sizeof(int64_t));
	t->design = room += limbs;
	t->arithmetic = room + design;
	return 0;
}

static struct sdp_logreg_rows fill_tile(const struct logreg_plan *j,
					const struct sdp_frame_rows *rows, size_t from, size_t n,
					struct tile *t)
{
	size_t count = 0;
	sdp_design_doubles(j->design, rows, from, n, t->values, SDP_TILE, t->design);
	sdp_frame_integers(j->frame, rows, 0, from, n, t->levels);
	for (size_t i = 0; i < n; i++)
		t->codes[i] = j->code_of[t->levels[i]];
	for (size_t c = j->design->intercept; c < j->design->count; c++)
		if (!j->dropped[c])
			t->columns[count++] = t->values + c * SDP_TILE;
	return (struct sdp_logreg_rows){n, t->columns, t->codes};
}

/* Adds rows that are either all training rows or all test rows. */
static int add_rows(const struct logreg_plan *j, const struct sdp_logreg_rows *rows, bool held,
		    void *sums, struct sdp_logreg_scorer *scorer, struct tile *t,
		    struct sdp_err *err)
{
	const struct sdp_logreg_fit *f = &j->fit;
	switch (j->phase) {
	case MEASURE:
		sdp_logreg_ranges_add(sums, logreg_features(j), j->label_count, rows);
		return 0;
	case TEST:
		sdp_logreg_margins_add(&f->shape, f->directions, rows, sums, t->arithmetic);
		return 0;
	case FIT:
		return sdp_logreg_add(&f->shape, f->theta, f->parts, rows, sums, t->arithmetic,
				      NULL, NULL, err);
	default:
		scorer->scores = (struct sdp_logreg_scores *)sums + held;
		return sdp_logreg_add(&f->shape, f->theta, f->parts, rows,
				      held ? NULL : logreg_sums(j, sums), t->arithmetic,
				      sdp_logreg_score, scorer, err);
	}
}

static void add_products(const struct logreg_plan *j, struct sdp_gram *gram,
			 const struct sdp_frame_rows *rows, struct tile *t)
{
	for (size_t from = 0, n; from < rows->train; from += n) {
		n = rows->train - from < SDP_TILE ? rows->train - from : SDP_TILE;
		sdp_design_limbs(j->design, rows, from, n, t->limbs, t->design);
		sdp_gram_add(gram, t->limbs, n);
	}
}

static int add_block(const struct logreg_plan *j, void *sums, const struct sdp_frame_rows *rows,
		     struct sdp_work *work, struct sdp_err *err)
{
	struct sdp_logreg_scorer scorer = {.shape = &j->fit.shape,
					   .spill = &work->spill,
					   .threshold = j->params->threshold};
	struct tile t;
	bool scoring = j->phase == SCORE;
	int rc = take_tile(j, work, &t, err);
	if (rc == 0 && j->phase == GRAM)
		add_products(j, sums, rows, &t);
	if (rc < 0 || j->phase == GRAM)
		return rc;
	if (scoring)
		rc = sdp_logreg_scorer_init(&scorer, err);
	for (int held = 0; rc == 0 && held <= scoring; held++) {
		size_t end = held ? rows->rows : rows->train;
		for (size_t from = held ? rows->train : 0, n; rc == 0 && from < end; from += n) {
			n = end - from < SDP_TILE ? end - from : SDP_TILE;
			struct sdp_logreg_rows part = fill_tile(j, rows, from, n, &t);
			rc = add_rows(j, &part, held, sums, &scorer, &t, err);
		}
		scorer.scores = (struct sdp_logreg_scores *)sums + held;
		if (rc == 0 && scoring)
			rc = sdp_logreg_scorer_finish(&scorer, err);
	}
	sdp_logreg_scorer_release(&scorer);
	return rc;
}

int logreg_item(const struct logreg_plan *j, void *sums, size_t number, struct sdp_work *work,
		struct sdp_err *err)
{
	if (j->phase == RANK) {
		size_t curve = number / j->parts, part = number % j->parts;
		const uint64_t *bounds = j->bounds + curve * (j->parts - 1);
		return sdp_auc_count(&j->scores[curve / j->curves].auc[curve % j->curves],
				     &work->spill, part ? bounds[part - 1] : 0,
				     part + 1 < j->parts ? bounds[part] : 0,
				     (struct sdp_auc_part *)sums + number, err);
	}
	struct sdp_frame_rows rows = {0};
	int rc = sdp_frame_load(j->frame, j->phase == FIT ? number * j->stride : number,
				&work->spill, &rows, err);
	if (rc == 0)
		rc = add_block(j, sums, &rows, work, err);
	free(rows.room);
	return rc;
}
