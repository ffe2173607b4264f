/*
 * A long array is a raw item that refers to its struct instead of owning a text: to cJSON it is "[]".
 * (An integer that cJSON does not look at tells it from other raw items.)  Words are put into their printed form once; a real is often that of the row before, so the texts of
 * some are remembered.
 */
#include "doc_long.h"

#include "sdp/csv.h"
#include "sdp/mem.h"
#include "sdp/num.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PIECE = 1 << 16, REALS = 1 << 8, FIXED = 40, MARK = 0x6c6f6e67 };

struct printer {
	const struct sdp_doc_style *style;
	const struct sdp_doc_long *rows;
	struct sdp_buf *out;
	const struct sdp_doc_sink *sink;
	struct sdp_err *err;
	struct sdp_buf words;
	size_t *word_ends;
	struct {
		double value;
		size_t length; /* 0: free */
		char text[32];
	} reals[REALS];
};

int sdp_doc_long(cJSON *object, const char *key, struct sdp_doc_long *rows, struct sdp_err *err)
{
	if (rows->member_count > SDP_LONG_MEMBERS)
		SDP_BUG();
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

const struct sdp_doc_long *sdp_doc_long_of(const cJSON *item)
{
	if (!item || !cJSON_IsRaw(item) || item->valueint != MARK)
		return NULL;
	return (const struct sdp_doc_long *)(const void *)(item->valuestring - offsetof(struct sdp_doc_long, text));
}

bool sdp_doc_is_long(const cJSON *doc)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, doc)
		if (sdp_doc_long_of(item))
			return true;
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

/* ---- words and numbers ---- */

static int add_word(struct printer *p, const char *word)
{
	size_t length = strlen(word);
	if (p->style->format == SDP_DOC_CSV)
		return sdp_csv_add_cell(&p->words, word, length, ',', p->err);
	if (p->style->format == SDP_DOC_TSV)
		return sdp_tsv_add_cell(&p->words, word, length, p->err);
	cJSON *item = cJSON_CreateStringReference(word);
	char *text = item ? cJSON_PrintUnformatted(item) : NULL;
	int rc = text ? sdp_buf_add_text(&p->words, text, p->err) : sdp_fail_memory(p->err);
	cJSON_free(text);
	cJSON_Delete(item);
	return rc;
}

static int prepare_words(struct printer *p)
{
	p->words.length = 0;
	free(p->word_ends);
	if (!(p->word_ends = sdp_alloc(p->rows->word_count + 1, sizeof *p->word_ends, p->err)))
		return -1;
	for (size_t i = 0; i < p->rows->word_count; i++) {
		if (add_word(p, p->rows->words[i]) < 0)
			return -1;
		p->word_ends[i + 1] = p->words.length;
	}
	return 0;
}

/* These append to out, in which there is room. */
static void put(struct sdp_buf *out, const char *text, size_t length)
{
	memcpy(out->data + out->length, text, length);
	out->length += length;
}

static void put_word(struct printer *p, uint32_t word)
{
	put(p->out, p->words.data + p->word_ends[word], p->word_ends[word + 1] - p->word_ends[word]);
}

static void put_count(struct sdp_buf *out, uint64_t value)
{
	char text[20];
	size_t at = sizeof text;
	do
		text[--at] = (char)('0' + value % 10);
	while (value /= 10);
	put(out, text + at, sizeof text - at);
}

static void put_real(struct printer *p, double value)
{
	uint64_t bits;
	if (!isfinite(value)) {
		if (p->style->format == SDP_DOC_JSON)
			put(p->out, "null", 4);
		return;
	}
	memcpy(&bits, &value, sizeof bits);
	size_t i = (size_t)(bits * UINT64_C(0x9e3779b97f4a7c15) >> 56) % REALS;
	if (p->reals[i].length == 0 || memcmp(&p->reals[i].value, &value, sizeof value) != 0) {
		int digits = value == floor(value) ? 0 : p->style->digits;
		p->reals[i].value = value;
		p->reals[i].length = digits ? sdp_num_print_digits(p->reals[i].text, value, digits)
					    : sdp_num_print(p->reals[i].text, value);
	}
	put(p->out, p->reals[i].text, p->reals[i].length);
}

/* ---- rows ---- */

/* Room for a row, its words counted. */
static int reserve_row(struct printer *p, const union sdp_long_value *values)
{
	size_t room = 4;
	for (size_t i = 0; i < p->rows->member_count; i++) {
		const struct sdp_long_member *m = &p->rows->members[i];
		room += strlen(m->name) + FIXED + m->most;
		for (size_t k = 0; m->kind == SDP_LONG_WORDS && k < values[i].words.count; k++) {
			uint32_t word = values[i].words.numbers[k];
			room += p->word_ends[word + 1] - p->word_ends[word] + 1;
		}
	}
	return sdp_buf_reserve(p->out, room, p->err);
}

static void json_row(struct printer *p, const union sdp_long_value *values)
{
	struct sdp_buf *out = p->out;
	for (size_t i = 0; i < p->rows->member_count; i++) {
		const struct sdp_long_member *m = &p->rows->members[i];
		put(out, i ? ",\"" : "{\"", 2);
		put(out, m->name, strlen(m->name));
		put(out, "\":", 2);
		if (m->kind == SDP_LONG_COUNT)
			put_count(out, values[i].count);
		else if (m->kind == SDP_LONG_REAL)
			put_real(p, values[i].real);
		if (m->kind != SDP_LONG_WORDS)
			continue;
		put(out, "[", 1);
		for (size_t k = 0; k < values[i].words.count; k++) {
			put(out, ",", k > 0);
			put_word(p, values[i].words.numbers[k]);
		}
		put(out, "]", 1);
	}
	put(out, "}", 1);
}

static void sheet_row(struct printer *p, const union sdp_long_value *values)
{
	struct sdp_buf *out = p->out;
	const char *separator = p->style->format == SDP_DOC_TSV ? "\t" : ",";
	for (size_t i = 0; i < p->rows->member_count; i++) {
		const struct sdp_long_member *m = &p->rows->members[i];
		if (m->kind == SDP_LONG_WORDS) {
			for (size_t k = 0; k < m->most; k++) {
				put(out, separator, i + k > 0);
				if (k < values[i].words.count)
					put_word(p, values[i].words.numbers[k]);
			}
			continue;
		}
		put(out, separator, i > 0);
		if (m->kind == SDP_LONG_COUNT)
			put_count(out, values[i].count);
		else
			put_real(p, values[i].real);
	}
	put(out, "\n", 1);
}

static int print_rows(struct printer *p, const struct sdp_doc_long *rows)
{
	union sdp_long_value values[SDP_LONG_MEMBERS];
	bool json = p->style->format == SDP_DOC_JSON;
	p->rows = rows;
	if (prepare_words(p) < 0)
		return -1;
	for (uint64_t i = 0; i < rows->rows; i++) {
		if (rows->row(rows->context, i, values, p->err) < 0 || reserve_row(p, values) < 0)
			return -1;
		put(p->out, ",", json && i > 0);
		(json ? json_row : sheet_row)(p, values);
		if (pass_on(p, PIECE) < 0)
			return -1;
	}
	return 0;
}

/* ---- documents ---- */

static int print_json(struct printer *p, const cJSON *doc)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, doc) {
		const struct sdp_doc_long *rows = sdp_doc_long_of(item);
		if (sdp_buf_format(p->out, p->err, "%c\"%s\":%s", item == doc->child ? '{' : ',', item->string,
				   rows ? "[" : "") < 0)
			return -1;
		if ((rows ? print_rows(p, rows) : sdp_doc_json(item, p->style->digits, p->out, p->err)) < 0 ||
		    (rows && sdp_buf_add(p->out, "]", 1, p->err) < 0))
			return -1;
	}
	return sdp_buf_add_text(p->out, "}\n", p->err);
}

static int print_sheet(struct printer *p, const struct sdp_doc_long *rows)
{
	const char *separator = p->style->format == SDP_DOC_TSV ? "\t" : ",";
	size_t columns = 0;
	if (rows->rows == 0)
		return 0;
	for (size_t i = 0; i < rows->member_count; i++) {
		const struct sdp_long_member *m = &rows->members[i];
		bool words = m->kind == SDP_LONG_WORDS;
		for (size_t k = 0; k < (words ? m->most : 1); k++) {
			if (sdp_buf_format(p->out, p->err, "%s%s", columns++ ? separator : "", m->name) < 0 ||
			    (words && sdp_buf_format(p->out, p->err, "_%zu", k) < 0))
				return -1;
		}
	}
	return sdp_buf_add(p->out, "\n", 1, p->err) < 0 ? -1 : print_rows(p, rows);
}

static int add_to_tree(cJSON *object, const struct sdp_doc_long *rows, const struct sdp_long_member *m,
		       const union sdp_long_value *value, struct sdp_err *err)
{
	if (m->kind == SDP_LONG_COUNT)
		return sdp_doc_count(object, m->name, value->count, err);
	if (m->kind == SDP_LONG_REAL)
		return sdp_doc_real(object, m->name, value->real, err);
	cJSON *array = sdp_doc_array(object, m->name, err);
	for (size_t k = 0; array && k < value->words.count; k++)
		if (sdp_doc_text(array, NULL, rows->words[value->words.numbers[k]], err) < 0)
			return -1;
	return array ? 0 : -1;
}

static int make_tree(cJSON *object, const char *key, const struct sdp_doc_long *rows, struct sdp_err *err)
{
	union sdp_long_value values[SDP_LONG_MEMBERS];
	cJSON *array = sdp_doc_array(object, key, err);
	for (uint64_t i = 0; array && i < rows->rows; i++) {
		cJSON *row = sdp_doc_row(array, err);
		if (!row || rows->row(rows->context, i, values, err) < 0)
			return -1;
		for (size_t k = 0; k < rows->member_count; k++)
			if (add_to_tree(row, rows, &rows->members[k], &values[k], err) < 0)
				return -1;
	}
	return array ? 0 : -1;
}

/* A table needs all of its rows to know its columns' widths. */
static int print_whole(const cJSON *doc, const struct sdp_doc_style *style, struct sdp_buf *out,
		       struct sdp_err *err)
{
	cJSON *whole = cJSON_CreateObject();
	int rc = whole ? 0 : sdp_fail_memory(err);
	const cJSON *item;
	cJSON_ArrayForEach(item, doc) {
		const struct sdp_doc_long *rows = sdp_doc_long_of(item);
		if (rc == 0 && rows)
			rc = make_tree(whole, item->string, rows, err);
		else if (rc == 0 && !cJSON_AddItemReferenceToObject(whole, item->string, (cJSON *)item))
			rc = sdp_fail_memory(err);
	}
	if (rc == 0)
		rc = sdp_doc_print(whole, style, out, err);
	cJSON_Delete(whole);
	return rc;
}

/* The rows that CSV shows if they are a long array: the named one, or the first array of objects. */
static const struct sdp_doc_long *choose(const cJSON *doc, const char *print)
{
	const cJSON *item;
	if (print)
		return sdp_doc_long_of(cJSON_GetObjectItemCaseSensitive(doc, print));
	cJSON_ArrayForEach(item, doc)
		if (sdp_doc_long_of(item) || (cJSON_IsArray(item) && cJSON_IsObject(item->child)))
			return sdp_doc_long_of(item);
	return NULL;
}

int sdp_doc_print_long(const cJSON *doc, const struct sdp_doc_style *style, struct sdp_buf *out,
		       const struct sdp_doc_sink *sink, struct sdp_err *err)
{
	bool sheet = style->format == SDP_DOC_CSV || style->format == SDP_DOC_TSV;
	const struct sdp_doc_long *rows = choose(doc, style->print);
	const cJSON *named = style->print ? cJSON_GetObjectItemCaseSensitive(doc, style->print) : doc;
	struct printer *p;
	int rc;
	/* What is not there, or is no rows, is refused before anything is printed. */
	if (style->format == SDP_DOC_TABLE || (sheet && !rows) || !named || (!rows && sdp_doc_is_plain(named)))
		return print_whole(doc, style, out, err);
	if (!(p = sdp_alloc(1, sizeof *p, err)))
		return -1;
	p->style = style;
	p->out = out;
	p->sink = sink;
	p->err = err;
	rc = sheet ? print_sheet(p, rows) : print_json(p, doc);
	sdp_buf_release(&p->words);
	free(p->word_ends);
	free(p);
	return rc;
}
