/* Finds the columns of an expression of --where, and checks its types. */
#include "table/where_private.h"

#include "base/suggest.h"
#include "sdp/columns.h"
#include "sdp/mem.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

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
 * Returns the type of nearly all first values of a column, if a few others make it one of strings;
 * SDP_WHERE_TYPE_UNKNOWN of all other nodes.
 */
static enum sdp_where_type nearly_type(const struct check *c, const struct sdp_where_node *node)
{
	if (!c->schema || node->kind != SDP_WHERE_COLUMN)
		return SDP_WHERE_TYPE_UNKNOWN;
	const struct sdp_column *column = &c->schema->columns[node->column];
	return !column->fixed && column->guess == SDP_CLASS_TEXT && column->nearly != SDP_CLASS_TEXT
		       ? type_of_class(column->nearly)
		       : SDP_WHERE_TYPE_UNKNOWN;
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
	if (wanted == SDP_WHERE_TYPE_STRING)
		snprintf(out, size, "; as a string: --types %s",
			 sdp_columns_word(c->schema, node->column, "=string", word));
	else if (nearly_type(c, node) == wanted)
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

/* Writes the end of a message about a constant of another type than the wanted one. */
static const char *constant_hint(const struct sdp_where_node *node, enum sdp_where_type wanted)
{
	struct sdp_number number;
	if (node->kind == SDP_WHERE_COLUMN)
		return "";
	if (wanted == SDP_WHERE_TYPE_TIME)
		return "; a time is in single quotes, as '2024-03-01'";
	if (node->kind == SDP_WHERE_STRING && wanted == SDP_WHERE_TYPE_NUMBER) {
		sdp_number_parse_padded(node->text, node->text_length, '.', NULL, &number);
		return number.kind != SDP_NUMBER_NONE ? "; a number has no quotes" : "";
	}
	if (node->kind == SDP_WHERE_NUMBER && wanted == SDP_WHERE_TYPE_STRING)
		return "; a string is in single quotes";
	bool quoted = node->kind == SDP_WHERE_STRING &&
		      (strcasecmp(node->text, "true") == 0 || strcasecmp(node->text, "false") == 0);
	return quoted && wanted == SDP_WHERE_TYPE_BOOLEAN ? "; true and false have no quotes" : "";
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
	return sdp_where_fail(c->where, node, c->err, c->code, "%s is %s, %s is wanted%s%s%s",
			      describe(node, name, sizeof name), type_name(node->type),
			      type_name(type), reason, type_hint(c, node, type, hint, sizeof hint),
			      constant_hint(node, type));
}

/* Gives all operands the same type. */
static int unify(const struct check *c, struct sdp_where_node *node)
{
	enum sdp_where_type type = SDP_WHERE_TYPE_UNKNOWN, literal = SDP_WHERE_TYPE_UNKNOWN;
	struct sdp_where_node *typed = NULL;
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
	/* If it is nearly of the type of another operand, the few other cells are at fault. */
	enum sdp_where_type nearly = typed ? nearly_type(c, typed) : SDP_WHERE_TYPE_UNKNOWN;
	for (size_t i = 0; i < node->count && nearly; i++)
		if (node->operands[i]->type == nearly)
			return want(c, typed, nearly, "");
	if (nearly)
		sdp_where_doubt(node, typed, nearly);
	for (size_t i = 0; i < node->count; i++) {
		char reason[120] = "", name[80];
		if (typed)
			snprintf(reason, sizeof reason, " beside %s",
				 typed->kind == SDP_WHERE_COLUMN
					 ? describe(typed, name, sizeof name)
					 : type_name(typed->type));
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
	size_t at, place = text->at + 1;
	char reason[120];
	if (sdp_where_regex_compile(node, &at, reason, sizeof reason, c->err) == 0)
		return 0;
	if (!*reason)
		return -1;
	/* A quote in the pattern is written as two. */
	for (size_t i = 0; i < at && i < text->text_length; i++)
		place += text->text[i] == '\'' ? 2 : 1;
	return sdp_where_fail_at(c->where, place, c->err, SDP_USAGE,
				 "the regular expression is wrong: %s", reason);
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

/* Returns whether a node is after the sign of a comparison, or in a list. */
static bool is_second(const struct sdp_where *where, const struct sdp_where_node *node)
{
	for (size_t i = 0; i < where->count; i++)
		for (size_t k = 1; k < where->nodes[i]->count; k++)
			if (where->nodes[i]->operands[k] == node)
				return where->nodes[i]->kind >= SDP_WHERE_EQUAL &&
				       where->nodes[i]->kind <= SDP_WHERE_BETWEEN;
	return false;
}

/* Returns what may be meant by a name that is no column's, such as a string without its quotes. */
static const char *meant_by(const struct sdp_where *where, const struct sdp_schema *schema,
			    const struct sdp_where_node *node)
{
	struct sdp_suggestion near = sdp_suggest_for(node->text, node->text_length);
	for (size_t i = 0; i < schema->count; i++)
		sdp_suggest_try(&near, schema->columns[i].name);
	if (near.name || where->text[node->at] == '$')
		return NULL;
	const char *meant = sdp_where_word_meant(node->text, node->text_length);
	return meant ? meant : is_second(where, node) ? "a string is in single quotes" : NULL;
}

static int find_column(const struct sdp_where *where, const struct sdp_schema *schema,
		       struct sdp_where_node *node, struct sdp_err *err)
{
	struct sdp_err missing;
	size_t found = sdp_columns_named(schema, node->text, node->text_length, &node->column);
	if (found == 1)
		return 0;
	sdp_columns_find_name(schema, node->text, node->text_length, &node->column, &missing);
	const char *meant = found ? NULL : meant_by(where, schema, node);
	return sdp_where_fail(where, node, err, missing.code, "%s%s%s", missing.text,
			      meant ? "; " : "", meant ? meant : "");
}

int sdp_where_bind(struct sdp_where *where, const struct sdp_schema *schema,
		   const struct sdp_block *block, struct sdp_err *err)
{
	for (size_t i = 0; i < where->count; i++)
		if (where->nodes[i]->kind == SDP_WHERE_COLUMN &&
		    find_column(where, schema, where->nodes[i], err) < 0)
			return -1;
	where->bound = sdp_where_check_types(where, schema, SDP_DATA, err) == 0;
	if (where->bound)
		sdp_where_warn(where, block);
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
		sdp_where_regex_free(where->nodes[i]);
		free(where->nodes[i]->operands);
		free(where->nodes[i]->text);
		free(where->nodes[i]);
	}
	free(where->nodes);
	free(where);
}
