/*
 * Reads and checks the body of a request:
 *
 *	{"file_id": "…", "tasks": ["descriptive_stats", "kmeans"], "worker_counts": [1, 2, 4, 8],
 *	 "params": {"kmeans": {"k": 4, "features": ["a", "b"]}}, "runs": 5, "warmup": 1}
 */
#include "base/address.h"
#include "base/file.h"
#include "base/names.h"
#include "base/utf8.h"
#include "cli/tasks.h"
#include "job.h"
#include "process/fetch.h"
#include "sdp/doc.h"
#include "sdp/engine.h"
#include "sdp/mem.h"
#include "sdp/num.h"
#include "sdp/output.h"
#include "sdp/run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Every JSON reader handles integers up to this limit. */
static const int64_t SEED_MOST = (int64_t)1 << 53;
enum { MOST = 1 << 20, COUNTS_MOST = SDP_BENCH_COUNTS, RUNS_MOST = 1000 };

#define TABLE_HINT "a table is submitted with --tasks LIST"

static int refuse(struct sdp_err *err, const char *what, const char *name)
{
	char quoted[80];
	return sdp_fail(err, SDP_USAGE, "the request: %s%s", what,
			name ? sdp_quote(quoted, sizeof quoted, name, strlen(name)) : "");
}

static int read_body(const char *operand, struct sdp_buf *text, struct sdp_err *err)
{
	bool standard = !operand || strcmp(operand, "-") == 0;
	if (sdp_refuse_typing(operand != NULL, err) < 0)
		return -1;
	if (!standard && sdp_address_is(operand))
		return sdp_fetch_read(operand, MOST, text, err);
	int fd = standard ? STDIN_FILENO : sdp_file_open(operand, O_RDONLY, 0);
	if (fd < 0)
		return sdp_fail_errno(err, "cannot open %s", operand);
	int rc = sdp_read_whole(fd, standard ? "standard input" : operand, MOST, text, err);
	if (rc < 0 && err->code == SDP_DATA)
		rc = refuse(err, "larger than 1 MiB; " TABLE_HINT, NULL);
	if (!standard)
		close(fd);
	return rc;
}

static const char *const members[] = {"file_id",    "path", "tasks",  "worker_counts", "params",
				      "parameters", "runs", "warmup", "seed",          "pdf_table"};
enum { MEMBERS = sizeof members / sizeof *members };

/* Fails because no member has this name, and suggests one that is near. */
static int refuse_member(const char *name, struct sdp_err *err)
{
	char quoted[80];
	struct sdp_names names = sdp_names_for(name, strlen(name));
	for (size_t i = 0; i < MEMBERS; i++)
		sdp_names_add(&names, members[i]);
	/* The option has this name. */
	if (strcmp(name, "workers") == 0)
		names.near.name = "worker_counts";
	return sdp_fail(err, SDP_USAGE, "the request: there is no member %s%s",
			sdp_quote(quoted, sizeof quoted, name, strlen(name)),
			sdp_names_help(&names));
}

/* Checks that each name occurs once and is one of the members. */
static int check_names(const cJSON *object, struct sdp_err *err)
{
	for (const cJSON *item = object->child; item; item = item->next) {
		size_t i = 0;
		while (i < MEMBERS && strcmp(item->string, members[i]) != 0)
			i++;
		if (i == MEMBERS)
			return refuse_member(item->string, err);
		for (const cJSON *other = item->next; other; other = other->next)
			if (strcmp(item->string, other->string) == 0)
				return refuse(err, "twice there is ", item->string);
	}
	return 0;
}

static const cJSON *member(const cJSON *body, const char *name)
{
	const cJSON *item = sdp_doc_member(body, name);
	return cJSON_IsNull(item) ? NULL : item;
}

/* ---- the file ---- */

static int put_path(const struct job_params *params, const char *text, cJSON *out,
		    struct sdp_err *err)
{
	struct sdp_buf path = {0};
	struct stat st;
	char here[PATH_MAX];
	if (job_is_address(text))
		return sdp_doc_text(out, "path", text, err);
	int fd = open(text, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		return sdp_fail_errno(err, "cannot open %s", text);
	close(fd);
	if (!S_ISREG(st.st_mode))
		return sdp_fail(err, SDP_USAGE,
				"%s is not a regular file: store it with sdp-upload first", text);
	if (sdp_output_spares(params->common.output, &st, err) < 0)
		return -1;
	if (*text != '/' && !getcwd(here, sizeof here))
		return sdp_fail_errno(err, "the current folder");
	int rc = sdp_buf_format(&path, err, "%s%s%s", *text == '/' ? "" : here,
				*text == '/' ? "" : "/", text);
	if (rc == 0)
		rc = sdp_doc_text(out, "path", path.data, err);
	sdp_buf_release(&path);
	return rc;
}

static int put_file(const struct job_params *params, const cJSON *body, cJSON *out,
		    struct sdp_err *err)
{
	const cJSON *id = member(body, "file_id"), *path = member(body, "path");
	const char *text = cJSON_GetStringValue(id ? id : path);
	if (!id == !path)
		return refuse(err, "one of file_id and path says which file", NULL);
	if (!text || !*text)
		return refuse(err, "no string: ", id ? "file_id" : "path");
	if (id)
		return sdp_doc_text(out, "file_id", text, err) < 0 ? -1
								   : sdp_doc_null(out, "path", err);
	return sdp_doc_null(out, "file_id", err) < 0 ? -1 : put_path(params, text, out, err);
}

/* ---- tasks and their parameters ---- */

/* Converts tasks to the form that sdp-bench takes: "all", or names separated by commas. */
static int join_tasks(const cJSON *tasks, struct sdp_buf *list, struct sdp_err *err)
{
	const char *text = cJSON_GetStringValue(tasks);
	if (text)
		return strchr(text, ',') || !*text ? refuse(err, "no list of tasks: ", text)
						   : sdp_buf_add_text(list, text, err);
	if (!cJSON_IsArray(tasks) || !tasks->child)
		return refuse(err, "tasks is a list of names, or \"all\"", NULL);
	for (const cJSON *item = tasks->child; item; item = item->next) {
		const char *name = cJSON_GetStringValue(item);
		if (!name || !*name || strchr(name, ',') ||
		    (strcmp(name, "all") == 0 && tasks->child->next))
			return refuse(err, "tasks is a list of names, or \"all\"", NULL);
		for (const cJSON *other = item->next; other; other = other->next)
			if (cJSON_IsString(other) && strcmp(other->valuestring, name) == 0)
				return refuse(err, "twice there is ", name);
		if (sdp_buf_format(list, err, "%s%s", item == tasks->child ? "" : ",", name) < 0)
			return -1;
	}
	return 0;
}

static int add_scalar(const cJSON *item, struct sdp_buf *text, struct sdp_err *err)
{
	if (cJSON_IsString(item) || cJSON_IsRaw(item))
		return sdp_buf_add_text(text, item->valuestring, err);
	if (cJSON_IsBool(item))
		return sdp_buf_add_text(text, cJSON_IsTrue(item) ? "true" : "false", err);
	return refuse(err, "a parameter is a string, a number, a boolean or a list of these", NULL);
}

/* Converts a parameter to text. A list becomes values separated by commas. */
static int parameter_text(const cJSON *item, struct sdp_buf *text, struct sdp_err *err)
{
	if (!cJSON_IsArray(item))
		return add_scalar(item, text, err);
	for (const cJSON *one = item->child; one; one = one->next) {
		if (cJSON_IsString(one) && strchr(one->valuestring, ','))
			return refuse(err, "a name in a list contains a comma: ", one->valuestring);
		if ((one != item->child && sdp_buf_add_text(text, ",", err) < 0) ||
		    add_scalar(one, text, err) < 0)
			return -1;
	}
	return item->child ? 0 : refuse(err, "an empty list: ", item->string);
}

/* Gives a message about a parameter, in which --param is named, the form of one about a request. */
static int refuse_parameter(struct sdp_err *err)
{
	static const char prefix[] = "--param: ";
	size_t skip = strncmp(err->text, prefix, strlen(prefix)) == 0 ? strlen(prefix) : 0;
	struct sdp_err why = *err;
	sdp_fail(err, why.code, "the request: params: %.900s", why.text + skip);
	memcpy(err->excerpt, why.excerpt, sizeof err->excerpt);
	return -1;
}

static int put_parameter(const char *task, const cJSON *item, struct sdp_bench_choice *choices,
			 cJSON *out, struct sdp_err *err)
{
	struct sdp_buf value = {0}, whole = {0};
	int rc = parameter_text(item, &value, err);
	if (rc == 0)
		rc = sdp_buf_format(&whole, err, "%s.%s=%s", task, item->string,
				    value.data ? value.data : "");
	if (rc == 0 && sdp_bench_parameter(whole.data, choices, err) < 0)
		rc = refuse_parameter(err);
	cJSON *text = rc == 0 ? cJSON_CreateString(value.data ? value.data : "") : NULL;
	if (rc == 0 && (!text || !cJSON_AddItemToObject(out, item->string, text)))
		rc = sdp_fail_memory(err);
	sdp_buf_release(&value);
	sdp_buf_release(&whole);
	return rc;
}

/*
 * Adds the parameters that a job has unless the request has others.  The scales of columns should
 * not decide about clusters, nor the rows that k-means happens to start with.
 */
static int put_defaults(const struct sdp_bench_choice *choices, cJSON *all, struct sdp_err *err)
{
	static const struct {
		const char *task, *name, *value;
	} defaults[] = {{"kmeans", "standardize", "true"}, {"kmeans", "restarts", "20"}};
	for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
		const char *task = defaults[i].task, *name = defaults[i].name;
		int k = 0;
		while (strcmp(sdp_bench_tasks[k].name, task) != 0)
			k++;
		cJSON *own = sdp_doc_member(all, task);
		if (!choices[k].wanted || sdp_doc_member(own, name))
			continue;
		if (!own && !(own = cJSON_AddObjectToObject(all, task)))
			return sdp_fail_memory(err);
		if (sdp_doc_text(own, name, defaults[i].value, err) < 0)
			return -1;
	}
	return 0;
}

static int put_parameters(const cJSON *params, struct sdp_bench_choice *choices, cJSON *out,
			  struct sdp_err *err)
{
	cJSON *all = sdp_doc_object(out, "parameters", err);
	if (!all)
		return -1;
	if (params && !cJSON_IsObject(params))
		return refuse(err, "params is an object with an object for each task", NULL);
	for (const cJSON *task = params ? params->child : NULL; task; task = task->next) {
		cJSON *own = cJSON_AddObjectToObject(all, task->string);
		if (!own)
			return sdp_fail_memory(err);
		if (!cJSON_IsObject(task))
			return refuse(err, "params is an object with an object for each task",
				      NULL);
		for (const cJSON *item = task->child; item; item = item->next)
			if (put_parameter(task->string, item, choices, own, err) < 0)
				return -1;
	}
	if (sdp_bench_check(choices, err) < 0)
		return err->code == SDP_USAGE ? refuse_parameter(err) : -1;
	return put_defaults(choices, all, err);
}

static int put_tasks(const cJSON *body, cJSON *out, struct sdp_err *err)
{
	struct sdp_bench_choice choices[SDP_BENCH_TASKS] = {{0}};
	struct sdp_buf list = {0};
	const cJSON *params = member(body, "params"), *long_name = member(body, "parameters");
	if (params && long_name)
		return refuse(err, "params and parameters are the same", NULL);
	int rc = join_tasks(member(body, "tasks"), &list, err);
	if (rc == 0)
		rc = sdp_bench_choose(list.data, choices, err);
	cJSON *tasks = rc == 0 ? sdp_doc_array(out, "tasks", err) : NULL;
	for (int i = 0; tasks && rc == 0 && i < SDP_BENCH_TASKS; i++)
		if (choices[i].wanted)
			rc = sdp_doc_text(tasks, NULL, sdp_bench_tasks[i].name, err);
	if (tasks && rc == 0 && strcmp(list.data, "all") == 0)
		rc = sdp_doc_bool(out, "all_tasks", true, err);
	if (tasks && rc == 0)
		rc = put_parameters(params ? params : long_name, choices, out, err);
	sdp_bench_choices_release(choices);
	sdp_buf_release(&list);
	return tasks ? rc : -1;
}

/* ---- numbers ---- */

/* Reads an integer between least and most. */
static int whole(const cJSON *item, const char *name, int64_t least, int64_t most, int64_t *value,
		 struct sdp_err *err)
{
	struct sdp_number n = {0};
	if (item && cJSON_IsRaw(item))
		sdp_number_parse(item->valuestring, strlen(item->valuestring), '.', &n);
	if (item && (n.kind != SDP_NUMBER_DECIMAL || n.scale != 0 || n.mantissa < least ||
		     n.mantissa > most))
		return sdp_fail(err, SDP_USAGE,
				"the request: %s: not a whole number between %lld and %lld", name,
				(long long)least, (long long)most);
	if (item)
		*value = n.mantissa;
	return 0;
}

static int put_counts(const cJSON *counts, cJSON *out, struct sdp_err *err)
{
	static const int64_t usual[] = {1, 2, 4, 8};
	cJSON *all = sdp_doc_array(out, "worker_counts", err);
	int64_t seen[COUNTS_MOST];
	size_t n = 0;
	if (!all)
		return -1;
	for (size_t i = 0; !counts && i < sizeof usual / sizeof *usual; i++)
		if (sdp_doc_integer(all, NULL, usual[i], err) < 0)
			return -1;
	if (!counts)
		return 0;
	if (!cJSON_IsArray(counts) || !counts->child)
		return refuse(err, "worker_counts is a list of numbers", NULL);
	for (const cJSON *item = counts->child; item; item = item->next, n++) {
		if (n == COUNTS_MOST)
			return refuse(err, "too many worker_counts", NULL);
		if (whole(item, "worker_counts", 1, SDP_WORKERS_MAX, &seen[n], err) < 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			if (seen[i] == seen[n])
				return refuse(err, "worker_counts: a number occurs twice", NULL);
		if (sdp_doc_integer(all, NULL, seen[n], err) < 0)
			return -1;
	}
	return 0;
}

static int fill(const struct job_params *params, const cJSON *body, cJSON *out, struct sdp_err *err)
{
	int64_t runs = 5, warmup = 1, seed = 1, table = 0;
	if (!cJSON_IsObject(body))
		return refuse(err, "it is no object", NULL);
	if (check_names(body, err) < 0 || put_file(params, body, out, err) < 0 ||
	    put_tasks(body, out, err) < 0 ||
	    put_counts(member(body, "worker_counts"), out, err) < 0 ||
	    whole(member(body, "runs"), "runs", 1, RUNS_MOST, &runs, err) < 0 ||
	    whole(member(body, "warmup"), "warmup", 0, RUNS_MOST, &warmup, err) < 0 ||
	    whole(member(body, "seed"), "seed", -SEED_MOST, SEED_MOST, &seed, err) < 0 ||
	    whole(member(body, "pdf_table"), "pdf_table", 1, 1000000, &table, err) < 0)
		return -1;
	if (table && sdp_doc_integer(out, "pdf_table", table, err) < 0)
		return -1;
	if (sdp_doc_integer(out, "runs", runs, err) < 0 ||
	    sdp_doc_integer(out, "warmup", warmup, err) < 0 ||
	    sdp_doc_integer(out, "seed", seed, err) < 0 ||
	    sdp_doc_integer(out, "max_jobs", params->max_jobs, err) < 0)
		return -1;
	return sdp_doc_text(out, "on_finish", params->on_finish, err);
}

/* Reads a request as JSON. */
static cJSON *read_json(const char *operand, struct sdp_err *err)
{
	struct sdp_buf text = {0};
	int rc = read_body(operand, &text, err);
	cJSON *body = rc == 0 ? sdp_doc_parse(text.data, text.length, err) : NULL;
	if (rc == 0 && !body && err->code == SDP_DATA) { /* a syntax error in the request */
		char why[120];
		size_t blank = text.length ? strspn(text.data, " \t\r\n") : 0;
		bool table = blank < text.length && text.data[blank] != '{';
		snprintf(why, sizeof why, "%.*s%s", (int)sdp_utf8_prefix(err->text, 70), err->text,
			 table ? "; " TABLE_HINT : "");
		refuse(err, why, NULL);
	}
	sdp_buf_release(&text);
	return body;
}

/* Returns whether a file is a request, which --tasks would take for a table. */
static bool is_request(const char *path)
{
	struct stat st;
	struct sdp_err ignored;
	struct sdp_buf text = {0};
	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > MOST)
		return false;
	cJSON *body = sdp_file_read(path, MOST, &text, &ignored) == 0
			      ? sdp_doc_parse(text.data, text.length, &ignored)
			      : NULL;
	bool is = cJSON_IsObject(body) && member(body, "tasks") &&
		  (member(body, "path") || member(body, "file_id"));
	cJSON_Delete(body);
	sdp_buf_release(&text);
	return is;
}

/* Returns the request as JSON has it. */
static cJSON *get_body(const struct job_params *params, const char *operand, struct sdp_err *err)
{
	if (!params->tasks)
		return sdp_refuse_given(&params->common, JOB_REQUEST_OPTIONS,
					"without --tasks: a JSON request has a member for it",
					err) < 0
			       ? NULL
			       : read_json(operand, err);
	if (!operand || !is_request(operand))
		return job_request_given(params, operand, err);
	sdp_fail(err, SDP_USAGE, "%.300s is a request: submit it without --tasks", operand);
	return NULL;
}

cJSON *job_request_read(const struct job_params *params, const char *operand, struct sdp_err *err)
{
	const char *output = params->common.output;
	if (sdp_output_spares_all(output, operand != NULL, (char *const *)&operand, err) < 0)
		return NULL;
	cJSON *body = get_body(params, operand, err), *out = body ? cJSON_CreateObject() : NULL;
	if (body && !out)
		sdp_fail_memory(err);
	if (out && fill(params, body, out, err) < 0) {
		cJSON_Delete(out);
		out = NULL;
	}
	cJSON_Delete(body);
	return out;
}
