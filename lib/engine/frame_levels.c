/* The levels of a column: texts in shared memory, in ascending order. */
#include "engine/frame_private.h"

#include <string.h>

static int compare_texts(const char *a, size_t n, const char *b, size_t m)
{
	int order = memcmp(a, b, n < m ? n : m);
	return order ? order : (n > m) - (n < m);
}

size_t sdp_frame_level_find(const struct sdp_text *items, size_t count, const char *text,
			    size_t length, bool *found)
{
	size_t low = 0, high = count;
	*found = false;
	while (low < high && !*found) {
		size_t middle = (low + high) / 2;
		int order = compare_texts(items[middle].data, items[middle].length, text, length);
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
