/*
 * Detects the kind of an input from any first bytes. The result must not depend on how many bytes
 * came at once. If text is detected as a table, all lines must have the same number of cells, and
 * everything outside the cells must be blank.
 */
#include "table/sniff.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LOOK = 512 };

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The line's cells; all that is outside them must be blank. */
static size_t cells(const char *line, size_t length, bool gaps)
{
	const char *field;
	size_t at = 0, seen = 0, count = 0, n;
	while ((n = sdp_sniff_field(line, length, &at, gaps, &field)) > 0) {
		for (; seen < (size_t)(field - line); seen++)
			if (!is_blank(line[seen]))
				abort();
		seen += n;
		count++;
		if (is_blank(field[0]) || (n > 1 && is_blank(field[n - 1]) && at < length))
			abort();
	}
	for (; seen < length; seen++)
		if (!is_blank(line[seen]))
			abort();
	return count;
}

static void check_cells(const char *text, size_t length, bool all, bool gaps)
{
	size_t width = 0;
	while (length > 0) {
		const char *lf = memchr(text, '\n', length);
		size_t n = lf ? (size_t)(lf - text) : length, whole = lf ? n + 1 : n;
		if (!lf && !all)
			return;
		while (n && (text[n - 1] == '\r' || is_blank(text[n - 1])))
			n--;
		size_t count = cells(text, n, gaps);
		if (count && width && count != width)
			abort();
		width = width ? width : count;
		text += whole;
		length -= whole;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *format = NULL, *again = NULL;
	bool all = size < LOOK;
	size_t length = all ? size : LOOK;
	if (!sdp_sniff_text(text, length, all, !all, &format))
		abort();
	for (size_t n = 0; n < length; n++) {
		if (!sdp_sniff_text(text, n, false, false, &again))
			continue;
		if (again != format)
			abort(); /* decided early, and otherwise */
		break;
	}
	if (format && strcmp(format, "txt") != 0) {
		bool mark = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;
		check_cells(text + 3 * mark, length - 3 * mark, all,
			    strcmp(format, "txt-gaps") == 0);
	}
	return 0;
}
