/* Members of sdp-bench's document that say how and where it was measured. */
#ifndef BENCH_PARTS_H
#define BENCH_PARTS_H

#include "cli/bench.h"

/*
 * doc.times: a row a measured run, case by case, numbers of workers ascending, in the order of the
 * runs.
 */
int bench_put_times(const struct sdp_bench *bench, cJSON *doc, struct sdp_err *err);

/* doc.method: runs, warm-ups, seed. */
int bench_put_method(const struct sdp_bench *bench, cJSON *doc, struct sdp_err *err);

/* doc.environment: when, which sdp, which machine.  started: seconds since 1970. */
int bench_put_environment(int64_t started, cJSON *doc, struct sdp_err *err);

#endif
