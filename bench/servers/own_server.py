"""own_server.py - a server that a measurement starts for itself, and how it is reached.

On a port that the system chose, in a folder of its own; ended by its own id.
"""
import os
import resource
import socket
import subprocess
import tempfile
import time


def connect(port, source=None):
    """From an address of 127.0.0.0/8, if one is given."""
    link = socket.create_connection(("127.0.0.1", port), 60, (source, 0) if source else None)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return link


def receive(link, length):
    got = bytearray()
    while len(got) < length:
        part = link.recv(length - len(got))
        if not part:
            raise ConnectionError("the server closed a well-behaved connection")
        got += part
    return bytes(got)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class OwnServer:
    """Answers from `with` on.

    `words_for(port, folder)` is what starts it; `limits` are resource limits that hold for it
    from its start, as {resource.RLIMIT_AS: bytes}, and `cgroup` is the folder of one for it.
    """

    def __init__(self, words_for, environment=None, limits=None, cgroup=None):
        def begin():
            if cgroup:
                with open(f"{cgroup}/cgroup.procs", "w", encoding="ascii") as file:
                    file.write(str(os.getpid()))
            for which, most in (limits or {}).items():
                resource.setrlimit(which, (most, most))

        self.port = free_port()
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            words_for(self.port, self.folder.name), env=environment, cwd=self.folder.name,
            preexec_fn=begin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        for _ in range(6000):
            try:
                connect(self.port).close()
                return self
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.01)
        self.__exit__()
        raise RuntimeError("the server does not answer")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()
