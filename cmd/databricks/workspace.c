/*
 * The commands check, upload and api: the settings in use, notebooks in the workspace, and any
 * call.
 */
#include "base/address.h"
#include "base/base64.h"
#include "base/file.h"
#include "databricks.h"
#include "sdp/mem.h"
#include "sdp/output.h"
#include "table/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IMPORT_MOST = 10 << 20 };

/* ---- check ---- */

static int put_settings(struct databricks *c, struct sdp_err *err)
{
	const struct sdp_databricks_settings *s = &c->settings;
	enum sdp_doc_format format;
	if (sdp_output_format(&c->p->common, &format, err) < 0)
		return -1;
	/* In a table, null would look like a missing setting. */
	const char *secret = format == SDP_DOC_TABLE ? "(set)" : NULL;
	const struct {
		const char *name;
		const struct sdp_databricks_setting *setting;
		const char *value;
	} all[] = {{"host", &s->host, s->host.value},
		   {"profile", &s->profile, s->profile.value},
		   {"token", &s->token, secret},
		   {"client_id", &s->client_id, s->client_id.value},
		   {"client_secret", &s->client_secret, secret},
		   {"auth_type", &s->auth_type, s->auth_type.value},
		   {"cluster_id", &s->cluster_id, s->cluster_id.value}};
	cJSON *settings = sdp_doc_array(c->doc, "settings", err);
	for (size_t i = 0; settings && i < sizeof all / sizeof *all; i++) {
		cJSON *row = all[i].setting->value ? sdp_doc_row(settings, err) : NULL;
		if (all[i].setting->value &&
		    (!row || sdp_doc_text(row, "name", all[i].name, err) < 0 ||
		     sdp_doc_text(row, "value", all[i].value, err) < 0 ||
		     sdp_doc_text(row, "source", all[i].setting->source, err) < 0))
			return -1;
	}
	return settings ? 0 : -1;
}

static int put_versions(struct databricks *c, cJSON *answer, struct sdp_err *err)
{
	cJSON *rows = sdp_doc_array(c->doc, "spark_versions", err);
	const cJSON *item;
	cJSON_ArrayForEach(item, sdp_doc_member(answer, "versions"))
	{
		cJSON *row = rows ? sdp_doc_row(rows, err) : NULL;
		if (!row || databricks_copy(row, "key", item, "key", err) < 0 ||
		    databricks_copy(row, "name", item, "name", err) < 0)
			return -1;
	}
	return rows ? 0 : -1;
}

static int put_nodes(struct databricks *c, cJSON *answer, struct sdp_err *err)
{
	static const char *const names[] = {"node_type_id", "num_cores", "memory_mb", "category"};
	cJSON *rows = sdp_doc_array(c->doc, "node_types", err);
	const cJSON *item;
	cJSON_ArrayForEach(item, sdp_doc_member(answer, "node_types"))
	{
		cJSON *row = rows ? sdp_doc_row(rows, err) : NULL;
		if (!row)
			return -1;
		for (size_t i = 0; i < sizeof names / sizeof *names; i++)
			if (databricks_copy(row, names[i], item, names[i], err) < 0)
				return -1;
	}
	return rows ? 0 : -1;
}

static int put_choice(struct databricks *c, const char *key, char *choice, struct sdp_err *err)
{
	int rc = choice ? sdp_doc_text(c->doc, key, choice, err) : -1;
	free(choice);
	return rc;
}

int databricks_check(struct databricks *c, struct sdp_err *err)
{
	cJSON *me = databricks_ask(c, "GET", "/api/2.0/preview/scim/v2/Me", NULL, false, err);
	cJSON *root = me ? databricks_ask(c, "GET", "/api/2.0/workspace/get-status?path=%2F", NULL,
					  false, err)
			 : NULL;
	cJSON *versions = root ? databricks_ask(c, "GET", "/api/2.1/clusters/spark-versions", NULL,
						false, err)
			       : NULL;
	cJSON *nodes = versions ? databricks_ask(c, "GET", "/api/2.1/clusters/list-node-types",
						 NULL, false, err)
				: NULL;
	int rc = nodes ? 0 : -1;
	if (rc == 0 &&
	    (sdp_doc_text(c->doc, "task", "databricks_check", err) < 0 ||
	     sdp_doc_text(c->doc, "host", c->settings.host.value, err) < 0 ||
	     databricks_copy(c->doc, "user", me, "userName", err) < 0 ||
	     databricks_copy(c->doc, "name", me, "displayName", err) < 0 ||
	     sdp_doc_text(c->doc, "workspace_id", *c->workspace ? c->workspace : NULL, err) < 0 ||
	     sdp_doc_text(c->doc, "auth", c->settings.oauth ? "oauth-m2m" : "pat", err) < 0))
		rc = -1;
	if (rc == 0)
		rc = put_choice(c, "spark_version", databricks_choose_version(c, versions, err),
				err);
	if (rc == 0)
		rc = put_choice(c, "node_type", databricks_choose_node(c, nodes, err), err);
	if (rc == 0)
		rc = put_settings(c, err);
	if (rc == 0)
		rc = put_versions(c, versions, err);
	if (rc == 0)
		rc = put_nodes(c, nodes, err);
	cJSON_Delete(me);
	cJSON_Delete(root);
	cJSON_Delete(versions);
	cJSON_Delete(nodes);
	return rc;
}

/* ---- upload ---- */

static const char *language_of(const char *name)
{
	static const char *const known[][2] = {{".py", "PYTHON"},
					       {".sql", "SQL"},
					       {".scala", "SCALA"},
					       {".r", "R"},
					       {".R", "R"}};
	const char *dot = strrchr(name, '.');
	for (size_t i = 0; dot && i < sizeof known / sizeof *known; i++)
		if (strcmp(dot, known[i][0]) == 0)
			return known[i][1];
	return NULL;
}

static int make_parent(struct databricks *c, const char *path, struct sdp_err *err)
{
	const char *slash = strrchr(path, '/');
	if (!slash || slash == path)
		return 0;
	char *parent = sdp_strndup(path, (size_t)(slash - path), err);
	cJSON *body = cJSON_CreateObject();
	int rc = parent ? sdp_doc_text(body, "path", parent, err) : -1;
	if (rc == 0)
		rc = databricks_tell(c, "POST", "/api/2.0/workspace/mkdirs", body, err);
	else
		cJSON_Delete(body);
	free(parent);
	return rc;
}

int databricks_import(struct databricks *c, const char *path, const char *name, const void *bytes,
		      size_t length, struct sdp_err *err)
{
	const char *language = language_of(name), *dot = strrchr(name, '.');
	const char *format = language                            ? "SOURCE"
			     : dot && strcmp(dot, ".ipynb") == 0 ? "JUPYTER"
								 : "AUTO";
	struct sdp_buf content = {0};
	if (make_parent(c, path, err) < 0)
		return -1;
	cJSON *body = cJSON_CreateObject();
	int rc = body ? sdp_base64_encode(bytes, length, &content, err) : sdp_fail_memory(err);
	if (rc == 0 && (sdp_doc_text(body, "content", content.data ? content.data : "", err) < 0 ||
			sdp_doc_text(body, "format", format, err) < 0 ||
			(language && sdp_doc_text(body, "language", language, err) < 0) ||
			sdp_doc_bool(body, "overwrite", true, err) < 0 ||
			sdp_doc_text(body, "path", path, err) < 0))
		rc = -1;
	sdp_buf_release(&content);
	if (rc < 0) {
		cJSON_Delete(body);
		return -1;
	}
	return databricks_tell(c, "POST", "/api/2.0/workspace/import", body, err);
}

static int too_large(const char *name, struct sdp_err *err)
{
	return sdp_fail(
		err, SDP_DATA,
		"%.300s: the workspace takes files of up to 10 MB: put data into a Volume "
		"(sdp-databricks put %.200s "
		"/Volumes/CATALOG/SCHEMA/VOLUME/…), clear a notebook's outputs, or split it",
		name, name);
}

int databricks_read_local(int fd, const char *title, off_t size, struct sdp_buf *text,
			  struct sdp_err *err)
{
	if (size > IMPORT_MOST)
		return 1;
	if (sdp_buf_reserve(text, (size_t)size, err) < 0)
		return -1;
	ssize_t n = sdp_read_at(fd, text->data, (size_t)size, 0);
	if (n < 0)
		return sdp_fail_errno(err, "%s", title);
	text->length = (size_t)n;
	return 0;
}

/* Reads a file or an address, whose name in messages is name. */
static int read_whole(const char *path, const char *name, struct sdp_buf *text, struct sdp_err *err)
{
	struct stat st;
	bool address = sdp_address_is(path);
	int fd = address ? sdp_spool_address(path, err) : sdp_file_open(path, O_RDONLY, 0);
	if (fd < 0)
		return address ? -1 : sdp_fail_errno(err, "%s", name);
	int rc = fstat(fd, &st) < 0 ? sdp_fail_errno(err, "%s", name) : 0;
	if (rc == 0 && !S_ISREG(st.st_mode))
		rc = sdp_fail(err, SDP_USAGE, "%.300s: not a regular file", name);
	if (rc == 0)
		rc = databricks_read_local(fd, name, st.st_size, text, err);
	if (rc == 1)
		rc = too_large(name, err);
	close(fd);
	return rc;
}

int databricks_upload(struct databricks *c, struct sdp_err *err)
{
	const char *path = c->p->local_path, *to = c->p->workspace_path;
	struct sdp_buf text = {0};
	if (!path || !to)
		return sdp_fail(err, SDP_USAGE,
				"upload needs --local-path FILE and --workspace-path PATH");
	if (*to != '/' || to[strlen(to) - 1] == '/')
		return sdp_fail(err, SDP_USAGE,
				"--workspace-path: not an absolute path of a notebook: '%.100s'",
				to);
	char *from = sdp_address_shown(path, err);
	int rc = from ? read_whole(path, from, &text, err) : -1;
	if (rc == 0)
		rc = databricks_import(c, to, from, text.data ? text.data : "", text.length, err);
	if (rc < 0 && strstr(c->code, "MAX_NOTEBOOK_SIZE_EXCEEDED"))
		too_large(from, err);
	cJSON *there =
		rc == 0 ? databricks_find(c, "/api/2.0/workspace/get-status", "path", to, err)
			: NULL;
	if (rc == 0 && (!there || sdp_doc_text(c->doc, "path", to, err) < 0 ||
			databricks_copy(c->doc, "object_id", there, "object_id", err) < 0 ||
			databricks_copy(c->doc, "object_type", there, "object_type", err) < 0 ||
			databricks_copy(c->doc, "language", there, "language", err) < 0 ||
			sdp_doc_count(c->doc, "size", text.length, err) < 0))
		rc = -1;
	cJSON_Delete(there);
	sdp_buf_release(&text);
	free(from);
	return rc;
}

/* ---- api ---- */

int databricks_api(struct databricks *c, struct sdp_err *err)
{
	static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
	const char *method = NULL, *path = c->operands[1],
		   *text = c->count > 2 ? c->operands[2] : NULL;
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (strcmp(methods[i], c->operands[0]) == 0)
			method = methods[i];
	if (!method)
		return sdp_fail(err, SDP_USAGE,
				"not GET, HEAD, POST, PUT, PATCH or DELETE: '%.40s'",
				c->operands[0]);
	if (*path != '/' || strpbrk(path, " \r\n"))
		return sdp_fail(err, SDP_USAGE, "not a path like /api/2.0/clusters/list: '%.100s'",
				path);
	struct sdp_err why;
	cJSON *body = text ? sdp_doc_parse(text, strlen(text), &why) : NULL;
	if (text && !body)
		return sdp_fail(err, SDP_USAGE, "the body is not JSON: %.300s", why.text);
	c->any_answer = true;
	cJSON *answer =
		databricks_ask(c, method, path, body,
			       strcmp(method, "POST") == 0 || strcmp(method, "PATCH") == 0, err);
	enum sdp_doc_format format;
	if (!answer || sdp_output_format(&c->p->common, &format, err) < 0) {
		cJSON_Delete(answer);
		return -1;
	}
	/* Tables and CSV need an object. */
	if (!cJSON_IsObject(answer) && format != SDP_DOC_JSON) {
		if (cJSON_AddItemToObject(c->doc, "answer", answer))
			return 0;
		cJSON_Delete(answer);
		return sdp_fail_memory(err);
	}
	cJSON_Delete(c->doc);
	c->doc = answer;
	return 0;
}
