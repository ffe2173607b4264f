/* The monotonic clock, for durations and timeouts.  Its zero has no meaning. */
#ifndef SDP_BASE_CLOCK_H
#define SDP_BASE_CLOCK_H

#include <stdint.h>

/* Return the time in whole milliseconds, or in seconds. */
uint64_t sdp_clock_ms(void);
double sdp_clock_seconds(void);

#endif
