/*
 * Parses any words as the command line of each program of sdp, with its table of options. A refused
 * command line must be a usage error. An accepted one must mean the same if it is written as
 * --name=value … -- operands, and values must be what the words say. Also tests the contents of
 * --types, -x, --na and --every. The first byte chooses what is tested; words end with LF.
 */
#include "cli/cli.h"
#include "model/timeseries/time_buckets.h"
#include "sdp/columns.h"
#include "sdp/mem.h"
#include "table/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Made by the Makefile from cmd/, ended by NULL. */
extern const struct sdp_program *const sdp_programs[];

/* The one that lib/cli would run. */
const struct sdp_program sdp_program = {.name = "sdp"};

#define CHECK(x) ((x) ? (void)0 : failed(#x, __LINE__))

enum { WORDS = 40, LONGEST = 1000 };
enum { TYPES, COLUMNS, STEP, NULLS, PROGRAM }; /* what the first byte chooses */

static void failed(const char *what, int line)
{
	fprintf(stderr, "fuzz_options.c:%d: not so: %s\n", line, what);
	abort();
}

static void check_refusal(const struct sdp_err *err, bool usage_only)
{
	CHECK(err->code == SDP_USAGE || (!usage_only && err->code == SDP_DATA));
	CHECK(err->text[0] != '\0');
}

/* ---- the command line written out ---- */

struct line {
	char *words[LONGEST + WORDS + 3]; /* -qqq is three */
	int count;
	struct sdp_buf text; /* what the words are made of */
	/*
	 * Of each option in the table, by its last word: NULL, not given; how often it was given.
	 */
	const char *value[64];
	size_t times[64];
	bool request; /* --help and the like end it */
};

static const struct sdp_option *named(const struct sdp_option_table *t, const char *name,
				      size_t length, char letter)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct sdp_option *o = &t->options[i];
		if (letter ? o->short_name == letter
			   : strlen(o->long_name) == length &&
				     memcmp(o->long_name, name, length) == 0)
			return o;
	}
	return NULL;
}

static void put(struct line *l, const struct sdp_option_table *t, const struct sdp_option *o,
		const char *value)
{
	struct sdp_err err;
	size_t at = l->text.length;
	CHECK(sdp_buf_format(&l->text, &err, "--%s%s%s", o->long_name, value ? "=" : "",
			     value ? value : "") == 0 &&
	      sdp_buf_add(&l->text, "", 1, &err) == 0);
	l->words[l->count++] = l->text.data + at;
	l->value[o - t->options] = value;
	l->times[o - t->options]++;
	l->request = o->offset >= SDP_REQUEST_OFFSET(SDP_REQUEST_OPTIONS);
}

/* false: it cannot be taken apart. */
static bool put_option(struct line *l, const struct sdp_option_table *t, int argc, char **argv,
		       int *at)
{
	const char *word = argv[*at], *equals = strchr(word, '=');
	if (word[1] == '-') {
		const struct sdp_option *o =
			named(t, word + 2, equals ? (size_t)(equals - word - 2) : strlen(word + 2),
			      0);
		if (!o || (o->type == SDP_FLAG && equals) ||
		    (o->type != SDP_FLAG && !equals && *at + 1 >= argc))
			return false;
		put(l, t, o, o->type == SDP_FLAG ? NULL : equals ? equals + 1 : argv[++*at]);
		return true;
	}
	for (word++; *word && !l->request; word++) {
		const struct sdp_option *o = named(t, NULL, 0, *word);
		if (!o)
			return false;
		if (o->type == SDP_FLAG) {
			put(l, t, o, NULL);
			continue;
		}
		if (!word[1] && *at + 1 >= argc)
			return false;
		put(l, t, o, word[1] ? word + 1 : argv[++*at]);
		break;
	}
	return true;
}

static bool write_out(struct line *l, const struct sdp_option_table *t, int argc, char **argv)
{
	char *operands[WORDS];
	int count = 0;
	bool good = true, options = true;
	l->words[l->count++] = argv[0];
	for (int at = 1; good && at < argc && !l->request; at++) {
		if (!options || argv[at][0] != '-' || !argv[at][1])
			operands[count++] = argv[at];
		else if (strcmp(argv[at], "--") == 0)
			options = false;
		else
			good = put_option(l, t, argc, argv, &at);
	}
	static char end[] = "--";
	if (good && !l->request)
		l->words[l->count++] = end;
	for (int i = 0; good && !l->request && i < count; i++)
		l->words[l->count++] = operands[i];
	l->words[l->count] = NULL;
	return good;
}

/* ---- values ---- */

static uint64_t size_of(const char *text)
{
	char *end;
	uint64_t n = strtoull(text, &end, 10);
	const char *unit = *end ? strchr("kKmMgGtT", *end) : NULL;
	for (long i = unit ? (unit - "kKmMgGtT") / 2 + 1 : 0; i > 0; i--)
		CHECK(!__builtin_mul_overflow(n, 1024u, &n));
	return n;
}

static bool limited(const struct sdp_option *o)
{
	return o->min < 0 || o->min > 0 || o->max < 0 || o->max > 0;
}

static bool within(const struct sdp_option *o, double v)
{
	return !limited(o) || (v >= o->min && v <= o->max);
}

/* Returns whether number stands for the word. */
static bool is_choice(const struct sdp_option *o, int number, const char *word)
{
	const char *at = o->argument;
	for (int i = (int)o->min; at && i < number; i++)
		at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL;
	size_t length = strlen(word);
	return at && strncmp(at, word, length) == 0 && (!at[length] || at[length] == '|');
}

static void check_value(const struct sdp_option *o, const void *params, const char *value,
			size_t times)
{
	const void *member = (const char *)params + o->offset;
	const struct sdp_list *list = member;
	switch (o->type) {
	case SDP_FLAG:
		CHECK(*(const bool *)member == (times > 0));
		return;
	case SDP_INTEGER:
		CHECK(!value || (*(const int64_t *)member == strtoll(value, NULL, 10) &&
				 within(o, (double)*(const int64_t *)member)));
		return;
	case SDP_REAL:
		CHECK(!value || (*(const double *)member == strtod(value, NULL) &&
				 within(o, *(const double *)member)));
		return;
	case SDP_SHARE:
		CHECK(!value ||
		      (*(const double *)member >= 0 && *(const double *)member <= 1 &&
		       (strchr(value, '%') || *(const double *)member == strtod(value, NULL))));
		return;
	case SDP_SIZE:
		CHECK(!value || (*(const uint64_t *)member == size_of(value) &&
				 within(o, (double)*(const uint64_t *)member)));
		return;
	case SDP_CHAR:
		CHECK(!value || *(const char *)member == (value[1] ? '\t' : value[0]));
		return;
	case SDP_CHOICE:
		CHECK(!value || is_choice(o, *(const int *)member, value));
		return;
	case SDP_TEXT:
		CHECK(!value || strcmp(*(const char *const *)member, value) == 0);
		return;
	case SDP_LIST:
		CHECK(list->count == times &&
		      (!value || strcmp(list->items[times - 1], value) == 0));
		return;
	}
}

static void check_same(const struct sdp_option *o, const void *params, const void *again)
{
	const void *a = (const char *)params + o->offset, *b = (const char *)again + o->offset;
	const char *x, *y;
	if (o->type == SDP_TEXT) {
		memcpy(&x, a, sizeof x);
		memcpy(&y, b, sizeof y);
		CHECK(x == y || strcmp(x, y) == 0);
	} else if (o->type == SDP_LIST) {
		const struct sdp_list *p = a, *q = b;
		CHECK(p->count == q->count);
		for (size_t i = 0; i < p->count; i++)
			CHECK(strcmp(p->items[i], q->items[i]) == 0);
	} else {
		static const size_t sizes[] = {[SDP_FLAG] = sizeof(bool),
					       [SDP_INTEGER] = 8,
					       [SDP_REAL] = 8,
					       [SDP_SIZE] = 8,
					       [SDP_CHOICE] = sizeof(int),
					       [SDP_CHAR] = 1};
		CHECK(memcmp(a, b, sizes[o->type]) == 0);
	}
}

/* ---- a program ---- */

struct
try {
	struct sdp_command_line command;
	void *params;
	struct sdp_err err;
	bool good;
};

static void try_line(struct try *t, const struct sdp_program *program,
		     const struct sdp_option_table *table, int argc, char **argv)
{
	t->err = (struct sdp_err){0};
	t->params = calloc(1, program->params_size);
	if (!t->params)
		abort();
	t->good = sdp_command_line_parse(&t->command, program, table, t->params, argc, argv,
					 &t->err) == 0;
	if (!t->good)
		check_refusal(&t->err, true);
}

/* -h and --help are one option of two lengths: one try has the one, the other the other. */
static enum sdp_request full(enum sdp_request request)
{
	return request == SDP_REQUEST_SUMMARY ? SDP_REQUEST_HELP : request;
}

static void check_tries(const struct sdp_option_table *table, struct line *l, struct try *t,
			struct try *again)
{
	CHECK(t->good == again->good && strcmp(t->err.text, again->err.text) == 0);
	if (!t->good)
		return;
	CHECK(full(t->command.request) == full(again->command.request) &&
	      (t->command.request != SDP_REQUEST_RUN) == l->request);
	for (size_t i = 0; i < table->count; i++)
		if (table->options[i].offset < SDP_REQUEST_OFFSET(SDP_REQUEST_OPTIONS)) {
			check_value(&table->options[i], t->params, l->value[i], l->times[i]);
			check_same(&table->options[i], t->params, again->params);
		}
	CHECK(l->request || t->command.count == again->command.count);
	for (int i = 0; !l->request && i < t->command.count; i++)
		CHECK(t->command.operands[i] == again->command.operands[i]);
	struct sdp_common *common = t->params;
	/* Else the machine would be asked. */
	common->workers = common->workers ? common->workers : 1;
	common->max_memory = common->max_memory ? common->max_memory : 1 << 20;
	if (sdp_common_finish(common, &t->err) < 0)
		check_refusal(&t->err, true);
}

static void check_program(const struct sdp_program *real, int argc, char **argv)
{
	/* Options of other programs are left out, as those programs would be started. */
	struct sdp_program without = *real, *program = &without;
	struct sdp_option_table table;
	struct sdp_err err;
	struct line l = {.count = 0};
	struct try t, again;
	without.foreign = NULL;
	CHECK(sdp_option_table_make(&table, program, &err) == 0 &&
	      table.count <= sizeof l.value / sizeof *l.value);
	/* Words are not moved when others come. */
	CHECK(sdp_buf_reserve(&l.text, 80 * (size_t)LONGEST, &err) == 0);
	try_line(&t, program, &table, argc, argv);
	if (write_out(&l, &table, argc, argv)) {
		try_line(&again, program, &table, l.count, l.words);
		check_tries(&table, &l, &t, &again);
		sdp_command_line_release(&again.command, &table, again.params);
		free(again.params);
	} else {
		CHECK(!t.good);
	}
	sdp_command_line_release(&t.command, &table, t.params);
	free(t.params);
	sdp_option_table_release(&table);
	sdp_buf_release(&l.text);
}

/* ---- what options hold ---- */

static void check_types(char *list)
{
	static const char header[] = "a,b=c,\xc3\xa4,1,a b,a:f,twice,twice\n1,2,3,4,5,6,7,8\n";
	static FILE *file;
	static char name[40];
	char *names[] = {name};
	struct sdp_err err = {0};
	struct sdp_source_options options = {.format = SDP_SOURCE_DELIMITED,
					     .delimiter = ',',
					     .types = list};
	if (!file) {
		file = tmpfile();
		if (!file || fputs(header, file) == EOF || fflush(file) != 0)
			abort();
		snprintf(name, sizeof name, "/proc/self/fd/%d", fileno(file));
	}
	struct sdp_source *source = sdp_source_open(&options, 1, names, &err);
	if (!source)
		check_refusal(&err, false);
	size_t fixed = 0;
	for (size_t i = 0; source && i < 8; i++)
		fixed += sdp_source_schema(source)->columns[i].fixed;
	CHECK(!source || (fixed > 0) == (list[0] != '\0'));
	sdp_source_free(source);
}

static void check_columns(const char *list)
{
	struct sdp_column columns[] = {{.name = (char[]){"a"}},       {.name = (char[]){"b"}},
				       {.name = (char[]){"3"}},       {.name = (char[]){"a:b"}},
				       {.name = (char[]){"x,y"}},     {.name = (char[]){"/"}},
				       {.name = (char[]){"\xc3\xa4"}}};
	struct sdp_schema schema = {.columns = columns, .count = sizeof columns / sizeof *columns};
	struct sdp_err err = {0};
	size_t *indices = NULL, count = 0;
	unsigned chosen = 0;
	if (sdp_columns_select(&schema, list, &indices, &count, &err) < 0) {
		check_refusal(&err, false);
		return;
	}
	CHECK(count > 0 && count <= schema.count);
	for (size_t i = 0; i < count; i++) {
		CHECK(indices[i] < schema.count && !(chosen & 1u << indices[i]));
		chosen |= 1u << indices[i];
	}
	free(indices);
}

static void check_nulls(const char *list, const char *cell)
{
	struct sdp_nulls nulls = {0};
	struct sdp_err err = {0};
	size_t length = strlen(cell);
	bool listed = false;
	if (sdp_nulls_init(&nulls, list, '.', &err) < 0) {
		check_refusal(&err, true);
		return;
	}
	for (const char *p = list; *list; p++) {
		size_t n = strcspn(p, ",");
		CHECK(sdp_is_null(&nulls, p, n));
		listed = listed || (n == length && memcmp(p, cell, n) == 0);
		p += n;
		if (!*p)
			break;
	}
	CHECK(sdp_is_null(&nulls, cell, length) == listed);
}

static void check_step(const char *text)
{
	struct sdp_step step, again;
	char back[40];
	if (!sdp_step_parse(text, &step))
		return;
	CHECK(step.count >= 1 && *text >= '0' && *text <= '9');
	snprintf(back, sizeof back, "%lld%s", (long long)step.count, step.months ? "mo" : "s");
	CHECK(step.count >= 1000000000 ||
	      (sdp_step_parse(back, &again) && again.count == step.count &&
	       again.months == step.months));
	CHECK(strspn(text, "0123456789") == strcspn(text, "smhdwqy") &&
	      strtoll(text, NULL, 10) <= step.count);
}

/* Cuts the text at its LFs. */
static int split(char *text, char *words[WORDS + 1])
{
	int count = 0;
	while (text && count < WORDS) {
		char *lf = strchr(text, '\n');
		words[count++] = text;
		if (lf)
			*lf++ = '\0';
		text = lf;
	}
	words[count] = NULL;
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[LONGEST + 5] = "sdp\n", *words[WORDS + 1], *rest = text + 4;
	unsigned programs = 0;
	if (size == 0 || size > LONGEST || memchr(data + 1, 0, size - 1))
		return 0;
	while (sdp_programs[programs])
		programs++;
	memcpy(rest, data + 1, size - 1);
	/* Programs come last: others may be added. */
	switch (*data % (programs + PROGRAM)) {
	case TYPES:
		check_types(rest);
		break;
	case COLUMNS:
		check_columns(rest);
		break;
	case STEP:
		check_step(rest);
		break;
	case NULLS:
		split(text, words);
		check_nulls(words[1], words[2] ? words[2] : "");
		break;
	default:
		check_program(sdp_programs[*data % (programs + PROGRAM) - PROGRAM],
			      split(text, words), words);
	}
	return 0;
}
