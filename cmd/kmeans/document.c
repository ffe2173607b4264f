/* Writes and prints the document of sdp-kmeans. */
#include "kmeans.h"

#include "sdp/doc.h"
#include "sdp/output.h"

static void put_metrics(cJSON *object, const struct sdp_kmeans_result *r, struct sdp_err *err)
{
	SDP_DOC_REALS(object, err, {"inertia", r->inertia},
		      {"silhouette_squared", r->silhouette_squared}, {"silhouette", r->silhouette},
		      {"calinski_harabasz", r->calinski_harabasz},
		      {"davies_bouldin", r->davies_bouldin});
}

static void put_run(cJSON *object, const struct sdp_kmeans_result *r, struct sdp_err *err)
{
	sdp_doc_integer(object, "iterations", r->iterations, err);
	sdp_doc_bool(object, "converged", r->converged, err);
}

void kmeans_put_clusters(const struct sdp_kmeans_result *r, size_t features, cJSON *doc,
			 struct sdp_err *err)
{
	cJSON *centers = sdp_doc_array(doc, "centers", err);
	for (size_t c = 0; c < r->k; c++)
		sdp_doc_reals(centers, NULL, r->centers + c * features, features, err);
	cJSON *sizes = sdp_doc_array(doc, "sizes", err);
	for (size_t c = 0; c < r->k; c++)
		sdp_doc_count(sizes, NULL, r->sizes[c], err);
	put_metrics(sdp_doc_object(doc, "metrics", err), r, err);
	put_run(doc, r, err);
}

void kmeans_put_scan(const struct sdp_kmeans_result *results, size_t count, cJSON *doc,
		     struct sdp_err *err)
{
	cJSON *scan = sdp_doc_array(doc, "scan", err);
	for (size_t i = 0; i < count; i++) {
		cJSON *row = sdp_doc_row(scan, err);
		sdp_doc_count(row, "k", results[i].k, err);
		put_metrics(row, &results[i], err);
		put_run(row, &results[i], err);
	}
}

/* Adds a copy of an array of numbers as texts, or null, to an object or (name is NULL) a list. */
static void put_texts(cJSON *to, const char *name, const cJSON *numbers, struct sdp_err *err)
{
	const cJSON *number;
	if (!cJSON_IsArray(numbers)) {
		sdp_doc_null(to, name, err);
		return;
	}
	cJSON *texts = sdp_doc_array(to, name, err);
	cJSON_ArrayForEach(number, numbers) sdp_doc_text(texts, NULL, number->valuestring, err);
}

static int put_unrounded(cJSON *doc, struct sdp_err *err)
{
	const cJSON *centers = sdp_doc_member(doc, "centers"), *center;
	if (!centers)
		return 0;
	err->code = SDP_OK;
	cJSON *model = sdp_doc_object(doc, "unrounded", err);
	cJSON *texts = sdp_doc_array(model, "centers", err);
	cJSON_ArrayForEach(center, centers) put_texts(texts, NULL, center, err);
	put_texts(model, "deviations", sdp_doc_member(doc, "deviations"), err);
	return sdp_err_result(err);
}

int kmeans_print(const struct sdp_common *common, cJSON *doc, struct sdp_err *err)
{
	enum sdp_doc_format format;
	if (sdp_output_format(common, &format, err) < 0 ||
	    (common->digits && format == SDP_DOC_JSON && put_unrounded(doc, err) < 0))
		return -1;
	return sdp_output_document(common, doc, err);
}
