#!/usr/bin/env bash
# The table "call x kind of failure": for each call of the model, in a scenario that makes it, what one lost request, one
# lost reply, one error while the server works, or one repeated request does to pinned Ray. "none" is the same scenario
# without a failure. C1, C6 and cancels in vain are taken away, which would hide the rest. Usage: call_failures.sh RAYMC SOURCE_DIR
set -euo pipefail
raymc=$1 source=$2
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
export RAYMC_ROOT=$source

# A call, and the scenario of ci/ that makes it.
calls="
RequestWorkerLease request_lost
ReturnWorkerLease request_lost
CancelWorkerLease request_lost
PushTask push_fails
GetWorkerFailureCause exit_and_cause_calls_fail
Exit exit_and_cause_calls_fail
CancelLocalTask cancel_calls_fail
CancelTask cancel_calls_fail
ReportWorkerFailure owner_failure_report_fails
MarkJobFinished job_calls_fail
RegisterNode registration_repeated
Subscribe registration_repeated
UnregisterNode registration_repeated
DrainRaylet drain_request_fails
PinObjectIDs object_calls_fail
PubsubLongPolling object_calls_fail
NotifyGCSRestart restart_notice_fails
RayletNotifyGCSRestart restart_notice_to_owner_fails
"

# The scenario $2 in the pinned profile, in which only call $1 may fail, by fault $3.
scenario() {
  awk -v call="$1" -v fault="$3" '
    /^faulty_calls/ { next }
    /^(request_lost|reply_lost|early_error|duplicate_request) = / { next }
    /^safeguards/ { next }
    /^\[expect\]/ { exit }
    /^\[budget\]/ { budget = 1 }
    { gsub(/"X[0-9]+\.[a-z_]*",? ?/, "") }  # what must be reached is no verdict
    { print }
    /^\[shape\]/ { print "faulty_calls = [\"" call "\"]" }
    /^\[budget\]/ && fault != "none" { print fault " = 1" }
    /^\[protocol\]/ { print "safeguards = { \"grant_checks_worker\" = true, \"cancel_knows_reply_halves\" = true, \"cancel_in_vain_is_repeated\" = true }" }
    END { if (!budget && fault != "none") print "[budget]\n" fault " = 1" }
  ' "$source"/specs/scenarios/ci/*/"$2.toml" | sed 's/^profile = "hardened"/profile = "pinned"/'
}

printf '# Regenerate with: ./raymc calls\n'
printf 'call\tfailure\tscenario\tstates\tfirst property that breaks\tsteps\n'
while read -r call base; do
  [[ -n $call ]] || continue
  for fault in none request_lost reply_lost early_error duplicate_request; do
    scenario "$call" "$base" "$fault" >"$work/one.toml"
    "$raymc" check --quiet "$work/one.toml" >"$work/one.txt" 2>"$work/err.txt" || [[ $? -eq 10 ]] || { cat "$work/err.txt" >&2; exit 1; }
    states=$(sed -n 's/^states *//p' "$work/one.txt" | head -n 1)
    broken=$(sed -n 's/^violated: \([A-Z0-9a-z_.]*\) after \([0-9]*\) steps\{0,1\},.*/\1\t\2/p' "$work/one.txt" | head -n 1)
    printf '%s\t%s\t%s\t%s\t%s\n' "$call" "$fault" "$base" "${states//,/}" "${broken:-holds	-}"
  done
done <<<"$calls"
