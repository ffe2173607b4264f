/*
 * Text in aligned columns, for tables on a terminal. All widths are in terminal columns. Functions
 * return 0 or -1.
 */
#ifndef SDP_DOCUMENT_TEXT_TABLE_H
#define SDP_DOCUMENT_TEXT_TABLE_H

#include "document/value.h"

/*
 * Appends text as a terminal can show it: control characters become \n or \xNN, and invalid UTF-8
 * becomes \xNN. The text is cut to limit columns, of which the last is "…" (0: not cut). Adds the
 * width of what is shown to *width.
 */
int sdp_text_table_clean(struct sdp_buf *out, const char *text, size_t length, int limit,
			 int *width, struct sdp_err *err);

/* Appends count blanks. */
int sdp_text_table_pad(struct sdp_buf *out, int count, struct sdp_err *err);

enum sdp_text_kind {
	SDP_TEXT_NULL,   /* shown as "-"; its text does not count */
	SDP_TEXT_NUMBER, /* aligned to the right if its column has no other texts; never cut */
	SDP_TEXT_LIST,   /* several texts, such as the items of a set */
	SDP_TEXT_OTHER,
};

struct sdp_text_cell {
	size_t at, length; /* of its text in that of the table */
	enum sdp_text_kind kind;
};

/* The texts of a table, line by line; the first line is the header. {0} is empty. */
struct sdp_text_table {
	size_t columns;
	struct sdp_text_cell *cells;
	size_t count, capacity; /* of cells */
	struct sdp_buf text;
	bool cut_words; /* outside the key, single words are cut as prose is */
};

void sdp_text_table_release(struct sdp_text_table *table);

/* Appends the next cell. */
int sdp_text_table_add(struct sdp_text_table *table, enum sdp_text_kind kind, const char *text,
		       size_t length, struct sdp_err *err);

/* How lines with one row each are laid out. */
struct sdp_text_layout {
	size_t columns;
	int *widths; /* one per column; NULL: there is no layout */
	bool *right; /* whether a column is aligned to the right */
	int spare;   /* the width that the columns leave free; -1: there is no limit */
};

void sdp_text_layout_release(struct sdp_text_layout *layout);

/*
 * Appends the rows of the table under its header, which is bold if bold is set. If they are wider
 * than width (0: no limit), the widest columns are cut. If much would be cut, the rows are
 * transposed or divided into panels (sdp_doc_print); otherwise *layout, unless it is NULL, becomes
 * their layout, which the caller releases. A cell that is wider than 1,000 does not widen its
 * column further, but moves those after it to the right.
 */
int sdp_text_table_print(const struct sdp_text_table *table, int width, bool bold,
			 struct sdp_text_layout *layout, struct sdp_buf *out, struct sdp_err *err);

/*
 * Appends one line of a table in the layout of other lines. A cell that is wider than its column
 * moves those after it to the right, and a text is cut where the line would be wider than the
 * terminal. scratch is memory for a cell.
 */
int sdp_text_table_line(const struct sdp_text_table *table, size_t line,
			const struct sdp_text_layout *layout, struct sdp_buf *scratch,
			struct sdp_buf *out, struct sdp_err *err);

#endif
