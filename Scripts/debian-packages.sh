#!/usr/bin/env bash
# Installs the Debian packages that are missing of those named for a purpose.
#
#   Scripts/debian-packages.sh build|test|bench|growth|peers|soak|deb
#
# Asks for root through sudo where it is not root already, and says what it would install where it cannot.
set -euo pipefail

build=(libpcap-dev libsqlite3-dev make)
test=("${build[@]}" iproute2 logrotate procps tcpreplay rsyslog python3 python3-jsonschema systemd strace curl
  chromium-headless-shell prometheus prometheus-alertmanager rsyslog-relp openssl
  mandoc dpkg-dev binutils systemd-container)
deb=("${build[@]}" dpkg-dev binutils lintian)
soak=("${build[@]}" iproute2 python3 tcpreplay)
bench=("${build[@]}" binutils gcc libc6-dev python3 valgrind)
growth=("${bench[@]}" iproute2 tcpreplay)
peers=("${bench[@]}" libndpi-bin tshark)

purpose=${1:?usage: debian-packages.sh build|test|bench|growth|peers|soak|deb}
declare -n wanted=$purpose

missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

command -v apt-get >/dev/null || {
  echo "needed and missing: ${missing[*]}: install them with your system's package manager" >&2
  exit 1
}
root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "needed and missing: ${missing[*]}: install them as root with: apt-get install ${missing[*]}" >&2
    exit 1
  }
  root=(sudo)
fi
echo "installing: ${missing[*]}"
"${root[@]}" apt-get update -qq
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
