/* What the files of sdp-kmeans share. */
#ifndef SDP_CMD_KMEANS_H
#define SDP_CMD_KMEANS_H

#include "sdp/run.h"

/*
 * Prints the rows of the source with a column of their clusters, by a model: doc is the document of
 * a run of sdp-kmeans. fitted_before: it is of an earlier run, so its warnings are due again.
 * Returns 0, or -1 with err filled.
 */
int kmeans_label_rows(const struct sdp_common *common, const cJSON *doc, bool fitted_before,
		      struct sdp_source *source, struct sdp_err *err);

/*
 * Prints the document. As JSON with rounded numbers, that of one number of clusters gets the member
 * "unrounded": its centers and deviations as texts with all digits. Returns 0 or -1.
 */
int kmeans_print(const struct sdp_common *common, cJSON *doc, struct sdp_err *err);

/*
 * Parses the text of -k, "N" or "A..B", into the first and the last number of clusters. Returns 0,
 * or -1 if it is neither or NULL.
 */
int kmeans_parse_clusters(const char *text, size_t *first, size_t *last, struct sdp_err *err);

#endif
