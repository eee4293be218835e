#!/bin/sh
# Benchmarks this tree against another revision of it: checks BASE out beside it, builds both, runs them in turns on this machine.
#
#   bench-compare.sh RELEASE-FOLDER BASE [options of bench.py]
set -eu
release=$1 base=$2
shift 2
revision=$(git rev-parse --verify --short "$base^{commit}")
tree=.build/compare/$revision
[ -d "$tree" ] || { git worktree prune && git worktree add --quiet --detach "$tree" "$revision"; }
make --no-print-directory -C "$tree" release
echo "base is $revision: $(git log -1 --format=%s "$revision")"
python3 Scripts/bench.py "$release" --against "$tree/.build/release" "$@"
