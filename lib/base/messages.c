/* Passes warnings, news and notes on to the sink. */
#include "sdp/messages.h"

#include <stddef.h>

static sdp_message_sink *sink;

void sdp_messages_to(sdp_message_sink *new_sink)
{
	sink = new_sink;
}

static void pass_on(enum sdp_message kind, const char *format, va_list ap)
	__attribute__((format(printf, 2, 0)));

static void pass_on(enum sdp_message kind, const char *format, va_list ap)
{
	if (sink)
		sink(kind, format, ap);
}

void sdp_warn(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	pass_on(SDP_WARNING, format, ap);
	va_end(ap);
}

void sdp_say(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	pass_on(SDP_NEWS, format, ap);
	va_end(ap);
}

void sdp_note(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	pass_on(SDP_NOTE, format, ap);
	va_end(ap);
}
