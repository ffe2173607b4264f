/* Completes command lines: finds what the last word stands for, and lists what it can be. */
#define _GNU_SOURCE
#include "cli/complete.h"

#include "base/file.h"
#include "base/utf8.h"
#include "table/json_columns.h"
#include "table/sniff.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	RECORDS = 1000,     /* of JSON, in which columns are looked for */
	READ_MOST = 1 << 18 /* bytes of a file that are read */
};

/* A command line. */
struct line {
	const struct sdp_program *program;
	const struct sdp_option_table *table;
	char **words;                   /* after the program's name; words[-1] is something */
	int count;                      /* up to the one to complete */
	int more;                       /* words after it */
	const char *word;               /* the one to complete */
	const struct sdp_option *value; /* the option of which it is the value, or NULL */
	size_t prefix;                  /* bytes of word that precede the value: "--format=" */
	bool operands_only;             /* it follows -- */
	const char *first, *file; /* the first operand before it, and the first that is a file */
	struct sdp_buf *out;
	struct sdp_err *err;
};

static bool is_file(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/*
 * Returns the option that takes a value from this word on, or NULL.  *prefix becomes the bytes of
 * the word that precede the value, or 0 if the value is the next word.
 */
static const struct sdp_option *option_of(const struct line *l, const char *word, size_t *prefix)
{
	const struct sdp_option *o = NULL;
	*prefix = 0;
	if (word[0] == '-' && word[1] == '-') {
		size_t length = strcspn(word + 2, "=");
		o = sdp_option_find(l->table, word + 2, length);
		*prefix = word[2 + length] ? length + 3 : 0;
	} else if (word[0] == '-') {
		for (const char *c = word + 1; *c; c++) {
			o = sdp_option_find_short(l->table, *c);
			*prefix = c[1] ? (size_t)(c + 1 - word) : 0;
			if (!o || o->type != SDP_FLAG)
				break;
		}
	}
	return o && o->type != SDP_FLAG ? o : NULL;
}

/* Finds a file among the words after the one to complete. */
static void look_ahead(struct line *l)
{
	for (int i = l->count; !l->file && i < l->count + l->more; i++)
		if (l->words[i][0] != '-' && is_file(l->words[i]))
			l->file = l->words[i];
}

static void read_words(struct line *l)
{
	size_t prefix;
	for (int i = 0; i + 1 < l->count; i++) {
		const char *word = l->words[i];
		if (l->operands_only || word[0] != '-' || !word[1]) {
			if (!l->first)
				l->first = word;
			if (!l->file && is_file(word))
				l->file = word;
		} else if (strcmp(word, "--") == 0) {
			l->operands_only = true;
		} else {
			const struct sdp_option *o = option_of(l, word, &prefix);
			if (!o || prefix)
				continue;
			if (i + 2 == l->count)
				l->value = o;
			i++;
		}
	}
	if (!l->value && !l->operands_only && l->word[0] == '-' &&
	    (l->value = option_of(l, l->word, &l->prefix)) && !l->prefix)
		l->value = NULL;
}

/* Appends a candidate, before and then name, if it begins as the word does. */
static int add(const struct line *l, const char *before, size_t length, const char *name,
	       size_t name_length, const char *help)
{
	struct sdp_buf whole = {0};
	size_t typed = strlen(l->word);
	/* A shell may print control characters as they are, which a terminal would obey. */
	bool plain = sdp_utf8_all_shown(name, name_length);
	int rc = sdp_buf_add(&whole, before, length, l->err) < 0 ||
				 sdp_buf_add(&whole, name, name_length, l->err) < 0
			 ? -1
			 : 0;
	if (rc == 0 && plain && whole.length >= typed && memcmp(whole.data, l->word, typed) == 0)
		rc = sdp_buf_format(l->out, l->err, "%s\t%.*s\n", whole.data,
				    (int)strcspn(help, ";\t\n"), help);
	sdp_buf_release(&whole);
	return rc;
}

/* Lists the words in lower case of "k-means++|random|FILE". */
static int add_choices(const struct line *l, const char *choices)
{
	for (const char *c = choices; *c; c += strspn(c, "|")) {
		size_t length = strcspn(c, "|");
		if (islower((unsigned char)*c) && add(l, l->word, l->prefix, c, length, "") < 0)
			return -1;
		c += length;
	}
	return 0;
}

/* Returns whether the value is a list, whose elements commas separate: "LIST", "COL=TYPE,...". */
static bool is_list(const struct sdp_option *o)
{
	return strcmp(o->argument, "LIST") == 0 || strchr(o->argument, ',');
}

static bool takes_columns(const struct sdp_option *o)
{
	return strncmp(o->argument, "COL", 3) == 0 ||
	       (is_list(o) && sdp_option_is_listed(o, "columns features value by"));
}

/* Returns the bytes of the word that precede what is completed: of a list, its last element. */
static size_t element_start(const struct line *l)
{
	const char *comma = is_list(l->value) ? strrchr(l->word + l->prefix, ',') : NULL;
	return comma ? (size_t)(comma + 1 - l->word) : l->prefix;
}

/* Returns whether a name, or "name=…", is one of the elements that precede the last one. */
static bool is_listed_before(const struct line *l, const char *name, size_t length)
{
	const char *end = l->word + element_start(l);
	for (const char *element = l->word + l->prefix; element < end;
	     element += strcspn(element, ",") + 1)
		if (strncmp(element, name, length) == 0 && element[length] &&
		    strchr(",=", element[length]))
			return true;
	return false;
}

/* Adds the names, which blanks separate, as values or as elements of a list. */
static int add_values(const struct line *l, const char *names)
{
	size_t before = element_start(l);
	for (const char *name = names; *name; name += strspn(name, " ")) {
		size_t length = strcspn(name, " ");
		if (!is_listed_before(l, name, length) &&
		    add(l, l->word, before, name, length, "") < 0)
			return -1;
		name += length;
	}
	return 0;
}

/* Lists what the program takes for an operand. */
static int add_operands(const struct line *l)
{
	const char *name, *help;
	int rc = 0;
	for (size_t i = 0; rc == 0 && (name = l->program->operand(i, &help)); i++)
		rc = add(l, l->word, l->value ? l->prefix : 0, name, strlen(name), help);
	return rc;
}

/*
 * Lists the columns of a table.  Of an option such as COL=TYPE, a '=' follows them; then they are
 * complete but for what is after it.
 */
static int add_columns(const struct line *l, const struct sdp_schema *schema)
{
	bool list = is_list(l->value), equals = strchr(l->value->argument, '=');
	size_t before = element_start(l);
	struct sdp_buf text = {0};
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < schema->count; i++) {
		const char *name = schema->columns[i].name;
		size_t length = strlen(name);
		/* A name with a comma would be two names, and one with a '=' would end there. */
		if ((list && strchr(name, ',')) || (equals && strchr(name, '=')) ||
		    is_listed_before(l, name, length))
			continue;
		text.length = 0;
		if ((rc = sdp_buf_format(&text, l->err, "%s%s", name, equals ? "=" : "")) == 0)
			rc = add(l, l->word, before, text.data, text.length, "column");
	}
	sdp_buf_release(&text);
	return rc;
}

/*
 * Lists the values of an option that is not about columns, or of COL=TYPE the types, if the word is
 * already beyond the '='.  Returns 1 if there is nothing to list but columns.
 */
static int add_known(const struct line *l)
{
	static const char types[] = "boolean integer real date datetime string";
	const char *equals = strchr(l->word + element_start(l), '=');
	if (equals && strchr(l->value->argument, '=') && takes_columns(l->value)) {
		struct line after = *l;
		after.prefix = (size_t)(equals + 1 - l->word);
		return strstr(l->value->argument, "=TYPE") ? add_values(&after, types) : 0;
	}
	if (takes_columns(l->value))
		return 1;
	for (const struct sdp_option_values *v = l->program->values; v && v->option; v++)
		if (strcmp(v->option, l->value->long_name) == 0)
			return v->values ? add_values(l, v->values) : add_operands(l);
	return strchr(l->value->argument, '|') ? add_choices(l, l->value->argument) : 0;
}

/*
 * Returns how much of the start of a longer file is used: whole lines, so that no name is cut
 * short.  JSON may be one line; and in UTF-16, which has zero bytes, line ends look otherwise.
 */
static size_t whole_lines(const char *bytes, size_t length)
{
	size_t first = 0, end = length;
	while (first < length && memchr(" \t\r\n", bytes[first], 4))
		first++;
	while (end && bytes[end - 1] != '\n' && bytes[end - 1] != '\r')
		end--;
	bool other = first < length && (bytes[first] == '[' || bytes[first] == '{');
	return (end == 0 && other) || memchr(bytes, '\0', SDP_SNIFF_LOOK) ? length : end;
}

/*
 * Makes a file in memory of the start of a file, so that nothing more can be read.  Returns its
 * descriptor, or -1 if the file cannot be read or has no columns that are found quickly: it is
 * compressed, begins with many blanks or zeros, or with a very long line.
 */
static int copy_start(const char *path)
{
	bool may;
	char *bytes = malloc(READ_MOST + 1);
	ssize_t n = bytes ? sdp_file_read_start(path, bytes, READ_MOST + 1) : -1;
	size_t length = n < 0 ? 0 : (size_t)n, blank = 0;
	size_t look = length < SDP_SNIFF_LOOK ? length : SDP_SNIFF_LOOK;
	while (blank < look && memchr(" \t\r\n", bytes[blank], 5)) /* zeros, too */
		blank++;
	if (length == READ_MOST)
		length = whole_lines(bytes, length);
	bool slow = blank == look || length == 0 || sdp_sniff_codec(bytes, look, &may);
	int fd = slow ? -1 : memfd_create("sdp", MFD_CLOEXEC);
	if (fd >= 0 && sdp_write_all(fd, bytes, length) < 0) {
		close(fd);
		fd = -1;
	}
	free(bytes);
	return fd;
}

/*
 * Lists the columns of a table.  The end of the file may be missing, so if a record is not whole,
 * fewer of them are looked at.
 */
static int list_columns(const struct line *l, const struct sdp_source_options *options, char *path)
{
	struct sdp_err ignored;
	int rc = 0;
	bool found = false;
	for (uint64_t records = RECORDS; !found && records; records /= 10) {
		struct sdp_source *source = sdp_source_open(options, 1, &path, &ignored);
		if (!source)
			return 0;
		found = sdp_json_find_columns(source, records, &ignored) == 0;
		if (found)
			rc = add_columns(l, sdp_source_schema(source));
		sdp_source_free(source);
	}
	return rc;
}

/*
 * Lists the columns of the file on the command line, read as its options say.  Whatever is wrong
 * with them, there are no candidates.
 */
static int complete_columns(const struct line *l, void *params)
{
	struct sdp_command_line command;
	struct sdp_source_options options;
	struct sdp_err ignored = {0};
	char **argv = l->words - 1; /* as the parser takes them */
	char path[40];
	int rc = 0, fd = l->file ? copy_start(l->file) : -1;
	/* It fails at the option whose value is to be completed; the others are set by then. */
	(void)!sdp_command_line_parse(&command, l->program, l->table, params, l->count, argv,
				      &ignored);
	if (fd >= 0 && sdp_run_source_options(params, &options, &ignored) == 0) {
		options.decoder = (struct sdp_decoder){0};
		options.max_record = READ_MOST;
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		rc = list_columns(l, &options, path);
	}
	if (fd >= 0)
		close(fd);
	sdp_command_line_release(&command, l->table, params);
	return rc;
}

static int complete_value(const struct line *l, void *params)
{
	const struct sdp_option *o = l->value;
	bool files = strstr(o->argument, "FILE") || strstr(o->argument, "FOLDER") ||
		     strstr(o->argument, ".json");
	if (sdp_buf_add_text(l->out, files ? "files\n" : "words\n", l->err) < 0)
		return -1;
	int rc = add_known(l);
	return rc > 0 ? complete_columns(l, params) : rc;
}

static int complete_option(const struct line *l)
{
	if (sdp_buf_add_text(l->out, "words\n", l->err) < 0)
		return -1;
	for (size_t i = 0; i < l->table->count; i++) {
		const struct sdp_option *o = &l->table->options[i];
		if (add(l, "--", 2, o->long_name, strlen(o->long_name), o->help) < 0)
			return -1;
	}
	return 0;
}

/* Lists the commands of "submit [JOB.json|-] | status|wait ID | list". */
static int add_commands(const struct line *l, const char *operands)
{
	bool start = true;
	int depth = 0;
	for (const char *c = operands; *c;) {
		size_t length = strspn(c, "abcdefghijklmnopqrstuvwxyz-");
		if (start && depth == 0 && length && islower((unsigned char)*c) &&
		    add(l, "", 0, c, length, "command") < 0)
			return -1;
		start = start && length == 0 && *c == ' ';
		depth += *c == '[' ? 1 : *c == ']' ? -1 : 0;
		start = start || *c == '|';
		c += length ? length : 1;
	}
	return 0;
}

static int complete_operand(const struct line *l)
{
	const char *operands = l->program->operands;
	bool commands = operands && islower((unsigned char)*operands) && !l->first;
	if (l->program->operand && !l->first)
		return sdp_buf_add_text(l->out, "words\n", l->err) < 0 ? -1 : add_operands(l);
	if (sdp_buf_add_text(l->out, operands && !commands ? "files\n" : "words\n", l->err) < 0)
		return -1;
	return commands ? add_commands(l, operands) : 0;
}

int sdp_complete_line(const struct sdp_program *program, const struct sdp_option_table *table,
		      void *params, int count, char **arguments, struct sdp_buf *out,
		      struct sdp_err *err)
{
	long at = count ? strtol(arguments[0], NULL, 10) : 0;
	struct line l = {.program = program,
			 .table = table,
			 .words = arguments + 1,
			 .out = out,
			 .err = err};
	if (at < 0 || at >= count - 1)
		return 0;
	l.count = (int)at + 1;
	l.more = count - 1 - l.count;
	l.word = l.words[at];
	read_words(&l);
	look_ahead(&l);
	if (l.value)
		return complete_value(&l, params);
	if (!l.operands_only && l.word[0] == '-')
		return complete_option(&l);
	return complete_operand(&l);
}
