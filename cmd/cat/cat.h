/* What the files of sdp-cat share. */
#ifndef SDP_CMD_CAT_H
#define SDP_CMD_CAT_H

#include "sdp/run.h"
#include "table/source.h"

struct params {
	struct sdp_common common;
	int64_t head;
	bool count;
	bool tables;
	int64_t table; /* 0: all */
	const char *password_file;
};

/* A CSV that goes to standard output, there. */
struct cat_csv {
	struct sdp_buf text;
	bool begun; /* the row at hand has a cell */
};

int cat_csv_cell(struct cat_csv *csv, const char *text, size_t length, struct sdp_err *err);
int cat_csv_number(struct cat_csv *csv, uint64_t number, struct sdp_err *err);
int cat_csv_end(struct cat_csv *csv, struct sdp_err *err); /* of the row */
int cat_csv_flush(struct cat_csv *csv, struct sdp_err *err);

int cat_pdf(const struct params *params, const struct sdp_decoding *what, struct cat_csv *csv,
	    struct sdp_err *err);
int cat_text(const struct params *params, const struct sdp_decoding *what, struct cat_csv *csv,
	     struct sdp_err *err);

#endif
