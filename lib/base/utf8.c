/* Validation, width and encoding of UTF-8. */
#define _XOPEN_SOURCE 700 /* wcwidth */

#include "base/utf8.h"

#include <locale.h>
#include <stdint.h>
#include <string.h>
#include <threads.h>
#include <wchar.h>
#include <wctype.h>

size_t sdp_utf8_sequence(const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned char low = 0x80, high = 0xbf;
	size_t want;
	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf) {
		want = 2;
	} else if (s[0] >= 0xe0 && s[0] <= 0xef) {
		want = 3;
		low = s[0] == 0xe0 ? 0xa0 : 0x80;
		high = s[0] == 0xed ? 0x9f : 0xbf;
	} else if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		want = 4;
		low = s[0] == 0xf0 ? 0x90 : 0x80;
		high = s[0] == 0xf4 ? 0x8f : 0xbf;
	} else {
		return 0;
	}
	if (want > n || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < want; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return want;
}

size_t sdp_utf8_valid(const char *text, size_t length)
{
	size_t i = 0;
	while (i < length) {
		uint64_t word;
		if (i + 8 <= length) {
			memcpy(&word, text + i, 8);
			if ((word & UINT64_C(0x8080808080808080)) == 0) {
				i += 8;
				continue;
			}
		}
		size_t n = sdp_utf8_sequence(text + i, length - i);
		if (n == 0)
			break;
		i += n;
	}
	return i;
}

void sdp_utf8_mend(char *text, size_t length)
{
	for (size_t i = 0; (i += sdp_utf8_valid(text + i, length - i)) < length; i++)
		text[i] = '?';
}

/* Returns the code point of a complete sequence. */
static uint32_t code_of(const char *sequence, size_t length)
{
	uint32_t c = (unsigned char)sequence[0] & (length == 1 ? 0x7fu : 0xffu >> (length + 1));
	for (size_t i = 1; i < length; i++)
		c = c << 6 | ((unsigned char)sequence[i] & 0x3fu);
	return c;
}

/*
 * Characters that steer how text is shown and are not seen themselves: C1, ends of lines,
 * annotations, and what Unicode calls default ignorable: marks of direction, what has no width,
 * fillers, selectors of variants, musical and shorthand format, tags.  The selectors U+FE0E and
 * U+FE0F are left out: they are part of many an emoji, and only choose how it is drawn.
 */
static const struct {
	uint32_t first, last;
} unseen[] = {{0x80, 0x9f},       {0xad, 0xad},      {0x34f, 0x34f},   {0x61c, 0x61c},
	      {0x115f, 0x1160},   {0x17b4, 0x17b5},  {0x180b, 0x180f}, {0x200b, 0x200f},
	      {0x2028, 0x202e},   {0x2060, 0x206f},  {0x3164, 0x3164}, {0xfe00, 0xfe0d},
	      {0xfeff, 0xfeff},   {0xffa0, 0xffa0},  {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3},
	      {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};

size_t sdp_utf8_shown(const char *text, size_t length)
{
	unsigned char first = (unsigned char)text[0];
	if (first < 0x80)
		return first >= 0x20 && first != 0x7f;
	size_t n = sdp_utf8_sequence(text, length);
	uint32_t c = n ? code_of(text, n) : 0;
	for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++)
		if (c >= unseen[i].first && c <= unseen[i].last)
			return 0;
	return n;
}

bool sdp_utf8_all_shown(const char *text, size_t length)
{
	size_t i = 0, n = 1;
	while (i < length && (n = sdp_utf8_shown(text + i, length - i)) > 0)
		i += n;
	return n > 0;
}

size_t sdp_utf8_clean(char *text, size_t length, const char *spared)
{
	size_t end = 0;
	for (size_t i = 0, n; i < length; i += n) {
		n = text[i] && strchr(spared, text[i]) ? 1 : sdp_utf8_shown(text + i, length - i);
		if (n) {
			memmove(text + end, text + i, n);
			end += n;
			continue;
		}
		n = sdp_utf8_sequence(text + i, length - i);
		n = n ? n : 1;
		text[end++] = '?';
	}
	return end;
}

size_t sdp_utf8_prefix(const char *text, size_t most)
{
	size_t length = strnlen(text, most + 1), start = most;
	if (length <= most)
		return length;
	/* A sequence has at most three bytes after its first one. */
	while (start > 0 && most - start < 3 && ((unsigned char)text[start] & 0xc0) == 0x80)
		start--;
	size_t sequence = sdp_utf8_sequence(text + start, length - start);
	bool cut = start < most &&
		   (sequence == 0 ? (unsigned char)text[start] >= 0xc0 : sequence > most - start);
	return cut ? start : most;
}

static locale_t terminal;

static void open_locale(void)
{
	terminal = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

static once_flag once = ONCE_FLAG_INIT;

bool sdp_utf8_case_known(void)
{
	call_once(&once, open_locale);
	return terminal;
}

char *sdp_utf8_put_case(char *out, const char *sequence, size_t length, bool upper)
{
	unsigned char byte = (unsigned char)*sequence;
	if (byte < 0x80) {
		bool letter = upper ? byte >= 'a' && byte <= 'z' : byte >= 'A' && byte <= 'Z';
		*out++ = (char)(letter ? byte ^ 0x20 : byte);
		return out;
	}
	wint_t c = (wint_t)code_of(sequence, length);
	return sdp_utf8_put(out, upper ? towupper_l(c, terminal) : towlower_l(c, terminal));
}

int sdp_utf8_width(const char *sequence, size_t length)
{
	uint32_t c = code_of(sequence, length);
	call_once(&once, open_locale);
	if (c < 0x300 || !terminal)
		return 1;
	locale_t before = uselocale(terminal);
	int width = wcwidth((wchar_t)c);
	uselocale(before);
	return width < 0 ? 1 : width;
}

char *sdp_utf8_put(char *out, unsigned c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
		*out++ = (char)(0x80 | (c & 0x3f));
	} else {
		if (c < 0x10000) {
			*out++ = (char)(0xe0 | c >> 12);
		} else {
			*out++ = (char)(0xf0 | c >> 18);
			*out++ = (char)(0x80 | (c >> 12 & 0x3f));
		}
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	}
	return out;
}
