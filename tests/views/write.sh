#!/usr/bin/env bash
# Writes the counterexamples that are kept as pages under results/counterexamples in every other view, each from a fresh
# trace of its scenario. Usage: write.sh RAYMC SOURCE_DIR OUT
set -euo pipefail
raymc=$1 source=$2 out=$3
traces=$(mktemp -d)
trap 'rm -rf -- "$traces"' EXIT
cd -- "$source"
mkdir -p "$out"
for page in results/counterexamples/*.html; do
  name=$(basename "$page" .html)
  "$raymc" check --quiet --out "$traces" specs/scenarios/*/"$name.toml" >/dev/null
  trace=$traces/$name.trace.json
  cp "$trace" "$out/$name.trace.json"
  "$raymc" trace "$trace" >"$out/$name.txt"
  # Between fences, so that GitHub draws it.
  { printf '```mermaid\n' && "$raymc" trace "$trace" --format mermaid && printf '```\n'; } >"$out/$name.md"
  "$raymc" trace "$trace" --format perfetto >"$out/$name.perfetto.json"
  "$raymc" trace "$trace" --format shiviz >"$out/$name.shiviz.log"
  "$raymc" trace "$trace" --format dot >"$out/$name.dot"
done
