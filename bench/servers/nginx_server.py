"""nginx_server.py - nginx as an OwnServer: one process, which answers with the text it got."""
import pathlib

from own_server import receive

SETTINGS = """
worker_processes 1; master_process off; daemon off; pid pid; error_log errors crit;
events {{ worker_connections 1000; }}
http {{
  access_log off; keepalive_requests 1000000000; large_client_header_buffers 8 64k;
  client_body_temp_path t; proxy_temp_path t; fastcgi_temp_path t; uwsgi_temp_path t;
  scgi_temp_path t;
  server {{ listen 127.0.0.1:{port}; location / {{ return 200 $http_x_text; }} }}
}}
"""


def words_for(port, folder):
    (pathlib.Path(folder) / "nginx.conf").write_text(SETTINGS.format(port=port), encoding="ascii")
    return ["nginx", "-p", folder, "-c", "nginx.conf"]


def exchange(link, text):
    """Raises ConnectionError where nginx says that it cannot now."""
    link.sendall(b"GET / HTTP/1.1\r\nHost: soak\r\nX-Text: %s\r\n\r\n" % text)
    got = b""
    while b"\r\n\r\n" not in got:
        part = link.recv(65536)
        if not part:
            raise ConnectionError("the server closed a well-behaved connection")
        got += part
    head, body = got.split(b"\r\n\r\n", 1)
    if head.startswith(b"HTTP/1.1 5"):
        raise ConnectionError("the server has no memory for it")
    is_as_long = b"\r\nContent-Length: %d\r\n" % len(text) in head
    if not is_as_long or body + receive(link, len(text) - len(body)) != text:
        raise ValueError("another answer than what was asked for")
