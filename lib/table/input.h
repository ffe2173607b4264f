/*
 * One input (a file, a pipe or compressed data) and the state of a source. Shared by the files that
 * implement table/source.h.
 */
#ifndef SDP_TABLE_INPUT_H
#define SDP_TABLE_INPUT_H

#include "process/child.h"
#include "process/fetch.h"
#include "process/follow.h"
#include "table/csv.h"
#include "table/encoding.h"
#include "table/source.h"
#include "json/validate.h"

#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/types.h>

struct sdp_codec;
struct sdp_decompress;
struct sdp_foreign;

struct sdp_input {
	char *name;    /* as messages show it */
	char *address; /* another program reads it (base/address.h); or NULL */
	int fd;
	/* a regular file that is not compressed or converted: workers read it in place */
	bool direct;
	bool opened;
	bool standard;                          /* standard input */
	bool ended;                             /* the stream has ended */
	struct stat stat;                       /* of a regular file, at the time of opening */
	uint64_t at;                            /* offset of the next bytes (direct only) */
	struct sdp_decompress *decompress;      /* NULL: the input is not compressed */
	const char *encoding;                   /* NULL until the first bytes have been read */
	struct sdp_encoding_convert *transcode; /* NULL: the bytes need no conversion */
	/* decompressed bytes that were read to detect the format and have not been returned yet */
	char *ahead;
	size_t ahead_length;
	/*
	 * The format to decode from ("pdf", "txt", …), detected from the first, decompressed bytes;
	 * NULL: none.
	 */
	const char *decode;
	const struct sdp_foreign *foreign; /* the format, if it is a binary one; or NULL */
	struct sdp_fetch fetch;            /* the program that reads the address */
	struct sdp_child decoder;          /* the process that writes to the pipe fd */
	struct sdp_follow follow;          /* the process that follows the file (follow.c) … */
	bool pausing;                      /* … of which only the beginning is read for now */
	int decoded;                       /* the regular file that the decoder reads, or -1 */
	/*
	 * Of --union: the names in its header, and the column of the table for each of them.
	 */
	struct sdp_cells header;
	size_t *columns;
	/* Called once at the end of the stream; NULL: no call. Returns 0, or -1 with err filled. */
	int (*at_end)(struct sdp_input *input, struct sdp_err *err);
};

/*
 * The state of an input in shared memory; the parent writes it, all processes read it (struct
 * sdp_input_state).
 */
struct sdp_input_shared {
	_Atomic uint64_t origin, text, start, end, first_record;
	_Atomic uint32_t base; /* of JSON: the nesting depth of the records */
	_Atomic bool begun, complete, broken;
};

/* A table in JSON. All but the columns is known when the first input has begun. */
struct sdp_json_table {
	bool single;            /* each input is one document (--input-format json) */
	bool arrays;            /* records are arrays, not objects … */
	bool header;            /* … and the first one names the columns */
	size_t width;           /* the number of values in such a record */
	struct sdp_cells names; /* the names of its elements */
	struct sdp_json_pointer pointer;
	bool pointed;           /* pointer was given by --records */
	const char *nan_fault;  /* of struct sdp_json */
	bool known;             /* the columns are known */
	uint64_t records;       /* 0: not known */
	struct sdp_map columns; /* maps the path of a column to its index */
};

/* The filter of jq that makes records of an object that holds the columns of a table. */
#define SDP_JSON_BY_COLUMNS "(first(.[])|keys_unsorted[]) as $i | map_values(.[$i])"

/* What follows the file of a source that is followed: the most files that replace it. */
enum { SDP_FOLLOW_FILES = 1 << 18 };

struct sdp_source {
	struct sdp_source_options options;
	struct sdp_schema schema;
	struct sdp_map names; /* of struct sdp_schema */
	size_t column_capacity;
	struct sdp_json_table json;
	/*
	 * The operands. If the only one is followed, inputs[1] is the latest file that has replaced
	 * it, and shared has room for SDP_FOLLOW_FILES of them.
	 */
	struct sdp_input *inputs;
	struct sdp_input_shared *shared; /* one per input */
	uint32_t count, pumping;         /* pumping is the input that the next pump reads */
	int spool;
	/* About the bytes of a chunk, and those that SDP_TEST_CHUNK gives; 0: it is not set. */
	uint32_t chunk_target, small_chunks;
	/* in bytes; forgotten: those at the start that were freed */
	uint64_t spool_size, forgotten;
	struct {
		uint64_t count, record; /* the number of the first … */
		uint32_t input;         /* … and whose it is */
	} odd[SDP_ODD_KINDS];
	/* the delimiter that would give the first header the most cells … */
	char other_delimiter;
	size_t other_count;               /* … and how often it occurs there; 0: none does */
	struct sdp_buf warnings;          /* each ends with NUL */
	struct sdp_where *where;          /* NULL: all rows are wanted */
	struct sdp_row_choice row_choice; /* choose is NULL: there is none */
	bool labelled;                    /* the schema has the column of --source */
	bool failed;                      /* taking in the inputs failed, with failure */
	struct sdp_err failure;
};

/* The first bytes of an input, up to the end of its first record at least. */
struct sdp_head {
	struct sdp_buf text;
	uint64_t origin; /* the start of the input, in its file or the spool */
	bool later;      /* it must be spooled, so it begins when its turn comes */
	size_t mark;     /* the length of a byte order mark */
	size_t before;   /* the bytes between it and the header … */
	uint64_t lines;  /* … and their number of lines */
	size_t dropped;  /* of these, the bytes that are not data if there is no header … */
	uint64_t dropped_lines; /* … and their number of lines */
	size_t length;          /* the length of the header record */
};

/*
 * Begins an input: reads its byte order mark and header, and sets its shared state (struct
 * sdp_input_shared). Returns 0 or -1.
 */
int sdp_source_begin(struct sdp_source *s, uint32_t input, struct sdp_err *err);

/* Returns an input by its number; each file that replaces the one which is followed is one. */
static inline struct sdp_input *sdp_source_input(const struct sdp_source *s, uint32_t number)
{
	return &s->inputs[s->options.follow && number ? 1 : number];
}

/* Opens the only operand to follow it. Returns 0 or -1. */
int sdp_source_follow(struct sdp_source *s, int count, char **names, struct sdp_err *err);
/* Goes on with the file that has replaced the one which was followed so far. Returns 0 or -1. */
int sdp_source_follow_next(struct sdp_source *s, struct sdp_err *err);
/* Makes err, with which the new file could not begin, say that it was replaced. Returns -1. */
int sdp_follow_explain(struct sdp_err *err);
/* Fails if what is known of an input shows that it cannot be followed. */
int sdp_follow_check(const struct sdp_source *s, const struct sdp_input *input,
		     struct sdp_err *err);
/*
 * Makes the columns of all headers the columns of the table (--union), and adds that of the file's
 * name (--source). Returns 0 or -1.
 */
int sdp_source_unite(struct sdp_source *s, struct sdp_err *err);

/* Adds the column of --source to the schema, if there is one. Returns 0 or -1. */
int sdp_source_add_label(struct sdp_source *s, struct sdp_err *err);

/* Adds a column to the schema. An empty name becomes c and its number. */
int sdp_source_add_column(struct sdp_source *s, const char *text, size_t length,
			  struct sdp_err *err);

/* The bytes of an input that are read at once. */
enum { SDP_INPUT_READ = 1 << 18 };

/*
 * Appends at most size more bytes of an input to text; those of a stream also go to the spool.
 * Returns their number, 0 at the end of the input, or -1.
 */
ssize_t sdp_source_read_some(struct sdp_source *s, struct sdp_input *input, struct sdp_buf *text,
			     size_t size, struct sdp_err *err);

/* Reads the head of an input as far as its format needs it, and sets schema.format. */
int sdp_head_detect(struct sdp_source *s, uint32_t input, struct sdp_head *head,
		    struct sdp_err *err);

/*
 * Decides whether the quotes of TSV are syntax, from the first MiB of an input after its byte order
 * mark and comments, and sets schema.quotes and the quote of the dialect. It waits for that much.
 */
int sdp_head_quotes(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head,
		    struct sdp_err *err);

/* These begin an input of a format (struct sdp_format_steps): a header is read, or JSON located. */
int sdp_head_begin(struct sdp_source *s, uint32_t input, struct sdp_head *head, uint64_t *start,
		   struct sdp_err *err);
int sdp_source_begin_json(struct sdp_source *s, uint32_t input, struct sdp_head *head,
			  uint64_t *start, struct sdp_err *err);

/* Returns the name of an element of the records, which are arrays; it is not NUL-terminated. */
const char *sdp_json_column_name(const struct sdp_source *s, size_t index, size_t *length);

/*
 * Reads the columns from a header record or, with --no-header, counts them in the first record,
 * which remains data. The headers of all inputs must be the same.
 */
int sdp_source_header(struct sdp_source *s, uint32_t input, const struct sdp_head *head,
		      struct sdp_err *err);

/* Sets the types that --types names. */
int sdp_source_fix_types(struct sdp_source *s, struct sdp_err *err);

/*
 * sdp_head_need reads until the head has enough bytes after what is before the header to detect a
 * format. sdp_head_look reads until it has size bytes there, or the input ends (*all), so that what
 * is decided by them does not depend on how bytes arrive.
 */
int sdp_head_need(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head,
		  struct sdp_err *err);
int sdp_head_look(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head, size_t size,
		  bool *all, struct sdp_err *err);

/* Skips what is before the header (preamble.c). */
int sdp_head_skip(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head,
		  struct sdp_err *err);

/* Adds a warning (sdp_source_warning). */
int sdp_source_warn(struct sdp_source *s, struct sdp_err *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Opens an input. A regular file is opened at once, another one just before it is read, and the
 * program that reads an address is started then.
 */
int sdp_input_open(struct sdp_input *input, const char *name, const char *encoding,
		   struct sdp_err *err);
/*
 * From now on, CR ends lines as well; a direct file is read as a stream from its current position.
 */
int sdp_input_use_cr(struct sdp_input *input, struct sdp_err *err);
/* Opens an input that sdp_input_open did not open, without waiting for a writer. */
int sdp_input_connect(struct sdp_input *input, struct sdp_err *err);
/*
 * Returns whether a connected input has bytes or has ended, after waiting at most timeout
 * milliseconds.
 */
bool sdp_input_ready(const struct sdp_input *input, int timeout);
/* Connects an input if necessary, waits until it has bytes, and detects its format. */
int sdp_input_begin(struct sdp_input *input, struct sdp_err *err);
/* Ends the decoder, if there is one, closes the input and frees all that it owns. */
void sdp_input_close(struct sdp_input *input);

/* Writes the rest of an input to a temporary file. Returns its descriptor, or -1. */
int sdp_input_spool(struct sdp_input *input, struct sdp_err *err);

/*
 * Starts a decoder for an input, if the options or its first bytes ask for one (source.h), and
 * reads its output instead of the file.
 */
int sdp_input_decode(struct sdp_input *input, const struct sdp_source_options *options,
		     struct sdp_err *err);
/* Returns how the input is compressed, or NULL. */
const struct sdp_codec *sdp_input_codec(const struct sdp_input *input);

/* Frees the state of decompression and of conversion. */
void sdp_input_end_decoding(struct sdp_input *input);

/* Returns the descriptor that a read would wait for, or -1 if it would not wait. */
int sdp_input_waits_for(const struct sdp_input *input);

/* Reads at most size bytes. Returns their number, 0 at the end, or -1. */
ssize_t sdp_input_read(struct sdp_input *input, char *bytes, size_t size, struct sdp_err *err);

/*
 * Fails if the input is a regular file that has changed since it was opened, unless it has ended.
 */
int sdp_input_unchanged(const struct sdp_input *input, struct sdp_err *err);

#endif
