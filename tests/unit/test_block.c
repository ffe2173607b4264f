/*
 * Tests faulty inputs and chunks (message, record and column) and the contents of a block that was
 * loaded from a chunk.
 */
#define _DEFAULT_SOURCE
#include "sdp/block.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "inputs.h"

#include <sys/stat.h>

static const struct sdp_source_options plain = {.max_record = 4 * MIB};

/* ---- failures ---- */

static void fails(const char *name, const char *message)
{
	struct sdp_err err = {0};
	struct sdp_chunk c;
	char *names[] = {(char *)name};
	struct sdp_source *s = sdp_source_open(&plain, 1, names, &err);
	struct cutter cutter = {0};
	int rc = s ? 1 : -1;
	while (rc > 0)
		rc = next_chunk(&cutter, s, &c, &err);
	sdp_reader_release(&cutter.reader);
	assert_int_equal(rc, -1);
	assert_string_equal(err.text, message);
	sdp_source_free(s);
}

static void text_fails(const char *text, const char *message)
{
	write_text("in.csv", text);
	fails("in.csv", message);
}

static void test_failures(void **state)
{
	(void)state;
	text_fails("", "in.csv: the input is empty: not even a header");
	text_fails("\xef\xbb\xbf", "in.csv: the input is empty: not even a header");
	text_fails("\"a,b\n1,2\n", "in.csv:1: a quoted cell is not closed (--quote none?)");
	text_fails("a,b\n1,2\n3,\"4\n5,6\n",
		   "in.csv:3: a quoted cell is not closed (--quote none?)");
	text_fails("\"a\"b,c\n",
		   "in.csv:1: text after the closing quote of a cell: '\"a\"b,c' (--quote none?)");
	text_fails("a,b\xff\n",
		   "in.csv:1: invalid UTF-8: byte 0xff at offset 3; --encoding windows-1252?");
	fails("none.csv", "cannot open none.csv: No such file or directory");
	fails(".", "cannot open .: it is a directory");
}

static void test_damaged_gzip(void **state)
{
	static const char text[] = "a,b\n1,2\n3,4\n5,6\n";
	struct stat st;
	(void)state;
	write_gzip("in.gz", "wb", text, sizeof text - 1);
	assert_int_equal(stat("in.gz", &st), 0);
	for (off_t n = 2; n < st.st_size; n++) {
		write_gzip("in.gz", "wb", text, sizeof text - 1);
		assert_int_equal(truncate("in.gz", n), 0);
		fails("in.gz", "in.gz: damaged gzip data: it ends too early");
	}
	write_gzip("in.gz", "wb", text, sizeof text - 1);
	write_bytes("in.gz", "a", "garbage", 7);
	fails("in.gz", "in.gz: damaged gzip data: incorrect header check");
	/* A broken sum. */
	write_gzip("in.gz", "wb", text, sizeof text - 1);
	int fd = open("in.gz", O_WRONLY);
	assert_int_equal(pwrite(fd, "\xaa\xbb", 2, st.st_size - 8), 2);
	close(fd);
	fails("in.gz", "in.gz: damaged gzip data: incorrect data check");
}

/* Up to the limit a record passes, one byte more does not; file and pipe alike. */
static void check_limit(const struct sdp_source_options *options, const struct sdp_buf *b,
			const char *message)
{
	for (int way = 0; way < 2; way++) {
		struct sdp_err err = {0};
		struct sdp_chunk c;
		struct cutter cutter = {0};
		int rc = 1;
		write_bytes("in.csv", "w", b->data, b->length);
		pid_t pid = way ? start_writer(b->data, b->length, 5) : 0;
		struct sdp_source *s = open_one(way ? "-" : "in.csv", options);
		while (rc > 0)
			rc = next_chunk(&cutter, s, &c, &err);
		sdp_reader_release(&cutter.reader);
		assert_int_equal(rc, message ? -1 : 0);
		if (message)
			assert_string_equal(strchr(err.text, ':'), message);
		sdp_source_free(s);
		assert_true(close(STDIN_FILENO) == 0 &&
			    open("/dev/null", O_RDONLY) == STDIN_FILENO);
		if (way)
			assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
}

static void test_record_limit(void **state)
{
	struct sdp_source_options options = plain;
	struct sdp_buf b = {0};
	(void)state;
	options.max_record = 3 * MIB / 2 + 7;
	for (size_t over = 0; over < 2; over++) {
		b.length = 0;
		add(&b, "a,b\n1,2\n", 8);
		long_record(&b, options.max_record - 3 + over, false);
		check_limit(&options, &b,
			    over ? ":3: the record is longer than 1572871 bytes" : NULL);
	}
	b.length = 0;
	add(&b, "a,b\n1,2\n", 8);
	long_record(&b, 3 * MIB, true);
	check_limit(&options, &b,
		    ":3: a quoted cell is not closed within 1572871 bytes (--quote none?)");
	sdp_buf_release(&b);
}

static void test_changing_file(void **state)
{
	struct sdp_buf b = {0};
	struct sdp_err err = {0};
	struct sdp_chunk c;
	struct stat st;
	struct cutter cutter = {0};
	(void)state;
	add(&b, "a,b\n", 4);
	random_rows(&b, 3 * MIB / 2, 3);
	char *bytes = malloc(2 * MIB);
	assert_non_null(bytes);
	write_bytes("in.csv", "w", b.data, b.length);
	struct sdp_source *s = open_one("in.csv", &plain);
	assert_int_equal(next_chunk(&cutter, s, &c, &err), 1);
	sdp_reader_release(&cutter.reader);
	assert_int_equal(sdp_source_unchanged(s, &err), 0);
	assert_int_equal(stat("in.csv", &st), 0);
	write_bytes("in.csv", "a", "1,2\n", 4);
	assert_int_equal(sdp_source_unchanged(s, &err), -1);
	assert_string_equal(err.text, "in.csv: the file changed while it was read");
	assert_int_equal(sdp_source_read(s, &c, bytes, &err), 0);
	/* Its size, its time of modification or, if both are set back, its ctime will do. */
	assert_int_equal(utimensat(AT_FDCWD, "in.csv", (struct timespec[]){st.st_mtim, st.st_mtim},
				   0),
			 0);
	assert_int_equal(sdp_source_unchanged(s, &err), -1);
	assert_int_equal(truncate("in.csv", st.st_size), 0);
	struct stat now;
	do { /* The clock of the file system may be coarse. */
		assert_int_equal(utimensat(AT_FDCWD, "in.csv",
					   (struct timespec[]){st.st_mtim, st.st_mtim}, 0),
				 0);
		assert_int_equal(stat("in.csv", &now), 0);
	} while (now.st_ctim.tv_sec == st.st_ctim.tv_sec &&
		 now.st_ctim.tv_nsec == st.st_ctim.tv_nsec);
	assert_int_equal(sdp_source_unchanged(s, &err), -1);
	assert_non_null(strstr(err.text, "in.csv: the file changed while it was read: its ctime "));
	st.st_mtim.tv_nsec ^= 1;
	assert_int_equal(utimensat(AT_FDCWD, "in.csv", (struct timespec[]){st.st_mtim, st.st_mtim},
				   0),
			 0);
	assert_int_equal(sdp_source_unchanged(s, &err), -1);
	assert_int_equal(truncate("in.csv", 1000), 0);
	assert_int_equal(sdp_source_read(s, &c, bytes, &err), -1);
	assert_string_equal(err.text, "in.csv: the file changed while it was read");
	assert_int_equal(err.code, SDP_DATA);
	sdp_source_free(s);
	free(bytes);
	sdp_buf_release(&b);
}

/* ---- blocks ---- */

/* Loads the first chunk of in.csv; the source stays open for the block. */
static int load(const char *text, size_t n, struct sdp_reader *r, struct sdp_source **s,
		struct sdp_block *block, struct sdp_err *err)
{
	struct sdp_chunk chunk;
	struct cutter cutter = {0};
	write_bytes("in.csv", "w", text, n);
	*s = open_one("in.csv", &plain);
	assert_int_equal(next_chunk(&cutter, *s, &chunk, err), 1);
	sdp_reader_release(&cutter.reader);
	return sdp_reader_load(r, *s, sdp_source_schema(*s), &chunk, block, err);
}

static void block_fails(const char *text, size_t n, const char *message)
{
	struct sdp_reader r = {0};
	struct sdp_source *s;
	struct sdp_block block;
	struct sdp_err err = {0};
	assert_int_equal(load(text, n, &r, &s, &block, &err), -1);
	assert_string_equal(err.text, message);
	assert_int_equal(err.code, SDP_DATA);
	sdp_source_free(s);
	sdp_reader_release(&r);
}

#define BLOCK_FAILS(text, message) block_fails(text, sizeof(text) - 1, message)

static void test_block_failures(void **state)
{
	(void)state;
	BLOCK_FAILS("a,b\n1,2\n3\n", "in.csv:3: 1 cell where the header has 2");
	BLOCK_FAILS("a,b\n1,2\n3,4,5\n6\n", "in.csv:3: 3 cells where the header has 2");
	/* As many cells as there ought to be, but not where. */
	BLOCK_FAILS("a,b\n1,2,3\n4\n", "in.csv:2: 3 cells where the header has 2");
	BLOCK_FAILS("a,b\n1,2\n\n\r\n3\n", "in.csv:5: 1 cell where the header has 2");
	BLOCK_FAILS("a,b\n\"x\n\",2\n3\n", "in.csv:3: 1 cell where the header has 2");
	BLOCK_FAILS("a,b\n1,2\n3,\"4\"5\n",
		    "in.csv:3:b: text after the closing quote of a cell: '\"4\"5' (--quote none?)");
	BLOCK_FAILS("a,b\n1,2\n3,\0\n", "in.csv:3:b: NUL byte at offset 10");
	BLOCK_FAILS("a,b\n1,\"x\n\"\n,\"4\0\"\n", "in.csv:3:b: NUL byte at offset 14");
	BLOCK_FAILS("a,b\n1,2\n\xff,4\n",
		    "in.csv:3:a: invalid UTF-8: byte 0xff at offset 8; --encoding windows-1252?");
	BLOCK_FAILS("\xef\xbb\xbf"
		    "a,b\n1,2\n\xff,4\n",
		    "in.csv:3:a: invalid UTF-8: byte 0xff at offset 11; --encoding windows-1252?");
	BLOCK_FAILS("a,b\n\xc3\xa9,2\n3,\xc3\n",
		    "in.csv:3:b: invalid UTF-8: byte 0xc3 at offset 11; --encoding windows-1252?");
	BLOCK_FAILS("a,b\n1,\"2\n\xe2\x82\"\n",
		    "in.csv:2:b: invalid UTF-8: byte 0xe2 at offset 9; --encoding windows-1252?");
	/* Of two faults the first. */
	BLOCK_FAILS("a,b\n1,\0\n\xff,2\n", "in.csv:2:b: NUL byte at offset 6");
	BLOCK_FAILS("a,b\n1,\xff\n\0,2\n",
		    "in.csv:2:b: invalid UTF-8: byte 0xff at offset 6; --encoding windows-1252?");
}

static void check_rows(const char *text, size_t rows, size_t columns, const char *const *cells,
		       const uint64_t *records)
{
	struct sdp_reader r = {0};
	struct sdp_source *s;
	struct sdp_block block;
	struct sdp_err err = {0};
	if (load(text, strlen(text), &r, &s, &block, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(block.rows, rows);
	assert_int_equal(block.columns, columns);
	for (size_t i = 0; i < rows * columns; i++) {
		size_t length;
		const char *cell = sdp_block_cell(&block, i / columns, i % columns, &length);
		assert_int_equal(length, strlen(cells[i]));
		assert_memory_equal(cell, cells[i], length);
		assert_int_equal(sdp_block_record(&block, i / columns), records[i / columns]);
	}
	sdp_source_free(s);
	sdp_reader_release(&r);
}

#define CELLS   (const char *const[])
#define RECORDS (const uint64_t[])

static void test_rows(void **state)
{
	(void)state;
	check_rows("a,b\n1,2\n3,4\n", 2, 2, CELLS{"1", "2", "3", "4"}, RECORDS{2, 3});
	check_rows("a,b\r\n1,\"2\"\r\n\"3\",4\r\n", 2, 2, CELLS{"1", "2", "3", "4"}, RECORDS{2, 3});
	check_rows("a,b\n1,\"2\"\r", 1, 2, CELLS{"1", "2"}, RECORDS{2});
	check_rows("a,b\n\n1,2\n\r\n\n3,4\n\n", 2, 2, CELLS{"1", "2", "3", "4"}, RECORDS{3, 6});
	check_rows("a\n1\n\n\"\"\n2\n", 4, 1, CELLS{"1", "", "", "2"}, RECORDS{2, 3, 4, 5});
	/* Doubled quotes, in a cell and in the whole of a cell. */
	check_rows("a,b\n\"x\"\"y\",\"\"\"\"\n,\"\"\n", 2, 2, CELLS{"x\"y", "\"", "", ""},
		   RECORDS{2, 3});
	/* A value may end in CR, whichever way the block was read. */
	check_rows("a,b\n1,2\r\r\n", 1, 2, CELLS{"1", "2\r"}, RECORDS{2});
	check_rows("a,b\n1,2\r\r\n\n", 1, 2, CELLS{"1", "2\r"}, RECORDS{2});
	check_rows("a,b\n1\r,\"\r\"\n\n", 1, 2, CELLS{"1\r", "\r"}, RECORDS{2});
	check_rows("a,b\n\n\n", 0, 2, NULL, NULL);
	/* Quotes that open nothing. */
	check_rows("a,b\n1\"x\",2\"\n", 1, 2, CELLS{"1\"x\"", "2\""}, RECORDS{2});
}

/* A CR behind a quote at the end of a 64-byte step is no fault. */
static void test_rows_over_steps(void **state)
{
	struct sdp_buf b = {0};
	struct sdp_reader r = {0};
	struct sdp_source *s;
	struct sdp_block block;
	struct sdp_err err;
	(void)state;
	for (size_t width = 1; width < 140; width++) {
		b.length = 0;
		add(&b, "a,b\n", 4);
		for (int row = 0; row < 5; row++) {
			add(&b, "1,\"", 3);
			for (size_t i = 0; i < width; i++)
				add(&b, "x", 1);
			add(&b, "\"\r\n", 3);
		}
		assert_int_equal(load(b.data, b.length, &r, &s, &block, &err), 0);
		assert_int_equal(block.rows, 5);
		for (size_t row = 0; row < 5; row++) {
			size_t length;
			const char *cell = sdp_block_cell(&block, row, 1, &length);
			assert_int_equal(length, width);
			assert_memory_equal(cell, b.data + 7, width);
		}
		sdp_source_free(s);
	}
	sdp_reader_release(&r);
	sdp_buf_release(&b);
}

static void test_guesses(void **state)
{
	struct sdp_reader r = {0};
	struct sdp_source *s;
	struct sdp_block block;
	struct sdp_err err;
	static const char text[] =
		"n,m,t,b,x,z\n1,1,2024-01-01,true,a,\n2.5,NA,2024-01-01 10:00,FALSE,1,NA\n";
	(void)state;
	assert_int_equal(load(text, sizeof text - 1, &r, &s, &block, &err), 0);
	sdp_schema_guess(sdp_source_schema(s), &block);
	static const enum sdp_class want[] = {SDP_CLASS_NUMBER,  SDP_CLASS_NUMBER, SDP_CLASS_TIME,
					      SDP_CLASS_BOOLEAN, SDP_CLASS_TEXT,   SDP_CLASS_NONE};
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(sdp_source_schema(s)->columns[i].guess, want[i]);
	assert_int_equal(sdp_block_seen(&block, 0), SDP_SEEN_INTEGER | SDP_SEEN_REAL);
	assert_string_equal(sdp_block_place(&block, 1, 2).column, "t");
	assert_int_equal(sdp_block_place(&block, 1, 2).record, 3);
	sdp_source_free(s);
	sdp_reader_release(&r);
}

/* The first fault is that of the lowest row, then of the lowest column, however they are found. */
static void test_first_fault(void **state)
{
	struct sdp_reader r = {0};
	struct sdp_source *s;
	struct sdp_block block;
	struct sdp_err err;
	struct sdp_fault fault = {0};
	static const char text[] = "a,b,c\n1,2,3\n1,2,x\n1,y,NA\nz,y,2.5\n";
	(void)state;
	assert_int_equal(load(text, sizeof text - 1, &r, &s, &block, &err), 0);
	assert_int_equal(sdp_fault_fail(&fault, &err), 0);
	sdp_fault_find(&fault, &block, 0, SDP_INTEGER_TYPE);
	assert_int_equal(fault.row, 3);
	sdp_fault_find(&fault, &block, 1, SDP_INTEGER_TYPE);
	assert_int_equal(fault.row, 2);
	sdp_fault_note(&fault, (struct sdp_fault){&block, 2, 2, NULL, "later: ", NULL, false});
	assert_int_equal(sdp_fault_fail(&fault, &err), -1);
	assert_string_equal(err.text, "in.csv:4:b: not an integer: 'y'");
	sdp_fault_note(&fault,
		       (struct sdp_fault){&block, 2, 0, "log(a)", " is not for ", " (-x?)", false});
	assert_int_equal(sdp_fault_fail(&fault, &err), -1);
	assert_string_equal(err.text, "in.csv:4:a: log(a) is not for '1' (-x?)");
	sdp_fault_check_type(&fault, &block, 2, SDP_SEEN_STRING); /* --types does not name c */
	assert_int_equal(fault.row, 2);
	sdp_source_schema(s)->columns[2].fixed = true;
	sdp_source_schema(s)->columns[2].type = SDP_REAL_TYPE;
	sdp_fault_check_type(&fault, &block, 2, SDP_SEEN_REAL);
	assert_int_equal(fault.row, 2);
	sdp_fault_check_type(&fault, &block, 2, SDP_SEEN_REAL | SDP_SEEN_STRING);
	assert_int_equal(sdp_fault_fail(&fault, &err), -1);
	assert_string_equal(err.text, "in.csv:3:c: not a number: 'x' (--na?)");
	sdp_source_free(s);
	sdp_reader_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_failures),        cmocka_unit_test(test_damaged_gzip),
		cmocka_unit_test(test_record_limit),    cmocka_unit_test(test_changing_file),
		cmocka_unit_test(test_block_failures),  cmocka_unit_test(test_rows),
		cmocka_unit_test(test_rows_over_steps), cmocka_unit_test(test_guesses),
		cmocka_unit_test(test_first_fault),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}
