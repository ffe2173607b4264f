/* Reads small files of numbers. */
#include "table/matrix_file.h"

#include "base/address.h"
#include "base/file.h"
#include "sdp/columns.h"
#include "sdp/mem.h"
#include "table/chunk_reader.h"
#include "table/json_columns.h"
#include "table/numeric_columns.h"
#include "table/source.h"

#include <stdio.h>
#include <string.h>

struct matrix {
	const char *path;
	size_t count, *columns; /* indices in the file */
	double *values;
	size_t rows, capacity; /* capacity counts values */
};

static int add_block(void *context, const struct sdp_block *block, struct sdp_err *err)
{
	struct matrix *m = context;
	size_t cells = m->count * block->rows;
	struct sdp_number_column numbers = {0};
	double *columns = sdp_alloc(cells, sizeof *columns, err);
	unsigned char *missing = sdp_alloc(block->rows, 1, err);
	struct sdp_numeric_columns read = {.columns = m->columns,
					   .count = m->count,
					   .required = true,
					   .values = columns,
					   .missing = missing};
	int rc = -1;
	if (columns && missing)
		rc = sdp_numeric_columns_read(&read, block, &numbers, err);
	for (size_t row = 0; rc == 0 && row < block->rows; row++)
		if (missing[row])
			rc = sdp_fail_at(err, sdp_block_place(block, row, m->columns[0]),
					 "a value is missing in this row");
	if (rc == 0)
		rc = sdp_grow(&m->values, &m->capacity, m->rows * m->count + cells,
			      sizeof *m->values, err);
	for (size_t row = 0; rc == 0 && row < block->rows; row++)
		for (size_t i = 0; i < m->count; i++)
			m->values[(m->rows + row) * m->count + i] = columns[i * block->rows + row];
	m->rows += rc == 0 ? block->rows : 0;
	sdp_number_column_release(&numbers);
	free(columns);
	free(missing);
	return rc;
}

/* Takes in all of the input and finds its columns. */
static int take_in(struct sdp_source *source, struct sdp_err *err)
{
	return sdp_source_take_in(source, UINT64_MAX, err) < 0
		       ? -1
		       : sdp_json_find_columns(source, UINT64_MAX, err);
}

static int find_columns(struct matrix *m, const struct sdp_schema *schema, bool headless,
			const struct sdp_schema *data, const size_t *features, struct sdp_err *err)
{
	if (headless && schema->count != m->count)
		return sdp_fail(err, SDP_DATA, "%s: %zu column%s for %zu feature%s", m->path,
				schema->count, schema->count == 1 ? "" : "s", m->count,
				m->count == 1 ? "" : "s");
	for (size_t i = 0; i < m->count; i++) {
		const char *name = data->columns[features[i]].name;
		m->columns[i] = i;
		size_t found =
			headless ? 1
				 : sdp_columns_named(schema, name, strlen(name), &m->columns[i]);
		if (found != 1)
			return sdp_fail(err, SDP_DATA,
					"%s: %s named '%s' among its %zu, for %zu features",
					m->path, found ? "more than one column is" : "no column is",
					name, schema->count, m->count);
	}
	return 0;
}

/* Reads the table in the file path, which is opened twice. m->path is its name in messages. */
static int read_matrix(struct matrix *m, char *path, const struct sdp_schema *data,
		       const size_t *features, struct sdp_err *err)
{
	struct sdp_source_options options = {.decimal = '.',
					     .max_record = 1 << 28,
					     .title = m->path};
	struct sdp_source *source = sdp_source_open(&options, 1, &path, err);
	bool headless = source && sdp_source_headless(source);
	if (headless) {
		sdp_source_free(source);
		options.no_header = true;
		source = sdp_source_open(&options, 1, &path, err);
	}
	int rc = source ? take_in(source, err) : -1;
	if (rc == 0 && !(m->columns = sdp_alloc(m->count, sizeof *m->columns, err)))
		rc = -1;
	if (rc == 0)
		rc = find_columns(m, sdp_source_schema(source), headless, data, features, err);
	if (rc == 0)
		rc = sdp_chunk_each(source, add_block, m, err);
	free(m->columns);
	sdp_source_free(source);
	return rc;
}

int sdp_matrix_file_read(const char *path, const struct sdp_schema *data, const size_t *features,
			 size_t count, double **values, size_t *rows, struct sdp_err *err)
{
	bool address = sdp_address_is(path);
	char *shown = sdp_address_shown(path, err), *name = shown, copy[32];
	struct matrix m = {.path = shown, .count = count};
	int fd = shown && address ? sdp_spool_address(path, err) : -1, rc = -1;
	if (fd >= 0) {
		snprintf(copy, sizeof copy, "/proc/self/fd/%d", fd);
		name = copy;
	}
	if (shown && (fd >= 0 || !address))
		rc = read_matrix(&m, name, data, features, err);
	sdp_file_close(fd);
	free(shown);
	if (rc < 0) {
		free(m.values);
		return -1;
	}
	*values = m.values;
	*rows = m.rows;
	return 0;
}
