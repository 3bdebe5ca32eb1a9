#!/usr/bin/env bash
# Hostile files and names before the whole program: the right exit code, at once, and not a byte that steers a terminal or
# commands a runner of GitHub.
set -euo pipefail
raymc=$1
root=$2
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd -- "$work"
failed=0

# expect CODE COMMAND...: runs it and looks at the code and at what it writes.
expect() {
  local code=0 wanted=$1
  shift
  timeout 60 "$@" >out 2>err </dev/null || code=$?
  [[ $code == "$wanted" ]] || { printf 'exit %s, not %s: %q ...\n' "$code" "$wanted" "${@:1:4}"; failed=1; }
  for stream in out err; do
    if LC_ALL=C grep -aqP '[\x00-\x08\x0b-\x1f\x7f]|##\[|\xe2\x80[\xa8-\xae]|\xc2[\x80-\x9f]' "$stream" ||
      LC_ALL=C grep -aP '^\s*::' "$stream" | grep -avqP '^::(error|warning|notice) file=[^:]*,title=raymc ' ||
      ! iconv -f UTF-8 -t UTF-8 "$stream" >/dev/null 2>&1; then
      printf 'harm in %s of %q ...\n' "$stream" "${@:1:4}"
      failed=1
    fi
  done
  [[ $(stat -c %s err) -lt 10000 ]] || { printf 'a message of %s bytes from %q\n' "$(stat -c %s err)" "${@:1:4}"; failed=1; }
}

repeat() { awk -v n="$1" -v text="$2" 'BEGIN { for (i = 0; i < n; ++i) printf "%s", text }'; }

evil=$'a\n::error file=x::y\033[31m##[error]\xff\xe2\x80\xae.toml'
cp "$root/tests/fuzz/corpus/scenario/evil.toml" "$evil"
for format in text json junit github; do expect 0 "$raymc" check "$evil" --format "$format" --out answers; done
for view in text html json mermaid perfetto shiviz dot; do
  expect 0 "$raymc" trace answers/*.trace.json --format "$view"
done
expect 0 "$raymc" replay answers/*.trace.json
expect 0 "$raymc" trace answers/*.trace.json --minimise
expect 10 "$raymc" simulate "$evil" --walks 1000
expect 0 env GITHUB_STEP_SUMMARY=answers/page "$raymc" check "$evil" --format github
expect 0 "$raymc" release "$evil" --out answers/release
expect 64 "$raymc" explain "$evil"
if LC_ALL=C grep -rlaP '[\x00-\x08\x0b-\x1f\x7f]|##\[|\xe2\x80[\xa8-\xae]|\xc2[\x80-\x9f]' answers; then failed=1; fi

{ printf 'schema = 1\n['; repeat 499990 a.; printf 'a]\n'; } >deep.toml
expect 65 "$raymc" check deep.toml
{ printf 'x = '; repeat 500000 '['; } >nested.toml
expect 65 "$raymc" check nested.toml
{ printf 'schema = 1\nquestion = "Is it?"\n[check]\nproperties = ["all"]\n[shape]\nnodes = 1\n'; repeat 20000 $'[[shape.task]]\nid = "t"\n'; } >tasks.toml
expect 65 "$raymc" check tasks.toml
{ repeat 900000 k; printf ' = 1\n'; } >key.toml
expect 65 "$raymc" check key.toml
printf 'schema = 1\n\303\274 = 1\n' >umlaut.toml
expect 65 "$raymc" check umlaut.toml
exit "$failed"
