"""measure.py PROGRAMS LIBRARY [--rounds N] [--shapes NAMES] [--save] - see `run`."""
import argparse
import collections
import os
import re
import statistics
import subprocess
import tempfile
import time

TICKS = os.sysconf("SC_CLK_TCK")
MIB = 1024 * 1024
ALLOCATORS = {
    "glibc": {},
    "jemalloc-bg": {"LD_PRELOAD": "libjemalloc.so.2", "MALLOC_CONF": "background_thread:true"},
    "mimalloc": {"LD_PRELOAD": "libmimalloc.so.2"},
    "tcmalloc": {"LD_PRELOAD": "libtcmalloc_minimal.so.4"},
}
REFERENCES = ["glibc", "jemalloc-bg"]  # what is to be reached is the better of the two
Load = collections.namedtuple("Load", "shape connections kib bursts gap_ms")
Figures = collections.namedtuple("Figures", "cpu rate faults peak after")

# About as many bytes each, so that no trial is short; few bursts where there are gaps.
LOADS = [Load("threads", connections, kib, max(8, (4 << 20) // (connections * kib)), 0)
         for connections in (16, 64, 1000) for kib in (16, 64, 256, 1024)]
LOADS += [Load("loop", 64, 256, 40, gap_ms) for gap_ms in (0, 20, 50, 100, 200, 400)]


def title(load):
    size = f"{load.kib} KiB" if load.kib < 1024 else f"{load.kib // 1024} MiB"
    if load.shape == "threads":
        return f"{load.connections:,} threads, {size}"
    return f"loop, bursts of {load.connections} × {size}, {load.gap_ms} ms apart"


def stat_of(pid):
    """Seconds on a processor and page faults so far."""
    fields = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS, int(fields[7])


def kilobytes(pid, file, field):
    return int(re.search(rf"^{field}:\s+(\d+)", open(f"/proc/{pid}/{file}").read(), re.M).group(1))


class Server:
    """Ended by its own id."""

    def __init__(self, programs, shape, added, tracing=()):
        assignments = [f"{name}={value}" for name, value in added.items()]
        self.process = subprocess.Popen(
            [*tracing, "env", *assignments, os.path.join(programs, "server"), shape],
            stdout=subprocess.PIPE, text=True)
        self.port = self.process.stdout.readline().split()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class Client:
    def __init__(self, programs, port, load):
        self.process = subprocess.Popen(
            [os.path.join(programs, "client"), port, str(load.connections),
             str(load.kib * 1024), str(load.bursts), str(load.gap_ms)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("measure: a client failed")
        return line.strip()

    def go_on(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def end(self):
        self.go_on()
        if self.process.wait() != 0:
            raise SystemExit("measure: a client failed")


def trial(programs, load, added):
    replies = load.connections * load.bursts
    with Server(programs, load.shape, added) as server:
        pid = server.process.pid
        client = Client(programs, server.port, load)
        client.hear()
        cpu, faults = stat_of(pid)
        client.go_on()
        seconds = float(client.hear())
        cpu, faults = (now - before for now, before in zip(stat_of(pid), (cpu, faults)))
        client.end()
        time.sleep(1)
        return Figures(cpu / replies * 1e6, replies / seconds, faults / replies,
                       kilobytes(pid, "status", "VmHWM") * 1024 / MIB,
                       kilobytes(pid, "smaps_rollup", "Rss") * 1024 / MIB)


def system_calls(programs, load, added):
    """Of a reply, in a run of its own: the counting slows it."""
    with tempfile.NamedTemporaryFile("r") as counts:
        tracing = ["strace", "-f", "-c", "-qq", "-o", counts.name]
        with Server(programs, load.shape, added, tracing) as server:
            client = Client(programs, server.port, load)
            client.hear()
            client.go_on()
            client.hear()
            client.end()
            children = f"/proc/{server.process.pid}/task/{server.process.pid}/children"
            os.kill(int(open(children).read().split()[0]), 15)
            server.process.wait()
        total = re.search(r"^100\.00 +\S+ +\d* +(\d+)", counts.read(), re.M).group(1)
        return int(total) / (load.connections * (load.bursts + 2))


def spread(values, form):
    return f"{statistics.median(values):{form}} ({min(values):{form}}-{max(values):{form}})"


def ratio_to_better(trials, name, figure, better):
    """Round by round, to the better of the references in that round."""
    references = [[getattr(each, figure) for each in trials[peer]] for peer in REFERENCES]
    return [getattr(mine, figure) / better(*theirs)
            for mine, *theirs in zip(trials[name], *references)]


def row(load, name, trials, calls):
    cpu = ratio_to_better(trials, name, "cpu", min)
    rate = ratio_to_better(trials, name, "rate", max)
    median = {field: statistics.median(getattr(each, field) for each in trials[name])
              for field in Figures._fields}
    return (f"| {title(load)} | {name} | {median['cpu']:.1f} | {spread(cpu, '.2f')} | "
            f"{median['rate']:,.0f} | {spread(rate, '.2f')} | {median['faults']:.2f} | "
            f"{calls:.1f} | {median['peak']:.1f} | {median['after']:.1f} |")


HEADING = """| load | allocator | CPU µs/reply | by the better | replies/s | by the better | faults/reply | calls/reply | peak | +1 s |
|:--|:--|--:|--:|--:|--:|--:|--:|--:|--:|"""


def measure(programs, library, loads, rounds):
    allocators = {**ALLOCATORS, "connarena": {"LD_PRELOAD": library}}
    rows = [HEADING]
    print(HEADING)
    for load in loads:
        trials = {name: [] for name in allocators}
        for _ in range(rounds):
            for name, added in allocators.items():
                trials[name].append(trial(programs, load, added))
        for name, added in allocators.items():
            rows.append(row(load, name, trials, system_calls(programs, load, added)))
            print(rows[-1], flush=True)
    return "\n".join(rows) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs")
    parser.add_argument("library")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--shapes", default="threads,loop")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    loads = [each for each in LOADS if each.shape in options.shapes.split(",")]
    table = measure(options.programs, os.path.abspath(options.library), loads, options.rounds)
    if options.save and len(loads) == len(LOADS):
        with open("docs/replies.md", "w") as file:
            file.write(f"""# Large replies

A server that makes a block for each reply, fills it, sends it and frees it, by a blocking
thread for each connection, or by an event loop that frees a burst's blocks together.
Written by `./bench/replies/run --save`: the medians of {options.rounds} rounds, in which the
allocators follow one another; in brackets the range. *By the better*: divided by the better
of glibc and jemalloc with its background thread in the same round. Memory in MiB: at its
peak, and 1 s after all connections closed. System calls are of one more run, under strace.

""" + table)


main()
