#!/usr/bin/env python3
"""Runs the sensor for long and looks whether it stays as it is: memory, file descriptors and threads.

    soak.py FOLDER-OF-THE-BINARIES [--time 60m] [--days 30] [--rate 50000] [--miners 2000] [--month-miners 20]

First live: `minewatch run` on one end of a veth pair, with every sink, the store and evidence, while tcpreplay sends a site's traffic
into the other end over and over, many times as fast as the site would. Then a simulated month, with all that a month brings, through
`minewatch replay`. Once the tables have had a quarter of the time to fill, nothing may grow any more.

Prints what it measured, and ends with 1 when something grew. The live part needs root and tcpreplay; without them it is left out,
which is said.
"""
import argparse, os, re, shutil, signal, subprocess, sys, tempfile, threading, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
POLICY = os.path.join(ROOT, "Configs", "demo.yaml")
# A page cache of SQLite and the allocator's arenas come and go by so much.
SLACK_SHARE, SLACK_MIB = 0.03, 4


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)([smh]?)", text).groups()
    return int(number) * {"": 1, "s": 1, "m": 60, "h": 3600}[unit]


class Samples:
    """What a process holds, looked at a few hundred times."""

    def __init__(self, pid, interval):
        self.pid, self.interval, self.rows, self.ended = pid, interval, [], threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.ended.wait(self.interval):
            try:
                with open(f"/proc/{self.pid}/status") as file:
                    status = file.read()
                files = len(os.listdir(f"/proc/{self.pid}/fd"))
            except OSError:
                return
            values = re.search(r"VmRSS:\s+(\d+) kB(?s:.*)Threads:\s+(\d+)", status)
            if values:
                self.rows.append((int(values[1]) / 1024, files, int(values[2])))

    def end(self):
        self.ended.set()
        self.thread.join()

    def verdict(self, name):
        """Prints the figures; returns what grew."""
        count = len(self.rows)
        if count < 8:
            return [f"{name}: too short to tell, {count} looks"]
        # The first quarter fills the tables; the second is what the last is held against.
        early, late = self.rows[count // 4: count // 2], self.rows[3 * count // 4:]
        grew = []
        # Memory is what it takes at its most. A file is open for the moment of a reload or an alert too, and a look may meet it: what is
        # never given back shows in the least that is held.
        for column, what, of in [(0, "memory, MiB", max), (1, "file descriptors", min), (2, "threads", min)]:
            before, after = of(row[column] for row in early), of(row[column] for row in late)
            slack = before * SLACK_SHARE + SLACK_MIB if column == 0 else 0
            print(f"{name:<8}{what:<18}{before:8.0f} -> {after:.0f}")
            if after > before + slack:
                grew.append(f"{name}: {what} grew from {before:.1f} to {after:.1f}")
        return grew


def run(*command, **options):
    return subprocess.run(command, check=True, **options)


class Wire:
    """A veth pair; the far end in a namespace of its own, so that nothing else is on it."""

    def __init__(self):
        number = f"{os.getpid() & 0xffff:x}"
        self.near, self.far, self.namespace = f"soak{number}", f"soakfar{number}", f"soakns{number}"
        run("ip", "netns", "add", self.namespace)
        run("ip", "link", "add", self.near, "type", "veth", "peer", "name", self.far, "netns", self.namespace)
        run("ip", "link", "set", self.near, "up")
        run("ip", "-n", self.namespace, "link", "set", self.far, "up")

    def remove(self):
        subprocess.run(["ip", "link", "del", self.near], stderr=subprocess.DEVNULL)
        subprocess.run(["ip", "netns", "del", self.namespace], stderr=subprocess.DEVNULL)


def obstacle():
    if os.geteuid() != 0:
        return "the live part needs root"
    for program in ["ip", "tcpreplay"]:
        if not shutil.which(program):
            return f"the live part needs {program}"
    return None


def policy(folder):
    """The demonstration's policy, with all sinks into `folder`."""
    with open(POLICY) as file:
        text = file.read()
    path = f"{folder}/minewatch.yaml"
    with open(path, "w") as file:
        file.write(text + f"""
alerts:
  log: {{path: {folder}/alerts.log}}
  eve: {{path: {folder}/eve.json, types: [alert, miner, fleet, stats, flow]}}
  evidence: {{path: {folder}/evidence, keep: 16MiB}}
store: {{path: {folder}/minewatch.db}}
""")
    return path


def live(binaries, folder, arguments):
    capture = f"{folder}/site.pcap"
    run(f"{binaries}/minewatch-simulate", "healthy", capture, "--miners", str(arguments.miners),
        "--packets", str(arguments.rate * 20))
    wire, sensor, sender = Wire(), None, None
    try:
        errors = open(f"{folder}/errors", "w")
        sensor = subprocess.Popen(
            [f"{binaries}/minewatch", "run", "--config", policy(folder), "--interface", wire.near], stderr=errors)
        while "watching" not in open(f"{folder}/errors").read():
            if sensor.poll() is not None:
                sys.exit("soak: the sensor ended: " + open(f"{folder}/errors").read())
            time.sleep(0.1)
        sender = subprocess.Popen(
            ["ip", "netns", "exec", wire.namespace, "tcpreplay", "-q", "-K", "--loop=0", f"--pps={arguments.rate}",
             f"--intf1={wire.far}", capture], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        samples = Samples(sensor.pid, max(arguments.time / 400, 0.1))
        end, turn = time.time() + arguments.time, 0
        while time.time() < end:
            time.sleep(min(max(arguments.time / 20, 1), max(end - time.time(), 0)))
            if sensor.poll() is not None or sender.poll() is not None:
                sys.exit("soak: it ended early: " + open(f"{folder}/errors").read()[-2000:])
            # As logrotate does, so that no file eats the disk.
            turn += 1
            for name in ["alerts.log", "eve.json"]:
                if os.path.exists(f"{folder}/{name}"):
                    os.replace(f"{folder}/{name}", f"{folder}/{name}.1")
            sensor.send_signal(signal.SIGHUP)
        samples.end()
        sender.terminate()
        sender.wait()
        sensor.terminate()
        if sensor.wait() != 0:
            sys.exit("soak: the sensor ended with an error: " + open(f"{folder}/errors").read()[-2000:])
        said = re.findall(r"(\d+) packets, (\d+) dropped, (\d+) alerts", open(f"{folder}/errors").read())
        packets, dropped, alerts = map(int, said[-1])
        print(f"live    {arguments.time} s, {packets:,} packets ({packets // max(arguments.time, 1):,} a second), "
              f"{dropped:,} dropped, {alerts:,} alerts, {turn} rotations")
        if packets < arguments.rate * arguments.time / 2:
            return ["live: the sensor read less than half of what was to be sent"] + samples.verdict("live")
        return samples.verdict("live")
    finally:
        for process in [sender, sensor]:
            if process and process.poll() is None:
                process.kill()
                process.wait()
        wire.remove()


def month(binaries, folder, arguments):
    begin = time.time()
    maker = subprocess.Popen(
        [f"{binaries}/minewatch-simulate", "healthy", "-", "--miners", str(arguments.month_miners),
         "--days", str(arguments.days)], stdout=subprocess.PIPE)
    with open(f"{folder}/replayed", "w") as output, open(f"{folder}/summary", "w") as summary:
        reader = subprocess.Popen(
            [f"{binaries}/minewatch", "replay", "--config", POLICY, "--store", f"{folder}/month.db",
             "--evidence", f"{folder}/month", "--eve", "-", "-"], stdin=maker.stdout, stdout=output, stderr=summary)
    maker.stdout.close()
    # How long it takes is not known before: look often, and keep every look.
    samples = Samples(reader.pid, 0.05)
    status = (reader.wait(), maker.wait())
    samples.end()
    if status != (0, 0):
        sys.exit("soak: the replay ended with an error: " + open(f"{folder}/summary").read()[-2000:])
    packets = re.search(r"([\d,]+) packets", open(f"{folder}/summary").read())
    print(f"month   {arguments.days} days of {arguments.month_miners} miners in {time.time() - begin:.0f} s"
          + (f", {packets[1]} packets" if packets else ""))
    return samples.verdict("month")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries")
    parser.add_argument("--time", type=seconds, default=3600)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--rate", type=int, default=50_000)
    parser.add_argument("--miners", type=int, default=2_000)
    parser.add_argument("--month-miners", type=int, default=20)
    arguments = parser.parse_args()
    grew = []
    with tempfile.TemporaryDirectory(prefix="minewatch-soak-") as folder:
        if reason := obstacle():
            print(f"skipped: {reason}")
        else:
            grew += live(arguments.binaries, folder, arguments)
        grew += month(arguments.binaries, folder, arguments)
    if grew:
        sys.exit("soak: " + "; ".join(grew))
    print("flat")


if __name__ == "__main__":
    main()
