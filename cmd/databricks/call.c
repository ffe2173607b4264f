/* Makes calls whose answers are JSON, reads lists of several pages, and waits. */
#include "base/clock.h"
#include "base/timestamp.h"
#include "databricks.h"
#include "net/percent.h"
#include "sdp/mem.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

void databricks_note(struct databricks *c, const struct sdp_databricks_call *call)
{
	c->status = call->status;
	c->done = call->done;
	c->touched = c->touched || call->done;
	snprintf(c->code, sizeof c->code, "%s", call->code);
}

cJSON *databricks_ask(struct databricks *c, const char *method, const char *path, cJSON *body,
		      bool once, struct sdp_err *err)
{
	char *text = body ? cJSON_PrintUnformatted(body) : NULL;
	struct sdp_databricks_call call = {.method = method,
					   .path = path,
					   .json = text,
					   .once = once};
	cJSON *answer = NULL;
	bool lost = body && !text;
	cJSON_Delete(body);
	if (lost) {
		sdp_fail_memory(err);
		return NULL;
	}
	if (sdp_databricks_run(c->api, &call, err) == 0) {
		struct sdp_err why = {0};
		if (call.body.length == 0)
			answer = cJSON_CreateObject();
		else
			answer = sdp_doc_parse(call.body.data, call.body.length, &why);
		if (!answer && (why.code == SDP_SYSTEM || call.body.length == 0)) {
			sdp_fail_memory(err);
		} else if (!answer || (!cJSON_IsObject(answer) && !c->any_answer)) {
			sdp_fail(err, SDP_SYSTEM, "%s %.*s: the answer is not complete JSON",
				 method, (int)strcspn(path, "?"), path);
			cJSON_Delete(answer);
			answer = NULL;
		}
		if (call.workspace.length)
			snprintf(c->workspace, sizeof c->workspace, "%s", call.workspace.data);
	}
	databricks_note(c, &call);
	sdp_databricks_call_release(&call);
	cJSON_free(text);
	return answer;
}

int databricks_tell(struct databricks *c, const char *method, const char *path, cJSON *body,
		    struct sdp_err *err)
{
	cJSON *answer = databricks_ask(c, method, path, body, false, err);
	cJSON_Delete(answer);
	return answer ? 0 : -1;
}

char *databricks_query(const char *path, const char *name, const char *value, struct sdp_err *err)
{
	struct sdp_buf out = {0};
	int rc = sdp_buf_format(&out, err, "%s%c%s=", path, strchr(path, '?') ? '&' : '?', name);
	if (rc == 0)
		rc = sdp_percent_encode(&out, value, strlen(value), "", err);
	if (rc < 0)
		sdp_buf_release(&out);
	return out.data;
}

cJSON *databricks_find(struct databricks *c, const char *path, const char *name, const char *value,
		       struct sdp_err *err)
{
	char *url = databricks_query(path, name, value, err);
	cJSON *answer = url ? databricks_ask(c, "GET", url, NULL, false, err) : NULL;
	c->status = url ? c->status : 0;
	free(url);
	return answer;
}

int databricks_pages(struct databricks *c, const char *path, const char *member,
		     int (*take)(void *context, const cJSON *item, struct sdp_err *err),
		     void *context, struct sdp_err *err)
{
	char *url = sdp_strndup(path, strlen(path), err), *before = NULL;
	int rc = url ? 0 : -1;
	while (rc == 0 && url) {
		cJSON *answer = databricks_ask(c, "GET", url, NULL, false, err);
		const cJSON *item;
		const char *token = NULL;
		rc = answer ? 0 : -1;
		cJSON_ArrayForEach(item, sdp_doc_member(answer, member))
		{
			if (rc == 0)
				rc = take(context, item, err);
		}
		free(url);
		url = NULL;
		if (rc == 0 && (token = databricks_text(answer, "next_page_token")) && *token) {
			/* A server that repeats a token would cause an endless loop. */
			if (before && strcmp(before, token) == 0)
				rc = sdp_fail(err, SDP_SYSTEM,
					      "GET %.*s: the same page is repeated",
					      (int)strcspn(path, "?"), path);
			free(before);
			before = sdp_strndup(token, strlen(token), err);
			if (rc == 0)
				url = before ? databricks_query(path, "page_token", token, err)
					     : NULL;
			if (rc == 0 && !url)
				rc = -1;
		}
		cJSON_Delete(answer);
	}
	free(before);
	free(url);
	return rc < 0 ? -1 : 0;
}

/* ---- answers ---- */

const char *databricks_text(const cJSON *object, const char *name)
{
	const cJSON *item = sdp_doc_member(object, name);
	return cJSON_IsString(item) || cJSON_IsRaw(item) ? item->valuestring : NULL;
}

const char *databricks_id(const cJSON *object, const char *name)
{
	const char *text = databricks_text(object, name),
		   *digits = text && *text == '-' ? text + 1 : text;
	bool number = digits && *digits && strspn(digits, "0123456789") == strlen(digits);
	return number && (*digits != '0' || !digits[1]) ? text : NULL;
}

int64_t databricks_integer(const cJSON *object, const char *name)
{
	const char *text = databricks_text(object, name);
	return text ? strtoll(text, NULL, 10) : 0;
}

int databricks_copy(cJSON *doc, const char *key, const cJSON *object, const char *name,
		    struct sdp_err *err)
{
	const cJSON *item = sdp_doc_member(object, name);
	if (cJSON_IsString(item))
		return sdp_doc_text(doc, key, item->valuestring, err);
	if (cJSON_IsRaw(item))
		return sdp_doc_number(doc, key, item->valuestring, err);
	if (cJSON_IsBool(item))
		return sdp_doc_bool(doc, key, cJSON_IsTrue(item), err);
	return sdp_doc_null(doc, key, err);
}

int databricks_copy_time(cJSON *doc, const char *key, const cJSON *object, const char *name,
			 struct sdp_err *err)
{
	int64_t ms = databricks_integer(object, name);
	char stamp[SDP_TIMESTAMP_SIZE];
	if (ms <= 0)
		return sdp_doc_null(doc, key, err);
	struct timespec moment = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
	sdp_timestamp_print(stamp, &moment);
	return sdp_doc_text(doc, key, stamp, err);
}

/* ---- waiting ---- */

int databricks_wait(struct databricks *c, int *turn, uint64_t begin, struct sdp_err *err)
{
	int64_t seconds = ++*turn < c->p->poll ? *turn : c->p->poll;
	c->timed_out = c->p->timeout && sdp_clock_ms() - begin >= (uint64_t)c->p->timeout * 1000;
	if (c->timed_out)
		return sdp_fail(err, SDP_SYSTEM, "not finished after %d seconds (--timeout)",
				(int)c->p->timeout);
	return sdp_databricks_pause(c->api, (int)seconds * 1000, err);
}

cJSON *databricks_poll(struct databricks *c, const char *path, const char *name, const char *value,
		       uint64_t begin, struct sdp_err *err)
{
	uint64_t trouble = sdp_clock_ms();
	cJSON *answer = NULL;
	for (int turn = 0; !(answer = databricks_find(c, path, name, value, err));) {
		if ((c->status != 500 && c->status != 502 && c->status != 504) ||
		    sdp_clock_ms() - trouble >= (uint64_t)c->p->retry * 1000)
			break;
		sdp_say("%s; polling again", err->text);
		if (databricks_wait(c, &turn, begin, err) < 0)
			break;
	}
	return answer;
}
