/*
 * The paths of the store (see the drawing in job.h), the list of its jobs, and the reading of its
 * files.
 */
#include "base/names.h"
#include "jobs/jobs.h"
#include "sdp/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

int sdp_job_store_init(struct sdp_job_store *store, const char *home, struct sdp_err *err)
{
	struct sdp_buf root = {0};
	int rc = sdp_buf_format(&root, err, "%s/jobs", home);
	store->root = root.data;
	return rc;
}

void sdp_job_store_release(struct sdp_job_store *store)
{
	free(store->root);
}

char *sdp_job_path(const struct sdp_job_store *store, const char *folder, const char *name,
		   struct sdp_err *err)
{
	struct sdp_buf path = {0};
	if (sdp_buf_format(&path, err, "%s%s%s%s%s", store->root, *folder ? "/" : "", folder,
			   *name ? "/" : "", name) == 0)
		return path.data;
	sdp_buf_release(&path);
	return NULL;
}

/* ---- the jobs of a folder ---- */

struct names {
	char (*items)[SDP_UUID_LENGTH + 1];
	size_t count, capacity;
};

static int in_order(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int read_names(const char *path, struct names *names, struct sdp_err *err)
{
	DIR *dir = opendir(path);
	int rc = 0;
	if (!dir)
		return errno == ENOENT ? 0 : sdp_fail_errno(err, "cannot read %s", path);
	for (const struct dirent *d; rc == 0 && (d = readdir(dir));) {
		if (!sdp_uuid_valid(d->d_name))
			continue;
		rc = sdp_grow(&names->items, &names->capacity, names->count + 1,
			      sizeof *names->items, err);
		if (rc == 0)
			memcpy(names->items[names->count++], d->d_name, SDP_UUID_LENGTH + 1);
	}
	closedir(dir);
	return rc;
}

int sdp_job_store_each(const struct sdp_job_store *store, const char *folder,
		       int (*each)(void *context, const char *id, struct sdp_err *err),
		       void *context, struct sdp_err *err)
{
	struct names names = {0};
	char *path = sdp_job_path(store, folder, "", err);
	int rc = path ? read_names(path, &names, err) : -1;
	if (names.count)
		qsort(names.items, names.count, sizeof *names.items, in_order);
	for (size_t i = 0; rc == 0 && i < names.count; i++)
		rc = each(context, names.items[i], err);
	free(names.items);
	free(path);
	return rc;
}

struct search {
	const char *word;
	char *id;
	size_t count;
	struct sdp_names names;
};

static int match_one(void *context, const char *id, struct sdp_err *err)
{
	struct search *s = context;
	(void)err;
	if (strncasecmp(id, s->word, strlen(s->word)) != 0)
		return 0;
	s->count++;
	memcpy(s->id, id, SDP_UUID_LENGTH + 1);
	sdp_names_add(&s->names, id);
	return 0;
}

int sdp_job_store_match(const struct sdp_job_store *store, const char *word,
			char id[SDP_UUID_LENGTH + 1], struct sdp_err *err)
{
	struct search s = {.word = word, .id = id};
	char quoted[80];
	if (!*word)
		return sdp_fail(err, SDP_USAGE, "an ID is empty");
	if (sdp_uuid_valid(word)) {
		memcpy(id, word, SDP_UUID_LENGTH + 1);
		return 0;
	}
	sdp_quote(quoted, sizeof quoted, word, strlen(word));
	int rc = sdp_job_store_each(store, "", match_one, &s, err);
	if (rc < 0 || s.count == 1)
		return rc;
	return s.count == 0
		       ? sdp_fail(err, SDP_DATA, "there is no job %s in %s", quoted, store->root)
		       : sdp_fail(err, SDP_DATA, "%s stands for %zu jobs: %s", quoted, s.count,
				  sdp_names_end(&s.names));
}

/* ---- a file ---- */

int sdp_job_read_file(const char *path, struct sdp_buf *text, struct sdp_err *err)
{
	enum { STEP = 1 << 16 };
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	ssize_t n = 1;
	if (fd < 0)
		return errno == ENOENT ? 0 : sdp_fail_errno(err, "cannot read %s", path);
	while (rc == 0 && n > 0) {
		rc = sdp_buf_reserve(text, STEP, err);
		n = rc == 0 ? read(fd, text->data + text->length, STEP) : 0;
		if (n < 0 && errno != EINTR)
			rc = sdp_fail_errno(err, "cannot read %s", path);
		text->length += n > 0 ? (size_t)n : 0;
		n = n < 0 ? 1 : n;
	}
	if (rc == 0)
		text->data[text->length] = '\0';
	close(fd);
	return rc < 0 ? -1 : 1;
}
