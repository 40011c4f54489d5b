"""One page on this machine alone: a small server that a browser on it can reach, and nobody else."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from viralsim.errors import UsageError, ViralsimError

__all__ = ["serve"]

_HOST = "127.0.0.1"
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    # What the page itself may load stands in the page; these are what only a header can say.
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def serve(html: str, *, port: int = 0, ready: Callable[[str], object] | None = None) -> None:
    """Serve one page to this machine until the process is interrupted.

    Parameters
    ----------
    html : str
        The page. It is the only one there is.
    port : int
        Of 127.0.0.1, the address that no other machine reaches; 0 takes a free one.
    ready : callable, optional
        Called once with the address as soon as it answers. What it raises ends the serving.

    Raises
    ------
    UsageError
        If there is no such port.
    ViralsimError
        If it cannot be used.
    KeyboardInterrupt
        On Ctrl-C: how it ends.

    Examples
    --------
    >>> def visit(address):
    ...     raise SystemExit(address.rpartition(":")[0])  # the port differs from time to time
    >>> serve("<!doctype html>", ready=visit)
    Traceback (most recent call last):
    SystemExit: http://127.0.0.1
    """
    if not 0 <= port <= 65_535:
        raise UsageError(f"a port is a number from 1 to 65535, or 0 for a free one; got {port}", place="port")
    try:
        server = _Server(html, port)
    except OSError as error:
        reason = {
            errno.EADDRINUSE: "is taken: something else answers there already",
            errno.EACCES: "may not be used: ports below 1024 often belong to the system",
        }.get(error.errno or 0, f"cannot be used: {error.strerror or error}")
        raise ViralsimError(f"port {port} of this machine {reason}", hint="port 0 is any that is free") from None
    with server:
        if ready is not None:
            ready(f"http://{_HOST}:{server.server_port}/")
        server.serve_forever(poll_interval=0.2)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Elsewhere this means that a port in its last minute may be used again, on Windows that two may share one.
    allow_reuse_address = os.name != "nt"

    def __init__(self, html: str, port: int) -> None:
        self.page = html.encode()
        super().__init__((_HOST, port), _Visit)
        self.names = {f"{name}:{self.server_port}" for name in (_HOST, "localhost")}
        if self.server_port == 80:
            self.names |= {_HOST, "localhost"}

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a browser that hangs up is not the user's concern."""


class _Visit(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 30  # seconds that a silent connection is kept

    def do_GET(self) -> None:
        # A page elsewhere can have its own name resolve to this machine; then its name stands here, and not ours.
        hosts = self.headers.get_all("Host") or []
        if len(hosts) != 1 or hosts[0].strip().lower() not in self.server.names:
            self._answer(HTTPStatus.FORBIDDEN, b"this server answers to its own address only\n")
        elif self.path.partition("?")[0] != "/":
            self._answer(HTTPStatus.NOT_FOUND, b"there is one page here, at /\n")
        else:
            self._answer(HTTPStatus.OK, self.server.page)

    do_HEAD = do_GET  # noqa: N815

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what is no request for a page: other methods, and what is no HTTP at all."""
        status = HTTPStatus(code)
        if status is HTTPStatus.NOT_IMPLEMENTED:
            status = HTTPStatus.METHOD_NOT_ALLOWED
        self._answer(status, b"the page here can be read, and nothing else\n")

    def _answer(self, status: HTTPStatus, body: bytes) -> None:
        fine = status is HTTPStatus.OK
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, "text/plain; charset=utf-8" if name == "Content-Type" and not fine else value)
        self.send_header("Content-Length", str(len(body)))
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET, HEAD")
        if not fine:  # what else was sent (the body of a form) is never read as another request
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def version_string(self) -> str:
        return "viralsim"

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: the terminal belongs to the user."""
