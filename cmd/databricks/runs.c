/* The commands on runs: list, status, wait, output, cancel. */
#include "base/clock.h"
#include "databricks.h"
#include "sdp/mem.h"

#include <stdio.h>
#include <string.h>

static cJSON *get_run(struct databricks *c, const char *id, struct sdp_err *err)
{
	return databricks_find(c, "/api/2.2/jobs/runs/get", "run_id", id, err);
}

static int put_run(cJSON *doc, const cJSON *run, struct sdp_err *err)
{
	const cJSON *state = sdp_doc_member(run, "state");
	if (databricks_copy(doc, "run_id", run, "run_id", err) < 0 ||
	    databricks_copy(doc, "run_name", run, "run_name", err) < 0 ||
	    databricks_copy(doc, "state", state, "life_cycle_state", err) < 0 ||
	    databricks_copy(doc, "result", state, "result_state", err) < 0 ||
	    databricks_copy(doc, "message", state, "state_message", err) < 0 ||
	    databricks_copy_time(doc, "started_at", run, "start_time", err) < 0 ||
	    databricks_copy_time(doc, "finished_at", run, "end_time", err) < 0)
		return -1;
	return databricks_copy(doc, "url", run, "run_page_url", err);
}

struct list {
	cJSON *rows;
	int64_t left;
};

static int take_run(void *context, const cJSON *item, struct sdp_err *err)
{
	struct list *list = context;
	cJSON *row = sdp_doc_row(list->rows, err);
	if (!row || put_run(row, item, err) < 0)
		return -1;
	return --list->left == 0;
}

int databricks_runs(struct databricks *c, struct sdp_err *err)
{
	struct list list = {sdp_doc_array(c->doc, "runs", err), c->p->limit};
	char path[80];
	snprintf(path, sizeof path, "/api/2.2/jobs/runs/list?limit=%d",
		 c->p->limit < 25 ? (int)c->p->limit : 25);
	return list.rows ? databricks_pages(c, path, "runs", take_run, &list, err) : -1;
}

int databricks_status(struct databricks *c, struct sdp_err *err)
{
	cJSON *run = get_run(c, c->operands[0], err);
	int rc = run ? put_run(c->doc, run, err) : -1;
	cJSON_Delete(run);
	return rc;
}

static bool has_ended(const char *state)
{
	return strcmp(state, "TERMINATED") == 0 || strcmp(state, "SKIPPED") == 0 ||
	       strcmp(state, "INTERNAL_ERROR") == 0;
}

cJSON *databricks_follow(struct databricks *c, const char *run_id, struct sdp_err *err)
{
	uint64_t begin = sdp_clock_ms();
	char last[200] = "";
	for (int turn = 0;;) {
		cJSON *run =
			databricks_poll(c, "/api/2.2/jobs/runs/get", "run_id", run_id, begin, err);
		const cJSON *state = sdp_doc_member(run, "state");
		const char *now = databricks_text(state, "life_cycle_state"),
			   *message = databricks_text(state, "state_message");
		char line[200];
		if (!run)
			return NULL;
		if (!now) {
			cJSON_Delete(run);
			sdp_fail(err, SDP_SYSTEM, "run %s has no state", run_id);
			return NULL;
		}
		if (has_ended(now))
			return run;
		snprintf(line, sizeof line, "run %.40s: %.40s%s%.100s", run_id, now,
			 message && *message ? ": " : "", message ? message : "");
		if (strcmp(line, last) != 0)
			sdp_say("%s", line);
		memcpy(last, line, sizeof last);
		cJSON_Delete(run);
		if (databricks_wait(c, &turn, begin, err) < 0)
			return NULL;
	}
}

static int classify(const cJSON *run, struct sdp_err *err)
{
	const cJSON *state = sdp_doc_member(run, "state");
	const char *result = databricks_text(state, "result_state"),
		   *message = databricks_text(state, "state_message");
	if (result && strcmp(result, "SUCCESS") == 0)
		return 0;
	return sdp_fail(err, SDP_DATA, "run %s ended as %s%s%.500s", databricks_text(run, "run_id"),
			result ? result : databricks_text(state, "life_cycle_state"),
			message && *message ? ": " : "", message ? message : "");
}

int databricks_wait_run(struct databricks *c, struct sdp_err *err)
{
	cJSON *run = databricks_follow(c, c->operands[0], err);
	int rc = run ? classify(run, err) : -1;
	if (rc == 0)
		rc = put_run(c->doc, run, err);
	cJSON_Delete(run);
	return rc;
}

int databricks_output(struct databricks *c, struct sdp_err *err)
{
	cJSON *run = get_run(c, c->operands[0], err), *doc = NULL;
	const char *state = databricks_text(sdp_doc_member(run, "state"), "life_cycle_state");
	int rc = run ? 0 : -1;
	if (rc == 0 && (!state || !has_ended(state)))
		rc = sdp_fail(err, SDP_SYSTEM, "run %s has not ended, it is %s", c->operands[0],
			      state ? state : "without a state");
	if (rc == 0)
		rc = databricks_take_result(c, run, &doc, err);
	if (rc == 0) {
		cJSON_Delete(c->doc);
		c->doc = doc;
	}
	cJSON_Delete(run);
	return rc;
}

int databricks_send_cancel(struct databricks *c, const char *run_id, struct sdp_err *err)
{
	cJSON *body = cJSON_CreateObject();
	if (!body || sdp_doc_number(body, "run_id", run_id, err) < 0) {
		cJSON_Delete(body);
		return sdp_fail_memory(err);
	}
	return databricks_tell(c, "POST", "/api/2.2/jobs/runs/cancel", body, err);
}

int databricks_cancel(struct databricks *c, struct sdp_err *err)
{
	if (databricks_send_cancel(c, c->operands[0], err) < 0)
		return -1;
	cJSON *run = c->p->wait ? databricks_follow(c, c->operands[0], err)
				: get_run(c, c->operands[0], err);
	int rc = run ? put_run(c->doc, run, err) : -1;
	if (rc == 0 && c->p->wait)
		databricks_clean(c, run);
	cJSON_Delete(run);
	return rc;
}
