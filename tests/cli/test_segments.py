"""What `check --data` says of segments."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]

MINE = """[network]
file = "ties.csv"
people_file = "people.csv"

[segment.young]
where = { age = "18..34" }
per = "city"

[segment.tenth]
share = "10%"

[item.content]
stickiness = "50%"

[plan.all.wave.first]
strategy = "random"
count = 3
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    ties = "source,target\n" + "".join(f"p{k},p{(k * 7 + 1) % 40}\n" for k in range(40))
    people = "id,age,city\n" + "".join(f"p{k},{k + 11},{('oslo', 'rome', '')[k % 3]}\n" for k in range(40))
    (tmp_path / "ties.csv").write_text(ties, encoding="utf-8")
    (tmp_path / "people.csv").write_text(people, encoding="utf-8")
    (tmp_path / "mine.toml").write_text(MINE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_check_tells_how_many_people_are_in_each_segment(call: Call, folder: Path) -> None:
    answer = call("check", "mine.toml", "--data")
    assert answer.code == 0
    assert (
        "segments: young 17 people (in 3 groups by city), tenth 4 people; 19 people are\n"
        "  in none of these, and so in everyone\n"
    ) in answer.out
    facts = json.loads(call("check", "mine.toml", "--data", "--json").out)
    assert facts["segment_people"] == {"young": 17, "tenth": 4, "everyone": 19}
    assert facts["default_segment"] == "everyone"
    assert facts["group_people"] == {
        "young / oslo": 5,
        "young / rome": 6,
        "young / none": 6,
        "tenth": 4,
        "everyone": 19,
    }
    assert "segments" not in call("check", "mine.toml").out


def test_one_segment_of_everybody_is_not_worth_a_line(call: Call, folder: Path) -> None:
    text = MINE.replace(
        '[segment.young]\nwhere = { age = "18..34" }\nper = "city"\n\n[segment.tenth]\nshare = "10%"\n', ""
    )
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    assert "segments:" not in call("check", "mine.toml", "--data").out
    facts = json.loads(call("check", "mine.toml", "--data", "--json").out)
    assert facts["segment_people"] == {"everyone": 40}


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("segment.young.where={age='51..60'}", "segment.young.where: nobody has age = '51..60'"),
        ("segment.young.per=ctiy", "segment.young.per: people have no attribute 'ctiy'"),
        (
            "segment.tenth.share=90%",
            "segment.tenth.share: 90 % of all people are 36 people, and 23 of these 40 are left",
        ),
    ],
)
def test_check_tells_what_the_people_have_not(call: Call, folder: Path, setting: str, words: str) -> None:
    answer = call("check", "mine.toml", "--data", "--set", setting)
    assert answer.code == 4
    assert answer.err.count(words) == 1
    assert "segments:" not in answer.out
    problems = json.loads(call("check", "mine.toml", "--data", "--json", "--set", setting).out)["problems"]
    assert [words in one["message"] for one in problems] == [True]


def test_segments_are_told_where_something_else_is_missing(call: Call, folder: Path) -> None:
    answer = call("check", "mine.toml", "--data", "--set", "plan.all.wave.first.count=41")
    assert answer.code == 4
    assert "segments: young 17 people" in answer.out
