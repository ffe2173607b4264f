/* Allocation that reports failure, and the limits of memory and cores of this process. */
#define _GNU_SOURCE
#include "sdp/mem.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void *sdp_alloc(size_t count, size_t size, struct sdp_err *err)
{
	void *p = calloc(count ? count : 1, size);
	if (!p)
		sdp_fail_memory(err);
	return p;
}

int sdp_grow(void *items, size_t *capacity, size_t need, size_t size, struct sdp_err *err)
{
	if (need <= *capacity)
		return 0;
	size_t n = *capacity + *capacity / 2;
	if (n < need)
		n = need;
	if (n < 16)
		n = 16;
	void *old;
	memcpy(&old, items, sizeof old);
	void *p = n > SIZE_MAX / size ? NULL : realloc(old, n * size);
	if (!p)
		return sdp_fail_memory(err);
	memcpy(items, &p, sizeof p);
	*capacity = n;
	return 0;
}

char *sdp_strndup(const char *text, size_t length, struct sdp_err *err)
{
	char *p = sdp_alloc(length + 1, 1, err);
	if (p && length)
		memcpy(p, text, length);
	return p;
}

/*
 * Returns the first number in a one-line system file; none if there is no file or no number, for
 * example "max".
 */
static uint64_t number_in(const char *path, uint64_t none)
{
	FILE *f = fopen(path, "re");
	unsigned long long n;
	if (!f)
		return none;
	if (fscanf(f, "%llu", &n) != 1)
		n = none;
	fclose(f);
	return n;
}

uint64_t sdp_memory_limit(void)
{
	uint64_t limit = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
	static const char *const files[] = {
		"/sys/fs/cgroup/memory.max",
		"/sys/fs/cgroup/memory/memory.limit_in_bytes",
	};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		uint64_t n = number_in(files[i], UINT64_MAX);
		if (n < limit)
			limit = n;
	}
	return limit;
}

int sdp_core_count(void)
{
	cpu_set_t set;
	int cores = sched_getaffinity(0, sizeof set, &set) == 0
			    ? CPU_COUNT(&set)
			    : (int)sysconf(_SC_NPROCESSORS_ONLN);
	FILE *f = fopen("/sys/fs/cgroup/cpu.max", "re");
	if (f) {
		double quota, period;
		if (fscanf(f, "%lf %lf", &quota, &period) == 2 && period > 0) {
			int allowed = (int)(quota / period + 0.999);
			if (allowed < cores)
				cores = allowed;
		}
		fclose(f);
	}
	return cores > 0 ? cores : 1;
}
