/*
 * Handles the signals that ask the program to end, SIGINT, SIGTERM and SIGHUP, and those that end
 * it: SIGPIPE, SIGQUIT, SIGXCPU, SIGUSR1, SIGUSR2, SIGVTALRM and SIGPROF.
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
#include <stdbool.h>
#include <sys/types.h>

/*
 * Remembers which signals are ignored and which are blocked.  main calls it before anything changes
 * them; otherwise the first sdp_signals_install… does.  An ignored SIGCHLD gets its default action,
 * because no process could wait for its children.
 */
void sdp_signals_begin(void);

/* Returns whether the signal was ignored when the program started. */
bool sdp_signals_ignored(int number);

/* 0, or the number of the signal that asked this process to end. */
extern volatile sig_atomic_t sdp_interrupted;

/*
 * Installs the handlers for code that polls: the first signal that asks the program to end sets
 * sdp_interrupted; a second one, or any other signal, ends the process at once.  It may be called
 * again, also after sdp_signals_install_abrupt.  Returns 0, or -1 with errno set.
 */
int sdp_signals_install(void);

/*
 * Does the same for code that polls, but not everywhere: if the process is still there half a
 * second after the first signal, it removes its unfinished files and dies of the signal.
 */
int sdp_signals_install_bounded(void);

/*
 * From now on, signals only set sdp_interrupted, however many arrive, and SIGPIPE does nothing.  It
 * is for code that must undo what it has done, and therefore polls.
 */
void sdp_signals_defer(void);

/*
 * Blocks the signals until the process ends; sdp_signals_die still dies of one that arrived before.
 * It is for code that must not be interrupted and takes a short time.
 */
void sdp_signals_block(void);

/*
 * Records that the program has done all that it should and that its output is written.  From then
 * on no signal changes its exit code, not even one that arrived before.
 */
void sdp_signals_done(void);

/* Installs the handlers for code that does not poll: the first signal ends the process at once. */
int sdp_signals_install_abrupt(void);

/*
 * Removes the unfinished files and dies of the signal in sdp_interrupted, or of SIGTERM if it is 0.
 */
_Noreturn void sdp_signals_die(void);

/*
 * Ends the process after a write failed with EPIPE: it dies of SIGPIPE, as if that had not been
 * caught.  If SIGPIPE was ignored when the program started, it returns, with errno unchanged: the
 * failed write is then an error like any other.
 */
void sdp_signals_broken_pipe(void);

/* Gives a signal its default action, unless it was ignored when the program started. */
void sdp_signals_default(int number);

/*
 * Prepares a child for executing a program.  The program ignores and blocks the signals that this
 * one ignored and blocked when it started; all others have their default actions.
 */
void sdp_signals_restore(void);

/*
 * Called in a child: the system kills the child when the parent dies.  If the parent is dead
 * already, the child ends.  parent is what getpid returned in the parent before it forked.
 */
void sdp_signals_die_with(pid_t parent);

/*
 * Creates an empty file that is removed if this process (not one forked from it) dies of a signal.
 * The file is open for writing, with close-on-exec; the call fails if it exists.  At most 8 files
 * can be registered at the same time.  Sets *slot to the argument of sdp_signals_forget.
 * Returns the descriptor, or -1 with errno set.
 */
int sdp_signals_create(const char *path, unsigned mode, int *slot);

/* Removes the unfinished files; for a process that is about to end by _exit. */
void sdp_signals_remove_files(void);

/* Ends the registration of a file, which has been renamed or removed.  slot may be -1. */
void sdp_signals_forget(int slot);

#endif
