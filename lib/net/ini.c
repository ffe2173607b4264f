/* Reads configuration files with sections. */
#include "net/ini.h"

#include "base/file.h"
#include "base/need_memory.h"
#include "base/secret.h"
#include "base/text.h"
#include "sdp/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MOST = 1 << 20 };

int sdp_ini_read(const char *path, struct sdp_buf *out, struct sdp_err *err)
{
	sdp_secret_begin();
	int fd = sdp_file_open(path, O_RDONLY, 0);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : sdp_fail_errno(err, "%s", path);
	/* In one piece, so that growing leaves no copies of secrets. */
	int rc = sdp_buf_reserve(out, FILE_MOST + 1, err);
	ssize_t n = rc == 0 ? sdp_read_at(fd, out->data, FILE_MOST + 1, 0) : 0;
	if (n < 0)
		rc = sdp_fail_errno(err, "%s", path);
	else if (n > FILE_MOST)
		rc = sdp_fail(err, SDP_USAGE, "%s: it is longer than 1 MiB", path);
	else if (rc == 0)
		out->data[out->length = (size_t)n] = '\0';
	close(fd);
	return rc;
}

const char *sdp_ini_trim(const char *text, size_t *length)
{
	while (*length && strchr(" \t\r", *text))
		text++, (*length)--;
	while (*length && strchr(" \t\r", text[*length - 1]))
		(*length)--;
	return text;
}

/* Returns whether the line "[…]" is a section that matches. */
static bool is_section(const char *text, size_t length, sdp_ini_match *match, const void *context)
{
	const char *close_at = memchr(text, ']', length);
	if (!close_at)
		return false;
	length = (size_t)(close_at - text) - 1;
	text = sdp_ini_trim(text + 1, &length);
	return match(context, text, length);
}

char *sdp_ini_value(const char *text, sdp_ini_match *match, const void *context, const char *key,
		    bool *found, struct sdp_err *err)
{
	bool inside = false;
	size_t indent = SIZE_MAX; /* of the key above */
	char *value_found = NULL;
	for (const char *line = text; line && *line;) {
		size_t length = strcspn(line, "\n"), n = length;
		const char *s = sdp_ini_trim(line, &n), *equals = memchr(s, '=', n);
		if (n && *s == '[') {
			inside = is_section(s, n, match, context);
			*found = *found || inside;
			indent = SIZE_MAX;
		} else if (equals && *s != '#' && *s != ';' && (size_t)(s - line) <= indent) {
			indent = (size_t)(s - line);
			size_t name = (size_t)(equals - s), value = n - name - 1;
			const char *v = sdp_ini_trim(equals + 1, &value);
			s = sdp_ini_trim(s, &name);
			if (inside && value && sdp_text_is(s, name, key)) {
				sdp_secret_free(value_found);
				value_found = sdp_need_memory(sdp_strndup(v, value, err));
			}
		}
		line += length + (line[length] == '\n');
	}
	return value_found;
}
