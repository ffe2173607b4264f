/*
 * Errors.  A library function returns 0, or -1 with a filled struct sdp_err; a function that
 * returns a pointer returns NULL instead of -1.
 *
 * The code is the exit code of the program, so the function that detects an error also decides
 * what is at fault.  The text is the complete message: the place first, in lower case, without a
 * full stop:
 *
 *	in.csv:1043:price: not a number: '12,5'
 *
 * The struct holds no pointers: it can be in shared memory and can be copied by assignment.  The
 * text is valid UTF-8.  All functions below cut it after at most 999 bytes, between two characters.
 */
#ifndef SDP_ERR_H
#define SDP_ERR_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

enum sdp_code {
	SDP_OK = 0,
	SDP_DATA = 1,   /* the data or the model is wrong */
	SDP_USAGE = 2,  /* the command line is wrong */
	SDP_SYSTEM = 3, /* the system or the network failed; a retry may succeed */
};

struct sdp_err {
	enum sdp_code code;
	char text[1000]; /* NUL-terminated */
	/*
	 * Lines that are shown below the message: the part of an expression that is wrong, with a
	 * caret below it. All their characters can be shown. Mostly "".
	 */
	char excerpt[400];
};

/* Fills err and returns -1, so that callers can write: return sdp_fail(err, …). */
int sdp_fail(struct sdp_err *err, enum sdp_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Fills err with the code SDP_SYSTEM and the message followed by ": " and strerror(errno).
 * Returns -1.
 */
int sdp_fail_errno(struct sdp_err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The place of an error in the data. */
struct sdp_place {
	const char *file; /* may be NULL */
	/*
	 * Records count from 1, including the header, so this is the line number in a file without
	 * quoted newlines.  0: the message has no record number.
	 */
	uint64_t record;
	const char *column; /* may be NULL */
};

/*
 * Fills err with the code SDP_DATA and "file:record:column: " before the message; absent parts of
 * the place are left out.  File and column are cut after at most 250 bytes.  Returns -1.
 */
int sdp_fail_at(struct sdp_err *err, struct sdp_place place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Fills err with the code SDP_SYSTEM and "out of memory".  Returns -1. */
int sdp_fail_memory(struct sdp_err *err);

/*
 * Returns -1 if err is filled, otherwise 0.  A series of calls that add to a document or a buffer
 * can be checked by this once, at its end, if err was empty before the first of them.
 */
static inline int sdp_err_result(const struct sdp_err *err)
{
	return err->code == SDP_OK ? 0 : -1;
}

/*
 * Writes text into out in the form that messages use: in single quotes, control characters and
 * invalid UTF-8 as \xNN, cut after about 40 bytes with "…".  size is that of out and at least 8; a
 * smaller buffer shows less of the text.  Returns out.
 */
const char *sdp_quote(char *out, size_t size, const char *text, size_t length);

/*
 * Writes text into out as one word that a POSIX shell reads back, in single quotes.  size is at
 * least 4 * strlen(text) + 3.  Returns out.
 */
const char *sdp_shell_quote(char *out, size_t size, const char *text);

/*
 * Writes a message into out as vsnprintf does, but cuts it between two characters if it is too
 * long, and replaces each byte that is not part of valid UTF-8 by '?'.  Returns its length.
 */
size_t sdp_format(char *out, size_t size, const char *format, va_list ap)
	__attribute__((format(printf, 3, 0)));

/* Reports a broken internal contract with its place in the source on stderr, and aborts. */
#define SDP_BUG() sdp_bug(__FILE__, __LINE__)
void sdp_bug(const char *file, int line) __attribute__((noreturn));

#endif
