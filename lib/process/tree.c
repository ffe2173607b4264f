/* The descendants of this process, their memory, and killing them. */
#include "process/tree.h"

#include "base/file.h"
#include "sdp/mem.h"

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void sdp_process_tree_release(struct sdp_process_tree *tree)
{
	free(tree->processes);
	free(tree->below);
	free(tree->others);
	*tree = (struct sdp_process_tree){0};
}

/* Reads the start of /proc/PID/NAME as a string.  Returns its length, or 0. */
static size_t read_file(const char *pid, const char *name, char *text, size_t size)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%.20s/%s", pid, name);
	ssize_t n = sdp_file_read_start(path, text, size);
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

bool sdp_process_tree_leaves_out(const struct sdp_process_tree *t, pid_t pid)
{
	for (size_t i = 0; i < t->others_count; i++)
		if (t->others[i] == pid)
			return true;
	return false;
}

static int add_other(struct sdp_process_tree *t, pid_t pid)
{
	struct sdp_err err;
	if (sdp_grow(&t->others, &t->others_capacity, t->others_count + 1, sizeof *t->others,
		     &err) < 0)
		return -1;
	t->others[t->others_count++] = pid;
	return 0;
}

/* Removes ended processes from others, as their pids may be reused, and adds new children to it. */
static int update_others(struct sdp_process_tree *t)
{
	size_t kept = 0;
	for (size_t i = 0; i < t->others_count; i++)
		for (size_t k = 0; k < t->count; k++)
			if (t->processes[k].pid == t->others[i]) {
				t->others[kept++] = t->others[i];
				break;
			}
	t->others_count = kept;
	for (size_t i = 0; i < t->others_count; i++)
		for (size_t k = 0; k < t->count; k++)
			if (t->processes[k].parent == t->others[i] &&
			    !sdp_process_tree_leaves_out(t, t->processes[k].pid) &&
			    add_other(t, t->processes[k].pid) < 0)
				return -1;
	return 0;
}

static int add_children(struct sdp_process_tree *t, pid_t parent)
{
	struct sdp_err err;
	for (size_t i = 0; i < t->count; i++) {
		if (t->processes[i].parent != parent ||
		    sdp_process_tree_leaves_out(t, t->processes[i].pid))
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
	siginfo_t info;
	t->below_count = t->children = 0;
	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
		return 0; /* this process has no children */
	if (scan(t) < 0 || update_others(t) < 0 || add_children(t, getpid()) < 0)
		return -1;
	t->children = t->below_count;
	for (size_t i = 0; i < t->below_count && t->below_count <= t->count; i++)
		if (add_children(t, t->below[i]) < 0)
			return -1;
	return 0;
}

int sdp_process_tree_leave_out(struct sdp_process_tree *t, struct sdp_err *err)
{
	if (find_below(t) < 0)
		return sdp_fail_errno(err, "cannot list the processes in /proc");
	for (size_t i = 0; i < t->below_count; i++)
		if (add_other(t, t->below[i]) < 0)
			return sdp_fail_memory(err);
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

int sdp_process_tree_kill(struct sdp_process_tree *t)
{
	if (find_below(t) < 0) {
		t->below_count = t->children = 0;
		return -1;
	}
	for (size_t i = 0; i < t->below_count; i++)
		kill(t->below[i], SIGKILL);
	return 0;
}
