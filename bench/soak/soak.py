"""soak.py LIBRARY [--seconds N] [--clients N] - see `run`."""
import argparse
import multiprocessing
import os
import random
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

MIB = 1024 * 1024
DESCRIPTORS = 400
MOST_MIB_AN_HOUR = 8
BLOCKS = 12  # of the slope's fit: samples that follow each other are alike
STUDENT_T_95 = 2.228  # for 10 degrees of freedom


def command(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=60)


def receive(link, length):
    got = b""
    while len(got) < length:
        part = link.recv(length - len(got))
        if not part:
            raise ConnectionError("the server closed a well-behaved connection")
        got += part
    return got


def exchange(link, key, value):
    link.sendall(command(b"SET", key, value) + command(b"GET", key))
    head = b"+OK\r\n$%d\r\n" % len(value)
    if receive(link, len(head) + len(value) + 2) != head + value + b"\r\n":
        raise ValueError("another answer than what was asked for")


def behave_well(port, number, all_are_there, ends, wronged):
    """Keeps one connection, and checks every answer."""
    chance = random.Random(number)
    key = b"key:%d" % number
    try:
        with connect(port) as link:
            exchange(link, key, b"first")
            all_are_there.wait()
            while time.monotonic() < ends:
                exchange(link, key, bytes([65 + number % 26]) * chance.randrange(100, 100_000))
                time.sleep(chance.random() / 50)
    except (OSError, ValueError) as error:
        wronged.put(f"client {number}: {error}")


def burst(port, links):
    for _ in range(50):
        links.append(connect(port))
    for link in links:
        link.sendall(command(b"ECHO", b"b" * 20_000))
    for link in links:
        receive(link, 20_000)


def read_slowly(port, links):
    links.append(connect(port))
    links[0].sendall(command(b"ECHO", b"s" * 1_000_000))
    for _ in range(20):
        links[0].recv(1000)
        time.sleep(0.005)


def reset(port, links):
    links.append(connect(port))
    links[0].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    links[0].sendall(command(b"ECHO", b"r" * 300_000)[:200_000])


def take_all_descriptors(port, links):
    """The server is to refuse some, and to go on."""
    for _ in range(DESCRIPTORS):
        links.append(connect(port))
    for link in links:
        link.sendall(command(b"PING"))


def misbehave(port, seed):
    """Until it is killed."""
    chance = random.Random(seed)
    while True:
        links = []
        way = chance.choice([burst, read_slowly, reset, reset, take_all_descriptors])
        try:
            way(port, links)
        except OSError:
            pass  # refused, as it deserves
        for link in links:
            link.close()


def start_server(library, folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
        env={**os.environ, "LD_PRELOAD": os.path.abspath(library)}, cwd=folder,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS)),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(6000):
        try:
            connect(port).close()
            return server, port
        except OSError:
            time.sleep(0.01)
    sys.exit("soak: redis-server does not answer")


def resident_bytes(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def slope(samples):
    """Bytes a second by least squares over means of blocks, and half of its 95% interval."""
    size = len(samples) // BLOCKS
    blocks = [samples[i * size:(i + 1) * size] for i in range(BLOCKS)]
    times = [sum(at for at, _ in each) / size for each in blocks]
    sizes = [sum(seen for _, seen in each) / size for each in blocks]
    middle, level = sum(times) / BLOCKS, sum(sizes) / BLOCKS
    spread = sum((at - middle) ** 2 for at in times)
    steep = sum((at - middle) * (y - level) for at, y in zip(times, sizes)) / spread
    left = sum((y - level - steep * (at - middle)) ** 2 for at, y in zip(times, sizes))
    return steep, STUDENT_T_95 * (left / (BLOCKS - 2) / spread) ** 0.5


def soak(server, port, options):
    """The samples of its resident memory after the warm-up, and who was wronged."""
    ends = time.monotonic() + options.seconds
    warm = ends - options.seconds * 3 / 4
    wronged = multiprocessing.Queue()
    all_are_there = multiprocessing.Barrier(options.clients + 1, timeout=60)
    good = [multiprocessing.Process(target=behave_well,
                                    args=(port, i, all_are_there, ends, wronged))
            for i in range(options.clients)]
    for each in good:
        each.start()
    all_are_there.wait()
    samples, bad = [], None
    while time.monotonic() < ends and server.poll() is None:
        # One that misbehaves is killed in the middle of whatever it does.
        if bad is not None:
            os.kill(bad.pid, signal.SIGKILL)
            bad.join()
        bad = multiprocessing.Process(target=misbehave, args=(port, len(samples)))
        bad.start()
        time.sleep(options.seconds / 400 + 0.05)
        if time.monotonic() >= warm:
            samples.append((time.monotonic(), resident_bytes(server.pid)))
    os.kill(bad.pid, signal.SIGKILL)
    for each in [bad, *good]:
        each.join()
    errors = []
    while not wronged.empty():
        errors.append(wronged.get())
    return samples, errors


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--errors-only", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server, port = start_server(options.library, folder)
        try:
            samples, errors = soak(server, port, options)
            if server.poll() is not None:
                errors.append(f"the server ended by itself: {server.returncode}")
        finally:
            server.kill()
            server.wait()
    for error in errors:
        print(f"wronged: {error}")
    if len(samples) < BLOCKS:
        print(f"{len(samples)} samples: too few for a slope, {len(errors)} errors")
        sys.exit(1 if errors else 0)
    steep, half = (each * 3600 / MIB for each in slope(samples))
    print(f"resident: {samples[-1][1] / MIB:.1f} MiB at the end, "
          f"at most {max(seen for _, seen in samples) / MIB:.1f}")
    print(f"slope: {steep:.1f} MiB an hour ({steep - half:.1f} to {steep + half:.1f}), "
          f"{len(samples)} samples, {len(errors)} errors")
    is_steep = steep - half > MOST_MIB_AN_HOUR and not options.errors_only
    sys.exit(1 if errors or is_steep else 0)


if __name__ == "__main__":
    main()
