#!/usr/bin/env bash
# The mermaid view before Mermaid's own parser. Says that it was skipped, with code 77, where npm is not usable.
# Usage: run.sh CLI_TESTS BUILD_DIR
set -euo pipefail
tests=$1
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
folder=$2/views
skip() {
  printf 'skipped: %s\n' "$*"
  exit 77
}
command -v node >/dev/null && command -v npm >/dev/null || skip "node and npm are not installed"
mkdir -p "$folder"
cp "$here/package.json" "$here/package-lock.json" "$here/parse.mjs" "$folder"
if ! [[ -d $folder/node_modules/mermaid ]]; then
  (cd "$folder" && timeout 300 npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1 </dev/null) ||
    skip "npm cannot install mermaid: $(tail -n 1 "$folder/npm.log")"
fi
node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 18 ? 0 : 1)' || skip "node is older than 18"
RAYMC_MERMAID_CHECK="node '$folder/parse.mjs'" "$tests" --gtest_filter='Mermaid.IsReadByItsOwnParser'
