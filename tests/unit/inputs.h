/*
 * For tests that read inputs: files, gzip and pipes made in a folder of their own.  Included once a
 * test, after cmocka; a test need not use all of it.
 */
#ifndef SDP_UNIT_INPUTS_H
#define SDP_UNIT_INPUTS_H

#include "base/rng.h"
#include "sdp/buf.h"
#include "table/chunk.h"
#include "table/source.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

enum { MIB = 1 << 20 };

static char folder[] = "/tmp/sdp-test-XXXXXX";

static inline void add(struct sdp_buf *b, const char *text, size_t n)
{
	struct sdp_err err;
	assert_int_equal(sdp_buf_add(b, text, n, &err), 0);
}

static inline void write_bytes(const char *name, const char *mode, const char *bytes, size_t n)
{
	FILE *f = fopen(name, mode);
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static inline void write_text(const char *name, const char *text)
{
	write_bytes(name, "w", text, strlen(text));
}

static inline void write_gzip(const char *name, const char *mode, const char *bytes, size_t n)
{
	gzFile f = gzopen(name, mode);
	assert_non_null(f);
	assert_int_equal(gzwrite(f, bytes, (unsigned)n), n);
	assert_int_equal(gzclose(f), Z_OK);
}

/* A child that writes the bytes in pieces of odd sizes; the pipe becomes standard input. */
static inline pid_t start_writer(const char *bytes, size_t n, uint64_t seed)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ends[0]);
		for (size_t at = 0, i = 0; at < n; i++) {
			size_t piece = (size_t)sdp_rng_below(i % 7 ? 70001 : 3, seed, i, 0) + 1;
			if (piece > n - at)
				piece = n - at;
			if (sdp_write_all(ends[1], bytes + at, piece) < 0)
				_exit(0);
			at += piece;
		}
		_exit(0);
	}
	close(ends[1]);
	assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
	close(ends[0]);
	return pid;
}

static inline struct sdp_source *open_one(const char *name,
					  const struct sdp_source_options *options)
{
	struct sdp_err err = {0};
	char *names[] = {(char *)name};
	struct sdp_source *s = sdp_source_open(options, 1, names, &err);
	if (!s)
		fail_msg("%s", err.text);
	return s;
}

static inline size_t random_rows(struct sdp_buf *b, size_t bytes, uint64_t seed)
{
	static const char *const cells[] = {"1",      "22.5", "\"x\ny\"", "\"say \"\"hi\"\"\"",
					    "",       "a\"b", "\"\"",     "\r",
					    "\"a,b\""};
	size_t rows = 0;
	for (; b->length < bytes; rows++) {
		uint64_t r = sdp_rng(seed, rows, 0);
		add(b, cells[r % 9], strlen(cells[r % 9]));
		add(b, ",", 1);
		add(b, cells[r / 9 % 7], strlen(cells[r / 9 % 7]));
		add(b, r & 1 << 20 ? "\n" : "\r\n", r & 1 << 20 ? 1 : 2);
	}
	return rows;
}

/* n bytes of a cell, quoted with newlines within or plain. */
static inline void long_record(struct sdp_buf *b, size_t n, bool quoted)
{
	for (size_t i = 0; i < n; i++)
		add(b, quoted && i % 1000 == 999 ? "\n" : i == 0 && quoted ? "\"" : "x", 1);
	add(b, quoted ? "\",7\n" : ",7\n", quoted ? 4 : 3);
}

static inline int enter(void **state)
{
	(void)state;
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static inline int leave(void **state)
{
	static const char *const files[] = {"in.csv", "in.gz", "1.csv", "2.csv", "2.gz", "3.gz"};
	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		unlink(files[i]);
	return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

/* Cuts one chunk after the other, pumping as needed: 1, 0 at the end, -1. */
struct cutter {
	struct sdp_reader reader; /* holds the last chunk's bytes */
	struct sdp_chunk last;
	bool any;
};

static inline int next_chunk(struct cutter *c, struct sdp_source *s, struct sdp_chunk *chunk,
			     struct sdp_err *err)
{
	enum sdp_chunk_status found;
	int more = 1;
	struct sdp_err pumping = {0};
	while ((found = sdp_chunk_next(&c->reader, s, sdp_source_schema(s), SDP_CHUNK_WHOLE,
				       c->any ? &c->last : NULL, chunk, err)) == SDP_CHUNK_WAIT)
		if (more > 0)
			more = sdp_source_pump(s, &pumping);
	if (found == SDP_CHUNK_END && more < 0) {
		*err = pumping;
		return -1;
	}
	c->last = *chunk;
	c->any = true;
	return found == SDP_CHUNK_READY ? 1 : found == SDP_CHUNK_END ? 0 : -1;
}

#endif
