#!/usr/bin/env python3
"""Benchmarks the whole engine against the barest libpcap read loop in C, on one synthesised capture, in one run.

    bench.py FOLDER-OF-THE-BINARIES [--miners N] [--packets N] [--runs N] [--check] [--against FOLDER]

Prints packets per CPU second, the ratio to the floor, instructions and allocations a packet (callgrind) and peak memory. Times
are medians of runs taken in turn (floor, engine, floor, engine...), so that a machine whose speed drifts slows both. Last comes the
largest site: 100,000 miners that log in and work, which by our count say 40,000 packets a second.

--check fails when instructions or allocations a packet are over what bench-limits.json allows. These do not depend on what else
the machine does, so a change that costs shows at once. --against runs another build in the same turns and prints how the two compare.
"""
import argparse, collections, json, os, re, statistics, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
LIMITS = os.path.join(HERE, "bench-limits.json")
ALLOCATORS = {"malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc"}

Count = collections.namedtuple("Count", "instructions allocations")


def timed(command):
    """CPU seconds (user and system) and peak memory in MiB of one run, as the kernel accounts them."""
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        sys.exit(f"bench: {' '.join(command)} ended with status {status}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def counted(command):
    """Instructions and allocations of one run, as callgrind counts them."""
    with tempfile.TemporaryDirectory() as folder:
        # valgrind cannot read the debug information of this toolchain's programs: count a copy without it.
        program, profile = f"{folder}/program", f"{folder}/profile"
        subprocess.run(["strip", "-o", program, command[0]], check=True)
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", program, *command[1:]],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        found = re.search(r"Collected : (\d+)", run.stderr)
        if run.returncode != 0 or not found:
            sys.exit(f"bench: callgrind gave no count for {' '.join(command)}, which ended with status {run.returncode}:\n"
                     f"{run.stderr[-2000:]}")
        with open(profile) as lines:
            return Count(int(found.group(1)), allocations(lines))


def allocations(profile):
    """Calls of the allocator in a callgrind profile: a name stands there once and is a number from then on."""
    names, total, callee = {}, 0, None
    for line in profile:
        named = re.match(r"c?fn=\((\d+)\)(?: (.*))?$", line.rstrip("\n"))
        if named:
            number, name = named.groups()
            if name:
                names[number] = name
            callee = names.get(number, "").split("'")[0]
        elif line.startswith("calls=") and callee in ALLOCATORS:
            total += int(line[len("calls="):].split()[0])
    return total


def check(count):
    """Holds a count a packet against the limits. Ends the program when it is over."""
    with open(LIMITS) as file:
        limits = json.load(file)
    over = [f"{value:,.3f} {name} a packet, {limits[name]:,} allowed"
            for name, value in count._asdict().items() if value > limits[name]]
    if over:
        sys.exit("bench: " + "; ".join(over) + f" ({os.path.relpath(LIMITS)}): find out what the change costs")
    print("limits            kept: at most " + ", ".join(f"{limits[name]:,} {name}" for name in Count._fields) + " a packet")


LARGEST = 100_000
NETWORK = "10.20.0.0/16"
LARGEST_RATE = 40_000  # packets a second of so many miners


def widened(policy, folder):
    """A copy of the policy for sites of up to 262,142 miners: beyond the demonstration's network of 65,534 addresses they would be
    strangers to it, of whom less is kept."""
    path = f"{folder}/widened.yaml"
    with open(policy) as file, open(path, "w") as copy:
        text = file.read()
        if NETWORK not in text:
            sys.exit(f"bench: {policy} does not speak of {NETWORK}")
        copy.write(text.replace(NETWORK, "10.20.0.0/14"))
    return path


def largest(binaries, policy, folder, packets):
    """How many times faster than it happens a site of the largest size is read, logins and minutes' ends included."""
    path = f"{folder}/largest.pcap"
    subprocess.run([os.path.join(binaries, "minewatch-simulate"), "healthy", path, "--miners", str(LARGEST),
                    "--packets", str(packets)], check=True)
    cpu, memory = timed([os.path.join(binaries, "minewatch"), "replay", "--config", widened(policy, folder), path])
    os.unlink(path)
    rate = packets / cpu
    print(f"{LARGEST:,} miners    {rate:12,.0f} packets per CPU second, {rate / LARGEST_RATE:.1f} times what they say, "
          f"in {memory:,.0f} MiB")
    return rate


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("binaries")
    options.add_argument("--miners", type=int, default=5_000)
    options.add_argument("--packets", type=int, default=3_000_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--largest-packets", type=int, default=8_000_000)
    options.add_argument("--check", action="store_true")
    options.add_argument("--against", metavar="FOLDER")
    options = options.parse_args()

    policy = os.path.join(HERE, "..", "Configs", "demo.yaml")
    with tempfile.TemporaryDirectory(prefix="minewatch-bench-") as folder:
        def capture(packets):
            path = f"{folder}/{packets}.pcap"
            simulate = os.path.join(options.binaries, "minewatch-simulate")
            subprocess.run([simulate, "healthy", path, "--miners", str(options.miners), "--packets", str(packets)],
                           check=True)
            return path

        floor = f"{folder}/floor"
        subprocess.run(["cc", "-O2", "-o", floor, os.path.join(HERE, "floor.c"), "-lpcap"], check=True)
        programs = {
            "floor": lambda path: [floor, path],
            "engine": lambda path: [os.path.join(options.binaries, "minewatch"), "replay", "--config", policy, path],
        }
        if options.against:
            other = os.path.join(options.against, "minewatch")
            programs["base"] = lambda path: [other, "replay", "--config", policy, path]

        whole = capture(options.packets)
        print(f"capture           {options.packets:,} packets, {options.miners:,} miners, "
              f"{os.path.getsize(whole) / 2**20:,.0f} MiB")
        for command in programs.values():
            timed(command(whole))  # warms the page cache
        runs = {name: [] for name in programs}
        for _ in range(options.runs):
            for name, command in programs.items():
                runs[name].append(timed(command(whole)))

        def ratio(name, to):
            ratios = [a[0] / b[0] for a, b in zip(runs[name], runs[to])]
            return (f"{statistics.median(ratios):12.2f} times the {to} "
                    f"(min {min(ratios):.2f}, max {max(ratios):.2f}, {options.runs} pairs)")

        for name, times in runs.items():
            cpu = statistics.median(seconds for seconds, _ in times)
            print(f"{name:17} {options.packets / cpu:12,.0f} packets per CPU second, "
                  f"{cpu / options.packets * 1e9:5.0f} ns a packet")
        print(f"ratio             {ratio('engine', 'floor')}")
        if options.against:
            print(f"compared          {ratio('engine', 'base')}")
        print(f"peak memory       {max(memory for _, memory in runs['engine']):12.1f} MiB")

        # The difference of two lengths leaves out what starting costs. Past the logins, traffic is steady.
        short, long = capture(200_000), capture(400_000)
        counts = {}
        for name, command in programs.items():
            few, many = counted(command(short)), counted(command(long))
            counts[name] = Count(*((b - a) / 200_000 for a, b in zip(few, many)))
        print("instructions      " + ", ".join(f"{name} {c.instructions:,.0f}" for name, c in counts.items())
              + " a packet (callgrind)")
        print("allocations       " + ", ".join(f"{name} {c.allocations:.4f}" for name, c in counts.items()) + " a packet")
        os.unlink(whole)
        rate = largest(options.binaries, policy, folder, options.largest_packets)
        if options.check:
            if counts["engine"].instructions < counts["floor"].instructions:
                sys.exit("bench: less was counted for the engine than for the floor, which is no measure: run it again")
            check(counts["engine"])
            if rate < LARGEST_RATE:
                sys.exit(f"bench: {LARGEST:,} miners say {LARGEST_RATE:,} packets a second, and {rate:,.0f} were read")


if __name__ == "__main__":
    main()
