"""crowd.py [--launcher PATH] [--connections N] - see `run`.

redis-server with so many connections at once, or as many as it may have descriptors. Prints
how many they were, KiB of resident memory for each with all open, MiB with all open and a
second after the last has gone, both above what there was before the first, and ms until the
server had closed all, by the clock and of its own CPU time.
"""
import argparse
import multiprocessing
import os
import resource
import signal
import time

import redis_server
from own_server import OwnServer, connect, receive
from redis_server import command

KIB = 1024
# The server's own, with the 32 that redis-server keeps back.
OTHER_DESCRIPTORS = 64
CONNECTIONS_OF_A_CLIENT = 5000
TEXT = b"t" * 1000
ANSWER = b"$%d\r\n%s\r\n" % (len(TEXT), TEXT)


def resident_kib(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / KIB


def cpu_ms(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def be_clients(number, port, count, everybody):
    """Each connection is served once, and stays until this process is killed."""
    # An address has some 28,000 ports.
    source = f"127.0.1.{number + 1}"
    links = [connect(port, source) for _ in range(count)]
    for link in links:
        link.sendall(command(b"ECHO", TEXT))
    for link in links:
        if receive(link, len(ANSWER)) != ANSWER:
            raise ValueError("another answer than what was asked for")
    everybody.wait()
    while links:
        signal.pause()


def connected(link):
    """Clients of the server, but for this one."""
    link.sendall(command(b"INFO", b"clients"))
    seen = b""
    while not seen.endswith(b"\r\n") or seen.count(b"\r\n") < 3:
        seen += link.recv(4096)
    return int(seen.split(b"connected_clients:")[1].split()[0]) - 1


def start_clients(port, connections):
    counts = [min(CONNECTIONS_OF_A_CLIENT, connections - at)
              for at in range(0, connections, CONNECTIONS_OF_A_CLIENT)]
    everybody = multiprocessing.Barrier(len(counts) + 1, timeout=120)
    clients = [multiprocessing.Process(target=be_clients, args=(i, port, count, everybody),
                                       daemon=True)
               for i, count in enumerate(counts)]
    for each in clients:
        each.start()
    everybody.wait()
    return clients


def crowd(server, connections):
    pid = server.process.pid
    with connect(server.port) as watch:
        before = resident_kib(pid)
        clients = start_clients(server.port, connections)
        there = connected(watch)
        open_kib = resident_kib(pid) - before
        start, start_cpu = time.monotonic(), cpu_ms(pid)
        for each in clients:
            each.kill()
        while connected(watch) > 0:
            time.sleep(0.005)
        closed_ms, closed_cpu = (time.monotonic() - start) * 1000, cpu_ms(pid) - start_cpu
        time.sleep(1)
        after_kib = resident_kib(pid) - before
    for each in clients:
        each.join()
    if there != connections:
        raise RuntimeError(f"{there} connections, not {connections}")
    return [f"{connections}", f"{open_kib / connections:.2f}", f"{open_kib / KIB:.1f}",
            f"{after_kib / KIB:.1f}", f"{closed_ms:.0f}", f"{closed_cpu:.0f}"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--launcher", help="the server is run by it")
    parser.add_argument("--connections", type=int, default=50_000)
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    # The clients', too.
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    connections = min(options.connections, most - OTHER_DESCRIPTORS)
    run = [os.path.abspath(options.launcher), "run", "--"] if options.launcher else []

    def words_for(port, folder):
        # Else it serves none but those from 127.0.0.1.
        return [*run, *redis_server.words_for(port, folder), "--protected-mode", "no",
                "--maxclients", str(connections + 1)]

    with OwnServer(words_for, limits={resource.RLIMIT_NOFILE: most}) as server:
        print(*crowd(server, connections))


if __name__ == "__main__":
    main()
