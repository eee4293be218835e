#!/usr/bin/env bash
# Builds the package twice, from two clean clones, and compares both byte by byte.
#
# Both clones stand in the same folder, one after the other: the compiler writes a source's path into the check behind
# `withoutActuallyEscaping`, where -file-prefix-map does not reach. Takes two whole builds: half an hour on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for build in first second; do
  rm -rf "$folder/minewatch"
  git clone -q . "$folder/minewatch"
  # Versions are exact; the lock names the revisions too.
  [ ! -f Package.resolved ] || cp Package.resolved "$folder/minewatch/"
  make -C "$folder/minewatch" --no-print-directory packaged
  # Not compressed: xz cuts its blocks by the machine's cores, and what differs is found in what is packed.
  (cd "$folder/minewatch" && COMPRESSION=none Scripts/deb.sh .build/release "$folder/$build" >/dev/null)
done

for first in "$folder"/first/*.deb; do
  second=$folder/second/${first##*/}
  if cmp -s "$first" "$second"; then
    echo "${first##*/}: both builds are the same: $(sha256sum <"$first" | cut -c1-64)"
    continue
  fi
  echo "${first##*/}: the builds differ in $(cmp -l "$first" "$second" | wc -l) bytes:" >&2
  diff <(dpkg-deb --fsys-tarfile "$first" | tar -x --to-command 'echo "$TAR_FILENAME $(sha256sum)"') \
    <(dpkg-deb --fsys-tarfile "$second" | tar -x --to-command 'echo "$TAR_FILENAME $(sha256sum)"') >&2 || true
  exit 1
done
