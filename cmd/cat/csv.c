/* Writes the CSV that a decoder prints on standard output. */
#include "table/csv.h"
#include "base/csv_cell.h"
#include "base/signals.h"
#include "cat.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { FULL = 1 << 16 };

int cat_csv_flush(struct cat_csv *csv, struct sdp_err *err)
{
	if (sdp_write_all(STDOUT_FILENO, csv->text.data, csv->text.length) < 0) {
		if (errno == EPIPE)
			sdp_signals_die_of(SIGPIPE);
		return sdp_fail_errno(err, "cannot write what was decoded");
	}
	csv->text.length = 0;
	return 0;
}

int cat_csv_cell(struct cat_csv *csv, const char *text, size_t length, struct sdp_err *err)
{
	if (csv->begun && sdp_buf_add(&csv->text, ",", 1, err) < 0)
		return -1;
	csv->begun = true;
	return sdp_csv_add_cell(&csv->text, text, length, ',', err);
}

int cat_csv_number(struct cat_csv *csv, uint64_t number, struct sdp_err *err)
{
	char text[24];
	int length = snprintf(text, sizeof text, "%llu", (unsigned long long)number);
	return cat_csv_cell(csv, text, (size_t)length, err);
}

int cat_csv_end(struct cat_csv *csv, struct sdp_err *err)
{
	csv->begun = false;
	if (sdp_buf_add(&csv->text, "\n", 1, err) < 0)
		return -1;
	return csv->text.length < FULL ? 0 : cat_csv_flush(csv, err);
}
