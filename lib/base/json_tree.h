/*
 * Parses JSON by cJSON, which itself returns NULL both if the text is wrong and if memory is
 * exhausted.
 */
#ifndef SDP_BASE_JSON_TREE_H
#define SDP_BASE_JSON_TREE_H

#include "sdp/err.h"

#include <cjson/cJSON.h>

/*
 * Parses the JSON value at the start of a text.  Sets *end to what follows the value, or to where
 * the text is wrong; if end is NULL, only white space may follow.  Returns the tree, which the
 * caller frees with cJSON_Delete, or NULL: then err has the code SDP_SYSTEM if memory is exhausted,
 * and SDP_DATA if the text is not JSON.
 */
cJSON *sdp_json_tree_parse(const char *text, size_t length, const char **end, struct sdp_err *err);

#endif
