/*
 * A reader for configuration files with [sections] of "key = value" lines, such as ~/.aws/config
 * and ~/.databrickscfg.
 */
#ifndef SDP_NET_INI_H
#define SDP_NET_INI_H

#include "sdp/buf.h"

#include <stdbool.h>

/* Returns whether a section is wanted; name (length bytes) is the text between its brackets. */
typedef bool sdp_ini_match(const void *context, const char *name, size_t length);

/*
 * Reads the file at path into out, which must be empty; of a file of more than 1 MiB it reads the
 * first MiB.  If there is no such file, out stays empty.  Returns 0, or -1 with SDP_SYSTEM.
 */
int sdp_ini_read(const char *path, struct sdp_buf *out, struct sdp_err *err);

/*
 * Returns the last value of key in the sections that match, which the caller frees, or NULL if
 * there is none.  A lack of memory ends the program (base/need_memory.h).  An empty value counts as
 * none.  text may be NULL.  *found is set to true if a section matches; otherwise it is unchanged.
 *
 * A line that is indented more than the key above it belongs to the value of that key and is
 * skipped.  Lines that begin with # or ; are comments.
 */
char *sdp_ini_value(const char *text, sdp_ini_match *match, const void *context, const char *key,
		    bool *found, struct sdp_err *err);

/* Returns text without blanks at its ends, and sets *length to the new length. */
const char *sdp_ini_trim(const char *text, size_t *length);

#endif
