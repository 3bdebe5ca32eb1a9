#!/usr/bin/env bash
# raymc beside other model checkers on the same protocols, in one run on one machine: whole-process wall time and peak
# memory, medians of RUNS for raymc, one run for a peer. Fails if the counts of a workload differ.
# Usage: peers.sh PEER_BENCH SOURCE_DIR RESULT [RUNS] [WORKLOAD...]
# The peers' models are read from RAYMC_PEERS_DIR, by default ../shared/peers beside the repository.
set -euo pipefail
bench=$(readlink -f "$1") source=$2 result=$(readlink -f "$3") runs=${4:-5}
shift "$(($# < 4 ? $# : 4))"
workloads=("$@")
[[ ${#workloads[@]} -gt 0 ]] || workloads=(twophase8 recovery2322 twophase9 recovery3221)
peers=${RAYMC_PEERS_DIR:-$source/../shared/peers}
peers=$(readlink -f "$peers" || true)
[[ -f $peers/twophase.pml ]] || { echo "bench peers: no models of the peers; set RAYMC_PEERS_DIR" >&2; exit 74; }
for tool in spin rumur; do
  command -v "$tool" >/dev/null || { echo "bench peers: $tool is not installed (Debian package $tool)" >&2; exit 69; }
done
threads=$(nproc)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
revision=$(git -C "$source" describe --always --dirty 2>/dev/null || echo unknown)
cd -- "$work"
: >rows

median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

# workload, tool, threads, exact, states, transitions, depth, seconds, peak KiB, runs, CPU seconds
row() {
  awk -v OFS='\t' -v w="$1" -v t="$2" -v n="$3" -v x="$4" -v s="$5" -v tr="$6" -v d="$7" -v sec="$8" -v kib="$9" -v r="${10}" -v cpu="${11}" \
    'BEGIN { print w, t, n, x, s, tr, d, sec, (tr == "-" ? "-" : sprintf("%.0f", tr / sec)), sprintf("%.1f", kib * 1024 / s), r, cpu, sprintf("%.0f", tr / cpu) }' |
    tee -a rows >&2
}

# The size of a workload as definitions of spin, and as edits of the constants at the top of a Murphi model.
defines() {
  case $1 in
    twophase*) echo "-DN=${1#twophase}" ;;
    recovery*) sed -E 's/recovery(.)(.)(.)(.)/-DT=\1 -DM=\2 -DR=\3 -DC=\4/' <<<"$1" ;;
  esac
}
constants() {
  case $1 in
    twophase*) echo "s/^const N:.*/const N: ${1#twophase};/" ;;
    recovery*) sed -E 's/recovery(.)(.)(.)(.)/s,^const T:.*,const T: \1;,;s,^const M:.*,const M: \2;,;s,^const R:.*,const R: \3;,;s,^const C:.*,const C: \4;,/' <<<"$1" ;;
  esac
}

run_raymc() {
  local workload=$1 count=$2 store=$3 i
  : >times
  for ((i = 0; i < runs; ++i)); do
    "$bench" measure "$bench" run "$workload" "$count" "$store" 2>counts >>times
  done
  read -r states transitions depth <counts
  row "$workload" raymc "$count" "$([[ $store == exact ]] && echo yes || echo no)" "$states" "$transitions" "$depth" \
    "$(cut -f1 times | median)" "$(cut -f2 times | median)" "$runs" "$(cut -f3 times | median)"
}

run_spin() {
  local workload=$1 log2=22
  [[ $workload == twophase9 || $workload == recovery3221 ]] && log2=24
  # shellcheck disable=SC2046  # several words
  spin -a $(defines "$workload") "$peers/${workload%%[0-9]*}.pml"
  cc -O3 -march=native -DSAFETY -DNOREDUCE -DNOFAIR -DMEMLIM=16000 -DBFS -o pan pan.c
  "$bench" measure ./pan -w$log2 2>spin.out >times
  grep -q 'errors: 0' spin.out
  # It counts the initial state as a transition, too, and rounds to eight digits.
  read -r states transitions depth < <(awk '
    /depth reached/ { depth = $0; sub(/.*depth reached /, "", depth); sub(/,.*/, "", depth) }
    /states, stored/ { states = $1 + 0 }
    /transitions \(= stored\+matched\)/ { transitions = $1 - 1 }
    END { printf "%d %d %d\n", states, transitions, depth }' spin.out)
  row "$workload" "spin -bfs" 1 yes "$states" "$transitions" "$depth" "$(cut -f1 times)" "$(cut -f2 times)" 1 "$(cut -f3 times)"
}

run_rumur() {
  local workload=$1
  sed "$(constants "$workload")" "$peers/${workload%%[0-9]*}.m" >model.m
  rumur --symmetry-reduction off --threads "$threads" --deadlock-detection off --counterexample-trace off \
    --scalarset-schedules off --output model.c model.m
  cc -O3 -march=native -mcx16 -o model model.c -lpthread
  "$bench" measure ./model 2>rumur.out >times
  grep -q 'No error found' rumur.out
  read -r states transitions < <(sed -nE 's/^[[:space:]]*([0-9]+) states, ([0-9]+) rules fired.*/\1 \2/p' rumur.out)
  row "$workload" rumur "$threads" yes "$states" "$transitions" - "$(cut -f1 times)" "$(cut -f2 times)" 1 "$(cut -f3 times)"
}

for workload in "${workloads[@]}"; do
  for store in exact fingerprint; do
    for count in 1 2; do run_raymc "$workload" "$count" "$store"; done
  done
  run_spin "$workload"
  [[ -n ${RAYMC_BENCH_NO_RUMUR:-} ]] || run_rumur "$workload"
done
ceiling=$("$bench" probe "$threads" 1024)
small=$("$bench" probe "$threads" 64)

# Every tool must count the same, as far as it tells exactly.
awk -F '\t' '
  !($1 in states) { states[$1] = $5; transitions[$1] = $6; depth[$1] = $7; next }
  $5 != states[$1] || ($7 != "-" && $7 != depth[$1]) || ($2 ~ /^spin/ ? ($6 > transitions[$1] * 1.0000001 || $6 < transitions[$1] * 0.9999999) : $6 != transitions[$1]) {
    print "bench peers: differs: " $0; bad = 1
  }
  END { exit bad }' rows >&2

{
  printf '# command: ./raymc bench peers %s; revision %s; raymc: medians of %s runs, peers: one run; %s\n' "$runs" "$revision" "$runs" \
    "$(sed -nE 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1), $threads processors, load $(cut -d' ' -f1 /proc/loadavg) at the end"
  printf '# batched probes with prefetch, %s threads, huge pages: 1 GiB %s M/s, 64 MiB %s M/s\n' "$threads" "$ceiling" "$small"
  printf 'workload\ttool\tthreads\texact\tstates\ttransitions\tdepth\tseconds\ttransitions_per_second\tbytes_per_state\truns\tcpu_seconds\ttransitions_per_cpu_second\n'
  cat rows
} >"$result"

# The ratios, for a person.
awk -F '\t' -v ceiling="$ceiling" '
  { rate[$1, $2, $3, $4] = $9; if (!($1 in seen)) { seen[$1] = 1; order[++n] = $1 } if ($2 == "raymc" && $4 == "yes" && $3 == 2) bytes[$1] = $10 }
  END {
    printf "%-14s %12s %9s %9s %9s %14s %12s\n", "workload", "M trans/s", "1 to 2", "/ spin", "/ rumur", "bytes/state", "of ceiling"
    for (i = 1; i <= n; ++i) {
      w = order[i]; best = rate[w, "raymc", 2, "yes"]; spin = rate[w, "spin -bfs", 1, "yes"]
      for (t = 1; t <= 64; ++t) if ((w, "rumur", t, "yes") in rate) rumur = rate[w, "rumur", t, "yes"]
      printf "%-14s %12.1f %9.2f %9.1f %9s %14s %11.0f%%\n", w, best / 1e6, best / rate[w, "raymc", 1, "yes"], best / spin, (rumur ? sprintf("%.1f", best / rumur) : "-"), bytes[w], best / ceiling / 1e4
    }
  }' rows
