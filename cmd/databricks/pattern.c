/*
 * Refuses the regular expressions of --where that Spark cannot evaluate.
 *
 * On one machine they are those of PCRE2; on Spark they are translated to those of Java. What both
 * have, with the same meaning, is accepted; everything else is refused by its name. The notebook
 * (26_patterns.py) refuses the same.
 */
#include "databricks.h"
#include "sdp/mem.h"
#include "sdp/num.h"
#include "table/where.h"

#include <stdio.h>
#include <string.h>

/* A walk along a pattern, which PCRE2 has compiled. */
struct walk {
	const char *pattern, *at;
	struct sdp_err *err;
	bool folds;      /* (?i) occurs */
	bool repeats;    /* what is before at may have a quantifier */
	bool repeated;   /* and has one */
	int groups;      /* that were opened */
	unsigned closed; /* bit n: group n, of the first nine, is closed */
	size_t depth, capacity;
	struct group {
		int number;  /* 0: it does not capture */
		bool before; /* within an assertion about the text before */
		bool asserts;
	} * open;
};

static int refuse(const struct walk *w, size_t length)
{
	size_t there = strnlen(w->at, length);
	return sdp_fail(w->err, SDP_USAGE,
			"--where: '%.*s' in '%.100s' is not the same in Spark's regular "
			"expressions, which are Java's",
			(int)there, w->at, w->pattern);
}

/* Returns the length of a quantifier at s; 0 if there is none. */
static size_t quantifier_length(const char *s)
{
	size_t n = 1;
	if (!*s || !strchr("*+?{", *s))
		return 0;
	if (*s == '{') {
		size_t digits = strspn(s + n, "0123456789");
		n += digits;
		if (s[n] == ',')
			n += 1 + strspn(s + n + 1, "0123456789");
		if (!digits || s[n++] != '}')
			return 0;
	}
	return n + (s[n] == '?' || s[n] == '+');
}

/* Walks past \p{Lu} or \pL. */
static int walk_category(struct walk *w)
{
	static const char names[] = " C Cc Cf Cn Co L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd "
				    "Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs ";
	bool braced = w->at[2] == '{';
	const char *name = w->at + 2 + braced;
	name += braced && *name == '^';
	size_t n = braced ? strcspn(name, "}") : 1;
	char word[5];
	snprintf(word, sizeof word, " %.*s ", n < 3 ? (int)n : 0, name);
	if (n == 0 || n > 2 || !strstr(names, word) ||
	    (w->folds && n == 2 && *name == 'L' && strchr("ltu", name[1])))
		return refuse(w, (size_t)(name - w->at) + n + braced);
	w->at = name + n + braced;
	return 0;
}

/* Walks past an escape, which may be within brackets. */
static int walk_escape(struct walk *w, bool inside)
{
	char c = w->at[1];
	const char *hex = "0123456789abcdefABCDEF";
	bool digit = sdp_is_digit(c);
	w->repeats = inside || !c || !strchr("bBAzZ", c);
	if (c == 'p' || c == 'P')
		return walk_category(w);
	if (c == 'x') {
		size_t n = w->at[2] == '{' ? strcspn(w->at, "}") + 1 : 4;
		if (w->at[2] != '{' && strspn(w->at + 2, hex) < 2)
			return refuse(w, 2);
		w->at += n;
		return 0;
	}
	if (digit &&
	    (inside || c == '0' || sdp_is_digit(w->at[2]) || !(w->closed >> (c - '0') & 1)))
		return refuse(w, 2);
	bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
	if (letter && !strchr(inside ? "nrtfeadDwWsSb" : "nrtfeadDwWsSbBAzZ", c))
		return refuse(w, 2);
	w->at += 2;
	return 0;
}

static int walk_brackets(struct walk *w)
{
	const char *first = w->at + 1 + (w->at[1] == '^');
	w->at = first;
	while (*w->at && (*w->at != ']' || w->at == first)) {
		if (*w->at == '[' && w->at[1] && strchr(":.=", w->at[1]))
			return refuse(w, 2);
		if (*w->at != '\\')
			w->at++;
		else if (walk_escape(w, true) < 0)
			return -1;
	}
	w->at += *w->at == ']';
	w->repeats = true;
	return 0;
}

/* Walks past what opens a group, or past a change of flags. */
static int walk_opening(struct walk *w)
{
	const char *s = w->at;
	struct group group = {.before = w->depth && w->open[w->depth - 1].before};
	size_t n = 1, flags = s[1] == '?' ? 2 + strspn(s + 2, "ims-") : 0;
	if (s[1] == '*')
		return refuse(w, 2);
	if (flags && s[flags] == ')') {
		w->at += flags + 1;
		w->repeats = false;
		return flags > 2 ? 0 : refuse(w, 3);
	}
	if (flags && s[flags] == ':') {
		n = flags + 1;
	} else if (flags && (strchr("=!>", s[2]) || (s[2] == '<' && s[3] && strchr("=!", s[3])))) {
		group.asserts = s[2] != '>';
		group.before |= s[2] == '<';
		n = s[2] == '<' ? 4 : 3;
	} else if (flags) {
		bool named = s[2] == '<' || s[2] == '\'' || (s[2] == 'P' && s[3] == '<');
		if (!named)
			return refuse(w, 3);
		n = 4 + strcspn(s + 4, ">'");
		n += s[n] != '\0';
	}
	if (n == 1 || (flags && !group.asserts && s[2] != '>' && s[flags] != ':'))
		group.number = ++w->groups;
	if (sdp_grow(&w->open, &w->capacity, w->depth + 1, sizeof *w->open, w->err) < 0)
		return -1;
	w->open[w->depth++] = group;
	w->at += n;
	w->repeats = false;
	return 0;
}

static void walk_closing(struct walk *w)
{
	w->at++;
	w->repeats = false;
	if (w->depth == 0)
		return;
	const struct group *group = &w->open[--w->depth];
	w->repeats = !group->asserts;
	if (group->number > 0 && group->number < 10)
		w->closed |= 1u << group->number;
}

static int walk_one(struct walk *w)
{
	size_t n = quantifier_length(w->at);
	if (n) {
		bool before = w->depth && w->open[w->depth - 1].before;
		if (!w->repeats || w->repeated || before)
			return refuse(w, n);
		w->at += n;
		w->repeated = true;
		return 0;
	}
	w->repeated = false;
	switch (*w->at) {
	case '(':
		return walk_opening(w);
	case ')':
		walk_closing(w);
		return 0;
	case '[':
		return walk_brackets(w);
	case '\\':
		return walk_escape(w, false);
	case '{':
		n = 1 + strspn(w->at + 1, " 0123456789,");
		if (w->at[n] == '}')
			return refuse(w, n + 1);
		break;
	default:
		break;
	}
	w->repeats = !strchr("^$|", *w->at);
	w->at++;
	return 0;
}

static int check_pattern(const char *pattern, struct sdp_err *err)
{
	struct walk w = {.pattern = pattern, .at = pattern, .err = err};
	for (const char *s = pattern; (s = strstr(s, "(?")); s++)
		w.folds |= s[2 + strspn(s + 2, "ms")] == 'i';
	int rc = 0;
	while (rc == 0 && *w.at)
		rc = walk_one(&w);
	free(w.open);
	return rc;
}

static int check_expression(const char *text, struct sdp_err *err)
{
	struct sdp_where *where = sdp_where_parse(text, err);
	const char *pattern;
	int rc = where ? 0 : -1;
	for (size_t i = 0; rc == 0 && (pattern = sdp_where_pattern(where, i)); i++)
		rc = check_pattern(pattern, err);
	sdp_where_free(where);
	return rc;
}

int databricks_check_where(const struct databricks_params *p, struct sdp_err *err)
{
	for (size_t w = 0; w < p->words.count; w++) {
		const char *word = p->words.items[w];
		const char *text = strncmp(word, "--where=", 8) == 0 ? word + 8 : NULL;
		if (strcmp(word, "--where") == 0 && w + 1 < p->words.count)
			text = p->words.items[++w];
		if (text && check_expression(text, err) < 0)
			return -1;
	}
	return 0;
}
