/* Writes and prints the document of sdp-kmeans. */
#include "kmeans.h"

#include "sdp/doc.h"
#include "sdp/output.h"

static int put_metrics(cJSON *object, const struct sdp_kmeans_result *r, struct sdp_err *err)
{
	return sdp_doc_real(object, "inertia", r->inertia, err) < 0 ||
			       sdp_doc_real(object, "silhouette_squared", r->silhouette_squared,
					    err) < 0 ||
			       sdp_doc_real(object, "silhouette", r->silhouette, err) < 0 ||
			       sdp_doc_real(object, "calinski_harabasz", r->calinski_harabasz,
					    err) < 0 ||
			       sdp_doc_real(object, "davies_bouldin", r->davies_bouldin, err) < 0
		       ? -1
		       : 0;
}

static int put_run(cJSON *object, const struct sdp_kmeans_result *r, struct sdp_err *err)
{
	return sdp_doc_integer(object, "iterations", r->iterations, err) < 0
		       ? -1
		       : sdp_doc_bool(object, "converged", r->converged, err);
}

int kmeans_put_clusters(const struct sdp_kmeans_result *r, size_t features, cJSON *doc,
			struct sdp_err *err)
{
	cJSON *centers = sdp_doc_array(doc, "centers", err);
	int rc = centers ? 0 : -1;
	for (size_t c = 0; rc == 0 && c < r->k; c++)
		rc = sdp_doc_reals(centers, NULL, r->centers + c * features, features, err);
	cJSON *sizes = rc == 0 ? sdp_doc_array(doc, "sizes", err) : NULL;
	rc = sizes ? 0 : -1;
	for (size_t c = 0; rc == 0 && c < r->k; c++)
		rc = sdp_doc_count(sizes, NULL, r->sizes[c], err);
	cJSON *metrics = rc == 0 ? sdp_doc_object(doc, "metrics", err) : NULL;
	return metrics && put_metrics(metrics, r, err) == 0 ? put_run(doc, r, err) : -1;
}

int kmeans_put_scan(const struct sdp_kmeans_result *results, size_t count, cJSON *doc,
		    struct sdp_err *err)
{
	cJSON *scan = sdp_doc_array(doc, "scan", err);
	int rc = scan ? 0 : -1;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		cJSON *row = sdp_doc_row(scan, err);
		rc = row && sdp_doc_count(row, "k", results[i].k, err) == 0 &&
				     put_metrics(row, &results[i], err) == 0
			     ? put_run(row, &results[i], err)
			     : -1;
	}
	return rc;
}

/* Adds a copy of an array of numbers as texts, or null, to an object or (name is NULL) a list. */
static int put_texts(cJSON *to, const char *name, const cJSON *numbers, struct sdp_err *err)
{
	const cJSON *number;
	if (!cJSON_IsArray(numbers))
		return sdp_doc_null(to, name, err);
	cJSON *texts = sdp_doc_array(to, name, err);
	cJSON_ArrayForEach(number, numbers)
	{
		if (!texts || sdp_doc_text(texts, NULL, number->valuestring, err) < 0)
			return -1;
	}
	return texts ? 0 : -1;
}

static int put_unrounded(cJSON *doc, struct sdp_err *err)
{
	const cJSON *centers = sdp_doc_member(doc, "centers"), *center;
	if (!centers)
		return 0;
	cJSON *model = sdp_doc_object(doc, "unrounded", err);
	cJSON *texts = model ? sdp_doc_array(model, "centers", err) : NULL;
	cJSON_ArrayForEach(center, centers)
	{
		if (!texts || put_texts(texts, NULL, center, err) < 0)
			return -1;
	}
	return texts ? put_texts(model, "deviations", sdp_doc_member(doc, "deviations"), err) : -1;
}

int kmeans_print(const struct sdp_common *common, cJSON *doc, struct sdp_err *err)
{
	enum sdp_doc_format format;
	if (sdp_output_format(common, &format, err) < 0 ||
	    (common->digits && format == SDP_DOC_JSON && put_unrounded(doc, err) < 0))
		return -1;
	return sdp_output_document(common, doc, err);
}
