/* Parses the number of clusters, or a range of numbers. */
#include "kmeans.h"

#include <string.h>

enum { MOST_CLUSTERS = 1000000 };

int kmeans_parse_clusters(const char *text, size_t *first, size_t *last, struct sdp_err *err)
{
	char quoted[64];
	size_t *to = first;
	*first = *last = 0;
	if (!text)
		return sdp_fail(err, SDP_USAGE,
				"-k is missing: the number of clusters, or a range A..B");
	for (const char *s = text; *s; s++) {
		if (s[0] == '.' && s[1] == '.' && to == first) {
			to = last;
			s++;
		} else if (*s < '0' || *s > '9' ||
			   (*to = *to * 10 + (size_t)(*s - '0')) > MOST_CLUSTERS) {
			*to = 0;
			break;
		}
	}
	if (to == first)
		*last = *first;
	if (*first < 1 || *last < *first)
		return sdp_fail(err, SDP_USAGE,
				"-k: neither a number from 1 to %d nor a range A..B: %s",
				MOST_CLUSTERS,
				sdp_quote(quoted, sizeof quoted, text, strlen(text)));
	return 0;
}
