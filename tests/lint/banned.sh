#!/usr/bin/env bash
# Functions that have no place here, and those that only some layers may use:
# - banned everywhere: unbounded copies, ato*, and what changes or shares hidden state;
# - prints, exit and argv belong to lib/cli; forked processes of the engine and of lib/process may
#   _exit, as may a signal handler (lib/base/signals.c) and an allocator without memory
#   (lib/base/need_memory.c), and the abort of a broken contract (lib/base/err.c) says where on stderr;
# - syncing, locking and the death of a child with its parent are each written once, in base;
# - the environment is not for base (but for its own files, lib/base/env.c and data_dir.c), json,
#   document and model.
set -u
cd "$(dirname "$0")/../.." || exit 3
fault=0

# ban CALLS NAMES WHY FILE...: the files, comments aside, may not call CALLS nor name NAMES.
ban() {
	local calls="($1) *\\(" names="($2)([^[:alnum:]_]|\$)" why=$3 file hits
	shift 3
	for file; do
		[ -e "$file" ] || continue
		hits=$(awk -f tests/lint/strip.awk "$file" | sed 's/format(printf//' |
			grep -n -E "(^|[^[:alnum:]_.>])($calls|$names)")
		[ -z "$hits" ] && continue
		fault=1
		sed "s|^|$file:|; s|\$|   <- $why|" <<<"$hits"
	done
}

code() { for d; do find "$d" -name '*.[ch]' 2>/dev/null; done | sort; }
mapfile -t everywhere < <(code lib cmd tests/fuzz)
mapfile -t silent < <(code lib cmd | grep -v -e '^lib/cli/' -e '^lib/base/err\.c$')
mapfile -t workers < <(code lib/base lib/json lib/table lib/document lib/model lib/net lib/pdf cmd |
	grep -v -e '^lib/base/signals\.c$' -e '^lib/base/need_memory\.c$')
mapfile -t pure < <(code lib/base lib/json lib/document lib/model | grep -v -e '^lib/base/env\.' -e '^lib/base/data_dir\.c$')
mapfile -t others < <(code lib cmd | grep -v -e '^lib/base/file\.c$' -e '^lib/base/signals\.c$')

banned='gets|strcpy|strcat|sprintf|vsprintf|stpcpy|strncpy|strncat|alloca|atoi|atol|atoll|atof'
banned=$banned'|strtok|system|popen|tmpnam|tempnam|mktemp|gmtime|localtime|ctime|asctime|setlocale|rand|srand'
ban "$banned" 'gets' 'banned' "${everywhere[@]}"
ban 'd?printf|vd?printf|puts|putchar|perror' 'stdout|stderr' 'only lib/cli prints' "${silent[@]}"
ban 'exit|atexit|quick_exit|abort' 'argv' 'only lib/cli exits or reads argv' "${silent[@]}"
ban '_exit|_Exit' '_Exit' 'only forked processes of lib/engine and lib/process leave so' "${workers[@]}"
ban 'getenv|sdp_env' 'environ' 'the environment is not for base and model' "${pure[@]}"
ban 'fsync|fdatasync|flock' 'PR_SET_PDEATHSIG' 'base/file.h and base/signals.h have a function for it' "${others[@]}"
exit $fault
