/*
 * Runs a fuzz target on the files and folders given as arguments, without a fuzzer, and prints one
 * TAP line per input. The target may be built by any compiler, with or without sanitizers.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat st;
	if (!file || fstat(fileno(file), &st) != 0) {
		perror(path);
		return 1;
	}
	/* Exactly as long as the input, so that a sanitizer sees any read past it. */
	size_t size = (size_t)st.st_size;
	uint8_t *data = malloc(size + !size);
	int bad = !data || fread(data, 1, size, file) != size;
	fclose(file);
	if (!bad)
		LLVMFuzzerTestOneInput(data, size);
	free(data);
	const char *name = strrchr(path, '/');
	printf("%s - %s\n", bad ? "not ok" : "ok", name ? name + 1 : path);
	fflush(stdout);
	return bad;
}

static int replay_folder(const char *path)
{
	struct dirent **entries;
	int bad = 0, count = scandir(path, &entries, NULL, alphasort);
	if (count < 0) {
		perror(path);
		return 1;
	}
	for (int i = 0; i < count; i++) {
		char name[4096];
		snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			bad |= replay_file(name);
		free(entries[i]);
	}
	free(entries);
	return bad;
}

int main(int argc, char **argv)
{
	int bad = 0;
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	puts("ok - nothing");
	for (int i = 1; i < argc; i++) {
		struct stat st;
		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
			bad |= replay_folder(argv[i]);
		else
			bad |= replay_file(argv[i]);
	}
	return bad;
}
