#!/usr/bin/env bash
# How states per second and bytes per state go with the number of states: a table, and the same as a picture.
# Usage: scaling.sh PEER_BENCH SOURCE_DIR RESULT_TSV RESULT_SVG [WORKLOAD...]
set -euo pipefail
bench=$1 source=$2 table=$3 picture=$4
shift 4
workloads=("$@")
[[ ${#workloads[@]} -gt 0 ]] || workloads=(recovery2211 twophase6 twophase7 twophase8 recovery2322 recovery3221 twophase9 recovery3321 recovery4323-0222)
threads=$(nproc)
out=$(mktemp)
trap 'rm -f -- "$out"' EXIT
# Before the table is written, which is a file of the tree.
revision=$(git -C "$source" describe --always --dirty 2>/dev/null || echo unknown)
{
  printf '# command: ./raymc bench scaling; revision %s; %s threads, whole process, one run each; %s\n' \
    "$revision" "$threads" \
    "$(sed -nE 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1), load $(cut -d' ' -f1 /proc/loadavg) at the start"
  printf 'workload\tstore\tstates\ttransitions\tseconds\tstates_per_second\ttransitions_per_second\tbytes_per_state\tcpu_seconds\ttransitions_per_cpu_second\n'
  for workload in "${workloads[@]}"; do
    for store in exact fingerprint; do
      read -r seconds kib cpu < <("$bench" measure "$bench" run "$workload" "$threads" "$store" 2>"$out")
      read -r states transitions _ <"$out"
      awk -v OFS='\t' -v w="$workload" -v x="$store" -v s="$states" -v t="$transitions" -v sec="$seconds" -v kib="$kib" -v cpu="$cpu" \
        'BEGIN { print w, x, s, t, sec, sprintf("%.0f", s / sec), sprintf("%.0f", t / sec), sprintf("%.1f", kib * 1024 / s), cpu, sprintf("%.0f", t / cpu) }'
    done
  done
} >"$table"

# Both axes logarithmic from 10^4 to 10^9 states; rates from 10^5 to 10^8 a second, and bytes from 1 to 1000.
awk -F '\t' '
  function x(states) { return 70 + 110 * (log(states) / log(10) - 4) }
  function rate_y(rate) { return 290 - 80 * (log(rate) / log(10) - 5) }
  function bytes_y(bytes) { return 590 - 80 * log(bytes) / log(10) }
  function words(at_x, at_y, anchor, text) { printf "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", at_x, at_y, anchor, text }
  function dot(at_x, at_y, colour, title) { printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"><title>%s</title></circle>\n", at_x, at_y, colour, title }
  BEGIN {
    print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 660 640\" font-family=\"sans-serif\" font-size=\"12\">"
    print "<rect width=\"660\" height=\"640\" fill=\"white\"/>"
    words(330, 24, "middle", "transitions per second (above) and bytes per state (below) by number of states")
    for (e = 4; e <= 9; ++e) {
      printf "<path d=\"M%.1f 50V290M%.1f 350V590\" stroke=\"#ddd\"/>\n", x(10 ^ e), x(10 ^ e)
      words(x(10 ^ e), 608, "middle", "10^" e)
    }
    for (e = 5; e <= 8; ++e) { printf "<path d=\"M70 %.1fH620\" stroke=\"#ddd\"/>\n", rate_y(10 ^ e); words(64, rate_y(10 ^ e) + 4, "end", "10^" e) }
    for (e = 0; e <= 3; ++e) { printf "<path d=\"M70 %.1fH620\" stroke=\"#ddd\"/>\n", bytes_y(10 ^ e); words(64, bytes_y(10 ^ e) + 4, "end", 10 ^ e) }
    dot(90, 630, "#1668b4", ""); words(100, 634, "start", "exact store"); dot(200, 630, "#c4560f", ""); words(210, 634, "start", "fingerprint store")
  }
  /^#/ || $1 == "workload" { next }
  {
    colour = $2 == "exact" ? "#1668b4" : "#c4560f"; title = $1 " " $2
    dot(x($3), rate_y($7), colour, title); dot(x($3), bytes_y($8), colour, title)
    if ($2 == "exact") words(x($3), rate_y($7) - 8, "middle", $1)
  }
  END { print "</svg>" }' "$table" >"$picture"
