/* Between source.c, cut.c and input.c: one input and how its bytes are had. */
#ifndef SDP_INPUT_H
#define SDP_INPUT_H

#include "sdp/buf.h"
#include "sdp/source.h"

#include <sys/stat.h>
#include <sys/types.h>

struct sdp_inflate;

struct sdp_input {
	char *name;
	int fd;
	bool direct;       /* a regular, plain file: workers read it where it is */
	bool opened;
	struct stat stat;  /* of a direct file when it was opened */
	uint64_t start;    /* where the data begins in the file or spool */
	uint64_t at;       /* where the next bytes come from (direct) */
	struct sdp_inflate *inflate; /* gzip */
	char *ahead;       /* bytes read to tell the format, not yet handed on */
	size_t ahead_length;
};

struct sdp_source {
	struct sdp_source_options options;
	struct sdp_schema schema;
	struct sdp_input *inputs;
	uint32_t count, current;
	int spool;
	uint64_t spool_size;
	uint64_t cut; /* bytes, for progress */
	uint64_t next_record;
	/* The window: bytes of the current input from the next chunk on. */
	struct sdp_buf window;
	size_t taken; /* bytes of the window that the last chunk covers */
	uint64_t window_at; /* their place in file or spool */
	bool at_end;        /* the current input has no more bytes */
	bool at_header;     /* the next record of the window is a header */
};

/* Opens an input by name; regular files at once, others just before they are read. */
int sdp_input_open(struct sdp_input *input, const char *name, struct sdp_err *err);
/* Opens what sdp_input_open put off; at is where its data will begin in the spool. */
int sdp_input_begin(struct sdp_input *input, struct sdp_err *err);
void sdp_input_close(struct sdp_input *input);

/* Up to size bytes, 0 at the end, -1 on failure. */
ssize_t sdp_input_read(struct sdp_input *input, char *bytes, size_t size, struct sdp_err *err);

#endif
