#!/usr/bin/env bash
# What reductions save: each scenario of ci/ and release/ with neither, with the sleeping of actions, with symmetry and with
# both. Prints a table of medians. A scenario that takes longer than a minute with both is searched with symmetry only.
# Usage: reductions_costs.sh RAYMC SOURCE_DIR [RUNS [FILE...]]
set -euo pipefail
raymc=$1 source=$2 runs=${3:-1}
shift $(($# < 3 ? $# : 3))
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd -- "$source"
[[ $# -gt 0 ]] || set -- specs/scenarios/ci/*.toml specs/scenarios/release/*.toml
limit=60s  # then ten minutes, for what takes less with both

# States, explored ones, transitions taken and seconds of one run with the given options, from its files.
measure() {
  "$raymc" check --quiet --time-max "$limit" --out "$work" "${@:2}" "$1" >"$work/said_last" || true
  sed -nE 's/.*"(states|explored|taken|seconds)": ([0-9.e+-]+),?/\1 \2/p' "$work/$(basename "$1" .toml).run.json" | sort | cut -d' ' -f2 | paste -sd' '
}
median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
# What the report says of a reduction.
said() { sed -nE "s/^$1 +not used: (.*)/refused: \1/p; s/^$1 +([0-9]+ renamings), .*/\1/p; s/^$1 +[0-9]+ transitions taken.*/used/p" "$work/said"; }

printf '# command: ./raymc bench reductions\n# revision: %s, %s runs, medians, %s threads; seconds: nothing, lean, symmetry, both\n' \
  "$(git rev-parse --short HEAD)" "$runs" "$(nproc)"
printf 'scenario\tstates\ttransitions\ttaken_lean\tfactor_lean\trepresentatives\tfactor_symmetry\ttaken_both\tseconds\tseconds_lean\tseconds_symmetry\tseconds_both\ttime_factor_lean\ttime_factor_both\tlean\tsymmetry\n'
for scenario in "$@"; do
  rm -f "$work"/*
  limit=60s
  both=$(measure "$scenario" --reduction on --symmetry on)
  limit=600s
  read -r _ seconds _ _ <<<"$both"
  ways=(full lean symmetry both)
  if awk -v s="$seconds" 'BEGIN { exit !(s > 55) }'; then ways=(symmetry both); fi
  "$raymc" check --quiet --reduction on --depth-max 1 "$scenario" >"$work/said" || true
  for ((i = 0; i < runs; ++i)); do
    for way in "${ways[@]}"; do
      case $way in
        full) measure "$scenario" --reduction off --symmetry off ;;
        lean) measure "$scenario" --reduction on --symmetry off ;;
        symmetry) measure "$scenario" --reduction off --symmetry on ;;
        both) measure "$scenario" --reduction on --symmetry on ;;
      esac >>"$work/$way"
    done
  done
  # In the order of the alphabet: explored, seconds, states, taken.
  row="$scenario"
  for way in full lean symmetry both; do
    if [[ ! -f $work/$way ]]; then
      row+=$'\t'"- - - -"
      continue
    fi
    read -r explored _ states taken <"$work/$way"
    row+=$'\t'"$explored $states $taken $(cut -d' ' -f2 "$work/$way" | median)"
  done
  awk -F'\t' -v lean="$(said reduction)" -v symmetry="$(said symmetry)" '{
      split($2, f, " "); split($3, l, " "); split($4, s, " "); split($5, b, " ")
      printf "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", $1, s[2], f[3], l[3], over(f[3], l[3]), s[1],
        over(s[2], s[1]), b[3], two(f[4]), two(l[4]), two(s[4]), two(b[4]), over(f[4], l[4]), over(f[4], b[4]), lean == "" ? "nothing said" : lean,
        symmetry == "" ? "nothing to rename" : symmetry }
      function two(x) { return x == "-" ? x : sprintf("%.2f", x) }
      function over(x, y) { return x == "-" || y == "-" ? "-" : sprintf("%.2f", y > 0 ? x / y : 1) }' <<<"$row"
done
