/*
 * Prints text in aligned columns, and divides tables that are wider than the terminal.
 *
 * All that can fail is memory.  The functions that fill sheets or print them do not report that:
 * sdp_text_table_print checks err when all is done.
 */
#include "document/text_table.h"

#include "base/utf8.h"
#include "sdp/mem.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { GAP = 2, CELL = 40, CELL_TIGHT = 24, LIST = 72, WIDEST = 1000 };

struct cell {
	size_t at; /* offset in the text of the sheet */
	int width;
};

/* A table as it is shown. */
struct sheet {
	size_t lines, columns; /* the header is the first line */
	struct cell *cells;    /* lines × columns */
	struct sdp_buf text;   /* of all cells, each ended by a NUL */
	struct sdp_text_layout layout;
	int *limits; /* of the width of the texts of each column; 0: none */
	int limit;   /* of the width of prose; 0: only limits count */
	int names;   /* the limit of the headings of transposed rows; 0: that of their columns */
	size_t key;  /* the first column that distinguishes the rows */
	bool key_cut, cut_words;
	bool bold; /* the header */
};

/* Returns whether a text has only printable characters of ASCII, which are shown as they are. */
static bool is_plain(const char *text, size_t length)
{
	bool plain = true;
	for (size_t i = 0; i < length; i++)
		plain &= (unsigned char)(text[i] - ' ') < 0x7f - ' ';
	return plain;
}

int sdp_text_table_clean(struct sdp_buf *out, const char *text, size_t length, int limit,
			 int *width, struct sdp_err *err)
{
	size_t kept = out->length; /* the length up to which there is room for "…" */
	int kept_width = 0, w = 0;
	if (length <= (limit ? (size_t)limit : INT_MAX) && is_plain(text, length)) {
		*width += (int)length;
		return sdp_buf_add(out, text, length, err);
	}
	for (size_t i = 0; i < length;) {
		char escape[8];
		const char *piece = text + i;
		size_t n = sdp_utf8_shown(piece, length - i), bytes = n ? n : 2;
		if (!n && (*piece == '\n' || *piece == '\t'))
			piece = *piece == '\n' ? "\\n" : "\\t";
		else if (!n) {
			bytes = (size_t)snprintf(escape, sizeof escape, "\\x%02x",
						 (unsigned char)*piece);
			piece = escape;
		}
		w += n == 1 ? 1 : n ? sdp_utf8_width(piece, n) : (int)bytes;
		if (w > INT_MAX / 2) /* of a record of a gigabyte */
			w = INT_MAX / 2;
		if (limit && w > limit) {
			out->length = kept;
			*width += kept_width + 1;
			return sdp_buf_add_text(out, "…", err);
		}
		if (sdp_buf_add(out, piece, bytes, err) < 0)
			return -1;
		if (w < limit) {
			kept = out->length;
			kept_width = w;
		}
		i += n ? n : 1;
	}
	*width += w;
	return 0;
}

int sdp_text_table_pad(struct sdp_buf *out, int count, struct sdp_err *err)
{
	size_t n = count > 0 ? (size_t)count : 0;
	if (sdp_buf_reserve(out, n, err) < 0)
		return -1;
	memset(out->data + out->length, ' ', n);
	out->length += n;
	out->data[out->length] = '\0';
	return 0;
}

void sdp_text_table_release(struct sdp_text_table *table)
{
	free(table->cells);
	sdp_buf_release(&table->text);
	*table = (struct sdp_text_table){0};
}

int sdp_text_table_add(struct sdp_text_table *table, enum sdp_text_kind kind, const char *text,
		       size_t length, struct sdp_err *err)
{
	if (sdp_grow(&table->cells, &table->capacity, table->count + 1, sizeof *table->cells, err) <
	    0)
		return -1;
	table->cells[table->count++] =
		(struct sdp_text_cell){table->text.length, kind == SDP_TEXT_NULL ? 1 : length,
				       kind};
	return kind == SDP_TEXT_NULL ? sdp_buf_add(&table->text, "-", 1, err)
				     : sdp_buf_add(&table->text, text, length, err);
}

void sdp_text_layout_release(struct sdp_text_layout *layout)
{
	free(layout->widths);
	free(layout->right);
	*layout = (struct sdp_text_layout){0};
}

static void release(struct sheet *sheet)
{
	free(sheet->cells);
	free(sheet->limits);
	sdp_text_layout_release(&sheet->layout);
	sdp_buf_release(&sheet->text);
}

/*
 * Returns the limit of a cell where rows are cut. A single word (an id, a name, a path) may be
 * something to copy, so in the key column it is not cut; nor is a list there, which without its end
 * would be another one, unless it is long.
 */
static int tight_limit(const struct sheet *sheet, size_t column, enum sdp_text_kind kind,
		       const char *text, size_t length)
{
	bool key = column == sheet->key && !sheet->key_cut;
	if (kind == SDP_TEXT_LIST && key)
		return LIST;
	if (memchr(text, ' ', length) || (sheet->cut_words && column != sheet->key))
		return sheet->limit;
	return key ? 0 : CELL;
}

static int limit_of(const struct sheet *sheet, size_t column, enum sdp_text_kind kind,
		    const char *text, size_t length)
{
	int limit = 0, most = sheet->limits[column];
	if (kind == SDP_TEXT_NUMBER)
		return 0;
	if (sheet->limit)
		limit = tight_limit(sheet, column, kind, text, length);
	return limit == 0 || (most && most < limit) ? most : limit;
}

/* Sets the limit of all columns, at least 1. */
static void set_limits(struct sheet *sheet, int limit)
{
	for (size_t c = 0; c < sheet->columns; c++)
		sheet->limits[c] = limit > 1 ? limit : 1;
}

static void fill(struct sheet *sheet, const struct sdp_text_table *table, int limit,
		 struct sdp_err *err)
{
	struct sdp_text_layout *layout = &sheet->layout;
	sheet->text.length = 0;
	sheet->limit = limit;
	memset(layout->widths, 0, sheet->columns * sizeof *layout->widths);
	for (size_t i = 0; i < table->count; i++) {
		const struct sdp_text_cell *from = &table->cells[i];
		const char *text = table->text.data + from->at;
		struct cell *cell = &sheet->cells[i];
		size_t column = i % sheet->columns;
		int most = i < sheet->columns && sheet->names
				   ? sheet->names
				   : limit_of(sheet, column, from->kind, text, from->length);
		*cell = (struct cell){sheet->text.length, 0};
		sdp_text_table_clean(&sheet->text, text, from->length, most, &cell->width, err);
		sdp_buf_add(&sheet->text, "", 1, err);
		if (cell->width > layout->widths[column])
			layout->widths[column] = cell->width;
	}
}

/* Aligns the columns that contain only numbers and nulls to the right. */
static void align(struct sheet *sheet, const struct sdp_text_table *table)
{
	for (size_t c = 0; c < table->columns; c++) {
		bool numbers = false, others = false;
		for (size_t i = table->columns + c; i < table->count; i += table->columns) {
			numbers |= table->cells[i].kind == SDP_TEXT_NUMBER;
			others |= table->cells[i].kind == SDP_TEXT_OTHER ||
				  table->cells[i].kind == SDP_TEXT_LIST;
		}
		sheet->layout.right[c] = numbers && !others;
	}
}

static bool differ(const struct sdp_text_table *table, size_t i, size_t k)
{
	const struct sdp_text_cell *a = &table->cells[i], *b = &table->cells[k];
	const char *text = table->text.data;
	return a->kind != b->kind || a->length != b->length ||
	       memcmp(text + a->at, text + b->at, a->length) != 0;
}

static size_t find_key(const struct sdp_text_table *table)
{
	size_t columns = table->columns;
	for (size_t c = 0; c < columns; c++)
		for (size_t i = 2 * columns + c; i < table->count; i += columns)
			if (differ(table, i, columns + c))
				return c;
	return 0;
}

static int make(struct sheet *sheet, const struct sdp_text_table *table, struct sdp_err *err)
{
	struct sdp_text_layout *layout = &sheet->layout;
	sheet->lines = table->count / table->columns;
	sheet->columns = layout->columns = table->columns;
	sheet->cut_words = table->cut_words;
	sheet->cells = sdp_alloc(table->count, sizeof *sheet->cells, err);
	layout->widths = sdp_alloc(sheet->columns, sizeof *layout->widths, err);
	layout->right = sdp_alloc(sheet->columns, sizeof *layout->right, err);
	sheet->limits = sdp_alloc(sheet->columns, sizeof *sheet->limits, err);
	if (!sheet->cells || !layout->widths || !layout->right || !sheet->limits)
		return -1;
	sheet->key = find_key(table);
	align(sheet, table);
	return 0;
}

/* Returns the width that the columns leave free; it is negative if they do not fit. */
static int64_t spare(const struct sheet *sheet, int width)
{
	int64_t total = -GAP;
	for (size_t c = 0; c < sheet->columns; c++)
		total += sheet->layout.widths[c] + GAP;
	return width - total;
}

/*
 * Returns how many blanks fill up a cell in a column of this width.  One long cell must not make
 * all other lines as long, so a column is at most WIDEST.
 */
static int room_of(int column, int cell)
{
	int room = (column < WIDEST ? column : WIDEST) - cell;
	return room > 0 ? room : 0;
}

static void print_cell(const struct sheet *sheet, size_t index, int width, bool right, bool last,
		       struct sdp_buf *out, struct sdp_err *err)
{
	const struct cell *cell = &sheet->cells[index];
	int room = room_of(width, cell->width);
	bool bold = sheet->bold && index < sheet->columns;
	sdp_text_table_pad(out, right ? room : 0, err);
	sdp_buf_add_text(out, bold ? SDP_BOLD : "", err);
	sdp_buf_add_text(out, sheet->text.data + cell->at, err);
	sdp_buf_add_text(out, bold ? SDP_PLAIN : "", err);
	if (last)
		sdp_buf_add(out, "\n", 1, err);
	else
		sdp_text_table_pad(out, GAP + (right ? 0 : room), err);
}

static void print_upright(const struct sheet *sheet, struct sdp_buf *out, struct sdp_err *err)
{
	for (size_t i = 0; i < sheet->lines * sheet->columns; i++) {
		size_t c = i % sheet->columns;
		print_cell(sheet, i, sheet->layout.widths[c], sheet->layout.right[c],
			   c + 1 == sheet->columns, out, err);
	}
}

/* Returns the width of a line that is printed as a column; numbers: only of its numbers. */
static int line_width(const struct sheet *sheet, size_t line, bool numbers)
{
	int width = 0;
	for (size_t c = 0; c < sheet->columns; c++)
		if (sheet->cells[line * sheet->columns + c].width > width &&
		    (!numbers || sheet->layout.right[c]))
			width = sheet->cells[line * sheet->columns + c].width;
	return width;
}

/*
 * Prints the lines first to end - 1 side by side, after the header. The numbers of a line are
 * aligned to the right among themselves, and beside its texts to the left.
 */
static void print_group(const struct sheet *sheet, const int *widths, const int *numbers,
			size_t first, size_t end, struct sdp_buf *out, struct sdp_err *err)
{
	for (size_t c = 0; c < sheet->columns; c++) {
		bool right = sheet->layout.right[c];
		print_cell(sheet, c, widths[0], false, false, out, err);
		for (size_t line = first; line < end; line++) {
			bool last = line + 1 == end;
			int room = right ? numbers[line] : widths[line];
			print_cell(sheet, line * sheet->columns + c, room, right, last, out, err);
			sdp_text_table_pad(out, last ? 0 : widths[line] - room, err);
		}
	}
}

/* Returns the end of the range of widths from from on that fit next to the first one. */
static size_t group_end(const int *widths, int first, size_t from, size_t count, int width)
{
	int total = first;
	size_t end = from;
	for (; end < count; end++) {
		total += GAP + widths[end];
		if (total > width && end > from)
			break;
	}
	return end;
}

static size_t count_groups(const int *widths, int first, size_t from, size_t count, int width)
{
	size_t groups = 0;
	for (; from < count; groups++)
		from = group_end(widths, first, from, count, width);
	return groups;
}

/* Returns the width of the columns [from, to), with a gap after each. */
static int total_of(const struct sheet *sheet, size_t from, size_t to)
{
	int total = 0;
	while (from < to)
		total += sheet->layout.widths[from++] + GAP;
	return total;
}

/* Returns whether two rows, one after the other, have the same text in the columns [from, to). */
static bool repeats(const struct sheet *sheet, size_t from, size_t to)
{
	for (size_t line = 2; line < sheet->lines; line++) {
		const struct cell *cells = sheet->cells + line * sheet->columns;
		size_t c = from;
		while (c < to && strcmp(sheet->text.data + cells[c].at,
					sheet->text.data + (cells - sheet->columns)[c].at) == 0)
			c++;
		if (c == to)
			return true;
	}
	return false;
}

/*
 * Returns the end of the columns that distinguish the rows: from the key, if that is a text, the
 * texts that follow it, and numbers as long as rows are the same without them.  These columns leave
 * half of the width free.
 */
static size_t keys_end(const struct sheet *sheet, size_t from, int width)
{
	size_t end = from + 1;
	while (!sheet->layout.right[from] && end < sheet->columns &&
	       total_of(sheet, from, end + 1) - GAP <= width / 2 &&
	       (!sheet->layout.right[end] || repeats(sheet, from, end)))
		end++;
	return end;
}

/* Prints the columns [keys, keys_to) and [first, end) of all lines; the latter end later. */
static void print_panel(const struct sheet *sheet, size_t keys, size_t keys_to, size_t first,
			size_t end, struct sdp_buf *out, struct sdp_err *err)
{
	size_t begin = keys < keys_to && keys < first ? keys : first;
	for (size_t line = 0; line < sheet->lines; line++)
		for (size_t c = begin; c < end; c++) {
			if (c >= keys_to && c < first)
				c = first;
			print_cell(sheet, line * sheet->columns + c, sheet->layout.widths[c],
				   sheet->layout.right[c], c + 1 == end, out, err);
		}
}

/*
 * Prints all rows in panels: each has as many columns as fit, after those that distinguish the
 * rows. The columns before these are the same in all rows and are printed once.
 */
static void print_panels(const struct sheet *sheet, int width, struct sdp_buf *out,
			 struct sdp_err *err)
{
	size_t keys = sheet->key, to = keys_end(sheet, keys, width), first = 0, end;
	int before = total_of(sheet, keys, to) - GAP;
	bool more = false;
	if (total_of(sheet, 0, to < sheet->columns ? to + 1 : to) - GAP <= width) {
		end = group_end(sheet->layout.widths, total_of(sheet, 0, to) - GAP, to,
				sheet->columns, width);
		print_panel(sheet, keys, to, 0, end, out, err);
		first = end;
		more = true;
	}
	for (; first < sheet->columns; first = end) {
		/*
		 * Columns that are the same in all rows get a panel of their own if they leave no
		 * room for the key.
		 */
		bool alone = first < keys;
		if (first == keys)
			first = to;
		end = alone ? group_end(sheet->layout.widths, -GAP, first, keys, width)
			    : group_end(sheet->layout.widths, before, first, sheet->columns, width);
		sdp_buf_add(out, "\n", more, err);
		more = true;
		print_panel(sheet, alone ? 0 : keys, alone ? 0 : to, first, end, out, err);
	}
}

static void print_transposed(const struct sheet *sheet, const int *widths, const int *numbers,
			     int width, struct sdp_buf *out, struct sdp_err *err)
{
	if (sheet->lines == 1) /* there are no rows, so each name has a line */
		for (size_t c = 0; c < sheet->columns; c++)
			print_cell(sheet, c, 0, false, true, out, err);
	for (size_t first = 1, end; first < sheet->lines; first = end) {
		end = group_end(widths, widths[0], first, sheet->lines, width);
		sdp_buf_add(out, "\n", first > 1, err);
		print_group(sheet, widths, numbers, first, end, out, err);
	}
}

/*
 * Fills the sheet for transposed rows, whose texts are cut where they would not fit beside the
 * names of the columns. Sets the widths of the lines and those of their numbers.
 */
static void fill_transposed(struct sheet *sheet, const struct sdp_text_table *table, int limit,
			    int width, int *widths, int *numbers, struct sdp_err *err)
{
	/* Names leave a third of the width to the texts, if there are any. */
	sheet->names = sheet->lines == 1 || width < 3 ? width : width * 2 / 3;
	fill(sheet, table, limit, err);
	set_limits(sheet, width - line_width(sheet, 0, false) - GAP);
	fill(sheet, table, limit, err);
	sheet->names = 0;
	for (size_t line = 0; line < sheet->lines; line++) {
		widths[line] = line_width(sheet, line, false);
		numbers[line] = line_width(sheet, line, true);
	}
}

/*
 * Limits the columns of panels: those that distinguish the rows leave room for the widest of the
 * others. Each of them has half of the width if both are wide.
 */
static void limit_panels(struct sheet *sheet, int width)
{
	size_t keys = sheet->key, to = keys_end(sheet, keys, width);
	int half = (width - GAP) / 2, key = total_of(sheet, keys, to) - GAP, other = 0;
	for (size_t c = 0; c < sheet->columns; c++)
		if ((c < keys || c >= to) && sheet->layout.widths[c] > other)
			other = sheet->layout.widths[c];
	if (key + GAP + other <= width)
		return;
	set_limits(sheet, key > half ? half : width - GAP - key);
	if (to == keys + 1)
		sheet->limits[keys] = other > half ? half : width - GAP - other;
}

static void print_many(struct sheet *sheet, const struct sdp_text_table *table, int width,
		       struct sdp_buf *out, struct sdp_err *err)
{
	enum { FEW = 6 };
	const int *widths = sheet->layout.widths;
	set_limits(sheet, width);
	fill(sheet, table, CELL_TIGHT, err);
	/* A key that leaves no room for the many other columns is cut after all. */
	sheet->key_cut = sheet->columns > FEW && widths[sheet->key] > width * 2 / 3;
	if (sheet->key_cut)
		fill(sheet, table, CELL_TIGHT, err);
	limit_panels(sheet, width);
	fill(sheet, table, CELL_TIGHT, err);
	if (err->code == SDP_OK)
		print_panels(sheet, width, out, err);
}

/* Prints rows wider than the terminal: transposed or, if that would take many groups, in panels. */
static void print_wide(struct sheet *sheet, const struct sdp_text_table *table, int width,
		       struct sdp_buf *out, struct sdp_err *err)
{
	enum { GROUPS = 4 };
	static const int limits[] = {0, CELL};
	int *widths = sdp_alloc(2 * sheet->lines, sizeof *widths, err);
	if (!widths)
		return;
	int *numbers = widths + sheet->lines;
	bool few = false, many = sheet->lines > GROUPS * (size_t)width;
	for (size_t i = 0; !few && !many && i < sizeof limits / sizeof *limits; i++) {
		fill_transposed(sheet, table, limits[i], width, widths, numbers, err);
		few = count_groups(widths, widths[0], 1, sheet->lines, width) <= GROUPS;
	}
	if (few && err->code == SDP_OK)
		print_transposed(sheet, widths, numbers, width, out, err);
	else if (!few)
		print_many(sheet, table, width, out, err);
	free(widths);
}

/*
 * Sets limits that make the columns as wide as the terminal: only the widest ones are cut, all to
 * the same width, but none to less than the sheet has now. whole has their widths without a limit.
 */
static void share(struct sheet *sheet, const int *whole, int width)
{
	int level = width + 1;
	int64_t total;
	do {
		level--;
		total = -GAP;
		for (size_t c = 0; c < sheet->columns; c++) {
			int w = whole[c] < level ? whole[c] : level;
			sheet->limits[c] =
				w > sheet->layout.widths[c] ? w : sheet->layout.widths[c];
			total += sheet->limits[c] + GAP;
		}
	} while (total > width);
	for (size_t c = 0; c < sheet->columns && total < width; c++)
		if (sheet->limits[c] < whole[c]) {
			sheet->limits[c]++;
			total++;
		}
}

/* Fills the sheet with rows that fit, if need be by cutting cells. Returns whether they fit. */
static bool fill_upright(struct sheet *sheet, const struct sdp_text_table *table, int width,
			 struct sdp_err *err)
{
	size_t size = sheet->columns * sizeof *sheet->layout.widths;
	if (width) /* one more is enough to see that a cell does not fit */
		set_limits(sheet, width + 1);
	fill(sheet, table, 0, err);
	if (width == 0 || spare(sheet, width) >= 0)
		return true;
	int *whole = sdp_alloc(sheet->columns, sizeof *whole, err);
	if (!whole)
		return false;
	memcpy(whole, sheet->layout.widths, size);
	fill(sheet, table, CELL_TIGHT, err);
	bool fit = spare(sheet, width) >= 0;
	if (fit) {
		share(sheet, whole, width);
		fill(sheet, table, 0, err);
	}
	free(whole);
	return fit;
}

int sdp_text_table_print(const struct sdp_text_table *table, int width, bool bold,
			 struct sdp_text_layout *layout, struct sdp_buf *out, struct sdp_err *err)
{
	struct sheet sheet = {.bold = bold};
	bool fit = false;
	err->code = SDP_OK;
	if (make(&sheet, table, err) == 0)
		fit = fill_upright(&sheet, table, width, err);
	if (err->code == SDP_OK && fit)
		print_upright(&sheet, out, err);
	else if (err->code == SDP_OK)
		print_wide(&sheet, table, width, out, err);
	if (err->code == SDP_OK && fit && layout) {
		*layout = sheet.layout;
		layout->spare = width ? (int)spare(&sheet, width) : -1;
		sheet.layout = (struct sdp_text_layout){0};
	}
	release(&sheet);
	return sdp_err_result(err);
}

/* Returns the limit of a cell that comes after the layout was made. spare is the free width. */
static int late_limit(const struct sdp_text_layout *layout, size_t column, enum sdp_text_kind kind,
		      int spare)
{
	if (kind == SDP_TEXT_NUMBER || layout->spare < 0)
		return 0;
	int limit = layout->widths[column] + (spare > 0 ? spare : 0);
	return limit > 0 ? limit : 1;
}

int sdp_text_table_line(const struct sdp_text_table *table, size_t line,
			const struct sdp_text_layout *layout, struct sdp_buf *scratch,
			struct sdp_buf *out, struct sdp_err *err)
{
	int left = layout->spare;
	err->code = SDP_OK;
	for (size_t c = 0; c < table->columns; c++) {
		const struct sdp_text_cell *cell = &table->cells[line * table->columns + c];
		int width = 0, room;
		bool right = layout->right[c];
		scratch->length = 0;
		sdp_text_table_clean(scratch, table->text.data + cell->at, cell->length,
				     late_limit(layout, c, cell->kind, left), &width, err);
		room = room_of(layout->widths[c], width);
		left -= width > layout->widths[c] ? width - layout->widths[c] : 0;
		sdp_text_table_pad(out, right ? room : 0, err);
		sdp_buf_add(out, scratch->data, scratch->length, err);
		if (c + 1 < table->columns)
			sdp_text_table_pad(out, GAP + (right ? 0 : room), err);
	}
	sdp_buf_add(out, "\n", 1, err);
	return sdp_err_result(err);
}
