/* Reads the first bytes of an input, as many as a decision needs. */
#include "table/input.h"
#include "table/sniff.h"

#include <string.h>

enum { READ = 1 << 18, LOOK = SDP_SNIFF_LOOK };

/*
 * Returns whether the first bytes are enough to detect a format and what precedes the header. A
 * pipe that pauses after its first rows is then not asked for more.
 */
static bool is_enough(const char *text, size_t length)
{
	size_t second = sdp_json_skip(text, sdp_json_skip(text, 0, length) + 1, length);
	bool inside = false;
	for (size_t i = 0; i < length && second < length; i++) {
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
		size_t from = head->mark + head->before;
		if (n <= 0 ||
		    (head->text.length >= from + 3 &&
		     is_enough(head->text.data + from, head->text.length - from) &&
		     !sdp_sniff_markup_may(head->text.data + from, head->text.length - from)))
			break;
		n = sdp_source_read_some(s, input, &head->text, LOOK, err);
		if (head->text.length >= 3 && memcmp(head->text.data, "\xef\xbb\xbf", 3) == 0)
			head->mark = 3;
	}
	return n < 0 ? -1 : sdp_buf_reserve(&head->text, 64, err);
}

int sdp_head_look(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head, size_t size,
		  bool *all, struct sdp_err *err)
{
	ssize_t n = 1;
	size_t from = head->mark + head->before;
	while (n > 0 && head->text.length < from + size)
		n = sdp_source_read_some(s, input, &head->text, READ, err);
	*all = n == 0;
	return n < 0 ? -1 : sdp_buf_reserve(&head->text, 64, err);
}
