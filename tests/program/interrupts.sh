#!/usr/bin/env bash
# One SIGINT or SIGTERM ends the program wherever it is in its work: exploring, judging liveness, shortening a walk, minimising,
# switching safeguards off, in a release, at a table of results. Exit code 20, and nothing half-written. Usage: interrupts.sh RAYMC SOURCE_DIR
set -euo pipefail
raymc=$1 source=$2
out=$(mktemp -d)
trap 'rm -rf -- "$out"' EXIT
cd -- "$source"
liveness=specs/scenarios/seed/recovery_does_end.toml
safety=specs/scenarios/release/four_raylets.toml
defect=specs/scenarios/defects/c1_dead_worker_is_granted.toml
"$raymc" check --quiet --out "$out/traces" "$defect" >/dev/null
trace=$out/traces/c1_dead_worker_is_granted.trace.json
milliseconds() { date +%s%3N; }

# Whether the process is raymc and catches signals, or has ended: before that it is the shell or the loader.
listens() {
  local status
  status=$(cat "/proc/$1/status" 2>/dev/null) || return 0
  [[ ! $status =~ State:[[:space:]]*Z ]] || return 0
  [[ /proc/$1/exe -ef $raymc && $status =~ SigCgt:[[:space:]]*([0-9a-f]+) && $((16#${BASH_REMATCH[1]} & 1 << 14)) -ne 0 ]]
}

# Interrupts the command at several moments of its work. It must be at work at one of them, at least.
interrupt() {
  local name=$1 signal code begin took after met=0
  shift
  for after in $moments; do
    for signal in INT TERM; do
      "$raymc" "$@" >"$out/said" 2>"$out/err" </dev/null &
      local child=$!
      sleep "$after"
      until listens "$child"; do sleep 0.001; done
      if ! kill -s "$signal" "$child" 2>/dev/null; then
        wait "$child" || true
        continue
      fi
      begin=$(milliseconds)
      code=0
      wait "$child" || code=$?
      took=$(($(milliseconds) - begin))
      # A second; three where the machine has other things to do.
      if [[ $took -gt 3000 ]]; then
        echo "$name goes on for $took ms after SIG$signal at $after s"
        exit 1
      fi
      # It may have been over at that very moment.
      if [[ $code -ne 20 && $code -ne 0 && $code -ne 10 ]]; then
        echo "$name ends with $code after SIG$signal at $after s"
        cat "$out/err"
        exit 1
      fi
      [[ $code -ne 20 ]] || met=$((met + 1))
      if find "$out" -name '.*.raymc-*' | grep .; then
        echo "$name left something half-written"
        exit 1
      fi
    done
  done
  if [[ $met -eq 0 && $moments != 0.0* ]]; then
    echo "$name was never interrupted"
    exit 1
  fi
  echo "$name: $met interruptions"
}

moments='0.3 0.9 1.7 2.9'
interrupt search check "$safety"
interrupt search_on_disk check "$safety" --store fingerprint --frontier disk --disk "$out/disk"
interrupt search_under_checkpoint check "$safety" --checkpoint "$out/kept" --resume --checkpoint-every 100ms
interrupt liveness check "$liveness" --out "$out/liveness"
interrupt liveness_on_one_thread check "$liveness" --threads 1
interrupt simulate simulate "$safety" --walks 1000000000
interrupt one_long_walk simulate "$safety" --depth 1000000 --walks 1000000
interrupt safeguards safeguards specs/scenarios/seed --out "$out/safeguards"
interrupt audit audit "$safety"
interrupt release release "$safety" --out "$out/release" --checkpoint "$out/released" --resume
interrupt results results "$safety" --out "$out/results"
# Over within a fraction of a second, so that it may not be met at work.
moments='0.01 0.02 0.04'
interrupt shorten simulate "$safety" --set idle_worker_has_no_lease=off --depth 5000 --walks 1000000 --out "$out/walks"
interrupt minimise trace "$trace" --minimise --states-max 1000000000
interrupt what_if trace "$trace" --with idle_worker_has_no_lease
for written in safeguards/safeguards.tsv release/SUMMARY.md results/golden.tsv; do
  if [[ -e $out/$written ]]; then
    echo "$written was written by a command that was interrupted"
    exit 1
  fi
done

# A report that nobody reads: a pipe that is full, with both ends open. And a terminal that is closed.
mkfifo "$out/pipe"
exec 9<>"$out/pipe"
head -c 65536 /dev/zero >&9
for signal in INT TERM HUP; do
  "$raymc" check --quiet "$defect" >&9 2>"$out/err" </dev/null &
  child=$!
  sleep 1
  until listens "$child"; do sleep 0.001; done
  kill -s "$signal" "$child"
  code=0
  wait "$child" || code=$?
  if [[ $code -ne 20 ]]; then
    echo "a report that nobody reads: SIG$signal ends with $code"
    cat "$out/err"
    exit 1
  fi
done
exec 9>&-
"$raymc" check --quiet "$safety" >"$out/said" 2>"$out/err" </dev/null &
child=$!
sleep 1
until listens "$child"; do sleep 0.001; done
kill -s HUP "$child"
code=0
wait "$child" || code=$?
[[ $code -eq 20 ]] || { echo "SIGHUP ends a search with $code"; exit 1; }
echo "unread and hung up: as an interrupt"
