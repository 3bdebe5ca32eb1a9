#!/usr/bin/env bash
# A budget for a fault that finds no victim proves nothing, and the report says so; one whose fault strikes is not named.
# Usage: never_possible.sh RAYMC SOURCE_DIR
set -euo pipefail
raymc=$1 source=$2
cd -- "$source"
report=$("$raymc" check tests/program/fault_that_never_strikes.toml --quiet)
grep -q '^explored    all behaviours with at most 2 faults; never possible: gcs_unreachable$' <<<"$report"
grep -q '^warning: the fault gcs_unreachable never strikes: no reachable state allows it$' <<<"$report"
code=0
"$raymc" check tests/program/fault_that_never_strikes.toml --quiet --strict >/dev/null || code=$?
[[ $code -eq 11 ]]
if "$raymc" check specs/scenarios/ci/pinned/gcs_unreachable.toml --quiet | grep 'never possible'; then exit 1; fi
