#!/usr/bin/env python3
"""Floods the released program with a million of each thing that a sender can multiply, and holds it to its promises.

    flood.py FOLDER-OF-THE-BINARIES [--count N] [kind...]

For each flood: the replay ends, memory stays inside what `minewatch check` adds up to, where a table filled up monitor.overload says
so, the log stays one that can be read, and the miner that switches pools behind the flood is still told. Last come files that are
over their bounds: these are refused.
"""
import argparse, collections, os, re, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
POLICY = os.path.join(HERE, "..", "Configs", "demo.yaml")

# Floods of a million that must reach a bound of the monitor's. The others cost it nothing that lasts.
OVERLOADED = {"syns", "half-open", "fragments", "names", "macs", "users", "ids", "holes", "commands"}

# Alerts that a flood may bring in the minutes that it lasts: a thousand of a rule are told one by one.
ALERTS = 10_000

ALERT = re.compile(r'"event_type":"alert".*"rule":"([^"]+)"')


def run(command):
    """Exit code, alerts by rule, CPU seconds and peak memory in MiB of a program that writes events to its output."""
    with tempfile.TemporaryFile("w+") as output:
        pid = os.posix_spawnp(command[0], command, os.environ, file_actions=[
            (os.POSIX_SPAWN_DUP2, output.fileno(), 1), (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)])
        _, status, usage = os.wait4(pid, 0)
        output.seek(0)
        # There may be a million events: they are looked through, not parsed.
        raised = collections.Counter(named[1] for line in output if (named := ALERT.search(line)))
        return os.waitstatus_to_exitcode(status), raised, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def promised(minewatch):
    """What all tables together may take, in MiB, as `minewatch check` says."""
    said = subprocess.run([minewatch, "check", "--config", POLICY], capture_output=True, text=True).stdout
    return int(re.search(r"all tables full: (\d+) MiB", said).group(1))


def flood(binaries, kind, count, bound, folder):
    path = f"{folder}/{kind}.pcap"
    subprocess.run([f"{binaries}/minewatch-simulate", "flooded", kind, path, "--count", str(count)], check=True)
    packets = os.path.getsize(path)
    code, raised, cpu, memory = run([f"{binaries}/minewatch", "replay", "--config", POLICY, "--eve", "-", path])
    os.unlink(path)
    wrong = []
    if code != 0:
        wrong.append(f"exit code {code}")
    if memory > bound:
        wrong.append(f"{memory:.0f} MiB of {bound} promised")
    if raised.total() > ALERTS:
        wrong.append(f"more than {ALERTS:,} alerts")
    if "pool.unlisted" not in raised:
        wrong.append("the switch behind it was not told")
    if kind in OVERLOADED and "monitor.overload" not in raised:
        wrong.append("no monitor.overload")
    print(f"{kind:10} {cpu:6.1f} s CPU, {memory:5.0f} MiB, {packets / 2**20:4.0f} MiB read, "
          f"{raised.total():,} alerts{': ' + '; '.join(wrong) if wrong else ''}", flush=True)
    return not wrong


def refused(binaries, folder):
    """Lists over their bound: the policy is refused (exit code 78), with a sentence."""
    sizes = {"indicators": 1_000_000}
    kept = True
    for row, size in sizes.items():
        with open(f"{folder}/list.txt", "w") as file:
            file.writelines(f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}:{n >> 24 or 1}\n" for n in range(size + 1))
        with open(POLICY) as policy, open(f"{folder}/policy.yaml", "w") as file:
            file.write(policy.read() + "\ndetection:\n  indicators: [list.txt]\n")
        done = subprocess.run([f"{binaries}/minewatch", "check", "--config", f"{folder}/policy.yaml"], capture_output=True, text=True)
        is_told = done.returncode == 78 and "more than" in done.stdout + done.stderr
        print(f"{row:10} a list of {size + 1:,} is {'refused' if is_told else 'NOT refused: ' + done.stderr[:200]}")
        kept = kept and is_told
    return kept


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("binaries")
    options.add_argument("--count", type=int, default=1_000_000)
    options.add_argument("kinds", nargs="*")
    options = options.parse_args()
    usage = subprocess.run([f"{options.binaries}/minewatch-simulate", "flooded", "--help"], capture_output=True, text=True).stdout
    kinds = options.kinds or re.search(r"Of what: ([^.]*)\.", " ".join(usage.split())).group(1).split(", ")
    with tempfile.TemporaryDirectory(prefix="minewatch-flood-") as folder:
        bound = promised(f"{options.binaries}/minewatch")
        results = [flood(options.binaries, kind, options.count, bound, folder) for kind in kinds]
        if not options.kinds:
            results.append(refused(options.binaries, folder))
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
