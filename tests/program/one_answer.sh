#!/usr/bin/env bash
# The reports of the seed's scenarios are the same, byte for byte, on any number of threads, and that for safety with both
# stores, and without symmetry but for the line that tells of it; liveness needs the exact store and no symmetry.
# Usage: one_answer.sh RAYMC SOURCE_DIR
set -euo pipefail
raymc=$1 source=$2
out=$(mktemp -d)
trap 'rm -rf -- "$out"' EXIT
cd -- "$source"
safety=specs/scenarios/seed/raylet_killed_at_any_moment.toml
liveness='specs/scenarios/seed/recovery_does_end.toml specs/scenarios/hangs'
run() { "$raymc" check --quiet --threads "$1" --store "$2" "${@:4}" >"$out/$3-$1-$2" 2>/dev/null; }
run 2 exact safety "$safety"
for way in '1 exact' '8 exact' '2 fingerprint'; do
  read -r threads store <<<"$way"
  run "$threads" "$store" safety "$safety"
  cmp "$out/safety-2-exact" "$out/safety-$threads-$store"
done
"$raymc" check --quiet --symmetry off "$safety" >"$out/safety-full" 2>/dev/null
cmp <(grep -v '^symmetry ' "$out/safety-2-exact") "$out/safety-full"
# shellcheck disable=SC2086 # two scenarios
for threads in 2 1 8; do
  run "$threads" exact liveness $liveness
  cmp "$out/liveness-2-exact" "$out/liveness-$threads-exact"
done
grep -q '^holds' "$out/safety-2-exact"
grep -q '^holds' "$out/liveness-2-exact"
