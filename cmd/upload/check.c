/*
 * Checks the contents of a file: CSV with the reader of all sdp programs, on all workers; JSON with
 * a strict validator; text as UTF-8. pdf.c checks PDF.
 */
#include "base/signals.h"
#include "base/utf8.h"
#include "cli/decode.h"
#include "process/child.h"
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "sdp/run.h"
#include "sdp/task.h"
#include "table/encoding.h"
#include "table/source.h"
#include "upload.h"
#include "json/validate.h"

#include <string.h>
#include <unistd.h>

enum { PIECE = 1 << 18, MAX_RECORD = 256 << 20 };

/* Reads the whole file and passes it to take, piece by piece. */
static int read_all(const struct sdp_upload_file *file,
		    int (*take)(void *context, const char *bytes, size_t length,
				struct sdp_err *err),
		    void *context, struct sdp_err *err)
{
	struct sdp_upload_reader *reader = sdp_upload_reader_open(file, err);
	char *bytes = sdp_alloc(PIECE, 1, err);
	ssize_t n = reader && bytes ? 1 : -1;
	while (n > 0 && (n = sdp_upload_reader_next(reader, bytes, PIECE, err)) > 0)
		if (take(context, bytes, (size_t)n, err) < 0)
			n = -1;
	free(bytes);
	sdp_upload_reader_close(reader);
	return n < 0 ? -1 : 0;
}

/* ---- CSV: reading the rows is the check; the task counts them ---- */

struct plan {
	size_t columns;
};

static int open_plan(const void *params, const struct sdp_schema *schema, struct sdp_work *work,
		     void **plan, struct sdp_pass *first, struct sdp_err *err)
{
	(void)params;
	struct plan *j = sdp_spill_take(&work->spill, sizeof *j, err);
	if (!j)
		return -1;
	j->columns = schema->count;
	*plan = j;
	*first = (struct sdp_pass){.kind = SDP_PASS_CHUNKS, .phase = "checking"};
	return 0;
}

static int update(const void *plan, void *state, const struct sdp_block *block,
		  struct sdp_work *work, struct sdp_err *err)
{
	(void)plan, (void)work, (void)err;
	*(uint64_t *)state += block->rows;
	return 0;
}

static int merge(const void *plan, void *into, void *from, struct sdp_work *work,
		 struct sdp_err *err)
{
	(void)plan, (void)work, (void)err;
	*(uint64_t *)into += *(uint64_t *)from;
	return 0;
}

static int emit(const void *plan, const void *root, cJSON *doc, struct sdp_err *err)
{
	const struct plan *j = plan;
	if (sdp_doc_count(doc, "rows", *(const uint64_t *)root, err) < 0)
		return -1;
	return sdp_doc_count(doc, "columns", j->columns, err);
}

static const struct sdp_task counting = {.name = "check",
					 .open = open_plan,
					 .state_bytes = sizeof(uint64_t),
					 .update = update,
					 .merge = merge,
					 .emit = emit};

/* Removes the hint at an option that this program does not have. */
static void remove_hint(struct sdp_err *err)
{
	char *hint = strstr(err->text, SDP_ENCODING_HINT);
	if (hint)
		*hint = '\0';
}

/*
 * Decodes text or a PDF without a word: what is wrong with a PDF was said before, and that it holds
 * no table is no error.
 */
static int decode(const void *context, const struct sdp_decoding *what, struct sdp_err *err)
{
	struct sdp_common common = *(const struct sdp_common *)context;
	common.quiet = true;
	common.max_record = MAX_RECORD;
	return sdp_decode(&common, what, err);
}

/* Reads the file as a table and counts its rows and columns. */
static int read_table(const struct sdp_upload_file *file, enum sdp_source_format format,
		      const struct sdp_common *common, struct sdp_upload_counts *counts,
		      struct sdp_err *err)
{
	struct sdp_source_options options = {.decimal = '.',
					     .format = format,
					     .title = file->title,
					     .max_record = MAX_RECORD,
					     .decoder = {decode, common},
					     .pdf_tables = true};
	char path[SDP_UPLOAD_PATH], *operand = path;
	sdp_upload_file_path(file, path);
	struct sdp_source *source = sdp_source_open(&options, 1, &operand, err);
	if (!source)
		return -1;
	cJSON *doc = cJSON_CreateObject();
	int rc = doc ? sdp_run_task_on(&counting, common, source, doc, err) : sdp_fail_memory(err);
	counts->rows = (int64_t)sdp_doc_get_count(doc, "rows", UINT64_MAX);
	/* The lines of a PDF are no table of its own. */
	counts->columns = sdp_source_schema(source)->pdf_lines
				  ? -1
				  : (int64_t)sdp_doc_get_count(doc, "columns", UINT64_MAX);
	cJSON_Delete(doc);
	sdp_source_free(source);
	return rc;
}

static int check_csv(const struct sdp_upload_file *file, const struct sdp_common *common,
		     struct sdp_upload_counts *counts, struct sdp_err *err)
{
	int rc = read_table(file, SDP_SOURCE_DELIMITED, common, counts, err);
	if (rc < 0)
		remove_hint(err);
	return rc;
}

/*
 * Counts the columns of a file of another type, as the programs that read tables find them. Text
 * and JSON need not be tables, so that a file is none is no error. If the decoder of text and PDF
 * dies, the file is stored all the same, with a warning.
 */
static int count_columns(const struct sdp_upload_file *file, enum sdp_source_format format,
			 const struct sdp_common *common, struct sdp_upload_counts *counts,
			 struct sdp_err *err)
{
	struct sdp_upload_counts found = {-1, -1, -1};
	struct sdp_err why;
	if (read_table(file, format, common, &found, &why) == 0)
		counts->columns = found.columns;
	else if (strstr(why.text, SDP_CHILD_DIED))
		sdp_warn("%s: columns unknown: %s", file->title, why.text);
	else if (why.code == SDP_SYSTEM)
		return *err = why, -1;
	return 0;
}

/* ---- text ---- */

struct text {
	const char *title;
	char held[4]; /* an incomplete character at the end of the previous piece */
	size_t held_length;
	uint64_t offset, lines;
	char last;
};

static int bad_utf8(const struct text *t, unsigned char byte, uint64_t offset, struct sdp_err *err)
{
	return sdp_fail_at(err, (struct sdp_place){.file = t->title, .record = t->lines + 1},
			   "invalid UTF-8: byte 0x%02x at offset %llu", byte,
			   (unsigned long long)offset);
}

static void count_lines(struct text *t, const char *bytes, size_t length)
{
	for (const char *p = bytes, *end = bytes + length;
	     p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
		t->lines++;
	t->last = length ? bytes[length - 1] : t->last;
}

/* Returns whether these bytes can be the beginning of a longer character. */
static bool may_begin(const char *bytes, size_t length)
{
	unsigned char c = (unsigned char)bytes[0];
	size_t wanted = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	char whole[4] = {bytes[0], (char)0x80, (char)0x80, (char)0x80};
	if (c < 0xc2 || c > 0xf4 || length >= wanted)
		return false;
	/*
	 * The valid range of the second byte depends on the first byte. This value is valid for
	 * each.
	 */
	whole[1] = (char)(length > 1  ? (unsigned char)bytes[1]
			  : c == 0xe0 ? 0xa0
			  : c == 0xf0 ? 0x90
				      : 0x80);
	whole[2] = length > 2 ? bytes[2] : whole[2];
	return sdp_utf8_sequence(whole, wanted) == wanted;
}

static int take_text(void *context, const char *bytes, size_t length, struct sdp_err *err)
{
	struct text *t = context;
	const char *nul = memchr(bytes, '\0', length);
	size_t at = 0;
	while (t->held_length && at < length) {
		t->held[t->held_length++] = bytes[at++];
		if (sdp_utf8_sequence(t->held, t->held_length))
			t->held_length = 0;
		else if (!may_begin(t->held, t->held_length))
			return bad_utf8(t, (unsigned char)t->held[0],
					t->offset + at - t->held_length, err);
	}
	if (t->held_length == 0) {
		size_t bad = at + sdp_utf8_valid(bytes + at, length - at);
		size_t rest = length - bad;
		bool cut = rest > 0 && rest < 4 && may_begin(bytes + bad, rest);
		if (nul && (size_t)(nul - bytes) < bad)
			bad = (size_t)(nul - bytes), rest = length - bad, cut = false;
		count_lines(t, bytes, cut ? length : bad);
		if (rest && !cut && !bytes[bad])
			return sdp_fail_at(err,
					   (struct sdp_place){.file = t->title,
							      .record = t->lines + 1},
					   "NUL byte at offset %llu",
					   (unsigned long long)(t->offset + bad));
		if (rest && !cut)
			return bad_utf8(t, (unsigned char)bytes[bad], t->offset + bad, err);
		memcpy(t->held, bytes + bad, rest);
		t->held_length = rest;
	}
	t->offset += length;
	return 0;
}

static int check_text(const struct sdp_upload_file *file, struct sdp_upload_counts *counts,
		      struct sdp_err *err)
{
	struct text t = {.title = file->title, .last = '\n'};
	if (read_all(file, take_text, &t, err) < 0)
		return -1;
	if (t.held_length)
		return bad_utf8(&t, (unsigned char)t.held[0], t.offset - t.held_length, err);
	counts->rows = (int64_t)(t.lines + (t.last != '\n'));
	return 0;
}

/* ---- JSON ---- */

static int take_json(void *context, const char *bytes, size_t length, struct sdp_err *err)
{
	return sdp_json_validator_feed(context, bytes, length, err);
}

static int check_json(const struct sdp_upload_file *file, bool lines,
		      struct sdp_upload_counts *counts, struct sdp_err *err)
{
	struct sdp_json_validator *check = sdp_json_validator_new(file->title, lines, err);
	int rc = check ? read_all(file, take_json, check, err) : -1;
	if (rc == 0)
		rc = sdp_json_validator_end(check, err);
	if (rc == 0)
		counts->rows = (int64_t)sdp_json_validator_values(check);
	sdp_json_validator_free(check);
	return rc;
}

int upload_check(const struct sdp_upload_file *file, const struct sdp_upload_kind *kind,
		 const struct sdp_common *common, struct sdp_upload_counts *counts,
		 struct sdp_err *err)
{
	bool lines = kind->type == SDP_UPLOAD_NDJSON;
	int rc = 0;
	switch (kind->type) {
	case SDP_UPLOAD_CSV:
		return check_csv(file, common, counts, err);
	case SDP_UPLOAD_TXT:
		rc = check_text(file, counts, err);
		return rc < 0 ? -1 : count_columns(file, SDP_SOURCE_ANY, common, counts, err);
	case SDP_UPLOAD_JSON:
	case SDP_UPLOAD_NDJSON:
		rc = check_json(file, lines, counts, err);
		return rc < 0 ? -1
			      : count_columns(file, lines ? SDP_SOURCE_NDJSON : SDP_SOURCE_JSON,
					      common, counts, err);
	case SDP_UPLOAD_PDF:
		rc = upload_check_pdf(file, common, counts, err);
		return rc < 0 ? -1 : count_columns(file, SDP_SOURCE_ANY, common, counts, err);
	case SDP_UPLOAD_OTHER:
		break;
	}
	return sdp_fail_at(err, (struct sdp_place){.file = file->title},
			   "not CSV, JSON, NDJSON, text or PDF");
}
