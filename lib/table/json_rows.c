/*
 * Converts a chunk of JSON records to a block. While a record is read, each value is stored under
 * its column; when it ends, its cells are written in the order of the columns:
 *
 *	{"b":"x","a":{"c":1.50}}     columns a.c, b, d      1.50 | "x" |
 *
 * Strings keep their quotes, which sdp_block_cell removes: so a writer of JSON can tell the string
 * "1" from the number 1, and an empty string from null.
 *
 * While the columns are not known, the block has paths instead of cells. If there are very many,
 * the block is sparse: a row has cells only of columns that a record of the chunk has had so far.
 */
#include "table/json_rows.h"

#include "sdp/mem.h"
#include "table/input.h"
#include "table/reader.h"
#include "json/paths.h"
#include "json/validate.h"

#include <inttypes.h>
#include <stdio.h>

/*
 * The longest name of a column in bytes; without a limit, many names could share one very long key.
 */
enum { LONGEST = 4096 };

/* The text of a cell as the block has it: strings are in quotes. */
struct cell {
	const char *text; /* 16 bytes are readable in any case */
	uint32_t length;
	uint32_t row; /* the row that last set it, from 1 */
};

/* An open object or array. */
struct frame {
	uint32_t node, last; /* last: the child before the current one */
	uint32_t index;      /* the index of the next element of an array */
	bool array;
};

struct sdp_json_rows {
	struct sdp_json json;
	struct sdp_json_paths shape;
	struct frame frames[SDP_JSON_DEPTH + 2];
	unsigned depth;     /* frames[depth] is the innermost */
	uint32_t row, node; /* node: that of the next value */
	struct cell *cells;
	size_t cell_capacity;
	struct {
		bool on;
		/* The starts and slots of the block, and the column of each of count slots. */
		uint32_t *starts, *slots, *columns, count;
		size_t starts_capacity, slots_capacity, columns_capacity;
	} sparse;
	uint32_t *found; /* the nodes that are columns, while the columns are not known */
	size_t found_count, found_capacity;
	struct sdp_buf decoded, key, out;
	/* About the current chunk: */
	struct sdp_reader *reader;
	const struct sdp_source *source;
	const struct sdp_schema *schema;
	const struct sdp_chunk *chunk;
	bool known;
	bool ends_input; /* the chunk is the last one of a complete input */
	bool empty_list; /* the source's list was an empty array */
	struct sdp_err *err;
};

void sdp_json_rows_free(struct sdp_json_rows *r)
{
	if (!r)
		return;
	sdp_json_paths_release(&r->shape);
	sdp_buf_release(&r->decoded);
	sdp_buf_release(&r->key);
	sdp_buf_release(&r->out);
	free(r->cells);
	free(r->sparse.starts);
	free(r->sparse.slots);
	free(r->sparse.columns);
	free(r->found);
	free(r);
}

/* ---- faults ---- */

static uint64_t record_of(const struct sdp_json_rows *r)
{
	return r->chunk->first_record + r->row - 1;
}

static struct sdp_place place_of(const struct sdp_json_rows *r)
{
	return (struct sdp_place){sdp_source_name(r->source, r->chunk->input), record_of(r), NULL};
}

static int fail_syntax(const struct sdp_json_rows *r)
{
	char what[200];
	return sdp_json_fail_at(r->source, r->chunk, record_of(r), r->json.fault_at,
				sdp_json_describe(&r->json, what), r->err);
}

/* Fails with a fault of a key or value at this byte of the chunk; the message shows text. */
static int fail_text(const struct sdp_json_rows *r, const char *at, const char *fault,
		     const char *text, size_t length)
{
	char quoted[64], what[120];
	snprintf(what, sizeof what, "%s: %s", fault,
		 sdp_quote(quoted, sizeof quoted, text, length));
	return sdp_json_fail_at(r->source, r->chunk, record_of(r), (size_t)(at - r->json.text),
				what, r->err);
}

/* ---- keys ---- */

static int fail_child(const struct sdp_json_rows *r)
{
	if (r->shape.count < SDP_JSON_NODES)
		return -1;
	return sdp_fail_at(
		r->err, place_of(r),
		"more than %d keys and elements: is the table nested deeper (--records)?",
		SDP_JSON_NODES);
}

/*
 * Goes to the child that comes next, and remembers that it does, so that it can be guessed in the
 * next record.
 */
static inline void go_to(struct sdp_json_rows *r, struct frame *f, uint32_t child)
{
	struct sdp_json_node *nodes = r->shape.nodes;
	if (f->last)
		nodes[f->last].after = child;
	else
		nodes[f->node].first = child;
	f->last = child;
	nodes[child].row = r->row;
	r->node = child;
}

/* Looks up a key that was not guessed. */
static int look_up_key(struct sdp_json_rows *r, const struct sdp_json_token *t)
{
	struct frame *f = &r->frames[r->depth];
	const char *key = t->start;
	size_t length = t->length;
	if (t->escaped) {
		r->key.length = 0;
		if (sdp_buf_reserve(&r->key, length, r->err) < 0)
			return -1;
		key = r->key.data;
		length = sdp_json_decode(t->start, length, r->key.data);
		if (memchr(key, '\0', length))
			return fail_text(r, t->start, "a key with a NUL cannot name a column",
					 t->start, t->length);
	}
	uint32_t child = sdp_json_paths_child(&r->shape, f->node, key, length, UINT32_MAX, r->err);
	if (!child)
		return fail_child(r);
	if (r->shape.nodes[child].row == r->row)
		return fail_text(r, t->start - 1, "a duplicate key in an object", key, length);
	go_to(r, f, child);
	return 0;
}

/* Returns whether n bytes are equal. Keys are short; 8 bytes after them must be readable. */
static inline bool same_bytes(const char *a, const char *b, size_t n)
{
	uint64_t x, y;
	for (; n >= 8; a += 8, b += 8, n -= 8) {
		memcpy(&x, a, 8);
		memcpy(&y, b, 8);
		if (x != y)
			return false;
	}
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	memcpy(&x, a, 8);
	memcpy(&y, b, 8);
	return n == 0 || (x ^ y) << (64 - 8 * n) == 0;
#else
	return memcmp(a, b, n) == 0;
#endif
}

/* Returns whether the next key is the one that came next last time; if so, it is consumed. */
static inline bool guess_key(struct sdp_json_rows *r)
{
	struct sdp_json *j = &r->json;
	struct frame *f = &r->frames[r->depth];
	const char *p = j->text + j->at, *end = j->text + j->length;
	uint32_t child = f->last ? r->shape.nodes[f->last].after : r->shape.nodes[f->node].first;
	if (!child || f->array)
		return false;
	const struct sdp_json_node *n = &r->shape.nodes[child];
	if (j->expect == SDP_JSON_AFTER_VALUE) {
		p = sdp_json_blanks(p);
		if (*p++ != ',')
			return false;
	}
	p = sdp_json_blanks(p);
	if (*p++ != '"' || n->row == r->row || !n->plain || (size_t)(end - p) <= n->length)
		return false;
	if (p[n->length] != '"' || !same_bytes(p, r->shape.names.data + n->name, n->length))
		return false;
	p = sdp_json_blanks(p + n->length + 1);
	if (*p != ':')
		return false;
	j->at = (size_t)(p + 1 - j->text);
	j->expect = SDP_JSON_AT_VALUE;
	go_to(r, f, child);
	return true;
}

/*
 * Goes to an element. Its name is its index or, in a record that is an array, the name in the
 * header.
 */
static int element(struct sdp_json_rows *r, struct frame *f)
{
	uint32_t child = f->last ? r->shape.nodes[f->last].after : r->shape.nodes[f->node].first,
		 index = f->index++;
	if (child && r->shape.nodes[child].index == index) {
		go_to(r, f, child);
		return 0;
	}
	char number[24];
	size_t length;
	const char *name = number;
	if (r->depth == 1 && f->array && index < r->source->json.width)
		name = sdp_json_column_name(r->source, index, &length);
	else
		length = (size_t)snprintf(number, sizeof number, "%" PRIu32, index);
	child = sdp_json_paths_child(&r->shape, f->node, name, length, index, r->err);
	if (!child)
		return fail_child(r);
	go_to(r, f, child);
	return 0;
}

/* ---- values ---- */

/* The columns of a file that is followed are those of its first records. */
static int fail_new_key(const struct sdp_json_rows *r)
{
	char quoted[64];
	return sdp_fail_at(r->err, place_of(r),
			   "a new key: %s: with --follow, the records that the file has at first "
			   "name the columns; -x chooses some, and ignores all other keys",
			   sdp_quote(quoted, sizeof quoted, r->key.data, r->key.length));
}

/* Finds the column of a node when the node has a value for the first time. */
static int place_node(struct sdp_json_rows *r, uint32_t node)
{
	struct sdp_json_node *n = &r->shape.nodes[node];
	r->key.length = 0;
	if (sdp_json_paths_name(&r->shape, node, &r->key, r->err) < 0)
		return -1;
	if (r->key.length > LONGEST)
		return sdp_fail_at(r->err, place_of(r),
				   "the name of a column has more than %d bytes", LONGEST);
	if (!r->known) {
		if (sdp_grow(&r->found, &r->found_capacity, r->found_count + 1, sizeof *r->found,
			     r->err) < 0)
			return -1;
		n->column = (uint32_t)r->found_count;
		r->found[r->found_count++] = node;
		return 0;
	}
	const size_t *column = sdp_map_find(&r->source->json.columns,
					    r->key.data ? r->key.data : "", r->key.length);
	if (!column && r->source->options.follow && r->source->options.other_keys) {
		n->column = (uint32_t)r->schema->count;
		return 0;
	}
	if (!column && r->source->options.follow)
		return fail_new_key(r);
	if (!column)
		return sdp_fail_at(r->err, (struct sdp_place){.file = place_of(r).file},
				   "the file changed while it was read");
	n->column = (uint32_t)*column;
	if (r->sparse.on && r->sparse.slots[*column] == UINT32_MAX) {
		r->sparse.columns[r->sparse.count] = n->column;
		r->sparse.slots[*column] = r->sparse.count++;
	}
	return 0;
}

/* Fails, unless the values are those of keys that are ignored. */
static int two_values(const struct sdp_json_rows *r, uint32_t column)
{
	if (column == r->schema->count)
		return 0;
	struct sdp_place place = place_of(r);
	place.column = r->schema->columns[column].name;
	return sdp_fail_at(r->err, place,
			   "two values for one column: a key with a full stop and a nested key "
			   "give the same name");
}

static inline int set(struct sdp_json_rows *r, const char *text, size_t length)
{
	uint32_t column = r->shape.nodes[r->node].column;
	if (column == SDP_JSON_NO_COLUMN) {
		if (place_node(r, r->node) < 0)
			return -1;
		column = r->shape.nodes[r->node].column;
	}
	if (!r->known)
		return 0;
	struct cell *cell = &r->cells[column];
	if (cell->row == r->row)
		return two_values(r, column);
	*cell = (struct cell){text, (uint32_t)length, r->row};
	return 0;
}

static int set_escaped(struct sdp_json_rows *r, const struct sdp_json_token *t)
{
	/*
	 * All decoded strings of a chunk together, with their quotes, are no longer than the chunk,
	 * so the buffer never moves.
	 */
	if (r->decoded.length == 0 &&
	    sdp_buf_reserve(&r->decoded, r->json.length + SDP_JSON_PADDING, r->err) < 0)
		return -1;
	char *text = r->decoded.data + r->decoded.length;
	size_t length = sdp_json_decode(t->start, t->length, text + 1);
	if (memchr(text + 1, '\0', length))
		return fail_text(r, t->start, "a string with a NUL cannot be a cell", t->start,
				 t->length);
	text[0] = text[length + 1] = '"';
	r->decoded.length += length + 2;
	return set(r, text, length + 2);
}

static int open_container(struct sdp_json_rows *r, bool array)
{
	r->frames[++r->depth] = (struct frame){.node = r->node, .array = array};
	return 0;
}

/*
 * Returns the cell of null and of a member that a record does not have.  It is null whatever --na
 * says: where the empty cell is not, its text is SDP_NULL_CELL, which no other cell has.
 */
static struct cell null_cell(const struct sdp_json_rows *r)
{
	static const char null[16] = SDP_NULL_CELL;
	return (struct cell){.text = null, .length = !r->schema->nulls.empty, .row = r->row};
}

/* Appends a cell. 16 bytes may be written in any case. */
static inline char *put_cell(char *out, const struct cell *cell)
{
	memcpy(out, cell->text, 16);
	if (cell->length > 16)
		memcpy(out + 16, cell->text + 16, cell->length - 16);
	return out + cell->length;
}

/* Appends the cells of the row and their ends. */
static int end_row(struct sdp_json_rows *r, size_t bytes)
{
	bool sparse = r->sparse.on;
	size_t columns = sparse ? r->sparse.count : r->schema->count,
	       ends = sparse ? r->sparse.starts[r->row - 1] : (size_t)(r->row - 1) * columns;
	if (!r->known)
		return 0;
	if (sdp_grow(&r->reader->ends, &r->reader->ends_capacity, ends + 1 + columns,
		     sizeof *r->reader->ends, r->err) < 0 ||
	    sdp_buf_reserve(&r->out, bytes + 3 * columns + SDP_JSON_PADDING, r->err) < 0)
		return -1;
	uint32_t *end = r->reader->ends + 1 + ends;
	char *start = r->out.data, *out = start + r->out.length;
	const struct cell null = null_cell(r);
	for (size_t i = 0; i < columns; i++) {
		const struct cell *cell = &r->cells[sparse ? r->sparse.columns[i] : i];
		out = put_cell(out, cell->row == r->row ? cell : &null);
		*end++ = (uint32_t)(out - start);
		*out++ = '\n';
	}
	r->out.length = (size_t)(out - start);
	if (!sparse)
		return 0;
	if (sdp_grow(&r->sparse.starts, &r->sparse.starts_capacity, r->row + 1,
		     sizeof *r->sparse.starts, r->err) < 0)
		return -1;
	r->sparse.starts[r->row] = (uint32_t)(ends + columns);
	return 0;
}

/* ---- records ---- */

static int check_width(const struct sdp_json_rows *r, uint32_t count)
{
	size_t width = r->source->json.width;
	if (!r->source->json.arrays || count == width)
		return 0;
	return sdp_fail_at(r->err, place_of(r), "%" PRIu32 " value%s where the %s has %zu", count,
			   count == 1 ? "" : "s",
			   r->source->json.header ? "header" : "first record", width);
}

/* Stores NaN or Infinity as a string, because as a number it could not be written as JSON. */
static int set_nan(struct sdp_json_rows *r, const struct sdp_json_token *t)
{
	static const char nan[16] = "\"NaN\"", plus[16] = "\"Infinity\"",
			  minus[16] = "\"-Infinity\"";
	return set(r, *t->start == 'N' ? nan : *t->start == 'I' ? plus : minus, t->length + 2);
}

/* Notes that the array of a node is empty, if it is the list that the source wants. */
static int note_empty(struct sdp_json_rows *r, uint32_t node)
{
	const char *list = r->source->options.list;
	if (r->known || r->empty_list || !list)
		return 0;
	r->key.length = 0;
	if (sdp_json_paths_name(&r->shape, node, &r->key, r->err) < 0)
		return -1;
	r->empty_list =
		r->key.length == strlen(list) && memcmp(r->key.data, list, r->key.length) == 0;
	return 0;
}

static inline int take_token(struct sdp_json_rows *r, enum sdp_json_kind kind,
			     const struct sdp_json_token *t)
{
	if (kind == SDP_JSON_KEY)
		return look_up_key(r, t);
	if (kind == SDP_JSON_CLOSE) {
		const struct frame *closed = &r->frames[r->depth--];
		if (r->depth == 0)
			return check_width(r, closed->index);
		return closed->array && closed->index == 0 ? note_empty(r, closed->node) : 0;
	}
	struct frame *f = &r->frames[r->depth];
	if (f->array && element(r, f) < 0)
		return -1;
	switch (kind) {
	case SDP_JSON_OBJECT:
	case SDP_JSON_ARRAY:
		return open_container(r, kind == SDP_JSON_ARRAY);
	case SDP_JSON_STRING:
		return t->escaped && r->known ? set_escaped(r, t)
					      : set(r, t->start - 1, t->length + 2);
	case SDP_JSON_NUMBER:
		return set(r, t->start, t->length);
	case SDP_JSON_TRUE:
		return set(r, "true\0\0\0\0\0\0\0\0\0\0\0", 4);
	case SDP_JSON_FALSE:
		return set(r, "false\0\0\0\0\0\0\0\0\0\0", 5);
	case SDP_JSON_NULL: {
		const struct cell null = null_cell(r);
		return set(r, null.text, null.length);
	}
	case SDP_JSON_NAN:
		return set_nan(r, t);
	default:
		return fail_syntax(r);
	}
}

/* Reads a record from after its opening bracket to after its closing one. */
static int one_record(struct sdp_json_rows *r, bool array)
{
	struct sdp_json *j = &r->json;
	size_t start = j->at;
	r->node = 0;
	r->depth = 0;
	open_container(r, array);
	do {
		if ((j->expect == SDP_JSON_AFTER_VALUE || j->expect == SDP_JSON_AT_MEMBER) &&
		    guess_key(r))
			continue;
		struct sdp_json_token t = {0};
		enum sdp_json_kind kind = sdp_json_next(j, &t);
		if (take_token(r, kind, &t) < 0)
			return -1;
	} while (r->depth > 0);
	return end_row(r, j->at - start);
}

/* Reads the record, or whatever else begins here. Returns 1, 0 after the last record, or -1. */
static int next_record(struct sdp_json_rows *r)
{
	struct sdp_json_token t;
	bool arrays = r->source->json.arrays;
	enum sdp_json_kind kind = sdp_json_next(&r->json, &t);
	bool cut_off =
		kind == SDP_JSON_FAULT && r->json.fault_at >= r->json.length && !r->ends_input;
	if (kind == SDP_JSON_FAULT && !cut_off)
		return fail_syntax(r);
	if (kind == SDP_JSON_DONE)
		return 0;
	if (kind == SDP_JSON_CLOSE)
		return sdp_json_validator_rest(r->source, r->chunk, UINT64_MAX,
					       r->chunk->first_record == 1, true, r->err);
	if (kind == (arrays ? SDP_JSON_ARRAY : SDP_JSON_OBJECT))
		return one_record(r, arrays) < 0 ? -1 : 1;
	if (cut_off && sdp_json_validator_rest(r->source, r->chunk, UINT64_MAX,
					       r->chunk->first_record == 1, true, r->err) < 0)
		return -1;
	return sdp_fail_at(r->err, place_of(r), "%s, where records are %s",
			   cut_off ? "a value" : sdp_json_kind_name(kind),
			   arrays ? "arrays" : "objects");
}

static void begin_text(struct sdp_json_rows *r, unsigned base)
{
	struct sdp_json *j = &r->json;
	bool first = r->chunk->first_record == 1;
	sdp_json_init(j, !r->source->json.single);
	j->nan_fault = r->source->json.nan_fault;
	j->text = r->reader->text;
	j->length = r->reader->length;
	j->final = true;
	j->expect = first ? SDP_JSON_AT_START : SDP_JSON_AT_TOP;
	if (base) {
		j->depth = 1;
		j->most = SDP_JSON_DEPTH + 1 - base;
		j->expect = first ? SDP_JSON_AT_ELEMENT : SDP_JSON_AFTER_VALUE;
	}
	memset(r->reader->text + r->reader->length, 0, SDP_JSON_PADDING);
}

static int all_records(struct sdp_json_rows *r, unsigned base)
{
	struct sdp_json *j = &r->json;
	uint64_t most = r->reader->most;
	int rc = 1;
	for (r->row = 1; rc > 0; r->row += rc > 0) {
		if (most && r->row > most)
			return 0;
		const char *p = sdp_json_blanks(j->text + j->at);
		if (p == j->text + j->length)
			break;
		rc = next_record(r);
	}
	if (rc <= 0)
		return rc;
	/* The array of records must be closed. */
	if (!base || !r->ends_input)
		return 0;
	j->at = j->length;
	sdp_json_wants(j, j->text + j->length);
	return fail_syntax(r);
}

static int start(struct sdp_reader *reader, struct sdp_err *err)
{
	if (!reader->json)
		reader->json = sdp_alloc(1, sizeof *reader->json, err);
	return reader->json ? sdp_json_paths_start(&reader->json->shape, err) : -1;
}

/* Begins a sparse block, whose cell 0 is the null cell. */
static int begin_sparse(struct sdp_json_rows *r)
{
	size_t columns = r->schema->count;
	const struct cell null = null_cell(r);
	if (sdp_grow(&r->sparse.starts, &r->sparse.starts_capacity, 1, sizeof *r->sparse.starts,
		     r->err) < 0 ||
	    sdp_grow(&r->sparse.slots, &r->sparse.slots_capacity, columns, sizeof *r->sparse.slots,
		     r->err) < 0 ||
	    sdp_grow(&r->sparse.columns, &r->sparse.columns_capacity, columns,
		     sizeof *r->sparse.columns, r->err) < 0 ||
	    sdp_grow(&r->reader->ends, &r->reader->ends_capacity, 2, sizeof *r->reader->ends,
		     r->err) < 0)
		return -1;
	memset(r->sparse.slots, 0xff, columns * sizeof *r->sparse.slots);
	r->sparse.count = 0;
	r->sparse.starts[0] = 1;
	char *end = put_cell(r->out.data, &null);
	*end++ = '\n';
	r->out.length = (size_t)(end - r->out.data);
	r->reader->ends[1] = (uint32_t)null.length;
	return 0;
}

int sdp_json_block(struct sdp_reader *reader, const struct sdp_source *source,
		   const struct sdp_schema *schema, const struct sdp_chunk *chunk,
		   struct sdp_block *block, struct sdp_err *err)
{
	struct sdp_input_state there;
	*block = (struct sdp_block){
		.schema = schema,
		.file = sdp_source_name(source, chunk->input),
		.input = chunk->input,
		.columns = schema->count,
		.first_record = chunk->first_record,
	};
	sdp_block_quote(block, '"');
	if (start(reader, err) < 0)
		return -1;
	struct sdp_json_rows *r = reader->json;
	r->reader = reader;
	r->source = source;
	r->schema = schema;
	r->chunk = chunk;
	r->known = source->json.known;
	r->err = err;
	r->found_count = 0;
	r->empty_list = false;
	r->out.length = r->decoded.length = 0;
	if (sdp_grow(&r->cells, &r->cell_capacity, schema->count + 1, sizeof *r->cells, err) < 0 ||
	    sdp_grow(&reader->ends, &reader->ends_capacity, 1, sizeof *reader->ends, err) < 0 ||
	    sdp_buf_reserve(&r->out, SDP_JSON_PADDING, err) < 0)
		return -1;
	/* The last one is that of keys which are ignored. */
	memset(r->cells, 0, (schema->count + 1) * sizeof *r->cells);
	r->sparse.on = r->known && schema->count > SDP_JSON_DENSE;
	if (r->sparse.on && begin_sparse(r) < 0)
		return -1;
	sdp_source_input_state(source, chunk->input, &there);
	r->ends_input = there.complete && chunk->offset + chunk->length == there.end;
	begin_text(r, there.base);
	int rc = all_records(r, there.base);
	reader->ends[0] = UINT32_MAX;
	struct sdp_err ignored;
	r->err = rc < 0 ? &ignored : err;
	if (!r->known &&
	    sdp_json_paths_list(&r->shape, r->found, r->found_count, &reader->cells, r->err) < 0)
		return -1;
	block->rows = r->row - 1;
	block->text = r->out.data;
	block->ends = reader->ends + 1;
	block->paths = r->known ? NULL : &reader->cells;
	block->empty_list = r->empty_list;
	if (r->sparse.on) {
		block->starts = r->sparse.starts;
		block->slots = r->sparse.slots;
	}
	return rc;
}
