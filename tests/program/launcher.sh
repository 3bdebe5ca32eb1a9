#!/usr/bin/env bash
# A build folder that was made for another place is configured anew, and what else is in it stays; what drift lacks is named. Usage: launcher.sh RAYMC SOURCE_DIR
set -euo pipefail
source=$2
out=$(mktemp -d)
trap 'rm -rf -- "$out"' EXIT
mkdir -p "$out/project/build/release" "$out/bin" "$out/other/release/deep"
cp "$source/raymc" "$out/project/raymc"
# No build takes place: what stands for cmake says that it was called, and gives up.
printf '#!/bin/sh\necho "$@" >>"%s/called"\nexit 1\n' "$out" >"$out/bin/cmake"
chmod +x "$out/bin/cmake"
launch() { PATH=$out/bin:$PATH "$out/project/raymc" check >/dev/null 2>"$out/err" || code=$?; }
moved() {
  echo 'CMAKE_HOME_DIRECTORY:INTERNAL=/somewhere/else' >"$1/CMakeCache.txt"
  echo 'thesis' >"$1/thesis"
  : >"$1/build.ninja"
}
code=0
moved "$out/project/build/release"
launch
[[ $code -eq 70 && $(cat "$out/project/build/release/thesis") == thesis ]] || { echo "the user's file is gone: $code"; cat "$out/err"; exit 1; }
[[ ! -e $out/project/build/release/CMakeCache.txt ]]
grep -q -- '--preset release' "$out/called"
# The folder of another project behind a link is not ours.
rm -rf -- "$out/project/build/release" "$out/called"
ln -s "$out/other/release" "$out/project/build/release"
moved "$out/other/release"
launch
[[ $code -eq 74 && -e $out/other/release/CMakeCache.txt && -e $out/other/release/build.ninja ]] || { echo "another project's build was changed: $code"; exit 1; }
grep -q 'is a symbolic link' "$out/err"
[[ ! -e $out/called ]]
# Another ctags is none, and what cannot be installed is named.
printf '#!/bin/sh\necho Exuberant\n' >"$out/bin/ctags"
printf '#!/bin/sh\nexit 1\n' >"$out/bin/apt-get"
chmod +x "$out/bin/ctags" "$out/bin/apt-get"
code=0
PATH=$out/bin:$PATH "$out/project/raymc" drift . >/dev/null 2>"$out/err" || code=$?
[[ $code -eq 74 ]] || { echo "drift without ctags: $code"; cat "$out/err"; exit 1; }
grep -q 'apt-get install universal-ctags' "$out/err"
