/*
 * Messages to the user that are not errors: warnings, news and notes.
 *
 * Any layer may send one.  A message goes to the sink, which lib/cli sets when a program starts: it
 * prints one line on standard error, in one write, with control characters as '?'.  Without a sink,
 * as in a program that uses the library without lib/cli, messages are dropped.
 */
#ifndef SDP_MESSAGES_H
#define SDP_MESSAGES_H

#include <stdarg.h>

enum sdp_message {
	SDP_WARNING, /* the result may not be what is expected; not with -q */
	SDP_NEWS,    /* what the program did; not with -q */
	SDP_NOTE,    /* a detail of what it did; only with -v */
};

/* Sends a warning, "sdp-stats: warning: …", unless -q was given. */
void sdp_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Sends a message, "sdp-sample: …", unless -q was given. */
void sdp_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Sends a message, "sdp-stats: …", if -v was given. */
void sdp_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

typedef void sdp_message_sink(enum sdp_message kind, const char *format, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* Sends all further messages of this process to the sink; NULL drops them. */
void sdp_messages_to(sdp_message_sink *sink);

#endif
