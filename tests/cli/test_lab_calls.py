"""`viralsim lab`: what is served, written, said and refused."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

MOST_BYTES = 1_500_000
HOSTILE = "</script><img src=x onerror=alert(1)>"
MAIN = "from viralsim.cli import main; main()"


def data_of(html: str) -> dict[str, Any]:
    """What the scripts of a page read."""
    found = re.findall(r'<script type="application/json" id="lab">(.*?)</script>', html, re.DOTALL)
    assert len(found) == 1
    made: dict[str, Any] = json.loads(found[0])
    return made


def exported(call: Any, *words: object) -> tuple[str, dict[str, Any], str]:
    """A page written by the command: its text, its data, what was said."""
    answer = call("lab", *words, "--export", "page.html", "--force")
    assert (answer.code, answer.out) == (0, "")
    html = Path("page.html").read_text(encoding="utf-8")
    assert len(html.encode()) < MOST_BYTES
    return html, data_of(html), answer.err


def test_the_page_holds_the_scenario_and_all_lessons(call: Any) -> None:
    html, data, said = exported(call, "small.toml", "--plan", "hubs", "--set", "item.content.stickiness=7%")
    assert said == "putting the page together ...\nwritten to page.html\n"
    assert len(data["lessons"]) >= 8
    assert set(data["worlds"]) == {"sandbox", *(lesson["name"] for lesson in data["lessons"])}
    world = data["worlds"]["sandbox"]
    assert (world["people"], world["items"][0]["stickiness"]) == (300, 0.07)
    assert [plan["name"] for plan in world["plans"]] == ["hubs", "random"]
    assert (data["source"], data["settings"]) == ("small.toml", ["item.content.stickiness=7%"])
    assert 1 < world["viral"] <= 300
    assert '<html lang="en">' in html


def test_lessons_name_what_their_worlds_have(call: Any) -> None:
    _, data, _ = exported(call, "small.toml")
    for lesson in data["lessons"]:
        world = data["worlds"][lesson["name"]]
        plans = [plan["name"] for plan in world["plans"]]
        assert {plan for step in lesson["steps"] for plan in step["plans"]} | set(lesson["compare"] or []) <= set(plans)
        assert set(lesson["sliders"]) == set(lesson["controls"])
        assert world["leftOut"] == []
        for texts in (lesson["texts"][language] for language in ("en", "el")):
            assert len(texts["steps"]) == len(lesson["steps"])
            assert 0 <= lesson["answer"] < len(texts["options"])
            assert all(texts[key] for key in ("title", "question", "explanation", "source"))


def test_it_speaks_greek_first_where_that_is_asked_for(call: Any) -> None:
    html, data, _ = exported(call, "small.toml", "--language", "el")
    assert '<html lang="el">' in html
    assert data["language"] == "el"
    refused = call("lab", "small.toml", "--language", "fr")
    assert refused.code == 2
    assert "'fr' is not one of 'en', 'el'" in refused.err


def test_a_folder_stays_at_home(call: Any, tmp_path: Path) -> None:
    """A page that is passed on tells the name of a file, and not where its writer keeps it."""
    html, data, _ = exported(call, tmp_path / "small.toml")
    assert data["source"] == "small.toml"
    assert str(tmp_path) not in html


def test_without_a_scenario_the_first_look_of_20_000_people(call: Any) -> None:
    _, data, said = exported(call)
    assert (data["source"], data["worlds"]["sandbox"]["people"]) == ("", 2_000)
    assert "note: 2,000 people are played in place of 20,000: a smaller network, generated alike.\n" in said


def test_an_imported_network(call: Any) -> None:
    ties = [(i, (7 * i + k) % 3_000) for i in range(3_000) for k in (1, 2, 3)]
    Path("many.csv").write_text("source,target\n" + "".join(f"p{a},p{b}\n" for a, b in ties))
    assert call("graph", "import", "many.csv", "-o", "many", "-q").code == 0
    Path("mine.toml").write_text(
        '[network]\nfile = "many"\n[item.content]\nstickiness = "20%"\n'
        '[plan.hubs.wave.first]\nstrategy = "degree"\ncount = 2\n'
    )
    _, data, said = exported(call, "mine.toml")
    world = data["worlds"]["sandbox"]
    assert (world["people"], len(world["names"])) == (2_000, 2_000)
    assert all(re.fullmatch(r"p\d+", name) for name in world["names"])
    assert "note: 2,000 people are played in place of 3,000: a connected neighbourhood of the network.\n" in said


def test_what_the_page_does_not_play_is_said(call: Any) -> None:
    settings = ["platform.feed.visibility=50%", "platform.second.visibility=10%"]
    words = [word for setting in settings for word in ("--set", setting)]
    wave = ("--set", "plan.random.wave.first.platform=feed", "--set", "plan.hubs.wave.first.platform=second")
    _, data, said = exported(call, "small.toml", *words, *wave)
    (line,) = data["worlds"]["sandbox"]["leftOut"]
    assert line.startswith("Everything happens on the platform “feed”; not played: “second”")
    assert f"note: {line}\n" in said
    _, _, quiet = exported(call, "small.toml", *words, *wave, "-q")
    assert quiet == ""


def test_text_of_others_stays_text(call: Any) -> None:
    Path("names.csv").write_text(f"source,target\n{HOSTILE},b\nb,c\nc,{HOSTILE}\n")
    Path("mine.toml").write_text(
        f'title = "{HOSTILE}"\n[network]\nfile = "names.csv"\n[item.content]\nstickiness = "20%"\n'
        '[plan.all.wave.first]\nstrategy = "random"\ncount = 1\n'
    )
    html, data, _ = exported(call, "mine.toml")
    assert HOSTILE not in html
    assert f"<title>{escape(HOSTILE)}</title>" in html
    assert data["worlds"]["sandbox"]["title"] == HOSTILE
    assert HOSTILE in data["worlds"]["sandbox"]["names"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--export", "page.html", "--port", "8000"], 2, "--port is about serving the page, --export writes it"),
        (["--export", "page.html", "--no-browser"], 2, "--no-browser is about serving the page, --export writes it"),
        (["--export", "small.toml"], 2, "small.toml: the name of a page ends in .html"),
        (["--export", "here.html"], 2, "here.html: the file exists already\n  hint: --force replaces it"),
        (["--export", "no/page.html"], 2, "there is no folder 'no'"),
        (["--force"], 2, "--force is about the file of --export, and there is none"),
        (["--port", "65536"], 2, "expected a whole number from 0 to 65,535; got '65536'"),
        (["--plan", "hub", "--export", "page.html"], 2, "there is no plan 'hub' in small.toml"),
        (["--set", "item.content.stickines=1", "--export", "page.html"], 3, "did you mean 'stickiness'?"),
        (["--set", "network.file='none.csv'", "--export", "page.html"], 4, "none.csv"),
    ],
)
def test_calls_that_are_refused_before_any_work(call: Any, words: list[str], code: int, message: str) -> None:
    Path("here.html").write_text("mine")
    answer = call("lab", "small.toml", *words)
    assert (answer.code, answer.out) == (code, "")
    assert message in answer.err
    assert "putting the page together" not in answer.err
    assert Path("here.html").read_text() == "mine"
    assert not Path("page.html").exists()


def test_a_scenario_that_is_not_there(call: Any) -> None:
    answer = call("lab", "none.toml")
    assert (answer.code, answer.out) == (3, "")
    assert "none.toml" in answer.err


def test_a_port_that_is_taken(call: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = call("lab", "small.toml", "--no-browser", "--port", port)
    assert answer.code == 1
    assert f"error: port {port} of this machine is taken: something else answers there already\n" in answer.err


@contextmanager
def serving(*words: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command in a process of its own, once it serves; the lines until then, the last with the address."""
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "lab", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    try:
        assert process.stderr is not None
        said = ""
        for line in process.stderr:
            said += line
            if "http://" in line:
                break
        assert process.poll() is None, said
        yield process, said
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(os.name == "nt", reason="interrupts are signals elsewhere")
def test_it_is_served_and_opened_until_an_interrupt() -> None:
    browser = Path("browser").absolute()
    browser.write_text('#!/bin/sh\necho "$1" > asked.new && mv asked.new asked\n')
    browser.chmod(browser.stat().st_mode | stat.S_IXUSR)
    with serving("small.toml", BROWSER=f"{browser} %s") as (process, said):
        assert said.startswith("putting the page together ...\n")
        (address,) = re.findall(r"^the lab is at (http://127\.0\.0\.1:\d+/) \(Ctrl-C ends it\)$", said, re.MULTILINE)
        with urlopen(address, timeout=10) as answer:
            assert data_of(answer.read().decode())["source"] == "small.toml"
        for _ in range(100):
            if Path("asked").exists():
                break
            signal.sigtimedwait([], 0.1)
        assert Path("asked").read_text() == f"{address}\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err) == (130, "", "interrupted\n")


@pytest.mark.skipif(os.name == "nt", reason="interrupts are signals elsewhere")
def test_nothing_but_the_address_where_quiet_is_asked_for() -> None:
    with serving("small.toml", "--no-browser", "-q", BROWSER="false") as (process, said):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\n", said)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20) == ("", "interrupted\n")
