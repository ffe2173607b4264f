/*
 * Included before every file when MODE is coverage.  A process that ends by _exit, or that its
 * parent kills, would not write the counts of gcov.  Here _exit writes them, and kill(pid, SIGKILL)
 * sends a signal whose handler writes them.  The declarations are those of <unistd.h> and
 * <signal.h>, which may not be included before a file chooses its feature macros.
 */
#ifndef SDP_COVERAGE_EXIT_H
#define SDP_COVERAGE_EXIT_H

extern void __gcov_dump(void);
extern _Noreturn void _exit(int status);
extern int kill(int pid, int number);
extern void (*signal(int number, void (*handler)(int)))(int);

enum { SDP_COVERED_KILL = 9, SDP_COVERED_END = 64 }; /* SIGKILL and SIGRTMAX of Linux */

static inline _Noreturn void sdp_exit_covered(int status)
{
	__gcov_dump();
	_exit(status);
}

static inline int sdp_kill_covered(int pid, int number)
{
	return kill(pid, number == SDP_COVERED_KILL ? SDP_COVERED_END : number);
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
#define kill  sdp_kill_covered

#endif
