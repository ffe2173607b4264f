/* Parses JSON by cJSON, and tells a lack of memory from a wrong text. */
#include "base/json_tree.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool starved;

static void *allocate(size_t size)
{
	void *memory = malloc(size);
	starved = starved || !memory;
	return memory;
}

cJSON *sdp_json_tree_parse(const char *text, size_t length, const char **end, struct sdp_err *err)
{
	const char *stop = text;
	starved = false;
	cJSON_InitHooks(&(cJSON_Hooks){allocate, free});
	cJSON *tree = cJSON_ParseWithLengthOpts(text, length, &stop, 0);
	cJSON_InitHooks(NULL);
	if (end)
		*end = stop;
	if (!tree && starved)
		sdp_fail_memory(err);
	else if (!tree)
		sdp_fail(err, SDP_DATA, "not JSON at offset %zu", (size_t)(stop - text));
	while (tree && stop < text + length && *stop && strchr(" \t\r\n", *stop))
		stop++;
	if (!tree || end || stop == text + length)
		return tree;
	cJSON_Delete(tree);
	sdp_fail(err, SDP_DATA, "more follows the value at offset %zu", (size_t)(stop - text));
	return NULL;
}
