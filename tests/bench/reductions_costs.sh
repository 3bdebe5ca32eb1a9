#!/usr/bin/env bash
# What symmetry saves: each scenario of ci/ and release/ with it and without. Prints a table of medians.
# Usage: reductions_costs.sh RAYMC SOURCE_DIR [RUNS [FILE...]]
set -euo pipefail
raymc=$1 source=$2 runs=${3:-1}
shift $(($# < 3 ? $# : 3))
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd -- "$source"
[[ $# -gt 0 ]] || set -- specs/scenarios/ci/*.toml specs/scenarios/release/*.toml

# States, explored ones and seconds of one run, from its file of measurements.
measure() {
  "$raymc" check --quiet --symmetry "$2" --out "$work" "$1" >/dev/null
  sed -nE 's/.*"(states|explored|seconds)": ([0-9.e+-]+),?/\1 \2/p' "$work/$(basename "$1" .toml).run.json" | sort | cut -d' ' -f2 | paste -sd' '
}
median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

printf '# command: ./raymc bench reductions\n# revision: %s, %s runs, medians, %s threads\n' \
  "$(git rev-parse --short HEAD)" "$runs" "$(nproc)"
printf 'scenario\tstates\trepresentatives\tfactor\tseconds_off\tseconds_on\ttime_factor\tsymmetry\n'
for scenario in "$@"; do
  rm -f "$work"/*
  for ((i = 0; i < runs; ++i)); do
    measure "$scenario" off >>"$work/off"
    measure "$scenario" on >>"$work/on"
  done
  # In the order of the alphabet: explored, seconds, states.
  read -r explored _ states <"$work/on"
  off=$(cut -d' ' -f2 "$work/off" | median) on=$(cut -d' ' -f2 "$work/on" | median)
  said=$("$raymc" check --quiet --depth-max 1 "$scenario" | sed -nE 's/^symmetry +([0-9]+ renamings),.*/\1/p; s/^symmetry +not used: (.*)/refused: \1/p')
  awk -v n="$scenario" -v s="$states" -v e="$explored" -v off="$off" -v on="$on" -v said="${said:-nothing to rename}" \
    'BEGIN { printf "%s\t%s\t%s\t%.2f\t%.2f\t%.2f\t%.2f\t%s\n", n, s, e, s / e, off, on, (on > 0 ? off / on : 1), said }'
done
