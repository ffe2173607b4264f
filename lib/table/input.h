/* Between source.c, pump.c and input.c: one input and how its bytes are had. */
#ifndef SDP_TABLE_INPUT_H
#define SDP_TABLE_INPUT_H

#include "process/child.h"
#include "table/csv.h"
#include "table/encoding.h"
#include "table/source.h"
#include "json/validate.h"

#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/types.h>

struct sdp_inflate;

struct sdp_input {
	char *name;
	int fd;
	bool direct; /* a regular, plain file: workers read it where it is */
	bool opened;
	bool ended;                             /* a stream has said so */
	struct stat stat;                       /* of a direct file when it was opened */
	uint64_t at;                            /* where the next bytes come from (direct) */
	struct sdp_inflate *inflate;            /* gzip */
	enum sdp_encoding encoding;             /* ANY until the first bytes were seen */
	struct sdp_encoding_convert *transcode; /* what is not to be passed on as it is */
	char *ahead; /* bytes read to tell the format, not yet handed on */
	size_t ahead_length;
	/* "pdf", "txt", …: by its first bytes, inflated; NULL: it is read as it is */
	const char *decode;
	bool named;               /* a regular file, which others can open by its name */
	struct sdp_child decoder; /* the process whose pipe it is */
	/* Called once at the end of the stream; NULL for none.  Returns 0, or -1 with err filled. */
	int (*at_end)(struct sdp_input *input, struct sdp_err *err);
};

/* What all processes see of an input; the parent writes it. */
struct sdp_input_shared {
	_Atomic uint64_t origin, start, end, first_record;
	_Atomic uint32_t base; /* of JSON: how deep the records lie */
	_Atomic bool begun, complete, broken;
};

/* Inputs that are JSON; all but the columns is known when the first of them has begun. */
struct sdp_json_table {
	bool on;
	bool single;            /* one document an input, by --input-format json */
	bool arrays;            /* records are arrays, not objects … */
	bool header;            /* … and the first one names the columns */
	size_t width;           /* values in such a record */
	struct sdp_cells names; /* of the header */
	struct sdp_json_pointer pointer;
	bool pointed;           /* it was given */
	bool known;             /* the columns are */
	uint64_t records;       /* 0: not known */
	struct sdp_map columns; /* path to index */
};

struct sdp_source {
	struct sdp_source_options options;
	struct sdp_schema schema;
	struct sdp_json_table json;
	struct sdp_input *inputs;
	struct sdp_input_shared *shared; /* count of them */
	uint32_t count, pumping;         /* the input that the next pump reads */
	int spool;
	uint64_t spool_size, forgotten; /* bytes; those in front that were given back */
	struct {
		uint64_t count, record; /* the number of the first … */
		uint32_t input;         /* … and whose it is */
	} ragged;
	char other_delimiter; /* what makes most cells of the first header … */
	size_t other_count;   /* … by standing in it so often; 0: nothing */
	bool failed;          /* the pump, for good */
	struct sdp_err failure;
};

/* The first record's bytes of an input, with all that was read with them. */
struct sdp_head {
	struct sdp_buf text;
	uint64_t origin; /* where it begins; in its file or the spool */
	bool later;      /* it has to be spooled, so it begins when its turn has come */
	size_t mark;     /* bytes of a byte order mark */
	size_t comments; /* behind it, bytes … */
	uint64_t lines;  /* … and how many there are */
	size_t length;   /* of the record behind these */
};

/* Begins an input: byte order mark, header, what is there of it. */
int sdp_source_begin(struct sdp_source *s, uint32_t input, struct sdp_err *err);

/* Some more bytes of an input behind those in text; a stream's are spooled too.  0 at its end. */
ssize_t sdp_source_read_some(struct sdp_source *s, struct sdp_input *input, struct sdp_buf *text,
			     size_t size, struct sdp_err *err);

/*
 * The same for JSON: finds the records.  text is what was read so far, start becomes the offset of
 * the records from the input's origin.
 */
int sdp_source_begin_json(struct sdp_source *s, uint32_t input, const struct sdp_buf *text,
			  uint64_t *start, struct sdp_err *err);

/* The name of a record's element, where records are arrays. */
const char *sdp_json_column_name(const struct sdp_source *s, size_t index, size_t *length);

/* Takes a header record (or, with --no-header, the first record, which stays data). */
int sdp_source_header(struct sdp_source *s, uint32_t input, const struct sdp_head *head,
		      struct sdp_err *err);

/* Fixes the types that --types names. */
int sdp_source_fix_types(struct sdp_source *s, struct sdp_err *err);

/* Opens an input by name; regular files at once, others just before they are read. */
int sdp_input_open(struct sdp_input *input, const char *name, enum sdp_encoding encoding,
		   struct sdp_err *err);
/* From here on CR ends lines, too; a direct file is read as a stream from where it is. */
int sdp_input_use_cr(struct sdp_input *input, struct sdp_err *err);
/* Opens what sdp_input_open put off, without waiting for anybody. */
int sdp_input_connect(struct sdp_input *input, struct sdp_err *err);
/* Has a connected input something to read, or an end, within timeout milliseconds? */
bool sdp_input_ready(const struct sdp_input *input, int timeout);
/* Connects, waits until there is something, and looks at what it is. */
int sdp_input_begin(struct sdp_input *input, struct sdp_err *err);
void sdp_input_close(struct sdp_input *input);

/*
 * What the first bytes of an input show: *format becomes "txt" for lines of text, "txt-blanks" or
 * "txt-gaps" for columns between blanks or at least two of them, and stays as it is for anything
 * else. all: these are all bytes; enough: no more will be asked for.  False: more could change the
 * answer.
 */
bool sdp_sniff_text(const char *bytes, size_t length, bool all, bool enough, const char **format);

/* All that is left of an input in a temporary file: its descriptor, or -1. */
int sdp_input_spool(struct sdp_input *input, struct sdp_err *err);

/* Puts a decoder between a file and who reads it, where options want one (source.h). */
int sdp_input_decode(struct sdp_input *input, const struct sdp_source_options *options,
		     struct sdp_err *err);
void sdp_input_inflate_end(struct sdp_input *input);

/* The descriptor whose bytes a read would wait for; -1 if it would not wait. */
int sdp_input_waits_for(const struct sdp_input *input);

/* Up to size bytes, 0 at the end, -1 on failure. */
ssize_t sdp_input_read(struct sdp_input *input, char *bytes, size_t size, struct sdp_err *err);

#endif
