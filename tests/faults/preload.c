/*
 * A library for LD_PRELOAD that makes one call of a program fail: the nth of its kind, counted over
 * all processes that the program starts, or all from the nth on.
 *
 * FAULTS=COUNTS:KIND:ERROR:N:STICKY says which calls fail.  COUNTS is a file of one page that all
 * processes map; it holds the numbers of calls of each kind, in the order of `kinds`, and then the
 * number of faults.  KIND is one of these names; with any other word, calls are only counted.
 * ERROR is a number of errno.h, or 0 for a short count, a third of what was asked for.  STICKY is
 * 1 if all later calls of the kind fail, too.
 *
 * Only calls of programs named sdp-* fail.  Writes to standard error never fail, and pipes and
 * sockets never fail with EIO or ENOSPC, which cannot happen there.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum kind {
	ALLOC,
	MAP,
	FORK,
	EXEC,
	WAIT,
	PIPE,
	READ,
	PREAD,
	WRITE,
	PWRITE,
	OPEN,
	CLOSE,
	DUP,
	STAT,
	SEEK,
	TRUNCATE,
	SYNC,
	RENAME,
	LINK,
	UNLINK,
	MKDIR,
	LOCK,
	POLL,
	SOCKET,
	KINDS
};

static const char *const kinds[KINDS] = {
	"alloc", "map",    "fork", "exec",   "wait",  "pipe", "read", "pread",
	"write", "pwrite", "open", "close",  "dup",   "stat", "seek", "truncate",
	"sync",  "rename", "link", "unlink", "mkdir", "lock", "poll", "socket",
};

struct counts {
	_Atomic long calls[KINDS], faults;
};

static struct counts *counts; /* NULL: nothing is counted, nothing fails */
static enum kind struck = KINDS;
static int error;
static long first;
static bool sticky;

__attribute__((constructor)) static void read_order(void)
{
	const char *order = getenv("FAULTS");
	char path[1000], kind[20];
	int stays;
	if (!order || strncmp(program_invocation_short_name, "sdp-", 4) != 0)
		return;
	if (sscanf(order, "%999[^:]:%19[^:]:%d:%ld:%d", path, kind, &error, &first, &stays) != 5)
		abort();
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
	if (fd < 0)
		abort();
	void *page =
		(void *)syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	syscall(SYS_close, fd);
	if (page == MAP_FAILED)
		abort();
	for (int i = 0; i < KINDS; i++)
		if (strcmp(kinds[i], kind) == 0)
			struck = (enum kind)i;
	sticky = stays;
	counts = page;
}

/* Counts a call, and returns whether it fails. */
static bool fails(enum kind kind)
{
	if (!counts)
		return false;
	long n = atomic_fetch_add(&counts->calls[kind], 1) + 1;
	if (kind != struck || n < first || (n > first && !sticky))
		return false;
	atomic_fetch_add(&counts->faults, 1);
	errno = error;
	return true;
}

/* Returns whether a read or write is counted, because it can fail in this way. */
static bool applies(enum kind kind, int fd)
{
	struct stat status;
	if (kind == WRITE && fd == STDERR_FILENO)
		return false;
	if (!counts || struck != kind || (error != EIO && error != ENOSPC))
		return true;
	return syscall(SYS_fstat, fd, &status) < 0 ||
	       !(S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
}

/* Returns false if the call fails; a short count makes *length less. */
static bool passes(enum kind kind, int fd, size_t *length)
{
	if (!applies(kind, fd) || !fails(kind))
		return true;
	if (error != 0)
		return false;
	*length = *length > 3 ? *length / 3 : *length > 0;
	return true;
}

/* Defines next, the function of the C library that this one replaces. */
#define NEXT(name)                                                                                 \
	static __typeof__(&name) next;                                                             \
	if (!next) {                                                                               \
		void *symbol = dlsym(RTLD_NEXT, #name);                                            \
		memcpy(&next, &symbol, sizeof next);                                               \
	}

/* Defines a function that returns `failed` if it fails. */
#define CALL(kind, type, failed, name, parameters, arguments)                                      \
	type name parameters                                                                       \
	{                                                                                          \
		NEXT(name)                                                                         \
		return fails(kind) ? failed : next arguments;                                      \
	}

/* Defines a function that reads or writes `length` bytes. */
#define MOVE(kind, name, parameters, arguments)                                                    \
	ssize_t name parameters                                                                    \
	{                                                                                          \
		NEXT(name)                                                                         \
		return passes(kind, fd, &length) ? next arguments : -1;                            \
	}

#define MODE                                                                                       \
	mode_t mode = 0;                                                                           \
	if (flags & (O_CREAT | O_TMPFILE)) {                                                       \
		va_list rest;                                                                      \
		va_start(rest, flags);                                                             \
		mode = va_arg(rest, mode_t);                                                       \
		va_end(rest);                                                                      \
	}

/* Defines a function that opens a file, with a mode if it makes the file. */
#define OPENS(name, parameters, arguments)                                                         \
	int name parameters                                                                        \
	{                                                                                          \
		NEXT(name)                                                                         \
		MODE return fails(OPEN) ? -1 : next arguments;                                     \
	}

/* ---- memory: a sanitizer has its own ---- */

#ifndef __SANITIZE_ADDRESS__
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

void *malloc(size_t size)
{
	return fails(ALLOC) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails(ALLOC) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return fails(ALLOC) ? NULL : __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return fails(ALLOC) ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
	void *p = fails(ALLOC) ? NULL : __libc_memalign(alignment, size);
	if (!p)
		return ENOMEM;
	*out = p;
	return 0;
}
#endif

CALL(MAP, void *, MAP_FAILED, mmap, (void *at, size_t n, int how, int flags, int fd, off_t offset),
     (at, n, how, flags, fd, offset))
CALL(MAP, void *, MAP_FAILED, mmap64,
     (void *at, size_t n, int how, int flags, int fd, off64_t offset),
     (at, n, how, flags, fd, offset))

void *mremap(void *at, size_t old, size_t new, int flags, ...)
{
	if (fails(MAP))
		return MAP_FAILED;
	va_list rest;
	va_start(rest, flags);
	void *to = flags & MREMAP_FIXED ? va_arg(rest, void *) : NULL;
	va_end(rest);
	return (void *)syscall(SYS_mremap, at, old, new, flags, to);
}

/* ---- processes ---- */

CALL(FORK, pid_t, -1, fork, (void), ())
CALL(EXEC, int, -1, execv, (const char *path, char *const words[]), (path, words))
CALL(EXEC, int, -1, execvp, (const char *path, char *const words[]), (path, words))
CALL(EXEC, int, -1, execve, (const char *path, char *const words[], char *const settings[]),
     (path, words, settings))
CALL(WAIT, pid_t, -1, waitpid, (pid_t pid, int *status, int flags), (pid, status, flags))
CALL(WAIT, pid_t, -1, wait4, (pid_t pid, int *status, int flags, struct rusage *usage),
     (pid, status, flags, usage))
CALL(WAIT, int, -1, waitid, (idtype_t type, id_t id, siginfo_t *info, int flags),
     (type, id, info, flags))
CALL(PIPE, int, -1, pipe, (int ends[2]), (ends))
CALL(PIPE, int, -1, pipe2, (int ends[2], int flags), (ends, flags))
CALL(PIPE, int, -1, socketpair, (int domain, int type, int protocol, int ends[2]),
     (domain, type, protocol, ends))
CALL(POLL, int, -1, poll, (struct pollfd * list, nfds_t count, int timeout), (list, count, timeout))
CALL(POLL, int, -1, ppoll,
     (struct pollfd * list, nfds_t count, const struct timespec *timeout, const sigset_t *mask),
     (list, count, timeout, mask))

/* ---- bytes ---- */

MOVE(READ, read, (int fd, void *bytes, size_t length), (fd, bytes, length))
MOVE(READ, getdents64, (int fd, void *bytes, size_t length), (fd, bytes, length))
MOVE(PREAD, pread, (int fd, void *bytes, size_t length, off_t at), (fd, bytes, length, at))
MOVE(PREAD, pread64, (int fd, void *bytes, size_t length, off64_t at), (fd, bytes, length, at))
MOVE(WRITE, write, (int fd, const void *bytes, size_t length), (fd, bytes, length))
MOVE(PWRITE, pwrite, (int fd, const void *bytes, size_t length, off_t at), (fd, bytes, length, at))
MOVE(PWRITE, pwrite64, (int fd, const void *bytes, size_t length, off64_t at),
     (fd, bytes, length, at))
MOVE(SOCKET, recv, (int fd, void *bytes, size_t length, int flags), (fd, bytes, length, flags))
MOVE(SOCKET, send, (int fd, const void *bytes, size_t length, int flags),
     (fd, bytes, length, flags))
CALL(SOCKET, int, -1, socket, (int domain, int type, int protocol), (domain, type, protocol))
CALL(SOCKET, int, -1, connect, (int fd, __CONST_SOCKADDR_ARG to, socklen_t size), (fd, to, size))
CALL(SOCKET, int, EAI_SYSTEM, getaddrinfo,
     (const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **out),
     (node, service, hints, out))

/* ---- files ---- */

OPENS(open, (const char *path, int flags, ...), (path, flags, mode))
OPENS(open64, (const char *path, int flags, ...), (path, flags, mode))
OPENS(openat, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
OPENS(openat64, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))

/* No signal interrupts it. */
int memfd_create(const char *name, unsigned flags)
{
	NEXT(memfd_create)
	return error != EINTR && fails(OPEN) ? -1 : next(name, flags);
}

CALL(OPEN, int, -1, mkostemp, (char *template, int flags), (template, flags))
CALL(OPEN, int, -1, mkostemp64, (char *template, int flags), (template, flags))
CALL(OPEN, FILE *, NULL, fopen, (const char *path, const char *mode), (path, mode))
CALL(OPEN, FILE *, NULL, fopen64, (const char *path, const char *mode), (path, mode))
CALL(OPEN, DIR *, NULL, opendir, (const char *path), (path))
CALL(DUP, int, -1, dup, (int fd), (fd))
CALL(DUP, int, -1, dup2, (int from, int to), (from, to))
CALL(DUP, int, -1, dup3, (int from, int to, int flags), (from, to, flags))
CALL(STAT, int, -1, fstat, (int fd, struct stat *out), (fd, out))
CALL(STAT, int, -1, fstat64, (int fd, struct stat64 *out), (fd, out))
CALL(STAT, int, -1, stat, (const char *path, struct stat *out), (path, out))
CALL(STAT, int, -1, stat64, (const char *path, struct stat64 *out), (path, out))
CALL(STAT, int, -1, lstat, (const char *path, struct stat *out), (path, out))
CALL(STAT, int, -1, fstatat, (int folder, const char *path, struct stat *out, int flags),
     (folder, path, out, flags))
CALL(SEEK, off_t, -1, lseek, (int fd, off_t at, int from), (fd, at, from))
CALL(SEEK, off64_t, -1, lseek64, (int fd, off64_t at, int from), (fd, at, from))
CALL(TRUNCATE, int, -1, ftruncate, (int fd, off_t length), (fd, length))
CALL(TRUNCATE, int, -1, ftruncate64, (int fd, off64_t length), (fd, length))
CALL(TRUNCATE, int, -1, fallocate, (int fd, int how, off_t at, off_t length), (fd, how, at, length))
CALL(TRUNCATE, int, -1, fallocate64, (int fd, int how, off64_t at, off64_t length),
     (fd, how, at, length))
CALL(TRUNCATE, int, error, posix_fallocate, (int fd, off_t at, off_t length), (fd, at, length))
CALL(SYNC, int, -1, fsync, (int fd), (fd))
CALL(SYNC, int, -1, fdatasync, (int fd), (fd))
CALL(RENAME, int, -1, rename, (const char *from, const char *to), (from, to))
CALL(RENAME, int, -1, renameat, (int in, const char *from, int out, const char *to),
     (in, from, out, to))
CALL(RENAME, int, -1, renameat2, (int in, const char *from, int out, const char *to, unsigned how),
     (in, from, out, to, how))
CALL(LINK, int, -1, link, (const char *from, const char *to), (from, to))
CALL(LINK, int, -1, linkat, (int in, const char *from, int out, const char *to, int flags),
     (in, from, out, to, flags))
CALL(LINK, int, -1, symlink, (const char *from, const char *to), (from, to))
CALL(UNLINK, int, -1, unlink, (const char *path), (path))
CALL(UNLINK, int, -1, unlinkat, (int folder, const char *path, int flags), (folder, path, flags))
CALL(UNLINK, int, -1, rmdir, (const char *path), (path))
CALL(MKDIR, int, -1, mkdir, (const char *path, mode_t mode), (path, mode))
CALL(MKDIR, int, -1, mkdirat, (int folder, const char *path, mode_t mode), (folder, path, mode))
CALL(LOCK, int, -1, flock, (int fd, int how), (fd, how))

/* Only the commands that duplicate a descriptor or lock a file can fail. */
static int file_control(int (*next)(int, int, ...), int fd, int command, void *argument)
{
	if ((command == F_DUPFD || command == F_DUPFD_CLOEXEC) && fails(DUP))
		return -1;
	if ((command == F_OFD_SETLK || command == F_OFD_SETLKW) && fails(LOCK))
		return -1;
	return next(fd, command, argument);
}

#define CONTROLS(name)                                                                             \
	int name(int fd, int command, ...)                                                         \
	{                                                                                          \
		NEXT(name)                                                                         \
		va_list rest;                                                                      \
		va_start(rest, command);                                                           \
		void *argument = va_arg(rest, void *);                                             \
		va_end(rest);                                                                      \
		return file_control(next, fd, command, argument);                                  \
	}

CONTROLS(fcntl)
CONTROLS(fcntl64)

/* The descriptor is closed even if close fails. */
int close(int fd)
{
	NEXT(close)
	int saved = errno, rc = next(fd);
	if (rc == 0)
		errno = saved;
	return fails(CLOSE) ? -1 : rc;
}

/* ---- functions that are called instead with -D_FORTIFY_SOURCE ---- */

#define CHECKED(type, name, parameters, call)                                                      \
	type name parameters;                                                                      \
	type name parameters                                                                       \
	{                                                                                          \
		return call;                                                                       \
	}

#define SIZE size_t size __attribute__((unused))

CHECKED(ssize_t, __read_chk, (int fd, void *bytes, size_t length, SIZE), read(fd, bytes, length))
CHECKED(ssize_t, __pread_chk, (int fd, void *bytes, size_t length, off_t at, SIZE),
	pread(fd, bytes, length, at))
CHECKED(ssize_t, __pread64_chk, (int fd, void *bytes, size_t length, off64_t at, SIZE),
	pread64(fd, bytes, length, at))
CHECKED(int, __poll_chk, (struct pollfd * list, nfds_t count, int timeout, SIZE),
	poll(list, count, timeout))
CHECKED(int, __open_2, (const char *path, int flags), open(path, flags))
CHECKED(int, __open64_2, (const char *path, int flags), open64(path, flags))
CHECKED(int, __openat_2, (int folder, const char *path, int flags), openat(folder, path, flags))
CHECKED(int, __openat64_2, (int folder, const char *path, int flags), openat64(folder, path, flags))
