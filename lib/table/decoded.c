/* Writes the CSV that a decoder makes to standard output. */
#include "table/decoded.h"

#include "base/csv_cell.h"
#include "base/signals.h"
#include "table/csv.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { FULL = 1 << 16 };

int sdp_decoded_flush(struct sdp_decoded *out, struct sdp_err *err)
{
	if (sdp_write_all(STDOUT_FILENO, out->text.data, out->text.length) < 0) {
		if (errno == EPIPE)
			sdp_signals_broken_pipe();
		return sdp_fail_errno(err, "cannot write what was decoded");
	}
	out->text.length = 0;
	return 0;
}

int sdp_decoded_cell(struct sdp_decoded *out, const char *text, size_t length, struct sdp_err *err)
{
	if (out->begun && sdp_buf_add(&out->text, ",", 1, err) < 0)
		return -1;
	out->begun = true;
	return sdp_csv_add_cell(&out->text, text, length, ',', err);
}

int sdp_decoded_number(struct sdp_decoded *out, uint64_t number, struct sdp_err *err)
{
	char text[24];
	int length = snprintf(text, sizeof text, "%llu", (unsigned long long)number);
	return sdp_decoded_cell(out, text, (size_t)length, err);
}

int sdp_decoded_end(struct sdp_decoded *out, struct sdp_err *err)
{
	out->begun = false;
	if (sdp_buf_add(&out->text, "\n", 1, err) < 0)
		return -1;
	return out->text.length < FULL ? 0 : sdp_decoded_flush(out, err);
}
