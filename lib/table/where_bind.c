/* Finds the columns of an expression of --where, checks its types, and makes its messages. */
#include "table/where_private.h"

#include "base/utf8.h"
#include "sdp/columns.h"
#include "sdp/mem.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- messages ---- */

enum {
	EXCERPT_BEFORE = 40, /* columns of the excerpt before the caret */
	EXCERPT_AFTER = 36,
};

/* Returns the length of the character at s, and sets the columns that it takes in the excerpt. */
static size_t shown(const char *s, size_t length, int *width)
{
	size_t n = sdp_utf8_shown(s, length);
	*width = n ? sdp_utf8_width(s, n) : 1;
	return n ? n : 1;
}

/* Appends the characters of a range to the excerpt; those that are not shown are blanks. */
static size_t add_range(char *out, size_t o, size_t size, const char *text, size_t from, size_t to)
{
	for (size_t i = from, n; i < to; i += n) {
		int width;
		n = shown(text + i, to - i, &width);
		if (o + n >= size)
			break;
		if (sdp_utf8_shown(text + i, to - i))
			memcpy(out + o, text + i, n);
		else
			out[o] = ' ';
		o += n;
	}
	return o;
}

/* Writes "  …text near the part…", and a caret below the byte at this offset. */
static void write_excerpt(const struct sdp_where *where, size_t at, char *out, size_t size)
{
	const char *text = where->text;
	size_t length = strlen(text), from = 0, to = at;
	int before = 0, after = 0, width;
	for (size_t i = 0; i < at;) {
		i += shown(text + i, length - i, &width);
		before += width;
	}
	while (before > EXCERPT_BEFORE) {
		from += shown(text + from, length - from, &width);
		before -= width;
	}
	while (to < length && after < EXCERPT_AFTER) {
		to += shown(text + to, length - to, &width);
		after += width;
	}
	size_t room = size - EXCERPT_BEFORE - 12;
	size_t o = (size_t)snprintf(out, room, "  %s", from ? "…" : "");
	o = add_range(out, o, room, text, from, to);
	snprintf(out + o, size - o, "%s\n%*s^", to < length ? "…" : "", before + 2 + (from > 0),
		 "");
}

static int fail(const struct sdp_where *where, size_t at, struct sdp_err *err, enum sdp_code code,
		const char *format, va_list ap) __attribute__((format(printf, 5, 0)));

static int fail(const struct sdp_where *where, size_t at, struct sdp_err *err, enum sdp_code code,
		const char *format, va_list ap)
{
	char text[600];
	sdp_format(text, sizeof text, format, ap);
	sdp_fail(err, code, "--where: %s", text);
	write_excerpt(where, at, err->excerpt, sizeof err->excerpt);
	return -1;
}

int sdp_where_fail_at(const struct sdp_where *where, size_t at, struct sdp_err *err,
		      enum sdp_code code, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	int rc = fail(where, at, err, code, format, ap);
	va_end(ap);
	return rc;
}

int sdp_where_fail(const struct sdp_where *where, const struct sdp_where_node *part,
		   struct sdp_err *err, enum sdp_code code, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	int rc = fail(where, part->at, err, code, format, ap);
	va_end(ap);
	return rc;
}

/* ---- types ---- */

struct check {
	struct sdp_where *where;
	const struct sdp_schema *schema; /* NULL: the columns are not known yet */
	enum sdp_code code;
	struct sdp_err *err;
};

static const char *type_name(enum sdp_where_type type)
{
	static const char *const names[] = {
		[SDP_WHERE_TYPE_UNKNOWN] = "without values",
		[SDP_WHERE_TYPE_BOOLEAN] = "a boolean",
		[SDP_WHERE_TYPE_NUMBER] = "a number",
		[SDP_WHERE_TYPE_STRING] = "a string",
		[SDP_WHERE_TYPE_TIME] = "a time",
	};
	return names[type];
}

static enum sdp_where_type type_of_class(enum sdp_class class)
{
	static const enum sdp_where_type types[] = {
		[SDP_CLASS_TEXT] = SDP_WHERE_TYPE_STRING,
		[SDP_CLASS_BOOLEAN] = SDP_WHERE_TYPE_BOOLEAN,
		[SDP_CLASS_NUMBER] = SDP_WHERE_TYPE_NUMBER,
		[SDP_CLASS_TIME] = SDP_WHERE_TYPE_TIME,
		[SDP_CLASS_NONE] = SDP_WHERE_TYPE_UNKNOWN,
	};
	return types[class];
}

/*
 * Writes the end of a message about a column of another type than the wanted one: which type of
 * --types would make it one.
 */
static const char *type_hint(const struct check *c, const struct sdp_where_node *node,
			     enum sdp_where_type wanted, char *out, size_t size)
{
	char word[SDP_COLUMNS_WORD];
	*out = '\0';
	if (!c->schema || node->kind != SDP_WHERE_COLUMN)
		return out;
	const struct sdp_column *column = &c->schema->columns[node->column];
	if (wanted == SDP_WHERE_TYPE_STRING)
		snprintf(out, size, "; as a string: --types %s",
			 sdp_columns_word(c->schema, node->column, "=string", word));
	else if (!column->fixed && column->guess == SDP_CLASS_TEXT &&
		 type_of_class(column->nearly) == wanted)
		snprintf(out, size,
			 ", though nearly all of its first values are %s; --na, or "
			 "--types %s",
			 wanted == SDP_WHERE_TYPE_NUMBER ? "numbers" : "times",
			 sdp_columns_word(c->schema, node->column,
					  wanted == SDP_WHERE_TYPE_NUMBER ? "=real" : "=datetime",
					  word));
	return out;
}

/* Writes what a node is in a message: "column 'a'", "'text'", "this". */
static const char *describe(const struct sdp_where_node *node, char *out, size_t size)
{
	char quoted[64];
	sdp_quote(quoted, sizeof quoted, node->text ? node->text : "", node->text_length);
	switch (node->kind) {
	case SDP_WHERE_COLUMN:
		snprintf(out, size, "column %s", quoted);
		break;
	case SDP_WHERE_STRING:
		snprintf(out, size, "%s", quoted);
		break;
	default:
		snprintf(out, size, "this");
	}
	return out;
}

/* Reads a string as the time that it is compared with. */
static int read_time(const struct check *c, struct sdp_where_node *node)
{
	char quoted[64];
	int64_t second, fraction;
	node->seen =
		sdp_time_parse(node->text, node->text_length, &second, &fraction, &node->scale);
	if (!node->seen)
		return sdp_where_fail(c->where, node, c->err, c->code,
				      "%s is compared with a time, but is no date and no time, as "
				      "'2024-03-01' or '2024-03-01 12:30'",
				      sdp_quote(quoted, sizeof quoted, node->text,
						node->text_length));
	node->type = SDP_WHERE_TYPE_TIME;
	node->second = second;
	node->fraction = fraction;
	return 0;
}

/* Makes a node have this type, if it can. */
static int want(const struct check *c, struct sdp_where_node *node, enum sdp_where_type type,
		const char *reason)
{
	char name[80], hint[SDP_COLUMNS_WORD + 100];
	if (node->type == type || type == SDP_WHERE_TYPE_UNKNOWN)
		return 0;
	if (node->type == SDP_WHERE_TYPE_UNKNOWN) {
		node->type = type;
		return 0;
	}
	if (node->kind == SDP_WHERE_STRING && type == SDP_WHERE_TYPE_TIME)
		return read_time(c, node);
	return sdp_where_fail(c->where, node, c->err, c->code, "%s is %s, %s is wanted%s%s",
			      describe(node, name, sizeof name), type_name(node->type),
			      type_name(type), reason, type_hint(c, node, type, hint, sizeof hint));
}

/* Gives all operands the same type. */
static int unify(const struct check *c, struct sdp_where_node *node)
{
	enum sdp_where_type type = SDP_WHERE_TYPE_UNKNOWN, literal = SDP_WHERE_TYPE_UNKNOWN;
	const struct sdp_where_node *typed = NULL;
	for (size_t i = 0; i < node->count && !typed; i++) {
		if (node->operands[i]->kind == SDP_WHERE_STRING)
			literal = SDP_WHERE_TYPE_STRING;
		else if (node->operands[i]->type != SDP_WHERE_TYPE_UNKNOWN)
			typed = node->operands[i];
	}
	type = typed ? typed->type : literal;
	/* A column that is not known yet may be one of times. */
	if (!typed && !c->schema)
		return 0;
	if (type == SDP_WHERE_TYPE_UNKNOWN)
		type = SDP_WHERE_TYPE_STRING;
	for (size_t i = 0; i < node->count; i++) {
		char reason[120] = "", name[80];
		if (typed && typed->kind == SDP_WHERE_COLUMN)
			snprintf(reason, sizeof reason, " beside %s",
				 describe(typed, name, sizeof name));
		if (want(c, node->operands[i], type, reason) < 0)
			return -1;
	}
	return 0;
}

static int want_all(const struct check *c, struct sdp_where_node *node, enum sdp_where_type type,
		    const char *reason)
{
	for (size_t i = 0; i < node->count; i++)
		if (want(c, node->operands[i], type, reason) < 0)
			return -1;
	return 0;
}

static int compile_pattern(const struct check *c, struct sdp_where_node *node)
{
	const struct sdp_where_node *text = node->operands[1];
	int fault;
	PCRE2_SIZE at;
	PCRE2_UCHAR reason[120];
	if (node->pattern)
		return 0;
	node->pattern = pcre2_compile((PCRE2_SPTR)text->text, text->text_length,
				      PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &fault, &at, NULL);
	if (node->pattern)
		return 0;
	if (fault == PCRE2_ERROR_HEAP_FAILED)
		return sdp_fail_memory(c->err);
	pcre2_get_error_message(fault, reason, sizeof reason);
	return sdp_where_fail(c->where, text, c->err, SDP_USAGE,
			      "the regular expression is wrong at its byte %zu: %s", (size_t)at + 1,
			      (const char *)reason);
}

static int refuse_booleans(const struct check *c, const struct sdp_where_node *node)
{
	for (size_t i = 0; i < node->count; i++)
		if (node->operands[i]->type == SDP_WHERE_TYPE_BOOLEAN)
			return sdp_where_fail(c->where, node->operands[i], c->err, c->code,
					      "booleans are compared by == and != only");
	return 0;
}

static void set_column(const struct check *c, struct sdp_where_node *node)
{
	const struct sdp_column *column = c->schema ? &c->schema->columns[node->column] : NULL;
	node->type = !column || node->any_type
			     ? SDP_WHERE_TYPE_UNKNOWN
			     : type_of_class(column->fixed ? sdp_type_class(column->type)
							   : column->guess);
}

static int check_number(const struct check *c, struct sdp_where_node *node)
{
	sdp_number_parse_padded(node->text, node->text_length, '.', NULL, &node->number);
	return node->number.kind != SDP_NUMBER_NONE
		       ? 0
		       : sdp_where_fail(c->where, node, c->err, SDP_USAGE,
					"this number is too large or has too many digits");
}

/* Checks a condition whose operands have their types. */
static int check_condition(const struct check *c, struct sdp_where_node *node)
{
	switch (node->kind) {
	case SDP_WHERE_BOOLEAN:
	case SDP_WHERE_IS_NULL:
		return 0;
	case SDP_WHERE_EQUAL:
	case SDP_WHERE_UNEQUAL:
	case SDP_WHERE_IN:
		return unify(c, node);
	case SDP_WHERE_MATCH:
		return want(c, node->operands[0], SDP_WHERE_TYPE_STRING, " by =~ and !~") < 0
			       ? -1
			       : compile_pattern(c, node);
	case SDP_WHERE_NOT:
	case SDP_WHERE_AND:
	case SDP_WHERE_OR:
		return want_all(c, node, SDP_WHERE_TYPE_BOOLEAN, " by not, and, or");
	default:
		return unify(c, node) < 0 ? -1 : refuse_booleans(c, node);
	}
}

/* The types of nodes that are no conditions. */
#define RULE(kind, type, operands, reason)                                                         \
	[SDP_WHERE_##kind] = {SDP_WHERE_TYPE_##type, SDP_WHERE_TYPE_##operands, reason}
static const struct {
	enum sdp_where_type type, operands;
	const char *reason;
} rules[] = {
	RULE(NUMBER, NUMBER, UNKNOWN, NULL),        RULE(STRING, STRING, UNKNOWN, NULL),
	RULE(ADD, NUMBER, NUMBER, " in a sum"),     RULE(MULTIPLY, NUMBER, NUMBER, " in a product"),
	RULE(NEGATE, NUMBER, NUMBER, " after -"),   RULE(LENGTH, NUMBER, STRING, " by length"),
	RULE(LOWER, STRING, STRING, " by lower"),   RULE(UPPER, STRING, STRING, " by upper"),
	RULE(YEAR, NUMBER, TIME, " by year"),       RULE(MONTH, NUMBER, TIME, " by month"),
	RULE(DAY, NUMBER, TIME, " by day"),         RULE(HOUR, NUMBER, TIME, " by hour"),
	RULE(WEEKDAY, NUMBER, TIME, " by weekday"),
};

/* Checks a node whose operands have their types, and sets its type. */
static int check_kind(const struct check *c, struct sdp_where_node *node)
{
	static const size_t count = sizeof rules / sizeof *rules;
	if (node->kind == SDP_WHERE_COLUMN) {
		set_column(c, node);
		return 0;
	}
	if ((size_t)node->kind >= count || rules[node->kind].type == SDP_WHERE_TYPE_UNKNOWN) {
		node->type = SDP_WHERE_TYPE_BOOLEAN;
		return check_condition(c, node);
	}
	node->type = rules[node->kind].type;
	return node->kind == SDP_WHERE_NUMBER
		       ? check_number(c, node)
		       : want_all(c, node, rules[node->kind].operands, rules[node->kind].reason);
}

static int check_node(const struct check *c, struct sdp_where_node *node)
{
	for (size_t i = 0; i < node->count; i++)
		if (check_node(c, node->operands[i]) < 0)
			return -1;
	return check_kind(c, node);
}

int sdp_where_check_types(struct sdp_where *where, const struct sdp_schema *schema,
			  enum sdp_code code, struct sdp_err *err)
{
	struct check c = {where, schema, code, err};
	return check_node(&c, where->root) < 0
		       ? -1
		       : want(&c, where->root, SDP_WHERE_TYPE_BOOLEAN, " as a condition");
}

/* ---- binding ---- */

int sdp_where_bind(struct sdp_where *where, const struct sdp_schema *schema, struct sdp_err *err)
{
	struct sdp_err missing;
	for (size_t i = 0; i < where->count; i++) {
		struct sdp_where_node *node = where->nodes[i];
		if (node->kind == SDP_WHERE_COLUMN &&
		    sdp_columns_find_name(schema, node->text, node->text_length, &node->column,
					  &missing) < 0)
			return sdp_where_fail(where, node, err, missing.code, "%s", missing.text);
	}
	where->bound = sdp_where_check_types(where, schema, SDP_DATA, err) == 0;
	return where->bound ? 0 : -1;
}

bool sdp_where_is_bound(const struct sdp_where *where)
{
	return where->bound;
}

bool sdp_where_is_typed(const struct sdp_where *where, const struct sdp_schema *schema)
{
	for (size_t i = 0; i < where->count; i++) {
		const struct sdp_where_node *node = where->nodes[i];
		size_t index;
		if (node->kind == SDP_WHERE_COLUMN && !node->any_type &&
		    sdp_columns_named(schema, node->text, node->text_length, &index) == 1 &&
		    !schema->columns[index].fixed)
			return false;
	}
	return true;
}

const char *sdp_where_pattern(const struct sdp_where *where, size_t number)
{
	for (size_t i = 0; i < where->count; i++)
		if (where->nodes[i]->kind == SDP_WHERE_MATCH && number-- == 0)
			return where->nodes[i]->operands[1]->text;
	return NULL;
}

void sdp_where_free(struct sdp_where *where)
{
	if (!where)
		return;
	for (size_t i = 0; i < where->count; i++) {
		pcre2_code_free(where->nodes[i]->pattern);
		free(where->nodes[i]->operands);
		free(where->nodes[i]->text);
		free(where->nodes[i]);
	}
	free(where->nodes);
	free(where);
}
