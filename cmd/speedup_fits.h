/*
 * Fits Amdahl's law and the universal scalability law to the medians of a benchmark and writes them
 * as rows of the document's "fits". sdp-bench uses this, and sdp-databricks for runs on a cluster.
 */
#ifndef SDP_CMD_SPEEDUP_FITS_H
#define SDP_CMD_SPEEDUP_FITS_H

#include "model/bench/speedup_models.h"
#include "sdp/doc.h"

/* A member of an object whose value is a real number. */
struct real_member {
	const char *name;
	double value;
};

static inline int put_reals(cJSON *object, const struct real_member *members, size_t n,
			    struct sdp_err *err)
{
	for (size_t i = 0; i < n; i++)
		if (sdp_doc_real(object, members[i].name, members[i].value, err) < 0)
			return -1;
	return 0;
}

#define PUT(object, err, ...)                                                                      \
	put_reals(object, (const struct real_member[]){__VA_ARGS__},                               \
		  sizeof((const struct real_member[]){__VA_ARGS__}) / sizeof(struct real_member),  \
		  err)

/*
 * Appends to fits the row of the case called name (null if name is NULL). Returns 0, or -1 with err
 * filled.
 */
static inline int put_fit(cJSON *fits, const char *name, const struct sdp_speedup_points *points,
			  struct sdp_err *err)
{
	struct sdp_speedup_amdahl amdahl;
	struct sdp_speedup_usl usl;
	cJSON *row = sdp_doc_row(fits, err), *part;
	int64_t left = (int64_t)points->n - SDP_SPEEDUP_PARAMETERS;

	sdp_speedup_fit_amdahl(points, &amdahl);
	sdp_speedup_fit_usl(points, &usl);
	if (!row || sdp_doc_text(row, "name", name, err) < 0 ||
	    !(part = sdp_doc_object(row, "amdahl", err)) ||
	    PUT(part, err, {"serial_fraction", amdahl.serial_fraction}, {"time", amdahl.time},
		{"max_speedup", amdahl.max_speedup}, {"rmse", amdahl.rmse}) < 0 ||
	    !(part = sdp_doc_object(row, "usl", err)) ||
	    PUT(part, err, {"alpha", usl.alpha}, {"beta", usl.beta}, {"gamma", usl.gamma},
		{"peak_workers", usl.peak_workers}, {"rmse", usl.rmse}) < 0 ||
	    sdp_doc_bool(row, "weak", left < SDP_SPEEDUP_WEAK, err) < 0)
		return -1;
	return sdp_doc_integer(row, "degrees_of_freedom", left > 0 ? left : 0, err);
}

#endif
