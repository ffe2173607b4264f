/* Loads time zone files. */
#include "table/tz_load.h"

#include "base/env.h"
#include "sdp/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST = 1 << 20 };

/*
 * Returns whether a name such as "America/New_York" or "Etc/GMT+1" is safe: it must not lead out of
 * the folder.
 */
static bool plausible(const char *name)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
	size_t n = strlen(name);
	return n > 0 && n < 200 && strspn(name, allowed) == n && *name != '/' &&
	       name[n - 1] != '/' && !strstr(name, "//");
}

static int read_file(int fd, struct sdp_buf *bytes, struct sdp_err *err)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return -1;
	errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	if (!S_ISREG(st.st_mode) || st.st_size > LARGEST ||
	    sdp_buf_reserve(bytes, (size_t)st.st_size, err) < 0)
		return -1;
	ssize_t n = sdp_read_at(fd, bytes->data, (size_t)st.st_size, 0);
	bytes->length = n < 0 ? 0 : (size_t)n;
	return n < 0 ? -1 : 0;
}

static struct sdp_tz *fail_open(const char *folder, const char *quoted, struct sdp_err *err)
{
	bool missing = errno == ENOENT || errno == ENOTDIR || errno == EISDIR;
	struct stat st;
	if (!missing)
		sdp_fail_errno(err, "cannot read the time zone %s in %.200s", quoted, folder);
	else if (stat(folder, &st) < 0)
		sdp_fail(err, SDP_SYSTEM,
			 "there are no time zones in %.200s: is the package tzdata installed?",
			 folder);
	else
		sdp_fail(err, SDP_USAGE, "no time zone is called %s (in %.200s)", quoted, folder);
	return NULL;
}

struct sdp_tz *sdp_tz_load(const char *name, struct sdp_err *err)
{
	const char *folder = sdp_env("TZDIR");
	char quoted[128];
	struct sdp_buf path = {0}, bytes = {0};
	struct sdp_tz *zone = NULL;
	if (strcmp(name, "UTC") == 0)
		return sdp_tz_utc(err);
	if (!folder)
		folder = "/usr/share/zoneinfo";
	sdp_quote(quoted, sizeof quoted, name, strlen(name));
	if (!plausible(name)) {
		sdp_fail(err, SDP_USAGE, "no time zone is called %s", quoted);
		return NULL;
	}
	if (sdp_buf_format(&path, err, "%s/%s", folder, name) < 0)
		return NULL;
	int fd = open(path.data, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read_file(fd, &bytes, err) < 0) {
		fail_open(folder, quoted, err);
	} else {
		struct sdp_err why;
		zone = sdp_tzif_parse(bytes.data, bytes.length, &why);
		if (!zone)
			sdp_fail(err, why.code, "the time zone %s: %.300s: %.300s", quoted,
				 path.data, why.text);
	}
	if (fd >= 0)
		close(fd);
	sdp_buf_release(&path);
	sdp_buf_release(&bytes);
	return zone;
}
