/*
 * The inputs of a table: files, pipes and compressed data, one after the other.
 *
 * All bytes end up in a file that every process can read with pread. A regular file is used in
 * place. The parent copies pipes and compressed data into an unlinked temporary file, the spool,
 * while workers cut (chunk.h) and parse what is already there.
 *
 * The parent opens the source before it forks, so workers inherit the descriptors. Names and
 * descriptors belong to the source. Functions return 0 or -1 unless stated otherwise.
 */
#ifndef SDP_TABLE_SOURCE_H
#define SDP_TABLE_SOURCE_H

#include "sdp/block.h"
#include "sdp/err.h"
#include "table/csv.h"
#include "table/where.h"
#include "json/token.h"

#include <stdbool.h>

enum sdp_source_format {
	SDP_SOURCE_ANY, /* detected from the first bytes */
	SDP_SOURCE_DELIMITED,
	SDP_SOURCE_LINES,  /* lines of text, one column (with no_header) */
	SDP_SOURCE_JSON,   /* one document per input */
	SDP_SOURCE_NDJSON, /* one value after the other, usually one per line */
};

/* A file that a decoder is to read. */
struct sdp_decoding {
	const char *name; /* for messages */
	/* "pdf", "txt", or for text with columns "txt-gaps" or "txt-blanks" (table/input.h). */
	const char *format;
	int fd; /* seekable, positioned at its start */
};

/*
 * Converts a file that is no table to CSV. run is called in a child process (process/child.h),
 * which never outlives this one, and writes to standard output. It returns 0, or -1 with err, or
 * replaces the process by another program, which then does the same.
 */
struct sdp_decoder {
	int (*run)(const void *context, const struct sdp_decoding *what, struct sdp_err *err);
	const void *context;
};

struct sdp_source_options {
	char delimiter; /* 0: detected from the first header */
	char quote;     /* of struct sdp_dialect; 0: a double quote */
	char escape;    /* of struct sdp_dialect */
	char decimal;
	const char *thousands; /* one character, which separates groups of digits; NULL: none */
	bool no_header;
	enum sdp_source_format format;
	const char *encoding; /* as iconv knows it; NULL: UTF-8, or what a byte order mark says */
	/* for JSON: the JSON pointer to the array of records, or NULL */
	const char *records;
	char comment;  /* lines that start with it are skipped; 0: none */
	uint64_t skip; /* lines before the header that are skipped, too */
	enum sdp_ragged ragged;
	const char *na;    /* the texts that mean null; NULL: the default list */
	const char *types; /* "column=type,…" or NULL */
	/* The hint in the error that refuses JSON where lines are read; NULL: none. */
	const char *no_lines;
	/*
	 * Of JSON: a column that exists, without values, also if it has only empty arrays; NULL:
	 * none.
	 */
	const char *list;
	const char *title; /* The name of the only input in messages; NULL: its own name. */
	/*
	 * The only FILE, a regular one, is followed: what is added to it is read when it comes, and
	 * then the file that replaces it (process/follow.h). Only a failure ends this. The columns
	 * of NDJSON are those of the records that the file has at first; a record with another key
	 * is an error, or other_keys are ignored.
	 */
	bool follow, other_keys;
	bool unite;        /* files may have different columns, by name */
	bool unites;       /* the program has --union, which messages may name */
	const char *label; /* the name of the column with the name of the file; NULL: none */
	uint64_t max_record;
	struct sdp_decoder decoder; /* run NULL: there is none, and PDF is refused */
	/*
	 * The format as which all inputs are decoded; NULL: only those that look like PDF or text
	 * are decoded, each as what it looks like.
	 */
	const char *decode_as;
	/* The decoder reads the only table of a PDF, and its lines if there is no table. */
	bool pdf_tables;
};

/* The columns that a decoder gives the lines of a PDF. */
#define SDP_PDF_LINES "page", "line", "text"
/* The warning that it reads lines (sdp_source_warning); it prints one itself, with the name. */
#define SDP_PDF_LINES_WARNING                                                                      \
	"no table is found in the PDF: its lines are read, as the columns page, line and text"

/* Consecutive whole records of one input. */
struct sdp_chunk {
	uint64_t offset; /* in the file of the input, or in the spool */
	/* the number of its first record; the first record of an input is 1 */
	uint64_t first_record;
	uint32_t length; /* bytes */
	uint32_t records;
	uint32_t input;
	/*
	 * The line and column of its first byte and of that after it. Only NDJSON that is followed
	 * has them, because its earlier bytes are gone.
	 */
	struct sdp_json_line from, to;
	/* These are set when the chunk is parsed: */
	uint32_t rows_read, rows_wanted; /* rows, and how many of them are wanted */
	bool is_unwanted; /* none is, and no record is faulty: it need not be parsed again */
	struct sdp_oddity odd[SDP_ODD_KINDS];
};

/*
 * Opens the inputs ("-" or none: standard input), reads the first header, and sets the schema with
 * the types of --types; sdp_schema_guess sets the others later. The schema of JSON has no columns
 * until sdp_discover_columns (engine.h) finds them. Returns NULL on failure; free with
 * sdp_source_free.
 */
struct sdp_source *sdp_source_open(const struct sdp_source_options *options, int count,
				   char **names, struct sdp_err *err);

/*
 * Selects the rows that blocks will have, once the expression is bound (sdp_source_guess); takes
 * ownership of it. sdp_source_where returns it; NULL: all rows are wanted.
 */
void sdp_source_select(struct sdp_source *source, struct sdp_where *where);
struct sdp_where *sdp_source_where(const struct sdp_source *source);

/*
 * Chooses among the rows that --where wants, by their numbers: choose is called in any process for
 * each block, and sets wanted for each row to 0 or 1. It must depend only on the input and the
 * records of the rows. context must outlive the source.
 */
struct sdp_row_choice {
	void (*choose)(const void *context, const struct sdp_block *block, uint8_t *wanted);
	const void *context;
};
void sdp_source_choose_rows(struct sdp_source *source, struct sdp_row_choice choice);
const struct sdp_row_choice *sdp_source_row_choice(const struct sdp_source *source);

/*
 * Guesses the types of the columns from the first rows of a block, which are all rows of the first
 * chunk of the table; of an empty block if there is none. Then binds the expression of --where.
 * Does nothing if the expression is bound already. Returns 0 or -1.
 */
enum { SDP_GUESS_ROWS = 1000 };
int sdp_source_guess(struct sdp_source *source, struct sdp_block *block, struct sdp_err *err);

/*
 * Guesses the types anew from the wanted rows alone, once the expression is bound: call it with the
 * wanted rows of each chunk in turn, from the first on, until it returns false. That is when each
 * column has a guess, or SDP_GUESS_ROWS rows were seen, or SDP_GUESS_CHUNKS chunks from the first
 * one on that has such a row. {0} is a new guess.
 */
enum { SDP_GUESS_CHUNKS = 64 };
struct sdp_guess {
	size_t rows;
	uint64_t chunks, chunks_of_rows;
};
bool sdp_source_guess_wanted(struct sdp_source *source, struct sdp_block *block,
			     struct sdp_guess *guess);

/*
 * Takes in some more of the pipes and compressed data; call it in the parent. Returns 1 while there
 * may be more, 0 when everything is there, and -1 on failure, which is permanent. What was taken in
 * before a failure can still be cut.
 */
int sdp_source_pump(struct sdp_source *source, struct sdp_err *err);

/*
 * Waits for input and takes it in as sdp_source_pump does: once at least, and until the spool has
 * so many bytes or everything is there. Fails, too, if a signal is to end the program.
 */
int sdp_source_take_in(struct sdp_source *source, uint64_t upto, struct sdp_err *err);

/*
 * Returns the descriptor that the next sdp_source_pump would wait for, or -1 if it would not wait,
 * so that the caller can poll it together with others.
 */
int sdp_source_waits_for(const struct sdp_source *source);

/*
 * sdp_source_follows returns whether the FILE is followed; sdp_source_caught_up returns whether all
 * that it had at first was taken in. No pump takes in what was there at first together with later
 * bytes.
 */
bool sdp_source_follows(const struct sdp_source *source);
bool sdp_source_caught_up(const struct sdp_source *source);

/*
 * Returns whether the columns of JSON are still unknown. Blocks then have no columns but paths.
 * sdp_source_set_columns sets the columns to the union of the paths of all blocks, in the order in
 * which they first appear (as cells, table/csv.h).  It fails if they are more than SDP_JSON_COLUMNS
 * (json/paths.h).
 */
bool sdp_source_columns_unknown(const struct sdp_source *source);
int sdp_source_set_columns(struct sdp_source *source, const struct sdp_cells *paths,
			   struct sdp_err *err);

/*
 * Returns whether the columns look like those of one object that holds the table as an array
 * (data.0.name). out (size > 0) then is the pointer to that array, as --records takes it. This is
 * meaningful only if there is a single record.
 */
bool sdp_source_table_within(const struct sdp_source *source, char *out, size_t size);

/*
 * Returns whether the columns look like those of one object that holds a table by columns or by
 * rows: its members are arrays, or objects, of the same shape ({"a":[1,2],"b":[3,4]}). *filter then
 * is the filter of jq that makes records of it. This is meaningful only if there is a single
 * record.
 */
bool sdp_source_table_across(const struct sdp_source *source, const char **filter);

/* Returns the number of records if sdp_discover_columns has read them, else 0. */
uint64_t sdp_source_records(const struct sdp_source *source);

/*
 * sdp_source_count_odd counts the oddities of a parsed chunk; call it once per chunk, in
 * ascending order. sdp_source_odd_text writes a sentence on those of a kind, of at most
 * SDP_ODD_TEXT bytes, to out, and returns whether there is anything to say. named: with the name
 * of the input. Documents omit it, because it differs if the same data comes through a pipe.
 * sdp_source_odd returns whether any were counted.
 */
void sdp_source_count_odd(struct sdp_source *source, const struct sdp_chunk *chunk);
enum { SDP_ODD_TEXT = 400 };
bool sdp_source_odd_text(const struct sdp_source *source, enum sdp_odd kind, bool named, char *out,
			 size_t size);
bool sdp_source_odd(const struct sdp_source *source);

/*
 * Returns a warning about how the input was understood, from 0 on, or NULL after the last one. They
 * name no files, because documents hold them.
 */
enum { SDP_WARNING_TEXT = 300 };
const char *sdp_source_warning(const struct sdp_source *source, size_t number);

/* Returns the delimiter as messages show it; quoted is used for the text. */
const char *sdp_delimiter_name(char c, char quoted[4]);

/* How much of an input is there; any process may ask. */
struct sdp_input_state {
	uint64_t origin;       /* the start of the input, in its file or the spool */
	uint64_t text;         /* the offset after skipped lines, comments and blank lines */
	uint64_t start, end;   /* of the data after the header */
	uint64_t first_record; /* the number of the first record after the header */
	/* of JSON: the nesting depth of the records; 0: they are not in an array */
	unsigned base;
	bool begun;    /* if false, the other members have no meaning yet */
	bool complete; /* all of the input is there: end will not grow */
	bool broken;   /* taking in the input failed: the rest will not come */
};
void sdp_source_input_state(const struct sdp_source *source, uint32_t input,
			    struct sdp_input_state *there);

/*
 * sdp_source_cells returns how many cells each record of an input has. sdp_source_cell_column
 * returns the column of the table that cell number i belongs to; a surplus one belongs to none,
 * SIZE_MAX. They differ from the columns of the table with --union and --source.
 */
size_t sdp_source_cells(const struct sdp_source *source, uint32_t input);
size_t sdp_source_cell_column(const struct sdp_source *source, uint32_t input, size_t i);

/* Returns whether blocks of this input must be laid out anew (table/relayout.h). */
bool sdp_source_relayouts(const struct sdp_source *source, uint32_t input);

/*
 * Returns the value of the column of --source: the name of the file, - for standard input; NULL if
 * there is no such column.
 */
const char *sdp_source_label(const struct sdp_source *source, uint32_t input);

/* Returns the number of inputs; with follow, that of the files that may replace the FILE. */
uint32_t sdp_source_inputs(const struct sdp_source *source);

/*
 * Makes chunks as large as usual, or as SDP_TEST_CHUNK says, if it is set. Returns about their
 * bytes. Types are guessed from a chunk of the usual size, so that the test hook does not change
 * them.
 */
uint32_t sdp_source_usual_chunks(struct sdp_source *source, bool usual);

/* Returns about how many bytes a chunk has: 1 MiB, unless SDP_TEST_CHUNK is set. */
uint32_t sdp_source_chunk_target(const struct sdp_source *source);

/* Returns the length of the longest record allowed, in bytes. */
uint64_t sdp_source_max_record(const struct sdp_source *source);

/*
 * Reads the bytes of a chunk into text, which has room for chunk->length; any process may call it.
 * Fails if the input has become shorter.
 */
int sdp_source_read(const struct sdp_source *source, const struct sdp_chunk *chunk, char *text,
		    struct sdp_err *err);

/* Fails if a regular file has changed since it was opened. */
int sdp_source_unchanged(const struct sdp_source *source, struct sdp_err *err);

/* Returns the offset of the chunk in its input (decompressed), for messages. */
uint64_t sdp_source_offset(const struct sdp_source *source, const struct sdp_chunk *chunk);

/*
 * sdp_source_size returns the bytes of all inputs if they are known in advance, else 0.
 * sdp_source_have returns how many bytes are there.
 */
uint64_t sdp_source_size(const struct sdp_source *source);
uint64_t sdp_source_have(const struct sdp_source *source);

/*
 * sdp_source_spooled returns the bytes in the spool; sdp_source_spools returns whether an input is
 * copied to the spool.
 */
uint64_t sdp_source_spooled(const struct sdp_source *source);
bool sdp_source_spools(const struct sdp_source *source, uint32_t input);

/*
 * Frees the disk blocks of the spool before this offset, if the file system can do that; call it in
 * the parent.
 */
void sdp_source_forget(struct sdp_source *source, uint64_t offset);

/*
 * Returns whether the first header looks like data: each of its cells is a number, a date or a
 * boolean. It returns false if --no-header was given.
 */
bool sdp_source_headless(const struct sdp_source *source);

/*
 * If the table has a single column, but another common delimiter would split the header into
 * several cells, returns that delimiter and sets *cells to their number. Otherwise returns NUL.
 */
char sdp_source_other_delimiter(const struct sdp_source *source, size_t *cells);

/* Returns the folder for temporary files: TMPDIR, or /var/tmp. */
const char *sdp_temporary_folder(void);

/* Makes an unlinked file in that folder. Returns its descriptor, or -1. */
int sdp_spool_new(struct sdp_err *err);
/* Does the same, and writes all bytes of an address (base/address.h) to the file. */
int sdp_spool_address(const char *address, struct sdp_err *err);

#endif
