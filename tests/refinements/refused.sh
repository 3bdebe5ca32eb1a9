#!/usr/bin/env bash
# No line of refused.cpp compiles, and the compiler says of each member what it must be.
# Usage: refused.sh COMPILER SOURCE_DIR
set -euo pipefail
compiler=$1 source=$2
out=$(mktemp)
trap 'rm -f -- "$out"' EXIT
cd -- "$source"
file=tests/refinements/refused.cpp
if "$compiler" -std=c++20 -fsyntax-only -w -I. "$file" 2>"$out"; then
  echo "$file compiles" >&2
  exit 1
fi
# Members by how often they must be named: by the comments, and by the compiler.
wanted=$(sed -n 's|^// Names: ||p' "$file" | tr ' ' '\n' | sort | uniq -c)
said=$(sed -nE "s/.*static assertion failed.*the model's ([a-z_]+) .*must be.*/\1/p" "$out" | sort | uniq -c)
if [[ $wanted != "$said" ]]; then
  diff <(echo "$wanted") <(echo "$said") >&2 || true
  cat "$out" >&2
  exit 1
fi
# Nothing else is wrong with them.
if grep -E 'error:' "$out" | grep -vE "the model's|non-constant condition|not an integral constant|not a constant expression" >&2; then exit 1; fi
