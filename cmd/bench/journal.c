/*
 * The journal of sdp-bench: a file that gets a line when a run begins and when it ends.
 *
 *	{"journal":"sdp-bench",…}                                          what is run, on what
 *	{"run":"begin","name":…,"workers":…,"round":…,"started":…}         when the benchmark began
 *	{"run":"end","name":…,"workers":…,"round":…,"wall":…,…}
 *
 * The order of the runs follows from the seed. A benchmark that was interrupted therefore continues
 * by skipping as many runs as have ended in the journal. If a crash left an incomplete line, the
 * journal is truncated before it.
 */
#include "base/file.h"
#include "base/json_tree.h"
#include "base/signals.h"
#include "bench.h"
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "sdp/output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A killed sdp-bench may hold the lock for a short time after its death. */
enum { TRIES = 100, PAUSE = 50000000 };

static int take_lock(int fd, const char *path, struct sdp_err *err)
{
	struct timespec pause = {0, PAUSE};
	for (int i = 0; i < TRIES && !sdp_interrupted; i++) {
		if (sdp_file_lock(fd, false) == 0)
			return 0;
		if (errno != EWOULDBLOCK)
			return sdp_fail_errno(err, "cannot lock %s", path);
		nanosleep(&pause, NULL);
	}
	return sdp_fail(err, SDP_SYSTEM, "%s: another sdp-bench writes to it", path);
}

static int read_all(int fd, const char *path, struct sdp_buf *text, struct sdp_err *err)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return sdp_fail_errno(err, "cannot read %s", path);
	if (sdp_buf_reserve(text, (size_t)st.st_size, err) < 0)
		return -1;
	ssize_t n = sdp_read_at(fd, text->data, (size_t)st.st_size, 0);
	if (n < 0)
		return sdp_fail_errno(err, "cannot read %s", path);
	text->length = (size_t)n;
	text->data[n] = '\0';
	return 0;
}

static bool number(const cJSON *line, const char *name, double *value)
{
	*value = sdp_doc_get_number(line, name, -1);
	return *value >= 0;
}

/* Finds the index of the pair among the cells. Returns whether there is such a pair. */
static bool find_pair(const struct sdp_bench *b, const char *name, double workers, size_t *index)
{
	for (size_t i = 0; name && i < b->case_count; i++)
		for (size_t k = 0; strcmp(b->cases[i].name, name) == 0 && k < b->count_count; k++)
			if ((double)b->counts[k] == workers) {
				*index = i * b->count_count + k;
				return true;
			}
	return false;
}

/*
 * Parses a line of the journal into an entry. Returns 1, 0 if it is no complete line of sdp-bench,
 * or -1.
 */
static int parse_line(struct sdp_bench *b, const char *text, size_t length, bool *end,
		      struct sdp_bench_entry *e, struct sdp_err *err)
{
	cJSON *line = sdp_json_tree_parse(text, length, NULL, err);
	if (!line)
		return err->code == SDP_SYSTEM ? -1 : 0;
	const char *kind = sdp_doc_get_text(line, "run");
	const char *hash = sdp_doc_get_text(line, "hash");
	const char *name = sdp_doc_get_text(line, "name");
	double workers, round, memory = 0, started;
	bool good = kind && number(line, "workers", &workers) && number(line, "round", &round) &&
		    find_pair(b, name, workers, &e->index);
	*end = good && strcmp(kind, "end") == 0;
	if (*end)
		good = number(line, "wall", &e->wall) && number(line, "user", &e->user) &&
		       number(line, "sys", &e->sys) && number(line, "peak_rss", &memory) && hash &&
		       sscanf(hash, "%16" SCNx64 "%16" SCNx64, &e->hash[0], &e->hash[1]) == 2;
	if (good && !*end && number(line, "started", &started))
		b->started = (int64_t)started;
	if (good) {
		e->round = (size_t)round;
		e->peak_memory = (uint64_t)memory;
	}
	cJSON_Delete(line);
	return good;
}

/*
 * Appends the entries of all runs that have ended. Sets *whole to the length of the valid part of
 * the text.
 */
static int take_entries(struct sdp_bench *b, const struct sdp_buf *text, size_t at, size_t *whole,
			struct sdp_err *err)
{
	struct sdp_bench_journal *j = &b->journal;
	const char *newline;
	for (*whole = at; (newline = memchr(text->data + at, '\n', text->length - at));
	     *whole = at) {
		struct sdp_bench_entry entry = {0};
		bool end;
		int whole_line = parse_line(b, text->data + at, (size_t)(newline - text->data) - at,
					    &end, &entry, err);
		if (whole_line <= 0)
			return whole_line;
		if (end && sdp_grow(&j->entries, &j->capacity, j->count + 1, sizeof entry, err) < 0)
			return -1;
		if (end)
			j->entries[j->count++] = entry;
		at = (size_t)(newline - text->data) + 1;
	}
	return 0;
}

static int write_line(struct sdp_bench_journal *j, const struct sdp_buf *line, struct sdp_err *err)
{
	return sdp_write_all(j->fd, line->data, line->length) < 0
		       ? sdp_fail_errno(err, "cannot write to %s", j->path)
		       : 0;
}

static int load(struct sdp_bench *b, const struct sdp_buf *header, struct sdp_err *err)
{
	struct sdp_bench_journal *j = &b->journal;
	struct sdp_buf text = {0};
	size_t whole = 0, head = header->length;
	int rc = read_all(j->fd, j->path, &text, err);
	size_t least = text.length < head ? text.length : head;
	if (rc == 0 && memcmp(text.data, header->data, least) != 0)
		rc = sdp_fail(err, SDP_USAGE,
			      "--journal: %s belongs to another benchmark: the commands, the "
			      "numbers of workers or runs, the seed or the input size differ",
			      j->path);
	if (rc == 0 && least == head)
		rc = take_entries(b, &text, head, &whole, err);
	if (rc == 0 && whole < text.length && ftruncate(j->fd, (off_t)whole) < 0)
		rc = sdp_fail_errno(err, "cannot write to %s", j->path);
	sdp_buf_release(&text);
	return rc < 0 || whole ? rc : write_line(j, header, err);
}

int sdp_bench_journal_open(struct sdp_bench *b, const char *path, const cJSON *header,
			   struct sdp_err *err)
{
	static const struct sdp_doc_style style = {.format = SDP_DOC_JSON};
	struct sdp_buf text = {0};
	b->journal.path = path;
	b->journal.fd = sdp_file_open(path, O_RDWR | O_CREAT | O_APPEND, 0666);
	if (b->journal.fd < 0)
		return sdp_fail_errno(err, "cannot open %s", path);
	int rc = sdp_doc_print(header, &style, &text, err);
	if (rc == 0)
		rc = take_lock(b->journal.fd, path, err);
	if (rc == 0)
		rc = load(b, &text, err);
	sdp_buf_release(&text);
	return rc;
}

void sdp_bench_journal_close(struct sdp_bench_journal *j)
{
	if (j->fd >= 0)
		close(j->fd);
	free(j->entries);
	*j = (struct sdp_bench_journal){.fd = -1};
}

int sdp_bench_journal_next(struct sdp_bench *b, size_t index, size_t round,
			   const struct sdp_bench_entry **entry, struct sdp_err *err)
{
	const struct sdp_bench_journal *j = &b->journal;
	*entry = b->ended < j->count ? &j->entries[b->ended] : NULL;
	if (*entry && ((*entry)->index != index || (*entry)->round != round))
		return sdp_fail(err, SDP_USAGE, "--journal: %s: its runs are in another order",
				j->path);
	return 0;
}

int sdp_bench_journal_add(struct sdp_bench *b, size_t index, size_t round,
			  const struct sdp_measure *m, struct sdp_err *err)
{
	static const struct sdp_doc_style style = {.format = SDP_DOC_JSON};
	char hash[40];
	struct sdp_buf text = {0};
	cJSON *line;
	if (b->journal.fd < 0)
		return 0;
	if (!(line = cJSON_CreateObject()))
		return sdp_fail_memory(err);
	err->code = SDP_OK;
	sdp_doc_text(line, "run", m ? "end" : "begin", err);
	sdp_doc_text(line, "name", b->cases[index / b->count_count].name, err);
	sdp_doc_integer(line, "workers", b->counts[index % b->count_count], err);
	sdp_doc_count(line, "round", round, err);
	if (!m)
		sdp_doc_integer(line, "started", b->started, err);
	else {
		snprintf(hash, sizeof hash, "%016" PRIx64 "%016" PRIx64, m->hash[0], m->hash[1]);
		SDP_DOC_REALS(line, err, {"wall", m->wall}, {"user", m->user}, {"sys", m->sys});
		sdp_doc_count(line, "peak_rss", m->peak_memory, err);
		sdp_doc_text(line, "hash", hash, err);
	}
	int rc = sdp_err_result(err);
	if (rc == 0)
		rc = sdp_doc_print(line, &style, &text, err);
	if (rc == 0)
		rc = write_line(&b->journal, &text, err);
	cJSON_Delete(line);
	sdp_buf_release(&text);
	return rc;
}

/* ---- the output of the commands ---- */

int sdp_bench_save_check(struct sdp_bench *b, const char *folder, struct sdp_err *err)
{
	b->save = folder;
	for (size_t i = 0; i < b->case_count; i++) {
		const char *name = b->cases[i].name;
		if (!*name || *name == '.' || strchr(name, '/'))
			return sdp_fail(
				err, SDP_USAGE,
				"--save: no file can be called '%.80s': give another --name", name);
	}
	if (mkdir(folder, 0777) < 0 && errno != EEXIST)
		return sdp_fail_errno(err, "cannot create the folder %s", folder);
	return 0;
}

/*
 * Makes the path for the output of the case. Returns whether the output is to be saved, which is
 * not the case if the file exists.
 */
static bool save_path(const struct sdp_bench *b, size_t which, struct sdp_buf *path,
		      struct sdp_err *err)
{
	return b->save && sdp_buf_format(path, err, "%s/%s", b->save, b->cases[which].name) == 0 &&
	       access(path->data, F_OK) < 0;
}

int sdp_bench_save_open(struct sdp_bench *b, size_t which, struct sdp_err *err)
{
	int rc = 0;
	if (save_path(b, which, &b->save_path, err)) {
		rc = sdp_output_open(&b->saved, b->save_path.data, err);
		b->saving = rc == 0;
	}
	if (!b->saving)
		sdp_buf_release(&b->save_path);
	return rc;
}

int sdp_bench_save_take(void *bench, const void *bytes, size_t length, struct sdp_err *err)
{
	struct sdp_bench *b = bench;
	return b->saving ? sdp_output_write(&b->saved, bytes, length, err) : 0;
}

int sdp_bench_save_close(struct sdp_bench *b, bool keep, struct sdp_err *err)
{
	int rc = 0;
	if (b->saving && keep)
		rc = sdp_output_close(&b->saved, err);
	else if (b->saving)
		sdp_output_abandon(&b->saved);
	b->saving = false;
	sdp_buf_release(&b->save_path);
	return rc;
}
