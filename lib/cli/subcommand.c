/* Finds the subcommand of a command line and checks its operands and options. */
#include "cli/subcommand.h"
#include "base/suggest.h"
#include "sdp/buf.h"

#include <stdio.h>
#include <string.h>

static const struct sdp_subcommand *at(const struct sdp_subcommand *first, size_t stride, size_t i)
{
	return (const void *)((const char *)first + i * stride);
}

/*
 * Appends the names as "check, upload or api"; last is " or " or " and ".  Hidden subcommands, at
 * the end of the array, are left out.
 */
static int add_names(struct sdp_buf *text, const struct sdp_subcommand *first, size_t stride,
		     size_t count, const char *last, struct sdp_err *err)
{
	while (count && !at(first, stride, count - 1)->operands)
		count--;
	for (size_t i = 0; i < count; i++)
		if (sdp_buf_format(text, err, "%s%s",
				   i == 0           ? ""
				   : i + 1 == count ? last
						    : ", ",
				   at(first, stride, i)->name) < 0)
			return -1;
	return 0;
}

static int refuse(const struct sdp_subcommand *first, size_t stride, size_t count, const char *name,
		  struct sdp_err *err)
{
	struct sdp_buf names = {0};
	char quoted[80], meant[80];
	struct sdp_suggestion near = sdp_suggest_for(name ? name : "", name ? strlen(name) : 0);
	for (size_t i = 0; i < count; i++)
		if (at(first, stride, i)->operands)
			sdp_suggest_try(&near, at(first, stride, i)->name);
	if (add_names(&names, first, stride, count, name ? " and " : " or ", err) < 0)
		;
	else if (near.name)
		sdp_fail(err, SDP_USAGE, "no command is called %s, did you mean %s?",
			 sdp_quote(quoted, sizeof quoted, name, strlen(name)),
			 sdp_quote(meant, sizeof meant, near.name, strlen(near.name)));
	else if (name)
		sdp_fail(err, SDP_USAGE, "there is no command %s; the commands are %s",
			 sdp_quote(quoted, sizeof quoted, name, strlen(name)), names.data);
	else
		sdp_fail(err, SDP_USAGE, "no command is given: %s (try %s --help)", names.data,
			 sdp_program.name);
	sdp_buf_release(&names);
	return -1;
}

int sdp_subcommand_find(const struct sdp_subcommand *first, size_t stride, size_t count,
			const struct sdp_common *common, int operand_count, char **operands,
			struct sdp_err *err)
{
	size_t i = 0;
	while (operand_count && i < count && strcmp(at(first, stride, i)->name, operands[0]) != 0)
		i++;
	if (operand_count == 0 || i == count)
		return refuse(first, stride, count, operand_count ? operands[0] : NULL, err);
	const struct sdp_subcommand *c = at(first, stride, i);
	if (operand_count - 1 < c->least || (c->most >= 0 && operand_count - 1 > c->most))
		return sdp_fail(err, SDP_USAGE, "usage: %s %s%s%s", sdp_program.name, c->name,
				c->operands && *c->operands ? " " : "",
				c->operands ? c->operands : "");
	char with[40];
	snprintf(with, sizeof with, "with %s", c->name);
	return sdp_refuse_others(common, c->options, with, err) < 0 ? -1 : (int)i;
}
