/*
 * Memory for libraries that do not report a lack of it, but abort or crash.
 */
#ifndef SDP_BASE_NEED_MEMORY_H
#define SDP_BASE_NEED_MEMORY_H

/*
 * Returns memory, what an allocation returned, unless it is NULL.  The program then removes its
 * unfinished files, says "out of memory" and exits with SDP_SYSTEM.  A process that it has forked
 * says nothing: its parent starts another one, or reports the end.
 */
void *sdp_need_memory(void *memory);

#endif
