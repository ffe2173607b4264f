/* Correlations of sdp-stats: a task of its own, which adds its array to the document. */
#ifndef SDP_CMD_STATS_CORRELATION_H
#define SDP_CMD_STATS_CORRELATION_H

#include "sdp/program.h"
#include "sdp/task.h"

enum correlation_method {
	CORRELATION_NONE, /* --correlation was not given */
	CORRELATION_PEARSON,
	CORRELATION_SPEARMAN,
	CORRELATION_KENDALL,
	CORRELATION_COVARIANCE,
};

/* The parameters of the task, which begin those of the program. */
struct correlation_params {
	struct sdp_common common;
	enum correlation_method method;
	const char *against; /* the column of all pairs; NULL: all pairs of columns */
	bool drop_nulls;     /* use only the rows in which every column has a value */
	bool wide;           /* print CSV, TSV and tables as a matrix */
	/* correlation_run sets the rest. */
	bool square; /* the array is a matrix: one row and one column per column */
	/* The document without correlations, whose members come first; NULL: there is none. */
	cJSON *document;
};

extern const struct sdp_task correlation_task;

/* The member of the document that the task adds. */
const char *correlation_member(const struct correlation_params *params);

/*
 * Runs the task of the columns, unless only correlations are printed, and then that of correlations
 * if --correlation was given; prints the document.  Returns 0 or -1.
 */
int correlation_run(struct correlation_params *params, const struct sdp_task *columns, int count,
		    char **operands, struct sdp_err *err);

#endif
