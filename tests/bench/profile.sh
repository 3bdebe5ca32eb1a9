#!/usr/bin/env bash
# Where the time of a search over Ray's model goes, written with the command and the machine above it.
# Usage: profile.sh RAY_PROFILE SOURCE_DIR RESULT [SCENARIO...]
set -euo pipefail
profile=$1 source=$2 result=$3
shift 3
cd -- "$source"
scenarios=("$@")
[[ ${#scenarios[@]} -gt 0 ]] || scenarios=(specs/scenarios/seed/raylet_killed_at_any_moment.toml specs/scenarios/release/four_raylets.toml)
{
  printf '# Where the time of a search over Ray'"'"'s model goes\n\n'
  printf 'Made by `./raymc bench profile` at revision %s on %s, load %s at the start. ' \
    "$(git describe --always --dirty 2>/dev/null || echo unknown)" \
    "$(sed -nE 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)" "$(cut -d' ' -f1 /proc/loadavg)"
  printf 'Every 997th state that the search explores is taken through the parts of one step, each timed; medians of 5 rounds. The whole is a search on one thread.\n'
  "$profile" "${scenarios[@]}"
} >"$result.new"
mv -- "$result.new" "$result"
