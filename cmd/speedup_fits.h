/*
 * Fits Amdahl's law and the universal scalability law to the medians of a benchmark and writes them
 * as rows of the document's "fits". sdp-bench uses this, and sdp-databricks for runs on a cluster.
 */
#ifndef SDP_CMD_SPEEDUP_FITS_H
#define SDP_CMD_SPEEDUP_FITS_H

#include "model/bench/speedup_models.h"
#include "sdp/doc.h"

/*
 * Appends to fits the row of the case called name (null if name is NULL). If memory is exhausted,
 * err is filled.
 */
static inline void put_fit(cJSON *fits, const char *name, const struct sdp_speedup_points *points,
			   struct sdp_err *err)
{
	struct sdp_speedup_amdahl amdahl;
	struct sdp_speedup_usl usl;
	cJSON *row = sdp_doc_row(fits, err), *part;
	int64_t left = (int64_t)points->n - SDP_SPEEDUP_PARAMETERS;

	sdp_speedup_fit_amdahl(points, &amdahl);
	sdp_speedup_fit_usl(points, &usl);
	sdp_doc_text(row, "name", name, err);
	part = sdp_doc_object(row, "amdahl", err);
	SDP_DOC_REALS(part, err, {"serial_fraction", amdahl.serial_fraction}, {"time", amdahl.time},
		      {"max_speedup", amdahl.max_speedup}, {"rmse", amdahl.rmse});
	part = sdp_doc_object(row, "usl", err);
	SDP_DOC_REALS(part, err, {"alpha", usl.alpha}, {"beta", usl.beta}, {"gamma", usl.gamma},
		      {"peak_workers", usl.peak_workers}, {"rmse", usl.rmse});
	sdp_doc_bool(row, "weak", left < SDP_SPEEDUP_WEAK, err);
	sdp_doc_integer(row, "degrees_of_freedom", left > 0 ? left : 0, err);
}

#endif
