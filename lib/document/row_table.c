/* Prints a table of rows that come one after the other. */
#include "document/row_table.h"

enum { ROWS = 1000, BYTES = 1 << 20, CELL_BYTES = 8 };

void sdp_row_table_release(struct sdp_row_table *t)
{
	sdp_text_table_release(&t->held);
	sdp_text_layout_release(&t->layout);
	sdp_buf_release(&t->scratch);
	*t = (struct sdp_row_table){0};
}

int sdp_row_table_add(struct sdp_row_table *t, enum sdp_text_kind kind, const char *text,
		      size_t length, struct sdp_err *err)
{
	return sdp_text_table_add(&t->held, kind, text, length, err);
}

/* Returns how many rows are held back. */
static size_t held_rows(const struct sdp_row_table *t)
{
	return t->held.count / t->held.columns - 1;
}

static int print_held(struct sdp_row_table *t, struct sdp_buf *out, struct sdp_err *err)
{
	if (t->begun && sdp_buf_add(out, "\n", 1, err) < 0)
		return -1;
	int rc = sdp_text_table_print(&t->held, t->width, t->bold, t->begun ? NULL : &t->layout,
				      out, err);
	t->begun = true;
	t->held.count = t->held.columns;
	t->held.text.length = t->header;
	return rc;
}

int sdp_row_table_end_row(struct sdp_row_table *t, struct sdp_buf *out, struct sdp_err *err)
{
	struct sdp_text_table *held = &t->held;
	if (held->columns == 0) {
		held->columns = held->count;
		t->header = held->text.length;
		return 0;
	}
	if (t->layout.widths) {
		int rc = sdp_text_table_line(held, 1, &t->layout, &t->scratch, out, err);
		held->count = held->columns;
		held->text.length = t->header;
		return rc;
	}
	size_t bytes =
		held->text.length - t->header + (held->count - held->columns) * (size_t)CELL_BYTES;
	return held_rows(t) == ROWS || bytes >= BYTES ? print_held(t, out, err) : 0;
}

int sdp_row_table_end(struct sdp_row_table *t, struct sdp_buf *out, struct sdp_err *err)
{
	return t->held.columns && (held_rows(t) || !t->begun) ? print_held(t, out, err) : 0;
}
