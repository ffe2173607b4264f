/* Reads the members of documents and of other JSON. */
#include "sdp/doc.h"

#include <math.h>
#include <stdlib.h>

cJSON *sdp_doc_member(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

const char *sdp_doc_get_text(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(sdp_doc_member(object, key));
}

double sdp_doc_get_number(const cJSON *object, const char *key, double otherwise)
{
	const cJSON *item = sdp_doc_member(object, key);
	double value = cJSON_IsNumber(item) ? item->valuedouble
		       : cJSON_IsRaw(item)  ? strtod(item->valuestring, NULL)
					    : NAN;
	return isfinite(value) ? value : otherwise;
}

uint64_t sdp_doc_get_count(const cJSON *object, const char *key, uint64_t otherwise)
{
	double value = sdp_doc_get_number(object, key, -1);
	return value >= 0 && value < 0x1p53 ? (uint64_t)value : otherwise;
}
