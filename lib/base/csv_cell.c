/* Writes cells as CSV and TSV, quoted by libcsv. */
#include "base/csv_cell.h"

#include <csv.h>
#include <stdbool.h>
#include <string.h>

int sdp_csv_add_cell(struct sdp_buf *out, const char *text, size_t length, char delimiter,
		     struct sdp_err *err)
{
	bool blank = length && (text[0] == ' ' || text[length - 1] == ' ' || text[0] == '\t' ||
				text[length - 1] == '\t');
	bool plain = !blank && !memchr(text, delimiter, length) && !memchr(text, '"', length) &&
		     !memchr(text, '\n', length) && !memchr(text, '\r', length);
	if (plain)
		return sdp_buf_add(out, text, length, err);
	if (sdp_buf_reserve(out, 2 * length + 2, err) < 0)
		return -1;
	out->length += csv_write(out->data + out->length, 2 * length + 2, text, length);
	out->data[out->length] = '\0';
	return 0;
}
