"""watched.py - the servers of a long run, under the preload library, and what they hold."""
import json
import os
import pathlib
import re
import resource
import subprocess

import nginx_server
import redis_server
from own_server import OwnServer, connect
from redis_server import command

DESCRIPTORS = 400
ADDRESS_SPACE_BYTES = 80 * 1024 * 1024


class Watched:
    """A server, and the figures that `connarena stats` shows of it."""

    FIGURES = ("resident", "footprint", "live")

    def __init__(self, name, launcher, words_for, limits, cgroup=None):
        self.name = name
        self.launcher = os.path.abspath(launcher)
        run = [self.launcher, "run", "--"]
        self.server = OwnServer(lambda port, folder: run + words_for(port, folder), limits=limits,
                                cgroup=cgroup)

    def look(self):
        """Bytes, by figure, and how many connections are open."""
        shown = subprocess.run([self.launcher, "stats", "--json", str(self.server.process.pid)],
                               check=True, capture_output=True).stdout
        seen = json.loads(shown)
        return [seen[f"{each}_bytes"] for each in self.FIGURES] + [seen["connections_open"]]

    def has_ended(self):
        return self.server.process.poll() is not None

    def is_in(self, cgroup):
        members = pathlib.Path(cgroup, "cgroup.procs").read_text(encoding="ascii").split()
        return str(self.server.process.pid) in members

    def file(self, name):
        return pathlib.Path(self.server.folder.name) / name


def refusals(redis, nginx):
    """What shows that descriptors and memory did end."""
    with connect(redis.server.port) as link:
        link.sendall(command(b"INFO", b"stats") + command(b"QUIT"))
        seen = b"".join(iter(lambda: link.recv(65536), b"")).decode()
    rejected = re.search(r"^rejected_connections:(\d+)", seen, re.M).group(1)
    errors = nginx.file("errors").read_text(encoding="utf-8")
    return (f"redis-server rejected {rejected} connections; "
            f"nginx had no descriptor {errors.count('Too many open files')} times, "
            f"and no memory {errors.count('Cannot allocate memory')} times")


def servers(launcher, cgroup):
    """Few descriptors for both, and little memory for nginx: redis-server ends without."""
    return [Watched("redis-server", launcher, redis_server.words_for,
                    {resource.RLIMIT_NOFILE: DESCRIPTORS}),
            Watched("nginx", launcher, nginx_server.words_for,
                    {resource.RLIMIT_AS: ADDRESS_SPACE_BYTES,
                     resource.RLIMIT_NOFILE: DESCRIPTORS}, cgroup)]
