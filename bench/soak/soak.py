"""soak.py LAUNCHER [--samples FILE] and the options of `run` - see there."""
import argparse
import contextlib
import csv
import multiprocessing
import os
import random
import signal
import statistics
import sys
import textwrap
import time

import clients
import watched
from slope import slope

MIB = 1024 * 1024
MOST_MIB_AN_HOUR = 8
# Later than the library has given back what nobody wants.
QUIET_SECONDS = 2


class Misbehaving:
    """One at a time, killed in the middle of whatever it does."""

    def __init__(self, redis, nginx, pause):
        self.ways = [(clients.burst, redis.server.port), (clients.read_slowly, redis.server.port),
                     (clients.reset, redis.server.port), (clients.reset, redis.server.port),
                     (clients.take_all_descriptors, redis.server.port, watched.DESCRIPTORS),
                     (clients.take_all_descriptors, nginx.server.port, watched.DESCRIPTORS),
                     (clients.take_all_memory, nginx.server.port)]
        self.pause = pause
        self.chance = random.Random(1)
        self.killed = 0
        self.next()

    def next(self):
        arguments = (self.ways, self.killed, self.pause)
        self.process = multiprocessing.Process(target=clients.misbehave, args=arguments,
                                               daemon=True)
        self.process.start()
        self.until = time.monotonic() + self.chance.uniform(0.2, 1) * 10 * self.pause

    def kill(self):
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.join()
        self.killed += 1

    def kill_in_time(self):
        if time.monotonic() >= self.until:
            self.kill()
            self.next()


class Samples:
    """Rows of seconds and, for each server, what it holds; written as they come."""

    def __init__(self, servers, file):
        self.servers = servers
        self.rows = []
        self.file = file
        self.written = csv.writer(file)
        columns = [f"{server.name} {figure}" for server in servers
                   for figure in (*server.FIGURES, "connections")]
        self.written.writerow(["seconds", *columns])

    def take(self, seconds):
        self.rows.append([round(seconds, 1)])
        for server in self.servers:
            self.rows[-1] += server.look()
        self.written.writerow(self.rows[-1])
        self.file.flush()

    def column(self, server, figure, since):
        index = 1 + self.servers.index(server) * (len(server.FIGURES) + 1) + figure
        return [row[index] for row in self.rows if row[0] >= since]


def well_behaved(redis, nginx, options, calm):
    half = options.clients // 2
    return [multiprocessing.Process(target=use, args=(server.server.port, i, calm), daemon=True)
            for i, (use, server) in enumerate([(clients.use_redis, redis)] * half +
                                              [(clients.use_nginx, nginx)] * half)]


def soak(redis, nginx, options, samples):
    """Who was wronged, and how much else was done."""
    start = time.monotonic()
    everybody = multiprocessing.Barrier(options.clients // 2 * 2 + 1, timeout=120)
    wronged, refused = multiprocessing.Queue(), multiprocessing.Value("L", 0)
    calm = clients.Calm(everybody, start + options.seconds, options.pause, wronged, refused)
    good = well_behaved(redis, nginx, options, calm)
    for each in good:
        each.start()
    everybody.wait()
    bad = Misbehaving(redis, nginx, options.pause)
    every = max(0.25, options.seconds / 720)
    while not calm.is_over() and not (redis.has_ended() or nginx.has_ended()):
        samples.take(time.monotonic() - start)
        next_look = time.monotonic() + every
        while time.monotonic() < next_look:
            bad.kill_in_time()
            time.sleep(0.05)
    bad.kill()
    for each in good:
        each.join()
    errors = []
    while not wronged.empty():
        errors.append(wronged.get())
    errors += [f"{server.name} ended by itself: {server.server.process.returncode}"
               for server in (redis, nginx) if server.has_ended()]
    return errors, [f"In {options.seconds:.0f} s {bad.killed} clients were killed",
                    f"nginx refused {refused.value} requests of those that behave well"]


def slope_cell(times, sizes, level_of):
    """What a table says of a slope, in an hour, and its interval's lower end."""
    found = slope(times, sizes, level_of)
    if found is None:
        return "", 0
    steep, half = (each * 3600 for each in found)
    return f"{steep:+.1f} ({steep - half:+.1f} to {steep + half:+.1f})", steep - half


def report(samples, options):
    """Prints two tables; whether a slope is surely steeper than allowed."""
    since = options.seconds / 4
    times = [row[0] for row in samples.rows[:-1] if row[0] >= since]
    surely = 0
    held = []
    print("| MiB, resident | mean | at most | all gone | slope of the means, an hour "
          "| slope of the least |")
    print("|:--|--:|--:|--:|--:|--:|")
    for server in samples.servers:
        resident, footprint, live = ([each / MIB for each in samples.column(server, i, since)]
                                     for i in range(3))
        cells = []
        for level_of in (statistics.mean, min):
            cell, lower_end = slope_cell(times, resident[:-1], level_of)
            cells.append(cell)
            surely = max(surely, lower_end)
        print(f"| {server.name} | {statistics.mean(resident[:-1]):.1f} | {max(resident):.1f} "
              f"| {resident[-1]:.1f} | {' | '.join(cells)} |")
        means = statistics.mean(footprint[:-1]), statistics.mean(live[:-1])
        held.append(f"| {server.name} | {means[0]:.1f} | {max(footprint):.1f} | {means[1]:.1f} "
                    f"| {max(live):.1f} | {means[0] / max(means[1], 1e-9):.1f} |")
    print("\n| MiB | footprint, mean | at most | live, mean | at most | footprint by live |")
    print("|:--|--:|--:|--:|--:|--:|")
    print("\n".join(held))
    return surely > MOST_MIB_AN_HOUR


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("launcher")
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--pause", type=float, default=0.3)
    parser.add_argument("--errors-only", action="store_true")
    parser.add_argument("--cgroup")
    parser.add_argument("--samples", default=os.devnull)
    options = parser.parse_args()
    with contextlib.ExitStack() as open_now:
        file = open_now.enter_context(open(options.samples, "w", encoding="ascii"))
        redis, nginx = watched.servers(options.launcher, options.cgroup)
        open_now.enter_context(redis.server)
        open_now.enter_context(nginx.server)
        if options.cgroup and not nginx.is_in(options.cgroup):
            raise RuntimeError(f"nginx is not in {options.cgroup}")
        samples = Samples([redis, nginx], file)
        errors, done = soak(redis, nginx, options, samples)
        if not errors:
            time.sleep(QUIET_SECONDS)
            samples.take(options.seconds + QUIET_SECONDS)
            done.append(watched.refusals(redis, nginx))
    for error in errors:
        print(f"wronged: {error}")
    is_steep = not errors and report(samples, options)
    done[-1] += f". {len(samples.rows)} samples, {len(errors)} errors."
    print(f"\n{textwrap.fill('; '.join(done), 100)}")
    sys.exit(1 if errors or (is_steep and not options.errors_only) else 0)


if __name__ == "__main__":
    main()
