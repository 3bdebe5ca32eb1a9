#!/usr/bin/env bash
# Compares the micro-benchmarks with a stored table, by ratio to the calibration loop of the same run, and warns where one takes
# more than 1.5 times what it took. Never fails: machines and neighbours differ. Usage: micro.sh MICRO_BENCH TABLE [write]
set -euo pipefail
bench=$1 table=$2
now=$(mktemp)
trap 'rm -f -- "$now"' EXIT
"$bench" --benchmark_repetitions=5 --benchmark_report_aggregates_only=true --benchmark_format=csv 2>/dev/null |
  awk -F, '/_median"/ { gsub(/"/, "", $1); sub(/_median$/, "", $1); print $1 "\t" $4 }' |
  awk -F '\t' -v OFS='\t' '$1 == "calibration" { unit = $2 } { print $1, sprintf("%.1f", $2), sprintf("%.2f", $2 / unit) }' >"$now"
[[ -s $now ]] || { echo "bench micro: the benchmarks gave nothing" >&2; exit 70; }
if [[ ${3:-} == write ]]; then
  {
    printf '# command: ./raymc bench micro; medians of 5 repetitions; ratio: to the calibration loop of the same run\n'
    printf 'benchmark\tcpu_nanoseconds\tratio\n'
    cat "$now"
  } >"$table"
fi
awk -F '\t' '
  /^#/ || $1 == "benchmark" { next }
  FILENAME == ARGV[1] { stored[$1] = $3; next }
  {
    slower = ($1 in stored) && stored[$1] > 0 ? $3 / stored[$1] : 1
    printf "%-24s %12.1f ns  ratio %10.2f  %5.2f x stored\n", $1, $2, $3, slower
    if (slower > 1.5) printf "::warning::%s takes %.1f times what it took, measured in calibration loops\n", $1, slower
  }' "$table" "$now"
