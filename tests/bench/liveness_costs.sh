#!/usr/bin/env bash
# What liveness costs beside plain safety: each scenario with its promises, and the same with Quiescent twins of them.
# Prints a table of medians. Usage: liveness_costs.sh RAYMC SOURCE_DIR [RUNS]
set -euo pipefail
raymc=$1 source=$2 runs=${3:-5}
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd -- "$source"

# Seconds and peak MiB of one run, from the line of measurements.
measure() {
  "$raymc" check --symmetry off "$1" 2>&1 >/dev/null | sed -nE 's/.* states in ([0-9.]+) s .* threads ([0-9]+),.* peak memory ([0-9]+) MiB/\1 \3 \2/p' | tail -n 1
}
median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

printf '# command: ./raymc bench liveness\n# revision: %s, %s runs, medians, %s threads, the two questions in turn\n' \
  "$(git rev-parse --short HEAD)" "$runs" "$(nproc)"
printf 'scenario\tstates\tsafety_seconds\tliveness_seconds\ttime_ratio\tsafety_mib\tliveness_mib\tmemory_ratio\n'
for scenario in specs/scenarios/seed/recovery_does_end.toml specs/scenarios/ci/{pinned/recovery_ends_{raylet_crash_and_reply_lost,gcs_crash},proposed/recovery_ends_drain}.toml; do
  name=$(basename "$scenario" .toml)
  sed -E '/^properties = \[/,/\]/c properties = ["L1.task_ends", "I12.no_unneeded_request", "I12.no_leaked_lease", "I13.resources_return", "M1.dead_raylet_is_known", "M3.shutdown_ends", "M5.no_orphan_worker"]' \
    "$scenario" | sed '/^\[expect\]/,$d' >"$work/safety.toml"
  sed '/^\[expect\]/,$d' "$scenario" >"$work/liveness.toml"
  for ((i = 0; i < runs; ++i)); do
    measure "$work/safety.toml" >>"$work/$name.safety"
    measure "$work/liveness.toml" >>"$work/$name.liveness"
  done
  states=$("$raymc" check --quiet "$work/liveness.toml" | sed -nE 's/^states +([0-9]+)/\1/p')
  st=$(cut -d' ' -f1 "$work/$name.safety" | median) lt=$(cut -d' ' -f1 "$work/$name.liveness" | median)
  sm=$(cut -d' ' -f2 "$work/$name.safety" | median) lm=$(cut -d' ' -f2 "$work/$name.liveness" | median)
  awk -v n="$name" -v s="$states" -v st="$st" -v lt="$lt" -v sm="$sm" -v lm="$lm" \
    'BEGIN { printf "%s\t%s\t%.2f\t%.2f\t%.2f\t%d\t%d\t%.2f\n", n, s, st, lt, lt / st, sm, lm, lm / sm }'
done
