/*
 * The types and functions that the files of sdp-linreg share. A plan and its states are in shared
 * memory of the spill, which the engine frees.
 */
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
	ROOT_COLUMNS = 100, /* most columns for intervals of predictions, with the intercept */
};

struct params {
	struct sdp_common common;
	const char *target;
	struct sdp_list categorical, references;
	bool no_intercept;
	enum sdp_collinear collinear;
	double level, test_fraction;
	const char *predict;
	bool interval;
};

/*
 * First the chunks are read into a frame. The blocks of the frame are then the items of three
 * passes: the first sums the Gram matrix, the second computes the residuals and counts them in
 * intervals, and the third collects the residuals near their quantiles. At last these are sorted.
 */
enum phase { READING, SUMMING, RESIDUALS, COLLECTING, SORTING };

struct plan {
	enum phase phase;
	const struct params *params;
	struct sdp_frame *frame;
	struct sdp_design *design;
	struct sdp_linreg_fit fit;
	const char *digits; /* those of fit */
	double unit;        /* a power of two near rmse; the unit of the sums of residuals */
	struct sdp_quantile_select_plan plan;
	const struct own_state *root;
};

/* Sums over a set of rows of absolute and squared residuals, in the plan's unit. */
struct errors {
	bool beyond; /* a value exceeded the range of doubles, so the sums are incomplete */
	struct sdp_exact_sum absolute, squares;
};

/* The first and last residual of a block, for the Durbin-Watson statistic. */
struct edge {
	bool any;
	double first, last;
};

/* The part of a state after that of the frame. */
struct own_state {
	struct sdp_gram *gram;
	struct edge *edges; /* one per block */
	struct errors train, held;
	struct sdp_exact_sum steps; /* squared differences of consecutive residuals within blocks */
	struct sdp_gram *held_target;              /* of the limbs of the target, and of a 1 */
	struct sdp_quantile_select_counts *counts; /* of residuals */
	struct sdp_value_store collected;
	bool sorted;
	double quantiles[QUANTILES];
};

static inline size_t linreg_frame_size(const struct plan *plan)
{
	return (sdp_frame_state_size(plan->frame) + 63) / 64 * 64;
}

static inline struct own_state *linreg_own(const struct plan *plan, void *state)
{
	return (struct own_state *)(void *)((char *)state + linreg_frame_size(plan));
}

/* Prints the frame's warnings that were not printed yet. */
void linreg_print_warnings(const struct plan *plan);

/* Writes the members of the document (document.c). */
int linreg_emit(const void *plan, const void *root, cJSON *doc, struct sdp_err *err);

/* Prints the rows of the source with predictions by doc, the document of a model (predict.c). */
int linreg_predict(const struct params *params, const cJSON *doc, struct sdp_source *source,
		   struct sdp_err *err);

#endif
