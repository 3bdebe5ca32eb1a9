#!/usr/bin/env bash
# What conform says and writes: nothing private with --redact, one line and its own exit code for what is too long for
# the model, a known finding by its name, and releases that are the record's.
# Usage: conforming.sh RAYMC SOURCE_DIR
set -euo pipefail
raymc=$1 source=$2
out=$(mktemp -d)
trap 'rm -rf -- "$out"' EXIT
cd -- "$source"
records=tests/ray/records

# The name of a file or folder may be private.
mkdir -p "$out/alice_of_acme"
cp "$records/one_task.jsonl" "$records/two_drivers.jsonl" "$out/alice_of_acme"
"$raymc" conform "$out/alice_of_acme/one_task.jsonl" --redact --record "$out/run.jsonl" --write-scenario "$out/run.toml" \
  --out "$out/one" >/dev/null
"$raymc" conform "$out/alice_of_acme" --redact --out "$out/all" >/dev/null
[[ -s $out/one/redacted.trace.json && -s $out/all/session_2.trace.json && -s $out/run.toml ]]
if grep -rl 'alice\|acme\|one_task' "$out/one" "$out/all" "$out/run.jsonl" "$out/run.toml"; then exit 1; fi
if find "$out/one" "$out/all" | grep 'alice\|acme\|one_task'; then exit 1; fi

# The scenario says which faults were seen, and so does the answer.
"$raymc" conform "$records/worker_is_killed.jsonl" --write-scenario "$out/killed.toml" >"$out/killed.txt"
grep -q '^worker_crash = 2  # seen: 1$' "$out/killed.toml"
grep -q '^note .*one fault more of each kind.*worker_crash 2 (seen: 1)' "$out/killed.txt"

# Two commands from an incident to what is known of it.
"$raymc" conform "$records/wired_dead_worker_is_given_back.jsonl" --write-scenario "$out/incident.toml" >"$out/incident.txt"
grep -q 'known finding: .*c1_dead_worker_is_pooled' "$out/incident.txt"
sed -i 's/^properties = .*/properties = ["I4.pooled_worker_is_registered"]/' "$out/incident.toml"
code=0
"$raymc" check "$out/incident.toml" --quiet >"$out/check.txt" || code=$?
[[ $code -eq 10 ]]
grep -q '^known finding: .*c1_dead_worker_is_pooled' "$out/check.txt"
"$raymc" explain c1_dead_worker_is_pooled >"$out/explained.txt"
grep -q '^  breaks .*I4.pooled_worker_is_registered$' "$out/explained.txt"
"$raymc" list findings --format json >"$out/findings.json"
grep -q '^{"id":"c1_dead_worker_is_pooled",' "$out/findings.json"

# Too many tasks without a rest between them: one line, and not the exit code of bad input.
for i in 1 2 3 4 5 6 7 8 9; do
  sed -n '/"kind":"submit"/s/"t1"/"t1'$i'"/p' "$records/one_task.jsonl"
done >"$out/submits"
{
  head -n 1 "$records/one_task.jsonl"
  cat "$out/submits"
  tail -n +2 "$records/one_task.jsonl"
  sed 's/owner\.main:/owner.io:/; s/"submit"/"complete"/' "$out/submits"
} | sed -E '2,$s/"t":[0-9]+/"t":1/' >"$out/many.jsonl"
code=0
"$raymc" conform "$out/many.jsonl" >"$out/many.txt" 2>&1 || code=$?
[[ $code -eq 20 && $(wc -l <"$out/many.txt") -eq 1 ]]
grep -q '^cut off: 10 tasks .*room for 8$' "$out/many.txt"

# The release of a record is its own.
for release in banana 2.60; do
  code=0
  "$raymc" conform "$records/one_task.jsonl" --release $release >"$out/release.txt" 2>&1 || code=$?
  [[ $code -eq 65 ]]
  grep -q "$release" "$out/release.txt"
done
