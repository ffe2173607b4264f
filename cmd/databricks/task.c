/*
 * The options of the tasks, which are passed to the notebook as the user typed them.
 *
 * The programs of the tasks say which options exist and which of them take a value (--options).
 * They also check the values before a cluster is started.
 */
#include "cli/task_options.h"
#include "databricks.h"
#include "process/listen.h"

#include <string.h>

/* In the order of --task. */
static const struct {
	const char *name, *program;
	const char
		*left_out; /* options that other tasks have on Spark, but not this one; or NULL */
} tasks[] = {{"descriptive_stats", "sdp-stats", " agg "}, {"linear_regression", "sdp-linreg", NULL},
	     {"logistic_regression", "sdp-logreg", NULL}, {"kmeans", "sdp-kmeans", NULL},
	     {"fp_growth", "sdp-fpgrowth", NULL},         {"time_series", "sdp-timeseries", NULL}};
enum { TASKS = sizeof tasks / sizeof *tasks };

/* What the programs print with --options; empty if it is not known yet. */
static struct sdp_buf tables[TASKS];

/* Options of the programs that have no meaning on Spark: how they work, and their rows. */
static const char not_here[] = " workers max-memory max-record progress algorithm predict interval "
			       "assign escape pdf-table source "
			       "correlation against drop-nulls wide ";
/* Options that this program has itself. */
static const char own[] = " format print digits output quiet verbose help version options ";

const char *databricks_task_name(int task)
{
	return task ? tasks[task - 1].name : NULL;
}

static bool is_listed(const struct sdp_task_option *o, const char *names)
{
	for (const char *at = names; (at = strchr(at, ' ')) && *++at;)
		if (strncmp(at, o->name, (size_t)o->length) == 0 && at[o->length] == ' ')
			return true;
	return false;
}

/*
 * Returns whether the word is this option. Short options may be joined, as in "-rs": at is the
 * index of the letter; otherwise at is 1.
 */
static bool matches(const struct sdp_task_option *o, const char *word, size_t at)
{
	if (word[1] != '-')
		return o->letter == word[at];
	size_t n = (size_t)o->length;
	return strncmp(word + 2, o->name, n) == 0 && (!word[2 + n] || word[2 + n] == '=');
}

/* Finds the option in the table of a task, or with task 0 in all; returns whether it is there. */
static bool find_option(int task, const char *word, size_t at, struct sdp_task_option *o)
{
	for (int i = task ? task - 1 : 0; i < (task ? task : TASKS); i++)
		for (const char *line = tables[i].data; (line = sdp_task_options_next(line, o));)
			if (matches(o, word, at) && !is_listed(o, own))
				return true;
	return false;
}

/* Returns whether the word continues after the option, with its value or with another option. */
static bool continues(const char *word, size_t at)
{
	return word[1] == '-' ? strchr(word, '=') != NULL : word[at + 1] != '\0';
}

/*
 * Finds the last option in a word and its position *at. In joined options this is the last letter,
 * or the first one that is not an option of the task. Returns whether it is one.
 */
static bool last_option(int task, const char *word, size_t *at, struct sdp_task_option *o)
{
	bool found = find_option(task, word, *at = 1, o);
	while (found && !o->value && word[1] != '-' && continues(word, *at))
		found = find_option(task, word, ++*at, o);
	return found;
}

/* Reads the table of the task if that has the options in the word, and all tables otherwise. */
static int read_tables(int task, const char *word, struct sdp_err *err)
{
	struct sdp_task_option o;
	size_t at;
	if (task && sdp_task_options_read(tasks[task - 1].program, &tables[task - 1], err) < 0)
		return -1;
	if (task && last_option(task, word, &at, &o))
		return 0;
	for (int i = 0; i < TASKS; i++)
		if (sdp_task_options_read(tasks[i].program, &tables[i], err) < 0)
			return -1;
	return 0;
}

static int add_word(struct databricks_params *p, const char *word, struct sdp_err *err)
{
	if (p->words.count == sizeof p->words.items / sizeof *p->words.items)
		return sdp_fail(err, SDP_USAGE, "too many options, at %.40s", word);
	p->words.items[p->words.count++] = word;
	return 0;
}

/* Refuses an option that the task does not have on Spark. */
static int refuse_left_out(int task, const struct sdp_task_option *o, struct sdp_err *err)
{
	if (!task || !tasks[task - 1].left_out || !is_listed(o, tasks[task - 1].left_out))
		return 0;
	return sdp_fail(err, SDP_USAGE, "--%.*s: run does not take this option for %s",
			(int)o->length, o->name, databricks_task_name(task));
}

int databricks_foreign(void *params, const char *word, const char *next, struct sdp_err *err)
{
	struct databricks_params *p = params;
	struct sdp_task_option o;
	size_t at;
	if (read_tables(p->task, word, err) < 0)
		return -1;
	if (find_option(0, word, 1, &o) && is_listed(&o, not_here))
		return sdp_fail(err, SDP_USAGE,
				"%.*s: run does not take this option of the tasks' programs",
				word[1] == '-' ? (int)strcspn(word, "=") : 2, word);
	if (!last_option(0, word, &at, &o) || is_listed(&o, not_here))
		return at == 1 ? 0
			       : sdp_fail(err, SDP_USAGE, "%.40s: -%c is not an option of a task",
					  word, word[at]);
	if (refuse_left_out(p->task, &o, err) < 0)
		return -1;
	bool inside = continues(word, at);
	if (o.value && !inside && !next)
		return sdp_fail(err, SDP_USAGE, "%s: needs a value", word);
	if (!o.value && inside)
		return sdp_fail(err, SDP_USAGE, "%s: takes no value", word);
	if (add_word(p, word, err) < 0)
		return -1;
	if (!o.value || inside)
		return 1;
	return add_word(p, next, err) < 0 ? -1 : 2;
}

int databricks_check_task(const struct databricks_params *p, struct sdp_err *err)
{
	if (!p->task)
		return sdp_fail(err, SDP_USAGE, "run needs --task TASK");
	for (size_t w = 0; w < p->words.count; w++) {
		const char *word = p->words.items[w];
		struct sdp_task_option o;
		size_t at;
		if (!last_option(p->task, word, &at, &o))
			return word[1] == '-'
				       ? sdp_fail(err, SDP_USAGE, "%s is not an option of %s", word,
						  databricks_task_name(p->task))
				       : sdp_fail(err, SDP_USAGE, "-%c is not an option of %s",
						  word[at], databricks_task_name(p->task));
		if (refuse_left_out(p->task, &o, err) < 0)
			return -1;
		w += o.value && !continues(word, at);
	}
	return 0;
}

/* Spark reads Parquet, but the programs do not. */
static bool is_parquet(const struct databricks_params *p, size_t w)
{
	const char *word = p->words.items[w], *before = w ? p->words.items[w - 1] : "";
	const char *next = w + 1 < p->words.count ? p->words.items[w + 1] : "";
	return strcmp(word, "--input-format=parquet") == 0 ||
	       (strcmp(word, "--input-format") == 0 && strcmp(next, "parquet") == 0) ||
	       (strcmp(before, "--input-format") == 0 && strcmp(word, "parquet") == 0);
}

int databricks_ask_program(const struct databricks_params *p, struct sdp_err *err)
{
	const char *words[sizeof p->words.items / sizeof *p->words.items + 3] = {0};
	struct sdp_buf out = {0};
	struct sdp_listener listener = {.out = &out};
	size_t n = 1;
	words[0] = tasks[p->task - 1].program;
	for (size_t w = 0; w < p->words.count; w++)
		if (!is_parquet(p, w))
			words[n++] = p->words.items[w];
	words[n] = "/dev/null";
	int rc = sdp_listen(&listener, words[0], (char *const *)(const void *)words, err);
	sdp_buf_release(&out);
	const char *why = sdp_listener_reason(&listener, words[0]);
	if (rc == SDP_USAGE)
		return sdp_fail(err, SDP_USAGE, "%s", *why ? why : words[0]);
	return rc < 0 ? -1 : 0;
}
