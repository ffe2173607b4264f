/*
 * The options of the tasks, which go to the notebook as they were typed.  Here is only which there are
 * and which take a value; what they mean, the programs' manuals say.
 */
#include "databricks.h"
#include "sdp/mem.h"

#include <string.h>

static const struct {
	char letter;
	const char *name;
	bool value;
	const char *tasks; /* the first letters of their programs: s l g k f t; "" for all */
} known[] = {
	{'d', "delimiter", true, ""}, {0, "no-header", false, ""}, {0, "input-format", true, ""}, {0, "types", true, ""},
	{0, "na", true, ""}, {0, "decimal", true, ""}, {0, "thousands", true, ""}, {0, "comment", true, ""},
	{0, "encoding", true, ""}, {0, "records", true, ""}, {0, "ragged", true, ""},
	{'x', "columns", true, "sf"}, {'x', "features", true, "lgk"}, {'y', "target", true, "lg"},
	{0, "categorical", true, "lg"}, {0, "reference", true, "lg"}, {0, "no-intercept", false, "lg"},
	{0, "collinear", true, "lg"}, {0, "test-fraction", true, "lg"}, {0, "level", true, "lg"}, {0, "seed", true, "lgk"},
	{0, "l2", true, "g"}, {0, "positive", true, "g"}, {0, "threshold", true, "g"}, {0, "keep", false, "g"},
	{0, "max-iterations", true, "gk"}, {'k', "clusters", true, "k"}, {0, "standardize", false, "k"}, {0, "init", true, "k"},
	{0, "restarts", true, "k"}, {0, "tolerance", true, "k"}, {0, "separator", true, "f"}, {0, "basket", true, "f"},
	{0, "item", true, "f"}, {0, "items-column", true, "f"}, {0, "one-hot", false, "f"}, {0, "table", false, "f"},
	{'s', "support", true, "f"}, {0, "min-length", true, "f"}, {0, "max-length", true, "f"}, {0, "max-basket", true, "f"},
	{0, "count-only", false, "f"}, {'r', "rules", false, "f"}, {'c', "confidence", true, "f"}, {0, "lift", true, "f"},
	{0, "max-consequent", true, "f"}, {0, "sort", true, "f"}, {0, "top", true, "f"}, {'t', "time", true, "t"},
	{0, "time-format", true, "t"}, {0, "tz", true, "t"}, {0, "value", true, "t"}, {0, "by", true, "t"}, {0, "from", true, "t"},
	{0, "to", true, "t"}, {0, "every", true, "t"}, {0, "origin", true, "t"}, {0, "label", true, "t"}, {0, "closed", true, "t"},
	{0, "profile", true, "t"}, {0, "agg", true, "t"}, {0, "fill", true, "t"}, {0, "window", true, "t"},
	{0, "center", false, "t"}, {0, "min-periods", true, "t"}, {0, "ewma", true, "t"}, {0, "lag", true, "t"},
	{0, "diff", true, "t"}, {0, "pct-change", true, "t"}, {0, "cumulative", false, "t"}, {0, "acf", true, "t"},
	{0, "decompose", true, "t"}, {0, "period", true, "t"},
};
enum { KNOWN = sizeof known / sizeof *known };

static const struct {
	const char *task;
	char letter;
} tasks[] = {{"descriptive_stats", 's'}, {"linear_regression", 'l'}, {"logistic_regression", 'g'},
	     {"kmeans", 'k'}, {"fp_growth", 'f'}, {"time_series", 't'}};

static bool is_word(size_t i, const char *word)
{
	if (word[1] != '-')
		return known[i].letter && known[i].letter == word[1];
	size_t n = strlen(known[i].name);
	return strncmp(word + 2, known[i].name, n) == 0 && (!word[2 + n] || word[2 + n] == '=');
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
	size_t i = 0;
	while (i < KNOWN && !is_word(i, word))
		i++;
	if (i == KNOWN)
		return 0;
	bool inside = word[1] == '-' ? strchr(word, '=') != NULL : word[2] != '\0';
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
		bool any = false, mine = false, value = false;
		for (size_t i = 0; i < KNOWN; i++)
			if (is_word(i, word)) {
				any = true;
				value = known[i].value;
				mine |= !*known[i].tasks || strchr(known[i].tasks, letter);
			}
		if (any && !mine)
			return sdp_fail(err, SDP_USAGE, "%s is no option of %s", word, p->task);
		bool inside = word[1] == '-' ? strchr(word, '=') != NULL : word[2] != '\0';
		w += value && !inside;
	}
	return 0;
}
