"""measure.py LIBRARY [--seconds N] [--rounds N] [--budget MIB] - see `run`."""
import argparse
import multiprocessing
import os
import re
import socket
import statistics
import subprocess
import tempfile
import time

MIB = 1024 * 1024
CLIENTS = 200
STEP = b"x" * 100_000
# Long, so that one look of the server's at its input asks for little.
KEY = b"k" * 1000
VALUE = b"v" * 3000
TRIALS = {"no attack": (False, False), "attack, budget": (True, True), "attack": (True, False)}


def command(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


def connect(port):
    link = socket.create_connection(("127.0.0.1", port), timeout=30)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return link


def receive(link, length):
    got = b""
    while len(got) < length:
        part = link.recv(length - len(got))
        if not part:
            raise ConnectionError("the server closed a well-behaved connection")
        got += part
    return got


class Server:
    """Ended by its own id."""

    def __init__(self, library, budget):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        added = {"LD_PRELOAD": os.path.abspath(library), "CONNARENA_SMALL": "on"}
        if budget:
            added["CONNARENA_BUDGET"] = str(budget)
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
             "--dir", self.folder.name], env={**os.environ, **added}, cwd=self.folder.name,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        for _ in range(1000):
            try:
                connect(self.port).close()
                return self
            except OSError:
                time.sleep(0.01)
        raise RuntimeError("redis-server does not listen")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()

    def peak_mib(self):
        status = open(f"/proc/{self.process.pid}/status").read()
        return int(re.search(r"^VmHWM:\s+(\d+)", status, re.M).group(1)) / 1024


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
            key = b"calm%d" % i
            starts.append(time.perf_counter())
            link.sendall(command(b"SET", key, VALUE) + command(b"GET", key))
        expected = b"+OK\r\n$%d\r\n%s\r\n" % (len(VALUE), VALUE)
        for start, link in zip(starts, links):
            if receive(link, len(expected)) != expected:
                raise RuntimeError("a wrong answer")
            seen.append(time.perf_counter() - start)
    return seen


def trial(arguments, is_attacked, is_bounded):
    budget = arguments.budget * MIB if is_bounded else 0
    with Server(arguments.library, budget) as server:
        with connect(server.port) as link:
            link.sendall(command(b"SET", KEY, STEP))
            receive(link, 5)
        latencies(server.port, 0.5)
        before = server.peak_mib()
        attacker = multiprocessing.Process(target=attack, args=(server.port, arguments.seconds))
        if is_attacked:
            attacker.start()
        seen = latencies(server.port, arguments.seconds)
        if is_attacked:
            attacker.join()
        return statistics.quantiles(seen, n=100)[98] * 1e6, server.peak_mib() - before


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
