#!/usr/bin/env bash
# A report is the same, byte for byte, on 1, 2, 3 and 8 threads with every combination of store, frontier, symmetry and
# reduction. Store and threads do not show in it; symmetry and reduction do where the report tells of them, and in no
# other place. Scenarios that hold, that break with a trace, and whose names can be exchanged.
# Usage: same_reports.sh RAYMC SOURCE_DIR
set -euo pipefail
raymc=$1 source=$2
out=$(mktemp -d)
trap 'rm -rf -- "$out"' EXIT
cd -- "$source"
scenarios=(specs/scenarios/ci/{no_fault,drain_idle,max_calls_one}.toml specs/scenarios/defects/c1_*.toml)
runs=0
# report FILE THREADS OPTION...: all scenarios must be as expected.
report() {
  "$raymc" check "${scenarios[@]}" --quiet --format json --threads "$2" "${@:3}" >"$1" 2>/dev/null
  runs=$((runs + 1))
}
# What a report says beside what it tells of a reduction.
unreduced() { sed '/^ *"reduction": {$/,/^ *},$/d' "$1"; }

for symmetry in on off; do
  for reduction in off on; do
    for place in 'exact memory' 'fingerprint memory' 'fingerprint disk'; do
      read -r store frontier <<<"$place"
      first=$out/$symmetry-$reduction-$store-$frontier
      report "$first" 1 --symmetry "$symmetry" --reduction "$reduction" --store "$store" --frontier "$frontier"
      for threads in 2 3 8; do
        report "$out/other" "$threads" --symmetry "$symmetry" --reduction "$reduction" --store "$store" --frontier "$frontier"
        cmp "$first" "$out/other"
      done
    done
    cmp "$out/$symmetry-$reduction-"{exact,fingerprint}-memory
  done
  cmp "$out/$symmetry-off-"{exact-memory,fingerprint-disk}
  cmp <(unreduced "$out/$symmetry-off-exact-memory") <(unreduced "$out/$symmetry-on-exact-memory")
  cmp <(unreduced "$out/$symmetry-on-exact-memory") <(unreduced "$out/$symmetry-on-fingerprint-disk")
done
# What was compared: reductions and renamings were used, and the other way round.
grep -A 2 '"reduction": {' "$out/off-on-exact-memory" | grep -q '"used": true'
grep -q '"renamings": 2' "$out/on-off-exact-memory"
[[ $(grep -c '"reduction"\|"renamings"' "$out/off-off-exact-memory") -eq 0 ]]
grep -q '"trace": {' "$out/on-on-exact-memory"
[[ $runs -eq 48 ]]
