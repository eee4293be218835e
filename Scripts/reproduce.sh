#!/usr/bin/env bash
# Builds what is packaged twice, from two clean clones, and compares the programs byte by byte.
#
# Both clones stand in the same folder, one after the other: the compiler writes a source's path into the check behind
# `withoutActuallyEscaping`, where -file-prefix-map does not reach. Takes two whole builds: half an hour on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
programs=(minewatch minewatch-web)

for build in first second; do
  rm -rf "$folder/minewatch"
  git clone -q . "$folder/minewatch"
  # Versions are exact; the lock names the revisions too.
  [ ! -f Package.resolved ] || cp Package.resolved "$folder/minewatch/"
  make -C "$folder/minewatch" --no-print-directory packaged
  for program in "${programs[@]}"; do
    strip --strip-unneeded -o "$folder/$build.$program" "$folder/minewatch/.build/release/$program"
  done
done

same=0
for program in "${programs[@]}"; do
  if cmp -s "$folder/first.$program" "$folder/second.$program"; then
    echo "$program: both builds are the same: $(sha256sum <"$folder/first.$program" | cut -c1-64)"
  else
    same=1
    echo "$program: the builds differ in $(cmp -l "$folder/first.$program" "$folder/second.$program" | wc -l) bytes" >&2
    cmp -l "$folder/first.$program" "$folder/second.$program" | head -n 5 >&2 || true
  fi
done
exit $same
