/* The main function of every program: it parses the command line and runs sdp_program. */
#include "base/address.h"
#include "base/signals.h"
#include "cli/cli.h"
#include "cli/complete.h"
#include "cli/decode.h"
#include "cli/terminal.h"
#include "sdp/mem.h"
#include "sdp/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

/*
 * If descriptor 0, 1 or 2 is closed, the next file opened would get its number, and results or
 * messages would be written to that file.  This opens /dev/null in its place, the input for
 * writing and the outputs for reading, so that any use of the descriptor fails.
 */
static void guard_descriptors(void)
{
	static const int modes[] = {O_WRONLY, O_RDONLY, O_WRONLY};
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", modes[fd]) != fd)
			_exit(SDP_SYSTEM);
}

/* Returns the address that a word of the command line is, or that follows a = in it, or NULL. */
static char *address_in(char *word)
{
	for (char *at = word; at; at = strchr(at, '='), at = at ? at + 1 : at)
		if (sdp_address_form(at) != SDP_ADDRESS_NONE)
			return at;
	return NULL;
}

/*
 * Hides the secrets of addresses from all who list the processes of this machine: such a word moves
 * to other memory, and the command line keeps what messages show of it.
 */
static int hide_secrets(int argc, char **argv, struct sdp_err *err)
{
	int rc = 0;
	for (int i = 1; rc == 0 && i < argc; i++) {
		char *word = argv[i], *address = address_in(word);
		char *shown = address ? sdp_address_shown(address, err) : NULL;
		if (address && !shown)
			return -1;
		if (address && strcmp(shown, address) != 0) {
			char *copy = sdp_strndup(word, strlen(word), err);
			rc = copy ? 0 : -1;
			argv[i] = copy ? copy : word;
			memset(address, 0, strlen(address));
			memcpy(address, shown, strlen(shown));
		}
		free(shown);
	}
	return rc;
}

static int print_request(const struct sdp_command_line *command,
			 const struct sdp_option_table *table, struct sdp_err *err)
{
	struct sdp_buf text = {0};
	int rc = -1;
	const struct sdp_usage_style style = {(size_t)sdp_terminal_width(isatty(STDOUT_FILENO)),
					      sdp_terminal_bold(),
					      command->request == SDP_REQUEST_SUMMARY};
	if (style.brief || command->request == SDP_REQUEST_HELP)
		rc = sdp_usage_help(&sdp_program, table, &style, &text, err);
	else if (command->request == SDP_REQUEST_OPTIONS)
		rc = sdp_usage_options(table, &text, err);
	else
		rc = sdp_versions(command->libraries, &text, err);
	if (rc == 0)
		rc = sdp_output_text(NULL, &text, err);
	sdp_buf_release(&text);
	return rc;
}

/* Returns the file that an option names, or NULL: FILE, MODEL.json or, of several words, FILE. */
static const char *file_of(const struct sdp_option *o, const void *params)
{
	const char *value, *what = o->argument, *last = what ? strrchr(what, '|') : NULL;
	if (o->type != SDP_TEXT || !what || strcmp(o->long_name, "output") == 0)
		return NULL;
	if (strcmp(last ? last + 1 : what, "FILE") != 0 && !strstr(what, ".json"))
		return NULL;
	value = *(char *const *)((const char *)params + o->offset);
	size_t length = value ? strlen(value) : 0;
	for (const char *at = what; value && last && at;
	     at = strchr(at, '|'), at = at ? at + 1 : at)
		if (strncmp(at, value, length) == 0 && at[length] == '|')
			return NULL; /* one of the words before FILE */
	return value;
}

/* An output must not replace a model or another file that an option names. */
static int check_output(const struct sdp_common *common, const void *params, struct sdp_err *err)
{
	for (const struct sdp_option **o = common->given; common->output && *o; o++) {
		const char *file = file_of(*o, params);
		struct stat st;
		bool there = file && stat(file, &st) == 0, same = false;
		if (there)
			same = sdp_output_spares(common->output, &st, err) < 0;
		else if (file && strcmp(file, "-") != 0)
			same = strcmp(file, common->output) == 0;
		if (same)
			return sdp_fail(err, SDP_USAGE, "--output: %s is the file of --%s",
					common->output, (*o)->long_name);
	}
	return 0;
}

static int run(const struct sdp_command_line *command, void *params, struct sdp_err *err)
{
	struct sdp_common *common = params;
	sdp_warn_setup(sdp_program.name, common->quiet, common->verbose);
	if (sdp_common_finish(common, err) < 0 || check_output(common, params, err) < 0)
		return -1;
	if (sdp_program.groups & SDP_GROUP_DOCUMENT && sdp_output_check(common, err) < 0)
		return -1;
	if (sdp_program.run)
		return sdp_program.run(params, command->count, command->operands, err);
	return sdp_run_task(&sdp_program, params, command->count, command->operands, err);
}

/*
 * Prints what completes a command line (cli/complete.h).  A file on a file system that does not
 * answer must not hold up the shell: SIGALRM ends the program.
 */
static void complete(const struct sdp_option_table *table, void *params, int argc, char **argv)
{
	const struct itimerval most = {.it_value = {.tv_usec = 500000}};
	struct sdp_buf text = {0};
	struct sdp_err err = {0};
	setitimer(ITIMER_REAL, &most, NULL);
	sdp_warn_setup(sdp_program.name, true, false);
	if (sdp_complete_line(&sdp_program, table, params, argc, argv, &text, &err) == 0)
		(void)!sdp_output_text(NULL, &text, &err);
	sdp_buf_release(&text);
}

int main(int argc, char **argv)
{
	struct sdp_option_table table = {0};
	struct sdp_command_line command = {0};
	struct sdp_err err = {0};
	void *params = NULL;
	int rc = -1;

	sdp_signals_begin();
	guard_descriptors();
	if (sdp_decode_wanted(argc, argv))
		return sdp_decode_serve(argc, argv);
	sdp_warn_setup(sdp_program.name, false, false);
	/*
	 * The engine, which runs tasks, polls sdp_interrupted.  A program with its own run function
	 * may not do so; signals end it at once.
	 */
	if ((sdp_program.run ? sdp_signals_install_abrupt() : sdp_signals_install_bounded()) < 0)
		sdp_fail_errno(&err, "cannot handle signals");
	else if (sdp_program.params_size < sizeof(struct sdp_common))
		SDP_BUG();
	else if (hide_secrets(argc, argv, &err) == 0 &&
		 (params = sdp_alloc(1, sdp_program.params_size, &err)))
		rc = sdp_option_table_make(&table, &sdp_program, &err);
	if (rc == 0 && argc > 1 && strcmp(argv[1], "--complete-line") == 0)
		complete(&table, params, argc - 2, argv + 2);
	else if (rc == 0)
		rc = sdp_command_line_parse(&command, &sdp_program, &table, params, argc, argv,
					    &err);
	if (rc == 0 && command.operands)
		rc = command.request == SDP_REQUEST_RUN ? run(&command, params, &err)
							: print_request(&command, &table, &err);
	if (sdp_interrupted)
		sdp_signals_die();
	if (rc < 0)
		sdp_hint_option(&command, &table, &err);
	if (rc < 0) {
		sdp_print_error("%s", err.text);
		sdp_pass_on_messages(err.excerpt, strlen(err.excerpt));
	}
	if (params)
		sdp_command_line_release(&command, &table, params);
	sdp_option_table_release(&table);
	free(params);
	return rc == 0 ? 0 : err.code == SDP_OK ? SDP_SYSTEM : (int)err.code;
}
