#!/usr/bin/env bash
# Every hang, told as a trace file, can be shown and fits the model when it is replayed: lassos, traps and ends.
# The steps of those under results/hangs are as they stand there.
# Usage: replays.sh RAYMC SOURCE_DIR
set -euo pipefail
raymc=$1 source=$2
out=$(mktemp -d)
trap 'rm -rf -- "$out"' EXIT
cd -- "$source"
"$raymc" check --quiet --out "$out" specs/scenarios/hangs >/dev/null
traces=("$out"/*.trace.json)
[[ ${#traces[@]} -eq $(find specs/scenarios/hangs -name '*.toml' | wc -l) ]]
for trace in "${traces[@]}"; do
  "$raymc" trace "$trace" >"$out/shown"
  grep -qE 'for ever|a trap:|the end:' "$out/shown"
  "$raymc" replay "$trace" >/dev/null
done
grep -l '"loop": [0-9]' "${traces[@]}" | grep -q c8_driver_is_refused_for_ever
for approved in results/hangs/*.txt; do
  "$raymc" trace "$out/$(basename "$approved" .txt).trace.json" | sed '/^\(version\|revision\)/d' | diff -u "$approved" - || {
    echo "$approved is not current: run ./raymc golden and say in the commit why the run is another one"
    exit 1
  }
done
