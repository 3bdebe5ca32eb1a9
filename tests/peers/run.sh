#!/bin/sh
# Compares our counts of states, transitions and depth with those of spin and rumur on the same protocols.
# Usage: run.sh PEER_COUNTS RESULT [all]     (PEER_COUNTS: our program; RESULT: the table to write; all: large sizes too)
# The peers' model files are read from RAYMC_PEERS_DIR, by default ../shared/peers beside the repository; without them,
# or without the tools and the right to install them, nothing is compared and the script says so and succeeds.
set -eu

counts=$1
result=$2
root=$(cd "$(dirname "$0")/../.." && pwd)
peers=${RAYMC_PEERS_DIR:-$root/../shared/peers}
workloads="twophase3 twophase5 twophase8 recovery1111 recovery1211 recovery2211 recovery2322"
[ "${3:-}" = all ] && workloads="$workloads twophase9 recovery3221"
threads=$(nproc)

skip() {
  echo "peers: skipped: $1" >&2
  exit 0
}

for file in twophase.pml recovery.pml twophase.m recovery.m; do
  [ -f "$peers/$file" ] || skip "$file is not in RAYMC_PEERS_DIR ($peers)"
done
for tool in spin rumur; do
  command -v $tool >/dev/null && continue
  [ "$(id -u)" = 0 ] || skip "$tool is not installed (Debian package $tool)"
  { apt-get update -q && apt-get install -y -q $tool; } >&2 || skip "$tool could not be installed"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# The digits of a workload's name as options of spin.
defines() {
  case $1 in
    twophase*) echo "-DN=${1#twophase}" ;;
    recovery*) echo "$1" | sed 's/recovery\(.\)\(.\)\(.\)\(.\)/-DT=\1 -DM=\2 -DR=\3 -DC=\4/' ;;
  esac
}
# The same as edits of the constants at the top of a Murphi model.
constants() {
  case $1 in
    twophase*) echo "s/^const N:.*/const N: ${1#twophase};/" ;;
    recovery*) echo "$1" | sed 's/recovery\(.\)\(.\)\(.\)\(.\)/s,^const T:.*,const T: \1;,;s,^const M:.*,const M: \2;,;s,^const R:.*,const R: \3;,;s,^const C:.*,const C: \4;,/' ;;
  esac
}

# spin counts the initial state as a transition too, and rounds to eight digits.
run_spin() {
  # shellcheck disable=SC2046  # the defines are several words
  spin -a $(defines "$1") "$peers/${1%%[0-9]*}.pml"
  cc -O3 -march=native -DSAFETY -DNOREDUCE -DNOFAIR -DMEMLIM=16000 -DBFS -o pan pan.c
  ./pan -w24 >spin.out
  grep -q 'errors: 0' spin.out
  awk -v workload="$1" '
    /depth reached/ { depth = $0; sub(/.*depth reached /, "", depth); sub(/,.*/, "", depth) }
    /states, stored/ { states = $1 + 0 }
    /transitions \(= stored\+matched\)/ { transitions = $1 ~ /e/ ? "-" : $1 - 1 }
    END { printf "%s\tspin\t%d\t%s\t%d\n", workload, states, transitions, depth }' spin.out
}
# rumur does not tell the depth.
run_rumur() {
  sed "$(constants "$1")" "$peers/${1%%[0-9]*}.m" >model.m
  rumur --symmetry-reduction off --threads "$threads" --deadlock-detection off --counterexample-trace off \
    --scalarset-schedules off --output model.c model.m
  cc -O3 -march=native -mcx16 -o model model.c -lpthread
  ./model >rumur.out
  grep -q 'No error found' rumur.out
  sed -n "s/^[[:space:]]*\([0-9]*\) states, \([0-9]*\) rules fired.*/$1	rumur	\1	\2	-/p" rumur.out
}

{
  echo "# States, transitions and depth of the same protocols in raymc and in other model checkers; '-': not told, or rounded."
  if [ "${3:-}" = all ]; then
    echo "# command: tests/peers/run.sh BUILD/tests/peer_counts results/peers.tsv all"
  else
    echo "# command: cmake --build BUILD --target peers"
  fi
  echo "# revision: $(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown)"
  echo "# spin: $(spin -V | sed 's/ --.*//'); rumur: $(rumur --version); $(cc --version | head -1)"
  printf 'workload\ttool\tstates\ttransitions\tdepth\n'
  for workload in $workloads; do
    "$counts" "$workload"
    run_spin "$workload"
    run_rumur "$workload"
  done
} >table.tsv

# Every line of a workload must agree with its first one, as far as its tool tells.
awk -F '\t' '
  /^#/ || $1 == "workload" { next }
  !($1 in states) { states[$1] = $3; transitions[$1] = $4; depth[$1] = $5; next }
  $3 != states[$1] || ($4 != "-" && $4 != transitions[$1]) || ($5 != "-" && $5 != depth[$1]) { print "peers: differs: " $0; bad = 1 }
  END { exit bad }' table.tsv >&2
mv table.tsv "$result"
echo "peers: all agree, see $result" >&2
