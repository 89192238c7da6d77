"""clients.py - those that behave well, and check every answer, and those that do not."""
import random
import socket
import struct
import time

import nginx_server
import redis_server
from own_server import connect, receive
from redis_server import command

# For how long a server may refuse to serve a client that behaves well, where it has no memory.
PATIENCE_SECONDS = 60


class Calm:
    """What all that behave well share."""

    def __init__(self, everybody, ends, pause, wronged, refused):
        self.everybody = everybody
        self.ends = ends
        self.pause = pause
        self.wronged = wronged
        self.refused = refused

    def is_over(self):
        return time.monotonic() >= self.ends

    def rest(self, chance):
        time.sleep(2 * self.pause * chance.random())


def use_redis(port, number, calm):
    """Keeps one connection: whatever others do, it is served."""
    chance = random.Random(number)
    key = b"key:%d" % number
    try:
        with connect(port) as link:
            redis_server.exchange(link, key, b"first")
            calm.everybody.wait()
            while not calm.is_over():
                value = bytes([65 + number % 26]) * chance.randrange(100, 100_000)
                redis_server.exchange(link, key, value)
                calm.rest(chance)
    except (OSError, ValueError) as error:
        calm.wronged.put(f"client {number} of redis-server: {error}")


def use_nginx(port, number, calm):
    """May be refused while others hold all memory that nginx may have, but not for long."""
    chance = random.Random(number)
    link, served = None, time.monotonic()
    calm.everybody.wait()
    while not calm.is_over():
        try:
            link = link or connect(port)
            nginx_server.exchange(link, b"%c" % (65 + number % 26) * chance.randrange(100, 50_000))
            served = time.monotonic()
        except ValueError as error:
            calm.wronged.put(f"client {number} of nginx: {error}")
            return
        except OSError as error:
            if link:
                link.close()
            link = None
            with calm.refused:
                calm.refused.value += 1
            if time.monotonic() - served > PATIENCE_SECONDS:
                calm.wronged.put(f"client {number} of nginx: not served any more: {error}")
                return
        calm.rest(chance)


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


def take_all_descriptors(port, links, most):
    """The server is to refuse some, and to go on."""
    for _ in range(most):
        links.append(connect(port))
    time.sleep(0.2)


def take_all_memory(port, links):
    """Requests that never end, of 420 KB each: nginx is to refuse some, and to go on."""
    for _ in range(400):
        links.append(connect(port))
        links[-1].sendall(b"GET / HTTP/1.1\r\nHost: soak\r\n")
        for i in range(7):
            links[-1].sendall(b"X-%d: " % i + b"h" * 60_000 + b"\r\n")


def misbehave(ways, seed, pause):
    """One way after the other, until it is killed: each is (function, arguments)."""
    chance = random.Random(seed)
    while True:
        links = []
        function, port, *more = chance.choice(ways)
        try:
            function(port, links, *more)
        except OSError:
            pass  # refused, as it deserves
        for link in links:
            link.close()
        time.sleep(pause)
