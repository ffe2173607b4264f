/*
 * Finds the result of a run of the notebook.
 *
 *	--result FILE among its arguments ─▶ {exit, error, document}, complete at any size
 *	otherwise what the run returned: notebook_output, its error, the last line of its logs
 */
#include "../speedup_fits.h"
#include "databricks.h"
#include "sdp/mem.h"

#include <stdio.h>
#include <string.h>

/*
 * Returns the argument after --result among the arguments of the run, or NULL if there is none. The
 * caller frees it.
 */
static char *find_result(const cJSON *run, struct sdp_err *err)
{
	const cJSON *task = cJSON_GetArrayItem(sdp_doc_member(run, "tasks"), 0), *word;
	const cJSON *parameters =
		sdp_doc_member(sdp_doc_member(task, "notebook_task"), "base_parameters");
	const char *text = databricks_text(parameters, "arguments");
	struct sdp_err ignored;
	cJSON *words = text ? sdp_doc_parse(text, strlen(text), &ignored) : NULL;
	char *found = NULL;
	cJSON_ArrayForEach(word, words)
	{
		const char *path = cJSON_GetStringValue(word->next);
		if (cJSON_IsString(word) && strcmp(word->valuestring, "--result") == 0 && path &&
		    !found)
			found = sdp_strndup(path, strlen(path), err);
	}
	cJSON_Delete(words);
	return found;
}

/* Fits the speedup models of sdp-bench to a benchmark that has no fits. */
static int put_fits(cJSON *doc, struct sdp_err *err)
{
	enum { MOST = 64 };
	const cJSON *results = sdp_doc_member(doc, "results"), *row;
	double workers[MOST], times[MOST];
	struct sdp_speedup_points points = {workers, times, 0};
	cJSON *fits = sdp_doc_member(doc, "fits");
	if (!databricks_text(doc, "task") ||
	    strcmp(databricks_text(doc, "task"), "benchmark") != 0 || !cJSON_IsArray(fits) ||
	    fits->child)
		return 0;
	cJSON_ArrayForEach(row, results)
	{
		const char *w = databricks_text(row, "workers"),
			   *t = databricks_text(row, "median");
		if (w && t && points.n < MOST) {
			workers[points.n] = strtod(w, NULL);
			times[points.n++] = strtod(t, NULL);
		}
	}
	err->code = SDP_OK;
	put_fit(fits, databricks_text(cJSON_GetArrayItem(results, 0), "name"), &points, err);
	return sdp_err_result(err);
}

/*
 * Takes apart {exit, error, document}: sets *doc, or fills err with that exit code. Returns 1 if
 * there is no document.
 */
static int open_envelope(const char *text, size_t length, const char *where, cJSON **doc,
			 struct sdp_err *err)
{
	struct sdp_err why;
	cJSON *envelope = sdp_doc_parse(text, length, &why);
	const char *error = databricks_text(envelope, "error");
	int64_t code = databricks_integer(envelope, "exit");
	int rc = 0;
	if (!cJSON_IsObject(envelope) || !sdp_doc_member(envelope, "exit"))
		rc = sdp_fail(err, SDP_SYSTEM, "%.300s: no complete result of the notebook", where);
	else if (code)
		rc = sdp_fail(err,
			      code == SDP_DATA || code == SDP_USAGE ? (enum sdp_code)code
								    : SDP_SYSTEM,
			      "%s", error ? error : "no message");
	else if (!cJSON_IsObject(sdp_doc_member(envelope, "document")))
		rc = 1;
	else
		*doc = cJSON_DetachItemFromObjectCaseSensitive(envelope, "document");
	cJSON_Delete(envelope);
	if (rc != 0)
		return rc;
	free((*doc)->string);
	(*doc)->string = NULL;
	return put_fits(*doc, err);
}

/*
 * Fills err from an exception of the notebook, "… sdp exit 1: message". Shows the stack trace if -v
 * is given.
 */
static int read_error(const char *text, const char *trace, struct sdp_err *err)
{
	for (size_t n; trace && *trace; trace += n + (trace[n] == '\n')) {
		n = strcspn(trace, "\n");
		sdp_note("%.*s", (int)n, trace);
	}
	const char *at = strstr(text, "sdp exit "), *colon = at ? strchr(at, ':') : NULL;
	long code = at ? strtol(at + 9, NULL, 10) : 0;
	const char *message = colon ? colon + 1 + (colon[1] == ' ') : text;
	return sdp_fail(err,
			code == SDP_DATA || code == SDP_USAGE ? (enum sdp_code)code : SDP_SYSTEM,
			"%.*s", (int)strcspn(message, "\r\n"), message);
}

/*
 * Fails because the API cut off the output. why says why the --result file could not be read; NULL
 * means that it does not exist.
 */
static int cut_off(struct databricks *c, const cJSON *run, const struct sdp_err *why,
		   struct sdp_err *err)
{
	c->unread = why != NULL;
	if (!why)
		return sdp_fail(err, SDP_SYSTEM,
				"the output of run %s is too long for the API, which cut it off, "
				"and its --result file does not exist",
				databricks_text(run, "run_id"));
	*err = *why;
	return -1;
}

/* Finds the result in the output of the run that the API returns. For why see cut_off. */
static int take_output(struct databricks *c, const cJSON *run, const struct sdp_err *why,
		       cJSON **doc, struct sdp_err *err)
{
	const cJSON *task = cJSON_GetArrayItem(sdp_doc_member(run, "tasks"), 0),
		    *state = sdp_doc_member(run, "state");
	const char *id = databricks_text(task ? task : run, "run_id"),
		   *message = databricks_text(state, "state_message");
	cJSON *answer =
		id ? databricks_find(c, "/api/2.2/jobs/runs/get-output", "run_id", id, err) : NULL;
	const cJSON *returned = sdp_doc_member(answer, "notebook_output");
	const char *text = databricks_text(returned, "result"),
		   *error = databricks_text(answer, "error");
	int rc = -1;
	if (!id)
		sdp_fail(err, SDP_SYSTEM, "the run has no task");
	else if (answer && error)
		read_error(error, databricks_text(answer, "error_trace"), err);
	else if (answer && text && cJSON_IsTrue(sdp_doc_member(returned, "truncated")))
		cut_off(c, run, why, err);
	else if (answer && text)
		rc = open_envelope(text, strlen(text), "the output", doc, err);
	else if (answer)
		sdp_fail(err, SDP_SYSTEM, "run %s ended as %s and returned nothing%s%.300s",
			 databricks_text(run, "run_id"),
			 databricks_text(state, "result_state")
				 ? databricks_text(state, "result_state")
				 : databricks_text(state, "life_cycle_state"),
			 message && *message ? ": " : "", message ? message : "");
	if (rc == 1)
		rc = cut_off(c, run, why, err);
	cJSON_Delete(answer);
	return rc;
}

int databricks_take_result(struct databricks *c, const cJSON *run, cJSON **doc, struct sdp_err *err)
{
	char *path = find_result(run, err);
	struct sdp_buf text = {0};
	struct sdp_err why;
	int rc = -1;
	bool there = path && databricks_read_file(c, path, &text, &why) == 0,
	     gone = !path || c->status == 404;
	if (there) {
		rc = open_envelope(text.data ? text.data : "", text.length, path, doc, err);
		if (rc == 1)
			rc = sdp_fail(err, SDP_SYSTEM, "%.300s: it has no document", path);
	} else {
		/*
		 * The run ended before it wrote the file, for example because its cluster did not
		 * start.
		 */
		rc = take_output(c, run, gone ? NULL : &why, doc, err);
	}
	free(path);
	sdp_buf_release(&text);
	return rc;
}

void databricks_clean(struct databricks *c, const cJSON *run)
{
	struct sdp_err ignored;
	char *path = find_result(run, &ignored), *slash = path ? strrchr(path, '/') : NULL;
	/* Removes only folders that this program made. */
	if (slash && strstr(path, "/sdp-run-")) {
		*slash = '\0';
		if (databricks_remove(c, path, true, &ignored) < 0)
			sdp_warn("%s was not removed: %s", path, ignored.text);
	}
	free(path);
}
