/*
 * Memory for libraries that abort or crash if memory is exhausted, instead of reporting it.
 */
#ifndef SDP_BASE_NEED_MEMORY_H
#define SDP_BASE_NEED_MEMORY_H

/*
 * Returns memory, the result of an allocation, if it is not NULL.  Otherwise the program removes
 * its unfinished files, prints "out of memory" and exits with SDP_SYSTEM.  A process that it has
 * forked only exits: its parent starts another one, or reports the error.
 */
void *sdp_need_memory(void *memory);

#endif
