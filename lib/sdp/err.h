/*
 * Errors: a library function returns 0, or -1 with a filled struct sdp_err.
 *
 * The code is the exit code the program will end with, so whoever finds a fault decides
 * whose fault it is.  The text is complete, place first, lower case, without a full stop:
 *
 *	in.csv:1043:price: not a number: '12,5'
 *
 * The struct holds no pointers; it may lie in shared memory and be copied freely.
 */
#ifndef SDP_ERR_H
#define SDP_ERR_H

#include <stddef.h>
#include <stdint.h>

enum sdp_code {
	SDP_OK = 0,
	SDP_DATA = 1,   /* the data or the model is at fault */
	SDP_USAGE = 2,  /* the command line is */
	SDP_SYSTEM = 3, /* the system or the network is; a retry may help */
};

struct sdp_err {
	enum sdp_code code;
	char text[1000];
};

/* Fills err and returns -1, so that callers write: return sdp_fail(err, …). */
int sdp_fail(struct sdp_err *err, enum sdp_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with ": " and strerror(errno) appended; the code is SDP_SYSTEM. */
int sdp_fail_errno(struct sdp_err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Where in the data a fault lies.  record counts from 1, a header included, so it is the line
 * number in a file without quoted newlines; 0 leaves it out.  file and column may be NULL.
 */
struct sdp_place {
	const char *file;
	uint64_t record;
	const char *column;
};

/* Fails with code SDP_DATA and "file:record:column: " before the message. */
int sdp_fail_at(struct sdp_err *err, struct sdp_place place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Fails for want of memory: SDP_SYSTEM. */
int sdp_fail_memory(struct sdp_err *err);

/*
 * Writes text into out (size >= 8) as it may stand in a message: in single quotes, control
 * bytes and bad UTF-8 as \xNN, cut after some 40 bytes with "…".  Returns out.
 */
const char *sdp_quote(char *out, size_t size, const char *text, size_t length);

/* A broken internal contract: says where on stderr and aborts. */
#define SDP_BUG() sdp_bug(__FILE__, __LINE__)
_Noreturn void sdp_bug(const char *file, int line);

#endif
