/* Reads the error from the body of an answer; encodes and decodes base64. */
#include "net/databricks.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

static const char *text_of(const cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
	return text && *text ? text : NULL;
}

/* Appends text as one line: line ends and tabs become blanks, other control bytes '?'. */
static int add_line(struct sdp_buf *out, const char *text, size_t length, struct sdp_err *err)
{
	size_t from = out->length;
	if (sdp_buf_add(out, text, length, err) < 0)
		return -1;
	for (size_t i = from; i < out->length; i++)
		if ((unsigned char)out->data[i] < ' ' || out->data[i] == 0x7f)
			out->data[i] = strchr("\r\n\t", out->data[i]) ? ' ' : '?';
	return 0;
}

static int read_json_error(const cJSON *root, char code[80], struct sdp_buf *message,
			   struct sdp_err *err)
{
	const char *name = text_of(root, "error_code"), *text = text_of(root, "message");
	if (!name)
		name = text_of(root, "error");
	if (!name)
		name = text_of(root, "scimType");
	if (!text)
		text = text_of(root, "error_description");
	if (!text)
		text = text_of(root, "detail");
	if (!text && name && strchr(name, ' ')) {
		text = name;
		name = NULL;
	}
	if (name)
		snprintf(code, 80, "%s", name);
	return text ? add_line(message, text, strlen(text), err) : 0;
}

/* Appends the title of an HTML page, or the first line of another text. */
static int read_text_error(const char *body, struct sdp_buf *message, struct sdp_err *err)
{
	const char *title = strstr(body, "<title>");
	if (title)
		return add_line(message, title + 7, strcspn(title + 7, "<"), err);
	body += strspn(body, " \r\n\t");
	size_t n = strcspn(body, "\r\n");
	return *body == '<' ? 0 : add_line(message, body, n < 300 ? n : 300, err);
}

int sdp_databricks_error(const char *body, size_t length, char code[80], struct sdp_buf *message,
			 struct sdp_err *err)
{
	code[0] = '\0';
	if (!body || !length)
		return 0;
	cJSON *root = cJSON_ParseWithLength(body, length);
	int rc = cJSON_IsObject(root) ? read_json_error(root, code, message, err)
				      : read_text_error(body, message, err);
	cJSON_Delete(root);
	return rc;
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int sdp_databricks_base64(const void *bytes, size_t length, struct sdp_buf *out,
			  struct sdp_err *err)
{
	const unsigned char *s = bytes;
	if (sdp_buf_reserve(out, (length + 2) / 3 * 4, err) < 0)
		return -1;
	char *to = out->data + out->length;
	for (size_t i = 0; i < length; i += 3) {
		size_t n = length - i;
		unsigned v = (unsigned)s[i] << 16 | (n > 1 ? (unsigned)s[i + 1] << 8 : 0) |
			     (n > 2 ? s[i + 2] : 0);
		*to++ = digits[v >> 18];
		*to++ = digits[v >> 12 & 63];
		*to++ = n > 1 ? digits[v >> 6 & 63] : '=';
		*to++ = n > 2 ? digits[v & 63] : '=';
	}
	*to = '\0';
	out->length = (size_t)(to - out->data);
	return 0;
}

int sdp_databricks_unbase64(const char *text, size_t length, struct sdp_buf *out,
			    struct sdp_err *err)
{
	unsigned v = 0, bits = 0;
	size_t end = length;
	while (end && length - end < 2 && text[end - 1] == '=')
		end--;
	if (length % 4 || sdp_buf_reserve(out, length / 4 * 3, err) < 0)
		return length % 4 ? sdp_fail(err, SDP_SYSTEM, "an answer is not base64") : -1;
	for (size_t i = 0; i < end; i++) {
		const char *at = text[i] ? strchr(digits, text[i]) : NULL;
		if (!at)
			return sdp_fail(err, SDP_SYSTEM, "an answer is not base64");
		v = v << 6 | (unsigned)(at - digits);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out->data[out->length++] = (char)(v >> bits & 255);
		}
	}
	out->data[out->length] = '\0';
	return 0;
}
