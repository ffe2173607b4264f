/* Warnings about how an input was understood. */
#include "table/input.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int sdp_source_warn(struct sdp_source *s, struct sdp_err *err, const char *format, ...)
{
	char text[SDP_WARNING_TEXT];
	va_list arguments;
	va_start(arguments, format);
	size_t length = sdp_format(text, sizeof text, format, arguments);
	va_end(arguments);
	return sdp_buf_add(&s->warnings, text, length + 1, err);
}

const char *sdp_source_warning(const struct sdp_source *source, size_t number)
{
	const char *text = source->warnings.data, *end = text + source->warnings.length;
	while (text < end && number-- > 0)
		text += strlen(text) + 1;
	return text < end ? text : NULL;
}

const char *sdp_delimiter_name(char c, char quoted[4])
{
	snprintf(quoted, 4, "'%c'", c);
	return c == '\t' ? "tab" : quoted;
}
