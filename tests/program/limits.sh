#!/usr/bin/env bash
# Limits on address space, data and stacks end no run by a signal and change no report: whatever `ulimit` says, a run
# gives the same report as without, or ends with a code and a message that says what is lacking. Two tiny scenarios and
# one of some ten thousand states. Then too few threads, in a group that allows few, and liveness with less memory than
# it wants, by --memory-max and in a group; groups where they can be made. Then a budget of time that is too small for the one
# scenario.
# Usage: limits.sh RAYMC SOURCE_DIR
set -euo pipefail
raymc=$1 source=$2
out=$(mktemp -d)
groups=()
trap '[[ ${#groups[@]} -eq 0 ]] || rmdir -- "${groups[@]}"; rm -rf -- "$out"' EXIT
cd -- "$source"
hang=specs/scenarios/hangs/hang_cancel_overtakes_lease_request.toml
defect=specs/scenarios/defects/c10_hung_raylet_is_waited_for.toml
middle=specs/scenarios/ci/pinned/pubsub.toml
runs=0 same=0

reference() { echo "$out/$(basename "$1").reference"; }
for scenario in "$hang" "$defect" "$middle"; do
  "$raymc" check "$scenario" --quiet --format json --threads 2 >"$(reference "$scenario")" 2>/dev/null
done

fail() { echo "$1"; head -c 2000 "$out/err" "$out/report"; exit 1; }
# under LIMIT VALUE MUST SCENARIO: one run; MUST is 1 if it has to succeed.
under() {
  local code=0 what="ulimit $1 $2, $(basename "$4")"
  ( ulimit "$1" "$2" && exec "$raymc" check "$4" --quiet --format json --threads 2 ) >"$out/report" 2>"$out/err" || code=$?
  runs=$((runs + 1))
  case $code in
    0) cmp -s "$out/report" "$(reference "$4")" || fail "$what: another report"; same=$((same + 1)) ;;
    20) grep -q 'out of memory' "$out/report" "$out/err" || fail "$what: 20 without its reason" ;;
    # The program's loader, before the program.
    127) grep -q 'error while loading shared libraries' "$out/err" || fail "$what: 127" ;;
    *) fail "$what: exit code $code" ;;
  esac
  [[ $code -eq 0 || $3 -eq 0 ]] || fail "$what: exit code $code, but there is enough"
}
# from LIMIT LEAST UNIT VALUE...: from LEAST on a run has to succeed.
from() {
  local limit=$1 least=$2 unit=$3 value scenario must
  for value in "${@:4}"; do
    must=$([[ $value == unlimited || $value -ge $least ]] && echo 1 || echo 0)
    [[ $value == unlimited ]] || value=$((value * unit))
    for scenario in "$hang" "$defect" "$middle"; do under "$limit" "$value" "$must" "$scenario"; done
  done
}
from -v 300 1024 8 10 11 12 13 14 15 16 17 18 19 20 22 25 30 35 40 45 50 60 80 100 120 150 200 250 300 400 500 700 1000 1500 2048 3000 4096 6000 8192 \
  12000 16384 24576 32768 49152 65536
from -d 200 1024 2 5 10 15 20 30 50 75 100 150 200 300 500 700 1000 2048 4096 8192 16384 32768 65536
from -s 32 1 32 48 64 96 128 192 256 512 1024 8192 65536 1048576 unlimited
[[ $runs -eq 231 && $same -gt 170 ]] || { echo "$same of $runs runs gave their report"; exit 1; }

# group_for CONTROLLER: makes a group, if that is possible, and sets `group`.
group_for() {
  local parent=/sys/fs/cgroup/$1
  [[ -d $parent ]] || parent=/sys/fs/cgroup
  group=$parent/raymc-limits-$$
  mkdir "$group" 2>/dev/null || return 1
  groups+=("$group")
}
# in_group COMMAND...: a run as the one member of the group; sets `code`.
in_group() {
  code=0
  ( echo $BASHPID >"$group/cgroup.procs" && exec "$raymc" "$@" ) \
    >"$out/report" 2>"$out/err" || code=$?
}
if group_for pids && echo 8 2>/dev/null >"$group/pids.max"; then
  for most in 1 2 3 5 8; do
    echo "$most" >"$group/pids.max"
    in_group check "$hang" --format json --threads 8 --quiet
    [[ $code -eq 0 ]] || fail "pids.max $most: exit code $code"
    cmp "$out/report" "$(reference "$hang")"
    [[ $most -eq 8 ]] || grep -q "runs on $most of 8 threads" "$out/err" || fail "pids.max $most: nothing is said"
  done
  # Audits of random scenarios run in processes of their own.
  "$raymc" audit --random 6 --threads 2 --quiet >"$out/audited" 2>/dev/null
  for most in 1 2 3; do
    echo "$most" >"$group/pids.max"
    in_group audit --random 6 --threads 4 --quiet
    if [[ $most -eq 1 ]]; then
      [[ $code -eq 20 ]] || fail "pids.max 1, audit: exit code $code"
      grep -q 'no process can be started: Resource temporarily unavailable' "$out/err" || fail "pids.max 1, audit"
    else
      [[ $code -eq 0 ]] || fail "pids.max $most, audit: exit code $code"
      cmp "$out/report" "$out/audited"
    fi
  done
fi

promises=specs/scenarios/ci/pinned/recovery_ends_gcs_crash.toml
peak() { sed -n 's/.*"peak_resident_bytes": \([0-9]*\).*/\1/p' "$out/recovery_ends_gcs_crash.run.json"; }
"$raymc" check "$promises" --threads 2 --quiet --out "$out" >/dev/null
wants=$(peak)
reason='every transition, on which liveness is judged'
for eighths in 3 5 6 7; do
  code=0 most=$((wants * eighths / 8))
  "$raymc" check "$promises" --threads 2 --quiet --out "$out" --memory-max "$most" >"$out/report" 2>"$out/err" || code=$?
  [[ $code -eq 20 ]] || fail "--memory-max $most of $wants: exit code $code"
  grep -q "the memory limit of $most bytes was hit; memory also holds $reason" "$out/report" || fail "no reason"
  [[ $(peak) -le $most ]] || fail "--memory-max $most: took $(peak)"
done
most=$((wants * 3 / 4))
if group_for memory && { echo $most >"$group/memory.limit_in_bytes" || echo $most >"$group/memory.max"; } 2>/dev/null; then
  in_group check "$promises" --format json --threads 2 --quiet
  [[ $code -eq 20 ]] || fail "a group of $most of $wants bytes: exit code $code"
  grep -q "out of memory: the limit of .* MiB on the control group's memory leaves no room; memory also holds $reason" \
    "$out/report" || fail "a group of $most of $wants bytes: no reason"
fi

# A plan that has no time for anything says so, and answers nothing.
code=0
"$raymc" check "$promises" --quiet --budget 1s >"$out/report" 2>"$out/err" || code=$?
[[ $code -eq 20 ]] || fail "--budget 1s: exit code $code"
grep -q "1 scenario: 0 as expected, 1 not run" "$out/report" || fail "--budget 1s: does not say what it left out"
