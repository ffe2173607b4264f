/*
 * Inputs that another process decodes: a child gets the file and writes CSV into a pipe, which takes the
 * file's place.  It fails, and dies, for itself; its end is looked at when the pipe has ended.
 */
#define _GNU_SOURCE
#include "input.h"

#include "sdp/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What comes through a pipe or out of gzip, as a file. */
static int spool_all(struct sdp_input *input, struct sdp_err *err)
{
	enum { PIECE = 1 << 16 };
	char piece[PIECE];
	int fd = sdp_spool_new(err);
	ssize_t n = fd < 0 ? -1 : 1;
	while (n > 0 && (n = sdp_input_read(input, piece, PIECE, err)) > 0)
		if (sdp_write_all(fd, piece, (size_t)n) < 0)
			n = sdp_fail_errno(err, "cannot write to the temporary file in %s", sdp_temporary_folder());
	if (n == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static _Noreturn void decode(const struct sdp_decoder *decoder, struct sdp_decoding *what, int out,
			     struct sdp_err *said)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], signals[i] == SIGINT ? SIG_IGN : SIG_DFL);
	if (dup2(out, STDOUT_FILENO) < 0)
		_exit(SDP_SYSTEM);
	int rc = decoder->run(decoder->context, what, said);
	_exit(rc < 0 ? (int)said->code : 0);
}

/* The child is there: the pipe takes the file's place. */
static int replace(struct sdp_input *input, int fd, pid_t child, struct sdp_err *err)
{
	sdp_input_inflate_end(input);
	close(input->fd);
	input->fd = fd;
	input->decoder = child;
	input->direct = input->ended = false;
	input->encoding = SDP_ENCODING_UTF8;
	input->ahead_length = 0;
	input->at = 0;
	return fstat(fd, &input->stat) < 0 ? sdp_fail_errno(err, "%s", input->name) : 0;
}

int sdp_input_decode(struct sdp_input *input, const struct sdp_source_options *options, struct sdp_err *err)
{
	const char *format = options->decode_as ? options->decode_as : options->format == SDP_SOURCE_ANY ? input->decode : NULL;
	if (!options->decoder.run || !format || !input->opened || input->decoder)
		return 0;
	struct sdp_decoding what = {input->name, format, input->fd, input->named};
	int ends[2] = {-1, -1};
	if (!input->direct && (what.fd = spool_all(input, err)) < 0)
		return -1;
	struct sdp_err *said = mmap(NULL, sizeof *said, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	input->said = said == MAP_FAILED ? NULL : said;
	if (!input->said || lseek(what.fd, 0, SEEK_SET) < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return sdp_fail_errno(err, "cannot decode %s", input->name);
	pid_t child = fork();
	if (child == 0)
		decode(&options->decoder, &what, ends[1], said);
	close(ends[1]);
	if (what.fd != input->fd)
		close(what.fd);
	if (child < 0) {
		close(ends[0]);
		return sdp_fail_errno(err, "cannot start a process");
	}
	return replace(input, ends[0], child, err);
}

int sdp_input_decoded(struct sdp_input *input, struct sdp_err *err)
{
	int status = 0;
	pid_t child = input->decoder;
	if (!child)
		return 0;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return sdp_fail_errno(err, "cannot wait for a process");
	input->decoder = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFSIGNALED(status))
		return sdp_fail_at(err, (struct sdp_place){.file = input->name}, "the process that decodes it died: %s",
				   strsignal(WTERMSIG(status)));
	*err = *input->said;
	if (err->code == SDP_OK) /* it has said what there is to say for itself */
		sdp_fail(err, (enum sdp_code)WEXITSTATUS(status), "%s: sdp-cat cannot decode it", input->name);
	return -1;
}

void sdp_input_stop_decoder(struct sdp_input *input)
{
	if (input->decoder) {
		kill(input->decoder, SIGKILL);
		while (waitpid(input->decoder, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (input->said)
		munmap(input->said, sizeof *input->said);
	input->decoder = 0;
	input->said = NULL;
}
