#!/usr/bin/env bash
# Fails when a view under results/counterexamples/views is not what the program writes today.
# Usage: views.sh RAYMC SOURCE_DIR
set -euo pipefail
raymc=$1 source=$2
out=$(mktemp -d)
trap 'rm -rf -- "$out"' EXIT
"$source/tests/views/write.sh" "$raymc" "$source" "$out"
[[ $(find "$out" -name '*.trace.json' | wc -l) -ge 5 ]]
diff -ru "$source/results/counterexamples/views" "$out" || {
  echo "results/counterexamples/views is not current: run ./raymc golden and say in the commit why a run is another one"
  exit 1
}
