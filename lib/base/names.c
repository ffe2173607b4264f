/* A list of names for a message. */
#include "base/names.h"

#include "base/utf8.h"
#include "sdp/err.h"

#include <stdio.h>
#include <string.h>

struct sdp_names sdp_names_for(const char *typed, size_t length)
{
	return (struct sdp_names){.near = sdp_suggest_for(typed, length)};
}

void sdp_names_add(struct sdp_names *names, const char *name)
{
	size_t length = strlen(name), start = names->length;
	if (names->near.typed)
		sdp_suggest_try(&names->near, name);
	bool cut = start == 0 && length > SDP_NAMES_BYTES;
	if (!cut && (names->more || start + length + (start ? 2 : 0) > SDP_NAMES_BYTES)) {
		names->more++;
		return;
	}
	names->length +=
		(size_t)snprintf(names->text + start, sizeof names->text - start, "%s%.*s%s",
				 start ? ", " : "",
				 (int)(cut ? sdp_utf8_prefix(name, SDP_NAMES_BYTES) : length), name,
				 cut ? "…" : "");
}

const char *sdp_names_end(struct sdp_names *names)
{
	if (names->more)
		snprintf(names->text + names->length, sizeof names->text - names->length,
			 " and %zu more", names->more);
	return names->text;
}

const char *sdp_names_help(struct sdp_names *names)
{
	char quoted[80];
	const char *near = names->near.name;
	if (near)
		snprintf(names->help, sizeof names->help, ", did you mean %s?",
			 sdp_quote(quoted, sizeof quoted, near, strlen(near)));
	else
		snprintf(names->help, sizeof names->help, "; there are %s", sdp_names_end(names));
	return names->help;
}
