"""redis_server.py - redis-server as an OwnServer, and its requests."""
from own_server import receive


def words_for(port, folder):
    return ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
            "--dir", folder]


def command(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


def set_and_get(key, value):
    """The request, and the only right answer."""
    return (command(b"SET", key, value) + command(b"GET", key),
            b"+OK\r\n$%d\r\n%s\r\n" % (len(value), value))


def exchange(link, key, value):
    request, answer = set_and_get(key, value)
    link.sendall(request)
    if receive(link, len(answer)) != answer:
        raise ValueError("another answer than what was asked for")
