"""Functions of one's own: run only where allowed, turned into tables, and every mistake named."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from viralsim.errors import ScenarioError
from viralsim.scenario import check, read_scenario, scenario_from_text

MODULE = """
from pathlib import Path

Path(__file__).with_name("was-run").touch()

def bump(unit, peak=3, height=0.5):
    return height / (1 + (unit - peak) ** 2)

def fade(age):
    return max(0.0, 1 - age / 10)

def wait(ticks, slow=0.5):
    return (1 - slow) * slow ** ticks

def text(unit):
    return "0.5"

def truth(unit):
    return unit > 2

def nothing(unit):
    return float("nan")

def fails(unit):
    raise ZeroDivisionError("at\\nheart")

def half(ticks):
    return 0.5

number = 7
"""

SCENARIO = """
[network]
generator = "path"
[item.post]
law = "habits:bump"
[plan.one.wave.first]
strategy = "explicit"
people = [0]
[time]
horizon = 20
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "habits.py").write_text(MODULE)
    (tmp_path / "broken.py").write_text("import there_is_no_such_module\n")
    (tmp_path / "worse.py").write_text("def f(:\n")
    (tmp_path / "own.toml").write_text(SCENARIO)
    return tmp_path


def test_nothing_runs_unless_it_is_allowed(folder):
    problems = check(folder / "own.toml")
    assert [(one.message, one.hint) for one in problems] == [
        (
            "item.post.law: this runs code of the module 'habits', which was not allowed",
            "if you trust it: --allow-code, or allow_code=True in Python",
        )
    ]
    assert not (folder / "was-run").exists()
    assert check(folder / "own.toml", allow_code=True) == []
    assert (folder / "was-run").exists()


def test_a_law_becomes_a_curve(folder):
    item = read_scenario(folder / "own.toml", allow_code=True).item["post"]
    assert item.law == "curve"
    assert item.curve[:4] == (0.1, 0.25, 0.5, 0.25)
    assert len(item.curve) == 256
    settings = ["item.post.law={law='habits:bump', peak=2, height='40%'}"]
    item = read_scenario(folder / "own.toml", settings=settings, allow_code=True).item["post"]
    assert item.curve[:3] == (0.2, 0.4, 0.2)


def test_novelty_and_delay_become_lists(folder):
    settings = ["item.post.novelty=habits:fade", "platform.feed.delay={law='habits:wait', slow='25%'}"]
    scenario = read_scenario(folder / "own.toml", settings=settings, allow_code=True)
    assert scenario.item["post"].novelty[:3] == (1.0, 0.9, 0.8)
    assert len(scenario.item["post"].novelty) == 21
    delay = scenario.platform["feed"].delay
    assert delay.law == "table"
    assert delay.parameters["chances"][:3] == (0.75, 0.1875, 0.046875)


def test_the_resolved_form_needs_no_code(folder):
    """What is stored with results holds the numbers, and is played without anybody's code."""
    settings = ["item.post.novelty=habits:fade", "platform.feed.delay={law='habits:wait'}"]
    scenario = read_scenario(folder / "own.toml", settings=settings, allow_code=True)
    again = scenario_from_text(scenario.toml())
    assert again == scenario
    assert again.content_hash("g") == scenario.content_hash("g")
    (folder / "habits.py").write_text(MODULE.replace("height=0.5", "height=0.25"))
    assert read_scenario(folder / "own.toml", settings=settings, allow_code=True).content_hash(
        "g"
    ) != scenario.content_hash("g")


def test_more_settings_keep_the_permission(folder):
    scenario = read_scenario(folder / "own.toml", allow_code=True)
    assert scenario.with_settings(["time.horizon=5"]).item == scenario.item
    with pytest.raises(ScenarioError):
        read_scenario(folder / "own.toml")


def test_modules_beside_a_scenario_are_not_kept(folder):
    """Two scenarios may have modules of one name; neither may get the other's."""
    read_scenario(folder / "own.toml", allow_code=True)
    assert "habits" not in sys.modules
    other = folder / "other"
    other.mkdir()
    (other / "habits.py").write_text("def bump(unit):\n    return 0.125\n")
    (other / "own.toml").write_text(SCENARIO)
    assert read_scenario(other / "own.toml", allow_code=True).item["post"].curve[0] == 0.125


@pytest.mark.parametrize(
    ("setting", "message", "hint"),
    [
        (
            "item.post.law=habits:bumb",
            "'habits' has no function 'bumb'; it has bump, fade, wait, text, truth, nothing, fails, half",
            "did you mean 'bump'?",
        ),
        ("item.post.law=habits:number", "item.post.law: 'habits' has no function 'number'; it has bump", ""),
        ("item.post.law=habit:bump", "item.post.law: there is no module 'habit': neither", "did you mean 'habits'?"),
        (
            "item.post.law=broken:f",
            "broken.py needs the module 'there_is_no_such_module', which is not installed",
            "",
        ),
        ("item.post.law=worse:f", "item.post.law: the module 'worse' cannot be run: SyntaxError: invalid syntax", ""),
        ("item.post.law=habits:text", "item.post.law: text(1) is '0.5', expected a number from 0 to 1", ""),
        ("item.post.law=habits:truth", "item.post.law: truth(1) is False, expected a number from 0 to 1", ""),
        ("item.post.law=habits:nothing", "item.post.law: nothing(1) is nan, expected a number from 0 to 1", ""),
        ("item.post.law=habits:fails", "item.post.law: fails(1) failed: ZeroDivisionError: at heart", ""),
        (
            "item.post.law={law='habits:bump', peek=3}",
            "item.post.law.law: bump(1, peek=3) failed: TypeError: bump() got an unexpected keyword argument 'peek'",
            "",
        ),
        (
            "item.post.law={law='habits:bump', peak='high'}",
            'item.post.law.peak: expected a number, a share or a duration; got "high"',
            "",
        ),
        (
            "platform.feed.delay={law='habits:half'}",
            "platform.feed.delay.law: its chances add up to 10.5 up to the horizon, expected at most 1",
            "",
        ),
        ("item.post.law=habits:", 'item.post.law: expected one of "independent", "curve"', ""),
    ],
)
def test_what_is_wrong_is_named(folder, setting, message, hint):
    (problem,) = check(folder / "own.toml", settings=[setting], allow_code=True)
    assert message in problem.message
    assert "\n" not in problem.message
    assert problem.hint == hint


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("item.post.curve=[0.5]", "item.post.curve: the law's function makes the curve"),
        ("item.post.stickiness=5%", "item.post.stickiness: law 'curve' has no parameter 'stickiness'"),
    ],
)
def test_a_function_leaves_no_room_for_what_it_makes(folder, setting, message):
    text = SCENARIO.replace(
        'law = "habits:bump"', 'law = "habits:bump"\n' + setting.removeprefix("item.post.").replace("5%", '"5%"')
    )
    (folder / "own.toml").write_text(text)
    (problem,) = check(folder / "own.toml", allow_code=True)
    assert problem.message.startswith(message)


def test_lists_written_out():
    text = SCENARIO.replace('"habits:bump"', '"curve"\ncurve = ["10%"]')
    scenario = scenario_from_text(text, settings=["item.post.novelty=['100%', 0.5, 0]"])
    assert scenario.item["post"].novelty == (1.0, 0.5, 0.0)
    assert scenario_from_text(scenario.toml()) == scenario
    scenario = scenario_from_text(text, settings=["platform.feed.delay={law='table', chances=['50%', 0, '25%']}"])
    assert scenario.platform["feed"].delay.parameters == {"chances": (0.5, 0.0, 0.25)}
    for setting, message in (
        ("item.post.novelty=[]", "expected what is left of a fresh dose"),
        ("item.post.novelty=['100%', '120%']", "item.post.novelty[1]: expected"),
        ("platform.feed.delay={law='table', chances=['80%', '30%']}", "the chances add up to 1.1, expected at most 1"),
        ("platform.feed.delay={law='table', chances=[]}", "expected a list of 1 to 10_000 chances"),
        ("platform.feed.delay={law='table', chances=[2]}", "the chance of 0 ticks: expected"),
    ):
        with pytest.raises(ScenarioError) as caught:
            scenario_from_text(text, settings=[setting])
        assert message in caught.value.problems[0].message
    both = text.replace('curve = ["10%"]', 'curve = ["10%"]\nnovelty = [1]\nhalf_life = "2h"')
    with pytest.raises(ScenarioError, match="choose one of 'novelty' and 'half_life', not both"):
        scenario_from_text(both)
