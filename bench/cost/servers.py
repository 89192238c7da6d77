"""servers.py - servers whose processor time is measured, and what is asked of them: those
of tests/suites, which say that their answers are right.

A server is started in an empty folder; its clients run without the preload library.
"""
import functools
import http.server
import os
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.request

SUITES = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../tests/suites"))
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def suite(name):
    return os.path.join(SUITES, name)


def wait_for(condition):
    for _ in range(600):
        if found := condition():
            return found
        time.sleep(0.1)
    raise TimeoutError("a server does not start")


def port_in(folder):
    def read():
        path = os.path.join(folder, "port")
        return os.path.exists(path) and open(path).read().strip()
    return wait_for(read)


def ask_by_node(port, requests):
    subprocess.run(["node", suite("http_clients.js"), port, str(requests)], check=True,
                   stdout=subprocess.DEVNULL)


class Gunicorn:
    does = "gunicorn, two workers, 3,000 requests of 50 KB on average"

    def start(self, folder):
        return ["gunicorn", "--config", suite("wsgi.py"), "--pythonpath", SUITES,
                "wsgi:application"]

    def load(self, folder, child):
        ask_by_node(port_in(folder), 3000)
        child.terminate()


class Tokio:
    does = "a server on tokio, four threads, 10,000 requests of 50 KB on average"

    @functools.cached_property
    def program(self):
        built = os.path.join(tempfile.gettempdir(), "tokio")
        subprocess.run(["sh", suite("tokio_build.sh"), built], check=True)
        return os.path.join(built, "target/release/tokio_server")

    def start(self, folder):
        return [self.program]

    def load(self, folder, child):
        port = port_in(folder)
        ask_by_node(port, 10000)
        urllib.request.urlopen(f"http://127.0.0.1:{port}/end").read()


class QuietFiles(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Squid:
    does = "squid, 3,000 pages of 100 KB, half of which it has"
    port = "34587"

    @functools.cached_property
    def site(self):
        folder = tempfile.mkdtemp()
        with open(os.path.join(folder, "large"), "w") as file:
            file.write("page\n" * 20000)
        serve = functools.partial(QuietFiles, directory=folder)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/large"

    def start(self, folder):
        settings = os.path.join(folder, "squid.conf")
        with open(settings, "w") as file:
            subprocess.run(["sh", suite("squid_settings.sh"), self.port], stdout=file, check=True)
        return ["squid", "-N", "-n", f"cost{os.getpid()}", "-f", settings]

    def get(self, pages):
        return subprocess.run(["curl", "-sS", "--no-progress-meter", "--parallel",
                               "--parallel-max", "20", "-x", f"http://127.0.0.1:{self.port}",
                               f"{self.site}?[{pages}]"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0

    def load(self, folder, child):
        wait_for(lambda: self.get("1-1"))
        for _ in range(2):
            if not self.get("1-1500"):
                raise RuntimeError("squid has failed")
        child.terminate()


SERVERS = {"squid": Squid(), "gunicorn": Gunicorn(), "tokio": Tokio()}


def processor_seconds(server, preload):
    """Of the server and of its children, from its start to its end."""
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)  # squid's own user reads its settings there
    words = server.start(folder)
    environment = {**os.environ, "PATH": PATH, "LC_ALL": "C", "LD_PRELOAD": preload}
    with open(os.path.join(folder, "port"), "w") as output:
        child = subprocess.Popen(words, cwd=folder, env=environment, stdout=output)
    server.load(folder, child)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    shutil.rmtree(folder)
    if child.returncode != 0:
        raise RuntimeError(f"{words[0]} ended with {child.returncode}")
    return used.ru_utime + used.ru_stime
