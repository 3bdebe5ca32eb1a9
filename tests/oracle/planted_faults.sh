#!/usr/bin/env bash
# planted_faults.sh ORACLE RAYMC SOURCE-TREE: stands liars in the place of raymc, each wrong in one thing, and fails
# unless the oracle disagrees with every one of them and agrees with raymc itself.
set -euo pipefail
oracle=$1 raymc=$2 tree=$3
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
failed=0

# The liar NAME runs raymc with the options that the sed script ARGUMENTS makes of them and alters what it prints by REPORT.
ask_liar() {
  local name=$1 arguments=$2 report=$3 expected=$4 status=0
  cat >"$folder/$name" <<LIAR
#!/usr/bin/env bash
mapfile -t options < <(printf '%s\n' "\$@" | sed -z '$arguments')
"$raymc" "\${options[@]}" >"$folder/report" || status=\$?
sed -z '$report' "$folder/report"
exit "\${status:-0}"
LIAR
  chmod +x "$folder/$name"
  "$oracle" "$folder/$name" "$tree" 120 7 --states-max 2000 --first --keep "$folder/kept" >/dev/null 2>&1 || status=$?
  if [[ $status -ne $expected ]]; then
    echo "planted_faults: the oracle ends with $status, not $expected, over: $name"
    failed=1
  fi
}

ask_liar honest '' '' 0
ask_liar one_state_more '' 's/"states": \([0-9]*\)/"states": 1\1/' 1
ask_liar one_transition_more '' 's/"transitions": \([0-9]*\)/"transitions": 1\1/' 1
ask_liar deeper '' 's/"depth": \([0-9]*\),\n *"quiescent"/"depth": 1\1, "quiescent"/' 1
ask_liar false_holds '' 's/"outcome": "violated"/"outcome": "holds"/g' 1
ask_liar false_alarm '' 's/"outcome": "holds",\n *"depth"/"outcome": "violated", "depth"/' 1
ask_liar runs_kept '' 's/\("kind": "\(eventually\|leads to\|possible\)",\n *"outcome": \)"violated"/\1"holds"/g' 1
ask_liar stops_at_a_violation 's/--keep-going\n//' '' 1
ask_liar bounds_ignored 's/--depth-max\n[0-9]*\n//; s/--states-max\n[0-9]*\n//' '' 1
ask_liar deeper_bound 's/--depth-max\n/--depth-max\n1/' '' 1
ask_liar cut_that_holds '' 's/"outcome": "inconclusive"/"outcome": "holds"/g' 1
ask_liar silent '' 's/.*//' 1
exit "$failed"
