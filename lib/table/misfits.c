/* Counts the cells that are not what nearly all cells of their column are. */
#define _GNU_SOURCE /* memmem */
#include "table/misfits.h"

#include "base/utf8.h"
#include "sdp/columns.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WARNINGS = 5 };

#define NO_BREAK_SPACE        "\u00a0"
#define NARROW_NO_BREAK_SPACE "\u202f"
#define THIN_SPACE            "\u2009"
#define RIGHT_QUOTE           "\u2019"

/* Two of the pairs below, which have no separator of thousands. */
enum { BY_COMMA = 1, BY_STOP = 5 };

/* The pairs of options by which numbers are commonly written, the likeliest first. */
static const struct reading {
	char decimal;
	const char *thousands; /* one character; NULL: none, or the one that is given */
} readings[SDP_MISFITS_READINGS] = {
	{'.', ","},
	[BY_COMMA] = {',', NULL},
	{',', "."},
	{'.', " "},
	{',', " "},
	[BY_STOP] = {'.', NULL},
	{'.', NO_BREAK_SPACE},
	{',', NO_BREAK_SPACE},
	{'.', NARROW_NO_BREAK_SPACE},
	{',', NARROW_NO_BREAK_SPACE},
	{'.', THIN_SPACE},
	{',', THIN_SPACE},
	{'.', RIGHT_QUOTE},
	{',', RIGHT_QUOTE},
	{'.', "'"},
	{',', "'"},
};

/* Returns whether a separator of thousands, or none, is this one. */
static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_given(const struct reading *r, const struct sdp_schema *schema)
{
	return r->decimal == schema->decimal &&
	       (!r->thousands || same(r->thousands, schema->thousands));
}

/* ---- counting ---- */

/* Returns the set of readings by which a cell that is no number would be one. */
static unsigned readings_of(const struct sdp_schema *schema, const char *text, size_t length)
{
	unsigned set = 0;
	size_t blanks = 0;
	while (blanks < length && text[blanks] == ' ')
		blanks++;
	/* JSON has one way to write numbers. Most texts begin in a way in which no number does. */
	if (schema->format == SDP_FORMAT_JSON || blanks == length ||
	    !memchr("0123456789+-.,", text[blanks], 14))
		return 0;
	for (size_t i = 0; i < SDP_MISFITS_READINGS; i++) {
		const struct reading *r = &readings[i];
		const char *group = r->thousands ? r->thousands : schema->thousands;
		size_t none = r->decimal == ',' ? BY_COMMA : BY_STOP;
		struct sdp_number number;
		if (is_given(r, schema))
			continue;
		if (i > none && r->thousands && !schema->thousands &&
		    !memmem(text, length, group, strlen(group))) {
			set |= (set >> none & 1) << i;
			continue;
		}
		sdp_number_parse_grouped(text, length, r->decimal, group, &number);
		set |= (unsigned)(number.kind != SDP_NUMBER_NONE) << i;
	}
	return set;
}

/*
 * Returns whether a text is digits after a zero, perhaps with a point: 007 is meant as a code.  A
 * number of too many digits is none.
 */
static bool is_code(const char *text, size_t length)
{
	size_t at = length && (text[0] == '-' || text[0] == '+');
	if (length < at + 2 || text[at] != '0' || (length > SDP_DIGITS_MAX && text[at + 1] == '.'))
		return false;
	for (at++; at < length; at++)
		if ((text[at] < '0' || text[at] > '9') && text[at] != '.')
			return false;
	return true;
}

static int compare(const struct sdp_null_text *a, const char *text, size_t length)
{
	size_t n = a->length < length ? a->length : length;
	int order = memcmp(a->text, text, n);
	return order ? order : (a->length > length) - (a->length < length);
}

/* Inserts a text into the list of texts unless it is there. */
static void add_text(struct sdp_misfits *m, const char *text, size_t length)
{
	size_t at = 0;
	if (m->text_count > SDP_MISFITS_TEXTS)
		return;
	while (at < m->text_count && compare(&m->texts[at], text, length) < 0)
		at++;
	if (at < m->text_count && compare(&m->texts[at], text, length) == 0)
		return;
	if (m->text_count == SDP_MISFITS_TEXTS || length > sizeof m->texts->text) {
		m->text_count = SDP_MISFITS_TEXTS + 1;
		return;
	}
	memmove(m->texts + at + 1, m->texts + at, (m->text_count - at) * sizeof *m->texts);
	m->texts[at].length = length;
	memcpy(m->texts[at].text, text, length);
	m->text_count++;
}

static bool is_first(const struct sdp_misfits *m, uint64_t chunk, uint64_t record)
{
	return m->count == 0 || chunk < m->chunk || (chunk == m->chunk && record < m->record);
}

static void add_misfit(struct sdp_misfits *m, const struct sdp_block *block, size_t row,
		       const char *text, size_t length)
{
	uint64_t record = sdp_block_record(block, row);
	if (is_first(m, block->chunk, record)) {
		m->file = block->file;
		m->input = block->input;
		m->chunk = block->chunk;
		m->record = record;
		sdp_quote(m->first, sizeof m->first, text, length);
	}
	m->count++;
	unsigned set = m->class == SDP_CLASS_NUMBER ? readings_of(block->schema, text, length) : 0;
	for (size_t i = 0; i < SDP_MISFITS_READINGS; i++)
		m->read[i] += set >> i & 1;
	if (set)
		return;
	m->unread++;
	m->code |= m->class == SDP_CLASS_NUMBER && is_code(text, length);
	add_text(m, text, length);
}

/* Returns whether the point of a number may also separate thousands: 1.234. */
static bool may_group(const char *text, size_t length, const char *point)
{
	const char *digit = text + (*text == '-' || *text == '+');
	return point > digit && point - digit <= 3 && *digit != '0' && text + length - point == 4;
}

/*
 * Notes what would keep the numbers of a block from being numbers with other options. In most
 * columns with points, the first number has one that does not separate thousands.
 */
static void note_numbers(struct sdp_misfits *m, const struct sdp_block *block, size_t column,
			 const struct sdp_number_column *numbers)
{
	const char *group = block->schema->thousands;
	for (size_t row = 0; row < numbers->rows; row++) {
		bool points = numbers->seen & SDP_SEEN_REAL && !m->ungrouped;
		size_t length;
		if (!points && (!group || m->grouped))
			return;
		if (numbers->scale[row] == SDP_CELL_OTHER || numbers->scale[row] == SDP_CELL_NULL)
			continue;
		const char *text = sdp_block_cell(block, row, column, &length);
		const char *point = points ? memchr(text, block->schema->decimal, length) : NULL;
		m->points |= point != NULL;
		m->ungrouped |= point && !may_group(text, length, point);
		m->grouped |= group && memmem(text, length, group, strlen(group));
	}
}

void sdp_misfits_add(struct sdp_misfits *m, const struct sdp_block *block, size_t column,
		     enum sdp_class class, const struct sdp_number_column *numbers)
{
	m->class = class;
	m->values += numbers->rows - numbers->nulls;
	m->seen |= numbers->seen;
	if (class == SDP_CLASS_NUMBER)
		note_numbers(m, block, column, numbers);
	for (size_t row = 0; numbers->others && row < numbers->rows; row++)
		if (numbers->scale[row] == SDP_CELL_OTHER) {
			size_t length;
			const char *text = sdp_block_cell(block, row, column, &length);
			add_misfit(m, block, row, text, length);
		}
}

int sdp_misfits_read(struct sdp_misfits *m, const struct sdp_block *block, size_t column,
		     enum sdp_class class, struct sdp_number_column *numbers, struct sdp_err *err)
{
	if ((class == SDP_CLASS_TIME ? sdp_block_times : sdp_block_numbers)(block, column, numbers,
									    err) < 0)
		return -1;
	sdp_misfits_add(m, block, column, class, numbers);
	return 0;
}

void sdp_misfits_merge(struct sdp_misfits *a, const struct sdp_misfits *b)
{
	if (b->values == 0)
		return;
	a->class = b->class;
	if (b->count && is_first(a, b->chunk, b->record)) {
		a->file = b->file;
		a->input = b->input;
		a->chunk = b->chunk;
		a->record = b->record;
		memcpy(a->first, b->first, sizeof a->first);
	}
	a->values += b->values;
	a->count += b->count;
	a->seen |= b->seen;
	a->points |= b->points;
	a->ungrouped |= b->ungrouped;
	a->grouped |= b->grouped;
	for (size_t i = 0; i < SDP_MISFITS_READINGS; i++)
		a->read[i] += b->read[i];
	a->unread += b->unread;
	a->code |= b->code;
	for (size_t i = 0; i < b->text_count && i < SDP_MISFITS_TEXTS; i++)
		add_text(a, b->texts[i].text, b->texts[i].length);
	if (b->text_count > SDP_MISFITS_TEXTS)
		a->text_count = b->text_count;
}

/* Returns the index of the pair of options that reads most misfits. */
static size_t best_reading(const struct sdp_misfits *m)
{
	size_t best = 0;
	for (size_t i = 1; i < SDP_MISFITS_READINGS; i++)
		if (m->read[i] > m->read[best])
			best = i;
	return best;
}

/*
 * Returns whether there are misfits but only a few: at least two cells are of the class or become
 * numbers by one pair of options, and the others are fewer than these and at most a quarter of all,
 * or at most two, or all the same text. A column with codes like 007 is text by intention.
 */
static bool is_few(const struct sdp_misfits *m)
{
	uint64_t others = m->count - m->read[best_reading(m)], fit = m->values - others;
	return m->count && !m->code && fit >= 2 && others < fit &&
	       (others <= 2 || others <= m->values / 4 || m->text_count == 1);
}

enum sdp_class sdp_misfits_guess(const struct sdp_block *block, size_t column,
				 struct sdp_misfits *found)
{
	const struct sdp_schema *schema = block->schema;
	struct sdp_misfits numbers = {.class = SDP_CLASS_NUMBER}, times = {.class = SDP_CLASS_TIME};
	size_t most = block->rows / 2;
	for (size_t row = 0; row < block->rows && (numbers.unread <= most || times.unread <= most);
	     row++) {
		size_t length;
		const char *text = sdp_block_cell(block, row, column, &length);
		if (sdp_is_null(&schema->nulls, text, length))
			continue;
		enum sdp_class class = sdp_type_class(sdp_type_of(
			sdp_cell_seen(text, length, schema->decimal, schema->thousands)));
		numbers.values++;
		times.values++;
		if (class != SDP_CLASS_NUMBER)
			add_misfit(&numbers, block, row, text, length);
		if (class != SDP_CLASS_TIME)
			add_misfit(&times, block, row, text, length);
	}
	bool number = is_few(&numbers);
	if (found)
		*found = number ? numbers : times;
	return number ? SDP_CLASS_NUMBER : is_few(&times) ? SDP_CLASS_TIME : SDP_CLASS_TEXT;
}

/* ---- the warning ---- */

/* The text so far, always terminated; what does not fit is left out. */
struct line {
	char *text;
	size_t size, length;
};

static void put(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct line *line, const char *format, ...)
{
	va_list ap;
	size_t room = line->size - line->length;
	va_start(ap, format);
	int n = vsnprintf(line->text + line->length, room, format, ap);
	va_end(ap);
	line->length += n < (int)room ? (size_t)n : room - 1;
}

/* Returns the number of texts of --na, of which the null cell of JSON, the last one, is none. */
static size_t count_nulls(const struct sdp_nulls *nulls)
{
	size_t n = nulls->count;
	bool cell = n && nulls->texts[n - 1].length == 1 && nulls->texts[n - 1].text[0] == '\0';
	return n - cell;
}

/* Returns whether --na can take a text. */
static bool is_listable(const char *text, size_t length)
{
	return length <= sizeof((struct sdp_null_text *)NULL)->text && !memchr(text, ',', length) &&
	       sdp_utf8_all_shown(text, length);
}

enum { NULLS_LENGTH = 300 }; /* bytes of the texts of --na that a message shows whole */

/* Returns whether --na can take all texts that are no numbers, besides those that it takes now. */
static bool can_be_null(const struct sdp_misfits *m, const struct sdp_nulls *nulls)
{
	if (m->text_count == 0 || m->text_count > SDP_MISFITS_TEXTS ||
	    count_nulls(nulls) + m->text_count > SDP_NULLS_MAX)
		return false;
	size_t length = 0, count = count_nulls(nulls);
	for (size_t i = 0; i < count; i++)
		length += nulls->texts[i].length + 1;
	for (size_t i = 0; i < m->text_count; i++) {
		if (!is_listable(m->texts[i].text, m->texts[i].length))
			return false;
		length += m->texts[i].length + 1;
	}
	return length <= NULLS_LENGTH;
}

static void put_nulls(struct line *line, const struct sdp_misfits *m, const struct sdp_nulls *nulls)
{
	char list[(SDP_NULLS_MAX + 1) * 41 + 1] = "", word[4 * sizeof list];
	size_t n = 0, count = count_nulls(nulls);
	for (size_t i = 0; i < count + m->text_count; i++) {
		const struct sdp_null_text *t = i < count ? &nulls->texts[i] : &m->texts[i - count];
		n += (size_t)snprintf(list + n, sizeof list - n, "%s%.*s", i ? "," : "",
				      (int)t->length, t->text);
	}
	/* An empty list has no texts: the empty text alone is twice in the list. */
	put(line, "--na %s", sdp_shell_quote(word, sizeof word, n ? list : ","));
}

/* Returns how a shell takes a separator of thousands, so that it can be seen. */
static const char *separator(const char *thousands)
{
	static const char *const words[][2] = {{" ", "' '"},
					       {"'", "\"'\""},
					       {RIGHT_QUOTE, "'" RIGHT_QUOTE "'"},
					       {NO_BREAK_SPACE, "$'\\u00a0'"},
					       {NARROW_NO_BREAK_SPACE, "$'\\u202f'"},
					       {THIN_SPACE, "$'\\u2009'"}};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i][0], thousands) == 0)
			return words[i][1];
	return thousands;
}

static void put_reading(struct line *line, const struct reading *r, const struct sdp_schema *schema)
{
	bool decimal = r->decimal != schema->decimal;
	if (decimal)
		put(line, "--decimal %c", r->decimal);
	if (r->thousands && !same(r->thousands, schema->thousands))
		put(line, "%s--thousands %s", decimal ? " " : "", separator(r->thousands));
}

/* type: "=real" */
static void put_type(struct line *line, const struct sdp_schema *schema, size_t column,
		     const char *type)
{
	char word[SDP_COLUMNS_WORD];
	put(line, "--types %s", sdp_columns_word(schema, column, type, word));
}

/* Returns whether the cells that are numbers now would still be so, and the options go together. */
static bool fits_numbers(const struct reading *r, const struct sdp_misfits *m,
			 const struct sdp_schema *schema)
{
	if (m->grouped && r->thousands && !same(r->thousands, schema->thousands))
		return false;
	if (r->decimal == schema->decimal)
		return true;
	return (r->thousands && *r->thousands == schema->decimal ? !m->ungrouped : !m->points) &&
	       (r->thousands || !schema->thousands || r->decimal != *schema->thousands);
}

/*
 * Returns the pair of options that reads most misfits and that the numbers allow, if possible with
 * the decimal point that is given; NULL: none reads any.
 */
static const struct reading *fitting_reading(const struct sdp_misfits *m,
					     const struct sdp_schema *schema)
{
	const struct reading *best = NULL;
	uint64_t most = 0;
	for (size_t i = 0; i < SDP_MISFITS_READINGS; i++) {
		const struct reading *r = &readings[i];
		bool better = m->read[i] > most ||
			      (best && m->read[i] == most && r->decimal == schema->decimal &&
			       best->decimal != schema->decimal);
		if (!better || !fits_numbers(r, m, schema))
			continue;
		best = r;
		most = m->read[i];
	}
	return best;
}

/* Writes the other options that read all misfits: 1,200 may be meant as 1.2. */
static void put_alternative(struct line *line, const struct reading *r, const struct sdp_misfits *m,
			    const struct sdp_schema *schema)
{
	size_t other = schema->decimal == ',' ? BY_STOP : BY_COMMA;
	if (r->thousands && *r->thousands == readings[other].decimal &&
	    r->decimal == schema->decimal && m->read[other] == m->count &&
	    fits_numbers(&readings[other], m, schema))
		put(line, " or --decimal %c", readings[other].decimal);
}

static void put_help(struct line *line, const struct sdp_misfits *m,
		     const struct sdp_schema *schema, size_t column)
{
	const struct reading *r = fitting_reading(m, schema);
	uint64_t read = r ? m->read[r - readings] : 0;
	const char *them = m->count == 1 ? "it" : "them";
	bool reading = read > 0 && read + m->unread == m->count;
	bool null = m->unread > 0 && can_be_null(m, &schema->nulls);
	if (reading && m->unread == 0) {
		put_reading(line, r, schema);
		put_alternative(line, r, m, schema);
		put(line, " reads %s", them);
	} else if (reading && null) {
		put_reading(line, r, schema);
		put(line, " reads %" PRIu64 ", ", read);
		put_nulls(line, m, &schema->nulls);
		put(line, " reads the other%s as null", m->unread == 1 ? "" : "s");
	} else if (null && m->unread == m->count) {
		put_nulls(line, m, &schema->nulls);
		put(line, " reads %s as null", them);
	} else {
		put_type(line, schema, column, m->class == SDP_CLASS_TIME ? "=datetime" : "=real");
		put(line, " makes %s", m->count == 1 ? "it an error" : "them errors");
	}
}

const char *sdp_misfits_hint(const struct sdp_schema *schema, size_t column, const char *cell,
			     size_t length, char text[SDP_MISFITS_HINT])
{
	struct line line = {text, SDP_MISFITS_HINT, 0};
	struct sdp_misfits m = {.class = SDP_CLASS_NUMBER};
	struct sdp_number number;
	unsigned set = readings_of(schema, cell, length);
	for (size_t i = 0; i < SDP_MISFITS_READINGS; i++)
		m.read[i] = set >> i & 1;
	const struct reading *r = fitting_reading(&m, schema);
	sdp_number_parse_padded(cell, length, schema->decimal, schema->thousands, &number);
	text[0] = '\0';
	put(&line, " (");
	if (r)
		put_reading(&line, r, schema);
	else if (number.kind != SDP_NUMBER_NONE)
		put_type(&line, schema, column, number.integer ? "=integer" : "=real");
	else if (sdp_cell_seen(cell, length, schema->decimal, schema->thousands) ==
			 SDP_SEEN_STRING &&
		 is_listable(cell, length))
		put(&line, "--na");
	else
		return "";
	put(&line, "?)");
	return text;
}

struct sdp_place sdp_misfits_place(const struct sdp_misfits *m)
{
	return (struct sdp_place){m->file, m->record, NULL};
}

bool sdp_misfits_warning(const struct sdp_misfits *m, const struct sdp_schema *schema,
			 size_t column, const char *fate, size_t *found,
			 char text[SDP_MISFITS_TEXT])
{
	struct line line = {text, SDP_MISFITS_TEXT, 0};
	const char *name = schema->columns[column].name;
	bool one = m->count == 1, time = m->class == SDP_CLASS_TIME;
	if (!is_few(m) || ++*found > WARNINGS)
		return false;
	put(&line,
	    "column '%s' %s: %" PRIu64 " of %" PRIu64 " values %s, first %s in record %" PRIu64,
	    name, fate, m->count, m->values,
	    time  ? one ? "is not a date or time" : "are not dates or times"
	    : one ? "is not a number"
		  : "are not numbers",
	    m->first, m->record);
	if (m->input)
		put(&line, " of input %" PRIu32, m->input + 1);
	put(&line, "; ");
	put_help(&line, m, schema, column);
	return true;
}

bool sdp_misfits_more(size_t found, char text[SDP_MISFITS_TEXT])
{
	struct line line = {text, SDP_MISFITS_TEXT, 0};
	if (found <= WARNINGS)
		return false;
	put(&line, "and %zu more column%s like these", found - WARNINGS,
	    found - WARNINGS == 1 ? "" : "s");
	return true;
}
