/* What the parts of sdp-logreg share. */
#ifndef SDP_CMD_LOGREG_H
#define SDP_CMD_LOGREG_H

#include "engine/design.h"
#include "model/regression/gram.h"
#include "model/regression/logreg_fit.h"
#include "model/regression/logreg_ranges.h"
#include "model/regression/logreg_score.h"
#include "sdp/program.h"

struct logreg_params {
	struct sdp_common common;
	const char *target, *positive, *predict, *collinear;
	struct sdp_list categorical, references;
	bool no_intercept, keep;
	double threshold, l2, level, test_fraction;
	int64_t max_iterations;
};

/*
 * Chunks are read into a frame.  Then passes over its blocks: one to measure columns, one for their
 * Gram matrix if some may depend on others, some to fit and, if need be, to look for separation,
 * the last of them to score rows too; one over ranges of scores for the areas under curves.
 */
enum logreg_phase { READ, MEASURE, GRAM, FIT, TEST, SCORE, RANK };

enum { TRAINED, HELD };

struct logreg_job {
	const struct logreg_params *params;
	enum logreg_phase phase;
	struct sdp_frame *frame;
	struct sdp_design *design;
	const char *labels[SDP_LOGREG_LABELS];    /* by code */
	unsigned char code_of[SDP_LOGREG_LABELS]; /* of a level of the target */
	size_t label_count;
	bool *dropped; /* a column of the design: it depends on others */
	bool ranked;   /* that is known for sure */
	struct sdp_logreg_ranges *ranges;
	struct sdp_logreg_fit fit;
	size_t stride; /* while the fit is rough, a pass takes every so many blocks */
	struct sdp_logreg_coefficient *coefficients;
	struct sdp_logreg_scores *scores; /* TRAINED and HELD */
	size_t curves, parts;
	uint64_t *bounds;           /* of each set of rows and curve, parts - 1 */
	struct sdp_auc_part *areas; /* the same, parts */
};

/* Columns that a measuring or a fit is about, without the intercept. */
static inline size_t logreg_features(const struct logreg_job *j)
{
	return j->design->count - j->design->intercept;
}

/*
 * What a pass over blocks that scores sums up: a set of scores each for both sets of rows, then
 * these.
 */
static inline struct sdp_logreg_sums *logreg_sums(const struct logreg_job *j, void *sums)
{
	return j->phase == SCORE ? (void *)((struct sdp_logreg_scores *)sums + 2) : sums;
}

/* In step, once the frame is ready: the labels, and their order. */
int logreg_settle_labels(struct logreg_job *plan, struct sdp_spill *spill, struct sdp_err *err);

/* Adds block number, or counts range number, to what the pass sums up. */
int logreg_item(const struct logreg_job *plan, void *sums, size_t number, struct sdp_work *work,
		struct sdp_err *err);

/* The document's members. */
int logreg_emit(const struct logreg_job *plan, cJSON *doc, struct sdp_err *err);

/* Rows with predictions, by the model that --predict names. */
int logreg_predict(const struct logreg_params *params, int count, char **operands,
		   struct sdp_err *err);

#endif
