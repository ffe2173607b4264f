/* A sandbox of resource limits and a seccomp filter of system calls (Linux). */
#define _GNU_SOURCE
#include "pdf/sandbox.h"

#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#endif

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

#if defined(MACHINE) && !defined(SANITIZED)
#define WHOLE 1
#else
#define WHOLE 0
#endif

static int limit(int resource, uint64_t value, struct sdp_err *err)
{
	struct rlimit old, new;
	if (getrlimit((unsigned)resource, &old) < 0)
		return sdp_fail_errno(err, "cannot ask for a limit");
	new.rlim_max = old.rlim_max < value ? old.rlim_max : value;
	new.rlim_cur = new.rlim_max;
	return setrlimit((unsigned)resource, &new) < 0 ? sdp_fail_errno(err, "cannot set a limit")
						       : 0;
}

#if WHOLE
/* Returns the bytes of address space in use, or 0 if they are unknown. */
static uint64_t in_use(void)
{
	unsigned long long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	if (f && fscanf(f, "%llu", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define GO(what)     BPF_STMT(BPF_RET | BPF_K, what)
#define REFUSE       (SECCOMP_RET_ERRNO | 1) /* EPERM */
/* Allows the call. */
#define ALLOW(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 1), GO(SECCOMP_RET_ALLOW)
/*
 * Allows the call unless its third argument, the protection, has PROT_EXEC.  LOAD reads the low
 * half of the argument, since the machines are little endian.
 */
#define ALLOW_DATA(call)                                                                           \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 4), LOAD(args[2]),                     \
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1), GO(REFUSE),                 \
		GO(SECCOMP_RET_ALLOW)

static int filter_calls(struct sdp_err *err)
{
	static struct sock_filter program[] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 1, 0),
		GO(SECCOMP_RET_KILL_PROCESS),
		LOAD(nr),
		ALLOW(read),
		ALLOW(pread64),
		ALLOW(readv),
		ALLOW(lseek),
		ALLOW(write),
		ALLOW(writev),
		ALLOW(close),
		ALLOW(fstat),
		ALLOW(brk),
		ALLOW(munmap),
		ALLOW(mremap),
		ALLOW(madvise),
		ALLOW(futex),
		ALLOW(rt_sigreturn),
		ALLOW(rt_sigprocmask),
		ALLOW(rt_sigaction),
		ALLOW(getpid),
		ALLOW(gettid),
		ALLOW(clock_gettime),
		ALLOW(gettimeofday),
		ALLOW(getrandom),
		ALLOW(exit),
		ALLOW(exit_group),
		ALLOW_DATA(mmap),
		ALLOW_DATA(mprotect),
		GO(REFUSE),
	};
	struct sock_fprog filter = {sizeof program / sizeof *program, program};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0)
		return sdp_fail_errno(err, "cannot restrict system calls");
	return 0;
}
#endif

int sdp_sandbox_enter(const struct sdp_sandbox *sandbox, struct sdp_err *err)
{
	if (limit(RLIMIT_CPU, sandbox->seconds, err) < 0 || limit(RLIMIT_CORE, 0, err) < 0)
		return -1;
#if WHOLE
	if (limit(RLIMIT_AS, in_use() + sandbox->memory, err) < 0)
		return -1;
	return filter_calls(err);
#else
	return 0;
#endif
}

bool sdp_sandbox_available(void)
{
#ifdef MACHINE
	return true;
#else
	return false;
#endif
}
