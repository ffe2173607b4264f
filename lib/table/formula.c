/* Parses the terms of a regression. */
#include "table/formula.h"

#include "sdp/buf.h"
#include "sdp/columns.h"
#include "sdp/mem.h"

#include <string.h>

void sdp_formula_free(struct sdp_term *terms, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free((void *)terms[i].name);
	free(terms);
}

bool sdp_term_needs_number(const struct sdp_term *term, size_t k)
{
	bool repeated = false;
	for (size_t i = 0; i < term->degree; i++)
		repeated |= i != k && term->factor[i] == term->factor[k];
	return repeated || term->kind == SDP_TERM_LOG || term->kind == SDP_TERM_SQRT;
}

static void trim(const char **text, size_t *length)
{
	for (; *length && **text == ' '; ++*text)
		--*length;
	while (*length && (*text)[*length - 1] == ' ')
		--*length;
}

/* Removes blanks around the name of a column, unless they are part of the name. */
static void trim_name(const struct sdp_schema *schema, const char **text, size_t *length)
{
	if (!sdp_columns_has(schema, *text, *length))
		trim(text, length);
}

/* Returns the argument of "function(…)", or NULL if the text is something else. */
static const char *argument(const char *text, size_t length, const char *function, size_t *inner)
{
	size_t n = strlen(function);
	if (length < n + 2 || memcmp(text, function, n) != 0 || text[n] != '(' ||
	    text[length - 1] != ')')
		return NULL;
	*inner = length - n - 2;
	return text + n + 1;
}

static bool is_function(const char *text, size_t length)
{
	size_t inner;
	return argument(text, length, "log", &inner) || argument(text, length, "sqrt", &inner);
}

static bool is_one_of(char c, const char *characters)
{
	return c != '\0' && strchr(characters, c);
}

/* Returns whether a text calls a function, as in "exp(a)" or "poly(a". */
static bool has_call(const char *text, size_t length)
{
	for (size_t i = 1; i < length; i++)
		if (text[i] == '(' && !is_one_of(text[i - 1], " +-*/^("))
			return true;
	return false;
}

/*
 * Returns whether a text that is no column is meant as an expression: it calls a function, or it
 * has an operator and the name of a column beside it. A number is no name here.
 */
static bool is_expression(const struct sdp_schema *schema, const char *text, size_t length)
{
	static const char operators[] = "+-*/^()%|~<>=!&";
	bool operator= false, name = has_call(text, length);
	for (size_t from = 0, to; from <= length && !(operator&& name); from = to + 1) {
		for (to = from; to < length && !is_one_of(text[to], operators) && text[to] != ':';)
			to++;
		operator|= to<length && text[to] != ':';
		const char *part = text + from;
		size_t n = to - from;
		trim(&part, &n);
		name |= n && !is_one_of(*part, "0123456789") && sdp_columns_has(schema, part, n);
	}
	return operator&& name;
}

/*
 * Finds the column of a factor or a function. Returns 1 if the text is an expression that is no
 * term, or empty.
 */
static int find_column(const struct sdp_schema *schema, const char *text, size_t length,
		       size_t *index, struct sdp_err *err)
{
	if (!sdp_columns_has(schema, text, length) &&
	    (length == 0 || memchr(text, '*', length) || memchr(text, ',', length) ||
	     is_expression(schema, text, length)))
		return 1;
	return sdp_columns_find(schema, text, length, index, err);
}

/* Parses a factor of a product: a column or a power of one. Returns 1 as find_column does. */
static int parse_factor(const struct sdp_schema *schema, const char *text, size_t length,
			struct sdp_term *term, struct sdp_buf *name, struct sdp_err *err)
{
	size_t power = 1, index, at = length;
	char quoted[64];
	trim_name(schema, &text, &length);
	for (at = length; at > 0 && text[at - 1] >= '0' && text[at - 1] <= '9'; at--)
		;
	if (at > 0 && at < length && text[at - 1] == '^' &&
	    !sdp_columns_has(schema, text, length)) {
		power = 0;
		for (size_t i = at; i < length && power <= SDP_TERM_DEGREE; i++)
			power = power * 10 + (size_t)(text[i] - '0');
		length = at - 1;
		trim_name(schema, &text, &length);
	}
	sdp_quote(quoted, sizeof quoted, text, length);
	if (!sdp_columns_has(schema, text, length) && is_function(text, length))
		return sdp_fail(
			err, SDP_USAGE,
			"products and powers are of columns, not of %s: the terms are " SDP_TERMS,
			quoted);
	int rc = find_column(schema, text, length, &index, err);
	if (rc != 0)
		return rc;
	if (power == 0)
		return sdp_fail(err, SDP_USAGE, "the power 0 of %s is a constant", quoted);
	if (term->degree + power > SDP_TERM_DEGREE)
		return sdp_fail(err, SDP_USAGE, "a term of degree over %d, at %s", SDP_TERM_DEGREE,
				quoted);
	if ((term->degree && sdp_buf_add_text(name, "*", err) < 0) ||
	    sdp_buf_add_text(name, schema->columns[index].name, err) < 0 ||
	    (power > 1 && sdp_buf_format(name, err, "^%zu", power) < 0))
		return -1;
	while (power--)
		term->factor[term->degree++] = index;
	return 0;
}

/*
 * Returns the length of the first factor, which ends before a * that is not part of the name of a
 * column.
 */
static size_t factor_length(const struct sdp_schema *schema, const char *text, size_t length)
{
	size_t shortest = 0;
	for (size_t i = 0; i <= length; i++) {
		if (i < length && text[i] != '*')
			continue;
		if (!shortest)
			shortest = i;
		const char *t = text;
		size_t n = i;
		trim_name(schema, &t, &n);
		if (sdp_columns_has(schema, t, n))
			return i;
	}
	return shortest;
}

static int parse_product(const struct sdp_schema *schema, const char *text, size_t length,
			 struct sdp_term *term, struct sdp_buf *name, struct sdp_err *err)
{
	for (;;) {
		size_t n = factor_length(schema, text, length);
		int rc = parse_factor(schema, text, n, term, name, err);
		if (rc != 0)
			return rc;
		if (n == length)
			break;
		text += n + 1;
		length -= n + 1;
	}
	term->kind = term->degree > 1 ? SDP_TERM_PRODUCT : SDP_TERM_COLUMN;
	return 0;
}

static int parse_function(const struct sdp_schema *schema, const char *text, size_t length,
			  enum sdp_term_kind kind, struct sdp_term *term, struct sdp_buf *name,
			  struct sdp_err *err)
{
	trim_name(schema, &text, &length);
	int rc = find_column(schema, text, length, &term->factor[0], err);
	if (rc != 0)
		return rc;
	term->kind = kind;
	term->degree = 1;
	return sdp_buf_format(name, err, "%s(%s)", kind == SDP_TERM_LOG ? "log" : "sqrt",
			      schema->columns[term->factor[0]].name);
}

int sdp_term_parse(const struct sdp_schema *schema, const char *text, size_t length,
		   struct sdp_term *term, struct sdp_err *err)
{
	struct sdp_buf name = {0};
	const char *inner;
	char quoted[64];
	size_t n;
	int rc;
	*term = (struct sdp_term){0};
	trim_name(schema, &text, &length);
	if (sdp_columns_has(schema, text, length))
		rc = parse_factor(schema, text, length, term, &name, err);
	else if ((inner = argument(text, length, "log", &n)))
		rc = parse_function(schema, inner, n, SDP_TERM_LOG, term, &name, err);
	else if ((inner = argument(text, length, "sqrt", &n)))
		rc = parse_function(schema, inner, n, SDP_TERM_SQRT, term, &name, err);
	else
		rc = parse_product(schema, text, length, term, &name, err);
	if (rc > 0)
		rc = sdp_fail(err, SDP_USAGE,
			      "%s is neither a column nor a term: the terms are " SDP_TERMS,
			      sdp_quote(quoted, sizeof quoted, text, length));
	if (rc < 0)
		sdp_buf_release(&name);
	term->name = name.data;
	return rc;
}

/* Returns whether the text is a range of columns, either end of which may be missing. */
static bool is_range(const struct sdp_schema *schema, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] == ':' && (i == 0 || sdp_columns_has(schema, text, i)) &&
		    (i + 1 == length || sdp_columns_has(schema, text + i + 1, length - i - 1)))
			return true;
	return false;
}

/* Returns whether the text looks like a term, not like a range or a regular expression. */
static bool looks_like_term(const struct sdp_schema *schema, const char *text, size_t length)
{
	if (sdp_columns_has(schema, text, length) ||
	    (length > 1 && *text == '/' && text[length - 1] == '/'))
		return false;
	return memchr(text, '*', length) || memchr(text, '^', length) ||
	       is_function(text, length) ||
	       (!is_range(schema, text, length) && is_expression(schema, text, length));
}

/*
 * Returns the length of an element of a list that is a term. A comma in the parentheses of a call
 * does not end it, so that a message shows the call as a whole.
 */
static size_t term_length(const char *text, size_t length)
{
	const char *open = memchr(text, '(', length), *end;
	if (!open || memchr(open, ')', (size_t)(text + length - open)) ||
	    !(end = strchr(open, ')')))
		return length;
	return (size_t)(end - text) + sdp_columns_element(end);
}

struct list {
	struct sdp_term *terms;
	size_t count, capacity;
};

static bool same_term(const struct sdp_term *a, const struct sdp_term *b)
{
	return a->kind == b->kind && a->degree == b->degree &&
	       memcmp(a->factor, b->factor, a->degree * sizeof *a->factor) == 0;
}

/* Appends a term to the list, which then owns its name. */
static int append(struct list *list, const struct sdp_term *term, struct sdp_err *err)
{
	for (size_t i = 0; i < list->count; i++)
		if (same_term(&list->terms[i], term)) {
			free((void *)term->name);
			return 0;
		}
	if (sdp_grow(&list->terms, &list->capacity, list->count + 1, sizeof *term, err) < 0) {
		free((void *)term->name);
		return -1;
	}
	list->terms[list->count++] = *term;
	return 0;
}

static int refuse_target(const struct sdp_schema *schema, size_t except, struct sdp_err *err)
{
	return sdp_fail(err, SDP_USAGE, "column '%s' is the target and cannot be a feature",
			schema->columns[except].name);
}

static int add_term(struct list *list, const struct sdp_schema *schema, const char *text,
		    size_t length, size_t except, struct sdp_err *err)
{
	struct sdp_term term;
	if (sdp_term_parse(schema, text, length, &term, err) < 0)
		return -1;
	for (size_t i = 0; i < term.degree; i++)
		if (term.factor[i] == except) {
			free((void *)term.name);
			return refuse_target(schema, except, err);
		}
	return append(list, &term, err);
}

static int add_columns(struct list *list, const struct sdp_schema *schema, const char *text,
		       size_t length, size_t except, struct sdp_err *err)
{
	size_t *indices, count;
	char *element = sdp_strndup(text, length, err);
	int rc = element ? sdp_columns_select(schema, element, &indices, &count, err) : -1;
	free(element);
	if (rc < 0)
		return -1;
	if (count == 1 && indices[0] == except)
		rc = refuse_target(schema, except, err);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		const char *name = schema->columns[indices[i]].name;
		struct sdp_term term = {.degree = 1, .factor = {indices[i]}};
		if (indices[i] == except)
			continue;
		term.name = sdp_strndup(name, strlen(name), err);
		rc = term.name ? append(list, &term, err) : -1;
	}
	free(indices);
	return rc;
}

int sdp_formula_parse(const struct sdp_schema *schema, const char *text, size_t except,
		      struct sdp_term **terms, size_t *count, struct sdp_err *err)
{
	struct list list = {0};
	for (const char *p = text;; p++) {
		size_t n = sdp_columns_element(p);
		bool term = looks_like_term(schema, p, n);
		if (term)
			n = term_length(p, n);
		if ((term ? add_term : add_columns)(&list, schema, p, n, except, err) < 0) {
			sdp_formula_free(list.terms, list.count);
			return -1;
		}
		p += n;
		if (*p == '\0')
			break;
	}
	*terms = list.terms;
	*count = list.count;
	return 0;
}
