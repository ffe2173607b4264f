/* Corrects the types of columns after each pass. */
#include "engine/typed_columns.h"

struct sdp_typed_column sdp_typed_column(const struct sdp_column *column)
{
	return (struct sdp_typed_column){column->fixed, column->guess, column->type};
}

bool sdp_typed_column_holds(const struct sdp_typed_column *c, unsigned seen)
{
	return c->fixed || c->class == SDP_CLASS_TEXT || seen == 0 ||
	       sdp_type_class(sdp_type_of(seen)) == c->class;
}

bool sdp_typed_column_update(struct sdp_typed_column *c, unsigned seen)
{
	bool again = !sdp_typed_column_holds(c, seen);
	if (!c->fixed && c->class != SDP_CLASS_TEXT && seen) {
		c->type = sdp_type_of(seen);
		c->class = sdp_type_class(c->type);
	}
	return again;
}
