#!/usr/bin/env bash
# What `make report` does: all tasks on synthetic rows with 1, 2, 4 and 8 workers, and what others need for
# the same, as performance_report.md with charts beside it.
#
#   ROWS=500000 RUNS=5       how much, how often
#   REPORT=FILE.md           where to
#   PEERS='polars …'         which others; PEERS= for none
#   PEERS_PYTHON=python3     has them already; by default they go to a venv in WORK
#   WORK=build/report        where the table, the documents and the venv go
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
export PATH="${SDP_BIN:-$root/build/release}:$PATH" LC_ALL=C
unset SDP_FORMAT
rows=${ROWS:-500000} runs=${RUNS:-5} report=${REPORT:-$root/examples/report/performance_report.md}
peers=${PEERS-polars duckdb scikit-learn pyfim}
work=${WORK:-$root/build/report}
python=${PEERS_PYTHON:-$work/venv/bin/python}
case $report in /*) ;; *) report=$PWD/$report ;; esac
mkdir -p "$work/documents"
cd "$work"
rm -f documents/*.json

say() { echo "performance_report: $*" >&2; }

# A venv of what can be installed; what cannot is said, here and in the report.
missing=() there=()
if [ -n "$peers" ] && [ -z "${PEERS_PYTHON-}" ] && [ ! -x "$python" ]; then
	python3 -m venv venv || say 'no venv: apt-get install python3-venv'
fi
for peer in $peers; do
	if ! "$python" "$root/examples/report/peers.py" "$peer" >"$peer.tasks" 2>/dev/null && [ -z "${PEERS_PYTHON-}" ]; then
		say "installing $peer"
		packages=("$peer")
		[ "$peer" != scikit-learn ] || packages+=(polars) # reads the table for it
		"$python" -m pip install --quiet --disable-pip-version-check "${packages[@]}" >pip.log 2>&1 || tail -n 3 pip.log >&2
	fi
	if "$python" "$root/examples/report/peers.py" "$peer" >"$peer.tasks" 2>/dev/null; then there+=("$peer"); else
		say "$peer is missing"
		missing+=("$peer")
	fi
done

cores=$(nproc)
sdp-sample -d synthetic -r "$rows" -o table.csv
say 'sdp'
counts=1,2,4,8
case ,$counts, in *,$cores,*) ;; *) counts=$counts,$cores ;; esac
sdp-bench --tasks all -w "$counts" --runs "$runs" --param kmeans.features=x1:x6 --param linear_regression.features=x1:x6 \
	--param logistic_regression.features=x1:x6 --param time_series.value=x1,x2,x3,x4,x5,x6 --param fp_growth.support=2% \
	-o documents/sdp.json table.csv
for peer in "${there[@]}"; do
	while read -r task; do
		say "$peer: $task"
		sdp-bench --name "$task" -w "$cores" --runs "$runs" -- \
			"$python" "$root/examples/report/peers.py" "$peer" "$task" {} table.csv >>"documents/$peer.json"
	done <"$peer.tasks"
done

documents=(documents/sdp.json)
for peer in "${there[@]}"; do documents+=("documents/$peer.json"); done
sdp-report -f md -o "$report" "${documents[@]}"

# A few words below the title.
about() {
	printf '\nAll tasks on %s rows of synthetic data (%s), with 1, 2, 4 and 8 workers' "$rows" "$(du -h --apparent-size table.csv | cut -f 1)B"
	if [ ${#there[@]} -gt 0 ]; then
		printf ', and what others need for the same with a thread for each core, reading the CSV and starting included. '
		printf 'What exactly they compute stands in [peers.py](%s); ' peers.py
		# shellcheck disable=SC2016 # backquotes are Markdown
		printf 'sdp computes more: exact sums, standard errors, tests and intervals of coefficients. Versions: '
		"$python" -m pip list --format=freeze 2>/dev/null | grep -i -x -E "($(IFS='|'; echo "${there[*]}"))==.*" | sed 's/==/ /; s/$/,/' | tr '\n' ' '
		printf 'Python %s' "$("$python" -c 'import platform; print(platform.python_version())')"
	fi
	printf '.\n'
	[ ${#missing[@]} = 0 ] || printf '\nCould not be installed, so is not shown: %s.\n' "${missing[*]}"
	printf '\nThe same again, on your machine:\n\n```sh\n$ make report\n```\n'
}
{
	head -n 1 "$report"
	about
	tail -n +2 "$report"
} >"$report.new"
mv "$report.new" "$report"
rm table.csv
say "written: $report"
