#!/usr/bin/env bash
# Installs Minewatch: install.sh FOLDER-OF-THE-BINARIES [DESTDIR]
set -euo pipefail
binaries=${1:?usage: install.sh FOLDER-OF-THE-BINARIES [DESTDIR]}
root=${2:-}

# Readable by all: put TARGET-FOLDER FILE...
put() {
  local folder=$root$1
  shift
  install -d -m 0755 "$folder"
  install -m 0644 -t "$folder" "$@"
}

for program in minewatch minewatch-web; do
  install -D -m 0755 "$binaries/$program" "$root/usr/bin/$program"
  put /usr/lib/systemd/system "systemd/$program.service"
  # The shells' completions are what the program says of itself.
  for shell in bash:bash-completion/completions/$program zsh:zsh/vendor-completions/_$program \
    fish:fish/vendor_completions.d/$program.fish; do
    file=$root/usr/share/${shell#*:}
    install -D -m 0644 /dev/null "$file"
    # Bash's begins with the line of a program, which it is not.
    "$binaries/$program" --generate-completion-script "${shell%%:*}" | sed '1{/^#!/d}' >"$file"
  done
done
install -D -m 0644 systemd/minewatch.sysusers "$root/usr/lib/sysusers.d/minewatch.conf"
install -D -m 0644 Configs/logrotate/minewatch "$root/etc/logrotate.d/minewatch"
for page in man/*.[0-9]; do
  put "/usr/share/man/man${page##*.}" "$page"
done

share=/usr/share/minewatch
put $share/indicators.d Configs/indicators.d/*.txt
put $share/resolvers.d Configs/resolvers.d/*.txt
put $share/pools.d Configs/pools.d/*.yaml
put $share/commands.d Configs/commands.d/*.yaml
# demo.yaml is the ground that `minewatch drill` is played on.
put $share Configs/models.csv Configs/demo.yaml Configs/schema/minewatch-eve.schema.json

# For the central host: many sites together.
documents=/usr/share/doc/minewatch
put $documents README.md CHANGELOG.md docs/operators-guide.md
for folder in prometheus alertmanager grafana rsyslog; do
  put "$documents/examples/$folder" Configs/$folder/*
done

# A policy that is in use is never overwritten, nor what it names.
for file in minewatch.yaml miners.csv; do
  [ -e "$root/etc/minewatch/$file" ] || install -D -m 0640 "Configs/$file" "$root/etc/minewatch/$file"
done
install -d -m 0750 "$root/etc/minewatch" "$root/etc/minewatch/indicators.d" "$root/etc/minewatch/commands.d" \
  "$root/etc/minewatch/pools.d"
[ -n "$root" ] || { systemd-sysusers && chgrp -R minewatch /etc/minewatch && systemctl daemon-reload; } || true
echo "edit /etc/minewatch/minewatch.yaml, then: minewatch check && systemctl enable --now minewatch"
