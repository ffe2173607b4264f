/*
 * Collects what is drawn on a page of mupdf.  It is used by pdf.c only.
 */
#ifndef SDP_PDF_DRAWING_H
#define SDP_PDF_DRAWING_H

#include "pdf/rules.h"

#include <mupdf/fitz.h>

/*
 * Returns a device that adds the lines and filled areas of a page to the drawing; it throws if
 * there is no memory.  *failed becomes true if there is no memory for the drawing.
 */
fz_device *sdp_drawing_device(fz_context *context, struct sdp_drawing *drawing, bool *failed);

#endif
