/*
 * Parses documents. cJSON turns numbers into doubles, so their lexemes are restored from the text.
 */
#include "sdp/doc.h"

#include "base/json_tree.h"

#include <string.h>

struct cursor {
	const char *at, *end;
};

/* Finds the next number of the text, which is JSON; skips strings. Returns its length. */
static size_t next_number(struct cursor *c, const char **number)
{
	for (bool quoted = false; c->at < c->end; c->at++) {
		if (quoted && *c->at == '\\')
			c->at++;
		else if (*c->at == '"')
			quoted = !quoted;
		else if (!quoted && (*c->at == '-' || (*c->at >= '0' && *c->at <= '9')))
			break;
	}
	*number = c->at;
	while (c->at < c->end && *c->at && strchr("+-.0123456789eE", *c->at))
		c->at++;
	return (size_t)(c->at - *number);
}

/* Restores the lexemes; the numbers of the tree are in the order of the text. */
static int restore(cJSON *item, struct cursor *c, struct sdp_err *err)
{
	for (; item; item = item->next) {
		if (cJSON_IsNumber(item)) {
			const char *number;
			size_t length = next_number(c, &number);
			if (!(item->valuestring = cJSON_malloc(length + 1)))
				return sdp_fail_memory(err);
			memcpy(item->valuestring, number, length);
			item->valuestring[length] = '\0';
			item->type = cJSON_Raw;
		}
		if (restore(item->child, c, err) < 0)
			return -1;
	}
	return 0;
}

cJSON *sdp_doc_parse(const char *text, size_t length, struct sdp_err *err)
{
	struct cursor cursor = {text, text + length};
	const char *end = NULL;
	cJSON *doc = sdp_json_tree_parse(text, length, &end, err);
	if (!doc)
		return NULL;
	while (end < text + length && *end && strchr(" \t\r\n", *end))
		end++;
	if (end < text + length)
		sdp_fail(err, SDP_DATA, "not JSON after offset %zu", (size_t)(end - text));
	else if (restore(doc, &cursor, err) == 0)
		return doc;
	cJSON_Delete(doc);
	return NULL;
}
