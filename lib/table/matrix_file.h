/* Small files of numbers beside the data, such as starting centres. */
#ifndef SDP_TABLE_MATRIX_FILE_H
#define SDP_TABLE_MATRIX_FILE_H

#include "table/source.h"

/*
 * Reads the numbers of a CSV or TSV file. If it has a header, the columns with the names of the
 * features of the data are read, in the order of features (indices in data), and others are
 * ignored; without a header, all columns are read and there must be count of them. A cell that is
 * not a number fails with its place. *values is an array of *rows × count numbers, row by row, that
 * the caller frees.
 */
int sdp_matrix_file_read(const char *path, const struct sdp_schema *data, const size_t *features,
			 size_t count, double **values, size_t *rows, struct sdp_err *err);

#endif
