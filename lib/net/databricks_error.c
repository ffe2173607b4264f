/* Reads the error from the body of an answer. */
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
