/* Reads the items of rows and the baskets of blocks, in all forms of the input. */
#include "fpgrowth.h"

#include "base/text.h"
#include "sdp/columns.h"
#include "sdp/mem.h"
#include "sdp/num.h"

#include <stdlib.h>
#include <string.h>

static int find_column(const struct sdp_schema *schema, const char *option, const char *name,
		       size_t *index, struct sdp_err *err)
{
	struct sdp_err why;
	if (sdp_columns_find(schema, name, strlen(name), index, &why) < 0)
		return sdp_fail(err, why.code, "%s: %.900s", option, why.text);
	return 0;
}

/* Fails because no column and no array of JSON has this name, and suggests one that is near. */
static int no_list(const char *name, const struct sdp_schema *schema, struct sdp_err *err)
{
	struct sdp_schema lists = *schema;
	size_t index;
	int rc = 0;
	if (!(lists.columns = sdp_alloc(schema->count + 1, sizeof *lists.columns, err)))
		return -1;
	lists.count = 0;
	for (size_t i = 0; rc == 0 && i < schema->count; i++) {
		const char *column = schema->columns[i].name, *dot = strrchr(column, '.');
		bool item = schema->format == SDP_FORMAT_JSON && dot && dot[1] &&
			    !dot[1 + strspn(dot + 1, "0123456789")];
		size_t length = item ? (size_t)(dot - column) : strlen(column);
		const char *last = lists.count ? lists.columns[lists.count - 1].name : "";
		if (item && sdp_text_is(column, length, last))
			continue;
		struct sdp_column *list = &lists.columns[lists.count];
		*list = schema->columns[i];
		rc = (list->name = sdp_strndup(column, length, err)) ? 0 : -1;
		lists.count += rc == 0;
	}
	if (rc == 0)
		find_column(&lists, "--items-column", name, &index, err);
	for (size_t i = 0; i < lists.count; i++)
		free((char *)lists.columns[i].name);
	free(lists.columns);
	return -1;
}

/*
 * Finds the column that has lists as text and, in JSON, the columns of the elements of the arrays
 * of that name. One of the two may be missing.
 */
static int find_list(struct fpgrowth_input *in, const char *name, const struct sdp_schema *schema,
		     struct sdp_err *err)
{
	if (!(in->columns = sdp_alloc(schema->count + 1, sizeof *in->columns, err)))
		return -1;
	in->texts = in->count = sdp_columns_has(schema, name, strlen(name));
	if (in->texts && find_column(schema, "--items-column", name, in->columns, err) < 0)
		return -1;
	for (size_t i = 0; schema->format == SDP_FORMAT_JSON && i < schema->count; i++) {
		bool within;
		if (!sdp_columns_is_item(schema->columns[i].name, name, &within))
			continue;
		if (within)
			return sdp_fail(
				err, SDP_DATA,
				"--items-column: the arrays of '%s' contain more than items: "
				"there is a column '%s'",
				name, schema->columns[i].name);
		in->columns[in->count++] = i;
	}
	return in->count ? 0 : no_list(name, schema, err);
}

static int find_columns(struct fpgrowth_input *in, const struct fpgrowth_params *p,
			const struct sdp_schema *schema, struct sdp_err *err)
{
	if (in->form == FPGROWTH_ONE_HOT || in->form == FPGROWTH_TABLE)
		return sdp_columns_select(schema, p->common.columns, &in->columns, &in->count, err);
	if (in->form == FPGROWTH_LIST)
		return find_list(in, p->items_column, schema, err);
	if (!(in->columns = sdp_alloc(2, sizeof *in->columns, err)))
		return -1;
	in->count = in->form == FPGROWTH_PIECES ? 2 : 1;
	if (in->form == FPGROWTH_PIECES &&
	    (find_column(schema, "--basket", p->basket, in->columns, err) < 0 ||
	     find_column(schema, "--item", p->item, in->columns + 1, err) < 0))
		return -1;
	return 0;
}

int fpgrowth_input_init(struct fpgrowth_input *in, const struct fpgrowth_params *p,
			const struct sdp_schema *schema, struct sdp_err *err)
{
	*in = (struct fpgrowth_input){.separator = p->separator, .separated = p->separator != 0};
	in->form = p->basket         ? FPGROWTH_PIECES
		   : p->one_hot      ? FPGROWTH_ONE_HOT
		   : p->table        ? FPGROWTH_TABLE
		   : p->items_column ? FPGROWTH_LIST
				     : FPGROWTH_LINES;
	if (find_columns(in, p, schema, err) == 0)
		return 0;
	free(in->columns);
	in->columns = NULL;
	return -1;
}

/* ---- text with several items ---- */

static int take_words(const char *s, size_t length, struct fpgrowth_taker *taker,
		      struct sdp_err *err)
{
	const char *end = s + length;
	for (;;) {
		while (s < end && sdp_is_blank(*s))
			s++;
		const char *word = s;
		while (s < end && !sdp_is_blank(*s))
			s++;
		if (s == word)
			return 0;
		if (taker->item(taker->context, word, (size_t)(s - word), err) < 0)
			return -1;
	}
}

static int take_items(const struct fpgrowth_input *in, const char *s, size_t length,
		      struct fpgrowth_taker *taker, struct sdp_err *err)
{
	const char *end = s + length;
	if (!in->separator || sdp_is_blank(in->separator))
		if (in->separator != '\t')
			return take_words(s, length, taker, err);
	for (const char *next; s < end; s = next + 1) {
		next = memchr(s, in->separator, (size_t)(end - s));
		next = next ? next : end;
		const char *from = s, *to = next;
		while (from < to && sdp_is_blank(*from))
			from++;
		while (to > from && sdp_is_blank(to[-1]))
			to--;
		if (to > from && taker->item(taker->context, from, (size_t)(to - from), err) < 0)
			return -1;
	}
	return 0;
}

/*
 * Refuses a table that was not declared as one: a first line with a separator of cells or a quote
 * is not a list of items between blanks. --separator switches the check off.
 */
static int refuse_table(const struct sdp_block *block, size_t row, const char *line, size_t length,
			struct sdp_err *err)
{
	static const char marks[] = ",;\t|\"";
	for (size_t i = 0; i < length; i++)
		if (memchr(marks, line[i], sizeof marks - 1)) {
			struct sdp_place place = {block->file, sdp_block_record(block, row), NULL};
			sdp_fail_at(err, place,
				    "this looks like CSV, not like items separated "
				    "by blanks: " FPGROWTH_FORMS
				    "; for lines, --separator names the character between items");
			err->code = SDP_USAGE;
			return -1;
		}
	return 0;
}

/* ---- rows of tables ---- */

static int take_pair(const struct sdp_block *block, size_t row, size_t column,
		     struct fpgrowth_taker *taker, struct sdp_err *err)
{
	size_t length;
	const char *cell = sdp_block_cell(block, row, column, &length);
	if (sdp_is_null(&block->schema->nulls, cell, length))
		return 0;
	taker->text.length = 0;
	if (sdp_buf_add_text(&taker->text, block->schema->columns[column].name, err) < 0 ||
	    sdp_buf_add(&taker->text, "=", 1, err) < 0 ||
	    sdp_buf_add(&taker->text, cell, length, err) < 0)
		return -1;
	return taker->item(taker->context, taker->text.data, taker->text.length, err);
}

/*
 * A number other than 0 and the word true mean that the row has the item. 0, false and null mean
 * that it has not.
 */
static int take_flag(const struct sdp_block *block, size_t row, size_t column,
		     struct fpgrowth_taker *taker, struct sdp_err *err)
{
	const struct sdp_schema *schema = block->schema;
	struct sdp_number number;
	size_t length;
	const char *cell = sdp_block_cell(block, row, column, &length);
	int flag = length == 1 && (*cell == '0' || *cell == '1') ? *cell == '1' : -1;
	if (flag < 0 && !sdp_is_null(&schema->nulls, cell, length)) {
		flag = sdp_boolean_parse(cell, length);
		sdp_number_parse_grouped(cell, length, schema->decimal, schema->thousands, &number);
		if (flag < 0 && number.kind == SDP_NUMBER_NONE) {
			char quoted[64];
			return sdp_fail_at(err, sdp_block_place(block, row, column),
					   "not a number, true or false: %s",
					   sdp_quote(quoted, sizeof quoted, cell, length));
		}
		if (flag < 0)
			flag = number.real != 0;
	}
	const char *name = schema->columns[column].name;
	return flag > 0 ? taker->item(taker->context, name, strlen(name), err) : 0;
}

static int take_cell(const struct fpgrowth_input *in, const struct sdp_block *block, size_t row,
		     size_t i, struct fpgrowth_taker *taker, struct sdp_err *err)
{
	size_t length;
	const char *cell = sdp_block_cell(block, row, in->columns[i], &length);
	if (sdp_is_null(&block->schema->nulls, cell, length))
		return 0;
	return i < in->texts ? take_items(in, cell, length, taker, err)
			     : taker->item(taker->context, cell, length, err);
}

int fpgrowth_read_row(const struct fpgrowth_input *in, const struct sdp_block *block, size_t row,
		      struct fpgrowth_taker *taker, struct sdp_err *err)
{
	if (in->form == FPGROWTH_LINES) {
		size_t length;
		const char *line = sdp_block_cell(block, row, 0, &length);
		if (!in->separated && sdp_block_record(block, row) == 1 &&
		    refuse_table(block, row, line, length, err) < 0)
			return -1;
		return take_items(in, line, length, taker, err);
	}
	int rc = 0;
	for (size_t i = in->form == FPGROWTH_PIECES; rc == 0 && i < in->count; i++)
		rc = in->form == FPGROWTH_TABLE ? take_pair(block, row, in->columns[i], taker, err)
		     : in->form == FPGROWTH_ONE_HOT
			     ? take_flag(block, row, in->columns[i], taker, err)
			     : take_cell(in, block, row, i, taker, err);
	return rc;
}

/* ---- blocks ---- */

static int write_item(void *writer, const char *text, size_t length, struct sdp_err *err)
{
	return sdp_basket_item(writer, text, length, err);
}

static struct sdp_basket_place place_of(const struct sdp_block *block, size_t row)
{
	return (struct sdp_basket_place){block->file, block->chunk, sdp_block_record(block, row),
					 0};
}

/* Consecutive rows of the same basket make one piece. */
static int read_pieces(const struct fpgrowth_input *in, const struct sdp_block *block,
		       struct sdp_basket_writer *w, struct fpgrowth_taker *taker, uint64_t *dropped,
		       struct sdp_err *err)
{
	const char *last = NULL;
	size_t last_length = 0;
	struct sdp_basket_place place = {0};
	for (size_t row = 0; row <= block->rows; row++) {
		size_t length = 0;
		const char *key = row < block->rows
					  ? sdp_block_cell(block, row, in->columns[0], &length)
					  : NULL;
		if (key && sdp_is_null(&block->schema->nulls, key, length)) {
			++*dropped;
			continue;
		}
		bool same = key && last && length == last_length && memcmp(key, last, length) == 0;
		if (last && !same) {
			struct sdp_text_key id = sdp_text_key_of(last, last_length);
			if (sdp_basket_piece(w, id, &place, err) < 0)
				return -1;
		}
		if (!same && key)
			place = place_of(block, row);
		last = key;
		last_length = length;
		if (key && fpgrowth_read_row(in, block, row, taker, err) < 0)
			return -1;
	}
	return 0;
}

int fpgrowth_read_block(const struct fpgrowth_input *in, const struct sdp_block *block,
			struct sdp_basket_writer *w, uint64_t *dropped, struct sdp_err *err)
{
	struct fpgrowth_taker taker = {write_item, w, {0}};
	int rc = 0;
	if (in->form == FPGROWTH_PIECES)
		rc = read_pieces(in, block, w, &taker, dropped, err);
	for (size_t row = 0; in->form != FPGROWTH_PIECES && rc == 0 && row < block->rows; row++) {
		struct sdp_basket_place place = place_of(block, row);
		rc = fpgrowth_read_row(in, block, row, &taker, err);
		if (rc == 0)
			rc = sdp_basket_end(w, &place, err);
	}
	if (rc == 0)
		rc = sdp_basket_flush(w, err);
	sdp_buf_release(&taker.text);
	sdp_basket_writer_release(w);
	return rc;
}
