/* Added cells, and rows written with them. */
#include "sdp/rowtext.h"

#include "sdp/mem.h"
#include "sdp/num.h"

#include <stdio.h>
#include <string.h>

/* ---- added cells ---- */

void sdp_added_release(struct sdp_added *added)
{
	sdp_buf_release(&added->text);
	free(added->ends);
	*added = (struct sdp_added){0};
}

int sdp_added_text(struct sdp_added *added, const char *text, size_t length, struct sdp_err *err)
{
	if (length > UINT32_MAX - added->text.length)
		return sdp_fail(err, SDP_SYSTEM, "the added cells of a chunk exceed 4 GiB");
	if (sdp_grow(&added->ends, &added->capacity, added->count + 1, sizeof *added->ends, err) < 0 ||
	    sdp_buf_add(&added->text, text, length, err) < 0)
		return -1;
	added->ends[added->count++] = (uint32_t)added->text.length;
	return 0;
}

int sdp_added_null(struct sdp_added *added, struct sdp_err *err)
{
	return sdp_added_text(added, "", 0, err);
}

int sdp_added_integer(struct sdp_added *added, int64_t value, struct sdp_err *err)
{
	char text[32];
	return sdp_added_text(added, text, sdp_decimal_print(text, value, 0), err);
}

int sdp_added_real(struct sdp_added *added, double value, struct sdp_err *err)
{
	char text[32];
	if (value != value || value - value != 0)
		return sdp_added_null(added, err);
	return sdp_added_text(added, text, sdp_num_print(text, value), err);
}

static const char *added_cell(const struct sdp_added *added, size_t i, size_t *length)
{
	uint32_t start = i ? added->ends[i - 1] : 0;
	*length = added->ends[i] - start;
	return added->text.data + start;
}

/* ---- JSON ---- */

static int add_string(struct sdp_buf *out, const char *s, size_t length, struct sdp_err *err)
{
	static const char special[] = "\"\\\n\t\r\b\f", letters[] = "\"\\ntrbf";
	/* At most \u001f a byte. */
	if (sdp_buf_reserve(out, 6 * length + 2, err) < 0)
		return -1;
	char *p = out->data + out->length;
	*p++ = '"';
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c >= ' ' && c != '"' && c != '\\') {
			*p++ = s[i];
			continue;
		}
		const char *found = memchr(special, s[i], sizeof special - 1);
		if (found) {
			*p++ = '\\';
			*p++ = letters[found - special];
		} else {
			p += snprintf(p, 7, "\\u%04x", c);
		}
	}
	*p++ = '"';
	*p = '\0';
	out->length = (size_t)(p - out->data);
	return 0;
}

static size_t digits(const char *s, size_t from, size_t length)
{
	while (from < length && s[from] >= '0' && s[from] <= '9')
		from++;
	return from;
}

/* By the grammar of RFC 8259: -? (0 | [1-9] digits) (. digits+)? ([eE] [+-]? digits+)? */
static bool is_number(const char *s, size_t length)
{
	size_t i = length && s[0] == '-', start = i;
	i = digits(s, i, length);
	if (i == start || (s[start] == '0' && i > start + 1))
		return false;
	if (i < length && s[i] == '.') {
		start = i + 1;
		i = digits(s, start, length);
		if (i == start)
			return false;
	}
	if (i < length && (s[i] == 'e' || s[i] == 'E')) {
		start = i + 1;
		start += start < length && (s[start] == '+' || s[start] == '-');
		i = digits(s, start, length);
		if (i == start)
			return false;
	}
	return i == length;
}

static int add_json(const struct sdp_rowtext *rt, struct sdp_buf *out, const char *s, size_t length,
		    struct sdp_err *err)
{
	if (sdp_is_null(&rt->schema->nulls, s, length))
		return sdp_buf_add(out, "null", 4, err);
	return is_number(s, length) ? sdp_buf_add(out, s, length, err) : add_string(out, s, length, err);
}

static int add_json_added(const struct sdp_rowtext *rt, struct sdp_buf *out, size_t column,
			  const char *s, size_t length, struct sdp_err *err)
{
	if (length == 0)
		return sdp_buf_add(out, "null", 4, err);
	return rt->added[column].numeric ? sdp_buf_add(out, s, length, err) : add_json(rt, out, s, length, err);
}

/* ---- how rows are written ---- */

static const char *name_of(const struct sdp_rowtext *rt, size_t column)
{
	size_t columns = rt->schema->count;
	return column < columns ? rt->schema->columns[column].name : rt->added[column - columns].name;
}

static int make_keys(struct sdp_rowtext *rt, struct sdp_err *err)
{
	struct sdp_buf keys = {0};
	size_t count = rt->schema->count + rt->added_count;
	rt->key_ends = sdp_alloc(count, sizeof *rt->key_ends, err);
	int rc = rt->key_ends ? 0 : -1;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		const char *name = name_of(rt, i);
		rc = sdp_buf_add(&keys, i ? "," : "{", 1, err);
		if (rc == 0)
			rc = add_string(&keys, name, strlen(name), err);
		if (rc == 0)
			rc = sdp_buf_add(&keys, ":", 1, err);
		rt->key_ends[i] = keys.length;
	}
	rt->keys = keys.data;
	return rc;
}

int sdp_rowtext_init(struct sdp_rowtext *rt, enum sdp_rowtext_format format, const char *file,
		     const struct sdp_schema *schema, const struct sdp_added_column *added,
		     size_t added_count, struct sdp_err *err)
{
	*rt = (struct sdp_rowtext){format, schema, added, added_count, NULL, NULL};
	for (size_t i = 0; i < added_count; i++)
		for (size_t k = 0; k < schema->count; k++)
			if (strcmp(added[i].name, schema->columns[k].name) == 0)
				return sdp_fail_at(err, (struct sdp_place){file, 1, added[i].name},
						   "the input has a column of the name that is to be added: rename or drop it first");
	int rc = format == SDP_ROWTEXT_NDJSON ? make_keys(rt, err) : 0;
	if (rc < 0)
		sdp_rowtext_release(rt);
	return rc;
}

void sdp_rowtext_release(struct sdp_rowtext *rt)
{
	free(rt->keys);
	free(rt->key_ends);
	rt->keys = NULL;
	rt->key_ends = NULL;
}

/* The value of cell column of columns in a CSV or TSV record. */
static int add_value(const struct sdp_rowtext *rt, struct sdp_buf *out, size_t column, const char *s,
		     size_t length, struct sdp_err *err)
{
	bool tsv = rt->format == SDP_ROWTEXT_TSV;
	if (column && sdp_buf_add(out, tsv ? "\t" : ",", 1, err) < 0)
		return -1;
	if (tsv)
		return sdp_tsv_add_cell(out, s, length, err);
	if (length == 0 && rt->schema->count + rt->added_count == 1)
		return sdp_buf_add(out, "\"\"", 2, err); /* not to look like no line at all */
	return sdp_csv_add_cell(out, s, length, ',', err);
}

int sdp_rowtext_header(const struct sdp_rowtext *rt, struct sdp_buf *out, struct sdp_err *err)
{
	size_t count = rt->schema->count + rt->added_count;
	if (rt->format == SDP_ROWTEXT_NDJSON)
		return 0;
	for (size_t i = 0; i < count; i++) {
		const char *name = name_of(rt, i);
		if (add_value(rt, out, i, name, strlen(name), err) < 0)
			return -1;
	}
	return sdp_buf_add(out, "\n", 1, err);
}

/* ---- rows as they stood ---- */

/* The text of a record, without its end; only of a block that is the input's own text. */
static const char *raw_record(const struct sdp_block *block, size_t row, size_t *length)
{
	const uint32_t *end = block->ends + row * block->columns;
	const char *s = block->text + (uint32_t)(end[-1] + 1), *e = block->text + end[block->columns - 1];
	if (e > s && e[-1] == '\r')
		e--;
	*length = (size_t)(e - s);
	return s;
}

/* A cell that the careful parser has taken apart, as it was: csv.h says what became of its quotes. */
static int add_as_it_stood(struct sdp_buf *out, const struct sdp_block *block, size_t row, size_t column,
			   struct sdp_err *err)
{
	size_t length;
	const char *s = sdp_block_cell(block, row, column, &length);
	if (s == block->text + (uint32_t)(block->ends[row * block->columns + column - 1] + 1))
		return sdp_buf_add(out, s, length, err);
	if (sdp_buf_reserve(out, 2 * length + 2, err) < 0)
		return -1;
	char *p = out->data + out->length;
	*p++ = '"';
	for (size_t i = 0; i < length; i++) {
		if (s[i] == '"')
			*p++ = '"';
		*p++ = s[i];
	}
	*p++ = '"';
	*p = '\0';
	out->length = (size_t)(p - out->data);
	return 0;
}

static int add_input_cells(const struct sdp_rowtext *rt, const struct sdp_block *block, size_t row,
			   bool same, struct sdp_buf *out, struct sdp_err *err)
{
	char delimiter = rt->schema->delimiter;
	for (size_t column = 0; column < block->columns; column++) {
		size_t length;
		const char *s = sdp_block_cell(block, row, column, &length);
		int rc = same && column ? sdp_buf_add(out, &delimiter, 1, err) : 0;
		if (rc == 0)
			rc = same ? add_as_it_stood(out, block, row, column, err)
				  : add_value(rt, out, column, s, length, err);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* Would the record's last byte be taken for a part of the line end that follows? */
static bool ends_in_cr(const struct sdp_rowtext *rt, const struct sdp_block *block, size_t row)
{
	size_t length;
	const char *s = sdp_block_cell(block, row, block->columns - 1, &length);
	return rt->added_count == 0 && length && s[length - 1] == '\r';
}

static int add_cells(const struct sdp_rowtext *rt, const struct sdp_block *block,
		     const struct sdp_added *added, struct sdp_buf *out, struct sdp_err *err)
{
	bool same = rt->schema->delimiter == (rt->format == SDP_ROWTEXT_TSV ? '\t' : ',');
	for (size_t row = 0, cell = 0; row < block->rows; row++) {
		bool as_is = same && !ends_in_cr(rt, block, row);
		size_t length;
		if (as_is && !block->records) {
			const char *s = raw_record(block, row, &length);
			if (sdp_buf_add(out, s, length, err) < 0)
				return -1;
		} else if (add_input_cells(rt, block, row, as_is, out, err) < 0) {
			return -1;
		}
		for (size_t i = 0; i < rt->added_count; i++) {
			const char *s = added_cell(added, cell++, &length);
			if (add_value(rt, out, block->columns + i, s, length, err) < 0)
				return -1;
		}
		if (sdp_buf_add(out, "\n", 1, err) < 0)
			return -1;
	}
	return 0;
}

static int add_objects(const struct sdp_rowtext *rt, const struct sdp_block *block,
		       const struct sdp_added *added, struct sdp_buf *out, struct sdp_err *err)
{
	size_t count = block->columns + rt->added_count;
	for (size_t row = 0, cell = 0; row < block->rows; row++) {
		for (size_t i = 0; i < count; i++) {
			size_t length, key = i ? rt->key_ends[i - 1] : 0;
			const char *s = i < block->columns ? sdp_block_cell(block, row, i, &length)
							   : added_cell(added, cell++, &length);
			if (sdp_buf_add(out, rt->keys + key, rt->key_ends[i] - key, err) < 0)
				return -1;
			int rc = i < block->columns
					 ? add_json(rt, out, s, length, err)
					 : add_json_added(rt, out, i - block->columns, s, length, err);
			if (rc < 0)
				return -1;
		}
		if (sdp_buf_add(out, "}\n", 2, err) < 0)
			return -1;
	}
	return 0;
}

int sdp_rowtext_block(const struct sdp_rowtext *rt, const struct sdp_block *block,
		      const struct sdp_added *added, struct sdp_buf *out, struct sdp_err *err)
{
	if (added->count != block->rows * rt->added_count)
		SDP_BUG();
	return (rt->format == SDP_ROWTEXT_NDJSON ? add_objects : add_cells)(rt, block, added, out, err);
}
