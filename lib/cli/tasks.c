/* The tasks that sdp-bench and sdp-job know, and how each chooses parameters for a table. */
#include "cli/tasks.h"

#include "base/names.h"
#include "base/text.h"
#include "cli/task_options.h"
#include "engine/typed_columns.h"
#include "process/listen.h"
#include "sdp/buf.h"
#include "sdp/columns.h"
#include "sdp/engine.h"
#include "sdp/mem.h"
#include "sdp/num.h"
#include "sdp/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int resolve_table(const struct sdp_bench_profile *profile, struct sdp_bench_choice *choice,
			 const struct sdp_bench_choice *all, struct sdp_err *err)
{
	(void)all, (void)err;
	if (profile->rows == 0)
		choice->reason = "the table has no rows";
	return 0;
}

static bool is_numeric(const cJSON *column)
{
	const char *type = sdp_doc_get_text(column, "type");
	return type && (strcmp(type, "integer") == 0 || strcmp(type, "real") == 0);
}

/* ---- k-means ---- */

enum { KMEANS_K, KMEANS_FEATURES };

/*
 * Returns why a numeric column is no default feature of k-means, or NULL.  An id would divide the
 * rows by their place, a column of 0 and 1 into those two; and a column that a regression of the
 * same run predicts is what clusters are compared with.
 */
static const char *no_feature(const cJSON *column, const struct sdp_bench_profile *profile,
			      const struct sdp_bench_choice *all)
{
	const char *name = sdp_doc_get_text(column, "name"),
		   *type = sdp_doc_get_text(column, "type");
	double unique = sdp_doc_get_number(column, "unique", 0),
	       least = sdp_doc_get_number(column, "min", 0);
	for (int i = 0; i < SDP_BENCH_TASKS; i++)
		for (int k = 0; all[i].wanted && sdp_bench_tasks[i].parameters[k]; k++)
			if (all[i].values[k] && strcmp(all[i].values[k], name) == 0 &&
			    strcmp(sdp_bench_tasks[i].parameters[k], "target") == 0)
				return "a regression predicts it";
	if (strcmp(type, "integer") == 0 && unique == 2 && least == 0 &&
	    sdp_doc_get_number(column, "max", 0) == 1)
		return "it is 0 or 1";
	if (strcmp(type, "integer") == 0 && unique >= SDP_IDS_LEAST &&
	    unique == sdp_doc_get_number(column, "count", 0) && least >= 0 &&
	    sdp_doc_get_number(column, "max", 0) - least < 2 * (double)profile->rows)
		return "its values are all different, as those of an id";
	return NULL;
}

/* Appends a column to a list of -x: by its name, unless a list takes that apart. */
static int add_feature(struct sdp_buf *list, const char *name, size_t number, struct sdp_err *err)
{
	bool plain = *name && *name != '/' && !strpbrk(name, ",=:") && !sdp_is_digit(*name);
	if (list->length && sdp_buf_add(list, ",", 1, err) < 0)
		return -1;
	return plain ? sdp_buf_add_text(list, name, err) : sdp_buf_format(list, err, "%zu", number);
}

/* Says which columns are not among the features. */
static void warn_left_out(const struct sdp_bench_profile *profile,
			  const struct sdp_bench_choice *all)
{
	const cJSON *column;
	cJSON_ArrayForEach(column, profile->columns)
	{
		const char *why = is_numeric(column) ? no_feature(column, profile, all) : NULL;
		if (why)
			sdp_warn("kmeans leaves out the column %s: %s; the parameter features "
				 "names columns",
				 sdp_doc_get_text(column, "name"), why);
	}
}

/*
 * Appends the numeric columns to a list of -x, or without every only those that can be features.
 * Returns the product of the numbers of their different values, or -1 if memory runs out.
 */
static double list_features(const struct sdp_bench_profile *profile,
			    const struct sdp_bench_choice *all, bool every, struct sdp_buf *list,
			    struct sdp_err *err)
{
	double different = 1;
	size_t number = 0;
	const cJSON *column;
	cJSON_ArrayForEach(column, profile->columns)
	{
		number++;
		if (!is_numeric(column) || (!every && no_feature(column, profile, all)))
			continue;
		different *= sdp_doc_get_number(column, "unique", 0);
		if (add_feature(list, sdp_doc_get_text(column, "name"), number, err) < 0)
			return -1;
	}
	return different;
}

/*
 * Chooses the numeric columns as features, but those that are none, unless the others have too few
 * different values for k clusters.  If the program would choose the same, the parameter stays NULL.
 */
static int choose_features(const struct sdp_bench_profile *profile, struct sdp_bench_choice *choice,
			   const struct sdp_bench_choice *all, double k, struct sdp_err *err)
{
	struct sdp_buf some = {0}, every = {0};
	double different = list_features(profile, all, false, &some, err);
	int rc = different < 0 || list_features(profile, all, true, &every, err) < 0 ? -1 : 0;
	if (rc == 0 && some.length != every.length) {
		struct sdp_buf *chosen = some.length && different >= k ? &some : &every;
		if (chosen == &some)
			warn_left_out(profile, all);
		choice->values[KMEANS_FEATURES] = chosen->data;
		*chosen = (struct sdp_buf){0};
	}
	sdp_buf_release(&some);
	sdp_buf_release(&every);
	return rc;
}

/* Sets k to 3 if it is not given, and the features. */
static int resolve_kmeans(const struct sdp_bench_profile *profile, struct sdp_bench_choice *choice,
			  const struct sdp_bench_choice *all, struct sdp_err *err)
{
	const cJSON *column;
	double used = (double)profile->rows, different = 1;
	bool any = false;
	if (!choice->values[KMEANS_K] && !(choice->values[KMEANS_K] = sdp_strndup("3", 1, err)))
		return -1;
	if (resolve_table(profile, choice, all, err) < 0 || choice->reason ||
	    choice->values[KMEANS_FEATURES])
		return 0;
	cJSON_ArrayForEach(column, profile->columns)
	{
		if (!is_numeric(column))
			continue;
		any = true;
		used -= sdp_doc_get_number(column, "nulls", 0);
		different *= sdp_doc_get_number(column, "unique", 0);
	}
	double k = strtod(choice->values[KMEANS_K], NULL);
	if (!any)
		choice->reason = "no column is numeric";
	else if ((double)profile->rows < k || different < k)
		choice->reason = "there are fewer different rows than clusters "
				 "(--param kmeans.k=N)";
	else if (used < k)
		choice->reason = "too few rows have a value in every numeric column "
				 "(--param kmeans.features=LIST)";
	return choice->reason ? 0 : choose_features(profile, choice, all, k, err);
}

/* Chooses the last column of type real as target. */
static int resolve_linear(const struct sdp_bench_profile *profile, struct sdp_bench_choice *choice,
			  const struct sdp_bench_choice *all, struct sdp_err *err)
{
	enum { TARGET };
	const cJSON *column;
	const char *target = NULL;
	if (resolve_table(profile, choice, all, err) < 0 || choice->reason ||
	    choice->values[TARGET])
		return 0;
	cJSON_ArrayForEach(column, profile->columns) if (sdp_doc_get_text(column, "type") &&
							 strcmp(sdp_doc_get_text(column, "type"),
								"real") == 0) target =
		sdp_doc_get_text(column, "name");
	if (!target)
		choice->reason = "no column is real (--param "
				 "linear_regression.target=COL)";
	else if (!(choice->values[TARGET] = sdp_strndup(target, strlen(target), err)))
		return -1;
	return 0;
}

/*
 * Chooses the last column with 2 to 20 distinct values as target, and an L2 penalty of 1, so that a
 * fit exists even if the labels are completely separated.
 */
static int resolve_labels(const struct sdp_bench_profile *profile, struct sdp_bench_choice *choice,
			  const struct sdp_bench_choice *all, struct sdp_err *err)
{
	enum { TARGET, L2 };
	const cJSON *column;
	const char *found = NULL;
	if (resolve_table(profile, choice, all, err) < 0 || choice->reason)
		return 0;
	cJSON_ArrayForEach(column, profile->columns)
	{
		double values = sdp_doc_get_number(column, "unique", 0);
		if (values >= 2 && values <= 20)
			found = sdp_doc_get_text(column, "name");
	}
	if (!choice->values[TARGET] && !found) {
		choice->reason = "no column has 2 to 20 different values "
				 "(--param logistic_regression.target=COL)";
		return 0;
	}
	if (!choice->values[TARGET] &&
	    !(choice->values[TARGET] = sdp_strndup(found, strlen(found), err)))
		return -1;
	if (!choice->values[L2] && !(choice->values[L2] = sdp_strndup("1", 1, err)))
		return -1;
	return 0;
}

/* Chooses the first column of timestamps, with buckets of an hour, or of a day if it has dates. */
static int resolve_series(const struct sdp_bench_profile *profile, struct sdp_bench_choice *choice,
			  const struct sdp_bench_choice *all, struct sdp_err *err)
{
	enum { TIME, EVERY };
	const cJSON *column;
	const char *every = "1h";
	if (profile->rows == 0)
		return resolve_table(profile, choice, all, err);
	cJSON_ArrayForEach(column, profile->columns)
	{
		const char *type = sdp_doc_get_text(column, "type"),
			   *name = sdp_doc_get_text(column, "name");
		bool date = type && strcmp(type, "date") == 0,
		     times = date || (type && strcmp(type, "datetime") == 0);
		if (!choice->values[TIME] && times &&
		    !(choice->values[TIME] = sdp_strndup(name, strlen(name), err)))
			return -1;
		if (choice->values[TIME] && strcmp(choice->values[TIME], name) == 0) {
			every = date ? "1d" : "1h";
			break;
		}
	}
	if (!choice->values[TIME])
		choice->reason = "no column is of type datetime or date "
				 "(--param time_series.time=COL)";
	else if (!choice->values[EVERY] &&
		 !(choice->values[EVERY] = sdp_strndup(every, strlen(every), err)))
		return -1;
	return 0;
}

/* Returns whether there is a column called items, or arrays of that name in JSON. */
static bool has_items(const struct sdp_bench_profile *profile)
{
	const cJSON *column;
	bool found = profile->items, nested = false, within;
	cJSON_ArrayForEach(column, profile->columns)
	{
		const char *name = sdp_doc_get_text(column, "name");
		bool item = profile->json && sdp_columns_is_item(name, "items", &within);
		found |= item || strcmp(name, "items") == 0;
		nested |= item && within;
	}
	return found && !nested;
}

bool sdp_bench_reads_lines(const struct sdp_bench_profile *profile,
			   const struct sdp_bench_choice *choices)
{
	const struct sdp_bench_choice *own = &choices[SDP_BENCH_BASKETS];
	return own->wanted && profile->text && !profile->items &&
	       !own->values[SDP_BASKETS_COLUMN] && !own->values[SDP_BASKETS_BASKET] &&
	       !own->values[SDP_BASKETS_ITEM] &&
	       (own->values[SDP_BASKETS_SEPARATOR] || profile->lines);
}

/*
 * Chooses a column called "items" as the column of baskets, unless one is given.  Any other column
 * of baskets looks like text and cannot be recognized.  Without a column, lines are baskets if a
 * separator was given or the input looks like lines of items.
 */
static int resolve_baskets(const struct sdp_bench_profile *profile, struct sdp_bench_choice *choice,
			   const struct sdp_bench_choice *all, struct sdp_err *err)
{
	char **column = &choice->values[SDP_BASKETS_COLUMN];
	if (sdp_bench_reads_lines(profile, all)) {
		if (profile->baskets == 0)
			choice->reason = "the table has no rows";
		else if (!choice->values[SDP_BASKETS_SEPARATOR])
			sdp_warn("fp_growth takes each line for a basket, with items between "
				 "blanks; its parameter items_column or basket names a column");
		return 0;
	}
	if (resolve_table(profile, choice, all, err) < 0 || choice->reason || *column ||
	    choice->values[SDP_BASKETS_BASKET])
		return 0;
	if (has_items(profile))
		return (*column = sdp_strndup("items", strlen("items"), err)) ? 0 : -1;
	if (!choice->values[SDP_BASKETS_SEPARATOR])
		choice->reason = "no column is called items (--param fp_growth.basket=COL --param "
				 "fp_growth.item=COL, or fp_growth.items_column=COL, or for lines "
				 "fp_growth.separator=TEXT)";
	return 0;
}

const struct sdp_bench_task sdp_bench_tasks[SDP_BENCH_TASKS] = {
	{"descriptive_stats", "sdp-stats", {"columns", "where"}, {0}, resolve_table},
	{"kmeans",
	 "sdp-kmeans",
	 {"k", "features", "standardize", "restarts", "where"},
	 {"3"},
	 resolve_kmeans},
	{"linear_regression", "sdp-linreg", {"target", "features", "where"}, {"1"}, resolve_linear},
	{"logistic_regression",
	 "sdp-logreg",
	 {"target", "l2", "features", "where"},
	 {"1"},
	 resolve_labels},
	{"time_series",
	 "sdp-timeseries",
	 {"time", "every", "value", "by", "tz", "where"},
	 {"1", "1h"},
	 resolve_series},
	{"fp_growth",
	 "sdp-fpgrowth",
	 {"items_column", "basket", "item", "support", "separator", "where"},
	 {0},
	 resolve_baskets},
};

/* Returns whether the option has the name of the parameter, or its letter. */
static bool is_option(const struct sdp_task_option *o, const char *name)
{
	if (!name[1])
		return o->letter == *name;
	int i = 0;
	while (i < o->length && name[i] &&
	       (name[i] == o->name[i] || (name[i] == '_' && o->name[i] == '-')))
		i++;
	return i == o->length && !name[i];
}

/*
 * Asks the program of a task for the option of a parameter: appends "-x" or "--name" to word, which
 * may be NULL, and sets *flag if it takes no value; "true" then gives the option, and "false" does
 * not.
 */
static int option_of(const struct sdp_bench_task *task, const char *name, struct sdp_buf *word,
		     bool *flag, struct sdp_err *err)
{
	struct sdp_buf table = {0};
	struct sdp_task_option o = {0};
	int rc = sdp_task_options_read(task->program, &table, err);
	const char *at = rc == 0 ? table.data : NULL;
	while ((at = sdp_task_options_next(at, &o)) && !is_option(&o, name))
		;
	if (rc == 0 && !at)
		rc = sdp_fail(err, SDP_SYSTEM, "%s has no option for the parameter %s",
			      task->program, name);
	*flag = rc == 0 && !o.value;
	if (rc == 0 && word)
		rc = o.letter == '\t' ? sdp_buf_format(word, err, "--%.*s", o.length, o.name)
				      : sdp_buf_format(word, err, "-%c", o.letter);
	sdp_buf_release(&table);
	return rc;
}

int sdp_bench_words(const struct sdp_bench_task *task, char *const *values, struct sdp_buf *names,
		    char **words, int *n, struct sdp_err *err)
{
	for (int k = 0; task->parameters[k]; k++) {
		bool flag;
		if (!values[k])
			continue;
		if (option_of(task, task->parameters[k], &names[k], &flag, err) < 0)
			return -1;
		if (flag && strcmp(values[k], "true") != 0)
			continue;
		words[(*n)++] = names[k].data;
		if (!flag)
			words[(*n)++] = values[k];
	}
	return 0;
}

/* Keeps the lines of an excerpt (sdp/err.h). */
static void keep_excerpt(void *context, const char *line, size_t length)
{
	struct sdp_buf *excerpt = context;
	struct sdp_err ignored;
	if (length && *line == ' ')
		sdp_buf_format(excerpt, &ignored, "%s%.*s", excerpt->length ? "\n" : "",
			       (int)length, line);
}

/* Fails if the program of a task refuses these values. */
static int check_values(const struct sdp_bench_task *task, char *const *values, struct sdp_err *err)
{
	char *words[3 + 2 * SDP_BENCH_PARAMETERS + 1] = {(char *)task->program};
	struct sdp_buf names[SDP_BENCH_PARAMETERS] = {{0}}, out = {0}, excerpt = {0};
	struct sdp_listener listener = {.line = keep_excerpt, .context = &excerpt, .out = &out};
	int n = 1, rc = sdp_bench_words(task, values, names, words, &n, err);
	words[n++] = "--";
	words[n] = "/dev/null";
	if (rc == 0)
		rc = sdp_listen(&listener, task->program, words, err);
	if (rc == SDP_USAGE) {
		rc = sdp_fail(err, SDP_USAGE, "--param: %s: %s", task->name,
			      sdp_listener_reason(&listener, task->program));
		if (excerpt.length)
			snprintf(err->excerpt, sizeof err->excerpt, "%s", excerpt.data);
	}
	for (int k = 0; k < SDP_BENCH_PARAMETERS; k++)
		sdp_buf_release(&names[k]);
	sdp_buf_release(&out);
	sdp_buf_release(&excerpt);
	return rc < 0 ? -1 : 0;
}

int sdp_bench_check(const struct sdp_bench_choice *choices, struct sdp_err *err)
{
	for (int i = 0; i < SDP_BENCH_TASKS; i++) {
		const struct sdp_bench_task *task = &sdp_bench_tasks[i];
		char *values[SDP_BENCH_PARAMETERS];
		bool any = false;
		for (int k = 0; k < SDP_BENCH_PARAMETERS; k++) {
			any |= choices[i].values[k] != NULL;
			values[k] = choices[i].values[k] ? choices[i].values[k]
							 : (char *)task->needed[k];
		}
		/* Without any of these, lines are baskets, which later may turn out to be rows. */
		if (i == SDP_BENCH_BASKETS && !values[SDP_BASKETS_BASKET] &&
		    !values[SDP_BASKETS_ITEM] && !values[SDP_BASKETS_SEPARATOR] &&
		    !values[SDP_BASKETS_COLUMN])
			values[SDP_BASKETS_COLUMN] = "1";
		if (any && choices[i].wanted && check_values(task, values, err) < 0)
			return -1;
	}
	return 0;
}

int sdp_bench_resolve(const struct sdp_bench_profile *profile, struct sdp_bench_choice *choices,
		      struct sdp_err *err)
{
	/* The regressions, whose targets k-means leaves out, come after it in the table. */
	for (int i = SDP_BENCH_TASKS - 1; i >= 0; i--)
		if (choices[i].wanted && !choices[i].reason &&
		    sdp_bench_tasks[i].resolve(profile, &choices[i], choices, err) < 0)
			return -1;
	return 0;
}

void sdp_bench_choices_release(struct sdp_bench_choice *choices)
{
	for (int i = 0; i < SDP_BENCH_TASKS; i++)
		for (int k = 0; k < SDP_BENCH_PARAMETERS; k++)
			free(choices[i].values[k]);
}

static int find_task(const char *name, size_t length, struct sdp_err *err)
{
	char quoted[128];
	struct sdp_names names = sdp_names_for(name, length);
	for (int i = 0; i < SDP_BENCH_TASKS; i++) {
		if (sdp_text_is(name, length, sdp_bench_tasks[i].name))
			return i;
		sdp_names_add(&names, sdp_bench_tasks[i].name);
	}
	return sdp_fail(err, SDP_USAGE, "no task is called %s%s",
			sdp_quote(quoted, sizeof quoted, name, length), sdp_names_help(&names));
}

int sdp_bench_choose(const char *list, struct sdp_bench_choice *choices, struct sdp_err *err)
{
	bool all = strcmp(list, "all") == 0;
	for (int i = 0; all && i < SDP_BENCH_TASKS; i++)
		choices[i].wanted = true;
	while (!all) {
		size_t length = strcspn(list, ",");
		int i = find_task(list, length, err);
		if (i < 0)
			return -1;
		choices[i].wanted = true;
		if (!list[length])
			break;
		list += length + 1;
	}
	return 0;
}

/* Fails because the task has no parameter of this name, and suggests one that is near. */
static int refuse_parameter(const struct sdp_bench_task *task, const char *name, size_t length,
			    const char *quoted, struct sdp_err *err)
{
	struct sdp_names names = sdp_names_for(name, length);
	for (int k = 0; task->parameters[k]; k++)
		sdp_names_add(&names, task->parameters[k]);
	return sdp_fail(err, SDP_USAGE, "--param: %s has no such parameter: %s%s", task->name,
			quoted, sdp_names_help(&names));
}

int sdp_bench_parameter(const char *text, struct sdp_bench_choice *choices, struct sdp_err *err)
{
	char quoted[128];
	size_t length = strcspn(text, ".="),
	       width = text[length] ? strcspn(text + length + 1, "=") : 0;
	const char *name = text + length + 1;

	sdp_quote(quoted, sizeof quoted, text, strlen(text));
	if (text[length] != '.' || name[width] != '=')
		return sdp_fail(err, SDP_USAGE, "--param: not TASK.NAME=VALUE: %s", quoted);
	int i = find_task(text, length, err);
	if (i < 0)
		return -1;
	if (!choices[i].wanted)
		return sdp_fail(err, SDP_USAGE, "--param: %s is not among the tasks to run",
				sdp_bench_tasks[i].name);
	for (int k = 0; sdp_bench_tasks[i].parameters[k]; k++) {
		const char *have = sdp_bench_tasks[i].parameters[k];
		if (strlen(have) != width || memcmp(have, name, width) != 0)
			continue;
		const char *value = name + width + 1;
		bool flag;
		if (option_of(&sdp_bench_tasks[i], have, NULL, &flag, err) < 0)
			return -1;
		if (flag && strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
			return sdp_fail(err, SDP_USAGE, "--param: neither true nor false: %s",
					quoted);
		if (choices[i].values[k] && strcmp(have, "where") == 0)
			return sdp_fail(err, SDP_USAGE,
					"--param: %s.where is given twice: join the expressions by "
					"and",
					sdp_bench_tasks[i].name);
		free(choices[i].values[k]);
		choices[i].values[k] = sdp_strndup(value, strlen(value), err);
		return choices[i].values[k] ? 0 : -1;
	}
	return refuse_parameter(&sdp_bench_tasks[i], name, width, quoted, err);
}

int sdp_bench_counts(const char *text, long counts[SDP_BENCH_COUNTS], size_t *count,
		     struct sdp_err *err)
{
	char quoted[128];
	sdp_quote(quoted, sizeof quoted, text, strlen(text));
	*count = 0;
	for (const char *rest = text;; rest++) {
		char *end;
		long one = *rest >= '0' && *rest <= '9' ? strtol(rest, &end, 10) : 0;
		if (one < 1 || one > SDP_WORKERS_MAX || (*end && *end != ','))
			return sdp_fail(err, SDP_USAGE,
					"--workers: not a list of numbers between 1 and %d: %s",
					SDP_WORKERS_MAX, quoted);
		if (*count == SDP_BENCH_COUNTS)
			return sdp_fail(err, SDP_USAGE, "--workers: more than %d numbers",
					SDP_BENCH_COUNTS);
		for (size_t i = 0; i < *count; i++)
			if (counts[i] == one)
				return sdp_fail(err, SDP_USAGE, "--workers: %ld occurs twice: %s",
						one, quoted);
		counts[(*count)++] = one;
		rest = end;
		if (!*end)
			return 0;
	}
}
