#!/usr/bin/env bash
# Makes the Debian package: deb.sh FOLDER-OF-THE-BINARIES OUTPUT-FOLDER
#
#   VERSION=1.2.3     instead of the programs' own
#   COMPRESSION=none  for tests: dpkg-deb's -Z
#
# Needs no root: files belong to root inside. What is linked dynamically becomes the dependencies.
set -euo pipefail
binaries=${1:?usage: deb.sh FOLDER-OF-THE-BINARIES OUTPUT-FOLDER}
output=${2:?usage: deb.sh FOLDER-OF-THE-BINARIES OUTPUT-FOLDER}
version=${VERSION:-$(sed -n 's/.*static let number = "\(.*\)"/\1/p' Sources/Watch/Version.swift)}
architecture=$(dpkg --print-architecture)
# The same sources make the same package.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y Package.swift)}
export SOURCE_DATE_EPOCH

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
tree=$root/tree
umask 022
Scripts/install.sh "$binaries" "$tree" >/dev/null
for program in "$tree"/usr/bin/*; do
  strip --strip-unneeded "$program"
  # What the compiler notes for its next build comes out another each time, though no instruction does. The section is emptied, not
  # removed: without its pages' layout the program would lose its read-only relocations.
  head -c "$(size -A "$program" | awk '$1 == ".swift_modhash" { print $2 }')" /dev/zero >"$root/zeros"
  objcopy --update-section .swift_modhash="$root/zeros" "$program"
done

# The policy is the site's own, never the package's: it is copied where there is none.
for file in minewatch.yaml miners.csv; do
  mv "$tree/etc/minewatch/$file" "$tree/usr/share/minewatch/$file"
  chmod 0644 "$tree/usr/share/minewatch/$file"
done
documents=$tree/usr/share/doc/minewatch
fill() {
  sed "s|@VERSION@|$version|; s|@ARCHITECTURE@|$architecture|; s|@DATE@|$(date -uRd "@$SOURCE_DATE_EPOCH")|
    s|@SIZE@|$(du -ks "$tree" | cut -f1)|; s|@DEPENDS@|${depends:-}|" "packaging/debian/$1"
}
install -m 0644 packaging/debian/copyright "$documents/copyright"
fill changelog | gzip -9n >"$documents/changelog.gz"
gzip -9n "$tree"/usr/share/man/man*/*
install -D -m 0644 packaging/debian/lintian-overrides "$tree/usr/share/lintian/overrides/minewatch"

# dpkg-shlibdeps asks for the shape of a source package.
mkdir -p "$root/debian" "$tree/DEBIAN"
echo "Source: minewatch" >"$root/debian/control"
depends=$(cd "$root" && dpkg-shlibdeps --ignore-missing-info -O tree/usr/bin/* 2>/dev/null | sed 's/^shlibs:Depends=//')
fill control >"$tree/DEBIAN/control"
install -m 0644 packaging/debian/conffiles "$tree/DEBIAN/conffiles"
for script in postinst prerm postrm; do
  install -m 0755 "packaging/debian/$script" "$tree/DEBIAN/$script"
done
(cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"

mkdir -p "$output"
package=$output/minewatch_${version}_$architecture.deb
dpkg-deb --root-owner-group -Z"${COMPRESSION:-xz}" --build "$tree" "$package" >/dev/null
echo "$package"
