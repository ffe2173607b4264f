#include "base/human.h"

#include <math.h>
#include <stdio.h>

/* Returns how many digits follow the point of a value with so many significant digits. */
static int decimals(double value, int digits)
{
	int whole = (int)floor(log10(value)) + 1;
	return digits > whole ? digits - whole : 0;
}

/* Returns value rounded to digits significant digits, or as it is if they are below the doubles. */
static double rounded(double value, int digits)
{
	double unit = pow(10, floor(log10(value)) + 1 - digits);
	return unit > 0 ? round(value / unit) * unit : value;
}

/* Returns the length of a text of n bytes, as snprintf counts them, that was cut to fit size. */
static size_t length_of(int n, size_t size)
{
	return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

/* Prints a number without an exponent if that leaves room for the unit, otherwise with one. */
static size_t print(char *out, size_t size, double value, int digits, const char *unit)
{
	int n = snprintf(out, size, "%.*f %s", decimals(rounded(value, digits), digits), value,
			 unit);
	if (n >= (int)size)
		n = snprintf(out, size, "%.*e %s", digits - 1, value, unit);
	return length_of(n, size);
}

size_t sdp_human_bytes(char out[SDP_HUMAN_TEXT], double bytes, int digits)
{
	static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
	size_t i = 0;
	if (bytes < 999.5)
		return length_of(snprintf(out, SDP_HUMAN_TEXT, "%.0f B", bytes), SDP_HUMAN_TEXT);
	bytes /= 1000;
	while (i + 1 < sizeof units / sizeof *units && rounded(bytes, digits) >= 1000) {
		bytes /= 1000;
		i++;
	}
	return print(out, SDP_HUMAN_TEXT, bytes, digits, units[i]);
}

/* Prints a duration of at least a minute as two whole numbers. */
static int print_long(char *out, size_t size, double seconds)
{
	double minutes = floor(round(seconds) / 60), hours;
	if (minutes < 60)
		return snprintf(out, size, "%.0f min %.0f s", minutes,
				round(seconds) - minutes * 60);
	minutes = round(seconds / 60);
	hours = floor(minutes / 60);
	if (hours < 24)
		return snprintf(out, size, "%.0f h %.0f min", hours, minutes - hours * 60);
	hours = round(seconds / 3600);
	return snprintf(out, size, "%.0f d %.0f h", floor(hours / 24),
			hours - floor(hours / 24) * 24);
}

/*
 * Does the same with more digits: numbers follow as long as there are digits, or until the rest is
 * 0. Returns 0 if they do not fit.
 */
static int print_exact(char *out, size_t size, double seconds, int digits)
{
	static const char *const names[] = {"d", "h", "min"};
	static const int lengths[] = {86400, 3600, 60};
	double value = rounded(seconds, digits);
	int places = decimals(value, digits), n = 0, printed = 0;
	double ticks = pow(10, places), all = round(value * ticks);
	if (!(all < 0x1p62))
		return 0;
	long long left = (long long)all, second = (long long)ticks;
	for (int i = 0; i < 3 && (left || printed < 2); i++) {
		long long number = left / (second * lengths[i]);
		left -= number * second * lengths[i];
		if (number || printed) {
			n += snprintf(out + n, size - n, "%s%lld %s", printed ? " " : "", number,
				      names[i]);
			printed++;
		}
	}
	if (!left && printed > 1)
		return n;
	return n + snprintf(out + n, size - n, " %.*f s", left ? places : 0, (double)left / ticks);
}

size_t sdp_human_seconds(char out[SDP_HUMAN_TEXT], double seconds, int digits)
{
	static const char *const units[] = {"s", "ms", "µs", "ns"};
	size_t i = 0, sign = seconds < 0, size = SDP_HUMAN_TEXT - sign;
	out[0] = '-';
	seconds = fabs(seconds);
	if (seconds == 0)
		return length_of(snprintf(out, SDP_HUMAN_TEXT, "0 s"), SDP_HUMAN_TEXT);
	if (rounded(seconds, digits) >= 60) {
		int n = digits > SDP_HUMAN_DIGITS ? print_exact(out + sign, size, seconds, digits)
						  : 0;
		if (n == 0)
			n = print_long(out + sign, size, seconds);
		return sign + length_of(n, size);
	}
	while (i + 1 < sizeof units / sizeof *units && rounded(seconds, digits) < 1) {
		seconds *= 1000;
		i++;
	}
	return sign + print(out + sign, size, seconds, digits, units[i]);
}
