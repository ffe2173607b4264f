/* Corrects the types of columns after each pass. */
#include "engine/typed_columns.h"

#include <inttypes.h>
#include <stdio.h>

enum { ID_WARNINGS = 5 }; /* of the features left out, and of those used */

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
	return values->different && !negative && !values->no_range &&
	       (uint64_t)values->high - (uint64_t)values->low < 2 * rows;
}

bool sdp_id_warning(struct sdp_id_warnings *warnings, const char *name, bool left_out,
		    const struct sdp_all_different *d, const char *low, const char *high,
		    char text[SDP_ID_WARNING])
{
	char least[24], greatest[24];
	if (++warnings->found[left_out] > ID_WARNINGS)
		return false;
	snprintf(least, sizeof least, "%" PRId64, d->low);
	snprintf(greatest, sizeof greatest, "%" PRId64, d->high);
	if (d->no_range)
		snprintf(text, SDP_ID_WARNING,
			 "column '%.100s' is used although its %" PRIu64
			 " values, integers, are all different: if it is an id, choose the "
			 "features by -x",
			 name, d->count);
	else
		snprintf(text, SDP_ID_WARNING,
			 left_out ? "column '%.100s' is left out: its %" PRIu64
				    " values are different integers from %s to %s, as of an id; "
				    "-x can name it"
				  : "column '%.100s' is used although its %" PRIu64
				    " values, integers from %s to %s, are all different: if it is "
				    "an id, choose the features by -x",
			 name, d->count, low ? low : least, high ? high : greatest);
	return true;
}

bool sdp_id_warning_more(const struct sdp_id_warnings *warnings, bool left_out,
			 char text[SDP_ID_WARNING])
{
	size_t found = warnings->found[left_out], more = found - ID_WARNINGS;
	if (found <= ID_WARNINGS)
		return false;
	snprintf(text, SDP_ID_WARNING, "and %zu more column%s of different integers %s %s", more,
		 more == 1 ? "" : "s", more == 1 ? "is" : "are", left_out ? "left out" : "used");
	return true;
}
