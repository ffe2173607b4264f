/* Reads percentiles, and translates the names of other programs. */
#include "model/stats/statistic_names.h"

#include "base/text.h"
#include "sdp/num.h"

#include <string.h>
#include <strings.h>

bool sdp_percentage_parse(const char *s, size_t n, struct sdp_probability *p)
{
	struct sdp_number number;
	for (; n > 1 && s[0] == '0' && s[1] != '.'; n--)
		s++; /* numbers have no leading zeros */
	sdp_number_parse(s, n, '.', &number);
	for (size_t i = 0; i < n; i++)
		if ((s[i] < '0' || s[i] > '9') && s[i] != '.')
			return false;
	if (n == 0 || number.kind != SDP_NUMBER_DECIMAL || number.scale > 2 ||
	    number.mantissa > 10000)
		return false;
	uint64_t hundredths = (uint64_t)number.mantissa * (number.scale == 0   ? 100
							   : number.scale == 1 ? 10
									       : 1);
	*p = (struct sdp_probability){hundredths, 10000};
	return hundredths <= 10000;
}

int sdp_statistic_translate(const char *name, size_t length, struct sdp_err *err)
{
	static const char *const meant[][2] = {{"avg", "mean"},       {"average", "mean"},
					       {"std", "stddev"},     {"stdev", "stddev"},
					       {"sd", "stddev"},      {"var", "variance"},
					       {"med", "median"},     {"total", "sum"},
					       {"n", "count"},        {"size", "count"},
					       {"minimum", "min"},    {"maximum", "max"},
					       {"nunique", "unique"}, {"distinct", "unique"}};
	struct sdp_probability p;
	char quoted[128];
	sdp_quote(quoted, sizeof quoted, name, length);
	for (size_t i = 0; i < sizeof meant / sizeof *meant; i++)
		if (strlen(meant[i][0]) == length && strncasecmp(meant[i][0], name, length) == 0)
			return sdp_fail(err, SDP_USAGE,
					"--agg: there is no statistic %s, did you mean %s?", quoted,
					meant[i][1]);
	if (length > 1 && (*name == 'p' || *name == 'P') &&
	    sdp_percentage_parse(name + 1, length - 1, &p))
		return sdp_fail(err, SDP_USAGE,
				"--agg: there is no statistic %s, did you mean q%.*s?", quoted,
				(int)length - 1, name + 1);
	return 0;
}
