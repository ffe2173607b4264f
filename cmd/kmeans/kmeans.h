/* What the files of sdp-kmeans share. */
#ifndef SDP_CMD_KMEANS_H
#define SDP_CMD_KMEANS_H

#include "sdp/run.h"

/* Streams the rows of the source with a column cluster, by a model: the document of a run. */
int kmeans_label_rows(const struct sdp_common *common, const cJSON *doc, struct sdp_source *source,
		      struct sdp_err *err);

#endif
