#!/usr/bin/env python3
"""Benchmarks the whole engine against the barest libpcap read loop in C, on one synthesised capture, in one run.

    bench.py FOLDER-OF-THE-BINARIES [--miners N] [--packets N] [--runs N]

Prints packets per CPU second, the ratio to the floor, instructions a packet (callgrind) and peak memory. Times are medians
of runs taken in turn (floor, engine, floor, engine...), so that a machine whose speed drifts slows both.
"""
import argparse, os, re, statistics, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def timed(command):
    """CPU seconds (user and system) and peak memory in MiB of one run, as the kernel accounts them."""
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        sys.exit(f"bench: {' '.join(command)} ended with status {status}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def instructions(command):
    with tempfile.TemporaryDirectory() as folder:
        # valgrind cannot read the debug information of this toolchain's programs: count a copy without it.
        program = f"{folder}/program"
        subprocess.run(["strip", "-o", program, command[0]], check=True)
        command = [program, *command[1:]]
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", *command],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    found = re.search(r"Collected : (\d+)", run.stderr)
    if not found:
        sys.exit(f"bench: callgrind gave no count for {' '.join(command)}:\n{run.stderr[-2000:]}")
    return int(found.group(1))


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("binaries")
    options.add_argument("--miners", type=int, default=5_000)
    options.add_argument("--packets", type=int, default=3_000_000)
    options.add_argument("--runs", type=int, default=5)
    options = options.parse_args()

    minewatch, simulate = (os.path.join(options.binaries, name) for name in ("minewatch", "minewatch-simulate"))
    policy = os.path.join(HERE, "..", "Configs", "demo.yaml")
    with tempfile.TemporaryDirectory(prefix="minewatch-bench-") as folder:
        def capture(packets):
            path = f"{folder}/{packets}.pcap"
            subprocess.run([simulate, "healthy", path, "--miners", str(options.miners), "--packets", str(packets)],
                           check=True)
            return path

        floor = f"{folder}/floor"
        subprocess.run(["cc", "-O2", "-o", floor, os.path.join(HERE, "floor.c"), "-lpcap"], check=True)
        def engine(path):
            return [minewatch, "replay", "--config", policy, path]

        whole = capture(options.packets)
        print(f"capture           {options.packets:,} packets, {options.miners:,} miners, "
              f"{os.path.getsize(whole) / 2**20:,.0f} MiB")
        timed([floor, whole]); timed(engine(whole))  # warm the page cache
        floors, engines = [], []
        for _ in range(options.runs):
            floors.append(timed([floor, whole]))
            engines.append(timed(engine(whole)))
        floor_cpu = statistics.median(cpu for cpu, _ in floors)
        engine_cpu = statistics.median(cpu for cpu, _ in engines)
        ratios = [e[0] / f[0] for e, f in zip(engines, floors)]
        print(f"floor             {options.packets / floor_cpu:12,.0f} packets per CPU second, "
              f"{floor_cpu / options.packets * 1e9:5.0f} ns a packet")
        print(f"engine            {options.packets / engine_cpu:12,.0f} packets per CPU second, "
              f"{engine_cpu / options.packets * 1e9:5.0f} ns a packet")
        print(f"ratio             {statistics.median(ratios):12.2f} times the floor "
              f"(min {min(ratios):.2f}, max {max(ratios):.2f}, {options.runs} pairs)")
        print(f"peak memory       {max(memory for _, memory in engines):12.1f} MiB")

        # The difference of two lengths leaves out what starting costs. Past the logins, traffic is steady.
        short, long = capture(200_000), capture(400_000)
        def per_packet(command):
            return (instructions(command(long)) - instructions(command(short))) / 200_000
        print(f"instructions      {per_packet(engine):12,.0f} a packet, floor "
              f"{per_packet(lambda path: [floor, path]):,.0f} (callgrind)")


if __name__ == "__main__":
    main()
