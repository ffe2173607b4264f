/* Suggests names by the Damerau-Levenshtein distance (optimal string alignment). */
#include "base/suggest.h"

#include <stdbool.h>
#include <string.h>

enum { NAME = 40, FAR = 3 };

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same(char a, char b)
{
	return lower(a) == lower(b);
}

/* The cost of inserting or deleting a character, or of substituting another one for it. */
static int cost(char c)
{
	return c >= '0' && c <= '9' ? FAR : 1;
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

static int distance(const char *a, size_t m, const char *b, size_t n)
{
	int d[NAME + 1][NAME + 1] = {{0}};
	for (size_t i = 1; i <= m; i++)
		d[i][0] = d[i - 1][0] + cost(a[i - 1]);
	for (size_t j = 1; j <= n; j++)
		d[0][j] = d[0][j - 1] + cost(b[j - 1]);
	for (size_t i = 1; i <= m; i++)
		for (size_t j = 1; j <= n; j++) {
			char x = a[i - 1], y = b[j - 1];
			int change = cost(x) > cost(y) ? cost(x) : cost(y);
			int best = d[i - 1][j - 1] + (same(x, y) ? 0 : change);
			best = least(best, d[i - 1][j] + cost(x));
			best = least(best, d[i][j - 1] + cost(y));
			if (i > 1 && j > 1 && same(x, b[j - 2]) && same(a[i - 2], y))
				best = least(best, d[i - 2][j - 2] + 1);
			d[i][j] = best;
		}
	return d[m][n];
}

/* Returns whether a byte is a letter, a digit or part of a character outside ASCII. */
static bool counts(char c)
{
	unsigned char u = (unsigned char)c;
	return u >= 0x80 || (u >= '0' && u <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}

/* Returns whether two names differ only in case, blanks and punctuation. */
static bool alike(const char *a, size_t m, const char *b, size_t n)
{
	size_t i = 0, j = 0, equal = 0;
	for (;; i++, j++, equal++) {
		while (i < m && !counts(a[i]))
			i++;
		while (j < n && !counts(b[j]))
			j++;
		if (i == m || j == n)
			return i == m && j == n && equal;
		if (!same(a[i], b[j]))
			return false;
	}
}

struct sdp_suggestion sdp_suggest_for(const char *typed, size_t length)
{
	size_t characters = 0;
	for (size_t i = 0; i < length; i++)
		characters += counts(typed[i]) && ((unsigned char)typed[i] & 0xc0) != 0x80;
	return (struct sdp_suggestion){.typed = typed,
				       .length = length,
				       .limit = characters < 3   ? 1
						: characters < 5 ? 2
								 : FAR};
}

static bool begins(const struct sdp_suggestion *near, const char *name, size_t n)
{
	for (size_t i = 0; i < near->length; i++)
		if (i == n || !same(near->typed[i], name[i]))
			return false;
	return near->length >= 3;
}

void sdp_suggest_try(struct sdp_suggestion *near, const char *name)
{
	size_t m = near->length, n = strnlen(name, NAME + 1);
	if (m > NAME || n > NAME)
		return;
	int d = FAR;
	if (alike(near->typed, m, name, n))
		d = 0;
	else if (begins(near, name, n))
		d = n > m; /* typing only the beginning of a name counts as one error */
	else if ((n > m ? n - m : m - n) < (size_t)near->limit)
		d = distance(near->typed, m, name, n);
	if (d < near->limit) {
		near->limit = d;
		near->name = name;
	}
}
