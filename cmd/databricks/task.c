/*
 * The options of the tasks, which are passed to the notebook as the user typed them.
 *
 * The table below only says which options exist and which of them take a value. The programs of the
 * tasks check the values before a cluster is started.
 */
#include "databricks.h"
#include "process/find.h"
#include "process/measure.h"
#include "sdp/mem.h"

#include <string.h>
#include <sys/wait.h>

static const struct {
	char letter;
	const char *name;
	bool value;
	const char *tasks; /* letters of the tasks (see tasks below), "" for all */
} known[] = {
	{'d', "delimiter", true, ""},
	{0, "no-header", false, ""},
	{0, "input-format", true, ""},
	{0, "types", true, ""},
	{0, "na", true, ""},
	{0, "decimal", true, ""},
	{0, "thousands", true, ""},
	{0, "comment", true, ""},
	{0, "quote", true, ""},
	{0, "skip", true, ""},
	{0, "encoding", true, ""},
	{0, "records", true, ""},
	{0, "ragged", true, ""},
	{'x', "columns", true, "sf"},
	{'x', "features", true, "lgk"},
	{'y', "target", true, "lg"},
	{0, "categorical", true, "lg"},
	{0, "reference", true, "lg"},
	{0, "no-intercept", false, "lg"},
	{0, "collinear", true, "lg"},
	{0, "test-fraction", true, "lg"},
	{0, "level", true, "lg"},
	{0, "seed", true, "lgk"},
	{0, "l2", true, "g"},
	{0, "positive", true, "g"},
	{0, "threshold", true, "g"},
	{0, "keep", false, "g"},
	{0, "max-iterations", true, "gk"},
	{'k', "clusters", true, "k"},
	{0, "standardize", false, "k"},
	{0, "init", true, "k"},
	{0, "restarts", true, "k"},
	{0, "tolerance", true, "k"},
	{0, "separator", true, "f"},
	{0, "basket", true, "f"},
	{0, "item", true, "f"},
	{0, "items-column", true, "f"},
	{0, "one-hot", false, "f"},
	{0, "table", false, "f"},
	{'s', "support", true, "f"},
	{0, "min-length", true, "f"},
	{0, "max-length", true, "f"},
	{0, "max-basket", true, "f"},
	{0, "count-only", false, "f"},
	{'r', "rules", false, "f"},
	{'c', "confidence", true, "f"},
	{0, "lift", true, "f"},
	{0, "max-consequent", true, "f"},
	{0, "sort", true, "f"},
	{0, "top", true, "f"},
	{'t', "time", true, "t"},
	{0, "time-format", true, "t"},
	{0, "tz", true, "t"},
	{0, "value", true, "t"},
	{0, "by", true, "t"},
	{0, "from", true, "t"},
	{0, "to", true, "t"},
	{0, "every", true, "t"},
	{0, "origin", true, "t"},
	{0, "label", true, "t"},
	{0, "closed", true, "t"},
	{0, "profile", true, "t"},
	{0, "agg", true, "t"},
	{0, "fill", true, "t"},
	{0, "window", true, "t"},
	{0, "center", false, "t"},
	{0, "min-periods", true, "t"},
	{0, "ewma", true, "t"},
	{0, "lag", true, "t"},
	{0, "diff", true, "t"},
	{0, "pct-change", true, "t"},
	{0, "cumulative", false, "t"},
	{0, "acf", true, "t"},
	{0, "decompose", true, "t"},
	{0, "period", true, "t"},
};
enum { KNOWN = sizeof known / sizeof *known };

/* Options that have no meaning on Spark: how a program works, and its output of rows. */
static const struct {
	char letter;
	const char *name;
} others[] = {{'j', "workers"}, {0, "max-memory"}, {0, "max-record"}, {0, "progress"},
	      {0, "algorithm"}, {0, "predict"},    {0, "interval"},   {0, "assign"},
	      {0, "escape"},    {0, "pdf-table"}};

static const struct {
	const char *task;
	char letter;
	const char *program;
} tasks[] = {{"descriptive_stats", 's', "sdp-stats"},    {"linear_regression", 'l', "sdp-linreg"},
	     {"logistic_regression", 'g', "sdp-logreg"}, {"kmeans", 'k', "sdp-kmeans"},
	     {"fp_growth", 'f', "sdp-fpgrowth"},         {"time_series", 't', "sdp-timeseries"}};

/*
 * Returns whether the word is this option. Short options may be joined, as in "-rs": at is the
 * index of the letter; otherwise at is 1.
 */
static bool matches(char letter, const char *name, const char *word, size_t at)
{
	if (word[1] != '-')
		return letter && letter == word[at];
	size_t n = strlen(name);
	return strncmp(word + 2, name, n) == 0 && (!word[2 + n] || word[2 + n] == '=');
}

/*
 * Returns the index of the option in known, or KNOWN if it is not an option of the task (letter 0:
 * of any task).
 */
static size_t find_option(char task, const char *word, size_t at)
{
	size_t i = 0;
	while (i < KNOWN && !(matches(known[i].letter, known[i].name, word, at) &&
			      (!task || !*known[i].tasks || strchr(known[i].tasks, task))))
		i++;
	return i;
}

/* Returns whether the word continues after the option, with its value or with another option. */
static bool continues(const char *word, size_t at)
{
	return word[1] == '-' ? strchr(word, '=') != NULL : word[at + 1] != '\0';
}

/*
 * Returns the last option in a word and its position *at. In joined options this is the last
 * letter, or the first one that is not an option.
 */
static size_t last_option(char task, const char *word, size_t *at)
{
	size_t i = find_option(task, word, *at = 1);
	while (i < KNOWN && !known[i].value && word[1] != '-' && continues(word, *at))
		i = find_option(task, word, ++*at);
	return i;
}

static int add_word(struct databricks_params *p, const char *word, struct sdp_err *err)
{
	if (p->words.count == sizeof p->words.items / sizeof *p->words.items)
		return sdp_fail(err, SDP_USAGE, "too many options, at %.40s", word);
	p->words.items[p->words.count++] = word;
	return 0;
}

int databricks_foreign(void *params, const char *word, const char *next, struct sdp_err *err)
{
	struct databricks_params *p = params;
	size_t at, i = last_option(0, word, &at);
	for (size_t k = 0; k < sizeof others / sizeof *others; k++)
		if (matches(others[k].letter, others[k].name, word, 1))
			return sdp_fail(
				err, SDP_USAGE,
				"%.*s: run does not take this option of the tasks' programs",
				word[1] == '-' ? (int)strcspn(word, "=") : 2, word);
	if (i == KNOWN)
		return at == 1 ? 0
			       : sdp_fail(err, SDP_USAGE, "%.40s: -%c is not an option of a task",
					  word, word[at]);
	bool inside = continues(word, at);
	if (known[i].value && !inside && !next)
		return sdp_fail(err, SDP_USAGE, "%s: needs a value", word);
	if (!known[i].value && inside)
		return sdp_fail(err, SDP_USAGE, "%s: takes no value", word);
	if (add_word(p, word, err) < 0)
		return -1;
	if (!known[i].value || inside)
		return 1;
	return add_word(p, next, err) < 0 ? -1 : 2;
}

int databricks_check_task(const struct databricks_params *p, struct sdp_err *err)
{
	char letter = 0;
	for (size_t i = 0; p->task && i < sizeof tasks / sizeof *tasks; i++)
		if (strcmp(tasks[i].task, p->task) == 0)
			letter = tasks[i].letter;
	if (!letter)
		return sdp_fail(err, SDP_USAGE, "run needs --task TASK");
	for (size_t w = 0; w < p->words.count; w++) {
		const char *word = p->words.items[w];
		size_t at, i = last_option(letter, word, &at);
		if (i == KNOWN)
			return word[1] == '-'
				       ? sdp_fail(err, SDP_USAGE, "%s is not an option of %s", word,
						  p->task)
				       : sdp_fail(err, SDP_USAGE, "-%c is not an option of %s",
						  word[at], p->task);
		w += known[i].value && !continues(word, at);
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

/* Fails with the last line of a program's messages, without the program's name. */
static int fail_with_last_line(const struct sdp_buf *messages, const char *program,
			       struct sdp_err *err)
{
	const char *line = messages->length ? messages->data : program;
	for (const char *next = line; (next = strchr(next, '\n')) && *++next;)
		line = next;
	if (strncmp(line, program, strlen(program)) == 0 &&
	    strncmp(line + strlen(program), ": ", 2) == 0)
		line += strlen(program) + 2;
	return sdp_fail(err, SDP_USAGE, "%.*s", (int)strcspn(line, "\n"), line);
}

int databricks_ask_program(const struct databricks_params *p, struct sdp_err *err)
{
	const char *words[sizeof p->words.items / sizeof *p->words.items + 3] = {0};
	struct sdp_measure_command command = {.words = (char *const *)(const void *)words,
					      .inherit = -1};
	struct sdp_measure m = {0};
	struct sdp_buf path = {0};
	size_t n = 1;
	for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++)
		if (strcmp(tasks[i].task, p->task) == 0)
			words[0] = tasks[i].program;
	for (size_t w = 0; w < p->words.count; w++)
		if (!is_parquet(p, w))
			words[n++] = p->words.items[w];
	words[n] = "/dev/null";
	int rc = 0;
	if (sdp_find_program(words[0], &path, err) == 0) {
		command.path = path.data;
		rc = sdp_measure_run(&command, &m, err);
		if (rc == 0 && WIFEXITED(m.status) && WEXITSTATUS(m.status) == SDP_USAGE)
			rc = fail_with_last_line(&m.messages, words[0], err);
	}
	sdp_buf_release(&m.messages);
	sdp_buf_release(&path);
	return rc;
}
