/*
 * Documents: what the analyses print.  A document is a cJSON tree in which every number is a raw
 * lexeme (cJSON itself would lose integers beyond 2^53), so that a value is formatted once, the
 * same in JSON, CSV, TSV and table.
 *
 * The tree belongs to who made it (cJSON_Delete).  The adders return 0 or -1 (out of memory).
 */
#ifndef SDP_DOC_H
#define SDP_DOC_H

#include "sdp/buf.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

/*
 * object[key] = value; key must outlive the tree (string constants).  With a key of NULL, object
 * is an array and the value goes to its end.
 */
int sdp_doc_integer(cJSON *object, const char *key, int64_t value, struct sdp_err *err);
int sdp_doc_count(cJSON *object, const char *key, uint64_t value, struct sdp_err *err);
/* Shortest round-trip; NaN and infinity become null. */
int sdp_doc_real(cJSON *object, const char *key, double value, struct sdp_err *err);
/* An array of count such reals; NULL becomes null. */
int sdp_doc_reals(cJSON *object, const char *key, const double *values, size_t count,
		  struct sdp_err *err);
/* A copy of text; NULL becomes null. */
int sdp_doc_text(cJSON *object, const char *key, const char *text, struct sdp_err *err);
int sdp_doc_null(cJSON *object, const char *key, struct sdp_err *err);
int sdp_doc_bool(cJSON *object, const char *key, bool value, struct sdp_err *err);
/* A number as it stands in JSON ("12.50"), copied. */
int sdp_doc_number(cJSON *object, const char *key, const char *lexeme, struct sdp_err *err);
/* A new empty array or object at object[key]; NULL on failure. */
cJSON *sdp_doc_array(cJSON *object, const char *key, struct sdp_err *err);
cJSON *sdp_doc_object(cJSON *object, const char *key, struct sdp_err *err);
/* Copies the key of object's last member, which then need not outlive the tree. */
int sdp_doc_copy_key(cJSON *object, struct sdp_err *err);
/* A new object at the end of an array. */
cJSON *sdp_doc_row(cJSON *array, struct sdp_err *err);
/* The names that the rows of an array have, "name,reason": CSV's header if it stays empty. */
int sdp_doc_columns(cJSON *array, const char *names, struct sdp_err *err);

/*
 * Rows that are too many for a tree: an array of objects that are made, one after the other, while
 * the document is printed.  All have the same members.
 */
enum sdp_lazy_kind {
	SDP_LAZY_NULL,
	SDP_LAZY_COUNT,
	SDP_LAZY_INTEGER,
	SDP_LAZY_REAL,  /* NaN and infinity become null */
	SDP_LAZY_TEXT,  /* UTF-8 */
	SDP_LAZY_WORD,  /* a text that many rows have */
	SDP_LAZY_WORDS, /* an array of them */
};

/* What a value points to is good until the next row. */
struct sdp_lazy_value {
	enum sdp_lazy_kind kind;
	union {
		uint64_t count;
		int64_t integer;
		double real;
		struct {
			const char *start;
			size_t length;
		} text;
		uint32_t word; /* its number */
		struct {
			const uint32_t *numbers;
			size_t count;
		} words;
	} of;
};

static inline struct sdp_lazy_value sdp_lazy_count(uint64_t value)
{
	return (struct sdp_lazy_value){SDP_LAZY_COUNT, {.count = value}};
}

static inline struct sdp_lazy_value sdp_lazy_integer(int64_t value)
{
	return (struct sdp_lazy_value){SDP_LAZY_INTEGER, {.integer = value}};
}

static inline struct sdp_lazy_value sdp_lazy_real(double value)
{
	return (struct sdp_lazy_value){SDP_LAZY_REAL, {.real = value}};
}

static inline struct sdp_lazy_value sdp_lazy_text(const char *start, size_t length)
{
	return (struct sdp_lazy_value){SDP_LAZY_TEXT, {.text = {start, length}}};
}

static inline struct sdp_lazy_value sdp_lazy_word(uint32_t number)
{
	return (struct sdp_lazy_value){SDP_LAZY_WORD, {.word = number}};
}

static inline struct sdp_lazy_value sdp_lazy_words(const uint32_t *numbers, size_t count)
{
	return (struct sdp_lazy_value){SDP_LAZY_WORDS, {.words = {numbers, count}}};
}

struct sdp_lazy_member {
	const char *name;
	bool words;  /* values are SDP_LAZY_WORDS, else they never are */
	size_t most; /* words that a row has, so that CSV knows its columns */
};

struct sdp_lazy_rows {
	const struct sdp_lazy_member *members;
	size_t member_count;
	const char *const *words; /* UTF-8 */
	size_t word_count;
	uint64_t rows;
	/*
	 * The row of this number; they are asked for in ascending order, and from 0 again if
	 * printed twice.
	 */
	int (*row)(void *context, uint64_t number, struct sdp_lazy_value *values,
		   struct sdp_err *err);
	void *context;
	char text[3]; /* what cJSON itself would print: sdp_lazy_rows puts it here */
};

/* object[key] becomes the array; rows must outlive the tree. */
int sdp_lazy_rows(cJSON *object, const char *key, struct sdp_lazy_rows *rows, struct sdp_err *err);

/*
 * A document that was printed as JSON, numbers as they stand there; NULL with SDP_DATA if it is
 * none.
 */
cJSON *sdp_doc_parse(const char *text, size_t length, struct sdp_err *err);

enum sdp_doc_format { SDP_DOC_JSON, SDP_DOC_CSV, SDP_DOC_TSV, SDP_DOC_TABLE };

struct sdp_doc_style {
	enum sdp_doc_format format;
	int digits;        /* significant digits of reals; 0: as they are (6 in a table) */
	const char *print; /* which part CSV, TSV and table show as rows; NULL: see below */
	int width;         /* of the terminal, for tables; 0: no limit */
	/* the part whose rows come without print, as if it were the first; NULL: none */
	const char *rows;
};

/*
 * Appends the document, formatted, to out.
 *
 * JSON: one line, members in the order they were added.
 *
 * Rows, for the other formats, come from the member print names: an array of objects is a row an
 * object; an object is one row; an array of arrays is a row an array, columns NAME_0, NAME_1, …; an
 * array of values is one column, NAME.  Without print: what rows names, else the first array of
 * objects, else the first array of arrays, else the first empty array ("warnings" apart), else the
 * document itself is the one row.  The centres of a k-means document ("centers" of arrays beside
 * "features") have the columns cluster, size and the features; the counts of a classification
 * ("confusion" beside "labels") have label, the true one, and predicted_LABEL.  No such member: -1,
 * SDP_USAGE.
 *
 * CSV and TSV: a header (the union of the rows' names; without rows those that were declared, if
 * any) and a row an object, nested names joined by "_" (arrays by index), null as an empty cell. 
 * CSV quotes cells with a comma, a quote, CR or LF, or a blank at either end; TSV writes tab,
 * newline, CR and backslash as \t \n \r \\.
 *
 * Table: the members with plain values as "name value" lines, then the rows aligned for reading,
 * numbers to the right; if they are wider than the terminal transposed (a line a field) or, if
 * there are many, in panels of as many columns as fit, each behind the first that tells rows apart
 * and texts that follow it; then the nested objects and, by name only, the other arrays.  With
 * print, just the rows.  Control characters are shown as \n or \xNN, null as "-"; cells wider than
 * 40 columns are cut on a terminal, unless they are a word (an id, a path) that tells rows apart
 * and leaves room for the other columns, or these are few.
 */
int sdp_doc_print(const cJSON *doc, const struct sdp_doc_style *style, struct sdp_buf *out,
		  struct sdp_err *err);

/* Whoever takes what is printed, in pieces; -1 ends it. */
struct sdp_doc_sink {
	int (*write)(void *context, const void *text, size_t length, struct sdp_err *err);
	void *context;
};

/*
 * The same, written piece by piece: long arrays of rows are never in memory as a whole (but for a
 * table).
 */
int sdp_doc_write(const cJSON *doc, const struct sdp_doc_style *style,
		  const struct sdp_doc_sink *sink, struct sdp_err *err);

#endif
