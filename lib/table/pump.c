/* Takes in pipes and gzip in the parent, while workers already parse what has arrived. */
#include "base/file.h"
#include "base/signals.h"
#include "table/input.h"

#include <string.h>

enum { STEP = 1 << 20 };

/* Takes in up to STEP bytes of the current input. Returns their number, or 0 at its end. */
static ssize_t pump_step(struct sdp_source *s, struct sdp_err *err)
{
	struct sdp_buf text = {0};
	ssize_t n = 1, sum = 0;
	while (n > 0 && sum < STEP) {
		text.length = 0;
		n = sdp_source_read_some(s, sdp_source_input(s, s->pumping), &text, SDP_INPUT_READ,
					 err);
		sum += n > 0 ? n : 0;
		atomic_store(&s->shared[s->pumping].end, s->spool_size);
		if (sdp_input_waits_for(sdp_source_input(s, s->pumping)) >= 0)
			break; /* let the caller process what has arrived */
	}
	sdp_buf_release(&text);
	return n < 0 ? -1 : sum;
}

int sdp_source_pump(struct sdp_source *s, struct sdp_err *err)
{
	for (; s->pumping < sdp_source_inputs(s) && !s->failed;) {
		struct sdp_input_shared *shared = &s->shared[s->pumping];
		ssize_t n = 0;
		if (!atomic_load(&shared->begun)) {
			struct sdp_input *input = sdp_source_input(s, s->pumping);
			s->failed = sdp_input_connect(input, &s->failure) < 0;
			if (!s->failed && !sdp_input_ready(input, 0))
				/* let the caller do other work until it is ready */
				return 1;
			s->failed = s->failed || sdp_source_begin(s, s->pumping, &s->failure) < 0;
			if (s->failed && s->options.follow)
				sdp_follow_explain(&s->failure);
			/* Let the caller process what came with the header. */
			if (!s->failed && sdp_input_waits_for(input) >= 0)
				return 1;
		}
		if (!s->failed && !atomic_load(&shared->complete)) {
			n = pump_step(s, &s->failure);
			s->failed = n < 0;
		}
		if (n > 0)
			return 1;
		if (s->failed)
			break;
		atomic_store(&shared->complete, true);
		s->pumping++;
		s->failed = s->options.follow && sdp_source_follow_next(s, &s->failure) < 0;
	}
	if (!s->failed)
		return 0;
	/* What came before can be cut; nothing follows, however often this is called. */
	atomic_store(&s->shared[s->pumping].broken, true);
	*err = s->failure;
	return -1;
}

int sdp_source_waits_for(const struct sdp_source *s)
{
	if (s->pumping == sdp_source_inputs(s) || s->failed)
		return -1;
	return sdp_input_waits_for(sdp_source_input(s, s->pumping));
}

int sdp_source_take_in(struct sdp_source *s, uint64_t upto, struct sdp_err *err)
{
	int more;
	do {
		int fd = sdp_source_waits_for(s);
		if (fd >= 0 && sdp_file_wait(fd) < 0)
			return sdp_fail_errno(err, "cannot wait for the input");
		if (sdp_interrupted)
			return sdp_fail(err, SDP_SYSTEM, "interrupted");
		more = sdp_source_pump(s, err);
	} while (more > 0 && s->spool_size < upto);
	return more;
}
