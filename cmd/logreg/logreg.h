/*
 * The types and functions that the files of sdp-logreg share. A plan and its states are in shared
 * memory of the spill, which the engine frees.
 */
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
	const char *target, *positive, *predict;
	enum sdp_collinear collinear;
	struct sdp_list categorical, references;
	bool no_intercept, keep;
	double threshold, l2, level, test_fraction;
	int64_t max_iterations;
};

/*
 * First the chunks are read into a frame. The blocks of the frame are then the items of several
 * passes: MEASURE finds the ranges of columns, GRAM sums their Gram matrix if some columns may
 * depend on others, FIT takes a step of the fit, TEST looks for separation if necessary, and SCORE
 * scores the rows with the final coefficients. The items of RANK are ranges of scores, for the
 * areas under curves.
 */
enum logreg_phase { READ, MEASURE, GRAM, FIT, TEST, SCORE, RANK };

enum { TRAINED, HELD };

struct logreg_plan {
	const struct logreg_params *params;
	enum logreg_phase phase;
	struct sdp_frame *frame;
	struct sdp_design *design;
	const char *labels[SDP_LOGREG_LABELS];    /* by code */
	unsigned char code_of[SDP_LOGREG_LABELS]; /* by level of the target */
	size_t label_count;
	bool *dropped; /* per column of the design: whether it depends on others */
	bool ranked;   /* whether dropped is final */
	struct sdp_logreg_ranges *ranges;
	struct sdp_logreg_fit fit;
	size_t stride; /* while the fit is rough, a pass reads every stride-th block */
	struct sdp_logreg_coefficient *coefficients;
	struct sdp_logreg_scores *scores; /* two: TRAINED and HELD */
	size_t curves, parts;
	uint64_t *bounds;           /* parts - 1 values per set of rows and curve */
	struct sdp_auc_part *areas; /* parts values per set of rows and curve */
};

/* Returns the number of the design's columns without the intercept. */
static inline size_t logreg_features(const struct logreg_plan *j)
{
	return j->design->count - j->design->intercept;
}

/* Returns the sums of the fit. In the pass SCORE they follow the scores of both sets of rows. */
static inline struct sdp_logreg_sums *logreg_sums(const struct logreg_plan *j, void *sums)
{
	return j->phase == SCORE ? (void *)((struct sdp_logreg_scores *)sums + 2) : sums;
}

/* Prints the frame's warnings that were not printed yet. */
void logreg_print_warnings(const struct logreg_plan *plan);

/* Chooses the labels and their order. step calls this when the frame is ready. */
int logreg_settle_labels(struct logreg_plan *plan, struct sdp_spill *spill, struct sdp_err *err);

/* Adds block number, or in the pass RANK range number, to the sums of the pass. */
int logreg_item(const struct logreg_plan *plan, void *sums, size_t number, struct sdp_work *work,
		struct sdp_err *err);

/* Writes the members of the document. */
int logreg_emit(const struct logreg_plan *plan, cJSON *doc, struct sdp_err *err);

/* A tile of new rows, from row `from` of their block on, and the model. */
struct logreg_far {
	const struct sdp_design *design;
	const struct sdp_logreg_shape *shape;
	const size_t *used; /* the column of the design for each column of the shape */
	const double *theta;
	const struct sdp_design_cells *cells;
	size_t from;
};

/*
 * Computes the probabilities of a row of the block whose linear predictors exceed the doubles, one
 * per label. Returns false if rounding errors leave them unknown.
 */
bool logreg_far_probabilities(const struct logreg_far *far, size_t row,
			      double probability[SDP_LOGREG_LABELS]);
/* Fails at the largest number of such a row. */
int logreg_far_fail(const struct logreg_far *far, const struct sdp_block *block, size_t row,
		    struct sdp_err *err);

/* Prints the rows of the operands with predictions by the model of --predict. */
int logreg_predict(const struct logreg_params *params, int count, char **operands,
		   struct sdp_err *err);

#endif
