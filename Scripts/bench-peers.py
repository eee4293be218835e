#!/usr/bin/env python3
"""Packets per CPU second of other programs on the benchmark's capture, beside Minewatch's, as a Markdown table.

    bench-peers.py FOLDER-OF-THE-BINARIES [--miners N] [--packets N] [--runs N]

ndpiReader and tshark are Debian's; Suricata, Snort and Zeek take part where a machine has them, with what stands in Benchmarks/peers.
All run in turn over the same file, one core each, and medians are told. What they do differs: ndpiReader looks at the first packets
of a flow and names it, tshark takes every packet apart, Suricata, Snort and Zeek search streams for rules; Minewatch reads every message.
"""
import argparse, datetime, os, platform, re, shutil, statistics, subprocess, tempfile

from bench import timed

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = os.path.join(HERE, "..", "Benchmarks", "peers")
POLICY = os.path.join(HERE, "..", "Configs", "demo.yaml")


def programs(binaries, folder):
    """Name, version command, and command line for a capture, of what this machine has."""
    rows = [
        ("minewatch", [os.path.join(binaries, "minewatch"), "--version"],
         lambda path: [os.path.join(binaries, "minewatch"), "replay", "--config", POLICY, path]),
        # -q: no report of each flow.
        ("ndpiReader", ["ndpiReader", "-h"], lambda path: ["ndpiReader", "-q", "-i", path]),
        # Two passes and names would cost more; -q -z: statistics only, which reads every packet all the same.
        ("tshark", ["tshark", "--version"], lambda path: ["tshark", "-n", "-q", "-z", "io,stat,0", "-r", path]),
        ("suricata", ["suricata", "-V"],
         lambda path: ["suricata", "-c", f"{PEERS}/suricata.yaml", "-S", f"{PEERS}/suricata.rules", "-k", "none",
                       "--runmode", "single", "-l", folder, "-r", path]),
        ("snort", ["snort", "-V"],
         lambda path: ["snort", "-c", f"{PEERS}/snort.lua", "-R", f"{PEERS}/snort.rules", "-k", "none", "-q", "-A", "none",
                       "-r", path]),
        ("zeek", ["zeek", "--version"], lambda path: ["zeek", "-b", "-C", "-r", path, f"{PEERS}/mining.zeek"]),
    ]
    return [row for row in rows if shutil.which(row[1][0])]


def version(command):
    """The first version number in what a program says of itself."""
    said = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"\d+(?:\.\d+)+", said.stdout + said.stderr)
    return found.group(0) if found else "?"


def processor():
    with open("/proc/cpuinfo") as lines:
        return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("binaries")
    options.add_argument("--miners", type=int, default=5_000)
    options.add_argument("--packets", type=int, default=3_000_000)
    options.add_argument("--runs", type=int, default=3)
    options = options.parse_args()
    options.binaries = os.path.abspath(options.binaries)

    with tempfile.TemporaryDirectory(prefix="minewatch-peers-") as folder:
        path = f"{folder}/site.pcap"
        subprocess.run([os.path.join(options.binaries, "minewatch-simulate"), "healthy", path, "--miners",
                        str(options.miners), "--packets", str(options.packets)], check=True)
        os.chdir(folder)  # Zeek writes its logs where it stands.
        rows = programs(options.binaries, folder)
        times = {name: [] for name, _, _ in rows}
        for _, _, command in rows:
            timed(command(path))  # warms the page cache, and shows a program that does not run
        for _ in range(options.runs):
            for name, _, command in rows:
                times[name].append(timed(command(path)))

        rates = {name: options.packets / statistics.median(cpu for cpu, _ in runs) for name, runs in times.items()}
        print(f"{options.packets:,} packets of {options.miners:,} miners; {processor()}, {os.cpu_count()} cores; "
              f"{datetime.date.today()}; medians of {options.runs} runs in turn\n")
        print("| program | packets per CPU second | Minewatch reads | peak memory | command |")
        print("|---|---|---|---|---|")
        for name, about, command in rows:
            shown = " ".join(os.path.basename(word) if "/" in word else word for word in command(path))
            memory = max(memory for _, memory in times[name])
            print(f"| {name} {version(about)} | {rates[name]:,.0f} | {rates['minewatch'] / rates[name]:.1f} times as many | "
                  f"{memory:,.0f} MiB | `{shown}` |")


if __name__ == "__main__":
    main()
