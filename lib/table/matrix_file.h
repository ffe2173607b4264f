/*
 * Small tables of numbers that come beside the data: starting centres.
 */
#ifndef SDP_TABLE_MATRIX_FILE_H
#define SDP_TABLE_MATRIX_FILE_H

#include "table/source.h"

/*
 * Reads the numbers of a CSV or TSV file: of the columns that are called as the features of the
 * data are, in their order, other columns ignored; or, if the file has no header, of all its
 * columns, which must be as many.  A cell without a number fails with its place.  *values (the
 * caller's to free): *rows × count.
 */
int sdp_matrix_file_read(const char *path, const struct sdp_schema *data, const size_t *features,
			 size_t count, double **values, size_t *rows, struct sdp_err *err);

#endif
