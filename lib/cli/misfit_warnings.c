/* Warns of columns that a few cells keep from being numbers or times. */
#include "cli/misfit_warnings.h"

#include "sdp/doc.h"
#include "sdp/run.h"

int sdp_warn_misfits(cJSON *warnings, const struct sdp_misfits *misfits,
		     const struct sdp_schema *schema, size_t column, const char *fate,
		     size_t *found, struct sdp_err *err)
{
	char text[SDP_MISFITS_TEXT];
	struct sdp_err placed;
	if (!sdp_misfits_warning(misfits, schema, column, fate, found, text))
		return 0;
	sdp_fail_at(&placed, sdp_misfits_place(misfits), "%s", text);
	sdp_warn("%s", placed.text);
	return warnings ? sdp_doc_text(warnings, NULL, text, err) : 0;
}

int sdp_warn_more_misfits(cJSON *warnings, size_t found, struct sdp_err *err)
{
	char text[SDP_MISFITS_TEXT];
	if (!sdp_misfits_more(found, text))
		return 0;
	sdp_warn("%s", text);
	return warnings ? sdp_doc_text(warnings, NULL, text, err) : 0;
}
