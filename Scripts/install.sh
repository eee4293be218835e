#!/usr/bin/env bash
# Installs Minewatch: install.sh FOLDER-OF-THE-BINARIES [DESTDIR]
set -euo pipefail
binaries=${1:?usage: install.sh FOLDER-OF-THE-BINARIES [DESTDIR]}
root=${2:-}

install -D -m 0755 "$binaries/minewatch" "$root/usr/bin/minewatch"
install -D -m 0755 "$binaries/minewatch-web" "$root/usr/bin/minewatch-web"
for unit in minewatch minewatch-web; do
  install -D -m 0644 "systemd/$unit.service" "$root/usr/lib/systemd/system/$unit.service"
done
install -D -m 0644 systemd/minewatch.sysusers "$root/usr/lib/sysusers.d/minewatch.conf"
install -D -m 0644 Configs/logrotate/minewatch "$root/etc/logrotate.d/minewatch"
for file in Configs/indicators.d/*.txt; do
  install -D -m 0644 "$file" "$root/usr/share/minewatch/indicators.d/$(basename "$file")"
done
for file in Configs/pools.d/*.yaml; do
  install -D -m 0644 "$file" "$root/usr/share/minewatch/pools.d/$(basename "$file")"
done
install -D -m 0644 Configs/models.csv "$root/usr/share/minewatch/models.csv"
for file in Configs/resolvers.d/*.txt; do
  install -D -m 0644 "$file" "$root/usr/share/minewatch/resolvers.d/$(basename "$file")"
done
# The ground that `minewatch drill` is played on.
install -D -m 0644 Configs/demo.yaml "$root/usr/share/minewatch/demo.yaml"
for file in Configs/commands.d/*.yaml; do
  install -D -m 0644 "$file" "$root/usr/share/minewatch/commands.d/$(basename "$file")"
done
install -D -m 0644 Configs/schema/minewatch-eve.schema.json "$root/usr/share/minewatch/minewatch-eve.schema.json"
# A policy that is in use is never overwritten, nor what it names.
for file in minewatch.yaml miners.csv; do
  [ -e "$root/etc/minewatch/$file" ] || install -D -m 0640 "Configs/$file" "$root/etc/minewatch/$file"
done
install -d -m 0750 "$root/etc/minewatch/indicators.d" "$root/etc/minewatch/commands.d" "$root/etc/minewatch/pools.d"
[ -n "$root" ] || { systemd-sysusers && chgrp -R minewatch /etc/minewatch && systemctl daemon-reload; } || true
echo "edit /etc/minewatch/minewatch.yaml, then: minewatch check && systemctl enable --now minewatch"
