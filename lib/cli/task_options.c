/* Asks another program for its options. */
#include "cli/task_options.h"

#include "process/listen.h"

#include <string.h>

int sdp_task_options_read(const char *program, struct sdp_buf *table, struct sdp_err *err)
{
	char *words[] = {(char *)program, "--options", NULL};
	struct sdp_listener listener = {.out = table};
	if (table->length)
		return 0;
	int rc = sdp_listen(&listener, program, words, err);
	if (rc > 0 || (rc == 0 && !table->length))
		rc = sdp_fail(err, SDP_SYSTEM, "%s --options fails", program);
	if (rc < 0)
		table->length = 0;
	return rc;
}

/* A line is SHORT, LONG, TYPE, … separated by tabs; the first line is the header. */
const char *sdp_task_options_next(const char *at, struct sdp_task_option *o)
{
	const char *line = at ? strchr(at, '\n') : NULL;
	if (!line || !*++line)
		return NULL;
	o->letter = *line;
	o->name = line + strcspn(line, "\t") + 1;
	o->length = (int)strcspn(o->name, "\t");
	o->value = strncmp(o->name + o->length, "\tflag\t", 6) != 0;
	return line;
}
