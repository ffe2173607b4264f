/* Prints and parses timestamps. */
#include "base/timestamp.h"
#include "base/calendar.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void sdp_timestamp_print(char out[SDP_TIMESTAMP_SIZE], const struct timespec *when)
{
	char text[SDP_TIME_TEXT];
	sdp_time_print(text, when->tv_sec, 0, 0, SDP_TIME_LOCAL);
	snprintf(out, SDP_TIMESTAMP_SIZE, "%.26s.%03uZ", text,
		 (unsigned)(when->tv_nsec / 1000000) % 1000);
}

void sdp_timestamp_now(char out[SDP_TIMESTAMP_SIZE])
{
	struct timespec now = {0};
	clock_gettime(CLOCK_REALTIME, &now);
	sdp_timestamp_print(out, &now);
}

double sdp_timestamp_seconds(const char *text)
{
	static const char shape[] = "0000-00-00T00:00:00.000Z";
	struct sdp_date date;
	int hour, minute, second, milliseconds;
	if (!text || strlen(text) != sizeof shape - 1)
		return NAN;
	for (size_t i = 0; i < sizeof shape - 1; i++)
		if (shape[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i])
			return NAN;
	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ", &date.year, &date.month, &date.day, &hour,
		   &minute, &second, &milliseconds) != 7 ||
	    !sdp_date_valid(date) || hour > 23 || minute > 59 || second > 59)
		return NAN;
	return (double)(sdp_days_of_date(date) * 86400 + hour * 3600 + minute * 60 + second) +
	       milliseconds / 1e3;
}
