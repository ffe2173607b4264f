/* UUIDs of version 7. */
#define _GNU_SOURCE
#include "base/uuid.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

int sdp_uuid_new(char out[SDP_UUID_LENGTH + 1], struct sdp_err *err)
{
	struct timespec now;
	uint64_t random;
	clock_gettime(CLOCK_REALTIME, &now);
	if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
		return sdp_fail_errno(err, "no random bytes");
	uint64_t ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	unsigned fraction = (unsigned)((uint64_t)now.tv_nsec % 1000000 * 4096 / 1000000);
	unsigned variant = 0x8000 | (unsigned)(random >> 50);
	snprintf(out, SDP_UUID_LENGTH + 1, "%08llx-%04x-7%03x-%04x-%012llx",
		 (unsigned long long)(ms >> 16 & 0xffffffff), (unsigned)(ms & 0xffff),
		 fraction & 0xfff, variant & 0xbfff, (unsigned long long)(random & 0xffffffffffff));
	return 0;
}

bool sdp_uuid_valid(const char *text)
{
	for (int i = 0; i < SDP_UUID_LENGTH; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (text[i] == '\0' ||
		    (dash ? text[i] != '-' : !strchr("0123456789abcdef", text[i])))
			return false;
	}
	return text[SDP_UUID_LENGTH] == '\0';
}
