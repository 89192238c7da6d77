"""measure.py LIBRARY [--seconds N] [--rounds N] [--budget MIB] - see `run`."""
import argparse
import multiprocessing
import os
import re
import statistics
import time

import redis_server
from own_server import OwnServer, connect, receive
from redis_server import command

MIB = 1024 * 1024
CLIENTS = 200
STEP = b"x" * 100_000
# Long, so that one look of the server's at its input asks for little.
KEY = b"k" * 1000
VALUE = b"v" * 3000
TRIALS = {"no attack": (False, False), "attack, budget": (True, True), "attack": (True, False)}


def server(library, budget):
    added = {"LD_PRELOAD": os.path.abspath(library), "CONNARENA_SMALL": "on"}
    if budget:
        added["CONNARENA_BUDGET"] = str(budget)
    return OwnServer(redis_server.words_for, {**os.environ, **added})


def peak_mib(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        return int(re.search(r"^VmHWM:\s+(\d+)", status.read(), re.M).group(1)) / 1024


def attack(port, seconds):
    """Two at a time, which come again when they are sent away; 200 MiB each at most."""
    end = time.monotonic() + seconds
    endless = b"$%d\r\n%s\r\n" % (len(STEP), STEP)
    kinds = [(b"", command(b"GET", KEY)), (b"*1000000\r\n", endless)]
    links = [None] * len(kinds)
    steps = [0] * len(kinds)
    while time.monotonic() < end:
        for i, (beginning, step) in enumerate(kinds):
            try:
                if links[i] is None:
                    links[i], steps[i] = connect(port), 0
                    links[i].sendall(beginning)
                if steps[i] < 200 * MIB // len(STEP):
                    links[i].sendall(step)
                    steps[i] += 1
            except OSError:
                links[i] = None
        time.sleep(0.002)


def latencies(port, seconds):
    """All clients ask at the same time, and again when all have their answers."""
    links = [connect(port) for _ in range(CLIENTS)]
    seen = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        starts = []
        for i, link in enumerate(links):
            request, expected = redis_server.set_and_get(b"calm%d" % i, VALUE)
            starts.append(time.perf_counter())
            link.sendall(request)
        for start, link in zip(starts, links):
            if receive(link, len(expected)) != expected:
                raise RuntimeError("a wrong answer")
            seen.append(time.perf_counter() - start)
    return seen


def trial(arguments, is_attacked, is_bounded):
    budget = arguments.budget * MIB if is_bounded else 0
    with server(arguments.library, budget) as redis:
        with connect(redis.port) as link:
            link.sendall(command(b"SET", KEY, STEP))
            receive(link, 5)
        latencies(redis.port, 0.5)
        before = peak_mib(redis)
        attacker = multiprocessing.Process(target=attack, args=(redis.port, arguments.seconds))
        if is_attacked:
            attacker.start()
        seen = latencies(redis.port, arguments.seconds)
        if is_attacked:
            attacker.join()
        return statistics.quantiles(seen, n=100)[98] * 1e6, peak_mib(redis) - before


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--budget", type=int, default=64)
    arguments = parser.parse_args()
    found = {name: [] for name in TRIALS}
    for _ in range(arguments.rounds):
        for name, how in TRIALS.items():
            found[name].append(trial(arguments, *how))
    alone = statistics.median(p99 for p99, _ in found["no attack"])
    print(f"{CLIENTS} clients, budget {arguments.budget} MiB, medians of {arguments.rounds}\n")
    print("| | p99, µs | to no attack | peak above before, MiB |\n|:--|--:|--:|--:|")
    for name, results in found.items():
        p99 = statistics.median(p for p, _ in results)
        peak = statistics.median(m for _, m in results)
        print(f"| {name} | {p99:.0f} | {p99 / alone:.2f} | {peak:.1f} |")


main()
