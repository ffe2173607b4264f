/* Converts the text of an option to its value; the whole text must be a value in range. */
#include "cli/cli.h"

#include "base/share.h"
#include "sdp/mem.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *quoted(const char *text)
{
	static char out[128];
	return sdp_quote(out, sizeof out, text, strlen(text));
}

static int fail(const struct sdp_option *o, const char *text, const char *what, struct sdp_err *err)
{
	return sdp_fail(err, SDP_USAGE, "--%s: %s: %s", o->long_name, what, quoted(text));
}

static void print_size(char out[32], double bytes)
{
	static const char suffix[] = " KMGT";
	int i = 0;
	while (i < 4 && bytes >= 1024 && fmod(bytes, 1024) == 0) {
		bytes /= 1024;
		i++;
	}
	snprintf(out, 32, i ? "%.15g%c" : "%.15g", bytes, suffix[i]);
}

static bool unlimited(const struct sdp_option *o)
{
	return (o->min == 0 && o->max == 0) || (isinf(o->min) && isinf(o->max));
}

static bool in_range(const struct sdp_option *o, double v)
{
	return unlimited(o) || (v >= o->min && v <= o->max);
}

/* "not a number between 1 and 256"; this is the message also if the text is not a number at all. */
static int fail_range(const struct sdp_option *o, const char *text, struct sdp_err *err)
{
	const char *kind = o->type == SDP_SIZE ? "size" : "number";
	char low[32], high[32], what[120];
	if (o->type == SDP_SIZE) {
		print_size(low, o->min);
		print_size(high, o->max);
	} else {
		snprintf(low, sizeof low, "%.15g", o->min);
		snprintf(high, sizeof high, "%.15g", o->max);
	}
	if (unlimited(o))
		snprintf(what, sizeof what,
			 o->type == SDP_SIZE ? "not a size like 512, 64K, 256M or 2G" : "not a %s",
			 kind);
	else if (isinf(o->max))
		snprintf(what, sizeof what, "not a %s of at least %s", kind, low);
	else if (isinf(o->min))
		snprintf(what, sizeof what, "not a %s of at most %s", kind, high);
	else
		snprintf(what, sizeof what, "not a %s between %s and %s", kind, low, high);
	return fail(o, text, what, err);
}

static bool is_real(const char *text, double *value)
{
	char *end;
	if (!*text || text[strspn(text, "0123456789+-.eE")])
		return false;
	*value = strtod(text, &end);
	return !*end && isfinite(*value);
}

static int set_integer(const struct sdp_option *o, int64_t *member, const char *text,
		       struct sdp_err *err)
{
	const char *digits = text + (*text == '-' || *text == '+');
	double real;
	if (!*digits || digits[strspn(digits, "0123456789")]) {
		if (is_real(text, &real) && real != floor(real))
			return fail(o, text, "not a whole number", err);
		return fail_range(o, text, err);
	}
	errno = 0;
	long long v = strtoll(text, NULL, 10);
	if (errno == ERANGE && unlimited(o))
		return fail(o, text, "not a 64-bit number", err);
	if (errno == ERANGE || !in_range(o, (double)v))
		return fail_range(o, text, err);
	*member = v;
	return 0;
}

static int set_real(const struct sdp_option *o, double *member, const char *text,
		    struct sdp_err *err)
{
	double v;
	if (!is_real(text, &v) || !in_range(o, v))
		return fail_range(o, text, err);
	*member = v;
	return 0;
}

static int set_share(const struct sdp_option *o, double *member, const char *text,
		     struct sdp_err *err)
{
	struct sdp_number share;
	bool percent;
	if (!sdp_share_parse(text, &share, &percent))
		return sdp_share_fail(o->long_name, text, err);
	*member = share.real;
	return 0;
}

static int set_size(const struct sdp_option *o, uint64_t *member, const char *text,
		    struct sdp_err *err)
{
	static const char suffixes[] = "KMGT";
	size_t digits = strspn(text, "0123456789");
	const char *rest = text + digits, *suffix;
	unsigned shift = 0;
	errno = 0;
	unsigned long long v = strtoull(text, NULL, 10);
	if (!digits || errno == ERANGE)
		return fail_range(o, text, err);
	if (*rest && (suffix = strchr(suffixes, toupper((unsigned char)*rest)))) {
		shift = 10 * (unsigned)(suffix - suffixes + 1);
		rest++;
		if (rest[0] == 'i' && toupper((unsigned char)rest[1]) == 'B')
			rest++;
	}
	if (toupper((unsigned char)*rest) == 'B')
		rest++;
	if (*rest || v > UINT64_MAX >> shift)
		return fail_range(o, text, err);
	v <<= shift;
	if (!in_range(o, (double)v))
		return fail_range(o, text, err);
	*member = v;
	return 0;
}

static int set_char(const struct sdp_option *o, char *member, const char *text, struct sdp_err *err)
{
	if (strcmp(text, "\\t") == 0 || strcmp(text, "tab") == 0)
		text = "\t";
	if (strlen(text) != 1)
		return fail(o, text, "not a single byte (or \\t)", err);
	*member = *text;
	return 0;
}

static int set_choice(const struct sdp_option *o, int *member, const char *text,
		      struct sdp_err *err)
{
	char what[200];
	size_t length = strlen(text), at = 0;
	int value = (int)o->min;
	for (const char *word = o->argument; word; value++) {
		size_t n = strcspn(word, "|");
		if (n == length && memcmp(word, text, n) == 0) {
			*member = value;
			return 0;
		}
		at += (size_t)snprintf(what + at, sizeof what - at, "%s%.*s",
				       at ? ", " : "not one of ", (int)n, word);
		if (at >= sizeof what)
			SDP_BUG();
		word = word[n] ? word + n + 1 : NULL;
	}
	return fail(o, text, what, err);
}

static int add_to_list(struct sdp_list *list, const char *text, struct sdp_err *err)
{
	/* The capacity is doubled whenever the count is a power of two. */
	if ((list->count & (list->count - 1)) == 0) {
		size_t room = list->count ? 2 * list->count : 1;
		const char **items = realloc(list->items, room * sizeof *items);
		if (!items)
			return sdp_fail_memory(err);
		list->items = items;
	}
	list->items[list->count++] = text;
	return 0;
}

int sdp_option_set(const struct sdp_option *o, void *params, const char *text, struct sdp_err *err)
{
	void *member = (char *)params + o->offset;
	switch (o->type) {
	case SDP_FLAG:
		*(bool *)member = true;
		return 0;
	case SDP_INTEGER:
		return set_integer(o, member, text, err);
	case SDP_REAL:
		return set_real(o, member, text, err);
	case SDP_SHARE:
		return set_share(o, member, text, err);
	case SDP_SIZE:
		return set_size(o, member, text, err);
	case SDP_CHAR:
		return set_char(o, member, text, err);
	case SDP_TEXT:
		*(const char **)member = text;
		return 0;
	case SDP_CHOICE:
		return set_choice(o, member, text, err);
	case SDP_LIST:
		return add_to_list(member, text, err);
	}
	SDP_BUG();
}
