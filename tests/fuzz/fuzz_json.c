/*
 * Reads any bytes as JSON. The validator must give the same result for the whole text and for
 * pieces of it. cJSON must accept what it accepts, and it must refuse what cJSON refuses. The scan
 * of brackets must agree with it on the number of records. The bytes are also cut and read as every
 * kind of table that they can be; its cells must be those of cJSON. The first byte chooses the
 * format and the pieces.
 */
#include "table/chunk.h"
#include "table/csv.h"
#include "json/validate.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) ((x) ? (void)0 : failed(#x, __LINE__))

static void failed(const char *what, int line)
{
	fprintf(stderr, "fuzz_json.c:%d: not so: %s\n", line, what);
	abort();
}

/* ---- the check ---- */

static int check(const char *text, size_t length, bool many, size_t piece, uint64_t *values,
		 struct sdp_err *err)
{
	struct sdp_json_validator *c = sdp_json_validator_new(NULL, many, err);
	int rc = 0;
	for (size_t at = 0; rc == 0 && at < length; at += piece)
		rc = sdp_json_validator_feed(c, text + at,
					     piece < length - at ? piece : length - at, err);
	if (rc == 0)
		rc = sdp_json_validator_end(c, err);
	*values = sdp_json_validator_values(c);
	sdp_json_validator_free(c);
	return rc;
}

static size_t leaves(const cJSON *item)
{
	size_t n = 0;
	if (!cJSON_IsObject(item) && !cJSON_IsArray(item))
		return 1;
	for (const cJSON *child = item->child; child; child = child->next)
		n += leaves(child);
	return n;
}

/* ---- as a table ---- */

struct table {
	size_t rows, cells; /* cells: that are not null */
};

/* Cuts and reads all of it, with the columns known or not. */
static int read_all(struct sdp_source *s, struct table *table, struct sdp_cells *paths,
		    struct sdp_err *err)
{
	struct sdp_reader reader = {0};
	struct sdp_chunk chunk, previous;
	struct sdp_block block;
	bool any = false;
	enum sdp_chunk_status cut;
	*table = (struct table){0, 0};
	while ((cut = sdp_chunk_next(&reader, s, sdp_source_schema(s), SDP_CHUNK_WHOLE,
				     any ? &previous : NULL, &chunk, err)) == SDP_CHUNK_READY) {
		CHECK(!any || chunk.offset == previous.offset + previous.length);
		previous = chunk;
		any = true;
		if (sdp_reader_block(&reader, s, sdp_source_schema(s), &chunk, &block, err) < 0) {
			cut = SDP_CHUNK_FAILED;
			break;
		}
		/* One chunk at most has all of a small input's records. */
		if (block.paths && block.paths->count) {
			CHECK(paths->count == 0);
			CHECK(sdp_buf_add(&paths->text, block.paths->text.data,
					  block.paths->text.length, err) == 0);
			paths->ends = calloc(block.paths->count, sizeof *paths->ends);
			memcpy(paths->ends, block.paths->ends,
			       block.paths->count * sizeof *paths->ends);
			paths->count = block.paths->count;
		}
		table->rows += block.rows;
		for (size_t row = 0; row < block.rows; row++)
			for (size_t column = 0; column < block.columns; column++) {
				size_t length;
				const char *cell = sdp_block_cell(&block, row, column, &length);
				/* A null may be a cell of one NUL. */
				CHECK(length <= 1 || !memchr(cell, 0, length));
				table->cells += length > 0 && *cell != 0;
			}
	}
	sdp_reader_release(&reader);
	return cut == SDP_CHUNK_END ? 0 : -1;
}

static int as_table(const char *file, const struct sdp_source_options *options, struct table *table,
		    struct sdp_err *err)
{
	char *names[] = {(char *)file};
	struct sdp_source *s = sdp_source_open(options, 1, names, err);
	struct sdp_cells paths = {0};
	int rc = s ? 0 : -1;
	if (rc == 0 && sdp_source_columns_unknown(s)) {
		struct table found;
		rc = read_all(s, &found, &paths, err);
		if (rc == 0)
			rc = sdp_source_set_columns(s, &paths, err);
		if (rc == 0 && paths.count)
			rc = read_all(s, table, NULL, err);
		CHECK(rc < 0 || !paths.count || found.rows == table->rows);
	}
	sdp_cells_release(&paths);
	sdp_source_free(s);
	return rc;
}

static void write_file(const char *file, const char *text, size_t length)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0 && sdp_write_all(fd, text, length) == 0);
	close(fd);
}

/* Values of records that are objects, but for nulls and empty strings. */
static size_t filled(const cJSON *item)
{
	size_t n = 0;
	if (!cJSON_IsObject(item) && !cJSON_IsArray(item))
		return !cJSON_IsNull(item) && !(cJSON_IsString(item) && !*item->valuestring);
	for (const cJSON *child = item->child; child; child = child->next)
		n += filled(child);
	return n;
}

static void compare_with_tree(const cJSON *tree, const struct table *table)
{
	bool array = cJSON_IsArray(tree), objects = true;
	for (const cJSON *child = array ? tree->child : NULL; child; child = child->next)
		objects = objects && cJSON_IsObject(child);
	if (!objects || leaves(tree) == 0)
		return;
	CHECK(table->rows == (array ? (size_t)cJSON_GetArraySize(tree) : 1));
	CHECK(table->cells == filled(tree));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char file[64];
	struct sdp_err err = {0}, other = {0};
	uint64_t values, again;
	/* the last: gzip */
	if (size < 1 || size > 1 << 16 || (size > 2 && data[1] == 0x1f && data[2] == 0x8b))
		return 0;
	if (!*file) {
		snprintf(file, sizeof file, "/dev/shm/sdp-fuzz-%ld", (long)getpid());
		if (access("/dev/shm", W_OK) < 0)
			snprintf(file, sizeof file, "/tmp/sdp-fuzz-%ld", (long)getpid());
	}
	unsigned choice = *data++;
	size--;
	char *text = malloc(size + 1);
	memcpy(text, data, size);
	text[size] = '\0';
	for (int many = 0; many < 2; many++) {
		int rc = check(text, size, many, size + 1, &values, &err);
		CHECK(check(text, size, many, 1 + choice % 16, &again, &other) == rc);
		CHECK(rc == 0 ? values == again : strcmp(err.text, other.text) == 0);
		if (many)
			continue;
		cJSON *tree = cJSON_ParseWithLengthOpts(text, size + 1, NULL, true);
		CHECK(rc < 0 || tree);
		struct sdp_source_options options = {.decimal = '.',
						     .na = "",
						     .max_record = 1 << 20,
						     .format = SDP_SOURCE_JSON,
						     .records = choice & 16 ? "/a/0" : NULL};
		struct table table = {0, 0};
		write_file(file, text, size);
		int made = as_table(file, &options, &table, &other);
		CHECK(made < 0 || rc == 0);
		if (rc < 0 && !options.records)
			CHECK(strstr(other.text, "line ") || strstr(other.text, "UTF-16") ||
			      strstr(other.text, "twice") || strstr(other.text, ", not a") ||
			      strstr(other.text, "where ") || strstr(other.text, "cannot"));
		if (made == 0 && table.rows && !options.records)
			compare_with_tree(tree, &table);
		cJSON_Delete(tree);
	}
	struct sdp_source_options options = {.decimal = '.',
					     .max_record = 1 << 20,
					     .format = choice & 32 ? SDP_SOURCE_NDJSON
								   : SDP_SOURCE_ANY,
					     .no_header = choice & 64};
	struct table table;
	as_table(file, &options, &table, &other);
	unlink(file);
	free(text);
	return 0;
}
