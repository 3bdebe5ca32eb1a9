#!/usr/bin/env bash
# Fails when a table of results/ that `./raymc golden` writes is not what the program finds today, when an [expect] is not met,
# when a row fires in no scenario, or a fault strikes in none in some phase of its victim. Usage: golden.sh RAYMC SOURCE_DIR
set -euo pipefail
raymc=$1 source=$2
out=$(mktemp -d)
trap 'rm -rf -- "$out"' EXIT
cd -- "$source"
"$raymc" results --out "$out" specs/scenarios/{seed,ci,defects,hangs}
"$raymc" conform tests/ray/records --out "$out/conformed" >"$out/conformed.txt"
cp "$out/conformed/witnessed.tsv" "$out"
"$raymc" list transitions --format json >"$out/transitions.json"
"$raymc" list safeguards --format json >"$out/safeguards.json"
"$raymc" list releases >"$out/releases.tsv"
for table in golden.tsv coverage.tsv conformed.txt witnessed.tsv transitions.json safeguards.json releases.tsv; do
  diff -u "results/$table" "$out/$table" || {
    echo "results/$table is not current: run ./raymc golden and say in the commit why the new numbers are right"
    exit 1
  }
done
# Every row fires somewhere, and every fault strikes its victim in each of its phases ("row@phase"). The phases in which a
# fault cannot strike stand with their reasons in model/strike.cpp and are no rules.
awk -F '\t' '!/^#/ && NR > 1 && $2 == 0 { print "no scenario fires " $1; silent = 1 } END { exit silent }' "$out/coverage.tsv"
