/* Writes results to standard output or to a file, which is replaced only if all goes well. */
#include "sdp/output.h"

#include "base/file.h"
#include "base/signals.h"
#include "cli/terminal.h"
#include "sdp/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PENDING = 1 << 16, LINKS = 40, TRIES = 100 };

static int fail(const char *name, struct sdp_err *err)
{
	return sdp_fail_errno(err, "cannot write to %s", name);
}

static int open_stdout(struct sdp_output *out, struct sdp_err *err)
{
	int flags = fcntl(STDOUT_FILENO, F_GETFL);
	if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY) {
		errno = EBADF;
		flags = -1;
	}
	out->fd = STDOUT_FILENO;
	out->direct = true;
	return flags < 0 ? fail(out->name, err) : 0;
}

static int open_direct(struct sdp_output *out, const char *path, struct sdp_err *err)
{
	out->fd = sdp_file_open(path, O_WRONLY | O_NOCTTY, 0);
	out->direct = true;
	return out->fd < 0 ? fail(out->name, err) : 0;
}

/*
 * Returns the path of name in the directory of path, or name itself if it is absolute, as a new
 * string.
 */
static char *in_directory_of(const char *path, const char *name, struct sdp_err *err)
{
	const char *slash = strrchr(path, '/');
	struct sdp_buf joined = {0};
	if (sdp_buf_add(&joined, path, slash && *name != '/' ? (size_t)(slash - path) + 1 : 0,
			err) < 0 ||
	    sdp_buf_add_text(&joined, name, err) < 0) {
		sdp_buf_release(&joined);
		return NULL;
	}
	return joined.data;
}

/* Follows symbolic links; returns the path of the file, which need not exist, as a new string. */
static char *follow_links(const char *path, struct sdp_err *err)
{
	char *now = sdp_strndup(path, strlen(path), err);
	for (int i = 0; now; i++) {
		char link[PATH_MAX];
		ssize_t n = readlink(now, link, sizeof link - 1);
		if (n < 0)
			return now;
		if (i == LINKS) {
			free(now);
			errno = ELOOP;
			return fail(path, err), NULL;
		}
		link[n] = '\0';
		char *next = in_directory_of(now, link, err);
		free(now);
		now = next;
	}
	return NULL;
}

/* Creates the temporary file.  old is the state of the file to be replaced, or NULL. */
static int open_temporary(struct sdp_output *out, const struct stat *old, struct sdp_err *err)
{
	if (old && faccessat(AT_FDCWD, out->target, W_OK, AT_EACCESS) < 0)
		return fail(out->name, err);
	for (int i = 0; i < TRIES; i++) {
		char name[64];
		snprintf(name, sizeof name, ".sdp-%ld-%d.tmp", (long)getpid(), i);
		free(out->temporary);
		out->temporary = in_directory_of(out->target, name, err);
		if (!out->temporary)
			return -1;
		out->fd = sdp_signals_create(out->temporary, old ? 0600 : 0666, &out->slot);
		if (out->fd >= 0 || errno != EEXIST)
			break;
	}
	if (out->fd < 0)
		return fail(out->name, err);
	if (old) {
		/*
		 * Only root can change the owner of a file.  Otherwise the new file belongs to the
		 * user, and the set-user-ID, set-group-ID and sticky bits are dropped.
		 */
		bool kept = fchown(out->fd, old->st_uid, old->st_gid) == 0;
		if (fchmod(out->fd, old->st_mode & (kept ? 07777 : 0777)) < 0)
			return fail(out->name, err);
	}
	return 0;
}

static bool begins_with(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static int open_file(struct sdp_output *out, const char *path, struct sdp_err *err)
{
	struct stat st, standard;
	bool exists = stat(path, &st) == 0;
	if (!exists && errno != ENOENT)
		return fail(path, err);
	if (exists && fstat(STDOUT_FILENO, &standard) == 0 && st.st_dev == standard.st_dev &&
	    st.st_ino == standard.st_ino &&
	    (begins_with(path, "/dev/") || begins_with(path, "/proc/")))
		return open_stdout(out, err);
	if (exists &&
	    (!S_ISREG(st.st_mode) || begins_with(path, "/dev/fd/") || begins_with(path, "/proc/")))
		return open_direct(out, path, err);
	out->target = follow_links(path, err);
	return out->target ? open_temporary(out, exists ? &st : NULL, err) : -1;
}

int sdp_output_open(struct sdp_output *out, const char *path, struct sdp_err *err)
{
	bool standard = !path || strcmp(path, "-") == 0;
	*out = (struct sdp_output){.fd = -1, .slot = -1};
	out->name = standard ? "standard output" : path;
	int rc = standard ? open_stdout(out, err) : open_file(out, path, err);
	if (rc < 0)
		sdp_output_abandon(out);
	out->terminal = rc == 0 && out->direct && isatty(out->fd);
	return rc;
}

/* Ends the program, or returns -1, because nobody reads the output any more. */
static int broken(struct sdp_output *out, struct sdp_err *err)
{
	errno = EPIPE;
	out->broken = true;
	if (!out->epipe_fails)
		sdp_signals_broken_pipe();
	return fail(out->name, err);
}

static int write_now(struct sdp_output *out, const char *p, size_t length, struct sdp_err *err)
{
	while (length) {
		ssize_t n = write(out->fd, p, length);
		if (n < 0 && errno == EINTR && !sdp_interrupted)
			continue;
		if (n < 0 && errno == EPIPE)
			return broken(out, err);
		if (n < 0)
			return fail(out->name, err);
		p += n;
		length -= (size_t)n;
		out->written += (uint64_t)n;
	}
	return 0;
}

/* Appends bytes for a terminal to pending; with end also the beginning of a character. */
static int show(struct sdp_output *out, const void *bytes, size_t length, bool end,
		struct sdp_err *err)
{
	if (sdp_buf_add(&out->held, bytes, length, err) < 0)
		return -1;
	ssize_t n = sdp_terminal_add(&out->pending, out->held.data, out->held.length, end, err);
	if (n < 0)
		return -1;
	out->held.length -= (size_t)n;
	memmove(out->held.data, out->held.data + n, out->held.length);
	return 0;
}

int sdp_output_flush(struct sdp_output *out, struct sdp_err *err)
{
	size_t length = out->pending.length;
	out->pending.length = 0;
	return write_now(out, out->pending.data, length, err);
}

int sdp_output_still_read(struct sdp_output *out, struct sdp_err *err)
{
	struct pollfd fd = {.fd = out->fd};
	bool gone = out->direct && poll(&fd, 1, 0) > 0 && fd.revents & POLLERR;
	return gone ? broken(out, err) : 0;
}

int sdp_output_write(struct sdp_output *out, const void *bytes, size_t length, struct sdp_err *err)
{
	if (out->pending.length + length > PENDING && sdp_output_flush(out, err) < 0)
		return -1;
	if (out->terminal)
		return show(out, bytes, length, false, err);
	if (length > PENDING)
		return write_now(out, bytes, length, err);
	return sdp_buf_add(&out->pending, bytes, length, err);
}

/*
 * Reports what closing the output would report, for example that the quota of a network file system
 * is used up, by closing a copy: descriptor 1 stays open.  Not every failure means that bytes are
 * lost, so fsync, which has nothing to do for a pipe, decides.
 */
static int check_direct(struct sdp_output *out, struct sdp_err *err)
{
	int copy = dup(out->fd);
	bool lost = copy >= 0 && close(copy) < 0 && sdp_file_sync(out->fd) < 0;
	return lost ? fail(out->name, err) : 0;
}

/*
 * Renames the temporary file.  Everything that may fail is done before: when the file has its name,
 * its bytes are on the disk.  Only whether the name survives a crash of the machine is then open.
 */
static int publish(struct sdp_output *out, struct sdp_err *err)
{
	int folder = sdp_file_open_folder_of(out->target); /* -1 if it may not be read */
	int rc = sdp_file_sync(out->fd);
	if (rc == 0 && folder >= 0)
		rc = sdp_file_sync(folder);
	if (rc == 0)
		rc = rename(out->temporary, out->target);
	if (rc < 0)
		fail(out->name, err);
	if (rc == 0) {
		sdp_signals_forget(out->slot);
		out->slot = -1;
		if (folder >= 0 && sdp_file_sync(folder) < 0)
			sdp_warn("%s is complete, but its name may be lost in a crash: %s",
				 out->name, strerror(errno));
	}
	if (folder >= 0)
		close(folder);
	return rc;
}

int sdp_output_close(struct sdp_output *out, struct sdp_err *err)
{
	int rc = out->held.length ? show(out, "", 0, true, err) : 0;
	if (rc == 0)
		rc = sdp_output_flush(out, err);
	if (rc == 0)
		rc = out->direct ? check_direct(out, err) : publish(out, err);
	sdp_output_abandon(out);
	return rc;
}

void sdp_output_abandon(struct sdp_output *out)
{
	if (out->fd >= 0 && out->fd != STDOUT_FILENO)
		close(out->fd);
	if (out->slot >= 0) {
		unlink(out->temporary);
		sdp_signals_forget(out->slot);
	}
	free(out->target);
	free(out->temporary);
	sdp_buf_release(&out->pending);
	sdp_buf_release(&out->held);
	*out = (struct sdp_output){.fd = -1, .slot = -1};
}

int sdp_output_text(const char *path, const struct sdp_buf *text, struct sdp_err *err)
{
	struct sdp_output out;
	if (sdp_output_open(&out, path, err) < 0)
		return -1;
	if (sdp_output_write(&out, text->data, text->length, err) == 0)
		return sdp_output_close(&out, err);
	sdp_output_abandon(&out);
	return -1;
}

int sdp_output_text_seen(const char *path, const struct sdp_buf *text, struct sdp_output_fate *fate,
			 struct sdp_err *err)
{
	struct sdp_output out;
	*fate = (struct sdp_output_fate){0};
	signal(SIGPIPE, SIG_IGN);
	if (sdp_output_open(&out, path, err) < 0)
		return -1;
	out.epipe_fails = true;
	int rc = sdp_output_write(&out, text->data, text->length, err);
	if (rc == 0)
		rc = sdp_output_flush(&out, err);
	*fate = (struct sdp_output_fate){out.broken && !sdp_signals_ignored(SIGPIPE),
					 out.direct ? out.written : 0};
	if (rc == 0)
		return sdp_output_close(&out, err);
	sdp_output_abandon(&out);
	return -1;
}

int sdp_output_spares(const char *path, const struct stat *input, struct sdp_err *err)
{
	struct stat out;
	if (path && stat(path, &out) == 0 && S_ISREG(out.st_mode) && out.st_dev == input->st_dev &&
	    out.st_ino == input->st_ino)
		return sdp_fail(err, SDP_USAGE, "--output: %s is the input", path);
	return 0;
}

int sdp_output_spares_all(const char *path, int count, char *const *operands, struct sdp_err *err)
{
	for (int i = 0; i < count || i == 0; i++) {
		struct stat input;
		bool standard = count == 0 || strcmp(operands[i], "-") == 0;
		if ((standard ? fstat(STDIN_FILENO, &input) : stat(operands[i], &input)) == 0 &&
		    sdp_output_spares(path, &input, err) < 0)
			return -1;
	}
	return 0;
}
