/* Selects columns by name, number, range and regular expression. */
#include "sdp/columns.h"

#include "base/suggest.h"
#include "sdp/mem.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REGEX_NODES = 1 << 18 }; /* regcomp then takes tens of megabytes */

/* Fails with a similar column name or, if there is none, the first names of the table. */
static int no_column(const struct sdp_schema *schema, const char *name, size_t length,
		     struct sdp_err *err)
{
	char names[100], quoted[64], meant[64];
	size_t n = 0, i = 0;
	struct sdp_suggestion near = sdp_suggest_for(name, length);
	for (size_t k = 0; k < schema->count; k++)
		sdp_suggest_try(&near, schema->columns[k].name);
	/* Columns without a name are named after their position. */
	if (length == 0)
		return sdp_fail(err, SDP_USAGE, "a column's name is empty");
	sdp_quote(quoted, sizeof quoted, name, length);
	if (near.name)
		return sdp_fail(err, SDP_DATA, "no column %s among the %zu, did you mean %s?",
				quoted, schema->count,
				sdp_quote(meant, sizeof meant, near.name, strlen(near.name)));
	names[0] = '\0';
	for (; i < schema->count && n + strlen(schema->columns[i].name) + 3 < sizeof names; i++)
		n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", i ? ", " : "",
				      schema->columns[i].name);
	return sdp_fail(err, SDP_DATA, "no column %s among the %zu: %s%s", quoted, schema->count,
			names, i < schema->count ? ", …" : "");
}

/*
 * Returns how many columns have this name or, if none has, this number (0 or 1). *index is the
 * first of them.
 */
static size_t look_up(const struct sdp_schema *schema, const char *name, size_t length,
		      size_t *index)
{
	size_t found = 0, number = 0;
	for (size_t i = 0; i < schema->count; i++) {
		const char *n = schema->columns[i].name;
		if (strncmp(n, name, length) == 0 && n[length] == '\0' && found++ == 0)
			*index = i;
	}
	if (found)
		return found;
	for (size_t i = 0; i < length && number <= schema->count; i++)
		number = name[i] >= '0' && name[i] <= '9' ? number * 10 + (size_t)(name[i] - '0')
							  : SIZE_MAX / 16;
	if (length == 0 || number < 1 || number > schema->count)
		return 0;
	*index = number - 1;
	return 1;
}

int sdp_columns_find(const struct sdp_schema *schema, const char *name, size_t length,
		     size_t *index, struct sdp_err *err)
{
	size_t found = look_up(schema, name, length, index);
	char quoted[64];
	if (found == 0)
		return no_column(schema, name, length, err);
	return found == 1 ? 0
			  : sdp_fail(err, SDP_DATA, "%zu columns are named %s", found,
				     sdp_quote(quoted, sizeof quoted, name, length));
}

int sdp_columns_of_model(const struct sdp_schema *schema, const char *file, const char *name,
			 size_t *index, struct sdp_err *err)
{
	size_t found = 0;
	char quoted[64], other[64];
	struct sdp_suggestion near = sdp_suggest_for(name, strlen(name));
	for (size_t i = 0; i < schema->count; i++) {
		sdp_suggest_try(&near, schema->columns[i].name);
		if (strcmp(schema->columns[i].name, name) == 0 && found++ == 0)
			*index = i;
	}
	if (found == 1)
		return 0;
	sdp_quote(quoted, sizeof quoted, name, strlen(name));
	if (found)
		return sdp_fail(err, SDP_DATA,
				"%s: more than one column is named %s, which the model uses", file,
				quoted);
	if (near.name)
		return sdp_fail(err, SDP_DATA,
				"%s: there is no column %s, which the model uses, but %s", file,
				quoted,
				sdp_quote(other, sizeof other, near.name, strlen(near.name)));
	return sdp_fail(err, SDP_DATA, "%s: there is no column %s, which the model uses", file,
			quoted);
}

bool sdp_columns_has(const struct sdp_schema *schema, const char *name, size_t length)
{
	size_t index;
	return look_up(schema, name, length, &index) == 1;
}

struct choice {
	const struct sdp_schema *schema;
	size_t *indices, count;
	bool *chosen;
};

static void choose(struct choice *c, size_t index)
{
	if (!c->chosen[index])
		c->indices[c->count++] = index;
	c->chosen[index] = true;
}

/*
 * Returns an upper bound of the nodes of a regular expression, as if all of its repetitions were
 * nested. regcomp may copy what is repeated, and nested repetitions copy copies, so a short pattern
 * could exhaust the memory.
 */
static double regex_nodes(const char *pattern)
{
	double nodes = (double)strlen(pattern);
	for (const char *s = pattern; *s; s++) {
		if (*s == '\\' && s[1]) {
			s++;
		} else if (*s == '[') {
			s += 1 + (s[1] == '^');
			s += *s == ']';
			s += strcspn(s, "]");
			s -= !*s;
		} else if (*s == '+') {
			nodes *= 2;
		} else if (*s == '{') {
			char *end;
			double least = strtod(s + 1, &end),
			       most = *end == ',' ? strtod(end + 1, NULL) : least;
			nodes *= 1 + (most > least ? most : least > 0 ? least : 0);
		}
	}
	return nodes;
}

static int choose_matching(struct choice *c, const char *pattern, size_t length,
			   struct sdp_err *err)
{
	char *text = sdp_strndup(pattern, length, err);
	regex_t regex;
	if (!text)
		return -1;
	if (regex_nodes(text) > REGEX_NODES) {
		sdp_fail(err, SDP_USAGE, "/%.60s/: too many repetitions", text);
		free(text);
		return -1;
	}
	int rc = regcomp(&regex, text, REG_EXTENDED | REG_NOSUB);
	if (rc != 0) {
		char why[100];
		regerror(rc, &regex, why, sizeof why);
		sdp_fail(err, SDP_USAGE, "/%s/: %s", text, why);
		free(text);
		return -1;
	}
	bool any = false;
	for (size_t i = 0; i < c->schema->count; i++)
		if (regexec(&regex, c->schema->columns[i].name, 0, NULL, 0) == 0) {
			choose(c, i);
			any = true;
		}
	regfree(&regex);
	if (!any)
		sdp_fail(err, SDP_DATA, "no column matches /%s/", text);
	free(text);
	return any ? 0 : -1;
}

static int choose_range(struct choice *c, const char *text, size_t length, const char *colon,
			struct sdp_err *err)
{
	size_t before = (size_t)(colon - text), first = 0, last = c->schema->count - 1;
	if (before && sdp_columns_find(c->schema, text, before, &first, err) < 0)
		return -1;
	if (before + 1 < length &&
	    sdp_columns_find(c->schema, colon + 1, length - before - 1, &last, err) < 0)
		return -1;
	if (first > last)
		return sdp_fail(err, SDP_DATA, "the range %.*s runs backwards", (int)length, text);
	for (size_t i = first; i <= last; i++)
		choose(c, i);
	return 0;
}

static int choose_one(struct choice *c, const char *text, size_t length, struct sdp_err *err)
{
	size_t index;
	const char *colon = memchr(text, ':', length);
	/* The name of a column may contain a colon. */
	if (colon && !sdp_columns_has(c->schema, text, length))
		return choose_range(c, text, length, colon, err);
	if (sdp_columns_find(c->schema, text, length, &index, err) < 0)
		return -1;
	choose(c, index);
	return 0;
}

size_t sdp_columns_element(const char *list)
{
	const char *end = *list == '/' ? strchr(list + 1, '/') : NULL;
	return end && (end[1] == ',' || end[1] == '\0') ? (size_t)(end + 1 - list)
							: strcspn(list, ",");
}

static int choose_list(struct choice *c, const char *list, struct sdp_err *err)
{
	for (const char *p = list;; p++) {
		size_t n = sdp_columns_element(p);
		bool regex = n > 1 && *p == '/' && p[n - 1] == '/';
		if ((regex ? choose_matching(c, p + 1, n - 2, err) : choose_one(c, p, n, err)) < 0)
			return -1;
		p += n;
		if (*p == '\0')
			return 0;
	}
}

int sdp_columns_select(const struct sdp_schema *schema, const char *list, size_t **indices,
		       size_t *count, struct sdp_err *err)
{
	struct choice c = {.schema = schema};
	c.indices = sdp_alloc(schema->count, sizeof *c.indices, err);
	c.chosen = sdp_alloc(schema->count, sizeof *c.chosen, err);
	int rc = c.indices && c.chosen ? 0 : -1;
	if (rc == 0 && list)
		rc = choose_list(&c, list, err);
	for (size_t i = 0; rc == 0 && !list && i < schema->count; i++)
		choose(&c, i);
	free(c.chosen);
	if (rc < 0) {
		free(c.indices);
		return -1;
	}
	*indices = c.indices;
	*count = c.count;
	return 0;
}
