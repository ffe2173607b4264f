/* The levels of a column: texts in shared memory, in ascending order. */
#include "engine/frame_private.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

size_t sdp_frame_level_find(const struct sdp_text *items, size_t count, const char *text,
			    size_t length, bool *found)
{
	size_t low = 0, high = count;
	*found = false;
	while (low < high && !*found) {
		size_t middle = (low + high) / 2;
		int order =
			sdp_text_compare(items[middle].data, items[middle].length, text, length);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
		if (order == 0) {
			*found = true;
			low = middle;
		}
	}
	return low;
}

/* Inserts a text before item number at. */
static int insert(struct levels *l, size_t at, struct sdp_spill *spill, const char *text,
		  size_t length, bool copy, struct sdp_err *err)
{
	if (l->count == l->capacity) {
		size_t capacity = l->capacity ? 4 * l->capacity : 8;
		struct sdp_text *items = sdp_spill_take(spill, capacity * sizeof *items, err);
		if (!items)
			return -1;
		if (l->count)
			memcpy(items, l->items, l->count * sizeof *items);
		l->items = items;
		l->capacity = capacity;
	}
	if (copy) {
		char *kept = sdp_spill_take(spill, length + 1, err);
		if (!kept)
			return -1;
		text = memcpy(kept, text, length);
	}
	memmove(l->items + at + 1, l->items + at, (l->count - at) * sizeof *l->items);
	l->items[at] = (struct sdp_text){text, length};
	l->count++;
	return 0;
}

int sdp_frame_level_add(struct part *part, const struct sdp_frame_column *column,
			struct sdp_spill *spill, const char *text, size_t length, bool copy,
			struct sdp_err *err)
{
	struct levels *l = &part->levels;
	bool found;
	size_t at = sdp_frame_level_find(l->items, l->count, text, length, &found);
	if (part->too_many_levels || found)
		return 0;
	if (l->count == frame_levels_limit(column)) {
		part->too_many_levels = true;
		l->count = 0;
		return 0;
	}
	return insert(l, at, spill, text, length, copy, err);
}

int sdp_frame_level_hold(struct part *part, const struct sdp_frame_column *column,
			 struct sdp_spill *spill, const char *text, size_t length, bool copy,
			 struct sdp_err *err)
{
	struct levels *l = &part->held;
	bool found;
	size_t at = sdp_frame_level_find(l->items, l->count, text, length, &found);
	if (found)
		return 0;
	if (l->count == frame_levels_limit(column)) {
		part->held_more = true;
		if (at == l->count)
			return 0;
		l->count--;
	}
	return insert(l, at, spill, text, length, copy, err);
}

/*
 * If more levels were found in held-out rows than were kept, they are more than the levels of the
 * rows for fitting can be, so that some of them are unseen.
 */
bool sdp_frame_levels_choose(struct sdp_frame_column *c, const struct part *part)
{
	const struct levels *held = &part->held;
	size_t kept = 0;
	c->levels = part->levels.items;
	c->level_count = part->levels.count;
	for (size_t i = 0; i < held->count; i++) {
		bool found;
		sdp_frame_level_find(c->levels, c->level_count, held->items[i].data,
				     held->items[i].length, &found);
		if (!found)
			held->items[kept++] = held->items[i];
	}
	c->unseen = held->items;
	c->unseen_count = kept;
	c->unseen_more = part->held_more;
	c->unseen_rows = part->unseen_rows;
	return kept > 0 || part->held_more;
}

/* Finds a level as it is printed or, if there is none, as it may be written in a cell. */
static size_t find_written(const struct sdp_frame_column *c, const struct sdp_text *items,
			   size_t count, bool *found)
{
	const char *text = c->reference_text;
	size_t length = strlen(text), at = sdp_frame_level_find(items, count, text, length, found);
	char room[32];
	if (*found)
		return at;
	text = sdp_frame_level_text(c->typed.class, c->schema, c->index, text, &length, room);
	return sdp_frame_level_find(items, count, text, length, found);
}

int sdp_frame_reference_find(struct sdp_frame_column *c, struct sdp_err *err)
{
	bool found, unseen;
	if (!c->reference_text)
		return 0;
	c->reference = find_written(c, c->levels, c->level_count, &found);
	if (found)
		return 0;
	find_written(c, c->unseen, c->unseen_count, &unseen);
	return sdp_fail(err, SDP_DATA, "--reference: column '%s' has %s '%s'%s", c->name,
			unseen ? "the level" : "no level", c->reference_text,
			unseen           ? " only in rows that are held out"
			: c->unseen_more ? " in the rows of the fit"
					 : "");
}

const char *sdp_frame_unseen_text(const struct sdp_frame_column *c, bool label,
				  char text[SDP_FRAME_UNSEEN_TEXT])
{
	char list[400] = "", quoted[64];
	size_t n = 0, i = 0, left;
	/* Room is left for "and at least 1000 more" and for the rest of the text. */
	for (; i < c->unseen_count && n + sizeof quoted < 300; i++)
		n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "",
				      sdp_quote(quoted, sizeof quoted, c->unseen[i].data,
						c->unseen[i].length));
	left = c->unseen_count - i + c->unseen_more;
	if (left)
		snprintf(list + n, sizeof list - n, " and %s%zu more",
			 c->unseen_more ? "at least " : "", left);
	snprintf(text, SDP_FRAME_UNSEEN_TEXT,
		 "column '%.60s': %" PRIu64 " of the rows held out %s left out of the test "
		 "metrics: no row of the fit has the %s%s %s",
		 c->name, c->unseen_rows, c->unseen_rows == 1 ? "is" : "are",
		 label ? "label" : "level", c->unseen_count + c->unseen_more > 1 ? "s" : "", list);
	return text;
}

const char *sdp_frame_level_text(enum sdp_class class, const struct sdp_schema *schema,
				 size_t column, const char *text, size_t *length, char room[32])
{
	struct sdp_number number;
	int truth = class == SDP_CLASS_BOOLEAN ? sdp_boolean_parse(text, *length) : -1;
	if (truth >= 0) {
		*length = truth ? 4 : 5;
		return truth ? "true" : "false";
	}
	if (class != SDP_CLASS_NUMBER)
		return text;
	(schema->columns[column].padded ? sdp_number_parse_padded
					: sdp_number_parse_grouped)(text, *length, schema->decimal,
								    schema->thousands, &number);
	if (number.kind == SDP_NUMBER_NONE || number.more_digits)
		return text;
	*length = number.kind == SDP_NUMBER_DECIMAL
			  ? sdp_decimal_print(room, number.mantissa, number.scale)
			  : sdp_num_print(room, number.real);
	return room;
}
