/* Parses the expression of --where by recursive descent; the grammar is in sdp-csv(5). */
#include "table/where_private.h"

#include "base/suggest.h"
#include "base/utf8.h"
#include "sdp/mem.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum token_kind {
	TOKEN_END,
	TOKEN_NUMBER,
	TOKEN_STRING,
	TOKEN_NAME,   /* also keywords and functions */
	TOKEN_BRACED, /* ${name} */
	TOKEN_SIGN,   /* an operator, a parenthesis or a comma */
};

struct token {
	enum token_kind kind;
	size_t at, length;
};

struct parser {
	struct sdp_where *where;
	struct sdp_err *err;
	const char *text;
	struct token token; /* the next one */
	struct token previous;
	int depth;
};

typedef struct sdp_where_node *rule(struct parser *p);

/* ---- tokens ---- */

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (unsigned char)c >= 0x80;
}

static bool is_space(char c)
{
	return sdp_is_blank(c) || c == '\n' || c == '\r';
}

static size_t digits_at(const char *s)
{
	return strspn(s, "0123456789");
}

/* Returns the length of the number at the start of a text, 0 if there is none. */
static size_t number_length(const char *s)
{
	size_t whole = digits_at(s), n = whole, fraction = 0;
	if (s[n] == '.') {
		fraction = digits_at(s + n + 1);
		n += 1 + fraction;
	}
	if (whole + fraction == 0)
		return 0;
	if (s[n] == 'e' || s[n] == 'E') {
		size_t sign = s[n + 1] == '+' || s[n + 1] == '-';
		size_t exponent = digits_at(s + n + 1 + sign);
		if (exponent)
			n += 1 + sign + exponent;
	}
	return n;
}

/*
 * Returns the length of a text that begins after `open` bytes and ends with the byte end; two of
 * these stand for one. Returns 0 if the end is missing.
 */
static size_t enclosed_length(const char *s, size_t open, char end)
{
	for (size_t i = open; s[i]; i++)
		if (s[i] == end && s[++i] != end)
			return i;
	return 0;
}

static size_t sign_length(const char *s)
{
	static const char *const signs[] = {"==", "!=", "<=", ">=", "=~", "!~", "<",
					    ">",  "(",  ")",  ",",  "+",  "-",  "*"};
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (strncmp(s, signs[i], strlen(signs[i])) == 0)
			return strlen(signs[i]);
	return 0;
}

/* Fails at a byte that begins no token, with what was probably meant. */
static int fail_byte(struct parser *p, size_t at)
{
	char quoted[64];
	const char *meant = sdp_where_sign_meant(p->text + at);
	if (meant)
		return sdp_where_fail_at(p->where, at, p->err, SDP_USAGE, "%s", meant);
	return sdp_where_fail_at(p->where, at, p->err, SDP_USAGE, "%s has no meaning here",
				 sdp_quote(quoted, sizeof quoted, p->text + at, 1));
}

/* Reads the next token. */
static int advance(struct parser *p)
{
	size_t at = p->token.at + p->token.length, n;
	while (is_space(p->text[at]))
		at++;
	const char *s = p->text + at;
	p->previous = p->token;
	p->token = (struct token){TOKEN_END, at, 0};
	if (*s == '\0')
		return 0;

	if (strncmp(s, "${", 2) == 0) {
		p->token = (struct token){TOKEN_BRACED, at, enclosed_length(s, 2, '}')};
		return p->token.length ? 0
				       : sdp_where_fail_at(p->where, at, p->err, SDP_USAGE,
							   "the } of a name in ${ is missing");
	}
	if (*s == '\'') {
		p->token = (struct token){TOKEN_STRING, at, enclosed_length(s, 1, '\'')};
		return p->token.length
			       ? 0
			       : sdp_where_fail_at(p->where, at, p->err, SDP_USAGE,
						   "the ' at the end of a string is missing");
	}
	if ((n = number_length(s)) > 0) {
		p->token = (struct token){TOKEN_NUMBER, at, n};
		return is_name_byte(s[n]) || s[n] == '.'
			       ? sdp_where_fail_at(p->where, at, p->err, SDP_USAGE,
						   "not a number; the name of a column that begins "
						   "with a digit is written in ${...}")
			       : 0;
	}
	while (is_name_byte(s[n]) || (n && (sdp_is_digit(s[n]) || s[n] == '.')))
		n++;
	p->token = (struct token){TOKEN_NAME, at, n};
	if (n == 0)
		p->token = (struct token){TOKEN_SIGN, at, sign_length(s)};
	return p->token.length && (n || !sdp_where_sign_meant(s)) ? 0 : fail_byte(p, at);
}

/* Fails at the next token. Returns NULL. */
static void *fail_here(struct parser *p, const char *message)
{
	sdp_where_fail_at(p->where, p->token.at, p->err, SDP_USAGE, "%s", message);
	return NULL;
}

static bool is_sign(const struct parser *p, const char *sign)
{
	return p->token.kind == TOKEN_SIGN && p->token.length == strlen(sign) &&
	       strncmp(p->text + p->token.at, sign, p->token.length) == 0;
}

static bool is_word(const struct parser *p, const char *word)
{
	return p->token.kind == TOKEN_NAME && p->token.length == strlen(word) &&
	       strncasecmp(p->text + p->token.at, word, p->token.length) == 0;
}

/* Takes the next token if it is this word. Returns 1 if so, 0 if not, or -1. */
static int take_word(struct parser *p, const char *word)
{
	return !is_word(p, word) ? 0 : advance(p) < 0 ? -1 : 1;
}

static bool is_keyword(const struct parser *p)
{
	static const char *const words[] = {"and", "or", "not", "in", "between", "is", "null"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (is_word(p, words[i]))
			return true;
	return false;
}

static const struct function {
	const char *name;
	enum sdp_where_kind kind;
} functions[] = {
	{"length", SDP_WHERE_LENGTH}, {"lower", SDP_WHERE_LOWER},     {"upper", SDP_WHERE_UPPER},
	{"year", SDP_WHERE_YEAR},     {"month", SDP_WHERE_MONTH},     {"day", SDP_WHERE_DAY},
	{"hour", SDP_WHERE_HOUR},     {"weekday", SDP_WHERE_WEEKDAY},
};

enum { FUNCTIONS = sizeof functions / sizeof *functions };

/* Returns the function of this name, in any case; NULL if there is none. */
static const struct function *find_function(const char *name, size_t length)
{
	for (size_t i = 0; i < FUNCTIONS; i++)
		if (strlen(functions[i].name) == length &&
		    strncasecmp(functions[i].name, name, length) == 0)
			return &functions[i];
	return NULL;
}

/* Returns the function that the token before the next one names; NULL if it names none. */
static const char *function_before(const struct parser *p)
{
	const struct function *f =
		p->previous.kind == TOKEN_NAME
			? find_function(p->text + p->previous.at, p->previous.length)
			: NULL;
	return f ? f->name : NULL;
}

/*
 * Fails at the next token, before which an operator, or what else is wanted there, is missing, with
 * what was probably meant.
 */
static int fail_operator(struct parser *p, const char *wanted)
{
	const struct token *t = &p->token, *last = &p->previous;
	const char *function = function_before(p);
	const char *word =
		t->kind == TOKEN_NAME ? sdp_where_word_meant(p->text + t->at, t->length) : NULL;
	char meant[100] = "";
	if (word)
		snprintf(meant, sizeof meant, "; %s", word);
	else if (last->kind == TOKEN_STRING && t->at == last->at + last->length)
		snprintf(meant, sizeof meant, "; a quote in a string is written ''");
	else if (last->kind == TOKEN_NUMBER && is_sign(p, ","))
		snprintf(meant, sizeof meant, "; a number has no commas");
	else if (function)
		snprintf(meant, sizeof meant, "; the argument of %s is in parentheses", function);
	return sdp_where_fail_at(p->where, t->at, p->err, SDP_USAGE, "%s before this%s", wanted,
				 meant);
}

/* Takes the next token, which must be the parenthesis after what is complete. */
static int expect_end(struct parser *p, const char *of, const char *wanted)
{
	if (is_sign(p, ")"))
		return advance(p);
	if (p->token.kind == TOKEN_END)
		return sdp_where_fail_at(p->where, p->token.at, p->err, SDP_USAGE,
					 "the ) of %s is missing", of);
	return fail_operator(p, wanted);
}

/* ---- nodes ---- */

static struct sdp_where_node *new_node(struct parser *p, enum sdp_where_kind kind, size_t at)
{
	struct sdp_where *w = p->where;
	if (sdp_grow(&w->nodes, &w->capacity, w->count + 1, sizeof(struct sdp_where_node *),
		     p->err) < 0)
		return NULL;
	struct sdp_where_node *node = sdp_alloc(1, sizeof *node, p->err);
	if (!node)
		return NULL;
	node->kind = kind;
	node->at = at;
	node->index = w->count;
	w->nodes[w->count++] = node;
	return node;
}

/* Appends an operand. Returns the node; NULL on failure, also if operand is NULL. */
static struct sdp_where_node *add_operand(struct parser *p, struct sdp_where_node *node,
					  struct sdp_where_node *operand)
{
	size_t capacity = node ? node->capacity : 0;
	if (!node || !operand ||
	    sdp_grow(&node->operands, &capacity, node->count + 1, sizeof(struct sdp_where_node *),
		     p->err) < 0)
		return NULL;
	node->capacity = capacity;
	node->operands[node->count++] = operand;
	size_t end = operand->at + operand->length;
	if (end > node->at + node->length)
		node->length = end - node->at;
	return node;
}

static struct sdp_where_node *new_unary(struct parser *p, enum sdp_where_kind kind, size_t at,
					struct sdp_where_node *operand)
{
	return operand ? add_operand(p, new_node(p, kind, at), operand) : NULL;
}

/* Returns the text of a token without the bytes around it; two ends in it become one. */
static char *unquoted(struct parser *p, size_t before, char end, size_t *length)
{
	char *text =
		sdp_strndup(p->text + p->token.at + before, p->token.length - before - 1, p->err);
	if (!text)
		return NULL;
	size_t n = 0, size = p->token.length - before - 1;
	for (size_t i = 0; i < size; i++) {
		text[n++] = text[i];
		i += text[i] == end;
	}
	text[n] = '\0';
	*length = n;
	return text;
}

/* Makes a leaf of the next token. */
static struct sdp_where_node *take_leaf(struct parser *p, enum sdp_where_kind kind)
{
	struct sdp_where_node *node = new_node(p, kind, p->token.at);
	if (!node)
		return NULL;
	node->length = node->text_length = p->token.length;
	switch (p->token.kind) {
	case TOKEN_STRING:
		node->text = unquoted(p, 1, '\'', &node->text_length);
		break;
	case TOKEN_BRACED:
		node->text = unquoted(p, 2, '}', &node->text_length);
		break;
	default:
		node->text = sdp_strndup(p->text + node->at, node->length, p->err);
	}
	return node->text && advance(p) == 0 ? node : NULL;
}

/* ---- the grammar ---- */

static struct sdp_where_node *parse_expression(struct parser *p);
static struct sdp_where_node *parse_sum(struct parser *p);

/* Counts a level of nesting. Returns whether there are not too many. */
static bool enter(struct parser *p)
{
	if (++p->depth <= SDP_WHERE_DEPTH_MAX)
		return true;
	sdp_where_fail_at(p->where, p->token.at, p->err, SDP_USAGE,
			  "the expression is nested more than %d levels deep", SDP_WHERE_DEPTH_MAX);
	return false;
}

static struct sdp_where_node *fail_function(struct parser *p, const struct sdp_where_node *name)
{
	struct sdp_suggestion near = sdp_suggest_for(name->text, name->text_length);
	char quoted[64];
	for (size_t i = 0; i < FUNCTIONS; i++)
		sdp_suggest_try(&near, functions[i].name);
	const char *meant = sdp_where_word_meant(name->text, name->text_length);
	sdp_quote(quoted, sizeof quoted, name->text, name->text_length);
	if (meant)
		sdp_where_fail(p->where, name, p->err, SDP_USAGE, "no function %s; %s", quoted,
			       meant);
	else if (near.name)
		sdp_where_fail(p->where, name, p->err, SDP_USAGE,
			       "no function %s, did you mean %s?", quoted, near.name);
	else
		sdp_where_fail(p->where, name, p->err, SDP_USAGE,
			       "no function %s; there are length, lower, upper, year, month, day, "
			       "hour, weekday",
			       quoted);
	return NULL;
}

/* Makes a function of its name, and parses what is in parentheses after it. */
static struct sdp_where_node *parse_call(struct parser *p, struct sdp_where_node *name)
{
	const struct function *function = find_function(name->text, name->text_length);
	if (!function)
		return fail_function(p, name);
	if (advance(p) < 0)
		return NULL;
	name->kind = function->kind;
	struct sdp_where_node *node = add_operand(p, name, parse_expression(p));
	size_t end = p->token.at + 1;
	if (node && is_sign(p, ","))
		return fail_here(p, "a function has one argument");
	if (!node || expect_end(p, "a function", "an operator or ) is missing") < 0)
		return NULL;
	node->length = end - node->at;
	return node;
}

static struct sdp_where_node *fail_operand(struct parser *p)
{
	char quoted[64];
	const struct token *t = &p->token;
	sdp_quote(quoted, sizeof quoted, p->text + t->at, t->length);
	if (t->kind == TOKEN_END)
		fail_here(p, "a column or a value is missing at the end");
	else if (is_word(p, "null"))
		fail_here(p, "null is compared by is null or is not null");
	else if (is_sign(p, "+"))
		fail_here(p, "a value has no + before it");
	else
		sdp_where_fail_at(p->where, t->at, p->err, SDP_USAGE,
				  "a column or a value is missing before %s%s", quoted,
				  is_keyword(p) ? "; a column of that name is written in ${...}"
						: "");
	return NULL;
}

static struct sdp_where_node *parse_group(struct parser *p)
{
	size_t at = p->token.at;
	struct sdp_where_node *node = advance(p) < 0 ? NULL : parse_expression(p);
	size_t end = p->token.at + 1;
	if (!node || expect_end(p, "a (", "an operator or ) is missing") < 0)
		return NULL;
	node->at = at;
	node->length = end - at;
	return node;
}

static struct sdp_where_node *parse_leaf(struct parser *p)
{
	struct sdp_where_node *node;
	switch (p->token.kind) {
	case TOKEN_NUMBER:
		return take_leaf(p, SDP_WHERE_NUMBER);
	case TOKEN_STRING:
		return take_leaf(p, SDP_WHERE_STRING);
	case TOKEN_BRACED:
		return take_leaf(p, SDP_WHERE_COLUMN);
	case TOKEN_NAME:
		if (is_keyword(p))
			return fail_operand(p);
		bool truth = is_word(p, "true"), constant = truth || is_word(p, "false");
		node = take_leaf(p, constant ? SDP_WHERE_BOOLEAN : SDP_WHERE_COLUMN);
		if (node)
			node->truth = truth;
		return node && !constant && is_sign(p, "(") ? parse_call(p, node) : node;
	default:
		return is_sign(p, "(") ? parse_group(p) : fail_operand(p);
	}
}

static struct sdp_where_node *parse_unary(struct parser *p)
{
	size_t at = p->token.at;
	struct sdp_where_node *node;
	if (!enter(p))
		return NULL;
	if (!is_sign(p, "-"))
		node = parse_leaf(p);
	else
		node = advance(p) < 0 ? NULL : new_unary(p, SDP_WHERE_NEGATE, at, parse_unary(p));
	p->depth--;
	return node;
}

static struct sdp_where_node *parse_product(struct parser *p)
{
	struct sdp_where_node *node = parse_unary(p), *first = node;
	while (node && is_sign(p, "*")) {
		if (node == first)
			node = new_unary(p, SDP_WHERE_MULTIPLY, first->at, first);
		node = node && advance(p) == 0 ? add_operand(p, node, parse_unary(p)) : NULL;
	}
	return node;
}

static struct sdp_where_node *parse_sum(struct parser *p)
{
	struct sdp_where_node *node = parse_product(p), *first = node;
	while (node && (is_sign(p, "+") || is_sign(p, "-"))) {
		size_t at = p->token.at;
		bool minus = is_sign(p, "-");
		if (node == first)
			node = new_unary(p, SDP_WHERE_ADD, first->at, first);
		if (!node || advance(p) < 0)
			return NULL;
		struct sdp_where_node *term = parse_product(p);
		if (minus)
			term = new_unary(p, SDP_WHERE_NEGATE, at, term);
		node = add_operand(p, node, term);
	}
	return node;
}

/* Parses the rest of "a in (b, c)". */
static struct sdp_where_node *parse_in(struct parser *p, struct sdp_where_node *left)
{
	struct sdp_where_node *node = new_unary(p, SDP_WHERE_IN, left->at, left);
	if (node && !is_sign(p, "("))
		return fail_here(p, "after in comes a list in parentheses, as (1, 2)");
	if (!node || advance(p) < 0)
		return NULL;
	while ((node = add_operand(p, node, parse_sum(p))) && is_sign(p, ","))
		if (advance(p) < 0)
			return NULL;
	size_t end = p->token.at + 1;
	if (!node || expect_end(p, "the list of in", "a comma or ) is missing") < 0)
		return NULL;
	node->length = end - node->at;
	return node;
}

/* Parses the rest of "a between b and c". */
static struct sdp_where_node *parse_between(struct parser *p, struct sdp_where_node *left)
{
	struct sdp_where_node *node = new_unary(p, SDP_WHERE_BETWEEN, left->at, left);
	node = node ? add_operand(p, node, parse_sum(p)) : NULL;
	if (!node)
		return NULL;
	int there = take_word(p, "and");
	if (there == 0)
		fail_here(p, "the and of between is missing");
	return there > 0 ? add_operand(p, node, parse_sum(p)) : NULL;
}

/* Parses the rest of "a is null". */
static struct sdp_where_node *parse_is(struct parser *p, struct sdp_where_node *left)
{
	int negated = take_word(p, "not");
	size_t end = p->token.at + p->token.length;
	if (negated < 0)
		return NULL;
	int there = take_word(p, "null");
	if (there == 0)
		fail_here(p, "after is comes null or not null; values are compared by == and "
			     "!=");
	struct sdp_where_node *node =
		there > 0 ? new_unary(p, SDP_WHERE_IS_NULL, left->at, left) : NULL;
	left->any_type = true;
	if (node)
		node->length = end - node->at;
	return negated ? new_unary(p, SDP_WHERE_NOT, left->at, node) : node;
}

/* Parses the rest of "a =~ 'pattern'". */
static struct sdp_where_node *parse_match(struct parser *p, struct sdp_where_node *left)
{
	size_t at = p->token.at + p->token.length;
	while (is_space(p->text[at]))
		at++;
	/* What is no string need not be a token: /pattern/. */
	if (p->text[at] != '\'') {
		sdp_where_fail_at(p->where, at, p->err, SDP_USAGE,
				  "a regular expression is a string in single quotes");
		return NULL;
	}
	if (advance(p) < 0)
		return NULL;
	struct sdp_where_node *node = new_unary(p, SDP_WHERE_MATCH, left->at, left);
	return node ? add_operand(p, node, take_leaf(p, SDP_WHERE_STRING)) : NULL;
}

static const struct comparison {
	const char *sign;
	enum sdp_where_kind kind;
	bool negated;
} comparisons[] = {
	{"==", SDP_WHERE_EQUAL, false},  {"!=", SDP_WHERE_UNEQUAL, false},
	{"<", SDP_WHERE_LESS, false},    {"<=", SDP_WHERE_AT_MOST, false},
	{">", SDP_WHERE_GREATER, false}, {">=", SDP_WHERE_AT_LEAST, false},
	{"=~", SDP_WHERE_MATCH, false},  {"!~", SDP_WHERE_MATCH, true},
};

static const struct comparison *comparison_at(const struct parser *p)
{
	for (size_t i = 0; i < sizeof comparisons / sizeof *comparisons; i++)
		if (is_sign(p, comparisons[i].sign))
			return &comparisons[i];
	return NULL;
}

static struct sdp_where_node *parse_comparison(struct parser *p, struct sdp_where_node *left)
{
	const struct comparison *c = comparison_at(p);
	struct sdp_where_node *node;
	if (c->kind == SDP_WHERE_MATCH) {
		node = parse_match(p, left);
	} else if (advance(p) < 0) {
		return NULL;
	} else {
		struct sdp_where_node *right = parse_sum(p);
		node = right ? new_unary(p, c->kind, left->at, left) : NULL;
		node = node ? add_operand(p, node, right) : NULL;
	}
	if (node && c->negated)
		node = new_unary(p, SDP_WHERE_NOT, left->at, node);
	if (node && comparison_at(p))
		return fail_here(p, "a comparison cannot be continued; join two by and");
	return node;
}

/* Fails after "a not", which neither in nor between follows. */
static void fail_negated(struct parser *p)
{
	const char *word = p->token.kind == TOKEN_NAME
				   ? sdp_where_word_meant(p->text + p->token.at, p->token.length)
				   : NULL;
	if (is_word(p, "null"))
		word = "not null is written is not null";
	else if (!word)
		word = "not of a comparison is written before the whole of it";
	sdp_where_fail_at(p->where, p->token.at, p->err, SDP_USAGE,
			  "after not comes in or between here; %s", word);
}

static struct sdp_where_node *parse_test(struct parser *p)
{
	struct sdp_where_node *node = parse_sum(p);
	if (!node)
		return NULL;
	if (comparison_at(p))
		return parse_comparison(p, node);
	int is = take_word(p, "is");
	if (is)
		return is < 0 ? NULL : parse_is(p, node);
	size_t at = node->at;
	int negated = take_word(p, "not"), in = negated < 0 ? -1 : take_word(p, "in"),
	    between = in ? 0 : take_word(p, "between");
	if (negated < 0 || in < 0 || between < 0)
		return NULL;
	if (in || between)
		node = in ? parse_in(p, node) : parse_between(p, node);
	else if (negated)
		fail_negated(p);
	if (!negated)
		return node;
	return in || between ? new_unary(p, SDP_WHERE_NOT, at, node) : NULL;
}

static struct sdp_where_node *parse_not(struct parser *p)
{
	size_t at = p->token.at;
	if (!is_word(p, "not"))
		return parse_test(p);
	if (!enter(p) || advance(p) < 0)
		return NULL;
	struct sdp_where_node *node = new_unary(p, SDP_WHERE_NOT, at, parse_not(p));
	p->depth--;
	return node;
}

/* Parses one or more parts that this word joins. */
static struct sdp_where_node *parse_joined(struct parser *p, rule *part, const char *word,
					   enum sdp_where_kind kind)
{
	struct sdp_where_node *node = part(p), *first = node;
	int more = 0;
	while (node && (more = take_word(p, word)) > 0) {
		if (node == first)
			node = new_unary(p, kind, first->at, first);
		node = node ? add_operand(p, node, part(p)) : NULL;
	}
	return more < 0 ? NULL : node;
}

static struct sdp_where_node *parse_and(struct parser *p)
{
	return parse_joined(p, parse_not, "and", SDP_WHERE_AND);
}

static struct sdp_where_node *parse_expression(struct parser *p)
{
	return parse_joined(p, parse_and, "or", SDP_WHERE_OR);
}

/* ---- the whole ---- */

static struct sdp_where_node *parse_whole(struct parser *p)
{
	if (p->token.kind == TOKEN_END) {
		sdp_fail(p->err, SDP_USAGE, "--where: the expression is empty");
		return NULL;
	}
	struct sdp_where_node *root = parse_expression(p);
	if (!root || p->token.kind == TOKEN_END)
		return root;
	if (is_sign(p, ")"))
		fail_here(p, "the ( of this ) is missing");
	else
		fail_operator(p, "an operator is missing");
	return NULL;
}

struct sdp_where *sdp_where_parse(const char *text, struct sdp_err *err)
{
	struct sdp_where *where = sdp_alloc(1, sizeof *where, err);
	if (!where)
		return NULL;
	where->text = text;
	struct parser p = {.where = where, .err = err, .text = text};
	size_t length = strlen(text), valid = sdp_utf8_valid(text, length);
	if (length > SDP_WHERE_BYTES_MAX)
		sdp_fail(err, SDP_USAGE,
			 "--where: the expression has %zu bytes, at most %d are allowed", length,
			 SDP_WHERE_BYTES_MAX);
	else if (valid < length)
		sdp_where_fail_at(where, valid, err, SDP_USAGE, "this is not valid UTF-8");
	else if (advance(&p) == 0)
		where->root = parse_whole(&p);
	if (where->root && sdp_where_check_types(where, NULL, SDP_USAGE, err) == 0)
		return where;
	sdp_where_free(where);
	return NULL;
}
