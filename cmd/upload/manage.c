/* The commands on stored files: --list, --get, --stat, --remove, --verify. */
#include "base/address.h"
#include "base/file.h"
#include "base/signals.h"
#include "net/download.h"
#include "net/percent.h"
#include "process/fetch.h"
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "sdp/output.h"
#include "upload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 1 << 18 };

struct stores {
	const struct upload_params *params;
	struct sdp_upload_settings *settings;
	struct sdp_folder local;
	struct sdp_upload_remote remote;
	bool lost;                     /* whether S3 could not be reached */
	struct sdp_upload_records all; /* what find_all found; empty before it was called */
};

int upload_connect(struct sdp_upload_remote *remote, struct sdp_upload_settings *settings,
		   const struct upload_params *params, struct sdp_err *err)
{
	return sdp_upload_remote_init(remote, settings, (int)params->stall, "sdp/" SDP_VERSION,
				      err);
}

static int connect(struct stores *s, struct sdp_err *err)
{
	return s->remote.s3 ? 0 : upload_connect(&s->remote, s->settings, s->params, err);
}

static void release(struct stores *s)
{
	sdp_upload_remote_release(&s->remote);
	sdp_upload_records_release(&s->all);
	sdp_folder_close(&s->local);
}

/*
 * Finds all files. If S3 cannot be reached or refuses its list, or a folder of the local store
 * cannot be read, that fails or, with partly, skips the files there.
 */
static int find_all(struct stores *s, bool partly, struct sdp_upload_records *out,
		    struct sdp_err *err)
{
	bool s3 = s->settings->s3;
	if (s3 && connect(s, err) < 0)
		return -1;
	if (s3 && sdp_upload_remote_list(&s->remote, out, err) < 0) {
		if (!partly || s->remote.s3->fault == SDP_S3_LOCAL)
			return -1;
		sdp_upload_records_release(out);
		sdp_upload_records_skip(out, err);
	}
	return sdp_upload_local_list(&s->local, s3, partly, out, err);
}

/*
 * Finds the file with this id in the local store, which also has the files that are pending, or
 * else in S3.  Returns 1, or 0 if there is none, or -1.
 */
static int find_id(struct stores *s, const char *id, struct sdp_upload_record *record,
		   struct sdp_err *err)
{
	int rc = sdp_upload_local_find(&s->local, id, record, err);
	if (rc == 0 && s->settings->s3)
		rc = connect(s, err) < 0 ? -1 : sdp_upload_remote_find(&s->remote, id, record, err);
	return rc;
}

/* Finds the one file that a word of the command line stands for: an id, a name or part of an id. */
static int find(struct stores *s, const char *word, struct sdp_upload_record *record,
		struct sdp_err *err)
{
	const char *id;
	int rc = sdp_uuid_valid(word) ? find_id(s, word, record, err) : 0;
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (!*word) /* it would be the beginning of every id */
		return sdp_fail(err, SDP_USAGE, "an ID is empty");
	if (s->all.count == 0 && find_all(s, false, &s->all, err) < 0)
		return -1;
	sdp_upload_records_sort(&s->all);
	if (!(id = sdp_upload_match(&s->all, word, s->settings->s3 ? "S3" : "local", err)))
		return -1;
	rc = find_id(s, id, record, err);
	if (rc == 0) /* it was removed meanwhile */
		return sdp_fail(err, SDP_DATA, "there is no file %s in the %s store", id,
				s->settings->s3 ? "S3" : "local");
	return rc < 0 ? -1 : 0;
}

/* ---- reading the bytes ---- */

struct reading {
	struct sdp_sha256 *digest;
	struct sdp_output *out; /* NULL: compute the digest only */
};

static int take(void *context, const void *bytes, size_t length, struct sdp_err *err)
{
	struct reading *r = context;
	if (sdp_interrupted)
		return sdp_fail(err, SDP_SYSTEM, "interrupted");
	if (sdp_sha256_add(r->digest, bytes, length, err) < 0)
		return -1;
	return r->out ? sdp_output_write(r->out, bytes, length, err) : 0;
}

static int read_local(struct stores *s, const struct sdp_upload_record *record, struct reading *r,
		      struct sdp_err *err)
{
	int fd = sdp_upload_local_read(&s->local, record, err);
	char *bytes = fd < 0 ? NULL : sdp_alloc(PIECE, 1, err);
	ssize_t n = bytes ? 1 : -1;
	/* Of what is longer than it was, the rest is not read: its digest is wrong already. */
	for (uint64_t at = 0; n > 0 && at <= record->size; at += (uint64_t)n) {
		n = sdp_read_at(fd, bytes, PIECE, at);
		if (n < 0)
			sdp_fail_errno(err, "cannot read %.600s (%s)", record->name, record->id);
		else if (n > 0 && take(r, bytes, (size_t)n, err) < 0)
			n = -1;
	}
	free(bytes);
	sdp_file_close(fd);
	return n < 0 ? -1 : 0;
}

static int read_remote(struct stores *s, const struct sdp_upload_record *record, struct reading *r,
		       struct sdp_err *err)
{
	char *key = sdp_upload_remote_key(&s->remote, record, err);
	int rc = key ? sdp_s3_get(s->remote.s3, key, NULL, NULL, take, r, err) : -1;
	free(key);
	return rc;
}

/*
 * Reads all bytes and writes them to out, which may be NULL. Sets *intact to whether their digest
 * is that of the record.
 */
static int read_bytes(struct stores *s, const struct sdp_upload_record *record,
		      struct sdp_output *out, bool *intact, struct sdp_err *err)
{
	char sha256[SDP_SHA256_HEX] = "";
	struct reading r = {sdp_sha256_new(err), out};
	int rc = r.digest ? 0 : -1;
	if (rc == 0)
		rc = record->s3 ? read_remote(s, record, &r, err) : read_local(s, record, &r, err);
	if (rc == 0)
		rc = sdp_sha256_end(r.digest, sha256, err);
	sdp_sha256_free(r.digest);
	*intact = strcmp(sha256, record->sha256) == 0;
	return rc;
}

/* ---- --get ---- */

static int write_out(struct stores *s, const struct sdp_upload_record *record, struct sdp_err *err)
{
	struct sdp_output out;
	bool intact = false;
	/* A damaged local file is detected before anything is written. */
	if (!record->s3 && read_bytes(s, record, NULL, &intact, err) < 0)
		return -1;
	if (!record->s3 && !intact)
		return sdp_fail(err, SDP_DATA, "%s (%s): its bytes are damaged", record->name,
				record->id);
	if (sdp_output_open(&out, s->params->common.output, err) < 0)
		return -1;
	int rc = read_bytes(s, record, &out, &intact, err);
	if (rc == 0 && !intact && record->sha256[0])
		rc = sdp_fail(err, SDP_DATA, "%s: its bytes are not those that were stored",
			      record->uri);
	if (rc == 0)
		return sdp_output_close(&out, err);
	sdp_output_abandon(&out);
	return -1;
}

/*
 * Appends the digest of the object PREFIX/ID/NAME, which its record has. Appends nothing if there
 * is no record.
 */
static int find_digest(struct stores *s, const char *key, struct sdp_buf *digest,
		       struct sdp_err *err)
{
	char id[SDP_UUID_LENGTH + 1];
	struct sdp_upload_record record = {0};
	size_t prefix = strlen(s->settings->prefix);
	if (strncmp(key, s->settings->prefix, prefix) != 0 || key[prefix] != '/')
		return 0;
	snprintf(id, sizeof id, "%s", key + prefix + 1);
	int rc = sdp_uuid_valid(id) ? sdp_upload_remote_find(&s->remote, id, &record, err) : 0;
	if (rc == 1)
		rc = sdp_buf_add_text(digest, record.sha256, err);
	sdp_upload_record_release(&record);
	return rc;
}

/*
 * Reads the object key and compares it with the digest that its own answer has, or else its record.
 * The digest is not asked for first, because the object may be replaced in between.
 */
static int read_object(struct stores *s, const char *key, struct reading *r, struct sdp_err *err)
{
	char sha256[SDP_SHA256_HEX] = "";
	struct sdp_buf digest = {0};
	int rc = sdp_s3_get(s->remote.s3, key, "x-amz-meta-sha256", &digest, take, r, err);
	if (rc == 0 && digest.length == 0)
		rc = find_digest(s, key, &digest, err);
	if (rc == 0)
		rc = sdp_sha256_end(r->digest, sha256, err);
	if (rc == 0 && digest.length && strcmp(digest.data, sha256) != 0)
		rc = sdp_fail(err, SDP_DATA,
			      "s3://%s/%.600s: its bytes are not those that were stored",
			      s->settings->bucket, key);
	sdp_buf_release(&digest);
	return rc;
}

/* Splits s3://BUCKET/KEY. Returns the bucket as a new string, or NULL. */
static char *split_uri(const char *uri, const char **key, struct sdp_err *err)
{
	const char *bucket = uri + 5;
	size_t length = strcspn(bucket, "/");
	char *shown = sdp_address_shown(uri, err), *name = NULL;
	*key = bucket + length + (bucket[length] == '/');
	if (shown && strcspn(bucket, ":@") < length)
		sdp_fail(err, SDP_USAGE,
			 "%.300s: a user and a password in an address are not sent, because others "
			 "could see them",
			 shown);
	else if (shown && (!**key || length == 0))
		sdp_fail(err, SDP_USAGE, "not s3://BUCKET/KEY: '%.80s'", shown);
	else if (shown)
		name = sdp_strndup(bucket, length, err);
	free(shown);
	return name;
}

/* Writes an object s3://BUCKET/KEY, which need not be one of sdp-upload's. */
static int get_object(struct stores *s, const char *uri, struct sdp_err *err)
{
	const char *key;
	struct sdp_output out;
	char *bucket = split_uri(uri, &key, err);
	s->settings->bucket = bucket;
	struct reading r = {bucket && connect(s, err) == 0 ? sdp_sha256_new(err) : NULL, &out};
	int rc = r.digest ? sdp_output_open(&out, s->params->common.output, err) : -1;
	if (rc == 0) {
		rc = read_object(s, key, &r, err);
		if (rc == 0)
			rc = sdp_output_close(&out, err);
		else
			sdp_output_abandon(&out);
	}
	sdp_sha256_free(r.digest);
	sdp_upload_remote_release(&s->remote);
	s->settings->bucket = NULL;
	free(bucket);
	return rc;
}

/* Writes a content of the local store, file://…, whose name is its digest. */
static int get_content(struct stores *s, const char *uri, struct sdp_err *err)
{
	struct sdp_upload_record record = {0};
	struct sdp_buf path = {0};
	int rc = sdp_percent_decode(&path, uri + 7, strlen(uri + 7), err);
	const char *slash = rc == 0 ? strrchr(path.data, '/') : NULL;
	size_t root = strlen(s->local.path);
	if (rc == 0 &&
	    (!slash || strlen(slash + 1) != 64 || strspn(slash + 1, "0123456789abcdef") != 64 ||
	     strncmp(path.data, s->local.path, root) != 0 || path.data[root] != '/'))
		rc = sdp_fail(err, SDP_USAGE, "not a file of the store in %.300s: '%.300s'",
			      s->local.path, uri);
	if (rc == 0) {
		memcpy(record.sha256, slash + 1, sizeof record.sha256);
		record.name = record.uri = path.data;
		record.size = UINT64_MAX; /* nobody has noted it */
		rc = write_out(s, &record, err);
	}
	sdp_buf_release(&path);
	return rc;
}

static int write_piece(void *context, const void *bytes, size_t length, struct sdp_err *err)
{
	return sdp_interrupted ? sdp_fail(err, SDP_SYSTEM, "interrupted")
			       : sdp_output_write(context, bytes, length, err);
}

/* Writes what an URL has. */
static int get_url(struct stores *s, const char *url, struct sdp_err *err)
{
	struct sdp_output out;
	char *title = sdp_address_shown(url, err);
	struct sdp_download download = {.url = url,
					.title = title,
					.agent = "sdp/" SDP_VERSION,
					.stall = (int)s->params->stall,
					.sink = write_piece,
					.context = &out};
	int rc = title ? sdp_output_open(&out, s->params->common.output, err) : -1;
	if (rc == 0) {
		rc = sdp_download(&download, err);
		if (rc == 0)
			rc = sdp_output_close(&out, err);
		else
			sdp_output_abandon(&out);
	}
	free(title);
	return rc;
}

static int get_one(struct stores *s, const char *word, struct sdp_err *err)
{
	struct sdp_upload_record record = {0};
	enum sdp_address form = sdp_address_form(word);
	if (form == SDP_ADDRESS_S3)
		return get_object(s, word, err);
	if (strncmp(word, "file://", 7) == 0)
		return get_content(s, word, err);
	if (form == SDP_ADDRESS_WEB)
		return get_url(s, word, err);
	int rc = find(s, word, &record, err);
	if (rc == 0)
		rc = write_out(s, &record, err);
	sdp_upload_record_release(&record);
	return rc;
}

/* "-" is the line on standard input, so that other programs show it on no command line. */
static int get(struct stores *s, int count, char **operands, struct sdp_err *err)
{
	struct sdp_buf asked = {0};
	if (count != 1)
		return sdp_fail(err, SDP_USAGE, "--get: which one ID or URI?");
	if (strcmp(operands[0], "-") != 0)
		return get_one(s, operands[0], err);
	int rc = sdp_fetch_asked(&asked, err);
	if (rc == 0)
		rc = get_one(s, asked.data, err);
	sdp_buf_release(&asked);
	return rc;
}

/* ---- the other commands ---- */

enum state { DAMAGED, INTACT, UNREAD };

/*
 * Finds out whether the bytes of a file are those that were stored. What cannot be read is skipped,
 * unless this program lacks memory or is interrupted; if S3 cannot be reached, all files there are.
 */
static int verify(struct stores *s, struct sdp_upload_records *records,
		  const struct sdp_upload_record *record, enum state *state, struct sdp_err *err)
{
	bool intact = false;
	*state = UNREAD;
	if (record->s3 && s->lost)
		return 0;
	int rc = read_bytes(s, record, NULL, &intact, err);
	if (rc == 0 || err->code == SDP_DATA)
		*state = intact ? INTACT : DAMAGED;
	if (rc == 0)
		return 0;
	s->lost = record->s3 && s->remote.s3->fault == SDP_S3_UNREACHABLE;
	if (err->code == SDP_DATA) /* the content is missing */
		return sdp_warn("%s", err->text), 0;
	return sdp_interrupted ? -1 : sdp_upload_records_skip(records, err);
}

/* Adds the document of a file, with the result of --verify. */
static int report(struct stores *s, struct sdp_upload_records *records,
		  const struct sdp_upload_record *record, cJSON *out, int *damaged,
		  struct sdp_err *err)
{
	enum state state = INTACT;
	if (s->params->verify && verify(s, records, record, &state, err) < 0)
		return -1;
	cJSON *doc = sdp_upload_record_document(record, err);
	if (!doc)
		return -1;
	cJSON_AddItemToArray(out, doc);
	*damaged += state == DAMAGED;
	return !s->params->verify ? 0
	       : state == UNREAD  ? sdp_doc_null(doc, "intact", err)
				  : sdp_doc_bool(doc, "intact", state == INTACT, err);
}

static int each(struct stores *s, struct sdp_upload_records *records, cJSON *out,
		struct sdp_err *err)
{
	int rc = 0, damaged = 0;
	if (records->count == 0)
		rc = sdp_doc_columns(out,
				     s->params->verify ? SDP_UPLOAD_COLUMNS ",intact"
						       : SDP_UPLOAD_COLUMNS,
				     err);
	for (size_t i = 0; rc == 0 && i < records->count; i++)
		rc = report(s, records, &records->items[i], out, &damaged, err);
	if (rc == 0 && damaged)
		rc = sdp_fail(err, SDP_DATA, "damaged files: %d", damaged);
	return rc < 0 ? -1 : sdp_upload_records_whole(records, err);
}

static bool is_there(const struct sdp_upload_records *records, const char *id)
{
	for (size_t i = 0; i < records->count; i++)
		if (strcmp(records->items[i].id, id) == 0)
			return true;
	return false;
}

static int run(struct stores *s, int count, char **operands, cJSON *out, struct sdp_err *err)
{
	struct sdp_upload_records records = {0};
	int rc = 0;
	if (s->params->get)
		return get(s, count, operands, err);
	if (s->params->list && count)
		return sdp_fail(err, SDP_USAGE, "--list takes no operand: '%.80s'", operands[0]);
	if (count == 0 && (s->params->stat || s->params->remove))
		return sdp_fail(err, SDP_USAGE, "%s: which ID?",
				s->params->stat ? "--stat" : "--remove");
	if (count == 0)
		rc = find_all(s, true, &records, err);
	for (int i = 0; rc == 0 && i < count; i++) {
		struct sdp_upload_record record = {0};
		rc = find(s, operands[i], &record, err);
		if (rc == 0)
			rc = record.s3 ? sdp_upload_remote_find_duplicates(&s->remote, &record, err)
				       : sdp_upload_local_find_duplicates(&s->local, &record, err);
		if (rc == 0 && !is_there(&records, record.id))
			rc = sdp_upload_records_take(&records, &record, err);
		sdp_upload_record_release(&record);
	}
	if (rc == 0)
		rc = each(s, &records, out, err);
	sdp_upload_records_release(&records);
	return rc;
}

int upload_stored(const struct upload_params *params, struct sdp_upload_settings *settings,
		  int count, char **operands, cJSON *out, struct sdp_err *err)
{
	struct stores s = {.params = params, .settings = settings};
	int rc = sdp_upload_local_open(&s.local, settings, err);
	if (rc == 0)
		rc = run(&s, count, operands, out, err);
	release(&s);
	return rc;
}

char *upload_stored_name(const struct upload_params *params, struct sdp_upload_settings *settings,
			 const char *id, struct sdp_err *err)
{
	struct stores s = {.params = params, .settings = settings};
	struct sdp_upload_record record = {0};
	char *name = NULL;
	if (sdp_upload_local_open(&s.local, settings, err) == 0 && find(&s, id, &record, err) == 0)
		name = sdp_strndup(record.name, strlen(record.name), err);
	sdp_upload_record_release(&record);
	release(&s);
	return name;
}

/* ---- removing ---- */

static int remove_one(struct stores *s, const cJSON *doc, struct sdp_err *err)
{
	struct sdp_upload_record record = {0};
	const char *id = sdp_doc_get_text(doc, "file_id");
	bool wanted = s->params->remove;
	int rc = wanted && sdp_interrupted ? sdp_fail(err, SDP_SYSTEM, "interrupted")
					   : find(s, id, &record, err);
	if (rc == 0 && record.s3)
		sdp_s3_finishing(s->remote.s3, true); /* it is removed wholly */
	if (rc == 0)
		rc = record.s3 ? sdp_upload_remote_remove(&s->remote, &record, err)
			       : sdp_upload_local_remove(&s->local, &record, err);
	if (rc < 0) {
		struct sdp_err why = *err;
		rc = sdp_fail(err, why.code, "%.200s (%s)%s not removed: %.600s",
			      sdp_doc_get_text(doc, "name"), id,
			      doc->next ? " and those after it are" : " is", why.text);
	}
	sdp_upload_record_release(&record);
	return rc;
}

int upload_remove(const struct upload_params *params, struct sdp_upload_settings *settings,
		  const cJSON *docs, int kept, struct sdp_err *err)
{
	struct stores s = {.params = params, .settings = settings};
	int rc = sdp_upload_local_open(&s.local, settings, err), i = 0;
	if (!params->remove) {
		sdp_signals_block();
		if (rc == 0 && settings->s3 && (rc = connect(&s, err)) == 0)
			sdp_upload_remote_finishing(&s.remote);
	}
	for (const cJSON *doc = docs->child; rc == 0 && doc; doc = doc->next)
		if (i++ >= kept)
			rc = remove_one(&s, doc, err);
	release(&s);
	return rc;
}
