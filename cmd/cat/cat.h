/*
 * The types and functions that the files of sdp-cat share. Functions return 0, or -1 with err
 * filled.
 */
#ifndef SDP_CMD_CAT_H
#define SDP_CMD_CAT_H

#include "sdp/run.h"
#include "table/source.h"

struct params {
	struct sdp_common common;
	int64_t head;
	bool count;
	bool tables;
	int64_t table; /* number of the table; 0: all tables */
	const char *password_file;
};

/*
 * A writer of CSV to standard output. {0} is a new one; flush it at the end. The caller releases
 * text.
 */
struct cat_csv {
	struct sdp_buf text;
	bool begun; /* whether the current row has a cell */
};

int cat_csv_cell(struct cat_csv *csv, const char *text, size_t length, struct sdp_err *err);
int cat_csv_number(struct cat_csv *csv, uint64_t number, struct sdp_err *err);
int cat_csv_end(struct cat_csv *csv, struct sdp_err *err); /* ends the row */
int cat_csv_flush(struct cat_csv *csv, struct sdp_err *err);

int cat_pdf(const struct params *params, const struct sdp_decoding *what, struct cat_csv *csv,
	    struct sdp_err *err);
int cat_text(const struct params *params, const struct sdp_decoding *what, struct cat_csv *csv,
	     struct sdp_err *err);

#endif
