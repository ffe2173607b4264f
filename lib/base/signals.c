/* Signals that ask the program to end, and the files to remove then. */
#define _GNU_SOURCE
#include "base/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <unistd.h>

volatile sig_atomic_t sdp_interrupted;

/* Those that ask for an orderly end come first. */
static const int ending[] = {SIGINT,  SIGTERM, SIGHUP,  SIGPIPE,   SIGQUIT,
			     SIGXCPU, SIGUSR1, SIGUSR2, SIGVTALRM, SIGPROF};
enum { ORDERLY = 3, ENDING = sizeof ending / sizeof *ending, SLOTS = 8, GRACE = 500000 /* µs */ };

/*
 * The unfinished files.  The handler reads a slot only if used is set, which is changed while the
 * signals are blocked.
 */
static struct {
	volatile sig_atomic_t used;
	pid_t owner;
	char path[PATH_MAX];
} slots[SLOTS];

static volatile sig_atomic_t abrupt, bounded, deferred;

static struct {
	bool known;
	sigset_t ignored, blocked; /* empty until known */
} at_start;

void sdp_signals_begin(void)
{
	struct sigaction old;
	sigemptyset(&at_start.ignored);
	for (int number = 1; number < NSIG; number++)
		/* it fails for the signals that the C library reserves */
		if (sigaction(number, NULL, &old) == 0 && old.sa_handler == SIG_IGN)
			sigaddset(&at_start.ignored, number);
	sigprocmask(SIG_SETMASK, NULL, &at_start.blocked);
	at_start.known = true;
	if (sdp_signals_ignored(SIGCHLD))
		signal(SIGCHLD, SIG_DFL);
}

bool sdp_signals_ignored(int number)
{
	return sigismember(&at_start.ignored, number) == 1;
}

void sdp_signals_remove_files(void)
{
	for (int i = 0; i < SLOTS; i++)
		if (slots[i].used && slots[i].owner == getpid())
			unlink(slots[i].path);
}

static _Noreturn void die_of(int number)
{
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t set;
	sdp_signals_remove_files();
	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, number);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	_exit(128 + number);
}

_Noreturn void sdp_signals_die(void)
{
	die_of(sdp_interrupted ? sdp_interrupted : SIGTERM);
}

void sdp_signals_broken_pipe(void)
{
	if (!sdp_signals_ignored(SIGPIPE))
		die_of(SIGPIPE);
}

void sdp_signals_default(int number)
{
	signal(number, sdp_signals_ignored(number) ? SIG_IGN : SIG_DFL);
}

void sdp_signals_restore(void)
{
	for (int number = 1; number < NSIG; number++)
		if (number != SIGKILL && number != SIGSTOP)
			sdp_signals_default(number);
	sigprocmask(SIG_SETMASK, &at_start.blocked, NULL);
}

void sdp_signals_die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(SDP_SYSTEM);
}

static void on_signal(int number)
{
	int saved = errno;
	bool orderly = false;
	for (int i = 0; i < ORDERLY; i++)
		orderly = orderly || number == ending[i];
	/* A write to a broken pipe would fail with EPIPE, so the program may as well end now. */
	if (!deferred && (abrupt || sdp_interrupted || !orderly))
		die_of(number);
	if (number == SIGPIPE)
		return;
	sdp_interrupted = number;
	/* POSIX does not list setitimer as safe in a handler; on Linux it is a mere system call. */
	if (bounded)
		setitimer(ITIMER_REAL, &(struct itimerval){.it_value = {0, GRACE}}, NULL);
	errno = saved;
}

static void on_alarm(int number)
{
	if (sdp_interrupted)
		sdp_signals_die();
	if (!sdp_signals_ignored(number)) /* it is not from the timer */
		die_of(number);
}

static void do_nothing(int number)
{
	(void)number;
}

/* Sets *set to the signals whose handlers read the slots. */
static void set_of_readers(sigset_t *set)
{
	sigemptyset(set);
	for (int i = 0; i < ENDING; i++)
		sigaddset(set, ending[i]);
	sigaddset(set, SIGALRM);
}

static int install(int number, void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler};
	set_of_readers(&action.sa_mask);
	return sdp_signals_ignored(number) ? 0 : sigaction(number, &action, NULL);
}

static int install_all(void)
{
	if (!at_start.known)
		sdp_signals_begin();
	for (int i = 0; i < ENDING; i++)
		if (install(ending[i], on_signal) < 0)
			return -1;
	/* Exceeding the limit of file size then makes write fail, instead of ending the process. */
	return install(SIGXFSZ, do_nothing);
}

int sdp_signals_install(void)
{
	abrupt = bounded = 0;
	return install_all();
}

int sdp_signals_install_bounded(void)
{
	struct sigaction action = {.sa_handler = on_alarm};
	set_of_readers(&action.sa_mask);
	abrupt = 0;
	bounded = 1;
	return sigaction(SIGALRM, &action, NULL) < 0 ? -1 : install_all();
}

int sdp_signals_install_abrupt(void)
{
	abrupt = 1;
	return install_all();
}

static void block(sigset_t *old)
{
	sigset_t set;
	set_of_readers(&set);
	sigprocmask(SIG_BLOCK, &set, old);
}

void sdp_signals_defer(void)
{
	deferred = 1;
}

void sdp_signals_block(void)
{
	sigset_t old;
	block(&old);
}

void sdp_signals_done(void)
{
	sdp_signals_block();
	sdp_interrupted = 0;
}

int sdp_signals_create(const char *path, unsigned mode, int *slot)
{
	sigset_t old;
	size_t length = strlen(path);
	int i = 0, fd = -1;
	if (length >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	while (i < SLOTS && slots[i].used && slots[i].owner == getpid())
		i++;
	if (i == SLOTS) {
		errno = EMFILE;
		return -1;
	}
	block(&old);
	do
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
	while (fd < 0 && errno == EINTR);
	int saved = errno;
	if (fd >= 0) {
		memcpy(slots[i].path, path, length + 1);
		slots[i].owner = getpid();
		slots[i].used = 1;
		*slot = i;
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	errno = saved;
	return fd;
}

void sdp_signals_forget(int slot)
{
	if (slot >= 0 && slot < SLOTS)
		slots[slot].used = 0;
}
