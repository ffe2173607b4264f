/* The tasks that sdp-bench and sdp-job know, and how each chooses parameters for a table. */
#include "cli/tasks.h"
#include "sdp/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int resolve_table(const struct sdp_bench_profile *profile, struct sdp_bench_choice *choice,
			 struct sdp_err *err)
{
	(void)err;
	if (profile->rows == 0)
		choice->reason = "the table has no rows";
	return 0;
}

static double number_of(const cJSON *column, const char *name)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(column, name);
	return cJSON_IsNumber(value) ? value->valuedouble : 0;
}

static const char *text_of(const cJSON *column, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(column, name));
}

static bool is_numeric(const cJSON *column)
{
	const char *type = text_of(column, "type");
	return type && (strcmp(type, "integer") == 0 || strcmp(type, "real") == 0);
}

/* Sets k to 3 if it is not given.  The features are those of the program: all numeric columns. */
static int resolve_kmeans(const struct sdp_bench_profile *profile, struct sdp_bench_choice *choice,
			  struct sdp_err *err)
{
	enum { K, FEATURES };
	const cJSON *column;
	double used = (double)profile->rows, different = 1;
	bool any = false;
	if (!choice->values[K] && !(choice->values[K] = sdp_strndup("3", 1, err)))
		return -1;
	if (resolve_table(profile, choice, err) < 0 || choice->reason || choice->values[FEATURES])
		return 0;
	cJSON_ArrayForEach(column, profile->columns)
	{
		if (!is_numeric(column))
			continue;
		any = true;
		used -= number_of(column, "nulls");
		different *= number_of(column, "unique");
	}
	double k = strtod(choice->values[K], NULL);
	if (!any)
		choice->reason = "no column is numeric";
	else if ((double)profile->rows < k || different < k)
		choice->reason = "there are fewer different rows than clusters";
	else if (used < k)
		choice->reason = "too few rows have a value in every numeric column";
	return 0;
}

/* Chooses the last column of type real as target. */
static int resolve_linear(const struct sdp_bench_profile *profile, struct sdp_bench_choice *choice,
			  struct sdp_err *err)
{
	enum { TARGET };
	const cJSON *column;
	const char *target = NULL;
	if (resolve_table(profile, choice, err) < 0 || choice->reason || choice->values[TARGET])
		return 0;
	cJSON_ArrayForEach(column,
			   profile->columns) if (text_of(column, "type") &&
						 strcmp(text_of(column, "type"), "real") == 0)
		target = text_of(column, "name");
	if (!target)
		choice->reason = "no column is real, and no target was given";
	else if (!(choice->values[TARGET] = sdp_strndup(target, strlen(target), err)))
		return -1;
	return 0;
}

/*
 * Chooses the last column with 2 to 20 distinct values as target, and an L2 penalty of 1, so that a
 * fit exists even if the labels are completely separated.
 */
static int resolve_labels(const struct sdp_bench_profile *profile, struct sdp_bench_choice *choice,
			  struct sdp_err *err)
{
	enum { TARGET, L2 };
	const cJSON *column;
	const char *found = NULL;
	if (resolve_table(profile, choice, err) < 0 || choice->reason)
		return 0;
	cJSON_ArrayForEach(column, profile->columns)
	{
		double values = number_of(column, "unique");
		if (values >= 2 && values <= 20)
			found = text_of(column, "name");
	}
	if (!choice->values[TARGET] && !found) {
		choice->reason = "no column has 2 to 20 different values";
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
			  struct sdp_err *err)
{
	enum { TIME, EVERY };
	const cJSON *column;
	const char *every = "1h";
	if (profile->rows == 0)
		return resolve_table(profile, choice, err);
	cJSON_ArrayForEach(column, profile->columns)
	{
		const char *type = text_of(column, "type"), *name = text_of(column, "name");
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
		choice->reason = "no column is of type datetime or date";
	else if (!choice->values[EVERY] &&
		 !(choice->values[EVERY] = sdp_strndup(every, strlen(every), err)))
		return -1;
	return 0;
}

/*
 * Chooses a column called "items" as the column of baskets, unless one is given.  Any other column
 * of baskets looks like text and cannot be recognized.
 */
static int resolve_baskets(const struct sdp_bench_profile *profile, struct sdp_bench_choice *choice,
			   struct sdp_err *err)
{
	enum { ITEMS_COLUMN, BASKET };
	const cJSON *column;
	if (resolve_table(profile, choice, err) < 0 || choice->reason)
		return 0;
	cJSON_ArrayForEach(column, profile->columns)
	{
		const char *name =
			cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(column, "name"));
		if (choice->values[ITEMS_COLUMN] || choice->values[BASKET] ||
		    strcmp(name, "items") != 0)
			continue;
		if (!(choice->values[ITEMS_COLUMN] = sdp_strndup(name, strlen(name), err)))
			return -1;
	}
	if (!choice->values[ITEMS_COLUMN] && !choice->values[BASKET])
		choice->reason =
			"no column is called items, and neither items_column nor basket was given";
	return 0;
}

const struct sdp_bench_task sdp_bench_tasks[SDP_BENCH_TASKS] = {
	{"descriptive_stats", "sdp-stats", {{"columns", "-x"}}, resolve_table},
	{"kmeans", "sdp-kmeans", {{"k", "-k"}, {"features", "-x"}}, resolve_kmeans},
	{"linear_regression", "sdp-linreg", {{"target", "-y"}, {"features", "-x"}}, resolve_linear},
	{"logistic_regression",
	 "sdp-logreg",
	 {{"target", "-y"}, {"l2", "--l2"}, {"features", "-x"}},
	 resolve_labels},
	{"time_series",
	 "sdp-timeseries",
	 {{"time", "-t"},
	  {"every", "--every"},
	  {"value", "--value"},
	  {"by", "--by"},
	  {"tz", "--tz"}},
	 resolve_series},
	{"fp_growth",
	 "sdp-fpgrowth",
	 {{"items_column", "--items-column"},
	  {"basket", "--basket"},
	  {"item", "--item"},
	  {"support", "-s"},
	  {"separator", "--separator"}},
	 resolve_baskets},
};

void sdp_bench_choices_release(struct sdp_bench_choice *choices)
{
	for (int i = 0; i < SDP_BENCH_TASKS; i++)
		for (int k = 0; k < SDP_BENCH_PARAMETERS; k++)
			free(choices[i].values[k]);
}

static int find_task(const char *name, size_t length, struct sdp_err *err)
{
	char quoted[128], names[400];
	size_t used = 0;
	for (int i = 0; i < SDP_BENCH_TASKS; i++) {
		if (strlen(sdp_bench_tasks[i].name) == length &&
		    memcmp(sdp_bench_tasks[i].name, name, length) == 0)
			return i;
		if (used < sizeof names)
			used += (size_t)snprintf(names + used, sizeof names - used, "%s%s",
						 i ? ", " : "", sdp_bench_tasks[i].name);
	}
	return sdp_fail(err, SDP_USAGE, "no task is called %s; there are %s",
			sdp_quote(quoted, sizeof quoted, name, length), names);
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
		return sdp_fail(err, SDP_USAGE, "--param: %s is not among the tasks of --tasks",
				sdp_bench_tasks[i].name);
	for (int k = 0; sdp_bench_tasks[i].parameters[k].name; k++) {
		const char *have = sdp_bench_tasks[i].parameters[k].name;
		if (strlen(have) != width || memcmp(have, name, width) != 0)
			continue;
		free(choices[i].values[k]);
		choices[i].values[k] = sdp_strndup(name + width + 1, strlen(name + width + 1), err);
		return choices[i].values[k] ? 0 : -1;
	}
	return sdp_fail(err, SDP_USAGE, "--param: %s has no such parameter: %s",
			sdp_bench_tasks[i].name, quoted);
}
