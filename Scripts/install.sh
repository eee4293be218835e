#!/usr/bin/env bash
# Installs Minewatch: install.sh FOLDER-OF-THE-BINARIES [DESTDIR]
set -euo pipefail
binaries=${1:?usage: install.sh FOLDER-OF-THE-BINARIES [DESTDIR]}
root=${2:-}

install -D -m 0755 "$binaries/minewatch" "$root/usr/bin/minewatch"
install -D -m 0644 systemd/minewatch.service "$root/usr/lib/systemd/system/minewatch.service"
install -D -m 0644 systemd/minewatch.sysusers "$root/usr/lib/sysusers.d/minewatch.conf"
install -D -m 0644 Configs/logrotate/minewatch "$root/etc/logrotate.d/minewatch"
for file in Configs/indicators.d/*.txt; do
  install -D -m 0644 "$file" "$root/usr/share/minewatch/indicators.d/$(basename "$file")"
done
install -D -m 0644 Configs/schema/minewatch-eve.schema.json "$root/usr/share/minewatch/minewatch-eve.schema.json"
# A policy that is in use is never overwritten.
[ -e "$root/etc/minewatch/minewatch.yaml" ] ||
  install -D -m 0640 Configs/minewatch.yaml "$root/etc/minewatch/minewatch.yaml"
[ -n "$root" ] || { systemd-sysusers && chgrp minewatch /etc/minewatch/minewatch.yaml && systemctl daemon-reload; } || true
echo "edit /etc/minewatch/minewatch.yaml, then: minewatch check && systemctl enable --now minewatch"
