/*
 * The limits of memory and cores of this process.
 *
 * A process is in one cgroup of each hierarchy, and the limits of all cgroups above it hold as
 * well. /proc/self/cgroup names them, one line per hierarchy (cgroups(7)):
 *
 *	0::/user.slice/job.scope	version 2, in /sys/fs/cgroup
 *	4:memory:/docker/1a2b		version 1, in /sys/fs/cgroup/memory
 *
 * A container may see only the part of the tree below its own cgroup, while the path is that of the
 * host. Folders that are missing are skipped, so its limits are then found at the root.
 */
#define _GNU_SOURCE
#include "base/file.h"
#include "sdp/mem.h"

#include <limits.h>
#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct limits {
	double memory, cores; /* INFINITY: no limit */
};

/*
 * Returns the first number in a one-line system file, or INFINITY if there is no file or no number,
 * for example "max". A second number is stored to *second, if that is not NULL.
 */
static double number_in(const char *folder, const char *file, double *second)
{
	char path[PATH_MAX], text[100];
	double n = INFINITY;
	if (snprintf(path, sizeof path, "%s/%s", folder, file) >= (int)sizeof path)
		return INFINITY;
	(void)sdp_file_read_start(path, text, sizeof text);
	if (sscanf(text, "%lf", &n) != 1 || (second && sscanf(text, "%*f %lf", second) != 1))
		n = INFINITY;
	return n;
}

static double least(double a, double b)
{
	return b < a ? b : a;
}

static void add_cores(double quota, double period, struct limits *limits)
{
	if (isfinite(quota) && isfinite(period) && quota > 0 && period > 0)
		limits->cores = least(limits->cores, quota / period);
}

/* Each of the next three takes over the limits of one cgroup. */
static void add_unified(const char *folder, struct limits *limits)
{
	double period = 0, quota = number_in(folder, "cpu.max", &period);
	limits->memory = least(limits->memory, number_in(folder, "memory.max", NULL));
	limits->memory = least(limits->memory, number_in(folder, "memory.high", NULL));
	add_cores(quota, period, limits);
}

static void add_memory(const char *folder, struct limits *limits)
{
	limits->memory = least(limits->memory, number_in(folder, "memory.limit_in_bytes", NULL));
}

static void add_cpu(const char *folder, struct limits *limits)
{
	double quota = number_in(folder, "cpu.cfs_quota_us", NULL);
	if (quota > 0)
		add_cores(quota, number_in(folder, "cpu.cfs_period_us", NULL), limits);
}

/*
 * Takes over the limits of the cgroups above the one at path in a hierarchy, but of the root, and
 * of itself.
 */
static void add_path(const char *hierarchy, const char *path,
		     void (*add_cgroup)(const char *, struct limits *), struct limits *limits)
{
	char folder[PATH_MAX];
	size_t root = strlen(hierarchy);
	/* A cgroup outside the visible tree begins with "/..". */
	bool outside = strncmp(path, "/..", 3) == 0;
	int n = snprintf(folder, sizeof folder, "%s%s", hierarchy, outside ? "" : path);
	if (n < 0 || n >= (int)sizeof folder)
		return;
	for (char *slash; (slash = strrchr(folder + root, '/')); *slash = '\0')
		if (slash[1])
			add_cgroup(folder, limits);
}

/* Returns whether a word is in a list that is separated by commas. */
static bool listed(const char *list, const char *word)
{
	size_t length = strlen(word);
	for (; *list; list += *list == ',') {
		size_t n = strcspn(list, ",");
		if (n == length && memcmp(list, word, n) == 0)
			return true;
		list += n;
	}
	return false;
}

/* Takes over the limits of this process's cgroups. root is "" or a folder that stands for "/". */
static void add_cgroups(const char *root, struct limits *limits)
{
	static const struct {
		const char *controller, *folder;
		void (*add_cgroup)(const char *folder, struct limits *limits);
	} hierarchies[] = {{"", "", add_unified},
			   {"", "/unified", add_unified},
			   {"memory", "/memory", add_memory},
			   {"cpu", "/cpu", add_cpu}};
	char line[PATH_MAX], path[PATH_MAX];
	snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
	FILE *f = fopen(path, "re");
	for (size_t i = 0; i < sizeof hierarchies / sizeof *hierarchies; i++) {
		const char *controller = hierarchies[i].controller;
		snprintf(path, sizeof path, "%s/sys/fs/cgroup%s", root, hierarchies[i].folder);
		hierarchies[i].add_cgroup(path, limits);
		while (f && fgets(line, sizeof line, f)) {
			line[strcspn(line, "\n")] = '\0';
			char *list = strchr(line, ':'), *at = list ? strchr(list + 1, ':') : NULL;
			if (!at)
				continue;
			*at = '\0';
			if (*controller ? listed(list + 1, controller) : !list[1])
				add_path(path, at + 1, hierarchies[i].add_cgroup, limits);
		}
		if (f)
			rewind(f);
	}
	if (f)
		fclose(f);
}

/* Returns the limits of this process's cgroups, which are read once. */
static const struct limits *own_limits(void)
{
	static struct limits limits = {INFINITY, INFINITY};
	static bool known;
	if (!known)
		add_cgroups("", &limits);
	known = true;
	return &limits;
}

uint64_t sdp_memory_limit(void)
{
	const struct limits *limits = own_limits();
	uint64_t memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
	struct rlimit space;
	if (limits->memory < (double)memory)
		memory = (uint64_t)limits->memory;
	if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur < memory)
		memory = space.rlim_cur;
	return memory;
}

int sdp_core_count(void)
{
	const struct limits *limits = own_limits();
	cpu_set_t set;
	int cores = sched_getaffinity(0, sizeof set, &set) == 0
			    ? CPU_COUNT(&set)
			    : (int)sysconf(_SC_NPROCESSORS_ONLN);
	if (ceil(limits->cores) < cores)
		cores = (int)ceil(limits->cores);
	return cores > 0 ? cores : 1;
}
