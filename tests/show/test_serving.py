"""The server of one page: who is answered, what is answered, and what is said where it cannot serve."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse

import pytest

import viralsim.show.serving as serving
from viralsim.errors import UsageError, ViralsimError
from viralsim.show import serve

HTML = "<!doctype html><title>λ</title>"


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a server that ends with the test: what `ready` raises ends it, here after the test has run."""
    found: list[str] = []
    known, over = threading.Event(), threading.Event()

    def ready(address: str) -> None:
        found.append(address)
        known.set()

    class Stoppable(serving._Server):
        def service_actions(self) -> None:
            if over.is_set():
                raise KeyboardInterrupt

    before, serving._Server = serving._Server, Stoppable  # type: ignore[misc]

    def run() -> None:
        with pytest.raises(KeyboardInterrupt):
            serve(HTML, ready=ready)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert known.wait(10)
    assert found[0].startswith("http://127.0.0.1:")
    yield int(found[0].split(":")[2].rstrip("/"))
    over.set()
    thread.join(10)
    serving._Server = before  # type: ignore[misc]
    assert not thread.is_alive()


def ask(port: int, method: str = "GET", path: str = "/", **headers: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, headers={"Host": f"127.0.0.1:{port}", **headers})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def raw(port: int, request: str) -> bytes:
    """Everything that comes back until the server hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request.encode())
        found = b""
        while part := connection.recv(65_536):
            found += part
    return found


def test_the_page_is_answered_and_nothing_may_keep_or_frame_it(port: int) -> None:
    response, body = ask(port)
    assert (response.status, body.decode()) == (200, HTML)
    told = {name.lower(): value for name, value in response.getheaders()}
    assert told["content-type"] == "text/html; charset=utf-8"
    assert told["cache-control"] == "no-store"
    assert told["x-content-type-options"] == "nosniff"
    assert told["x-frame-options"] == "DENY"
    assert told["content-security-policy"] == "frame-ancestors 'none'"
    assert told["server"] == "viralsim"
    assert "access-control-allow-origin" not in told
    head, nothing = ask(port, "HEAD")
    assert (head.status, nothing, head.getheader("Content-Length")) == (200, b"", str(len(HTML.encode())))
    assert ask(port, path="/?lang=el")[0].status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{}", "127.0.0.1.evil.example:{}", "127.0.0.1", "127.0.0.1:1", "[::1]:{}", ""]
)
def test_a_page_elsewhere_whose_name_leads_here_reads_nothing(port: int, host: str) -> None:
    response, body = ask(port, Host=host.format(port))
    assert response.status == 403
    assert HTML.encode() not in body


def test_hosts_are_told_once_and_without_regard_to_case(port: int) -> None:
    assert ask(port, Host=f"LocalHost:{port}")[0].status == 200
    twice = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil.example\r\n\r\n"
    assert raw(port, twice).startswith(b"HTTP/1.1 403 ")
    assert raw(port, "GET / HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize("path", ["/index.html", "/../../etc/passwd", "/%2e%2e/", "/a?b=/", "http://127.0.0.1/"])
def test_there_is_one_page(port: int, path: str) -> None:
    response, body = ask(port, path=path)
    assert response.status == 404
    assert response.getheader("Content-Type", "").startswith("text/plain")
    assert b"<" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "<script>"])
def test_it_can_be_read_and_nothing_else(port: int, method: str) -> None:
    length = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    found = raw(port, f"{method} / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {len(length)}\r\n\r\n{length}")
    assert found.startswith(b"HTTP/1.1 405 ")
    assert b"Allow: GET, HEAD" in found
    assert found.count(b"HTTP/1.1") == 1  # the body is no second request
    assert b"<" not in found


@pytest.mark.parametrize(
    "request_", ["\0\0\0\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "G" * 70_000 + "\r\n\r\n"]
)
def test_what_is_no_request_does_not_disturb(port: int, request_: str, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request_.encode())
        connection.recv(100)
    assert ask(port)[0].status == 200
    assert capfd.readouterr() == ("", "")


def test_one_who_says_nothing_keeps_nobody_waiting(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)), socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(b"GET / HT")
        assert ask(port)[0].status == 200


def test_other_machines_do_not_reach_it(port: int) -> None:
    # 127.0.0.2 is this machine too, by another address; a server of all addresses would answer.
    with pytest.raises(OSError), socket.create_connection(("127.0.0.2", port), timeout=2):
        pass


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda taken: (taken, ViralsimError),
            "port {} of this machine is taken: something else answers there already",
        ),
        (lambda taken: (70_000, UsageError), "a port is a number from 1 to 65535, or 0 for a free one; got 70000"),
        (lambda taken: (-1, UsageError), "got -1"),
    ],
)
def test_ports_that_cannot_be_had(
    port: int, make: Callable[[int], tuple[int, type[ViralsimError]]], message: str
) -> None:
    wanted, kind = make(port)
    with pytest.raises(kind, match=message.format(port)) as caught:
        serve(HTML, port=wanted)
    assert type(caught.value) is kind
