/* sdp-upload: stores files in a local store or S3, and reads them back. */
#include "base/signals.h"
#include "sdp/output.h"
#include "upload.h"

#include <stddef.h>
#include <string.h>

#define AT(member) offsetof(struct upload_params, member)

static const struct sdp_option options[] = {
	{0, "name", SDP_TEXT, AT(name), "NAME", NULL, NULL, 0, 0,
	 "name to store the file under; by default its own"},
	{0, "input-format", SDP_CHOICE, AT(input_format), "csv|json|ndjson|txt|pdf", NULL, NULL, 1,
	 0, "format of the files; by default found by content"},
	{0, "no-validate", SDP_FLAG, AT(no_validate), NULL, NULL, NULL, 0, 0,
	 "store the file without checking it"},
	{0, "fallback", SDP_FLAG, AT(fallback), NULL, NULL, NULL, 0, 0,
	 "keep the file here if S3 cannot be reached; --sync sends it"},
	{0, "sync", SDP_FLAG, AT(sync), NULL, NULL, NULL, 0, 0,
	 "send the files that --fallback kept here"},
	{0, "list", SDP_FLAG, AT(list), NULL, NULL, NULL, 0, 0, "list the stored files"},
	{0, "get", SDP_FLAG, AT(get), NULL, NULL, NULL, 0, 0,
	 "write the bytes of file ID or URI to -o or stdout"},
	{0, "stat", SDP_FLAG, AT(stat), NULL, NULL, NULL, 0, 0,
	 "print the documents of the files ID..."},
	{0, "remove", SDP_FLAG, AT(remove), NULL, NULL, NULL, 0, 0,
	 "remove (delete) the files ID..."},
	{0, "verify", SDP_FLAG, AT(verify), NULL, NULL, NULL, 0, 0,
	 "compare files with their digests; the files ID..., or all"},
	{0, "stall", SDP_INTEGER, AT(stall), "N", "seconds", "30", 1, 3600,
	 "retry a call to S3 after this time without data"},
	{0},
};

/* Returns the command that was given instead of an upload, for messages, or NULL. */
static const char *other_command(const struct upload_params *p)
{
	return p->list     ? "with --list"
	       : p->get    ? "with --get"
	       : p->stat   ? "with --stat"
	       : p->remove ? "with --remove"
	       : p->verify ? "with --verify"
	       : p->sync   ? "with --sync"
			   : NULL;
}

/* Refuses options that have no effect with the command. */
static int check_options(const struct upload_params *p, struct sdp_err *err)
{
	const char *with = other_command(p);
	if (p->list + p->get + p->stat + p->remove + p->verify + p->sync > 1)
		return sdp_fail(err, SDP_USAGE,
				"only one of --list, --get, --stat, --remove, --verify and --sync "
				"at a time");
	if (with &&
	    sdp_refuse_given(&p->common, "name input-format no-validate fallback", with, err) < 0)
		return -1;
	return p->get ? sdp_refuse_given(&p->common, "format print digits", with, err) : 0;
}

static int work(const struct upload_params *p, struct sdp_upload_settings *settings, int count,
		char **operands, cJSON *out, struct sdp_err *err)
{
	if (p->list || p->get || p->stat || p->remove || p->verify)
		return upload_stored(p, settings, count, operands, out, err);
	if (!p->sync)
		return upload_store(p, settings, count, operands, out, err);
	if (count)
		return sdp_fail(err, SDP_USAGE, "--sync takes no operand: '%.80s'", operands[0]);
	return upload_sync(p, settings, out, err);
}

/*
 * Prints the documents, and removes files only after that. If the documents of stored files cannot
 * be printed, removes these files again: the user does not know their ids and would store them
 * twice.
 */
static int finish(const struct upload_params *p, struct sdp_upload_settings *settings,
		  const cJSON *out, struct sdp_err *err)
{
	struct sdp_err undoing;
	bool broken;
	int printed;
	if (p->get)
		return 0; /* it has written the bytes */
	if (upload_print(p, out, &printed, &broken, err) == 0) {
		int rc = p->remove ? upload_remove(p, settings, out, 0, err) : 0;
		if (rc < 0 && sdp_interrupted)
			sdp_warn("%s", err->text);
		return rc;
	}
	if (!other_command(p) && upload_remove(p, settings, out, printed, &undoing) < 0) {
		struct sdp_err why = *err;
		sdp_fail(err, why.code, "%.300s; %.600s", why.text, undoing.text);
		if (broken || sdp_interrupted)
			sdp_warn("%s", err->text);
	}
	if (broken)
		sdp_signals_broken_pipe();
	return -1;
}

static int run(void *params, int count, char **operands, struct sdp_err *err)
{
	struct upload_params *p = params;
	struct sdp_upload_settings settings = {0};
	struct sdp_err ending;
	if (check_options(p, err) < 0)
		return -1;
	if (sdp_signals_install() < 0)
		return sdp_fail_errno(err, "cannot handle signals");
	/* A signal that ends these at once would leave a file of which nobody knows. */
	if (!other_command(p) || p->sync || p->remove)
		sdp_signals_defer();
	cJSON *out = cJSON_CreateArray();
	int rc = out ? sdp_upload_settings_read(&settings, p->fallback, err) : sdp_fail_memory(err);
	if (rc == 0)
		rc = work(p, &settings, count, operands, out, err);
	/* The files that were stored before a failure stay stored, so their ids must be printed. */
	if (rc == 0)
		rc = finish(p, &settings, out, err);
	else if (out && out->child && !p->remove && finish(p, &settings, out, &ending) < 0)
		sdp_warn("%s", ending.text);
	if (rc == 0)
		sdp_signals_done();
	cJSON_Delete(out);
	sdp_upload_settings_release(&settings);
	return rc;
}

static const char *const examples[] = {
	"sdp-upload table.csv",
	"sdp-upload --get ID -o table.csv",
	NULL,
};

static const struct sdp_help_section sections[] = {
	{"storing", "name input-format no-validate fallback sync"},
	{"stored files", "list stat get verify remove"},
	{"S3", "stall"},
	{0},
};

const struct sdp_program sdp_program = {
	.name = "sdp-upload",
	.summary = "store files locally or in S3, and read them back",
	.operands = "[FILE...|ID...]",
	.examples = examples,
	.options = options,
	.sections = sections,
	.groups = SDP_GROUP_WORKERS | SDP_GROUP_DOCUMENT | SDP_GROUP_MEMORY | SDP_GROUP_PROGRESS,
	.params_size = sizeof(struct upload_params),
	.run = run,
};
