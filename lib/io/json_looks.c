#include "sdp/json.h"

#include <string.h>

size_t sdp_json_skip(const char *text, size_t from, size_t length)
{
	while (from < length && memchr(" \t\r\n", text[from], 4))
		from++;
	return from;
}

bool sdp_json_looks(const char *text, size_t length)
{
	size_t i = sdp_json_skip(text, 0, length), next = sdp_json_skip(text, i + 1, length);
	if (next >= length || text[next] == '\0')
		return false;
	if (text[i] == '[' && strchr("tfn", text[next]))
		return next + 4 < length &&
		       (memcmp(text + next, "true", 4) == 0 ||
			memcmp(text + next, "fals", 4) == 0 || memcmp(text + next, "null", 4) == 0);
	return (text[i] == '{' && strchr("\"}", text[next])) ||
	       (text[i] == '[' && strchr("{[\"]-0123456789", text[next]));
}
