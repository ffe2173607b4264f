#include "base/share.h"

#include <string.h>

bool sdp_share_parse(const char *text, struct sdp_number *out, bool *percent)
{
	size_t length = strspn(text, "0123456789+-.eE");
	*percent = strcmp(text + length, "%") == 0;
	*out = (struct sdp_number){.kind = SDP_NUMBER_NONE};
	if (text[length] && !*percent)
		return false;
	sdp_number_parse_padded(text, length, '.', NULL, out);
	if (out->kind == SDP_NUMBER_NONE)
		return false;
	if (!*percent)
		return out->real >= 0 && out->real <= 1;
	if (out->kind != SDP_NUMBER_DECIMAL || out->scale > SDP_SCALE_MAX - 2 ||
	    !(out->real >= 0 && out->real <= 100))
		return false;
	out->scale += 2;
	out->real = sdp_decimal_to_double(out->mantissa, out->scale);
	return true;
}

int sdp_share_fail(const char *option, const char *text, struct sdp_err *err)
{
	struct sdp_number number;
	bool percent;
	char quoted[128];
	sdp_share_parse(text, &number, &percent);
	sdp_quote(quoted, sizeof quoted, text, strlen(text));
	if (!percent && number.kind != SDP_NUMBER_NONE && number.real >= 2 && number.real <= 100)
		return sdp_fail(err, SDP_USAGE,
				"--%s: not a number between 0 and 1: %s, did you mean %s%%?",
				option, quoted, text);
	return sdp_fail(err, SDP_USAGE,
			"--%s: not a number between 0 and 1, such as 0.2 or 20%%: %s", option,
			quoted);
}
