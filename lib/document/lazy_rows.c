/*
 * Prints lazy rows without holding them in memory.
 *
 * In the tree, lazy rows are a raw item whose text "[]" is a member of struct sdp_lazy_rows, which
 * is found from there; the integer MARK, which cJSON ignores, distinguishes it from other raw
 * items. Words are formatted once. As a real is often equal to that of a recent row, the texts of
 * some are kept.
 */
#include "document/lazy_rows.h"
#include "document/print_tree.h"

#include "base/csv_cell.h"
#include "sdp/mem.h"
#include "sdp/num.h"

#include "json/quote.h"

#include <math.h>
#include <string.h>

enum { PIECE = 1 << 16, REALS = 1 << 8, FIXED = 42, MARK = 0x6c6f6e67 };

/* Formatted texts, one after the other. */
struct texts {
	struct sdp_buf all;
	size_t *ends; /* ends[i] is the start of text i, ends[i + 1] its end */
};

struct printer {
	const struct sdp_doc_style *style;
	const struct sdp_lazy_rows *rows;
	struct sdp_buf *out;
	const struct sdp_doc_sink *sink;
	struct sdp_err *err;
	struct sdp_lazy_value *values;
	struct texts names, words; /* words: for CSV and TSV as parts of a joined cell */
	struct sdp_buf joined;
	bool quote; /* TSV: all cells of the row are quoted, as one spans lines */
	struct {
		double value;
		size_t length; /* 0: the entry is empty */
		char text[32];
	} reals[REALS];
};

int sdp_lazy_rows(cJSON *object, const char *key, struct sdp_lazy_rows *rows, struct sdp_err *err)
{
	memcpy(rows->text, "[]", 3);
	cJSON *item = cJSON_CreateStringReference(rows->text);
	if (!item || !cJSON_AddItemToObjectCS(object, key, item)) {
		cJSON_Delete(item);
		return sdp_fail_memory(err);
	}
	item->type = cJSON_Raw | cJSON_IsReference | (item->type & cJSON_StringIsConst);
	item->valueint = MARK;
	return 0;
}

/* Returns the rows of an item that stands for lazy rows, otherwise NULL. */
static const struct sdp_lazy_rows *lazy_rows_of(const cJSON *item)
{
	if (!item || !cJSON_IsRaw(item) || item->valueint != MARK)
		return NULL;
	return (const struct sdp_lazy_rows *)(const void *)(item->valuestring -
							    offsetof(struct sdp_lazy_rows, text));
}

bool sdp_doc_is_lazy(const cJSON *doc)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, doc) if (lazy_rows_of(item)) return true;
	return false;
}

static int pass_on(struct printer *p, size_t least)
{
	if (!p->sink || p->out->length < least)
		return 0;
	int rc = p->sink->write(p->sink->context, p->out->data, p->out->length, p->err);
	p->out->length = 0;
	return rc;
}

/* ---- values ---- */

static int add_text(const struct printer *p, struct sdp_buf *out, const char *text, size_t length)
{
	if (p->quote)
		return sdp_csv_quote_cell(out, text, length, p->err);
	if (p->style->format == SDP_DOC_CSV)
		return sdp_csv_add_cell(out, text, length, ',', p->err);
	if (p->style->format == SDP_DOC_TSV)
		return sdp_csv_add_cell(out, text, length, '\t', p->err);
	if (sdp_buf_reserve(out, SDP_JSON_STRING(length), p->err) < 0)
		return -1;
	out->length =
		(size_t)(sdp_json_put_string(out->data + out->length, text, length) - out->data);
	return 0;
}

static void release_texts(struct texts *t)
{
	sdp_buf_release(&t->all);
	free(t->ends);
	*t = (struct texts){0};
}

static bool is_sheet(const struct printer *p)
{
	return p->style->format == SDP_DOC_CSV || p->style->format == SDP_DOC_TSV;
}

static int add_printed(const struct printer *p, struct texts *t, size_t i, const char *text)
{
	bool part = t == &p->words && is_sheet(p);
	if ((part ? sdp_csv_add_cell(&t->all, text, strlen(text), ',', p->err)
		  : add_text(p, &t->all, text, strlen(text))) < 0)
		return -1;
	t->ends[i + 1] = t->all.length;
	return 0;
}

static int prepare(struct printer *p, const struct sdp_lazy_rows *rows)
{
	p->rows = rows;
	release_texts(&p->names);
	release_texts(&p->words);
	free(p->values);
	p->values = sdp_alloc(rows->member_count, sizeof *p->values, p->err);
	p->names.ends = sdp_alloc(rows->member_count + 1, sizeof *p->names.ends, p->err);
	p->words.ends = sdp_alloc(rows->word_count + 1, sizeof *p->words.ends, p->err);
	if (!p->values || !p->names.ends || !p->words.ends)
		return -1;
	for (size_t i = 0; i < rows->member_count; i++)
		if (add_printed(p, &p->names, i, rows->members[i].name) < 0)
			return -1;
	for (size_t i = 0; i < rows->word_count; i++)
		if (add_printed(p, &p->words, i, rows->words[i]) < 0)
			return -1;
	return 0;
}

/* The following functions append to out, which must have room. */
static void put(struct sdp_buf *out, const char *text, size_t length)
{
	memcpy(out->data + out->length, text, length);
	out->length += length;
}

static void put_printed(struct sdp_buf *out, const struct texts *t, size_t i)
{
	put(out, t->all.data + t->ends[i], t->ends[i + 1] - t->ends[i]);
}

static void put_integer(struct sdp_buf *out, uint64_t magnitude, bool negative)
{
	char text[21];
	size_t at = sizeof text;
	do
		text[--at] = (char)('0' + magnitude % 10);
	while (magnitude /= 10);
	if (negative)
		text[--at] = '-';
	put(out, text + at, sizeof text - at);
}

/*
 * Appends a real. Integers have all their digits unless they are so large that they are printed
 * with an exponent.
 */
static void put_real(struct printer *p, double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	size_t i = (size_t)(bits * UINT64_C(0x9e3779b97f4a7c15) >> 56) % REALS;
	if (p->reals[i].length == 0 || memcmp(&p->reals[i].value, &value, sizeof value) != 0) {
		int digits = value == floor(value) && fabs(value) < 1e21 ? 0 : p->style->digits;
		p->reals[i].value = value;
		p->reals[i].length = digits ? sdp_num_print_digits(p->reals[i].text, value, digits)
					    : sdp_num_print(p->reals[i].text, value);
	}
	put(p->out, p->reals[i].text, p->reals[i].length);
}

/* Appends an exact decimal. */
static int put_decimal(struct printer *p, const char *number, size_t length)
{
	char text[32];
	if (!p->style->digits || !(memchr(number, '.', length) || memchr(number, 'e', length))) {
		put(p->out, number, length);
		return 0;
	}
	char *copy = sdp_strndup(number, length, p->err);
	if (!copy)
		return -1;
	put(p->out, text, sdp_decimal_print_digits(text, copy, p->style->digits));
	free(copy);
	return 0;
}

/* Appends a value that is not an array of words, and not quoted if it is no text. */
static int put_value(struct printer *p, const struct sdp_lazy_value *v)
{
	switch (v->kind) {
	case SDP_LAZY_BOOLEAN:
		put(p->out, v->of.boolean ? "true" : "false", v->of.boolean ? 4 : 5);
		return 0;
	case SDP_LAZY_COUNT:
		put_integer(p->out, v->of.count, false);
		return 0;
	case SDP_LAZY_INTEGER:
		put_integer(p->out,
			    v->of.integer < 0 ? -(uint64_t)v->of.integer : (uint64_t)v->of.integer,
			    v->of.integer < 0);
		return 0;
	case SDP_LAZY_DECIMAL:
		return put_decimal(p, v->of.text.start, v->of.text.length);
	case SDP_LAZY_TEXT:
		return add_text(p, p->out, v->of.text.start, v->of.text.length);
	case SDP_LAZY_WORD:
		if (is_sheet(p))
			return add_text(p, p->out, p->rows->words[v->of.word],
					strlen(p->rows->words[v->of.word]));
		put_printed(p->out, &p->words, v->of.word);
		return 0;
	case SDP_LAZY_REAL:
		if (isfinite(v->of.real)) {
			put_real(p, v->of.real);
			return 0;
		}
		break;
	default:
		break;
	}
	if (p->style->format == SDP_DOC_JSON)
		put(p->out, "null", 4);
	return 0;
}

/* ---- rows ---- */

static size_t word_room(const struct printer *p, uint32_t word)
{
	return p->words.ends[word + 1] - p->words.ends[word] + 1;
}

static int reserve_row(struct printer *p)
{
	size_t room = p->names.all.length + 4;
	for (size_t i = 0; i < p->rows->member_count; i++) {
		const struct sdp_lazy_value *v = &p->values[i];
		room += FIXED;
		if (v->kind == SDP_LAZY_DECIMAL)
			room += v->of.text.length;
		else if (v->kind == SDP_LAZY_TEXT)
			room += SDP_JSON_STRING(v->of.text.length);
		else if (v->kind == SDP_LAZY_WORD)
			room += word_room(p, v->of.word);
		for (size_t k = 0; v->kind == SDP_LAZY_WORDS && k < v->of.words.count; k++)
			room += word_room(p, v->of.words.numbers[k]);
	}
	return sdp_buf_reserve(p->out, room, p->err);
}

static int json_row(struct printer *p)
{
	struct sdp_buf *out = p->out;
	for (size_t i = 0; i < p->rows->member_count; i++) {
		const struct sdp_lazy_value *v = &p->values[i];
		put(out, i ? "," : "{", 1);
		put_printed(out, &p->names, i);
		put(out, ":", 1);
		if (v->kind != SDP_LAZY_WORDS) {
			if (put_value(p, v) < 0)
				return -1;
			continue;
		}
		put(out, "[", 1);
		for (size_t k = 0; k < v->of.words.count; k++) {
			put(out, ",", k > 0);
			put_printed(out, &p->words, v->of.words.numbers[k]);
		}
		put(out, "]", 1);
	}
	put(out, "}", 1);
	return 0;
}

/* Appends the words as one cell. */
static int put_words(struct printer *p, const struct sdp_lazy_value *v)
{
	p->joined.length = 0;
	for (size_t k = 0; k < v->of.words.count; k++) {
		if (sdp_buf_reserve(&p->joined, word_room(p, v->of.words.numbers[k]) + 1, p->err) <
		    0)
			return -1;
		put(&p->joined, ", ", k ? 2 : 0);
		put_printed(&p->joined, &p->words, v->of.words.numbers[k]);
	}
	return add_text(p, p->out, p->joined.data ? p->joined.data : "", p->joined.length);
}

/* Returns whether a cell of the row of several spans lines. */
static bool spans_lines(const struct printer *p)
{
	size_t count = p->rows->member_count;
	for (size_t i = 0; count > 1 && i < count; i++) {
		const struct sdp_lazy_value *v = &p->values[i];
		if (v->kind == SDP_LAZY_TEXT && memchr(v->of.text.start, '\n', v->of.text.length))
			return true;
		if (v->kind == SDP_LAZY_WORD && strchr(p->rows->words[v->of.word], '\n'))
			return true;
		for (size_t k = 0; v->kind == SDP_LAZY_WORDS && k < v->of.words.count; k++)
			if (strchr(p->rows->words[v->of.words.numbers[k]], '\n'))
				return true;
	}
	return false;
}

static int sheet_row(struct printer *p)
{
	struct sdp_buf *out = p->out;
	const char *separator = p->style->format == SDP_DOC_TSV ? "\t" : ",";
	p->quote = *separator == '\t' && spans_lines(p);
	for (size_t i = 0; i < p->rows->member_count; i++) {
		const struct sdp_lazy_value *v = &p->values[i];
		bool text = v->kind == SDP_LAZY_TEXT || v->kind == SDP_LAZY_WORD ||
			    v->kind == SDP_LAZY_WORDS;
		put(out, separator, i > 0);
		put(out, "\"", p->quote && !text);
		if ((v->kind == SDP_LAZY_WORDS ? put_words(p, v) : put_value(p, v)) < 0 ||
		    sdp_buf_reserve(out, FIXED, p->err) < 0)
			return -1;
		put(out, "\"", p->quote && !text);
	}
	put(out, "\n", 1);
	return 0;
}

static int print_rows(struct printer *p)
{
	const struct sdp_lazy_rows *rows = p->rows;
	bool json = p->style->format == SDP_DOC_JSON;
	for (uint64_t i = 0; i < rows->rows; i++) {
		if (rows->row(rows->context, i, p->values, p->err) < 0 || reserve_row(p) < 0)
			return -1;
		put(p->out, ",", json && i > 0);
		if ((json ? json_row : sheet_row)(p) < 0 || pass_on(p, PIECE) < 0)
			return -1;
	}
	return 0;
}

/* ---- documents ---- */

static int print_array(struct printer *p, const struct sdp_lazy_rows *rows)
{
	if (prepare(p, rows) < 0 || sdp_buf_add(p->out, "[", 1, p->err) < 0 || print_rows(p) < 0)
		return -1;
	return sdp_buf_add(p->out, "]", 1, p->err);
}

static int print_json(struct printer *p, const cJSON *doc)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, doc)
	{
		const struct sdp_lazy_rows *rows = lazy_rows_of(item);
		if (sdp_buf_format(p->out, p->err, "%c\"%s\":", item == doc->child ? '{' : ',',
				   item->string) < 0 ||
		    (rows ? print_array(p, rows)
			  : sdp_doc_json(item, p->style->digits, p->out, p->err)) < 0)
			return -1;
	}
	return sdp_buf_add_text(p->out, "}\n", p->err);
}

static const char *header_name(const void *context, size_t i)
{
	return ((const struct sdp_lazy_rows *)context)->members[i].name;
}

static int print_header(struct printer *p)
{
	const struct sdp_csv_names names = {header_name, p->rows, p->rows->member_count};
	return sdp_csv_add_header(p->out, &names, p->style->format == SDP_DOC_TSV ? '\t' : ',',
				  p->err);
}

static int print_sheet(struct printer *p, const struct sdp_lazy_rows *rows)
{
	return prepare(p, rows) < 0 || print_header(p) < 0 ? -1 : print_rows(p);
}

static int add_to_tree(cJSON *object, const struct sdp_lazy_rows *rows, const char *name,
		       const struct sdp_lazy_value *v, struct sdp_err *err)
{
	switch (v->kind) {
	case SDP_LAZY_BOOLEAN:
		return sdp_doc_bool(object, name, v->of.boolean, err);
	case SDP_LAZY_COUNT:
		return sdp_doc_count(object, name, v->of.count, err);
	case SDP_LAZY_INTEGER:
		return sdp_doc_integer(object, name, v->of.integer, err);
	case SDP_LAZY_REAL:
		return sdp_doc_real(object, name, v->of.real, err);
	case SDP_LAZY_DECIMAL:
	case SDP_LAZY_TEXT: {
		char *copy = sdp_strndup(v->of.text.start, v->of.text.length, err);
		int rc = !copy                      ? -1
			 : v->kind == SDP_LAZY_TEXT ? sdp_doc_text(object, name, copy, err)
						    : sdp_doc_decimal(object, name, copy, err);
		free(copy);
		return rc;
	}
	case SDP_LAZY_WORD:
		return sdp_doc_text(object, name, rows->words[v->of.word], err);
	case SDP_LAZY_WORDS:
		break;
	default:
		return sdp_doc_null(object, name, err);
	}
	cJSON *array = sdp_doc_array(object, name, err);
	for (size_t k = 0; array && k < v->of.words.count; k++)
		if (sdp_doc_text(array, NULL, rows->words[v->of.words.numbers[k]], err) < 0)
			return -1;
	return array ? 0 : -1;
}

/* Declares the members of the rows as the columns of an array that has no rows. */
static int declare_members(cJSON *array, const struct sdp_lazy_rows *rows, struct sdp_err *err)
{
	struct sdp_buf names = {0};
	int rc = sdp_buf_add(&names, "", 0, err);
	for (size_t k = 0; rc == 0 && k < rows->member_count; k++)
		rc = sdp_buf_format(&names, err, "%s%s", k ? "," : "", rows->members[k].name);
	if (rc == 0)
		rc = sdp_doc_columns(array, names.data, err);
	sdp_buf_release(&names);
	return rc;
}

static int make_tree(cJSON *object, const char *key, const struct sdp_lazy_rows *rows,
		     struct sdp_err *err)
{
	struct sdp_lazy_value *values = sdp_alloc(rows->member_count, sizeof *values, err);
	cJSON *array = sdp_doc_array(object, key, err);
	int rc = values && array ? 0 : -1;
	if (rc == 0 && rows->rows == 0)
		rc = declare_members(array, rows, err);
	for (uint64_t i = 0; rc == 0 && i < rows->rows; i++) {
		cJSON *row = sdp_doc_row(array, err);
		rc = row ? rows->row(rows->context, i, values, err) : -1;
		for (size_t k = 0; rc == 0 && k < rows->member_count; k++)
			rc = add_to_tree(row, rows, rows->members[k].name, &values[k], err);
	}
	free(values);
	return rc;
}

/*
 * Prints the document from a tree with all rows: a table must know all rows to compute the widths
 * of its columns.
 */
static int print_whole(const cJSON *doc, const struct sdp_doc_style *style, struct sdp_buf *out,
		       struct sdp_err *err)
{
	cJSON *whole = cJSON_CreateObject();
	int rc = whole ? 0 : sdp_fail_memory(err);
	const cJSON *item;
	cJSON_ArrayForEach(item, doc)
	{
		const struct sdp_lazy_rows *rows = lazy_rows_of(item);
		if (rc == 0 && rows)
			rc = make_tree(whole, item->string, rows, err);
		else if (rc == 0 &&
			 !cJSON_AddItemReferenceToObject(whole, item->string, (cJSON *)item))
			rc = sdp_fail_memory(err);
	}
	if (rc == 0)
		rc = sdp_doc_print_tree(whole, style, out, err);
	cJSON_Delete(whole);
	return rc;
}

/*
 * Returns the rows that CSV shows if they are lazy, otherwise NULL: the named ones, or the first
 * array of objects.
 */
static const struct sdp_lazy_rows *choose(const cJSON *doc, const struct sdp_doc_style *style)
{
	const char *name = style->print ? style->print : style->rows;
	const cJSON *item;
	if (name)
		return lazy_rows_of(sdp_doc_member(doc, name));
	cJSON_ArrayForEach(item, doc) if (lazy_rows_of(item) ||
					  (cJSON_IsArray(item) &&
					   cJSON_IsObject(item->child))) return lazy_rows_of(item);
	return NULL;
}

static int print_lazy(const cJSON *doc, const struct sdp_doc_style *style, struct sdp_buf *out,
		      const struct sdp_doc_sink *sink, struct sdp_err *err)
{
	bool sheet = style->format == SDP_DOC_CSV || style->format == SDP_DOC_TSV;
	const struct sdp_lazy_rows *rows = choose(doc, style);
	const cJSON *named = style->print ? sdp_doc_member(doc, style->print) : doc;
	struct printer *p;
	int rc;
	/* A member that does not exist or has no rows is an error before anything is printed. */
	if (style->format == SDP_DOC_TABLE || (sheet && !rows) || !named ||
	    (!rows && sdp_doc_is_plain(named)))
		return print_whole(doc, style, out, err);
	if (!(p = sdp_alloc(1, sizeof *p, err)))
		return -1;
	p->style = style;
	p->out = out;
	p->sink = sink;
	p->err = err;
	rc = sheet ? print_sheet(p, rows) : print_json(p, doc);
	release_texts(&p->names);
	release_texts(&p->words);
	sdp_buf_release(&p->joined);
	free(p->values);
	free(p);
	return rc;
}

int sdp_doc_print_lazy(const cJSON *doc, const struct sdp_doc_style *style, struct sdp_buf *out,
		       const struct sdp_doc_sink *sink, struct sdp_err *err)
{
	int rc = print_lazy(doc, style, out, sink, err);
	const cJSON *item;
	cJSON_ArrayForEach(item, doc)
	{
		const struct sdp_lazy_rows *rows = lazy_rows_of(item);
		if (rows && rows->release)
			rows->release(rows->context);
	}
	return rc;
}
