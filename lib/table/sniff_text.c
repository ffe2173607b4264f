/* Distinguishes text from CSV by the first lines. */
#include "table/sniff.h"

#include "base/text.h"
#include "sdp/num.h"

#include <string.h>

/*
 * LINES: the least lines; WORDS: the least words of the first line; PHRASE: the least words between
 * its commas, on average.
 */
enum { LINES = 3, WORDS = 6, PHRASE = 3, MOST_FIELDS = 256 };

struct line {
	const char *text;
	size_t length;
};

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
					sdp_is_blank(line->text[line->length - 1])))
			line->length--;
		if (line->length)
			return true;
	}
	return false;
}

size_t sdp_sniff_field(const char *text, size_t length, size_t *at, bool gaps, const char **field)
{
	size_t i = *at;
	while (i < length && sdp_is_blank(text[i]))
		i++;
	size_t start = i;
	while (i < length &&
	       !(sdp_is_blank(text[i]) &&
		 (!gaps || (i + 1 < length && sdp_is_blank(text[i + 1])) || text[i] == '\t')))
		i++;
	*field = text + start;
	*at = i;
	return i - start;
}

/* The places of the fields of all lines so far, in characters. */
struct fields {
	size_t count;                      /* in the first line */
	bool even;                         /* all later lines have as many */
	unsigned short start[MOST_FIELDS]; /* the leftmost … */
	unsigned short end[MOST_FIELDS];   /* … and the rightmost place of each one */
};

static size_t characters(const char *text, size_t length)
{
	size_t count = 0;
	for (size_t i = 0; i < length; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

static void add_fields(struct fields *f, const struct line *line, bool gaps, bool first)
{
	const char *field;
	size_t at = 0, k = 0, length;
	for (; (length = sdp_sniff_field(line->text, line->length, &at, gaps, &field)) > 0; k++) {
		if (k >= MOST_FIELDS)
			continue;
		size_t start = characters(line->text, (size_t)(field - line->text));
		size_t end = start + characters(field, length);
		if (first || start < f->start[k])
			f->start[k] = (unsigned short)start;
		if (first || end > f->end[k])
			f->end[k] = (unsigned short)end;
	}
	f->even = first || (f->even && k == f->count);
	f->count = first ? k : f->count;
}

/* Returns whether there are several columns, and a blank between them at the same place of all. */
static bool are_aligned(const struct fields *f)
{
	if (!f->even || f->count < 2 || f->count > MOST_FIELDS)
		return false;
	for (size_t k = 0; k + 1 < f->count; k++)
		if (f->end[k] >= f->start[k + 1])
			return false;
	return true;
}

/* What was found in the lines so far. */
struct evidence {
	size_t lines, commas; /* commas: of the first line */
	struct fields words, gaps;
	bool even_commas; /* all later lines have as many */
	bool wide;        /* in every line, more than one blank stands together */
	bool number;      /* all later lines have digits */
	/* a quote; a comma not followed by a blank; a tab or bar */
	bool quotes, tight, bars;
};

static void look(struct evidence *e, const struct line *line)
{
	size_t commas = 0;
	bool number = false, wide = false, first = e->lines++ == 0;
	add_fields(&e->words, line, false, first);
	add_fields(&e->gaps, line, true, first);
	for (size_t i = 0; i < line->length; i++) {
		char c = line->text[i];
		bool comma = c == ',' || c == ';';
		commas += comma;
		e->tight = e->tight || (comma && i + 1 < line->length && line->text[i + 1] != ' ');
		e->quotes = e->quotes || c == '"';
		e->bars = e->bars || c == '|' || c == '\t';
		wide = wide || (i && sdp_is_blank(c) && sdp_is_blank(line->text[i - 1]));
		number = number || sdp_is_digit(c);
	}
	e->wide = wide && (first || e->wide);
	e->number = first || (e->number && number);
	e->even_commas = first || (e->even_commas && commas == e->commas);
	e->commas = first ? commas : e->commas;
}

/* Returns the format that the lines so far allow, or NULL. */
static const char *possible(const struct evidence *e)
{
	bool table = e->commas == 0 && e->even_commas && e->wide;
	if (e->quotes || e->tight || e->bars)
		return NULL;
	if (table && are_aligned(&e->gaps))
		return "txt-gaps";
	if (table && are_aligned(&e->words) && e->number)
		return "txt-blanks";
	size_t words = e->words.count;
	return words >= WORDS && words >= PHRASE * (e->commas + 1) ? "txt" : NULL;
}

bool sdp_sniff_text(const char *bytes, size_t length, bool all, bool enough, const char **format)
{
	struct evidence e = {0};
	struct line line;
	size_t mark = sdp_text_mark(bytes, length);
	bytes += mark;
	length -= mark;
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
	if (kind && (strcmp(kind, "txt") != 0 || !e.even_commas))
		*format = kind;
	return true;
}
