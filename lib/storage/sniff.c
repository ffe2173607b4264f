/* Detects the type of a file by its first bytes and, if these are ambiguous, by its name. */
#include "table/sniff.h"
#include "base/text.h"
#include "base/utf8.h"
#include "sdp/mem.h"
#include "storage/kind.h"
#include "table/codec.h"
#include "json/validate.h"

#include <string.h>
#include <strings.h>

enum { HEAD = 1 << 16 };

static const struct {
	const char *name, *mime;
	const char *endings[4];
} types[] = {
	[SDP_UPLOAD_CSV] = {"csv", "text/csv", {".csv", ".tsv", ".tab"}},
	[SDP_UPLOAD_JSON] = {"json", "application/json", {".json", ".geojson"}},
	[SDP_UPLOAD_NDJSON] = {"ndjson", "application/x-ndjson", {".ndjson", ".jsonl"}},
	[SDP_UPLOAD_TXT] = {"txt", "text/plain", {".txt", ".text", ".log"}},
	[SDP_UPLOAD_PDF] = {"pdf", "application/pdf", {".pdf"}},
	[SDP_UPLOAD_OTHER] = {"other", "application/octet-stream", {NULL}},
};

const char *sdp_upload_type_name(enum sdp_upload_type type)
{
	return types[type].name;
}

enum sdp_upload_type sdp_upload_type_by_name(const char *name)
{
	size_t i = 0;
	while (i < SDP_UPLOAD_OTHER && strcmp(types[i].name, name) != 0)
		i++;
	return (enum sdp_upload_type)i;
}

const char *sdp_upload_content_type(const struct sdp_upload_kind *kind)
{
	return kind->codec ? kind->codec->mime : types[kind->type].mime;
}

/* ---- the name ---- */

static bool ends(const char *name, size_t length, const char *ending)
{
	size_t n = strlen(ending);
	return length > n && strncasecmp(name + length - n, ending, n) == 0;
}

static enum sdp_upload_type type_by_ending(const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 0; sdp_codecs[i]; i++)
		if (ends(name, n, sdp_codecs[i]->ending)) {
			n -= strlen(sdp_codecs[i]->ending);
			break;
		}
	for (int t = 0; t < SDP_UPLOAD_OTHER; t++)
		for (int i = 0; i < 4 && types[t].endings[i]; i++)
			if (ends(name, n, types[t].endings[i]))
				return (enum sdp_upload_type)t;
	return SDP_UPLOAD_OTHER;
}

/* ---- the content ---- */

/*
 * Returns whether the text is several values, each on a line of its own: the first line is a valid
 * value, and more text follows it.
 */
static bool looks_like_lines(const char *text, size_t length)
{
	struct sdp_err err;
	size_t at = sdp_json_skip(text, 0, length);
	const char *end = memchr(text + at, '\n', length - at);
	if (!end || sdp_json_skip(text, (size_t)(end - text), length) == length)
		return false;
	struct sdp_json_validator *check = sdp_json_validator_new(NULL, false, &err);
	bool whole =
		check &&
		sdp_json_validator_feed(check, text + at, (size_t)(end - text) - at, &err) == 0 &&
		sdp_json_validator_end(check, &err) == 0;
	sdp_json_validator_free(check);
	return whole;
}

/* Returns whether a delimiter gives most records as many cells as the first has, and several. */
static bool is_tabular(const char *text, size_t length, bool whole)
{
	struct sdp_nulls nulls;
	struct sdp_err ignored;
	struct sdp_delimiting d = {.dialect = {.quote = '"'},
				   .decimal = '.',
				   .ragged = SDP_RAGGED_SKIP,
				   .nulls = &nulls};
	char candidates[4];
	bool header;
	size_t count = sdp_delimiter_candidates(&d, text, length, &header, candidates);
	if (sdp_nulls_init(&nulls, NULL, d.decimal, &ignored) < 0)
		return false;
	sdp_sniff_delimiter(&d, candidates, count, text, length, whole);
	return d.delimiter && d.records > 0;
}

/* Sets *foreign if the text is named as a table, but is markup. */
static enum sdp_upload_type type_of_text(const char *text, size_t length, bool whole,
					 enum sdp_upload_type named,
					 const struct sdp_foreign **foreign)
{
	size_t mark = sdp_text_mark(text, length);
	text += mark, length -= mark;
	if (sdp_json_skip(text, 0, length) == length)
		return named == SDP_UPLOAD_PDF || named == SDP_UPLOAD_OTHER ? SDP_UPLOAD_TXT
									    : named;
	if (named == SDP_UPLOAD_TXT || named == SDP_UPLOAD_NDJSON)
		return named;
	if (sdp_json_looks(text, length))
		return looks_like_lines(text, length) ? SDP_UPLOAD_NDJSON : SDP_UPLOAD_JSON;
	const struct sdp_foreign *markup = sdp_sniff_markup(text, length);
	if (named == SDP_UPLOAD_CSV)
		*foreign = markup;
	if (named != SDP_UPLOAD_OTHER)
		return named;
	return !markup && is_tabular(text, length, whole) ? SDP_UPLOAD_CSV : SDP_UPLOAD_TXT;
}

/* Reads the first bytes, decompressed. Returns their number, or -1 if the data are damaged. */
static ssize_t read_head(struct sdp_upload_reader *reader, char *head, struct sdp_err *err)
{
	ssize_t n = 1, have = 0;
	while (n > 0 && have < HEAD &&
	       (n = sdp_upload_reader_next(reader, head + have, (size_t)(HEAD - have), err)) > 0)
		have += n;
	return n < 0 ? -1 : have;
}

/*
 * Decides as the programs do that read tables, and where these take all for CSV, by the name.
 * Markup is refused as a table, and is text by another name.
 */
static int sniff(struct sdp_upload_reader *reader, const char *title, enum sdp_upload_type named,
		 struct sdp_upload_kind *kind, struct sdp_err *err)
{
	const char *decode;
	const struct sdp_foreign *foreign;
	char *head = sdp_alloc(HEAD + 1, 1, err);
	ssize_t n = head ? read_head(reader, head, err) : -1;
	int rc = n < 0 ? -1 : 0;
	sdp_upload_reader_format(reader, &decode, &foreign);
	bool pdf = decode && strcmp(decode, "pdf") == 0;
	if (rc == 0 && pdf)
		kind->type = SDP_UPLOAD_PDF;
	else if (rc == 0 && !foreign && named != SDP_UPLOAD_PDF)
		kind->type = decode && named == SDP_UPLOAD_OTHER
				     ? SDP_UPLOAD_TXT
				     : type_of_text(head, (size_t)n, n < HEAD, named, &foreign);
	if (rc == 0 && foreign && !pdf) {
		struct sdp_foreign known = *foreign;
		known.option = NULL; /* files are stored as they are */
		kind->type = SDP_UPLOAD_OTHER;
		rc = sdp_foreign_fail(&known, title, "CSV, JSON, NDJSON, text or PDF", err);
	}
	free(head);
	return rc;
}

int sdp_upload_sniff(const struct sdp_upload_file *file, const char *name, int format,
		     struct sdp_upload_kind *kind, struct sdp_err *err)
{
	enum sdp_upload_type named =
		format ? (enum sdp_upload_type)(format - 1) : type_by_ending(name);
	struct sdp_upload_reader *reader = sdp_upload_reader_open(file, err);
	*kind = (struct sdp_upload_kind){.type = named};
	if (!reader)
		return -1;
	kind->codec = sdp_upload_reader_codec(reader);
	int rc = format ? 0 : sniff(reader, file->title, named, kind, err);
	sdp_upload_reader_close(reader);
	return rc;
}
