/*
 * Reads addresses by another program of sdp.
 *
 * The messages of the child go to a file of fixed size in memory, so that a child that prints more
 * than it holds neither waits for this process nor fills the memory.
 */
#define _GNU_SOURCE
#include "process/fetch.h"

#include "base/address.h"
#include "base/file.h"
#include "base/signals.h"
#include "process/find.h"
#include "process/listen.h"
#include "process/spawn.h"
#include "sdp/messages.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MESSAGES = 1 << 16 };

static char *const by_upload[] = {"sdp-upload", "--get", "-", NULL};
static char *const by_databricks[] = {"sdp-databricks", "get", "-", NULL};

/* Returns a file in memory that holds the address as a line, positioned at its start, or -1. */
static int input_of(const char *address)
{
	int fd = memfd_create("address", MFD_CLOEXEC);
	if (fd >= 0 && sdp_write_all(fd, address, strlen(address)) == 0 &&
	    sdp_write_all(fd, "\n", 1) == 0 && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	sdp_file_close(fd);
	return -1;
}

/* Returns a file in memory that does not grow, or -1. */
static int room_for_messages(void)
{
	int fd = memfd_create("messages", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd >= 0 && sdp_file_resize(fd, MESSAGES) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SEAL) == 0)
		return fd;
	sdp_file_close(fd);
	return -1;
}

/* Starts the program at path. Returns 0 or -1. */
static int spawn(struct sdp_fetch *fetch, const char *path, char *const *words, const char *address,
		 int *from, struct sdp_err *err)
{
	int in = input_of(address), ends[2] = {-1, -1};
	fetch->messages = room_for_messages();
	if (in < 0 || fetch->messages < 0 || pipe2(ends, O_CLOEXEC) < 0) {
		sdp_fail_errno(err, "cannot start %s", path);
	} else {
		const struct sdp_spawn launch = {.path = path,
						 .words = words,
						 .in = in,
						 .out = ends[1],
						 .messages = fetch->messages,
						 .keep = -1};
		pid_t pid = sdp_spawn_child(&launch, err);
		fetch->pid = pid < 0 ? 0 : pid;
	}
	sdp_file_close(in);
	sdp_file_close(ends[1]);
	if (fetch->pid) {
		*from = ends[0];
		return 0;
	}
	sdp_file_close(ends[0]);
	sdp_file_close(fetch->messages);
	return -1;
}

int sdp_fetch_start(struct sdp_fetch *fetch, const char *address, const char *title, int *from,
		    struct sdp_err *err)
{
	char *const *words =
		sdp_address_form(address) == SDP_ADDRESS_DBFS ? by_databricks : by_upload;
	struct sdp_buf path = {0};
	*fetch = (struct sdp_fetch){.program = words[0]};
	int rc = sdp_find_program(words[0], &path, err);
	if (rc == 0)
		rc = spawn(fetch, path.data, words, address, from, err);
	else
		sdp_fail(err, SDP_SYSTEM,
			 "%s: reading it needs the program %s, which is neither in the folder of "
			 "this program nor in PATH: install the Debian package sdp, or run 'make "
			 "install' in the source of sdp",
			 title, words[0]);
	sdp_buf_release(&path);
	return rc;
}

/* Passes on a message of the child as one of this program. */
static void pass_on(const struct sdp_fetch *fetch, const char *line)
{
	static const char warning[] = "warning: ";
	const char *message = sdp_listen_message(line, fetch->program);
	if (strncmp(message, warning, strlen(warning)) == 0)
		sdp_warn("%s", message + strlen(warning));
	else
		sdp_say("%s", message);
}

/*
 * Passes on the messages of the child. Returns its last message instead if the child has failed, as
 * a new string; NULL if there is none.
 */
static char *take_messages(const struct sdp_fetch *fetch, bool failed)
{
	char *text = malloc(MESSAGES + 1), *last = NULL, *rest = NULL;
	ssize_t length = text ? sdp_read_at(fetch->messages, text, MESSAGES, 0) : 0;
	if (text)
		text[length > 0 ? length : 0] = '\0';
	char *line = text ? strtok_r(text, "\n", &rest) : NULL;
	for (; line; line = strtok_r(NULL, "\n", &rest)) {
		if (last)
			pass_on(fetch, last);
		last = line;
	}
	if (last && !failed)
		pass_on(fetch, last);
	last = last && failed ? strdup(sdp_listen_message(last, fetch->program)) : NULL;
	free(text);
	return last;
}

/* Fills err from the status of the child and its last message, which may be NULL. */
static int fail(const struct sdp_fetch *fetch, const char *title, int status, const char *why,
		struct sdp_err *err)
{
	if (WIFSIGNALED(status))
		return sdp_fail(err, SDP_SYSTEM, "%s: %s, which reads it, died: %s", title,
				fetch->program, strsignal(WTERMSIG(status)));
	int number = WEXITSTATUS(status);
	enum sdp_code code = number <= SDP_SYSTEM ? (enum sdp_code)number : SDP_SYSTEM;
	if (!why)
		return sdp_fail(err, code,
				"%s: %s, which reads it, failed with exit code %d and gave no "
				"reason",
				title, fetch->program, number);
	if (strstr(why, title))
		return sdp_fail(err, code, "%s", why);
	return sdp_fail(err, code, "%s: %s", title, why);
}

int sdp_fetch_end(struct sdp_fetch *fetch, const char *title, struct sdp_err *err)
{
	int status = 0, rc = 0;
	while (waitpid(fetch->pid, &status, 0) < 0)
		if (errno != EINTR)
			return sdp_fail_errno(err, "cannot wait for %s", fetch->program);
		else if (sdp_interrupted)
			return sdp_fail(err, SDP_SYSTEM, "interrupted");
	fetch->pid = 0;
	bool failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	char *why = take_messages(fetch, failed);
	if (failed && sdp_interrupted) /* the signal may have ended the child, too */
		rc = sdp_fail(err, SDP_SYSTEM, "interrupted");
	else if (failed)
		rc = fail(fetch, title, status, why, err);
	free(why);
	sdp_file_close(fetch->messages);
	return rc;
}

void sdp_fetch_stop(struct sdp_fetch *fetch)
{
	if (!fetch->pid)
		return;
	kill(fetch->pid, SIGKILL);
	while (waitpid(fetch->pid, NULL, 0) < 0 && errno == EINTR)
		;
	sdp_file_close(fetch->messages);
	*fetch = (struct sdp_fetch){0};
}

/* Where the bytes of an address go: to text, or to a descriptor if that is NULL. */
struct sink {
	struct sdp_buf *text;
	size_t most;
	int to;
	const char *where;
};

static int copy(int from, const char *title, const struct sink *sink, struct sdp_err *err)
{
	enum { PIECE = 1 << 16 };
	char bytes[PIECE];
	ssize_t n;
	while ((n = read(from, bytes, PIECE)) != 0) {
		if (sdp_interrupted)
			return sdp_fail(err, SDP_SYSTEM, "interrupted");
		if (n < 0 && errno != EINTR)
			return sdp_fail_errno(err, "cannot read %s", title);
		if (n > 0 && sdp_write_all(sink->to, bytes, (size_t)n) < 0)
			return sdp_fail_errno(err, "cannot write to %s", sink->where);
	}
	return 0;
}

static int take(const char *address, const struct sink *sink, struct sdp_err *err)
{
	struct sdp_fetch fetch = {0};
	int from = -1;
	char *title = sdp_address_shown(address, err);
	int rc = title ? sdp_fetch_start(&fetch, address, title, &from, err) : -1;
	if (rc == 0)
		rc = sink->text ? sdp_read_whole(from, title, sink->most, sink->text, err)
				: copy(from, title, sink, err);
	if (rc == 0)
		rc = sdp_fetch_end(&fetch, title, err);
	sdp_fetch_stop(&fetch);
	sdp_file_close(from);
	free(title);
	return rc;
}

int sdp_fetch_read(const char *path, size_t most, struct sdp_buf *text, struct sdp_err *err)
{
	const struct sink sink = {text, most, -1, NULL};
	return sdp_address_is(path) ? take(path, &sink, err) : sdp_file_read(path, most, text, err);
}

int sdp_fetch_copy(const char *address, int to, const char *where, struct sdp_err *err)
{
	const struct sink sink = {.to = to, .where = where};
	return take(address, &sink, err);
}

int sdp_fetch_asked(struct sdp_buf *address, struct sdp_err *err)
{
	enum { MOST = 1 << 20 };
	if (sdp_read_whole(STDIN_FILENO, "standard input", MOST, address, err) < 0)
		return -1;
	char *end = memchr(address->data, '\n', address->length);
	size_t length = end ? (size_t)(end - address->data) : address->length;
	if (length == 0 || length + (end != NULL) < address->length ||
	    memchr(address->data, '\0', length))
		return sdp_fail(err, SDP_USAGE,
				"standard input holds an address, in a line of its own");
	address->data[address->length = length] = '\0';
	return 0;
}
