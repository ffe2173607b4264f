/* Lines of text as rows of line and text, or, where they look like one, as a table. */
#include "cat.h"

int cat_text(const struct params *params, const struct sdp_decoding *what, struct cat_csv *csv, struct sdp_err *err)
{
	(void)params, (void)csv;
	return sdp_fail(err, SDP_SYSTEM, "%s: not yet", what->name);
}
