/*
 * Handles the signals that ask the program to end: SIGINT, SIGTERM, SIGHUP and SIGPIPE.
 *
 * The program removes its unfinished files and then dies of the signal that it got, so that a shell
 * or make sees the cause.  A signal that was ignored when the program started stays ignored.
 *
 * Handlers do not restart system calls.  Code that gets EINTR must check sdp_interrupted.
 */
#ifndef SDP_BASE_SIGNALS_H
#define SDP_BASE_SIGNALS_H

#include "sdp/err.h"

#include <signal.h>

/* 0, or the number of the signal that asked this process to end. */
extern volatile sig_atomic_t sdp_interrupted;

/*
 * Installs the handlers for code that polls: the first signal sets sdp_interrupted, the second one
 * ends the process at once; SIGPIPE always does.  It may be called again, also after
 * sdp_signals_install_abrupt.  Returns 0, or -1 with errno set.
 */
int sdp_signals_install(void);

/*
 * Does the same for code that polls, but not everywhere: if the process is still there half a
 * second after the first signal, it removes its unfinished files and dies of the signal.
 */
int sdp_signals_install_bounded(void);

/* Installs the handlers for code that does not poll: the first signal ends the process at once. */
int sdp_signals_install_abrupt(void);

/*
 * Removes the unfinished files and dies of the signal in sdp_interrupted, or of SIGTERM if it is 0.
 */
_Noreturn void sdp_signals_die(void);

/* Does the same with a given signal, for example SIGPIPE after a write failed with EPIPE. */
_Noreturn void sdp_signals_die_of(int number);

/*
 * Creates an empty file that is removed if this process (not one forked from it) dies of a signal.
 * The file is open for writing, with close-on-exec; the call fails if it exists.  At most 8 files
 * can be registered at the same time.  Sets *slot to the argument of sdp_signals_forget.
 * Returns the descriptor, or -1 with errno set.
 */
int sdp_signals_create(const char *path, unsigned mode, int *slot);

/* Ends the registration of a file, which has been renamed or removed.  slot may be -1. */
void sdp_signals_forget(int slot);

#endif
