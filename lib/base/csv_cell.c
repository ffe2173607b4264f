/* Writes cells as CSV, quoted by libcsv, and as TSV. */
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

int sdp_tsv_add_cell(struct sdp_buf *out, const char *text, size_t length, struct sdp_err *err)
{
	static const char special[] = "\t\n\r\\", letters[] = "tnr\\";
	size_t from = 0;
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)text[i] >= ' ' && text[i] != '\\')
			continue;
		const char *s = memchr(special, text[i], sizeof special - 1);
		if (!s)
			continue;
		char pair[2] = {'\\', letters[s - special]};
		if (sdp_buf_add(out, text + from, i - from, err) < 0 ||
		    sdp_buf_add(out, pair, 2, err) < 0)
			return -1;
		from = i + 1;
	}
	return sdp_buf_add(out, text + from, length - from, err);
}
