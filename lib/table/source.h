/*
 * Input as a table: files, pipes and gzip, one after the other.
 *
 * Whatever the bytes come from, in the end they lie in a file that every process can pread: a
 * regular file is used where it is; the parent pumps pipes and gzip into an unlinked spool while
 * workers cut (cut.h) and parse what is there.
 *
 * The parent opens the source before it forks, so that workers inherit the descriptors.  Names and
 * descriptors belong to the source.
 */
#ifndef SDP_TABLE_SOURCE_H
#define SDP_TABLE_SOURCE_H

#include "sdp/err.h"
#include "sdp/schema.h"
#include "table/csv.h"

#include <stdbool.h>

enum sdp_source_format {
	SDP_SOURCE_ANY, /* by the first bytes */
	SDP_SOURCE_DELIMITED,
	SDP_SOURCE_JSON,   /* one document */
	SDP_SOURCE_NDJSON, /* one value after the other */
};

/* A file for a decoder. */
struct sdp_decoding {
	const char *name; /* for messages */
	/* "pdf", "txt", or of text with columns "txt-gaps", "txt-blanks" (lib/table/input.h) */
	const char *format;
	int fd;     /* at its start, seekable */
	bool named; /* the file can be opened by its name, too */
};

/*
 * For decoders of text: columns between blanks, or gaps of two blanks or a tab, in a line from *at
 * on.
 */
size_t sdp_sniff_field(const char *text, size_t length, size_t *at, bool gaps, const char **field);

/*
 * Turns what sdp does not read itself into CSV.  run is called in a process of its own, which lives
 * no longer than this one, and writes to standard output; -1 with err, or, having said on standard
 * error why, with a code and no text.
 */
struct sdp_decoder {
	int (*run)(const void *context, const struct sdp_decoding *what, struct sdp_err *err);
	const void *context;
};

enum sdp_encoding {
	SDP_ENCODING_ANY, /* UTF-8, or UTF-16 with a byte order mark */
	SDP_ENCODING_UTF8,
	SDP_ENCODING_UTF16LE,
	SDP_ENCODING_UTF16BE,
	SDP_ENCODING_LATIN1,
};

struct sdp_source_options {
	/* 0: as the first header has it; LF: lines of text, one column (with no_header) */
	char delimiter;
	char decimal;
	char thousands; /* between groups of digits; 0: nothing */
	bool no_header;
	enum sdp_source_format format;
	enum sdp_encoding encoding;
	const char *records; /* of JSON: a pointer to the array of records, or NULL */
	char comment;        /* what begins lines to pass over; 0: nothing */
	enum sdp_ragged ragged;
	const char *na;    /* NULL: the default list */
	const char *types; /* "col=type,…" or NULL */
	/* what the refusal of JSON where lines are read says to do; NULL: nothing */
	const char *no_lines;
	const char *title; /* what messages call the only input; NULL: its name */
	uint64_t max_record;
	struct sdp_decoder decoder; /* run NULL: none, PDF is refused */
	/* all inputs, whatever their first bytes are; NULL: what looks like PDF or text */
	const char *decode_as;
};

/* A run of whole records of one input. */
struct sdp_chunk {
	uint64_t offset;       /* in the input's file, or in the spool */
	uint64_t first_record; /* number of its first record; the first of an input is 1 */
	uint32_t length;       /* bytes */
	uint32_t records;
	uint32_t input;
	/*
	 * Set when it was parsed: how many records were ragged (csv.h), and the number of the
	 * first.
	 */
	uint32_t ragged;
	uint64_t first_ragged;
};

/*
 * Opens the inputs ("-" or none: standard input), reads the first header and fixes the schema with
 * the types of --types; guesses follow with sdp_schema_guess.  Of JSON the schema has no columns
 * before sdp_discover_columns (engine.h).
 */
struct sdp_source *sdp_source_open(const struct sdp_source_options *options, int count,
				   char **names, struct sdp_err *err);

/*
 * In the parent: takes in some more of pipes and gzip.  1 while there may be more, 0 when all is
 * there, -1 on failure, which is for good; what came before it can still be cut.
 */
int sdp_source_pump(struct sdp_source *source, struct sdp_err *err);

/*
 * The descriptor that the next pump would wait for, -1 if it would not wait: for who has other
 * things to look after meanwhile.
 */
int sdp_source_waits_for(const struct sdp_source *source);

/*
 * Are columns still to be found?  Then blocks have none, but paths, of which the union over all
 * blocks, in the order of first appearance (cell by cell, of table/csv.h), is for set_columns.
 */
bool sdp_source_columns_unknown(const struct sdp_source *source);
int sdp_source_set_columns(struct sdp_source *source, const struct sdp_cells *paths,
			   struct sdp_err *err);

/*
 * If the columns look like those of one object that holds the table as an array (data.0.name): the
 * array's place as --records has it, in out (size > 0).  Of use where there is one record only.
 */
bool sdp_source_table_within(const struct sdp_source *source, char *out, size_t size);

/* How many records there are, if sdp_discover_columns has read them; else 0. */
uint64_t sdp_source_records(const struct sdp_source *source);
void sdp_source_set_records(struct sdp_source *source, uint64_t records);

/*
 * Counts the ragged records of a chunk that was parsed, once a chunk, in their order.  What was
 * counted is said by a text of at most SDP_RAGGED_TEXT bytes: false if there is nothing to say. 
 * named: with the input's name, which is another one if it comes through a pipe.
 */
void sdp_source_count_ragged(struct sdp_source *source, const struct sdp_chunk *chunk);
enum { SDP_RAGGED_TEXT = 400 };
bool sdp_source_ragged_text(const struct sdp_source *source, bool named, char *out, size_t size);

/* How much of an input is there, as any process may ask. */
struct sdp_input_there {
	uint64_t origin;       /* where the input begins; in its file or the spool */
	uint64_t start, end;   /* of the data behind the header */
	uint64_t first_record; /* the number of the first behind the header */
	unsigned base;         /* of JSON: how deep the records lie; 0: one after the other */
	bool begun;            /* else nothing else here means anything yet */
	bool complete;         /* end will not grow */
	bool broken;           /* nor will the rest come: the pump failed */
};
void sdp_source_there(const struct sdp_source *source, uint32_t input,
		      struct sdp_input_there *there);

uint32_t sdp_source_inputs(const struct sdp_source *source);

/* The longest record allowed, in bytes. */
uint64_t sdp_source_max_record(const struct sdp_source *source);

/* For any process: length bytes of a chunk into text.  Fails if an input shrank. */
int sdp_source_read(const struct sdp_source *source, const struct sdp_chunk *chunk, char *text,
		    struct sdp_err *err);

/* Fails if a regular input is no longer what it was when it was opened. */
int sdp_source_unchanged(const struct sdp_source *source, struct sdp_err *err);

/* Where the chunk's bytes lie in the (inflated) input, for messages. */
uint64_t sdp_source_offset(const struct sdp_source *source, const struct sdp_chunk *chunk);

/* Bytes of all inputs if known beforehand, else 0; and how many are there. */
uint64_t sdp_source_size(const struct sdp_source *source);
uint64_t sdp_source_have(const struct sdp_source *source);

/* Bytes in the spool; does this input go there? */
uint64_t sdp_source_spooled(const struct sdp_source *source);
bool sdp_source_spools(const struct sdp_source *source, uint32_t input);

/*
 * In the parent: gives back the disk blocks of the spool before this offset, where that can be
 * done.
 */
void sdp_source_forget(struct sdp_source *source, uint64_t offset);

/*
 * Does the first header look like data: numbers, dates or booleans in all its cells?  (Or was
 * --no-header given: then no.)
 */
bool sdp_source_headless(const struct sdp_source *source);

/*
 * Is the table of one column by what was said to separate its cells, and would have several by
 * something else that usually does?  *cells of them; '\0': no.
 */
char sdp_source_other_delimiter(const struct sdp_source *source, size_t *cells);

/* TMPDIR, or /var/tmp. */
const char *sdp_temporary_folder(void);

/* An unlinked file there: its descriptor, or -1. */
int sdp_spool_new(struct sdp_err *err);

#endif
