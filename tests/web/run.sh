#!/usr/bin/env bash
# Runs the browser tests of the HTML view: run.sh RAYMC SOURCE BUILD; or one of the other programs here, such as measure:
# run.sh RAYMC SOURCE BUILD NAME [ARGUMENT...]. Exits 77, which ctest shows as skipped, where there is no Chromium, no
# node, or no way to get the packages that package-lock.json pins.
set -euo pipefail
raymc=$1 source=$2 build=$3
shift 3
here=$source/tests/web
web=$build/web

skip() { printf 'skipped: %s\n' "$*" >&2; exit 77; }

chromium=$(command -v chromium || command -v chromium-browser || true)
[[ -n $chromium ]] || skip "no chromium"
command -v node >/dev/null || skip "no node"
[[ $(node -p 'process.versions.node.split(".")[0]') -ge 18 ]] || skip "node is older than 18"

mkdir -p "$web"
if ! cmp -s "$here/package-lock.json" "$web/node_modules/.installed-lock.json"; then
  command -v npm >/dev/null || skip "no npm"
  cp "$here/package.json" "$here/package-lock.json" "$web/"
  (cd "$web" && timeout 300 npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1) ||
    skip "npm cannot install what package-lock.json pins (see $web/npm.log)"
  cp "$here/package-lock.json" "$web/node_modules/.installed-lock.json"
fi

export RAYMC=$raymc RAYMC_SOURCE=$source RAYMC_WEB=$web CHROMIUM=$chromium
if [[ $# -gt 0 ]]; then exec node "$here/$1.mjs" "${@:2}"; fi
exec node --test --test-concurrency=1 "$here"/*.test.mjs
