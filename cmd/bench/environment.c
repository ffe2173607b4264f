/* The parts of a benchmark's document that say when, where and how it was measured. */
#include "bench.h"

#include "base/calendar.h"
#include "base/file.h"
#include "sdp/doc.h"
#include "sdp/mem.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

void bench_put_times(const struct sdp_bench *b, cJSON *doc, struct sdp_err *err)
{
	cJSON *times = sdp_doc_array(doc, "times", err);
	for (size_t i = 0; i < b->case_count * b->count_count; i++)
		for (size_t k = 0; k < b->cells[i].done; k++) {
			cJSON *row = sdp_doc_row(times, err);
			sdp_doc_text(row, "name", b->cases[i / b->count_count].name, err);
			sdp_doc_integer(row, "workers", b->counts[i % b->count_count], err);
			sdp_doc_count(row, "run", k + 1, err);
			sdp_doc_real(row, "seconds", b->cells[i].wall[k], err);
		}
}

void bench_put_method(const struct sdp_bench *b, cJSON *doc, struct sdp_err *err)
{
	cJSON *method = sdp_doc_object(doc, "method", err);
	sdp_doc_count(method, "runs", b->runs, err);
	sdp_doc_count(method, "warmup", b->warmup, err);
	sdp_doc_integer(method, "seed", b->common->seed, err);
}

/*
 * Finds the first line of the file that begins with key and copies the rest of it to out, without
 * the blanks, colons, equals signs and quotes around the value. out is "" if there is no such line.
 */
static void look_up(const char *path, const char *key, char *out, size_t size)
{
	char text[16384];
	(void)sdp_file_read_start(path, text, sizeof text);
	*out = '\0';
	for (char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, strlen(key)))
			continue;
		line += strlen(key);
		line += strspn(line, "\t :=\"");
		size_t length = strcspn(line, "\"\n");
		length = length < size ? length : size - 1;
		memcpy(out, line, length);
		out[length] = '\0';
		return;
	}
}

void bench_put_environment(int64_t started, cJSON *doc, struct sdp_err *err)
{
	char when[SDP_TIME_TEXT], system[128], cpu[128], kernel[2 * sizeof(struct utsname)] = "";
	struct utsname name;
	bool known = uname(&name) >= 0;
	cJSON *object = sdp_doc_object(doc, "environment", err);

	sdp_time_print(when, started, 0, 0, SDP_TIME_UTC);
	look_up("/etc/os-release", "PRETTY_NAME", system, sizeof system);
	look_up("/proc/cpuinfo", "model name", cpu, sizeof cpu);
	if (known)
		snprintf(kernel, sizeof kernel, "%s %s", name.sysname, name.release);
	sdp_doc_text(object, "started_at", when, err);
	sdp_doc_text(object, "sdp", SDP_VERSION, err);
	sdp_doc_text(object, "system", *system ? system : NULL, err);
	sdp_doc_text(object, "kernel", known ? kernel : NULL, err);
	sdp_doc_text(object, "machine", known ? name.machine : NULL, err);
	sdp_doc_text(object, "cpu", *cpu ? cpu : NULL, err);
	sdp_doc_count(object, "memory", sdp_memory_limit(), err);
}
