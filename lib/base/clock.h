/* The monotonic clock: how long things take, and until when to wait.  Its zero means nothing. */
#ifndef SDP_BASE_CLOCK_H
#define SDP_BASE_CLOCK_H

#include <stdint.h>

uint64_t sdp_clock_ms(void); /* whole milliseconds */
double sdp_clock_seconds(void);

#endif
