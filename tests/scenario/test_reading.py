"""Settings, hostile sources, the resolved form, its hash and the imports of the room."""

import gzip
import json
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from viralsim.errors import ScenarioError, UsageError
from viralsim.scenario import check, init_text, read_scenario, scenario_from_text, templates
from viralsim.scenario.locating import locate

ROOT = Path(__file__).parents[2]
BASE = """
title = "base"
random_seed = 3

[network]
generator = "communities"
people = 500
random_seed = 4
trust = 0.4

[platform.feed]
visibility = 0.5
delay = { law = "log-normal", median = "3h", sigma = 1.5 }

[segment.everyone]
attention = 0.9

[item.post]
stickiness = 0.05
endorsement = 2
half_life = "2d"

[plan.one.wave.first]
strategy = "random"
count = 5
redraw = true

[time]
horizon = "7d"
"""


def problems(text="", **more):
    with pytest.raises(ScenarioError) as caught:
        scenario_from_text(text or BASE, **more)
    return caught.value.problems


def first(text="", **more):
    return str(problems(text, **more)[0])


# -- settings


def test_settings_take_toml_values_and_else_text():
    scenario = scenario_from_text(
        BASE,
        settings=[
            "title=a title, with = and # in it",
            "description='[quoted]'",
            "item.post.stickiness=3%",
            "plan.one.wave.first.count=7",
            "plan.one.wave.first.redraw=false",
            'plan.one.wave.first.where={country=["FR"]}',
            'segment."everyone".attention = 0.25',
            "report.viral_threshold=0x10",
        ],
    )
    assert scenario.title == "a title, with = and # in it"
    assert scenario.description == "[quoted]"
    assert scenario.item["post"].stickiness == 0.03
    assert scenario.plan["one"].wave["first"].count == 7
    assert scenario.plan["one"].wave["first"].redraw is False
    assert scenario.plan["one"].wave["first"].where == {"country": ("FR",)}
    assert scenario.segment["everyone"].attention == 0.25
    assert scenario.report.viral_threshold == 16


def test_the_last_of_two_settings_counts():
    assert scenario_from_text(BASE, settings=["random_seed=5", "random_seed=6"]).random_seed == 6


def test_a_date_is_text_for_a_setting():
    assert scenario_from_text(BASE, settings=["title=2024-05-01"]).title == "2024-05-01"


def test_every_problem_of_settings_is_placed_at_its_setting_and_after_the_files():
    found = problems(
        BASE.replace("0.05", "5"),
        settings=[
            "item.post.stickines=3%",
            "item.post.share_rate=150%",
            "nonsense",
            "=5",
            "a b=5",
            "plan.one.wave.first.item=pst",
            "network.generator=rng",
        ],
    )
    assert [problem.place for problem in found] == [
        "<text>:19:14",
        "--set item.post.stickines=3%",
        "--set item.post.share_rate=150%",
        "--set plan.one.wave.first.item=pst",
        "--set network.generator=rng",
        "--set nonsense",
        "--set =5",
        "--set a b=5",
    ]
    assert str(found[1]).endswith("item.post.stickines: unknown key\n  hint: did you mean 'stickiness'?")
    assert "expected path=value, such as item.content.stickiness=3%" in str(found[5])


def test_a_setting_hides_what_the_file_says_wrongly():
    assert scenario_from_text(BASE.replace("0.05", "5"), settings=["item.post.stickiness=5%"])


def test_a_new_table_by_a_misspelt_name_is_noticed():
    assert "did you mean 'post'?" in first(settings=["item.pst.stickiness=3%"])
    assert "did you mean 'hubs'?" in str(check(settings=["plan.hub.wave.first.count=3"])[0])


def test_a_setting_inside_a_list_is_refused():
    text = BASE.replace('strategy = "random"\ncount = 5\nredraw = true', 'strategy = "explicit"\npeople = [1]')
    assert "this is a list; set it whole" in first(text, settings=["plan.one.wave.first.people.0=5"])


def test_a_table_can_be_set_whole_and_below_a_value():
    scenario = scenario_from_text(BASE, settings=["network={generator='star'}"])
    assert scenario.network.parameters == {"people": 10}
    text = BASE.replace('{ law = "log-normal", median = "3h", sigma = 1.5 }', '"none"')
    settings = ["platform.feed.delay.law=geometric", "platform.feed.delay.mean=6h"]
    assert scenario_from_text(text, settings=settings).platform["feed"].delay.parameters == {"mean": 6.0}


@pytest.mark.parametrize(
    ("settings", "read"),
    [
        (
            ["network.file=edges.csv"],
            lambda s: (s.network.file, s.network.generator, s.network.parameters, s.network.trust),
        ),
        (
            ["network.generator=ring"],
            lambda s: (s.network.generator, s.network.parameters, s.network.random_seed),
        ),
        (
            ["network.generator=communities"],
            lambda s: (s.network.parameters["people"], s.network.random_seed),
        ),
        (["network.people=8", "network.generator=ring"], lambda s: s.network.parameters),
        (
            ["item.post.arc_probability=weighted-cascade"],
            lambda s: (s.item["post"].stickiness, s.item["post"].endorsement),
        ),
        (["platform.feed.delay=none"], lambda s: s.platform["feed"].delay.law),
        (
            ["platform.feed.delay.law=geometric", "platform.feed.delay.mean=1d"],
            lambda s: s.platform["feed"].delay.parameters,
        ),
        (
            ["plan.one.wave.first.strategy=degree"],
            lambda s: (s.plan["one"].wave["first"].count, s.plan["one"].wave["first"].redraw),
        ),
        (
            ["plan.one.wave.first.people=[1]", "plan.one.wave.first.strategy=explicit"],
            lambda s: (s.plan["one"].wave["first"].count, s.plan["one"].wave["first"].people),
        ),
    ],
)
def test_a_setting_that_picks_an_alternative_puts_the_other_aside(settings, read):
    expected = {
        "network.file=edges.csv": (str(Path.cwd() / "edges.csv"), None, {}, 0.4),
        "network.generator=ring": ("ring", {"people": 10, "neighbours": 1}, 4),
        "network.generator=communities": (500, 4),
        "network.people=8": {"people": 8, "neighbours": 1},
        "item.post.arc_probability=weighted-cascade": (None, 0.0),
        "platform.feed.delay=none": "none",
        "platform.feed.delay.law=geometric": {"mean": 24.0},
        "plan.one.wave.first.strategy=degree": (5, False),
        "plan.one.wave.first.people=[1]": (None, (1,)),
    }[settings[0]]
    assert read(scenario_from_text(BASE, settings=settings)) == expected


def test_what_a_setting_writes_whole_is_no_longer_the_files():
    """Pointed at the file's `people` once, which the setting had replaced."""
    found = problems(settings=["network={generator='star', people=0}"])
    assert [problem.place for problem in found] == ["--set network={generator='star', people=0}"]


def test_a_title_with_any_character_reads_back():
    text = BASE.replace('title = "base"', r'title = "\u007f \u0000 \" \\ \u2028 \U0010ffff \u0085"')
    scenario = scenario_from_text(text)
    assert scenario.title == '\x7f \0 " \\ \u2028 \U0010ffff \x85'
    assert scenario_from_text(scenario.toml()) == scenario


def test_two_settings_that_contradict_each_other_are_not_put_aside():
    found = problems(settings=["network.file=a.csv", "network.people=5"])
    assert [problem.place for problem in found] == ["--set network.people=5"]
    assert "not both" in first(settings=["item.post.stickiness=0.1", "item.post.arc_probability=0.1"])


def test_paths_are_relative_to_the_scenario_and_in_settings_to_the_working_directory(tmp_path, monkeypatch):
    (tmp_path / "there").mkdir()
    (tmp_path / "here").mkdir()
    file = tmp_path / "there" / "a.toml"
    file.write_text(BASE.replace('generator = "communities"\npeople = 500\nrandom_seed = 4', 'file = "e.csv"'))
    monkeypatch.chdir(tmp_path / "here")
    assert read_scenario("../there/a.toml").network.file == str(tmp_path / "there" / "e.csv")
    changed = read_scenario("../there/a.toml", settings=["network.file=f.csv"])
    assert changed.network.file == str(tmp_path / "here" / "f.csv")
    assert changed.with_settings(["time.horizon=1"]).network.file == changed.network.file


EDITS = {
    ("random_seed",): st.integers(0, 2**63 - 1),
    ("network", "people"): st.integers(2, 10**6),
    ("network", "trust"): st.floats(0, 1),
    ("platform", "feed", "visibility"): st.floats(0, 1) | st.integers(0, 100).map(lambda n: f'"{n}%"'),
    ("platform", "feed", "delay", "sigma"): st.floats(0.01, 10),
    ("item", "post", "stickiness"): st.floats(-0.5, 1.5),
    ("item", "post", "half_life"): st.sampled_from(['"none"', '"3h"', "0.5", '"3 hrs"', "-1"]),
    ("plan", "one", "wave", "first", "count"): st.integers(-1, 1000),
    ("plan", "one", "wave", "first", "redraw"): st.sampled_from(["true", "false", "yes"]),
    ("time", "horizon"): st.sampled_from(['"1d"', "0", "48", '"1 fortnight"', "0.5"]),
}


@hypothesis_settings(max_examples=150, derandomize=True, deadline=None)
@given(st.sampled_from(list(EDITS)).flatmap(lambda path: st.tuples(st.just(path), EDITS[path])))
def test_a_setting_equals_editing_the_file(edit):
    path, value = edit
    written = str(value)
    span = locate(BASE).values[path]
    edited = BASE[: span.start] + written + BASE[span.end :]
    by_setting = outcome_of(BASE, [".".join(path) + "=" + written])
    by_file = outcome_of(edited)
    if "not TOML" not in str(by_file):  # what is no TOML is text for a setting
        assert by_setting == by_file


def outcome_of(text, settings=()):
    """Return the scenario or the messages of its problems."""
    try:
        return scenario_from_text(text, settings=settings)
    except ScenarioError as error:
        return [problem.message for problem in error.problems]


# -- places and changed copies


def test_places_for_the_messages_of_other_rooms():
    scenario = scenario_from_text(BASE, name="base.toml", settings=["item.post.stickiness=3%"])
    assert scenario.place("network.people") == "base.toml:7:10"
    assert scenario.place(("plan", "one", "wave", "first", "count")) == "base.toml:25:9"
    assert scenario.place("item.post.stickiness") == "--set item.post.stickiness=3%"
    assert scenario.place("item.post.share_rate") == "base.toml:18:1"  # not written: its table
    assert scenario.source == "base.toml"


def test_a_changed_copy_keeps_settings_and_places():
    scenario = scenario_from_text(BASE, settings=["item.post.stickiness=3%"])
    changed = scenario.with_settings(["plan.one.wave.first.count=9"])
    assert (changed.item["post"].stickiness, changed.plan["one"].wave["first"].count) == (0.03, 9)
    assert scenario.plan["one"].wave["first"].count == 5
    assert changed.place("item.post.stickiness") == "--set item.post.stickiness=3%"
    with pytest.raises(ScenarioError, match="--set random_seed=x: random_seed: expected a whole number"):
        scenario.with_settings(["random_seed=x"])


def test_a_scenario_cannot_be_changed_and_travels_to_other_processes():
    scenario = scenario_from_text(BASE)
    with pytest.raises(ValueError, match="frozen"):
        scenario.title = "x"
    copy = pickle.loads(pickle.dumps(scenario))
    assert copy == scenario
    assert hash(copy) == hash(scenario)
    assert copy.place("network.people") == scenario.place("network.people")


# -- the resolved form and its hash

# Every leaf of the resolved form: a setting that changes it, and whether a realisation can change.
CHANGES = {
    "title": ("title=other", False),
    "description": ("description=other", False),
    "random_seed": ("random_seed=9", True),
    "realisations": ("realisations=9", False),
    "precision": ("precision=1%", False),
    "network.generator": ("network.generator=star", False),  # the graph counts by its fingerprint
    "network.people": ("network.people=9", False),
    "network.mean_degree": ("network.mean_degree=3", False),
    "network.exponent": ("network.exponent=3", False),
    "network.mixing": ("network.mixing=0.5", False),
    "network.community_size": ("network.community_size=9", False),
    "network.clustering": ("network.clustering=0.9", False),
    "network.random_seed": ("network.random_seed=9", False),
    "network.trust": ("network.trust=0.9", False),
    "platform.feed.visibility": ("platform.feed.visibility=0.9", True),
    "platform.feed.delay.law": ("platform.feed.delay=none", True),
    "platform.feed.delay.median": ("platform.feed.delay.median=9", True),
    "platform.feed.delay.sigma": ("platform.feed.delay.sigma=9", True),
    "segment.everyone.attention": ("segment.everyone.attention=0.1", True),
    "item.post.kind": (None, True),  # one choice only
    "item.post.law": (None, True),
    "item.post.stickiness": ("item.post.stickiness=0.9", True),
    "item.post.arc_probability": ("item.post.arc_probability=0.9", True),
    "item.post.trials": ("item.post.trials=multiplicity", True),
    "item.post.endorsement": ("item.post.endorsement=0.9", True),
    "item.post.half_life": ("item.post.half_life=none", True),
    "item.post.share_rate": ("item.post.share_rate=0.9", True),
    "item.post.affinity.everyone": ("item.post.affinity.everyone=0.9", True),
    "plan.one.wave.first.item": (None, True),
    "plan.one.wave.first.platform": (None, True),
    "plan.one.wave.first.strategy": ("plan.one.wave.first.strategy=degree", True),
    "plan.one.wave.first.count": ("plan.one.wave.first.count=9", True),
    "plan.one.wave.first.start": ("plan.one.wave.first.start=9", True),
    "plan.one.wave.first.redraw": ("plan.one.wave.first.redraw=false", True),
    "plan.one.wave.first.where": ("plan.one.wave.first.where={a=1}", True),
    "plan.one.wave.first.per": ("plan.one.wave.first.per=a", True),
    "time.tick": ("time.tick=30min", True),
    "time.horizon": ("time.horizon=9", True),
    "report.item": (None, False),
    "report.times": ("report.times=9", False),
    "report.viral_threshold": ("report.viral_threshold=9", False),
}


def leaves(value, path=()):
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    else:
        yield ".".join(path)


def test_every_leaf_of_the_resolved_form_is_decided():
    assert set(CHANGES) == set(leaves(scenario_from_text(BASE).resolved()))


@pytest.mark.parametrize(("setting", "counts"), [change for change in CHANGES.values() if change[0]])
def test_the_hash_changes_exactly_with_what_can_change_a_realisation(setting, counts):
    before, after = scenario_from_text(BASE), scenario_from_text(BASE, settings=[setting])
    assert before != after
    assert (before.content_hash("g") != after.content_hash("g")) == counts


def test_the_hash_takes_the_network_by_its_fingerprint_and_ignores_how_things_are_written():
    scenario = scenario_from_text(BASE)
    assert scenario.content_hash("g") != scenario.content_hash("h")
    assert re.fullmatch("[0-9a-f]{16}", scenario.content_hash("g"))
    same = BASE.replace("0.05", '"5%"').replace('"2d"', "48").replace('"7d"', '"168 hours"') + 'tick = "60min"\n'
    assert scenario_from_text(same, name="other.toml").content_hash("g") == scenario.content_hash("g")
    second = '\n[plan.two.wave.first]\nstrategy = "degree"\ncount = 1\n'
    before = BASE.index("[plan.one")
    one, two = BASE + second, BASE[:before] + second + BASE[before:]
    assert scenario_from_text(one).content_hash("g") == scenario_from_text(two).content_hash("g")
    assert scenario_from_text(one) != scenario_from_text(two)  # another plan is the first
    assert list(scenario_from_text(scenario_from_text(two).toml()).plan) == ["two", "one"]


def test_the_hash_stays_what_it_was():
    """Stored outcomes are found by it; changing it on purpose means changing this line."""
    assert scenario_from_text(BASE).content_hash("g") == "fe839deb2730714f"


NAMES = st.sampled_from(["delay", "where", "affinity", "wave", "item", "a-b", "9", "_"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@st.composite
def scenarios(draw):
    item, platform, segment = draw(NAMES), draw(NAMES), draw(NAMES)
    tick = draw(st.sampled_from(["1h", "90s", "0.5s", "1d", "7min"]))
    quoted = {
        name: json.dumps(draw(TEXTS), ensure_ascii=False).replace("\x7f", "\\u007f")
        for name in ("title", "description")
    }
    delay = draw(
        st.sampled_from(
            [
                '"none"',
                "{ law = 'geometric', mean = '7min' }",
                "{ law = 'log-normal', median = 0.1, sigma = 3 }",
                "{ law = 'power-law', minimum = '1s', exponent = 2.5 }",
            ]
        )
    )
    lines = [
        *(f"{name} = {text}" for name, text in quoted.items()),
        f"random_seed = {draw(st.integers(0, 2**63 - 1))}",
        f"precision = {draw(st.floats(1e-9, 1))!r}",
        draw(
            st.sampled_from(
                [
                    "network = { generator = 'tree', depth = 2 }",
                    "network = { generator = 'communities', mixing = 0.123456789012345678 }",
                    "network = { file = 'ä \"b\" #.csv', delimiter = '\t', header = false, target_column = 3 }",
                ]
            )
        ),
        f"platform.{platform}.visibility = {draw(st.floats(0, 1))!r}",
        f"platform.{platform}.delay = {delay}",
        f"segment.{segment}.attention = {draw(st.floats(0, 1))!r}",
        f"[item.{item}]",
        draw(
            st.sampled_from(
                [
                    "stickiness = '3.7%'\nendorsement = 0.3",
                    "arc_probability = 'weighted-cascade'",
                    "arc_probability = 1",
                ]
            )
        ),
        f"share_rate = {draw(st.floats(0, 1))!r}",
        f"affinity.{segment} = {draw(st.floats(0, 1e6))!r}",
        draw(st.sampled_from(["", "half_life = 'none'", "half_life = '7min'"])),
    ]
    for name in draw(st.lists(NAMES, min_size=1, max_size=3, unique=True)):
        for wave in draw(st.lists(NAMES, min_size=1, max_size=2, unique=True)):
            people = draw(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=3, unique=True))
            attribute = json.dumps(draw(TEXTS), ensure_ascii=False).replace("\x7f", "\\u007f")
            seeds = draw(
                st.sampled_from(
                    [
                        f"strategy = 'explicit'\npeople = {people}",
                        "strategy = 'random'\ncount = 3\nredraw = true\n"
                        f"where = {{ {attribute} = [{attribute}, 1, true] }}",
                        "strategy = 'degree'\ncount = 1\nper = 'where'",
                    ]
                )
            )
            lines += [f"[plan.{name}.wave.{wave}]", seeds, f"start = {draw(st.integers(0, 50))}"]
    threshold = draw(st.sampled_from(["1", "1.0", "'1%'", "500"]))
    lines += ["[time]", f"tick = '{tick}'", f"horizon = {draw(st.integers(50, 100_000))}"]
    lines += ["[report]", f"viral_threshold = {threshold}"]
    return "\n".join(lines)


@hypothesis_settings(max_examples=150, derandomize=True, deadline=None)
@given(scenarios())
def test_the_resolved_form_reads_back_to_the_same_scenario(text):
    scenario = scenario_from_text(text)
    again = scenario_from_text(scenario.toml())
    assert again == scenario
    assert again.content_hash("g") == scenario.content_hash("g")
    assert list(again.plan) == list(scenario.plan)
    assert json.dumps(again.resolved(), allow_nan=False) == json.dumps(scenario.resolved(), allow_nan=False)
    assert pickle.loads(pickle.dumps(again)) == scenario


# -- hostile sources


def test_files_that_are_none(tmp_path):
    def message(path):
        with pytest.raises(ScenarioError) as caught:
            read_scenario(path)
        assert caught.value.exit_code == 3
        return str(caught.value)

    (tmp_path / "launch.toml").write_text(BASE)
    assert "there is no such file" in message(tmp_path / "nothing.toml")
    assert "did you mean 'launch.toml'?" in message(tmp_path / "lunch.toml")
    folder = "this is a folder; expected a scenario file (.toml)\n  hint: it holds launch.toml"
    assert folder in message(tmp_path)
    assert re.search("no such file|cannot be read", message(tmp_path / "launch.toml" / "x.toml"))
    assert "cannot be read" in message("a\0b.toml")
    big = tmp_path / "big.toml"
    big.write_bytes(b"#" * 10_000_001)
    assert "larger than 10 MB" in message(big)
    assert "binary" in message(sys.executable) or "larger" in message(sys.executable)
    assert "larger than 10 MB" in message("/dev/zero")
    assert "?" in message(os.fsdecode(b"caf\xe9.toml"))  # a name that is no text is still printed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = " + "[" * 5000 + "]" * 5000, "nested too deeply"),
        ("a = " + "{b=" * 3000 + "1" + "}" * 3000, "nested too deeply"),
        ("a = " + "9" * 5000, "this number has too many digits"),
        ("a = " + "9" * 4000, "a: unknown key"),
        ("\ufeff\ufeffa = 1", "not TOML"),
        ("a = '\ud800'", ""),
        ("a" * 100_000 + " = 1", "unknown key"),
        ("a\r = 1", "not TOML"),
        ("a = 1\x00", "not TOML"),
        ("=", "not TOML"),
        ("[", "not TOML"),
        ("[[item]]\na=1", "expected a table; got a list"),
        ("item.post = []", "item.post: expected a table; got a list"),
        ("time = 5\nreport = true\nplatform.x = 1", "time: expected a table; got 5"),
        ("plan.a.wave.b.start = 1\nplan.a.wave.b.strategy = []", 'expected one of "explicit"'),
        ("item.a.affinity = 3\nitem.a.kind = {}", "expected a table such as"),
        (
            "plan.a.wave.b = { item = 3, platform = [], where = { a = 1979-05-27 } }",
            "expected text between quotes; got 3",
        ),
        ("network = { generator = [], people = 3 }", "expected one of"),
        ("network = { generator = 'ring', parameters = { people = 3 } }", "has no parameter 'parameters'"),
        ("platform.feed.delay = { law = 3, parameters = 4 }", "expected one of"),
        ("time = { tick = [], horizon = {} }", "expected a duration"),
    ],
)
def test_hostile_text(text, expected):
    with pytest.raises(ScenarioError) as caught:
        scenario_from_text(text)
    assert expected in str(caught.value)
    assert len(str(caught.value)) < 20_000


JUNK = st.recursive(
    st.sampled_from(
        [
            "1",
            "-1",
            "0.5",
            "nan",
            "inf",
            "true",
            '"x"',
            '"3%"',
            '"6h"',
            '"none"',
            "1979-05-27",
            "99999999999999999999",
            '""',
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=2).map(lambda parts: "[" + ", ".join(parts) + "]")
        | st.dictionaries(st.sampled_from(["a", "law", "wave", "mean", "people"]), inner, max_size=2).map(
            lambda parts: "{" + ", ".join(f"{key} = {value}" for key, value in parts.items()) + "}"
        )
    ),
    max_leaves=4,
)
PATHS = st.sampled_from(
    [
        *CHANGES,
        "network.file",
        "network.header",
        "network.parameters",
        "platform.feed.delay.mean",
        "item",
        "item.post",
        "plan",
        "plan.one",
        "plan.one.wave",
        "plan.one.wave.first",
        "plan.one.wave.first.people",
        "time",
        "report",
        "network",
        "segment",
        "platform",
        "platform.feed",
        "x",
        "x.y",
        "item.b.stickiness",
        "platform.b",
        'segment."".attention',
    ]
)


@hypothesis_settings(max_examples=400, derandomize=True, deadline=None)
@given(st.lists(st.tuples(PATHS, JUNK), min_size=1, max_size=4))
def test_whatever_is_set_gives_a_scenario_or_problems_and_nothing_else(changes):
    settings = [f"{path}={value}" for path, value in changes]
    try:
        scenario = scenario_from_text(BASE, settings=settings)
    except ScenarioError as error:
        places = [problem.place for problem in error.problems]
    else:
        places = ["<text>"]
        assert scenario_from_text(scenario.toml()) == scenario
    assert places
    assert all(place.startswith(("--set ", "<text>")) for place in places)


@pytest.mark.parametrize(
    "setting", ["title=\ud800", "\udcff=1", "", "=", "a", ".=1", "a.=1", '"a=1', "item.post=\n[x]\ny=1"]
)
def test_settings_that_are_none(setting):
    assert problems(settings=[setting])[0].place.startswith("--set ")


def test_long_lists_of_problems_stay_short():
    text = BASE.replace('"random"\ncount = 5\nredraw = true', '"explicit"\npeople = [' + "true, " * 10_000 + "]")
    assert len(problems(text)) <= 20


# -- what is packaged


def test_the_first_look_is_packaged_commented_and_valid():
    text = init_text()
    assert "first-look" in templates()
    assert scenario_from_text(text) == read_scenario()
    assert text.count("#") > 20
    assert "ssumption" in text
    scenario = read_scenario()
    assert next(iter(scenario.plan)) == "random"
    assert scenario.network.parameters["people"] == 20_000
    assert scenario.time.horizon == 14 * 24
    example = re.search(r'without the "#":\n#\n((# .*\n)+)', text)
    extended = scenario_from_text(text + re.sub("(?m)^# ", "", example[1]))
    assert list(extended.plan) == [*scenario.plan, "two-waves"]
    assert extended.plan["two-waves"].wave["second"].per == "community"
    with pytest.raises(ScenarioError, match="did you mean 'first-look'"):
        init_text("firstlook")


# -- imports

HEAVY = ("numpy", "numba", "networkx", "scipy", "duckdb", "matplotlib", "click", "rich")


def test_the_room_imports_nothing_heavy_and_is_quick():
    code = (
        "import time, sys; import pydantic, pydantic._internal._generate_schema; start = "
        "time.perf_counter(); "
        "import viralsim.scenario as s; s.read_scenario(); took = time.perf_counter() - start; "
        f"print(took, *[name for name in {HEAVY} if name in sys.modules])"
    )
    took = []
    for _ in range(3):
        result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
        seconds, *heavy = result.stdout.split()
        assert not heavy
        took.append(float(seconds))
    assert min(took) < 0.3  # 0.05 s alone on a machine of 2020; pydantic itself takes 0.1 s more


def test_the_catalogue_does_without_pydantic():
    code = "import sys, viralsim.scenario as s; s.choices('law'); print('pydantic' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


# -- settings from Python


def test_a_single_text_is_no_sequence_of_settings():
    """settings="a=b" was one error for each of its characters."""
    for read in (read_scenario, check, lambda settings: read_scenario().with_settings(settings)):
        with pytest.raises(UsageError) as caught:
            read(settings="random_seed=2")
        assert str(caught.value) == (
            'expected settings as a sequence of "path=value", or as a mapping {path: value}; '
            "got the text \"random_seed=2\"\n  hint: settings=['random_seed=2']"
        )


@pytest.mark.parametrize("settings", [3, None, [3], [("a", "b")], b"a=b", {3: "x"}, {("a", "b"): 1}])
def test_settings_of_another_kind_are_refused(settings):
    with pytest.raises(UsageError, match="expected settings as a sequence"):
        read_scenario(settings=settings)


def test_settings_may_be_a_mapping(tmp_path):
    as_text = [
        "network.people=500",
        "item.post.stickiness=3%",
        "platform.feed.delay={law = 'geometric', mean = '6h'}",
        "plan.one.wave.first={strategy='explicit', people=[3, 'x']}",
        "title=spring",
    ]
    as_mapping = {
        "network.people": 500,
        "item.post.stickiness": "3%",
        "platform.feed.delay": {"law": "geometric", "mean": "6h"},
        "plan.one.wave.first": {"strategy": "explicit", "people": (3, "x")},
        "title": "spring",
    }
    assert scenario_from_text(BASE, settings=as_mapping) == scenario_from_text(BASE, settings=as_text)
    changed = scenario_from_text(BASE, settings=as_mapping).with_settings({"random_seed": 7, "title": "autumn"})
    again = changed.with_settings(["random_seed=8"])
    assert (again.title, again.random_seed, again.network.parameters["people"]) == ("autumn", 8, 500)
    file = tmp_path / "a.csv"
    assert scenario_from_text(BASE, settings={"network.file": file}).network.file == str(file)


def test_problems_of_a_mapping_are_placed_at_it():
    found = problems(settings={"network.people": 20.0, "random_seed": "1.000", "item.post.stickiness": None, "a b": 1})
    assert [(problem.place, problem.hint) for problem in found] == [
        ("--set network.people=20.0", "write 20"),
        ("--set random_seed=1.000", "write 1_000 if you mean 1000, 1 if you mean 1: a point starts decimals"),
        ("--set item.post.stickiness=None", "leave it out to use the default"),
        ("--set a b=1", ""),
    ]
    assert found[2].message == "None is no value"
    assert "expected a path" in found[3].message


def test_a_whole_number_of_a_setting_has_no_point():
    """--set network.people=20.000 was a network of twenty people."""
    found = problems(settings=["network.people=20.000", "realisations=20,000", "item.post.stickiness=1,5%"])
    assert [problem.hint for problem in found] == [
        "write 20_000 if you mean 20000, 20 if you mean 20: a point starts decimals",
        "write 20_000: digits are grouped with _ or not at all",
        'write decimals with a point: "1.5%"',
    ]


# -- what is no scenario


def test_an_edge_list_is_no_scenario(tmp_path, monkeypatch):
    """`viralsim run friends.csv` said no more than "expected '=' after a key"."""
    monkeypatch.chdir(tmp_path)
    into = "if this is a network, it goes into network.file: viralsim run --set "
    for name, text, hint in (
        ("friends.csv", "ann,bob\nbob,cem\n", into + "network.file=friends.csv"),
        ("my friends.tsv", "# ties\n\nann smith\tbob\n", into + "'network.file=my friends.tsv'"),
        ("numbers.txt", "1 2\n2 3\n", into + "network.file=numbers.txt"),
        ("quoted.csv", '"ann","bob"\n', into + "network.file=quoted.csv"),
        ("no.toml", "network\n", ""),
        ("later.toml", "title = 'a'\nann,bob\n", ""),
        ("json.toml", '{"a": [1, 2]}\n', ""),
        ("list.toml", "people = [1, 2\n", ""),
    ):
        Path(name).write_text(text)
        (problem,) = check(name)
        assert problem.hint == hint, name
    Path("friends.gz").write_bytes(gzip.compress(b"1 2\n"))
    (problem,) = check("friends.gz")
    assert problem.hint == into + "network.file=friends.gz"


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("stickiness = “5%”", 'use straight quotes: "5%"'),
        ("stickiness = ‘5%’", 'use straight quotes: "5%"'),
        ("stickiness = „5%“  # five", 'use straight quotes: "5%"'),
        ("stickiness = “5%", "use straight quotes"),
        ("stickiness = 5 # “five”", ""),
        ("endorse ment = 1", "keys have no spaces; use '_': endorse_ment"),
        ("stickiness = 0,5", "write decimals with a point: 0.5"),
        ("stickiness = 5%", 'write it between quotes: "5%"'),
        ("stickiness = 1 }", ""),
        ("[plan. a b .wave.c d]", "names have no spaces; use '-': [plan.a-b.wave.c-d]"),
        ("[[plan.a b]]", "names have no spaces; use '-': [[plan.a-b]]"),
        ("[plan.a b", ""),
    ],
)
def test_hints_of_a_line_that_is_not_toml(line, hint):
    try:
        found = problems("[network]\n[item.post]\n" + line + "\n")[0]
    except ScenarioError as error:
        found = error.problems[0]
    if not found.message.startswith("not TOML"):
        assert not hint
    else:
        assert found.hint == hint


def test_reading_again_with_settings_leaves_places_and_what_was_given_alone():
    """The text of a scenario is taken apart once, however many cells of a sweep are made of it."""
    first = scenario_from_text(read_scenario().toml(), name="first.toml")
    written = first.place("item.content.stickiness")
    changed = first.with_settings(["item.content.stickiness=1%"])
    assert changed.place("item.content.stickiness") == "--set item.content.stickiness=1%"
    assert first.place("item.content.stickiness") == written
    assert first.with_settings(["random_seed=2"]).place("item.content.stickiness") == written
    assert first.with_settings(["item.content.stickiness=1%"]) == changed


def test_a_table_given_from_python_is_not_changed_by_reading():
    """Reading once put the middle of a range where it stood, so that further settings took it for known."""
    given = {"visibility": "10%..20%"}
    scenario = read_scenario(settings={"platform.feed": given})
    assert given == {"visibility": "10%..20%"}
    assert [unknown.name for unknown in scenario.with_settings(["random_seed=2"]).unknowns] == [
        "platform.feed.visibility"
    ]
