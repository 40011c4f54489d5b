"""The pages that tests open are watched: none may call home or fail in silence."""

from __future__ import annotations

import http.server
import threading

import pytest
from browser import Browser


def spoil(browser: Browser, script: str, **settings: str) -> None:
    with browser.page(**settings) as page:
        page.set_content("<!doctype html><title>spoilt</title>")
        page.evaluate(script)
        page.wait_for_timeout(50)


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("fetch('http://127.0.0.1:9/').catch(() => 0)", "asked for http://127.0.0.1:9/"),
        ("document.body.append(Object.assign(new Image(), {src: 'https://example.org/i.png'}))", "asked for https"),
        ("console.error('oh')", "console: oh"),
        ("setTimeout(() => { throw new Error('ah'); })", "thrown: .*ah"),
    ],
)
def test_a_page_that_does_what_it_must_not_fails(browser: Browser, script: str, complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        spoil(browser, script)


def test_a_failing_test_tells_what_the_page_complained_of(browser: Browser) -> None:
    def fail() -> None:
        with browser.page() as page:
            page.evaluate("console.error('why')")
            raise LookupError

    with pytest.raises(LookupError) as caught:
        fail()
    assert caught.value.__notes__ == ["console: why"]


def test_a_page_may_ask_its_own_server(browser: Browser) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        own = f"http://127.0.0.1:{server.server_port}/"
        with pytest.raises(AssertionError) as caught:
            spoil(browser, f"fetch('{own}', {{mode: 'no-cors'}}).then(() => 0)", server=own)
        server.shutdown()
    assert "asked for" not in str(caught.value)
    assert "501" in str(caught.value)  # it answers no GET, which is complained of


def test_what_is_quiet_passes(browser: Browser) -> None:
    spoil(browser, "console.log('good')")
