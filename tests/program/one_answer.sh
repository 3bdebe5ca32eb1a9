#!/usr/bin/env bash
# The seed scenario's report is the same, byte for byte, on any number of threads and with both stores.
# Usage: one_answer.sh RAYMC SOURCE_DIR
set -euo pipefail
raymc=$1 source=$2
out=$(mktemp -d)
trap 'rm -rf -- "$out"' EXIT
cd -- "$source"
run() { "$raymc" check --quiet --threads "$1" --store "$2" specs/scenarios/seed >"$out/$1-$2" 2>/dev/null; }
run 2 exact
for way in '1 exact' '8 exact' '2 fingerprint'; do
  read -r threads store <<<"$way"
  run "$threads" "$store"
  cmp "$out/2-exact" "$out/$threads-$store"
done
grep -q '^holds' "$out/2-exact"
