/*
 * Parsing JSON by cJSON, which returns NULL for a wrong text and for a lack of memory alike.
 */
#ifndef SDP_BASE_JSON_TREE_H
#define SDP_BASE_JSON_TREE_H

#include "sdp/err.h"

#include <cjson/cJSON.h>

/*
 * Parses the JSON value at the start of a text.  Sets *end to what follows the value, or to where
 * the text is wrong; if end is NULL, nothing but white space may follow.  Returns the tree, for cJSON_Delete, or NULL: err then has
 * SDP_SYSTEM if memory is lacking, and SDP_DATA if the text is not JSON.
 */
cJSON *sdp_json_tree_parse(const char *text, size_t length, const char **end, struct sdp_err *err);

#endif
