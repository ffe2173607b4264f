/* Loads time zone files. */
#include "table/tz_load.h"

#include "base/env.h"
#include "base/file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
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

/* Compares names without regard to upper and lower case; a blank is an underscore. */
static bool same_name(const char *typed, const char *name)
{
	for (; *typed && *name; typed++, name++) {
		char c = *typed == ' ' ? '_' : *typed;
		if (tolower((unsigned char)c) != tolower((unsigned char)*name))
			return false;
	}
	return *typed == *name;
}

/*
 * Counts in *found the zones of a region such as America that have the name, with or without the
 * region, and prints the last of them to zone.
 */
static void look_in_region(const char *folder, const char *region, const char *typed, char *zone,
			   size_t size, unsigned *found)
{
	char path[400], full[200];
	if (snprintf(path, sizeof path, "%s/%s", folder, region) >= (int)sizeof path)
		return;
	DIR *names = opendir(path);
	for (const struct dirent *e; names && (e = readdir(names));) {
		if (*e->d_name == '.' ||
		    snprintf(full, sizeof full, "%s/%s", region, e->d_name) >= (int)sizeof full ||
		    !(same_name(typed, e->d_name) || same_name(typed, full)))
			continue;
		++*found;
		snprintf(zone, size, "%s", full);
	}
	if (names)
		closedir(names);
}

/*
 * Prints to zone the only zone that is called like this in any region: America/New_York for
 * New_York.  Returns false if there is none, or more than one.
 */
static bool find_zone(const char *folder, const char *typed, char *zone, size_t size)
{
	unsigned found = 0;
	DIR *regions = opendir(folder);
	for (const struct dirent *e; regions && (e = readdir(regions));)
		/* posix and right have all zones again. */
		if (*e->d_name != '.' && strcmp(e->d_name, "posix") != 0 &&
		    strcmp(e->d_name, "right") != 0)
			look_in_region(folder, e->d_name, typed, zone, size, &found);
	if (regions)
		closedir(regions);
	return found == 1;
}

static void fail_name(const char *folder, const char *name, const char *quoted, struct sdp_err *err)
{
	char zone[200];
	if (find_zone(folder, name, zone, sizeof zone))
		sdp_fail(err, SDP_USAGE, "no time zone is called %s, did you mean %s?", quoted,
			 zone);
	else
		sdp_fail(err, SDP_USAGE, "no time zone is called %s (in %.200s)", quoted, folder);
}

static struct sdp_tz *fail_open(const char *folder, const char *name, const char *quoted,
				struct sdp_err *err)
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
		fail_name(folder, name, quoted, err);
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
		fail_name(folder, name, quoted, err);
		return NULL;
	}
	if (sdp_buf_format(&path, err, "%s/%s", folder, name) < 0)
		return NULL;
	if (sdp_file_read(path.data, LARGEST, &bytes, err) < 0) {
		if (err->code == SDP_SYSTEM)
			fail_open(folder, name, quoted, err);
	} else {
		struct sdp_err why;
		zone = sdp_tzif_parse(bytes.data, bytes.length, &why);
		if (!zone)
			sdp_fail(err, why.code, "the time zone %s: %.300s: %.300s", quoted,
				 path.data, why.text);
	}
	sdp_buf_release(&path);
	sdp_buf_release(&bytes);
	return zone;
}
