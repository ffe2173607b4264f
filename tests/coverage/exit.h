/*
 * Included before every file when MODE is coverage.  A process that ends by _exit, by a signal or
 * by execv would not write what gcov counted: here _exit, raise and execv write it first, and
 * SIGKILL, from kill or for a parent that died, becomes a signal whose handler does.  The filter of
 * system calls is not installed, since it refuses to open the file to write to.  The declarations
 * are those of <unistd.h>, <signal.h> and <sys/prctl.h>, which may not be included before a file
 * chooses its feature macros.
 *
 * What stays uncounted is a process that something else kills with SIGKILL, or with a signal that
 * it does not handle, and one that may not open files.
 */
#ifndef SDP_COVERAGE_EXIT_H
#define SDP_COVERAGE_EXIT_H

#include <sys/syscall.h>

extern void __gcov_dump(void);
extern void __gcov_reset(void);
extern _Noreturn void _exit(int status);
extern int execv(const char *path, char *const words[]);
extern int kill(int pid, int number);
extern int raise(int number);
extern int prctl(int option, ...);
extern long syscall(long number, ...);
extern void (*signal(int number, void (*handler)(int)))(int);

enum {
	SDP_COVERED_KILL = 9, /* SIGKILL, SIGRTMAX, PR_SET_PDEATHSIG and PR_SET_SECCOMP of Linux */
	SDP_COVERED_END = 64,
	SDP_COVERED_PARENT = 1,
	SDP_COVERED_FILTER = 22,
	SDP_COVERED_SIZE = 1 /* RLIMIT_FSIZE */
};

/* Lifts the limit of the size of files, since half a file of counts spoils those of all runs. */
static inline void sdp_lift_size_covered(unsigned long old[2])
{
	const unsigned long any[2] = {-1UL, -1UL};
	syscall(SYS_prlimit64, 0, SDP_COVERED_SIZE, any, old);
}

/* Writes the counts, and goes on to count from 0: what is written twice is not counted twice. */
static inline void sdp_write_covered(void)
{
	unsigned long old[2];
	sdp_lift_size_covered(old);
	__gcov_dump();
	__gcov_reset();
	syscall(SYS_prlimit64, 0, SDP_COVERED_SIZE, old, (void *)0);
}

/* Runs before gcov's own, which writes the counts. */
__attribute__((destructor)) static void sdp_before_write_covered(void)
{
	unsigned long old[2];
	sdp_lift_size_covered(old);
}

static inline _Noreturn void sdp_exit_covered(int status)
{
	sdp_write_covered();
	_exit(status);
}

static inline int sdp_execv_covered(const char *path, char *const words[])
{
	sdp_write_covered();
	return execv(path, words);
}

static inline int sdp_kill_covered(int pid, int number)
{
	return kill(pid, number == SDP_COVERED_KILL ? SDP_COVERED_END : number);
}

static inline int sdp_raise_covered(int number)
{
	sdp_write_covered();
	return raise(number);
}

__attribute__((unused)) static int sdp_prctl_covered(int option, ...)
{
	unsigned long words[4];
	__builtin_va_list list;
	__builtin_va_start(list, option);
	for (int i = 0; i < 4; i++)
		words[i] = __builtin_va_arg(list, unsigned long);
	__builtin_va_end(list);
	if (option == SDP_COVERED_FILTER)
		return 0;
	if (option == SDP_COVERED_PARENT && words[0] == SDP_COVERED_KILL)
		words[0] = SDP_COVERED_END;
	return prctl(option, words[0], words[1], words[2], words[3]);
}

static void sdp_end_covered(int number)
{
	sdp_exit_covered(128 + number);
}

__attribute__((constructor)) static void sdp_expect_end(void)
{
	signal(SDP_COVERED_END, sdp_end_covered);
}

#define _exit sdp_exit_covered
#define execv sdp_execv_covered
#define kill  sdp_kill_covered
#define raise sdp_raise_covered
#define prctl sdp_prctl_covered

#endif
