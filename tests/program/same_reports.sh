#!/usr/bin/env bash
# A report is the same, byte for byte, on 1, 2, 3 and 8 threads with every store and place of the frontier, with symmetry
# and without. Scenarios that hold, that break with a trace, and whose names can be exchanged.
# Usage: same_reports.sh RAYMC SOURCE_DIR
set -euo pipefail
raymc=$1 source=$2
out=$(mktemp -d)
trap 'rm -rf -- "$out"' EXIT
cd -- "$source"
scenarios=(specs/scenarios/ci/{pinned/no_fault,pinned/drain_idle,proposed/max_calls_one}.toml specs/scenarios/defects/c1_*.toml)
runs=0
# report FILE THREADS OPTION...: all scenarios must be as expected.
report() {
  "$raymc" check "${scenarios[@]}" --quiet --format json --threads "$2" "${@:3}" >"$1" 2>/dev/null
  runs=$((runs + 1))
}

for symmetry in on off; do
  for place in 'exact memory' 'fingerprint memory' 'fingerprint disk'; do
    read -r store frontier <<<"$place"
    first=$out/$symmetry-$store-$frontier
    report "$first" 1 --symmetry "$symmetry" --store "$store" --frontier "$frontier"
    for threads in 2 3 8; do
      report "$out/other" "$threads" --symmetry "$symmetry" --store "$store" --frontier "$frontier"
      cmp "$first" "$out/other"
    done
    cmp "$out/$symmetry-exact-memory" "$first"
  done
done
# What was compared: renamings were used, and the other way round.
grep -q '"renamings": 2' "$out/on-exact-memory"
[[ $(grep -c '"renamings"' "$out/off-exact-memory") -eq 0 ]]
grep -q '"trace": {' "$out/on-exact-memory"
[[ $runs -eq 24 ]]
