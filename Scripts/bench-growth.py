#!/usr/bin/env python3
"""Shows how a packet's cost and the memory grow with the site, as Markdown, and whether a new block's burst passes a wire without a drop.

    bench-growth.py FOLDER-OF-THE-BINARIES [--runs N] [--burst] [--only-burst]

A site is measured at two lengths, in turn. What lies between them is the site at work, without what starting and the logins cost; so
are the instructions (callgrind), which tell a longer way from longer waits for memory: where instructions stay and time grows,
the difference is what cache misses cost.

Flows are opened by handshakes alone, first while the flow table has room and then when it is full, to a million of them. A full table
has to put one out for each that comes: the program must hold as many as `minewatch check` promises, no more and no less, in no more
memory than it promises, and say what it put out. It fails where it does not.

--burst sends 125,000 miners' logins over a veth pair and then, as fast as tcpreplay can, the second in which a block is found: a job
for each of them and their shares, some 300,000 packets. The sensor runs with its default buffer and may drop none. It needs root and
tcpreplay, and says so where they are not.
"""
import argparse, collections, os, re, statistics, struct, subprocess, sys, tempfile, time

import bench, flood, soak

# From where on the site is at work, in units of what `more` counts: packets of a healthy site, flows of a flood.
Site = collections.namedtuple("Site", "name arguments count_option start more packets_each counted_more")
SITES = [
    Site("100 miners", ["healthy", "--miners", "100"], "--packets", 50_000, 3_000_000, 1, 200_000),
    Site("5,000 miners", ["healthy", "--miners", "5000"], "--packets", 250_000, 3_000_000, 1, 200_000),
    Site("100,000 miners", ["healthy", "--miners", "100000"], "--packets", 4_000_000, 4_000_000, 1, 200_000),
    Site("handshakes, the flow table has room", ["flooded", "half-open"], "--count", 60_000, 200_000, 3, 70_000),
    Site("handshakes up to 1,000,000, it is full", ["flooded", "half-open"], "--count", 300_000, 700_000, 3, 70_000),
]
FLOWS = SITES[-1].start + SITES[-1].more
BURST_MINERS, BURST_SECOND = 125_000, 30


def capture(binaries, site, count, folder):
    path = f"{folder}/{count}.pcap"
    kind, *rest = site.arguments
    positional = [] if kind == "healthy" else [rest.pop(0)]
    subprocess.run([f"{binaries}/minewatch-simulate", kind, *positional, path, *rest, site.count_option, str(count)], check=True)
    return path


def row(binaries, policy, site, runs, folder):
    """Measures a site, prints its row and returns the peak memory in MiB."""
    def replay(path):
        return [f"{binaries}/minewatch", "replay", "--config", policy, path]

    short, long = (capture(binaries, site, site.start + more, folder) for more in [0, site.more])
    times = []
    for _ in range(runs):
        (less, _), (more, peak) = bench.timed(replay(short)), bench.timed(replay(long))
        times.append((more - less, more, peak))
    os.unlink(long)
    further = capture(binaries, site, site.start + site.counted_more, folder)
    few, many = bench.counted(replay(short)), bench.counted(replay(further))
    os.unlink(short)
    os.unlink(further)
    at_work, whole = (statistics.median(column) for column in list(zip(*times))[:2])
    memory = max(peak for _, _, peak in times)
    packets, all_packets = site.more * site.packets_each, (site.start + site.more) * site.packets_each
    print(f"| {site.name} | {packets / at_work:,.0f} | {at_work / packets * 1e9:.0f} ns | "
          f"{(many.instructions - few.instructions) / site.counted_more / site.packets_each:,.0f} | "
          f"{all_packets / whole:,.0f} | {memory:,.0f} MiB |", flush=True)
    return memory


def full_table(binaries, policy, memory, folder):
    """Whether a full flow table holds what was promised. Prints what it holds and what was put out; returns what is wrong."""
    path = capture(binaries, SITES[-1], FLOWS, folder)
    summary = subprocess.run([f"{binaries}/minewatch", "replay", "--config", policy, path], check=True, capture_output=True, text=True).stdout
    os.unlink(path)
    checked = subprocess.run([f"{binaries}/minewatch", "check", "--config", policy], check=True, capture_output=True, text=True).stdout
    table, promised = int(re.search(r"flows: (\d+) flows", checked)[1]), flood.promised(f"{binaries}/minewatch")
    said = re.search(r"([\d,]+) flows put out of a full table", summary)
    put_out = int(said[1].replace(",", "")) if said else 0
    # One session more: the miner that switches pools behind a flood.
    held = FLOWS + 1 - put_out
    print(f"\nflows: of {FLOWS + 1:,} opened, the table put {put_out:,} out and held {held:,} of {table:,}; {memory:,.0f} MiB of "
          f"{promised:,} promised", flush=True)
    wrong = []
    if held != table:
        wrong.append(f"flows: {held:,} were held, {table:,} promised")
    if memory > promised:
        wrong.append(f"flows: {memory:,.0f} MiB, {promised:,} promised")
    if "pool.unlisted" not in summary or "monitor.overload" not in summary:
        wrong.append("flows: the switch behind them, or that the table was full, was not told")
    return wrong


def split(path, second, before, burst):
    """Cuts a capture where the block is found, and takes the second that begins there. Returns how many packets each part has."""
    counts = [0, 0]
    with open(path, "rb", 1 << 20) as file, open(before, "wb", 1 << 20) as first, open(burst, "wb", 1 << 20) as then:
        header = file.read(24)
        (magic,) = struct.unpack_from("<I", header)
        unit = {0xa1b2c3d4: 1_000_000, 0xa1b23c4d: 1_000_000_000}[magic]
        parts, start = [first, then], None
        for part in parts:
            part.write(header)
        while record := file.read(16):
            seconds, fraction, length, _ = struct.unpack("<IIII", record)
            at = seconds * unit + fraction
            start = at if start is None else start
            index = 0 if at < start + second * unit else 1
            data = file.read(length)
            if index == 1 and at >= start + (second + 1) * unit:
                break
            parts[index].write(record + data)
            counts[index] += 1
    return counts


def send(wire, path, *rate):
    """Sends a capture from memory. Returns the seconds that it took."""
    said = subprocess.run(
        ["ip", "netns", "exec", wire.namespace, "tcpreplay", "-K", *rate, f"--intf1={wire.far}", path],
        check=True, capture_output=True, text=True).stdout
    return float(re.search(r"sent in ([\d.]+) seconds", said)[1])


def burst(binaries, folder):
    if reason := soak.obstacle():
        print(f"burst: skipped: {reason}")
        return []
    whole, before, then = (f"{folder}/{name}.pcap" for name in ["whole", "before", "burst"])
    # As many packets as the logins and the seconds up to the block's end bring, and some more.
    subprocess.run([f"{binaries}/minewatch-simulate", "healthy", whole, "--miners", str(BURST_MINERS), "--packets", "6000000",
                    "--block", str(BURST_SECOND)], check=True)
    counts = split(whole, BURST_SECOND, before, then)
    os.unlink(whole)
    wire, sensor = soak.Wire(), None
    try:
        with open(f"{folder}/errors", "w") as errors:
            sensor = subprocess.Popen(
                [f"{binaries}/minewatch", "run", "--config", bench.widened(soak.policy(folder), folder), "--interface", wire.near], stderr=errors)
        while "watching" not in open(f"{folder}/errors").read():
            if sensor.poll() is not None:
                return ["burst: the sensor ended: " + open(f"{folder}/errors").read()]
            time.sleep(0.1)
        send(wire, before, "--pps=40000")
        seconds = send(wire, then, "--topspeed")
        time.sleep(2)
        sensor.terminate()
        sensor.wait()
        packets, dropped = map(int, re.findall(r"(\d+) packets, (\d+) dropped", open(f"{folder}/errors").read())[-1])
        print(f"burst: {counts[1]:,} packets in {seconds:.2f} s, {os.path.getsize(then) / 2**20:,.0f} MiB, after {counts[0]:,} of "
              f"{BURST_MINERS:,} miners' logins; {packets:,} read, {dropped:,} dropped, default buffer")
        wrong = []
        if dropped:
            wrong.append(f"burst: {dropped:,} packets were dropped")
        if packets < sum(counts):
            wrong.append(f"burst: {sum(counts):,} packets were sent, {packets:,} read")
        if seconds > 1:
            wrong.append(f"burst: the sender took {seconds:.2f} s: this machine is too slow to tell")
        return wrong
    finally:
        if sensor and sensor.poll() is None:
            sensor.kill()
            sensor.wait()
        wire.remove()


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("binaries")
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--burst", action="store_true")
    options.add_argument("--only-burst", action="store_true")
    options = options.parse_args()
    wrong = []
    with tempfile.TemporaryDirectory(prefix="minewatch-growth-") as folder:
        if not options.only_burst:
            print("| site | packets per CPU second, at work | a packet | instructions a packet | with its start | peak memory |")
            print("|---|---|---|---|---|---|")
            policy = bench.widened(soak.POLICY, folder)
            for site in SITES:
                memory = row(options.binaries, policy, site, options.runs, folder)
            wrong += full_table(options.binaries, policy, memory, folder)
        if options.burst or options.only_burst:
            wrong += burst(options.binaries, folder)
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
