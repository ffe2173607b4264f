/* A list of names for a message. */
#include "base/names.h"

#include "base/utf8.h"

#include <string.h>

int sdp_names_add(struct sdp_names *names, const char *name, struct sdp_err *err)
{
	struct sdp_buf *text = &names->text;
	size_t length = strlen(name);
	if (!text->length && length > SDP_NAMES_BYTES)
		return sdp_buf_format(text, err, "%.*s…",
				      (int)sdp_utf8_prefix(name, SDP_NAMES_BYTES), name);
	if (names->more || text->length + length + (text->length ? 2 : 0) > SDP_NAMES_BYTES) {
		names->more++;
		return 0;
	}
	return sdp_buf_format(text, err, "%s%s", text->length ? ", " : "", name);
}

const char *sdp_names_end(struct sdp_names *names, struct sdp_err *err)
{
	int rc = names->more ? sdp_buf_format(&names->text, err, " and %zu more", names->more)
			     : sdp_buf_add_text(&names->text, "", err);
	names->more = 0;
	return rc < 0 ? NULL : names->text.data;
}

void sdp_names_release(struct sdp_names *names)
{
	sdp_buf_release(&names->text);
	names->more = 0;
}
