/* Writes cells as CSV and TSV, quoted by libcsv. */
#include "base/csv_cell.h"

#include "base/library.h"
#include "base/text.h"
#include "sdp/num.h"

#include <csv.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* libcsv cannot be asked for its version; this is that of its header. */
#define TEXT(number)                   #number
#define VERSION(major, minor, release) TEXT(major) "." TEXT(minor) "." TEXT(release)
SDP_LIBRARY(libcsv, VERSION(CSV_MAJOR, CSV_MINOR, CSV_RELEASE));

int sdp_csv_add_cell(struct sdp_buf *out, const char *text, size_t length, char delimiter,
		     struct sdp_err *err)
{
	bool blank = length && (text[0] == ' ' || text[length - 1] == ' ' || text[0] == '\t' ||
				text[length - 1] == '\t');
	bool plain = !blank && !memchr(text, delimiter, length) && !memchr(text, '"', length) &&
		     !memchr(text, '\n', length) && !memchr(text, '\r', length);
	if (plain)
		return sdp_buf_add(out, text, length, err);
	return sdp_csv_quote_cell(out, text, length, err);
}

int sdp_csv_quote_cell(struct sdp_buf *out, const char *text, size_t length, struct sdp_err *err)
{
	if (sdp_buf_reserve(out, 2 * length + 2, err) < 0)
		return -1;
	out->length +=
		csv_write(out->data + out->length, 2 * length + 2, length ? text : "", length);
	out->data[out->length] = '\0';
	return 0;
}

/* Returns whether the text begins like something other than a table: JSON, PDF, a mark, a tag. */
static bool begins_oddly(const char *name)
{
	unsigned char c = (unsigned char)*name;
	bool word = sdp_is_digit(*name) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    c == '_' || c >= 0x80;
	size_t length = strlen(name);
	return (!word && c) || sdp_text_mark(name, length) || strncasecmp(name, "sep=", 4) == 0 ||
	       strstr(name, ": ") || (length && name[length - 1] == ':');
}

/* Returns whether a reader could take the only name of a header for a line of text. */
static bool is_like_text(const char *name)
{
	enum { WORDS = 6 };
	size_t blanks = 0;
	for (const char *p = name; *p; p++)
		blanks += *p == ' ';
	return blanks + 1 >= WORDS || strstr(name, "  ");
}

int sdp_csv_add_header(struct sdp_buf *out, const struct sdp_csv_names *names, char delimiter,
		       struct sdp_err *err)
{
	bool lines = false;
	for (size_t i = 0; delimiter == '\t' && names->count > 1 && i < names->count; i++)
		lines = lines || strchr(names->name(names->context, i), '\n');
	for (size_t i = 0; i < names->count; i++) {
		const char *name = names->name(names->context, i);
		bool quote = lines || strpbrk(name, SDP_CSV_DELIMITERS) ||
			     (i == 0 && begins_oddly(name)) ||
			     (names->count == 1 && (*name == '\0' || is_like_text(name)));
		if (i && sdp_buf_add(out, &delimiter, 1, err) < 0)
			return -1;
		if ((quote ? sdp_csv_quote_cell(out, name, strlen(name), err)
			   : sdp_csv_add_cell(out, name, strlen(name), delimiter, err)) < 0)
			return -1;
	}
	return sdp_buf_add(out, "\n", 1, err);
}
