/* Reads the first bytes of an input, as many as a decision needs. */
#include "base/text.h"
#include "table/input.h"
#include "table/sniff.h"

#include <string.h>

enum { LOOK = SDP_SNIFF_LOOK };

/*
 * Returns whether the first bytes are enough to detect a format and what precedes the header. A
 * pipe that pauses after its first rows is then not asked for more.
 */
static bool is_enough(const char *text, size_t length)
{
	bool inside = false, may = sdp_json_looks_may(text, length);
	for (size_t i = 0; i < length && !may; i++) {
		if (text[i] == '\n' && !inside)
			return true;
		inside ^= text[i] == '"';
	}
	return length >= LOOK;
}

int sdp_head_need(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head,
		  struct sdp_err *err)
{
	ssize_t n = 1;
	for (;;) {
		size_t from = head->mark + head->before,
		       length = head->text.length > from ? head->text.length - from : 0;
		const char *text = head->text.data + from;
		/* What was read further ahead must neither count nor cost time at every line. */
		length = length < LOOK ? length : LOOK;
		if (n <= 0 ||
		    (length >= 3 && is_enough(text, length) && !sdp_sniff_markup_may(text, length)))
			break;
		n = sdp_source_read_some(s, input, &head->text, LOOK, err);
		head->mark = sdp_text_mark(head->text.data, head->text.length);
	}
	return n < 0 ? -1 : sdp_buf_reserve(&head->text, 64, err);
}

int sdp_head_look(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head, size_t size,
		  bool *all, struct sdp_err *err)
{
	ssize_t n = 1;
	size_t from = head->mark + head->before;
	while (n > 0 && head->text.length < from + size)
		n = sdp_source_read_some(s, input, &head->text, SDP_INPUT_READ, err);
	*all = n == 0;
	return n < 0 ? -1 : sdp_buf_reserve(&head->text, 64, err);
}
