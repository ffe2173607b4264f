/* Files of sections with "key = value" lines, as ~/.aws and ~/.databrickscfg are. */
#ifndef SDP_NET_INI_H
#define SDP_NET_INI_H

#include "sdp/buf.h"

#include <stdbool.h>

/* Is this the text between the brackets of the section that is sought? */
typedef bool sdp_ini_match(const void *context, const char *name, size_t length);

/* A whole file, up to a megabyte; one that is not there is empty. */
int sdp_ini_read(const char *path, struct sdp_buf *out, struct sdp_err *err);

/*
 * The last value of a key in the sections that match, to be freed; NULL if there is none (or no
 * memory). *found becomes true if there is such a section.  What is indented more than the key
 * above it belongs to that key and is passed over; # and ; begin comments.
 */
char *sdp_ini_value(const char *text, sdp_ini_match *match, const void *context, const char *key,
		    bool *found, struct sdp_err *err);

/* Takes blanks off both ends. */
const char *sdp_ini_trim(const char *text, size_t *length);

bool sdp_ini_is(const char *text, size_t length, const char *name);

#endif
