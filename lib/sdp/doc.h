/*
 * Documents: the results of the analyses.
 *
 * A document is a cJSON tree in which every number is a raw lexeme, because cJSON itself would lose
 * integers beyond 2^53.  So a value is formatted once and is the same in JSON, CSV, TSV and table.
 *
 * The caller owns the tree and frees it with cJSON_Delete.  The functions that add to it return
 * 0, or -1 if memory is exhausted; those that return a pointer, NULL.  If the object or array to
 * add to is NULL, they fail in the same way, so that a series of calls can be checked once, by
 * sdp_err_result.
 */
#ifndef SDP_DOC_H
#define SDP_DOC_H

#include "sdp/buf.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

/*
 * The following functions add a member key to an object.  The key is not copied and must outlive
 * the tree, as a string constant does.  If key is NULL, object is an array and the value is
 * appended to it.
 */
int sdp_doc_integer(cJSON *object, const char *key, int64_t value, struct sdp_err *err);
int sdp_doc_count(cJSON *object, const char *key, uint64_t value, struct sdp_err *err);
/* Adds the shortest text that reads back as value (sdp_num_print); NaN and infinity become null. */
int sdp_doc_real(cJSON *object, const char *key, double value, struct sdp_err *err);
/*
 * Does so with a finite number that a user chose and that programs read again: JSON has all its
 * digits, also if sdp_doc_style says fewer.
 */
int sdp_doc_setting(cJSON *object, const char *key, double value, struct sdp_err *err);
/* Adds the members as sdp_doc_real does: SDP_DOC_REALS(row, err, {"mean", mean}, {"min", min}). */
struct sdp_doc_field {
	const char *key;
	double value;
};
int sdp_doc_add_reals(cJSON *object, const struct sdp_doc_field *members, size_t count,
		      struct sdp_err *err);
#define SDP_DOC_REALS(object, err, ...)                                                            \
	sdp_doc_add_reals(object, (const struct sdp_doc_field[]){__VA_ARGS__},                     \
			  sizeof((const struct sdp_doc_field[]){__VA_ARGS__}) /                    \
				  sizeof(struct sdp_doc_field),                                    \
			  err)
/* Adds an array of count reals; if values is NULL, null. */
int sdp_doc_reals(cJSON *object, const char *key, const double *values, size_t count,
		  struct sdp_err *err);
/* Adds a copy of text; if text is NULL, null. */
int sdp_doc_text(cJSON *object, const char *key, const char *text, struct sdp_err *err);
int sdp_doc_null(cJSON *object, const char *key, struct sdp_err *err);
int sdp_doc_bool(cJSON *object, const char *key, bool value, struct sdp_err *err);
/* Adds a copy of a JSON number, for example "12.50". */
int sdp_doc_number(cJSON *object, const char *key, const char *lexeme, struct sdp_err *err);
/*
 * Adds an exact decimal, printed by sdp_decimal_print_number or sdp_digits_print.  It has all its
 * digits unless sdp_doc_style says how many; a table has no less of them.
 */
int sdp_doc_decimal(cJSON *object, const char *key, const char *number, struct sdp_err *err);
/* Add an empty array or object and return it; it belongs to the tree. */
cJSON *sdp_doc_array(cJSON *object, const char *key, struct sdp_err *err);
cJSON *sdp_doc_object(cJSON *object, const char *key, struct sdp_err *err);
/* Copies the key of the last member of object, so that this key need not outlive the tree. */
int sdp_doc_copy_key(cJSON *object, struct sdp_err *err);
/* Appends an empty object to an array and returns it. */
cJSON *sdp_doc_row(cJSON *array, struct sdp_err *err);
/*
 * Declares the names of the columns of an array of rows, "name,reason": the header of CSV and TSV
 * if the array stays empty.  Call it once per array.
 */
int sdp_doc_columns(cJSON *array, const char *names, struct sdp_err *err);

/*
 * Lazy rows: an array of objects that has too many rows for a tree.  The rows are produced one
 * after the other while the document is printed.  All have the same members.
 */
enum sdp_lazy_kind {
	SDP_LAZY_NULL,
	SDP_LAZY_BOOLEAN,
	SDP_LAZY_COUNT,
	SDP_LAZY_INTEGER,
	SDP_LAZY_DECIMAL, /* as sdp_doc_decimal */
	SDP_LAZY_REAL,    /* NaN and infinity become null */
	SDP_LAZY_TEXT,    /* UTF-8 */
	SDP_LAZY_WORD,    /* a text that many rows share: an index into words of sdp_lazy_rows */
	SDP_LAZY_WORDS,   /* an array of such texts */
};

/* A value of a row.  What it points to must stay valid until the next row is produced. */
struct sdp_lazy_value {
	enum sdp_lazy_kind kind;
	union {
		bool boolean;
		uint64_t count;
		int64_t integer;
		double real;
		struct {
			const char *start;
			size_t length;
		} text;
		uint32_t word; /* index into the words */
		struct {
			const uint32_t *numbers; /* indices into the words */
			size_t count;
		} words;
	} of;
};

static inline struct sdp_lazy_value sdp_lazy_boolean(bool value)
{
	return (struct sdp_lazy_value){SDP_LAZY_BOOLEAN, {.boolean = value}};
}

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

static inline struct sdp_lazy_value sdp_lazy_decimal(const char *number, size_t length)
{
	return (struct sdp_lazy_value){SDP_LAZY_DECIMAL, {.text = {number, length}}};
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
};

struct sdp_lazy_rows {
	const struct sdp_lazy_member *members;
	size_t member_count;
	const char *const *words; /* UTF-8 */
	size_t word_count;
	uint64_t rows; /* number of rows */
	/*
	 * Sets values, one per member, to row number (0 to rows-1).  The numbers ascend, and start
	 * again from 0 if the document is printed once more.  Returns 0 or -1.
	 */
	int (*row)(void *context, uint64_t number, struct sdp_lazy_value *values,
		   struct sdp_err *err);
	void (*release)(void *context); /* frees what row allocated, after printing; may be NULL */
	void *context;
	char text[3]; /* for sdp_lazy_rows, which stores there what cJSON itself would print */
};

/* Adds the rows to object as the array key.  rows is not copied and must outlive the tree. */
int sdp_lazy_rows(cJSON *object, const char *key, struct sdp_lazy_rows *rows, struct sdp_err *err);

/*
 * Parses a document that was printed as JSON.  Its numbers keep their lexemes.  Returns a new tree;
 * NULL with SDP_DATA if the text is not JSON.
 */
cJSON *sdp_doc_parse(const char *text, size_t length, struct sdp_err *err);

/*
 * The following functions read members of a document or of other JSON, in which numbers may be
 * lexemes.  If object is NULL or not an object, it has no members.
 */
/* Returns the member, which belongs to the tree, or NULL. */
cJSON *sdp_doc_member(const cJSON *object, const char *key);
/* Returns the text, which belongs to the tree; NULL if there is no such member or it is no text. */
const char *sdp_doc_get_text(const cJSON *object, const char *key);
/* Returns the number, or otherwise if there is no finite one. */
double sdp_doc_get_number(const cJSON *object, const char *key, double otherwise);
/* Returns a number from 0 to 2^53 - 1, without its fraction, or otherwise if there is none. */
uint64_t sdp_doc_get_count(const cJSON *object, const char *key, uint64_t otherwise);

enum sdp_doc_format { SDP_DOC_JSON, SDP_DOC_CSV, SDP_DOC_TSV, SDP_DOC_TABLE };

/* What a number of a document measures: a table prints it with a unit that suits its size. */
enum sdp_doc_unit { SDP_DOC_BYTES = 1, SDP_DOC_BYTES_PER_SECOND, SDP_DOC_SECONDS };

/* How tables show a kind of document.  JSON, CSV and TSV do not depend on it. */
struct sdp_doc_view {
	const char *const *first; /* columns of the rows that come first, then NULL; may be NULL */
	const char *const *list;  /* columns of a list of such documents; may be NULL */
	/* Names of members, wherever they are; the last one is NULL. */
	const struct sdp_doc_measure {
		const char *name;
		enum sdp_doc_unit unit;
	} * measures;
};

/* What makes the following text bold on a terminal, and plain again. */
#define SDP_BOLD  "\033[1m"
#define SDP_PLAIN "\033[0m"

struct sdp_doc_style {
	enum sdp_doc_format format;
	int digits;        /* significant digits of reals, 1 to 17; 0: all (6 in a table) */
	const char *print; /* the member that CSV, TSV and table show as rows; NULL: see below */
	int width;         /* of the terminal in columns, for tables; 0: no limit */
	bool bold;         /* the headings of tables are bold */
	/* The member that is used if print is NULL, in place of the first array; may be NULL. */
	const char *rows;
	const struct sdp_doc_view *view; /* may be NULL */
	/*
	 * The only columns that a table shows, the most important first, then NULL: as many as fit
	 * into one line per row. NULL: all columns.
	 */
	const char *const *columns;
};

/*
 * Appends the formatted document to out.
 *
 * JSON is one line; the members are in the order in which they were added.
 *
 * The other formats show rows, which come from the member that print names.  An array of objects
 * has one row per object; an object is one row; an array of arrays has one row per array, with the
 * columns NAME_0, NAME_1, …; an array of values has the single column NAME.  Without print, the
 * rows come from the member that rows names, or else from the first array of objects, or else from
 * the first array of arrays, or else from the first empty array (except "warnings"), or else the
 * document itself is the only row.  The centres of a k-means document ("centers" of arrays, next to
 * "features") have the columns cluster, size and the features; the counts of a classification
 * ("confusion", next to "labels") have the columns label (the true one) and predicted_LABEL.  If
 * there is no such member, the function fails with SDP_USAGE.
 *
 * They have a header with the union of the names of all rows (without rows, the declared names, if
 * any). CSV and TSV have one line per row.  Nested names are joined by "_"; null is an empty cell.
 * An array of plain values is one cell, with ", " between the values; texts in it are quoted by the
 * rules of CSV, so that they can be told apart.  In rows that are arrays, each value is a cell.
 * CSV quotes cells that contain a comma, a quote, CR or LF, or begin or end with a blank; TSV does
 * the same with a tab in place of the comma.
 *
 * A table first has the members with plain values, one "name value" per line, then the rows in
 * aligned columns, numbers to the right. If the rows are wider than the terminal, they are
 * transposed (one line per field) or, if there are many, divided into panels of as many columns as
 * fit; each panel repeats the first column that distinguishes the rows and the columns after it
 * that are texts, or are needed to tell the rows apart. Then come the nested objects and, by name
 * only, the other arrays. With print there are only the rows. view, if there is one, says which
 * columns come first and which numbers are bytes and seconds, which a table prints as "12.3 MB"
 * and "1 min 5 s". With columns, a table has only these, or as many of them as fit into the
 * terminal, but at least two. Control characters are shown as \n or \xNN, null as "-". If rows are
 * wider than the terminal, the widest texts are cut to one width, but words only to 40 columns and
 * prose to 24. In panels and in groups of transposed rows these are the widths, except that words
 * (an id, a path) that distinguish the rows are whole if they leave room for the other columns, and
 * that arrays that distinguish the rows have up to 72 columns. Numbers are never cut.
 */
int sdp_doc_print(const cJSON *doc, const struct sdp_doc_style *style, struct sdp_buf *out,
		  struct sdp_err *err);

/* The destination of printed text, which comes in pieces.  write returns 0, or -1 to stop. */
struct sdp_doc_sink {
	int (*write)(void *context, const void *text, size_t length, struct sdp_err *err);
	void *context;
};

/*
 * Prints the document as sdp_doc_print does, but piece by piece to a sink: lazy rows are never in
 * memory as a whole (except in a table).
 */
int sdp_doc_write(const cJSON *doc, const struct sdp_doc_style *style,
		  const struct sdp_doc_sink *sink, struct sdp_err *err);

#endif
