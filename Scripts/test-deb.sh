#!/usr/bin/env bash
# Installs, runs, upgrades, removes and purges the package on a machine of its own: test-deb.sh PACKAGE NEWER-PACKAGE
#
# The machine is this one's file system with a layer over it that is thrown away, booted with its systemd in a container that
# has no network but its own. Needs root, overlayfs and systemd-nspawn; ends with 77 and one line where they cannot be had.
set -euo pipefail
old=${1:?usage: test-deb.sh PACKAGE NEWER-PACKAGE}
new=${2:?usage: test-deb.sh PACKAGE NEWER-PACKAGE}

skip() {
  echo "skipped: $1"
  exit 77
}
[ "$(id -u)" -eq 0 ] || skip "needs root"
for program in systemd-nspawn nsenter dpkg curl; do
  command -v $program >/dev/null || skip "needs $program"
done

folder=$(mktemp -d)
name=minewatch-$$
container=
leader=
end() {
  if [ -n "$container" ]; then
    # The container's first process before what started it: all that it ever started ends with it, and only with it.
    [ -n "$leader" ] || leader=$(pgrep -P "$container" | head -1) || true
    for process in $leader $container; do kill -KILL "$process" 2>/dev/null || true; done
    wait "$container" 2>/dev/null || true
    for _ in $(seq 50); do
      kill -0 "$leader" 2>/dev/null || break
      sleep 0.1
    done
  fi
  umount -l "$folder/root" 2>/dev/null || true
  umount -l "$folder" 2>/dev/null || true
  rmdir "$folder" 2>/dev/null || true
}
trap end EXIT
mount -t tmpfs tmpfs "$folder" 2>/dev/null || skip "may not mount"
mkdir "$folder/upper" "$folder/work" "$folder/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" "$folder/root" 2>/dev/null ||
  skip "has no overlayfs"
cp "$old" "$folder/root/root/old.deb"
cp "$new" "$folder/root/root/new.deb"
# A machine with nothing of ours: what `make install` or an earlier package left here is not there.
rm -rf "$folder"/root/etc/minewatch "$folder"/root/var/{lib,log}/minewatch
rm -f "$folder"/root/etc/machine-id "$folder"/root/usr/lib/systemd/system/minewatch*
echo "minewatch-test" >"$folder/root/etc/hostname"
# Nothing of this machine's own services.
mkdir -p "$folder/root/etc/systemd/system"
for unit in prometheus.service prometheus-alertmanager.service apt-daily.timer apt-daily-upgrade.timer getty.target; do
  ln -sf /dev/null "$folder/root/etc/systemd/system/$unit"
done
# Containers' images forbid packages to start services; a gateway does not.
rm -f "$folder/root/usr/sbin/policy-rc.d"

systemd-nspawn -q -D "$folder/root" -b -M "$name" --private-network --register=no --keep-unit --resolv-conf=off \
  --link-journal=no --capability=CAP_NET_ADMIN,CAP_NET_RAW --console=pipe </dev/null >"$folder/boot" 2>&1 &
container=$!
inside() {
  nsenter -t "$leader" -a "$@"
}
for _ in $(seq 600); do
  sleep 0.2
  kill -0 "$container" 2>/dev/null || skip "systemd-nspawn does not start here: $(tail -1 "$folder/boot")"
  leader=$(pgrep -P "$container" | head -1) || continue
  case $(inside systemctl is-system-running 2>/dev/null) in running | degraded) break ;; esac
done

step() {
  echo "ok: $1"
}
fail() {
  echo "FAILED: $1"
  inside journalctl --no-pager -n 30 2>/dev/null || true
  exit 1
}
# until WHAT CONDITION...: within two minutes, as all other tests may run beside this one.
until_true() {
  local what=$1
  shift
  for _ in $(seq 600); do
    if "$@" >/dev/null 2>&1; then
      step "$what"
      return
    fi
    sleep 0.2
  done
  fail "$what"
}
process() {
  inside systemctl show -P MainPID "$1"
}
is_another() {
  local now
  now=$(process minewatch)
  [ "$now" != 0 ] && [ "$now" != "$1" ] && inside systemctl is-active --quiet minewatch
}
says() {
  inside curl -sf "http://127.0.0.1:9464/metrics" | grep -q "$1"
}

inside dpkg -i /root/old.deb >"$folder/dpkg" 2>&1 || fail "dpkg -i: $(cat "$folder/dpkg")"
step "installs"
[ "$(inside stat -c '%U:%G %a' /etc/minewatch/minewatch.yaml)" = "root:minewatch 640" ] || fail "the policy's owner and mode"
inside systemctl is-enabled --quiet minewatch && fail "it enables itself"
inside minewatch check >/dev/null || fail "minewatch check on the sample policy"
inside test -s /usr/share/man/man8/minewatch.8.gz || fail "no manual"
inside bash -n /usr/share/bash-completion/completions/minewatch || fail "the completions for bash"
# The mirror port that the sample policy names, and its other end.
inside ip link add span0 type veth peer name span1 || skip "has no veth"
inside ip link set span0 up
inside ip link set span1 up
inside systemctl start minewatch || fail "systemctl start minewatch"
inside systemctl enable --now --quiet minewatch-web || fail "systemctl enable --now minewatch-web"
inside systemctl enable --quiet minewatch
step "both units start, confined as they are"
until_true "the web program, another user, reads the store beside the sensor" says '^minewatch_up{site="north-hall"} 1'
until_true "alerts are in the readable log" inside grep -q monitor.lifecycle /var/log/minewatch/alerts.log
[ "$(inside stat -c '%U:%G %a' /var/lib/minewatch/minewatch.db)" = "minewatch:minewatch 640" ] || fail "the store's owner and mode"
inside setpriv --reuid=minewatch-web --regid=minewatch-web --groups=minewatch test -w /var/lib/minewatch/minewatch.db &&
  fail "the web program may write the store"
inside journalctl -u minewatch -u minewatch-web -p warning --no-pager -q | grep -i 'denied\|not permitted' && fail "something is refused"

inside systemctl status --no-pager minewatch | grep -q 'Status: ".* packets' || fail "systemctl status tells nothing of packets"
if command -v tcpreplay >/dev/null; then
  # Nobody is to be woken by it: the frames of a drill, and nothing but this machine's wire.
  inside minewatch drill pool-switch --write /root/drill.pcap >/dev/null || fail "minewatch drill --write"
  inside tail -n 0 -F /var/log/minewatch/alerts.log >"$folder/tail" 2>/dev/null &
  inside tcpreplay -q -i span1 --pps 2000 /root/drill.pcap >/dev/null 2>&1 || fail "tcpreplay"
  until_true "an alert comes up in the log while frames arrive" grep -q ' control.access .* evidence ' "$folder/tail"
  until_true "and in the store" sh -c "nsenter -t $leader -a minewatch alerts --rule control.access | grep -q access"
  inside minewatch status | grep -q 'span0 up' || fail "minewatch status"
  capture=$(sed -n '/ evidence /{s/.* evidence //p;q}' "$folder/tail")
  until_true "its packets are kept" inside test -s "$capture"
  [ "$(inside stat -c '%U:%G %a' "$capture")" = "minewatch:minewatch 640" ] || fail "the capture's owner and mode"
  web=$(process minewatch-web)
  inside nsenter -t "$web" -m setpriv --reuid=minewatch-web --regid=minewatch-web --groups=minewatch test -r "$capture" &&
    fail "the web program may read the captures"
fi

inside sed -i 's/north-hall/south-hall/' /etc/minewatch/minewatch.yaml
before=$(process minewatch)
inside systemctl reload minewatch
until_true "a reload takes the new policy" inside grep -q 'site.*south-hall' /var/log/minewatch/eve.json
[ "$(process minewatch)" = "$before" ] || fail "a reload is no restart"
echo "sight: wrong" | inside tee -a /etc/minewatch/minewatch.yaml >/dev/null
inside systemctl reload minewatch
until_true "a bad policy is refused and told" inside grep -q monitor.config-rejected /var/log/minewatch/alerts.log
inside sed -i '$d' /etc/minewatch/minewatch.yaml
inside logrotate --force /etc/logrotate.d/minewatch || fail "logrotate"
inside sed -i 's/south-hall/west-hall/' /etc/minewatch/minewatch.yaml
inside systemctl reload minewatch
until_true "logrotate has new logs opened" inside grep -q 'reloaded.*west-hall' /var/log/minewatch/alerts.log
inside kill -KILL "$before"
until_true "systemd starts it again when it was killed" is_another "$before"
until_true "the web program finds the store again" says '^minewatch_up{site="west-hall"} 1'
inside mkdir -p /run/systemd/system/minewatch.service.d
printf '[Service]\nWatchdogSec=5s\n' | inside tee /run/systemd/system/minewatch.service.d/watchdog.conf >/dev/null
inside systemctl daemon-reload
inside systemctl restart minewatch
before=$(process minewatch)
inside kill -STOP "$before"
until_true "its watchdog starts it again when it hangs" is_another "$before"
inside rm /run/systemd/system/minewatch.service.d/watchdog.conf
inside systemctl daemon-reload

before=$(process minewatch)
inside dpkg -i /root/new.deb >"$folder/dpkg" 2>&1 || fail "dpkg -i, newer: $(cat "$folder/dpkg")"
until_true "an upgrade goes on with the new program" is_another "$before"
inside grep -q west-hall /etc/minewatch/minewatch.yaml || fail "an upgrade changed the policy"
step "and with the site's policy"
inside systemctl is-active --quiet minewatch-web || fail "the upgrade stopped the web program"

inside dpkg --remove minewatch >"$folder/dpkg" 2>&1 || fail "dpkg --remove: $(cat "$folder/dpkg")"
inside systemctl is-active --quiet minewatch && fail "it runs although it was removed"
inside test -e /etc/minewatch/minewatch.yaml || fail "a removal took the policy"
inside test -e /var/lib/minewatch/minewatch.db || fail "a removal took the store"
step "a removal stops it and keeps what is the site's"
inside dpkg --purge minewatch >"$folder/dpkg" 2>&1 || fail "dpkg --purge: $(cat "$folder/dpkg")"
for place in /etc/minewatch /var/lib/minewatch /var/log/minewatch /usr/share/minewatch /etc/logrotate.d/minewatch \
  /etc/systemd/system/multi-user.target.wants/minewatch.service; do
  inside test -e $place && fail "a purge left $place"
done
step "a purge leaves nothing"
inside dpkg -i /root/old.deb >"$folder/dpkg" 2>&1 || fail "dpkg -i after a purge: $(cat "$folder/dpkg")"
step "and it can be installed again"
