/* Selects columns by name, number, range and regular expression. */
#include "sdp/columns.h"

#include "base/library.h"
#include "base/map.h"
#include "base/names.h"
#include "base/signals.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "sdp/mem.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *version(void)
{
	static char text[64]; /* PCRE2 writes at most 24 bytes */
	return pcre2_config(PCRE2_CONFIG_VERSION, NULL) <= (int)sizeof text &&
			       pcre2_config(PCRE2_CONFIG_VERSION, text) > 0
		       ? text
		       : "unknown";
}
SDP_LIBRARY(pcre2, version());

/* Returns what a message about a missing column says of the input. */
static const char *of_pdf(const struct sdp_schema *schema)
{
	return schema->pdf_lines ? " (the PDF is read as lines, not as a table)" : "";
}

/* Fails with a similar column name or, if there is none, the first names of the table. */
static int no_column(const struct sdp_schema *schema, const char *name, size_t length,
		     struct sdp_err *err)
{
	char quoted[64], meant[64];
	struct sdp_names names = sdp_names_for(name, length);
	for (size_t k = 0; k < schema->count; k++)
		sdp_names_add(&names, schema->columns[k].name);
	/* Columns without a name are named after their position. */
	if (length == 0)
		return sdp_fail(err, SDP_USAGE, "a column's name is empty");
	sdp_quote(quoted, sizeof quoted, name, length);
	const char *near = names.near.name, *list = sdp_names_end(&names);
	if (near)
		return sdp_fail(err, SDP_DATA, "no column %s among the %zu, did you mean %s?%s",
				quoted, schema->count,
				sdp_quote(meant, sizeof meant, near, strlen(near)), of_pdf(schema));
	return sdp_fail(err, SDP_DATA, "no column %s among the %zu%s%s%s", quoted, schema->count,
			*list ? ": " : "", list, of_pdf(schema));
}

size_t sdp_columns_named(const struct sdp_schema *schema, const char *name, size_t length,
			 size_t *index)
{
	const size_t *there = schema->names ? sdp_map_find(schema->names, name, length) : NULL;
	size_t found = 0;
	if (schema->names && !there)
		return 0;
	if (there && *there < SDP_SCHEMA_TWICE) {
		*index = *there;
		return 1;
	}
	for (size_t i = 0; i < schema->count; i++) {
		const char *n = schema->columns[i].name;
		if (strncmp(n, name, length) == 0 && n[length] == '\0' && found++ == 0)
			*index = i;
	}
	return found;
}

/*
 * Returns how many columns have this name or, if none has, this number (0 or 1). *index is the
 * first of them.
 */
static size_t look_up(const struct sdp_schema *schema, const char *name, size_t length,
		      size_t *index)
{
	size_t found = sdp_columns_named(schema, name, length, index), number = 0;
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

/* Fails unless one column was found. */
static int check_found(const struct sdp_schema *schema, const char *name, size_t length,
		       size_t found, struct sdp_err *err)
{
	char quoted[64];
	if (found == 0)
		return no_column(schema, name, length, err);
	return found == 1 ? 0
			  : sdp_fail(err, SDP_DATA, "%zu columns are named %s", found,
				     sdp_quote(quoted, sizeof quoted, name, length));
}

int sdp_columns_find(const struct sdp_schema *schema, const char *name, size_t length,
		     size_t *index, struct sdp_err *err)
{
	return check_found(schema, name, length, look_up(schema, name, length, index), err);
}

int sdp_columns_find_name(const struct sdp_schema *schema, const char *name, size_t length,
			  size_t *index, struct sdp_err *err)
{
	return check_found(schema, name, length, sdp_columns_named(schema, name, length, index),
			   err);
}

int sdp_columns_of_model(const struct sdp_schema *schema, const char *file, const char *name,
			 size_t *index, struct sdp_err *err)
{
	size_t found = sdp_columns_named(schema, name, strlen(name), index);
	char quoted[64], other[64];
	if (found == 1)
		return 0;
	struct sdp_suggestion near = sdp_suggest_for(name, strlen(name));
	for (size_t i = 0; i < schema->count; i++)
		sdp_suggest_try(&near, schema->columns[i].name);
	sdp_quote(quoted, sizeof quoted, name, strlen(name));
	if (found)
		return sdp_fail(err, SDP_DATA,
				"%s: more than one column is named %s, which the model uses", file,
				quoted);
	if (near.name)
		return sdp_fail(err, SDP_DATA,
				"%s: there is no column %s, which the model uses, but %s%s", file,
				quoted,
				sdp_quote(other, sizeof other, near.name, strlen(near.name)),
				of_pdf(schema));
	return sdp_fail(err, SDP_DATA, "%s: there is no column %s, which the model uses%s", file,
			quoted, of_pdf(schema));
}

const char *sdp_columns_word(const struct sdp_schema *schema, size_t column, const char *suffix,
			     char out[SDP_COLUMNS_WORD])
{
	const char *name = schema->columns[column].name;
	char text[SDP_COLUMNS_NAME + 21];
	size_t length = strlen(name), index;
	bool plain = length > 0 && length < SDP_COLUMNS_NAME && *name != '/' &&
		     !strpbrk(name, ",=") && look_up(schema, name, length, &index) == 1;
	if (plain && sdp_utf8_all_shown(name, length))
		snprintf(text, sizeof text, "%s%s", name, suffix);
	else
		snprintf(text, sizeof text, "%zu%s", column + 1, suffix);
	return sdp_shell_quote(out, SDP_COLUMNS_WORD, text);
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

/* A pattern that takes longer to match one name is refused: some milliseconds. */
enum { MATCH_STEPS = 100000, MATCH_KIBIBYTES = 1 << 14 };

struct pattern {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
};

static void release_pattern(struct pattern *p)
{
	pcre2_match_data_free(p->data);
	pcre2_match_context_free(p->limits);
	pcre2_code_free(p->code);
}

static int fail_pattern(const char *text, size_t length, const char *why, struct sdp_err *err)
{
	char quoted[64];
	return sdp_fail(err, SDP_USAGE, "regular expression %s: %s",
			sdp_quote(quoted, sizeof quoted, text, length), why);
}

static int compile(struct pattern *p, const char *text, size_t length, struct sdp_err *err)
{
	int fault;
	PCRE2_SIZE at;
	PCRE2_UCHAR reason[120];
	p->code = pcre2_compile((PCRE2_SPTR)text, length, PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C,
				&fault, &at, NULL);
	if (!p->code && fault == PCRE2_ERROR_HEAP_FAILED)
		return sdp_fail_memory(err);
	if (!p->code) {
		char why[160];
		pcre2_get_error_message(fault, reason, sizeof reason);
		snprintf(why, sizeof why, "%s, at byte %zu", (const char *)reason, (size_t)at + 1);
		return fail_pattern(text, length, why, err);
	}
	p->data = pcre2_match_data_create(1, NULL);
	p->limits = pcre2_match_context_create(NULL);
	if (!p->data || !p->limits)
		return sdp_fail_memory(err);
	pcre2_set_match_limit(p->limits, MATCH_STEPS);
	pcre2_set_depth_limit(p->limits, MATCH_STEPS);
	pcre2_set_heap_limit(p->limits, MATCH_KIBIBYTES);
	return 0;
}

/* Returns 1 if the name matches, 0 if it does not, or -1. */
static int match(const struct pattern *p, const char *text, size_t length, const char *name,
		 struct sdp_err *err)
{
	char why[160], quoted[64];
	PCRE2_UCHAR reason[120];
	int rc = pcre2_match(p->code, (PCRE2_SPTR)name, strlen(name), 0, 0, p->data, p->limits);
	if (sdp_interrupted)
		return sdp_fail(err, SDP_SYSTEM, "interrupted");
	if (rc >= 0 || rc == PCRE2_ERROR_NOMATCH)
		return rc >= 0;
	if (rc == PCRE2_ERROR_NOMEMORY)
		return sdp_fail_memory(err);
	bool steps = rc == PCRE2_ERROR_MATCHLIMIT || rc == PCRE2_ERROR_DEPTHLIMIT ||
		     rc == PCRE2_ERROR_HEAPLIMIT;
	if (!steps)
		pcre2_get_error_message(rc, reason, sizeof reason);
	snprintf(why, sizeof why, "matching %s %s",
		 sdp_quote(quoted, sizeof quoted, name, strlen(name)),
		 steps ? "takes too many steps" : (const char *)reason);
	return fail_pattern(text, length, why, err);
}

static int choose_matching(struct choice *c, const char *text, size_t length, struct sdp_err *err)
{
	struct pattern pattern = {0};
	bool any = false;
	int rc = compile(&pattern, text, length, err);
	for (size_t i = 0; rc >= 0 && i < c->schema->count; i++) {
		rc = match(&pattern, text, length, c->schema->columns[i].name, err);
		if (rc > 0)
			choose(c, i);
		any |= rc > 0;
	}
	release_pattern(&pattern);
	if (rc >= 0 && !any)
		return sdp_fail(err, SDP_DATA, "no column matches /%.*s/%s", (int)length, text,
				of_pdf(c->schema));
	return rc < 0 ? -1 : 0;
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

/* Returns the hyphen of a text such as "3-6" that would be a range with a colon, or NULL. */
static const char *hyphen_of_range(const struct sdp_schema *schema, const char *text, size_t length)
{
	size_t first, last;
	for (size_t i = 1; i + 1 < length; i++)
		if (text[i] == '-' && look_up(schema, text, i, &first) == 1 &&
		    look_up(schema, text + i + 1, length - i - 1, &last) == 1 && first <= last)
			return text + i;
	return NULL;
}

static int choose_one(struct choice *c, const char *text, size_t length, struct sdp_err *err)
{
	size_t index;
	char quoted[64];
	const char *colon = memchr(text, ':', length);
	/* The name of a column may contain a colon. */
	if (colon && !sdp_columns_has(c->schema, text, length))
		return choose_range(c, text, length, colon, err);
	const char *hyphen = sdp_columns_has(c->schema, text, length)
				     ? NULL
				     : hyphen_of_range(c->schema, text, length);
	if (hyphen)
		return sdp_fail(err, SDP_DATA,
				"no column %s among the %zu, did you mean the range %.*s:%.*s?",
				sdp_quote(quoted, sizeof quoted, text, length), c->schema->count,
				(int)(hyphen - text), text, (int)(text + length - hyphen - 1),
				hyphen + 1);
	if (sdp_columns_find(c->schema, text, length, &index, err) < 0)
		return -1;
	choose(c, index);
	return 0;
}

bool sdp_columns_is_item(const char *name, const char *array, bool *within)
{
	size_t length = strlen(array), digits;
	*within = false;
	if (strncmp(name, array, length) != 0 || name[length] != '.')
		return false;
	digits = strspn(name += length + 1, "0123456789");
	*within = name[digits] == '.';
	return digits > 0 && (*within || name[digits] == '\0');
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
