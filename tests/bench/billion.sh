#!/usr/bin/env bash
# One search of more than 10^9 distinct states with the exact store, whose counts, time and memory are written down.
# Takes some fifteen minutes on two cores and 19 GiB of memory (results/bench/billion.tsv).
# Usage: billion.sh PEER_BENCH SOURCE_DIR RESULT_TSV
set -euo pipefail
bench=$1 source=$2 table=$3
workload=recovery4231-0012 threads=$(nproc)
out=$(mktemp)
trap 'rm -f -- "$out"' EXIT
load=$(cut -d' ' -f1 /proc/loadavg)
read -r seconds kib cpu < <("$bench" measure "$bench" run "$workload" "$threads" exact 2>"$out")
read -r states transitions depth <"$out"
[[ $states -ge 1000000000 ]] || { echo "$workload has $states states, fewer than 10^9" >&2; exit 1; }
{
  printf '# command: ./raymc bench billion; revision %s; exact store, symmetry off, whole process, one run; %s, %s of memory, load %s at the start\n' \
    "$(git -C "$source" describe --always --dirty 2>/dev/null || echo unknown)" \
    "$(sed -nE 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)" "$(sed -nE 's/^MemTotal: *//p' /proc/meminfo)" "$load"
  printf 'workload\tthreads\tstates\ttransitions\tdepth\tseconds\tpeak_resident_kib\tcpu_seconds\tstates_per_second\ttransitions_per_second\tbytes_per_state\n'
  awk -v OFS='\t' -v w="$workload" -v n="$threads" -v s="$states" -v t="$transitions" -v d="$depth" -v sec="$seconds" -v kib="$kib" -v cpu="$cpu" \
    'BEGIN { print w, n, s, t, d, sec, kib, cpu, sprintf("%.0f", s / sec), sprintf("%.0f", t / sec), sprintf("%.1f", kib * 1024 / s) }'
} >"$table.new"
mv -- "$table.new" "$table"
