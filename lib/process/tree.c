/* The descendants of this process, their memory, and killing them. */
#include "process/tree.h"
#include "sdp/mem.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void sdp_process_tree_release(struct sdp_process_tree *tree)
{
	free(tree->processes);
	free(tree->below);
	*tree = (struct sdp_process_tree){0};
}

/* Reads the start of /proc/PID/NAME as a string.  Returns its length, or 0. */
static size_t read_file(const char *pid, const char *name, char *text, size_t size)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%.20s/%s", pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	ssize_t n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

/* Returns the parent of a process from its stat file, "PID (any name) STATE PARENT …"; or 0. */
static pid_t parent_of(const char *pid)
{
	char text[512];
	const char *end;
	if (!read_file(pid, "stat", text, sizeof text) || !(end = strrchr(text, ')')) ||
	    strlen(end) < 4)
		return 0;
	return (pid_t)strtol(end + 4, NULL, 10);
}

static int scan(struct sdp_process_tree *t)
{
	struct sdp_err err;
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	int rc = dir ? 0 : -1;
	t->count = 0;
	while (rc == 0 && (entry = readdir(dir))) {
		if (entry->d_name[strspn(entry->d_name, "0123456789")])
			continue;
		rc = sdp_grow(&t->processes, &t->capacity, t->count + 1, sizeof *t->processes,
			      &err);
		if (rc == 0)
			t->processes[t->count++] =
				(struct sdp_process){(pid_t)strtol(entry->d_name, NULL, 10),
						     parent_of(entry->d_name)};
	}
	if (dir)
		closedir(dir);
	return rc;
}

static int add_children(struct sdp_process_tree *t, pid_t parent)
{
	struct sdp_err err;
	for (size_t i = 0; i < t->count; i++) {
		if (t->processes[i].parent != parent)
			continue;
		if (sdp_grow(&t->below, &t->below_capacity, t->below_count + 1, sizeof *t->below,
			     &err) < 0)
			return -1;
		t->below[t->below_count++] = t->processes[i].pid;
	}
	return 0;
}

/*
 * Finds the descendants, breadth first.  (/proc/PID/task/TID/children would be faster, but not
 * every kernel has it.)  If a pid was reused while /proc was read, the processes could form a
 * cycle, so the length of the list is bounded.
 */
static int find_below(struct sdp_process_tree *t)
{
	t->below_count = 0;
	if (scan(t) < 0 || add_children(t, getpid()) < 0)
		return -1;
	for (size_t i = 0; i < t->below_count && t->below_count <= t->count; i++)
		if (add_children(t, t->below[i]) < 0)
			return -1;
	return 0;
}

/* Returns the kilobytes in a line "NAME:   123 kB"; -1 if there is no such line. */
static long long field(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	return at ? strtoll(at + strlen(name), NULL, 10) : -1;
}

uint64_t sdp_process_tree_memory(struct sdp_process_tree *t)
{
	uint64_t sum = 0;
	char text[4096], name[24];
	if (find_below(t) < 0)
		return 0;
	for (size_t i = 0; i < t->below_count; i++) {
		snprintf(name, sizeof name, "%ld", (long)t->below[i]);
		if (!read_file(name, "smaps_rollup", text, sizeof text))
			continue;
		long long anonymous = field(text, "\nPss_Anon:"),
			  shared = field(text, "\nPss_Shmem:");
		/* Kernels before 5.4 only have the sum with files. */
		long long kilobytes =
			anonymous >= 0 && shared >= 0 ? anonymous + shared : field(text, "\nPss:");
		sum += kilobytes > 0 ? (uint64_t)kilobytes * 1024 : 0;
	}
	return sum;
}

void sdp_process_tree_kill(struct sdp_process_tree *t)
{
	if (find_below(t) < 0)
		return;
	for (size_t i = 0; i < t->below_count; i++)
		kill(t->below[i], SIGKILL);
}
