"""wsgi.py - settings of gunicorn, and what it serves: every tenth body is kept, and
each is answered with itself twice."""

bind = "127.0.0.1:0"
workers = 2
loglevel = "warning"
kept = []


def when_ready(server):
    with open("port", "w") as file:
        file.write(str(server.LISTENERS[0].sock.getsockname()[1]))


def application(environment, start_response):
    body = environment["wsgi.input"].read()
    if len(body) % 10 == 0:
        kept.append(body)
    del kept[:-100]
    start_response("200 OK", [("Content-Length", str(2 * len(body)))])
    return [body, body]
