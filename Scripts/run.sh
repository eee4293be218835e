#!/usr/bin/env bash
# Shows the main job at work; `make run` calls it after the build.
#
#   IFACE=eth0 CONFIG=my.yaml   live on that interface, until Ctrl-C
#   (neither)                   a synthesised capture of a site under attack: alerts as they come, and the summary
set -euo pipefail
binaries=${1:?usage: run.sh FOLDER-OF-THE-BINARIES}

if [ -n "${IFACE:-}" ]; then
  config=${CONFIG:?IFACE= needs CONFIG=, a policy file; start from Configs/minewatch.yaml}
  command=("$binaries/minewatch" run --config "$config" --interface "$IFACE")
  [ "$(id -u)" -eq 0 ] || command=(sudo "${command[@]}")
  echo "watching $IFACE under $config; Ctrl-C ends"
  exec "${command[@]}"
fi

capture=$(mktemp --suffix=.pcap)
trap 'rm -f "$capture"' EXIT
"$binaries/minewatch-simulate" attacked "$capture"
echo "A site of 24 miners, twelve minutes, in which everything goes wrong once. Policy: ${CONFIG:-Configs/demo.yaml}"
echo
"$binaries/minewatch" replay --config "${CONFIG:-Configs/demo.yaml}" "$capture"
