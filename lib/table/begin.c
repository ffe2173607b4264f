/*
 * Begins inputs.
 *
 * A regular file that needs no conversion is complete from then on. The bytes of a pipe go to the
 * spool, those of its head first:
 *
 *	spool    | input 1: mark header data … | input 2: mark header data …
 *	                               start     end (grows) ->
 */
#include "table/format.h"
#include "table/input.h"

#include <string.h>

/* Notes that the lines of a PDF are read, and warns if a table of it was wanted. */
static int note_pdf_lines(struct sdp_source *s, const struct sdp_input *input, struct sdp_err *err)
{
	static const char *const names[] = {SDP_PDF_LINES};
	const char *format = s->options.decode_as ? s->options.decode_as : input->decode;
	enum { COUNT = sizeof names / sizeof *names };
	if (!input->decoder.pid || !format || strcmp(format, "pdf") != 0 || s->schema.pdf_lines ||
	    s->schema.count != COUNT)
		return 0;
	for (size_t i = 0; i < COUNT; i++)
		if (strcmp(s->schema.columns[i].name, names[i]) != 0)
			return 0;
	s->schema.pdf_lines = true;
	return s->options.pdf_tables ? sdp_source_warn(s, err, SDP_PDF_LINES_WARNING) : 0;
}

int sdp_source_begin(struct sdp_source *s, uint32_t number, struct sdp_err *err)
{
	struct sdp_input *input = sdp_source_input(s, number);
	struct sdp_input_shared *shared = &s->shared[number];
	struct sdp_head head = {0};
	if (sdp_input_begin(input, err) < 0 ||
	    (s->options.follow && sdp_follow_check(s, input, err) < 0) ||
	    sdp_input_decode(input, &s->options, err) < 0)
		return -1;
	uint64_t start = 0;
	head.origin = input->direct ? input->at : s->spool_size;
	int rc = sdp_head_detect(s, number, &head, err);
	if (rc == 0 && !head.later)
		rc = sdp_formats[s->schema.format].begin(s, number, &head, &start, err);
	if (rc == 0 && head.later) {
		sdp_buf_release(&head.text);
		return 0;
	}
	if (rc == 0)
		rc = note_pdf_lines(s, input, err);
	bool json = s->schema.format == SDP_FORMAT_JSON,
	     header = json ? s->json.header : !s->options.no_header;
	atomic_store(&shared->first_record, (header ? head.lines + 1 : head.dropped_lines) + 1);
	atomic_store(&shared->origin, head.origin);
	atomic_store(&shared->text, head.origin + (head.before ? head.mark + head.before : 0));
	atomic_store(&shared->start, head.origin + start);
	atomic_store(&shared->end, input->direct ? (uint64_t)input->stat.st_size : s->spool_size);
	atomic_store(&shared->complete, input->direct);
	atomic_store(&shared->begun, rc == 0);
	input->pausing = false;
	sdp_buf_release(&head.text);
	return rc;
}
