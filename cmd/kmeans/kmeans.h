/* What the files of sdp-kmeans share. */
#ifndef SDP_CMD_KMEANS_H
#define SDP_CMD_KMEANS_H

#include "model/kmeans/kmeans.h"
#include "sdp/run.h"

/*
 * Prints the rows of the source with a column of their clusters, by a model: doc is the document of
 * a run of sdp-kmeans. fitted_before: it is of an earlier run, so its warnings are due again.
 * Returns 0, or -1 with err filled.
 */
int kmeans_label_rows(const struct sdp_common *common, const cJSON *doc, bool fitted_before,
		      struct sdp_source *source, struct sdp_err *err);

/*
 * Add to the document the members of the clusters of one result, of which centers have so many
 * features, and the member "scan" of the results for a range of numbers.
 */
void kmeans_put_clusters(const struct sdp_kmeans_result *result, size_t features, cJSON *doc,
			 struct sdp_err *err);
void kmeans_put_scan(const struct sdp_kmeans_result *results, size_t count, cJSON *doc,
		     struct sdp_err *err);

/*
 * Prints the document. As JSON with rounded numbers, that of one number of clusters gets the member
 * "unrounded": its centers and deviations as texts with all digits. Returns 0 or -1.
 */
int kmeans_print(const struct sdp_common *common, cJSON *doc, struct sdp_err *err);

#endif
