/*
 * Signals that ask the program to end: SIGINT, SIGTERM, SIGHUP, and SIGPIPE.
 *
 * The program dies of the signal it got, after its unfinished files are removed, so that a shell
 * or make sees what happened.  A signal that was ignored when the program started stays ignored.
 * Handlers do not restart system calls: they return EINTR, and who gets that looks at
 * sdp_interrupted.
 */
#ifndef SDP_BASE_SIGNALS_H
#define SDP_BASE_SIGNALS_H

#include "sdp/err.h"

#include <signal.h>

/* 0, or the number of the signal that asked this process to end. */
extern volatile sig_atomic_t sdp_interrupted;

/*
 * For code that polls: the first signal only sets sdp_interrupted, a second one ends the process
 * at once.  0, or -1 with errno.  May be called again, also to change from one kind to the other.
 */
int sdp_signals_install(void);

/* For code that does not poll: the first signal ends the process at once. */
int sdp_signals_install_abrupt(void);

/* Removes unfinished files and dies of the signal in sdp_interrupted (of SIGTERM if 0). */
_Noreturn void sdp_signals_die(void);

/* The same of a given signal: SIGPIPE for who got EPIPE. */
_Noreturn void sdp_signals_die_of(int number);

/*
 * Makes a new empty file to be removed should this process (not one forked from it) die of a
 * signal: opened for writing, close on exec, failing if the name is taken.  *slot is what
 * sdp_signals_forget wants.  The descriptor, or -1 with errno.
 */
int sdp_signals_create(const char *path, unsigned mode, int *slot);

/* The file has been renamed or removed. */
void sdp_signals_forget(int slot);

#endif
