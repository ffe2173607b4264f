/* A folder that sdp keeps for its own files, and everything below it. */
#define _GNU_SOURCE
#include "base/folder.h"

#include "base/file.h"
#include "sdp/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int fail(const struct sdp_folder *folder, const char *verb, const char *path,
		struct sdp_err *err)
{
	const char *slash = *path ? "/" : "";
	if (errno == ELOOP)
		return sdp_fail(err, SDP_SYSTEM,
				"cannot %s %s%s%s: symbolic links in %s are not followed", verb,
				folder->path, slash, path, folder->path);
	return sdp_fail_errno(err, "cannot %s %s%s%s", verb, folder->path, slash, path);
}

/* ---- walking down a path: failures are in errno, ELOOP at a symbolic link ---- */

/* Opens name, which has no slash, in a folder. */
static int open_one(int at, const char *name, int flags)
{
	struct stat st;
	int fd = sdp_file_open_at(at, name, flags | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);
	if (fd < 0 && errno == ENOTDIR) { /* O_DIRECTORY says so of a symbolic link, too */
		bool link = fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
		errno = link ? ELOOP : ENOTDIR;
	}
	return fd;
}

/*
 * Opens the folder that contains the last part of path, and sets *last to that part.  With make,
 * folders that do not exist are made.  The caller closes the result unless it is at.
 */
static int open_parent(int at, const char *path, bool make, const char **last)
{
	char part[NAME_MAX + 1];
	int now = at;
	const char *slash;
	for (; now >= 0 && (slash = strchr(path, '/')); path = slash + 1) {
		size_t length = (size_t)(slash - path);
		int next = -1;
		if (length >= sizeof part) {
			errno = ENAMETOOLONG;
		} else {
			memcpy(part, path, length);
			part[length] = '\0';
			bool made = make && mkdirat(now, part, 0700) == 0;
			if (!made || sdp_file_sync(now) == 0)
				next = open_one(now, part, O_RDONLY | O_DIRECTORY);
		}
		if (now != at)
			sdp_file_close(now);
		now = next;
	}
	*last = path;
	return now;
}

/* Opens the parent of a path in the folder, or fails with ENOENT if the folder does not exist. */
static int open_above(const struct sdp_folder *folder, const char *path, const char **last)
{
	if (folder->fd < 0)
		errno = ENOENT;
	return folder->fd < 0 ? -1 : open_parent(folder->fd, path, false, last);
}

static void leave(const struct sdp_folder *folder, int parent)
{
	if (parent != folder->fd)
		sdp_file_close(parent);
}

/* Opens the folder path, or a copy of the folder itself for "". */
static int open_below(const struct sdp_folder *folder, const char *path)
{
	const char *last;
	int parent = open_above(folder, path, &last);
	int fd = parent < 0 ? -1 : open_one(parent, *last ? last : ".", O_RDONLY | O_DIRECTORY);
	leave(folder, parent);
	return fd;
}

/* ---- the folder itself ---- */

static int open_home(struct sdp_folder *folder, bool make)
{
	char *slash = folder->path + folder->home;
	const char *name = slash + 1, *last;
	*slash = '\0';
	int rc = make ? sdp_file_make_folders(folder->path, 0700) : 0;
	int home = rc < 0 ? -1 : sdp_file_open(folder->path, O_RDONLY | O_DIRECTORY, 0);
	*slash = '/';
	int parent = home < 0 ? -1 : open_parent(home, name, make, &last);
	if (parent >= 0 && (!make || mkdirat(parent, last, 0700) == 0 || errno == EEXIST))
		folder->fd = open_one(parent, last, O_RDONLY | O_DIRECTORY);
	if (parent != home)
		sdp_file_close(parent);
	sdp_file_close(home);
	return folder->fd < 0 ? -1 : 0;
}

int sdp_folder_open(struct sdp_folder *folder, const char *home, const char *name,
		    struct sdp_err *err)
{
	struct sdp_buf path = {0};
	*folder = (struct sdp_folder){.fd = -1, .home = strlen(home)};
	if (sdp_buf_format(&path, err, "%s/%s", home, name) < 0)
		return -1;
	folder->path = path.data;
	return open_home(folder, false) == 0 || errno == ENOENT ? 0 : fail(folder, "open", "", err);
}

void sdp_folder_close(struct sdp_folder *folder)
{
	if (folder->fd >= 0)
		close(folder->fd);
	free(folder->path);
	*folder = (struct sdp_folder){.fd = -1};
}

int sdp_folder_make(struct sdp_folder *folder, const char *path, struct sdp_err *err)
{
	const char *last;
	if (folder->fd < 0 && open_home(folder, true) < 0)
		return fail(folder, "make", "", err);
	if (!*path)
		return 0;
	int parent = open_parent(folder->fd, path, true, &last);
	int rc = parent < 0 ? -1 : mkdirat(parent, last, 0700);
	if (rc == 0)
		rc = sdp_file_sync(parent);
	else if (parent >= 0 && errno == EEXIST) {
		int fd = open_one(parent, last, O_RDONLY | O_DIRECTORY);
		rc = fd < 0 ? -1 : 0;
		sdp_file_close(fd);
	}
	leave(folder, parent);
	return rc < 0 ? fail(folder, "make", path, err) : 0;
}

char *sdp_folder_path(const struct sdp_folder *folder, const char *path, struct sdp_err *err)
{
	struct sdp_buf whole = {0};
	if (sdp_buf_format(&whole, err, "%s%s%s", folder->path, *path ? "/" : "", path) == 0)
		return whole.data;
	return NULL;
}

/* ---- files ---- */

int sdp_folder_open_file(const struct sdp_folder *folder, const char *path, int flags,
			 struct sdp_err *err)
{
	const char *last, *verb = (flags & O_ACCMODE) == O_RDONLY ? "read" : "write to";
	struct stat st;
	int parent = open_above(folder, path, &last);
	int fd = parent < 0 ? -1 : open_one(parent, last, flags);
	leave(folder, parent);
	if (fd < 0)
		return errno == ENOENT && !(flags & O_CREAT) ? SDP_ABSENT
							     : fail(folder, verb, path, err);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return sdp_fail(err, SDP_SYSTEM, "cannot %s %s/%s: it is not a regular file", verb,
			folder->path, path);
}

int sdp_folder_stat(const struct sdp_folder *folder, const char *path, struct stat *st,
		    struct sdp_err *err)
{
	const char *last;
	int parent = open_above(folder, path, &last);
	int rc = parent < 0 ? -1 : fstatat(parent, *last ? last : ".", st, AT_SYMLINK_NOFOLLOW);
	leave(folder, parent);
	return rc == 0 ? 0 : errno == ENOENT ? SDP_ABSENT : fail(folder, "read", path, err);
}

int sdp_folder_read(const struct sdp_folder *folder, const char *path, size_t most,
		    struct sdp_buf *text, struct sdp_err *err)
{
	struct stat st;
	int fd = sdp_folder_open_file(folder, path, O_RDONLY, err), rc = -1;
	if (fd < 0)
		return fd;
	/* Other processes may append to the file meanwhile. */
	size_t length = fstat(fd, &st) == 0 ? (size_t)st.st_size : SIZE_MAX;
	if (length == SIZE_MAX)
		fail(folder, "read", path, err);
	else if (length > most)
		sdp_fail(err, SDP_DATA, "%s/%s is larger than %zu MiB", folder->path, path,
			 most >> 20);
	else if (sdp_buf_reserve(text, length, err) == 0) {
		ssize_t n = sdp_read_at(fd, text->data + text->length, length, 0);
		rc = n < 0 ? fail(folder, "read", path, err) : 0;
		text->length += n > 0 ? (size_t)n : 0;
		text->data[text->length] = '\0';
	}
	close(fd);
	return rc;
}

int sdp_folder_write(const struct sdp_folder *folder, const char *path, int flags,
		     const void *bytes, size_t length, struct sdp_err *err)
{
	flags = flags ? flags : O_EXCL;
	int fd = sdp_folder_open_file(folder, path, O_WRONLY | O_CREAT | flags, err);
	if (fd < 0)
		return -1;
	int rc = sdp_write_all(fd, bytes, length);
	if (rc == 0)
		rc = sdp_file_sync(fd);
	if (rc < 0)
		fail(folder, "write to", path, err);
	close(fd); /* it was synced, so this loses nothing */
	if (rc < 0 && flags & O_EXCL) {
		struct sdp_err ignored;
		(void)sdp_folder_remove(folder, path, &ignored);
	}
	return rc;
}

int sdp_folder_move(const struct sdp_folder *folder, const char *from, const char *to,
		    struct sdp_err *err)
{
	const char *old, *new;
	int source = open_above(folder, from, &old), target = -1;
	int rc = source < 0 ? -1 : (target = open_above(folder, to, &new));
	if (target >= 0)
		rc = renameat(source, old, target, new);
	if (rc == 0)
		rc = sdp_file_sync(target);
	leave(folder, source);
	leave(folder, target);
	return rc < 0 ? fail(folder, "write to", to, err) : 0;
}

int sdp_folder_open_folder(const struct sdp_folder *folder, const char *path, struct sdp_err *err)
{
	int fd = open_below(folder, path);
	return fd < 0 ? fail(folder, "open", path, err) : fd;
}

int sdp_folder_sync(const struct sdp_folder *folder, const char *path, struct sdp_err *err)
{
	int fd = open_below(folder, path);
	int rc = fd < 0 ? -1 : sdp_file_sync(fd);
	sdp_file_close(fd);
	return rc < 0 ? fail(folder, "write to", path, err) : 0;
}

int sdp_folder_lock(const struct sdp_folder *folder, const char *path, bool wait,
		    struct sdp_err *err)
{
	int fd = sdp_folder_open_file(folder, path, O_RDWR | O_CREAT, err);
	if (fd < 0 || sdp_file_lock(fd, wait) == 0)
		return fd;
	int rc = errno == EWOULDBLOCK ? SDP_HELD : fail(folder, "lock", path, err);
	close(fd);
	return rc;
}

/* ---- the names in a folder ---- */

/*
 * Calls each for every name in the folder, and closes it.  *failed is set, and errno, if the folder
 * cannot be read.
 */
static int each_name(int fd, int (*each)(void *, const char *, struct sdp_err *), void *context,
		     bool *failed, struct sdp_err *err)
{
	const struct dirent *entry;
	DIR *dir = fdopendir(fd);
	int rc = 0;
	*failed = !dir;
	if (!dir)
		sdp_file_close(fd);
	while (dir && rc == 0 && (errno = 0, entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			rc = each(context, entry->d_name, err);
	int saved = errno;
	*failed = *failed || (rc == 0 && saved);
	if (dir)
		closedir(dir);
	errno = saved;
	return rc;
}

int sdp_folder_each(const struct sdp_folder *folder, const char *path,
		    int (*each)(void *context, const char *name, struct sdp_err *err),
		    void *context, struct sdp_err *err)
{
	bool failed;
	int fd = open_below(folder, path);
	if (fd < 0)
		return errno == ENOENT ? 0 : fail(folder, "read", path, err);
	int rc = each_name(fd, each, context, &failed, err);
	return failed ? fail(folder, "read", path, err) : rc;
}

static int remove_one(void *context, const char *name, struct sdp_err *err)
{
	const int *at = context;
	bool failed = false;
	if (unlinkat(*at, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	int fd = open_one(*at, name, O_RDONLY | O_DIRECTORY), below = fd;
	int rc = fd < 0 ? -1 : each_name(fd, remove_one, &below, &failed, err);
	if (rc == 0 && !failed)
		rc = unlinkat(*at, name, AT_REMOVEDIR);
	return (rc == 0 && !failed) || errno == ENOENT ? 0 : -1;
}

int sdp_folder_remove(const struct sdp_folder *folder, const char *path, struct sdp_err *err)
{
	const char *last;
	int parent = open_above(folder, path, &last);
	int rc = parent < 0 ? -1 : remove_one(&parent, last, err);
	leave(folder, parent);
	return parent >= 0 && rc == 0          ? 0
	       : parent < 0 && errno == ENOENT ? 0
					       : fail(folder, "remove", path, err);
}
