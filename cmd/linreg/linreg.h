/* What the files of sdp-linreg share. */
#ifndef SDP_CMD_LINREG_H
#define SDP_CMD_LINREG_H

#include "engine/design.h"
#include "model/regression/gram.h"
#include "model/regression/linreg.h"
#include "model/stats/quantile_select.h"
#include "sdp/doc.h"
#include "sdp/program.h"

enum {
	QUANTILES = 5,
	ROOT_COLUMNS = 100, /* of models whose predictions can have intervals, the intercept too */
};

struct params {
	struct sdp_common common;
	const char *target;
	struct sdp_list categorical, references;
	bool no_intercept;
	const char *collinear;
	double level, test_fraction;
	const char *predict;
	bool interval;
};

/*
 * First the chunks are read into a frame, then its blocks are the items of three passes: for the
 * Gram matrix, for the residuals, and once more for those near their quantiles, which are then
 * sorted.
 */
enum phase { READING, SUMMING, RESIDUALS, COLLECTING, SORTING };

struct plan {
	enum phase phase;
	const struct params *params;
	struct sdp_frame *frame;
	struct sdp_design *design;
	struct sdp_linreg_fit fit;
	double unit; /* a power of two near rmse: what residuals are summed in */
	struct sdp_quantile_select_plan plan;
	const struct own *root;
};

/* Sums over a set of rows of residuals in units of the plan's. */
struct errors {
	bool beyond; /* doubles: the sums lack something */
	struct sdp_exact_sum absolute, squares;
};

/* A block's first and last residual, for Durbin and Watson. */
struct edge {
	bool any;
	double first, last;
};

/* A state is that of the frame and this. */
struct own {
	struct sdp_gram *gram;
	struct edge *edges; /* a block */
	struct errors train, held;
	struct sdp_exact_sum steps; /* squared differences of residuals within blocks */
	struct sdp_real_sum held_target;
	struct sdp_quantile_select_counts *counts; /* of residuals */
	struct sdp_value_store collected;
	bool sorted;
	double quantiles[QUANTILES];
};

static inline size_t linreg_frame_size(const struct plan *plan)
{
	return (sdp_frame_state_size(plan->frame) + 63) / 64 * 64;
}

static inline struct own *linreg_own(const struct plan *plan, void *state)
{
	return (struct own *)(void *)((char *)state + linreg_frame_size(plan));
}

/* linreg_document.c: the members of the document. */
int linreg_emit(const void *plan, const void *root, cJSON *doc, struct sdp_err *err);

/* linreg_predict.c: the source's rows with predictions by a model's document. */
int linreg_predict(const struct params *params, const cJSON *doc, struct sdp_source *source,
		   struct sdp_err *err);

#endif
