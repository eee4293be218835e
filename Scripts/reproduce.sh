#!/usr/bin/env bash
# Builds the released programs twice, in two folders, from clean clones, and compares them byte by byte.
#
# Usage: Scripts/reproduce.sh [product...]; without names minewatch alone. Takes two release builds: some ten minutes on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."
products=("${@:-minewatch}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for name in one another-place; do
  git clone -q . "$folder/$name"
  # Versions are exact; the lock names the revisions too.
  [ ! -f Package.resolved ] || cp Package.resolved "$folder/$name/"
  for product in "${products[@]}"; do
    # Debug information names the folder: it is the same for both, and stripped for release anyhow.
    (cd "$folder/$name" && swift build -q -c release --static-swift-stdlib --omit-frame-pointers --product "$product" \
      -Xswiftc -file-compilation-dir -Xswiftc /minewatch -Xswiftc -file-prefix-map -Xswiftc "$PWD=/minewatch" \
      -Xcc "-ffile-prefix-map=$PWD=/minewatch")
  done
done

same=0
for product in "${products[@]}"; do
  for name in one another-place; do
    strip --strip-unneeded -o "$folder/$name.$product" "$folder/$name/.build/release/$product"
  done
  sums=$(cd "$folder" && sha256sum "one.$product" "another-place.$product")
  if cmp -s "$folder/one.$product" "$folder/another-place.$product"; then
    echo "$product: both builds are the same: $(cut -c1-64 <<<"$sums" | head -n 1)"
  else
    same=1
    echo "$product: the builds differ in $(cmp -l "$folder/one.$product" "$folder/another-place.$product" | wc -l) bytes" >&2
    cmp -l "$folder/one.$product" "$folder/another-place.$product" | head -n 5 >&2 || true
  fi
done
exit $same
