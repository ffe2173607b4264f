/* Corrects the types of columns after each pass. */
#include "engine/typed_columns.h"

#include <stdio.h>

struct sdp_typed_column sdp_typed_column(const struct sdp_column *column)
{
	return (struct sdp_typed_column){column->fixed, column->guess, column->type,
					 column->nearly};
}

bool sdp_typed_column_holds(const struct sdp_typed_column *c, unsigned seen)
{
	return c->fixed || c->class == SDP_CLASS_TEXT || seen == 0 ||
	       sdp_type_class(sdp_type_of(seen)) == c->class;
}

int sdp_typed_column_count(const struct sdp_typed_column *c, struct sdp_misfits *misfits,
			   const struct sdp_block *block, size_t index,
			   struct sdp_number_column *numbers, struct sdp_err *err)
{
	if (c->nearly != SDP_CLASS_NUMBER && c->nearly != SDP_CLASS_TIME)
		return 0;
	if (c->class != c->nearly)
		return sdp_misfits_read(misfits, block, index, c->nearly, numbers, err);
	sdp_misfits_add(misfits, block, index, c->nearly, numbers);
	return 0;
}

bool sdp_typed_column_update(struct sdp_typed_column *c, unsigned seen)
{
	bool again = !sdp_typed_column_holds(c, seen);
	if (!c->fixed && c->class != SDP_CLASS_TEXT && seen) {
		c->type = sdp_type_of(seen);
		c->class = sdp_type_class(c->type);
	}
	c->nearly = SDP_CLASS_TEXT;
	return again;
}

bool sdp_typed_column_is_id(struct sdp_all_different *values, bool negative, uint64_t rows)
{
	values->different &= values->count >= SDP_IDS_LEAST;
	return values->different && !negative &&
	       (uint64_t)values->high - (uint64_t)values->low < 2 * rows;
}

const char *sdp_id_text(char text[SDP_ID_TEXT], int64_t integer)
{
	snprintf(text, SDP_ID_TEXT, "%" PRId64, integer);
	return text;
}
