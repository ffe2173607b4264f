/* base/limits: the limits of nested cgroups, in a folder that stands for the root. */
#include "base/limits.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

static void put(const char *path, const char *text)
{
	char command[1000];
	snprintf(command, sizeof command,
		 "mkdir -p \"$(dirname root/%s)\" && printf -- '%s' >root/%s", path, text, path);
	assert_int_equal(system(command), 0);
}

static struct limits found(void)
{
	struct limits limits = {INFINITY, INFINITY};
	add_cgroups("root", &limits);
	return limits;
}

static int clear(void **state)
{
	(void)state;
	return system("rm -rf root");
}

static void test_version_2(void **state)
{
	(void)state;
	put("proc/self/cgroup", "0::/user.slice/job.scope\\n");
	put("sys/fs/cgroup/cpu.max", "max 100000\\n");
	assert_true(isinf(found().memory) && isinf(found().cores));
	put("sys/fs/cgroup/user.slice/memory.max", "500000000\\n");
	put("sys/fs/cgroup/user.slice/cpu.max", "250000 100000\\n");
	put("sys/fs/cgroup/user.slice/job.scope/memory.max", "max\\n");
	assert_true(found().memory == 5e8 && found().cores == 2.5);
	put("sys/fs/cgroup/user.slice/job.scope/memory.high", "400000000\\n");
	put("sys/fs/cgroup/user.slice/job.scope/cpu.max", "50000 100000\\n");
	assert_true(found().memory == 4e8 && found().cores == 0.5);
	/* That of another cgroup does not count, that of the root does. */
	put("sys/fs/cgroup/user.slice/other/memory.max", "1000\\n");
	put("sys/fs/cgroup/memory.max", "300000000\\n");
	assert_true(found().memory == 3e8);
}

static void test_version_1(void **state)
{
	(void)state;
	put("proc/self/cgroup", "9:pids:/a\\n4:memory:/docker/x\\n3:cpu,cpuacct:/docker\\n0::/\\n");
	put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\\n");
	put("sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes", "1000000\\n");
	put("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "1000\\n");
	put("sys/fs/cgroup/cpu/docker/cpu.cfs_quota_us", "-1\\n");
	put("sys/fs/cgroup/cpu/docker/cpu.cfs_period_us", "100000\\n");
	assert_true(found().memory == 1e6 && isinf(found().cores));
	put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "150000\\n");
	put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "50000\\n");
	assert_true(found().cores == 3);
}

/* In a container, the path may be that of the host; elsewhere it may lead outside. */
static void test_other_paths(void **state)
{
	(void)state;
	assert_true(isinf(found().memory));
	put("sys/fs/cgroup/memory.max", "2000000\\n");
	assert_true(found().memory == 2e6);
	put("proc/self/cgroup", "0::/docker/abc:def\\nnonsense\\n");
	assert_true(found().memory == 2e6);
	put("sys/fs/cgroup/docker/abc:def/memory.max", "1000000\\n");
	assert_true(found().memory == 1e6);
	put("sys/fs/memory.max", "5\\n");
	put("proc/self/cgroup", "0::/../..\\n");
	assert_true(found().memory == 2e6);
	put("proc/self/cgroup", "0::/\\n");
	assert_true(found().memory == 2e6);
}

static void test_this_process(void **state)
{
	struct rlimit space;
	(void)state;
	assert_true(sdp_core_count() >= 1);
	assert_true(sdp_memory_limit() > 0);
	assert_int_equal(getrlimit(RLIMIT_AS, &space), 0);
#if !defined(__SANITIZE_ADDRESS__)
	struct rlimit less = {20 << 20, space.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_AS, &less), 0);
	assert_true(sdp_memory_limit() <= 20 << 20);
	assert_int_equal(setrlimit(RLIMIT_AS, &space), 0);
#endif
}

static char own[] = "/tmp/sdp-test-XXXXXX"; /* the folder of this test */

static int enter(void **state)
{
	(void)state;
	return mkdtemp(own) && chdir(own) == 0 ? 0 : -1;
}

static int leave(void **state)
{
	char command[64];
	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", own);
	return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_version_2, clear),
		cmocka_unit_test_setup(test_version_1, clear),
		cmocka_unit_test_setup(test_other_paths, clear),
		cmocka_unit_test(test_this_process),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}
