#!/usr/bin/env bash
# What symmetry saves: each scenario of ci/ and release/ without it and with it. Prints a table of medians. A scenario that
# takes longer than a minute with symmetry is searched with it only.
# Usage: symmetry_costs.sh RAYMC SOURCE_DIR [RUNS [FILE...]]
set -euo pipefail
raymc=$1 source=$2 runs=${3:-1}
shift $(($# < 3 ? $# : 3))
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd -- "$source"
[[ $# -gt 0 ]] || set -- specs/scenarios/ci/*/*.toml specs/scenarios/release/*.toml
limit=60s  # then ten minutes, for what takes less with symmetry

# Explored states, seconds, states and transitions of one run with the given symmetry, from its files.
measure() {
  local name
  name=$(basename "$2" .toml)
  "$raymc" check --quiet --time-max "$limit" --out "$work" --symmetry "$1" "$2" >"$work/said" || true
  sed -nE 's/.*"(explored|seconds)": ([0-9.e+-]+),?/\1 \2/p' "$work/$name.run.json" | sort | cut -d' ' -f2 | paste -sd' ' | tr '\n' ' '
  sed -nE 's/^(states|transitions) +([0-9]+)$/\2/p' "$work/said" | paste -sd' '
}
median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
# What the report says of symmetry.
said() { sed -nE 's/^symmetry +not used: (.*)/refused: \1/p; s/^symmetry +([0-9]+ renamings), .*/\1/p' "$work/said"; }

printf '# command: ./raymc bench symmetry\n# revision: %s, %s runs, medians, %s threads\n' \
  "$(git rev-parse --short HEAD)" "$runs" "$(nproc)"
printf 'scenario\tstates\ttransitions\trepresentatives\tfactor\tseconds\tseconds_symmetry\ttime_factor\tsymmetry\n'
for scenario in "$@"; do
  rm -f "$work"/*
  limit=60s
  read -r _ seconds _ <<<"$(measure on "$scenario")"
  symmetry=$(said)
  limit=600s
  ways=(off on)
  if awk -v s="$seconds" 'BEGIN { exit !(s > 55) }'; then ways=(on); fi
  for ((i = 0; i < runs; ++i)); do
    for way in "${ways[@]}"; do measure "$way" "$scenario" >>"$work/$way"; done
  done
  full=-
  [[ ! -f $work/off ]] || full=$(cut -d' ' -f2 "$work/off" | median)
  read -r explored _ states transitions <"$work/on"
  awk -v OFS='\t' -v scenario="$scenario" -v states="$states" -v transitions="$transitions" -v explored="$explored" \
    -v full="$full" -v lean="$(cut -d' ' -f2 "$work/on" | median)" -v symmetry="${symmetry:-nothing to rename}" 'BEGIN {
      print scenario, states, transitions, explored, over(states, explored), two(full), two(lean), over(full, lean), symmetry }
      function two(x) { return x == "-" ? x : sprintf("%.2f", x) }
      function over(x, y) { return x == "-" ? x : sprintf("%.2f", y > 0 ? x / y : 1) }'
done
