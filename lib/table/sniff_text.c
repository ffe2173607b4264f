/* Distinguishes text from CSV by the first lines. */
#include "table/sniff.h"

#include <string.h>

/*
 * LINES: the least lines; WORDS: the least words of the first line; PHRASE: the least words between
 * its commas, on average.
 */
enum { LINES = 3, WORDS = 6, PHRASE = 3 };

struct line {
	const char *text;
	size_t length;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * Finds the next line that is not empty, without its line end. Returns false if there is no
 * complete line, or at the end of the input (all), no line.
 */
static bool next_line(const char **at, const char *end, bool all, struct line *line)
{
	while (*at < end) {
		const char *lf = memchr(*at, '\n', (size_t)(end - *at));
		if (!lf && !all)
			return false;
		line->text = *at;
		line->length = (size_t)((lf ? lf : end) - *at);
		*at = lf ? lf + 1 : end;
		while (line->length && (line->text[line->length - 1] == '\r' ||
					is_blank(line->text[line->length - 1])))
			line->length--;
		if (line->length)
			return true;
	}
	return false;
}

size_t sdp_sniff_field(const char *text, size_t length, size_t *at, bool gaps, const char **field)
{
	size_t i = *at;
	while (i < length && is_blank(text[i]))
		i++;
	size_t start = i;
	while (i < length &&
	       !(is_blank(text[i]) &&
		 (!gaps || (i + 1 < length && is_blank(text[i + 1])) || text[i] == '\t')))
		i++;
	*field = text + start;
	*at = i;
	return i - start;
}

static size_t fields(const struct line *line, bool gaps)
{
	const char *field;
	size_t at = 0, count = 0;
	while (sdp_sniff_field(line->text, line->length, &at, gaps, &field) > 0)
		count++;
	return count;
}

/* What was found in the lines so far. */
struct evidence {
	/* words, gaps and commas are those of the first line */
	size_t lines, words, gaps, commas;
	bool even_words, even_gaps, even_commas; /* all later lines have as many */
	bool wide;                               /* more than one blank between words occurs */
	bool number;                             /* all later lines have digits */
	/* a quote; a comma not followed by a blank; a tab or bar */
	bool quotes, tight, bars;
};

static void look(struct evidence *e, const struct line *line)
{
	size_t commas = 0, words = fields(line, false), gaps = fields(line, true);
	bool number = false;
	for (size_t i = 0; i < line->length; i++) {
		char c = line->text[i];
		bool comma = c == ',' || c == ';';
		commas += comma;
		e->tight = e->tight || (comma && i + 1 < line->length && line->text[i + 1] != ' ');
		e->quotes = e->quotes || c == '"';
		e->bars = e->bars || c == '|' || c == '\t';
		e->wide = e->wide || (i && is_blank(c) && is_blank(line->text[i - 1]));
		number = number || (c >= '0' && c <= '9');
	}
	if (e->lines++ == 0) {
		*e = (struct evidence){1,    words,   gaps, commas,    true,     true,
				       true, e->wide, true, e->quotes, e->tight, e->bars};
		return;
	}
	e->even_words = e->even_words && words == e->words;
	e->even_gaps = e->even_gaps && gaps == e->gaps;
	e->even_commas = e->even_commas && commas == e->commas;
	e->number = e->number && number;
}

/* Returns the format that the lines so far allow, or NULL. */
static const char *possible(const struct evidence *e)
{
	bool table = e->commas == 0 && e->even_commas;
	if (e->quotes || e->tight || e->bars)
		return NULL;
	if (table && e->even_gaps && e->gaps > 1)
		return "txt-gaps";
	if (table && e->even_words && e->words > 1 && e->number)
		return "txt-blanks";
	return e->words >= WORDS && e->words >= PHRASE * (e->commas + 1) ? "txt" : NULL;
}

bool sdp_sniff_text(const char *bytes, size_t length, bool all, bool enough, const char **format)
{
	struct evidence e = {0};
	struct line line;
	if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		bytes += 3;
		length -= 3;
	}
	if (length && (*bytes == '{' || *bytes == '['))
		return true;
	for (const char *at = bytes; next_line(&at, bytes + length, all, &line);) {
		look(&e, &line);
		if (!possible(&e))
			return true;
	}
	if (!all && !enough)
		return false;
	const char *kind = e.lines < LINES ? NULL : possible(&e);
	bool sure = kind && (strcmp(kind, "txt") == 0 ? !e.even_commas
						      : strcmp(kind, "txt-gaps") == 0 || e.wide);
	if (sure)
		*format = kind;
	return true;
}
