/*
 * The table of options of a program, the parser of the command line, and queries about the options
 * that were given.
 */
#include "base/suggest.h"
#include "base/text.h"
#include "cli/cli.h"
#include "sdp/mem.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const struct sdp_option *sdp_option_find(const struct sdp_option_table *t, const char *name,
					 size_t length)
{
	for (size_t i = 0; i < t->count; i++) {
		const char *have = t->options[i].long_name;
		if (sdp_text_is(name, length, have))
			return &t->options[i];
	}
	return NULL;
}

const struct sdp_option *sdp_option_find_short(const struct sdp_option_table *t, char name)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->options[i].short_name && t->options[i].short_name == name)
			return &t->options[i];
	return NULL;
}

int sdp_option_table_make(struct sdp_option_table *t, const struct sdp_program *program,
			  struct sdp_err *err)
{
	struct sdp_option common[40];
	size_t own = 0;
	while (program->options && program->options[own].long_name)
		own++;
	size_t n = sdp_common_options(program->groups, common, sizeof common / sizeof *common);
	*t = (struct sdp_option_table){0};
	t->options = sdp_alloc(own + n, sizeof *t->options, err);
	if (!t->options)
		return -1;
	if (own)
		memcpy(t->options, program->options, own * sizeof *t->options);
	t->count = t->own = own;
	for (size_t i = 0; i < n; i++) {
		if (sdp_option_find(t, common[i].long_name, strlen(common[i].long_name)))
			continue;
		if (sdp_option_find_short(t, common[i].short_name))
			common[i].short_name = 0;
		t->options[t->count++] = common[i];
	}
	return 0;
}

void sdp_option_table_release(struct sdp_option_table *t)
{
	free(t->options);
	*t = (struct sdp_option_table){0};
}

const char *sdp_option_type_name(enum sdp_option_type type)
{
	static const char *const names[] = {"flag", "integer", "real",   "share", "size",
					    "char", "text",    "choice", "list"};
	return names[type];
}

/* Returns whether text has this word of length letters. */
static bool has_word(const char *text, const char *word, size_t length)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	while (*text) {
		size_t n = strspn(text, letters);
		if (n == length && memcmp(text, word, length) == 0)
			return true;
		text += n;
		text += strcspn(text, letters);
	}
	return false;
}

/*
 * Returns the long name that is most similar to name (length bytes), or else that of the only own
 * option whose help has the word name, as "delete" for --remove; NULL if there is neither.
 */
static const char *nearest_name(const struct sdp_option_table *t, const char *name, size_t length)
{
	enum { SHORTEST = 4 };
	struct sdp_suggestion near = sdp_suggest_for(name, length);
	const char *told = NULL;
	size_t count = 0;
	for (size_t i = 0; i < t->count; i++)
		sdp_suggest_try(&near, t->options[i].long_name);
	for (size_t i = 0; !near.name && length >= SHORTEST && i < t->own; i++)
		if (has_word(t->options[i].help, name, length) && count++ == 0)
			told = t->options[i].long_name;
	return near.name ? near.name : count == 1 ? told : NULL;
}

struct parser {
	struct sdp_command_line *command;
	const struct sdp_program *program;
	const struct sdp_option_table *table;
	void *params;
	char **argv;
	int argc, at; /* argv[at] is read next */
	struct sdp_err *err;
};

/*
 * Adds the option to common->given, whose array has room for the whole table.  Returns whether it
 * was not there before.
 */
static bool mark_given(struct parser *p, const struct sdp_option *o)
{
	const struct sdp_option **given = ((struct sdp_common *)p->params)->given;
	while (*given && *given != o)
		given++;
	bool first = !*given;
	*given = o;
	return first;
}

static int store(struct parser *p, const struct sdp_option *o, const char *value)
{
	if (o->offset >= SDP_REQUEST_OFFSET(SDP_REQUEST_OPTIONS)) {
		p->command->request = (enum sdp_request)(SIZE_MAX - o->offset);
		return 0;
	}
	if (!value && o->type != SDP_FLAG) {
		if (p->at >= p->argc)
			return sdp_fail(p->err, SDP_USAGE, "--%s: needs a value: --%s %s",
					o->long_name, o->long_name, o->argument);
		value = p->argv[p->at++];
	}
	/* Of several values the last one counts, but not if both may be meant. */
	if (!mark_given(p, o) && o->offset == offsetof(struct sdp_common, where))
		return sdp_fail(p->err, SDP_USAGE,
				"--%s is given twice: join the expressions by and", o->long_name);
	return sdp_option_set(o, p->params, value, p->err);
}

/*
 * Offers the option at argv[at - 1] to the program's function for foreign options.  Returns 1 if
 * the program accepted it, perhaps with the word after it, 0 if not, -1 on an error.
 */
static int parse_foreign(struct parser *p)
{
	if (!p->program->foreign)
		return 0;
	int taken = p->program->foreign(p->params, p->argv[p->at - 1],
					p->at < p->argc ? p->argv[p->at] : NULL, p->err);
	if (taken > 1)
		p->at += taken - 1;
	return taken < 0 ? -1 : taken > 0;
}

/*
 * Returns whether the words so far may be the beginning of a command without the "--" that must
 * precede it, so that its options are taken for those of the program.
 */
static bool lacks_dashes(const struct parser *p)
{
	const char *usage = p->program->operands, *first = p->command->operands[0];
	return usage && strncmp(usage, "-- ", 3) == 0 && p->command->count &&
	       (access(first, F_OK) < 0 || access(first, X_OK) == 0);
}

/* Fails because of an unknown option; near is the long name of a similar one, or NULL. */
static int refuse_unknown(struct parser *p, const char *typed, const char *near)
{
	char quoted[80];
	sdp_quote(quoted, sizeof quoted, typed, strlen(typed));
	if (near)
		return sdp_fail(p->err, SDP_USAGE, "unknown option %s, did you mean --%s?", quoted,
				near);
	if (lacks_dashes(p))
		return sdp_fail(p->err, SDP_USAGE,
				"unknown option %s: a command and its options stand after --: "
				"%s -- %.300s %s …",
				quoted, p->program->name, p->command->operands[0], typed);
	return sdp_fail(p->err, SDP_USAGE, "unknown option %s (try %s --help)", quoted,
			p->program->name);
}

static int parse_long(struct parser *p, const char *text)
{
	size_t length = strcspn(text, "=");
	const char *value = text[length] ? text + length + 1 : NULL;
	const struct sdp_option *o = sdp_option_find(p->table, text, length);
	int foreign = o ? 0 : parse_foreign(p);
	if (foreign)
		return foreign < 0 ? -1 : 0;
	if (!o) {
		char typed[64];
		snprintf(typed, sizeof typed, "--%.*s", (int)(length < 50 ? length : 50), text);
		return refuse_unknown(p, typed, nearest_name(p->table, text, length));
	}
	if (value && o->type == SDP_FLAG)
		return sdp_fail(p->err, SDP_USAGE, "--%s: takes no value", o->long_name);
	return store(p, o, value);
}

/* -q, -qv, -j4, -qj4, -j 4 */
static int parse_short(struct parser *p, const char *text)
{
	int foreign = sdp_option_find_short(p->table, *text) ? 0 : parse_foreign(p);
	if (foreign)
		return foreign < 0 ? -1 : 0;
	while (*text && p->command->request == SDP_REQUEST_RUN) {
		const struct sdp_option *o = sdp_option_find_short(p->table, *text);
		if (!o) {
			const char typed[3] = {'-', *text, '\0'};
			return refuse_unknown(p, typed, NULL);
		}
		text++;
		if (o->offset == SDP_REQUEST_OFFSET(SDP_REQUEST_HELP)) {
			p->command->request = SDP_REQUEST_SUMMARY;
			return 0;
		}
		if (o->type != SDP_FLAG)
			return store(p, o, *text ? text : NULL);
		if (store(p, o, NULL) < 0)
			return -1;
	}
	return 0;
}

static bool is_verbose(const char *word)
{
	return strcmp(word, "-v") == 0 || strcmp(word, "--verbose") == 0;
}

/*
 * Returns whether the command line asks for the versions of the libraries: -v precedes or follows
 * --version.
 */
static bool wants_libraries(const struct parser *p)
{
	if (((const struct sdp_common *)p->params)->verbose)
		return true;
	for (int i = p->at; i < p->argc; i++)
		if (is_verbose(p->argv[i]))
			return true;
	return false;
}

static int parse_all(struct parser *p)
{
	struct sdp_command_line *c = p->command;
	bool options = true;
	while (p->at < p->argc && c->request == SDP_REQUEST_RUN) {
		char *arg = p->argv[p->at++];
		int rc = 0;
		if (!options || arg[0] != '-' || !arg[1])
			c->operands[c->count++] = arg;
		else if (strcmp(arg, "--") == 0)
			options = false;
		else if (is_verbose(arg) && p->at < p->argc &&
			 strcmp(p->argv[p->at], "--version") == 0)
			c->libraries = true; /* also of programs without -v */
		else if (arg[1] == '-')
			rc = parse_long(p, arg + 2);
		else
			rc = parse_short(p, arg + 1);
		if (rc < 0)
			return -1;
	}
	if (c->request == SDP_REQUEST_VERSION)
		c->libraries = c->libraries || wants_libraries(p);
	if (c->request == SDP_REQUEST_RUN && c->count && !p->program->operands) {
		char quoted[128];
		return sdp_fail(p->err, SDP_USAGE, "unexpected operand %s (try %s --help)",
				sdp_quote(quoted, sizeof quoted, c->operands[0],
					  strlen(c->operands[0])),
				p->program->name);
	}
	return 0;
}

int sdp_command_line_parse(struct sdp_command_line *command, const struct sdp_program *program,
			   const struct sdp_option_table *table, void *params, int argc,
			   char **argv, struct sdp_err *err)
{
	*command = (struct sdp_command_line){0};
	for (size_t i = 0; i < table->count; i++) {
		const struct sdp_option *o = &table->options[i];
		if (o->default_value && o->type == SDP_LIST)
			SDP_BUG();
		if (o->default_value && sdp_option_set(o, params, o->default_value, err) < 0)
			SDP_BUG();
	}
	struct sdp_common *common = params;
	command->operands = sdp_alloc((size_t)argc + 1, sizeof *command->operands, err);
	common->given = sdp_alloc(table->count + 1, sizeof *common->given, err);
	if (!command->operands || !common->given)
		return -1;
	struct parser p = {command, program, table, params, argv, argc, 1, err};
	return parse_all(&p);
}

void sdp_command_line_release(struct sdp_command_line *command,
			      const struct sdp_option_table *table, void *params)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct sdp_option *o = &table->options[i];
		if (o->type == SDP_LIST) {
			struct sdp_list *list = (void *)((char *)params + o->offset);
			free(list->items);
			*list = (struct sdp_list){0};
		}
	}
	struct sdp_common *common = params;
	free(common->given);
	common->given = NULL;
	free(command->operands);
	*command = (struct sdp_command_line){0};
}

void sdp_hint_option(const struct sdp_command_line *command, const struct sdp_option_table *table,
		     struct sdp_err *err)
{
	for (int i = 0; i < command->count; i++) {
		const char *word = command->operands[i];
		char start[sizeof err->text];
		snprintf(start, sizeof start, "cannot open %s:", word);
		if (!sdp_option_find(table, word, strlen(word)) || access(word, F_OK) == 0 ||
		    strncmp(err->text, start, strlen(start)) != 0)
			continue;
		struct sdp_err why = *err;
		sdp_fail(err, why.code, "%.900s, did you mean the option --%s?", why.text, word);
		return;
	}
}

bool sdp_option_is_listed(const struct sdp_option *o, const char *names)
{
	for (const char *name = names; *name; name += strspn(name, " ")) {
		size_t length = strcspn(name, " ");
		if (sdp_text_is(name, length, o->long_name))
			return true;
		name += length;
	}
	return false;
}

/* Returns the first option given that is in names, or (not listed) that is not in names. */
static const struct sdp_option *first_given(const struct sdp_common *common, const char *names,
					    bool listed)
{
	for (const struct sdp_option **o = common->given; o && *o; o++)
		if (sdp_option_is_listed(*o, names) == listed)
			return *o;
	return NULL;
}

static int refuse(const struct sdp_option *o, const char *where, struct sdp_err *err)
{
	return o ? sdp_fail(err, SDP_USAGE, "--%s has no effect %s", o->long_name, where) : 0;
}

bool sdp_given(const struct sdp_common *common, const char *names)
{
	return first_given(common, names, true) != NULL;
}

int sdp_refuse_given(const struct sdp_common *common, const char *names, const char *where,
		     struct sdp_err *err)
{
	return refuse(first_given(common, names, true), where, err);
}

int sdp_refuse_others(const struct sdp_common *common, const char *names, const char *where,
		      struct sdp_err *err)
{
	return refuse(first_given(common, names, false), where, err);
}
