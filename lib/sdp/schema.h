/*
 * The columns of a table, and the source that the table is read from.
 *
 * The schema and its names belong to the source, which sdp_run_open makes from the operands of a
 * program; both are valid until sdp_source_free.
 */
#ifndef SDP_SCHEMA_H
#define SDP_SCHEMA_H

#include "sdp/err.h"
#include "sdp/type.h"

#include <stdbool.h>

/* The treatment of a record whose number of cells is not that of the table's columns. */
enum sdp_ragged {
	SDP_RAGGED_ERROR,
	SDP_RAGGED_PAD,  /* missing cells are null; too many cells are an error */
	SDP_RAGGED_SKIP, /* the record is skipped */
};

/* What an input is: it decides how inputs begin and how records are cut and parsed. */
enum sdp_format {
	SDP_FORMAT_DELIMITED, /* cells between delimiters: CSV and TSV */
	SDP_FORMAT_LINES,     /* lines of text: each is a record of one cell */
	SDP_FORMAT_JSON,
};

/* How the cells of delimited text are written.  Lines of text have LF as delimiter and quote. */
struct sdp_dialect {
	char delimiter; /* separates cells; '\0' until the first header is read */
	char quote;     /* encloses quoted cells; LF, which no cell begins with: there are none */
	char escape;    /* takes its meaning from the next byte; '\0': none */
};

/* What was found out about the quotes of TSV, where no option says it. */
enum sdp_quotes {
	SDP_QUOTES_GIVEN,  /* nothing: an option says it, or this is not TSV */
	SDP_QUOTES_SYNTAX, /* every cell that begins with a quote is a quoted one */
	SDP_QUOTES_TEXT,   /* quotes are plain text */
	SDP_QUOTES_UNSEEN, /* no cell at the start of the input begins with a quote: plain text */
};

/* The kinds of oddities that are counted in a chunk, for one warning about all of them. */
enum sdp_odd {
	SDP_ODD_RAGGED, /* records that were padded or skipped (--ragged) */
	SDP_ODD_QUOTES, /* records where a cell begins with a quote, though SDP_QUOTES_UNSEEN */
	SDP_ODD_KINDS,
};

struct sdp_oddity {
	uint64_t count;
	uint64_t first; /* the record number of the first one; 0: there is none */
};

struct sdp_column {
	const char *name;
	bool fixed;           /* --types fixes the type */
	bool padded;          /* and the type is numeric: numbers may have leading zeros */
	enum sdp_type type;   /* of a fixed column */
	enum sdp_class guess; /* class of the cells in the first rows, for a column not fixed */
	/*
	 * The guess, or SDP_CLASS_NUMBER instead of SDP_CLASS_NONE; of a column of text the class
	 * of all but a few cells in the first rows, if there is one.  Of a fixed column
	 * SDP_CLASS_TEXT.
	 */
	enum sdp_class nearly;
};

struct sdp_map;

#define SDP_SCHEMA_TWICE ((size_t)1 << 40)

struct sdp_schema {
	struct sdp_column *columns;
	size_t count;
	/*
	 * Maps a name to the index of its first column, plus SDP_SCHEMA_TWICE if there are others.
	 * NULL: columns are searched one by one.
	 */
	const struct sdp_map *names;
	enum sdp_format format;
	struct sdp_dialect dialect; /* not of JSON */
	enum sdp_quotes quotes;
	char decimal;          /* the decimal point */
	const char *thousands; /* one character, which separates groups of digits; NULL: none */
	struct sdp_nulls nulls;
	char comment; /* lines that begin with it are skipped; 0: none */
	enum sdp_ragged ragged;
	bool pdf_lines; /* the input is a PDF, of which the lines are read, not a table */
};

/*
 * Returns the SDP_SEEN_ bit of a cell of a column, which must not be null.  Numbers of a
 * padded column may have leading zeros.
 */
unsigned sdp_schema_seen(const struct sdp_schema *schema, size_t column, const char *text,
			 size_t length);

struct sdp_source;

/* Returns the schema of a source.  For JSON, it has no columns before sdp_discover_columns. */
struct sdp_schema *sdp_source_schema(struct sdp_source *source);

/* Returns the name of an input (from 0) as messages show it. */
const char *sdp_source_name(const struct sdp_source *source, uint32_t input);

/* Closes the inputs and frees the source and its schema.  source may be NULL. */
void sdp_source_free(struct sdp_source *source);

#endif
