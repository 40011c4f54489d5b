"""How items touch: which keys count, what has no effect, what would have been without, and what is assumed."""

import json
import pickle
import re

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from viralsim.errors import ScenarioError, UsageError
from viralsim.scenario import Assumption, Scenario, choices, read_scenario, scenario_from_text
from viralsim.scenario import schema as models
from viralsim.scenario.assumptions import _NEVER, _told

BASE = """
network = { generator = "communities", people = 500 }
trust.half_life = "20d"
segment.everyone = { satisfaction = "90%", conversion = "3%", baseline = "0.1%" }

[item.post]
stickiness = "5%"
exclusive = "camps"

[item.complaint]
kind = "testimony"
stickiness = "4%"
born_of = "post"

[item.gossip]
kind = "rumour"
stickiness = "3%"
proven_false_at = "5d"
exclusive = "camps"
wave.first = { strategy = "random", count = 2 }

[item.answer]
kind = "restoration"
stickiness = "2%"
after = "gossip"
wave.first = { strategy = "degree", count = 2 }

[plan.hubs]
wave.first = { strategy = "degree", count = 3 }

[plan.none]
wave.first = { strategy = "degree", count = 3, item = "answer" }
"""


def scenario(*settings: str) -> Scenario:
    return scenario_from_text(BASE, settings=settings)


def problems(*settings: str, text: str = BASE) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        scenario_from_text(text, settings=settings)
    return [problem.message for problem in caught.value.problems]


# -- the resolved form and its hash

# A setting, and whether a realisation can change with it.
CHANGES = [
    ("item.gossip.kind=content", True),
    ("item.gossip.damage=0.2", True),
    ("item.gossip.scar=0.2", True),
    ("item.gossip.heal=0.2", True),
    ("item.gossip.disproof=0.2", True),
    ("item.gossip.proven_false_at=none", True),
    ("item.gossip.sensitivity=1", True),
    ("item.complaint.disproof=0.2", None),  # refused: it is never proven false
    ("item.complaint.born_of=", None),  # refused: nothing starts it then
    ("item.complaint.priority=3", True),
    ("item.answer.repair=0.2", True),
    ("item.answer.after=", True),
    ("item.answer.after=post", True),
    ("item.answer.after_reach=2%", True),
    ("item.answer.after_reach=1", True),  # one person, not all of them
    ("item.answer.reaction_delay=2h", True),
    ("item.answer.exclusive=camps", True),
    ("item.answer.silent=true", True),
    ("item.post.silent=true", True),
    ("segment.everyone.conversion=0.5", True),
    ("segment.everyone.baseline=0.5", True),
    ("segment.everyone.satisfaction=0.5", True),
    ("trust.half_life=never", True),
    # What is written as it is anyway.
    ("item.gossip.damage=10%", False),
    ("item.gossip.sensitivity=0", False),
    ("item.answer.sensitivity=1", False),
    ("item.answer.after_reach=1%", False),
    ("item.answer.reaction_delay=0h", False),
    ("item.answer.priority=0", False),
    ("item.answer.silent=false", False),
    ("item.answer.exclusive=", False),
    ("trust.half_life=480", False),
]


@pytest.mark.parametrize(("setting", "counts"), CHANGES)
def test_the_hash_changes_exactly_with_what_can_change_a_realisation(setting, counts):
    before = scenario()
    if counts is None:
        assert problems(setting)
        return
    after = scenario(setting)
    assert (before.content_hash("g") != after.content_hash("g")) == counts
    assert (before != after) == counts
    again = scenario_from_text(after.toml())
    assert again == after
    assert again.content_hash("g") == after.content_hash("g")


def test_what_has_no_effect_changes_no_hash():
    """Trust where nothing takes it, disproof of what is never disproved, and a reach that nobody waits for."""
    plain = read_scenario()
    for settings in (["trust.half_life=1d"], ["trust.half_life=1d..9d"], ["item.content.after="]):
        changed = plain.with_settings(settings)
        assert changed.content_hash("g") == plain.content_hash("g")
        assert changed.unknowns == ()
        assert scenario_from_text(changed.toml()) == changed == plain
    off = scenario("item.gossip.proven_false_at=none", "item.answer.after=")
    for settings in (
        ["item.gossip.disproof=10%", "item.answer.after_reach=5%"],
        ["item.gossip.disproof=10%..20%", "item.answer.after_reach=5%..6%"],
    ):
        changed = off.with_settings(settings)
        assert (changed.unknowns, changed.content_hash("g")) == ((), off.content_hash("g"))
        assert scenario_from_text(changed.toml()) == changed == off


def test_trust_that_is_not_known_kept_its_name_in_the_hash():
    """Tie trust as a range had changed the hash of every such scenario, for the sake of trust in the brand."""
    assert read_scenario(settings=["network.trust=0.2..0.6"]).content_hash("g") == "3902c292442aad52"
    both = scenario("network.trust=0.2..0.6")
    changed = [both.with_settings([one]) for one in ("network.trust=0.1..0.7", "trust.half_life=1d", "random_seed=1")]
    assert len({one.content_hash("g") for one in (both, *changed)}) == 3  # (the random seed is 1 anyway)


def test_short_ticks_have_a_default_half_life():
    """With ticks of a millisecond 30 days are more ticks than a duration may have: an error at a key nobody wrote."""
    short = read_scenario(settings=["time.tick=0.001s", "time.horizon=10", "platform.feed.delay=none"])
    assert short.trust.half_life == 1e9
    days = read_scenario(settings=["time.tick=7min"])
    assert days.trust.half_life == pytest.approx(30 * 24 * 60 / 7)


# -- settings


def test_a_setting_of_the_kind_puts_the_keys_of_the_other_aside():
    assert problems("item.complaint.kind=rumour") == [
        "item.complaint: nothing starts it: no wave, no advertisement"  # born_of went with the testimony
    ]
    waved = "item.complaint.wave.first={strategy='random', count=1}"
    rumour = scenario("item.complaint.kind=rumour", waved)
    assert (rumour.item["complaint"].born_of, rumour.item["complaint"].sensitivity) == ("", 0.0)
    assert scenario("item.gossip.kind=content").item["gossip"].proven_false_at is None
    assert scenario("item.gossip.kind=content").item["gossip"].sensitivity == 1.0
    # What a setting writes itself is not put aside.
    (message,) = problems(waved, "item.complaint.kind=rumour", "item.complaint.born_of=post")
    assert message.startswith("item.complaint.born_of: kind 'rumour' has no parameter 'born_of'")


def test_forms_of_settings():
    changed = scenario(
        "item.answer.reaction_delay=2h",
        "item.answer.after_reach=7",
        "item.answer.priority=-2",
        "item.gossip.proven_false_at=2 days",
        "item.complaint.silent=true",
        "trust.half_life=never",
        "segment.everyone.baseline=0.2%",
    )
    answer, gossip = changed.item["answer"], changed.item["gossip"]
    assert (answer.reaction_delay, answer.after_reach, answer.priority, gossip.proven_false_at) == (2, 7, -2, 48)
    assert (changed.item["complaint"].silent, changed.trust.half_life) == (True, None)
    assert changed.segment["everyone"].baseline == 0.002
    share = scenario("item.answer.after_reach=5%").item["answer"].after_reach
    assert (share, type(share)) == (0.05, float)


def test_who_switches_one_key_off_need_not_take_out_its_partner():
    text = BASE.replace('proven_false_at = "5d"', 'proven_false_at = "5d"\ndisproof = 0.5').replace(
        'after = "gossip"', 'after = "gossip"\nafter_reach = 9'
    )
    assert scenario_from_text(text, settings=["item.gossip.proven_false_at=none", "item.answer.after="])
    assert problems("item.complaint.disproof=0.5") == [
        "item.complaint.disproof: needs `proven_false_at`, the time from which on it counts"
    ]
    # Who takes one of two out of a set has meant it.
    assert scenario("item.gossip.exclusive=").item["post"].exclusive == "camps"


def test_a_horizon_that_a_setting_shortens_is_noticed():
    assert problems("time.horizon=4d") == [
        "item.gossip.proven_false_at: proven false at tick 120, after the horizon, tick 96"
    ]
    assert problems("item.answer.reaction_delay=14d")[0].startswith(
        "item.answer.reaction_delay: with it 'answer' starts"
    )
    # The earliest that is possible counts: the last wave, the slowest answer may be too late.
    assert scenario("item.answer.reaction_delay=1d..30d")
    assert scenario("item.answer.reaction_delay=13d", "item.answer.advertisement={dose=1, start='3d'}")
    assert scenario("item.gossip.proven_false_at=1d..30d").item["gossip"].proven_false_at == 372
    assert scenario("item.answer.reaction_delay=335")
    assert problems("item.answer.reaction_delay=336")


def test_testimony_waits_for_nothing_so_that_no_ring_is_closed():
    (message,) = problems("item.gossip.after=answer")
    assert message == (
        "item.gossip.after: they wait for each other, so none ever starts: gossip after answer after gossip"
    )
    born = ["item.answer.after=complaint", "item.complaint.after=answer"]
    assert scenario(*born, "item.complaint.wave.more={strategy='random', count=1}")


def test_at_most_127_items():
    def text(count: int) -> str:
        return BASE + "".join(f"[item.i{i}]\nstickiness = 0.1\nadvertisement.dose = 1\n" for i in range(count - 4))

    assert len(scenario_from_text(text(127)).item) == 127
    with pytest.raises(ScenarioError, match=r"item.i123: at most 127 items can be played; here are 128"):
        scenario_from_text(text(128))


# -- without


def test_without_makes_items_silent_and_changes_nothing_else():
    base = scenario("random_seed=7")
    for names, silent in (
        (["gossip"], {"gossip"}),
        (["rumour"], {"gossip"}),
        (["testimony", "rumour"], {"complaint", "gossip"}),
        (("post", "answer", "post"), {"post", "answer"}),
        (iter(["content"]), {"post"}),
        ([], set()),
    ):
        changed = base.without(names)
        assert {name for name, item in changed.item.items() if item.silent} == silent
        assert (changed.content_hash("g") != base.content_hash("g")) == bool(silent)
        assert changed.random_seed == 7
        resolved = changed.resolved()
        for name in silent:
            del resolved["item"][name]["silent"]
        assert json.dumps(resolved) == json.dumps(base.resolved())
    assert base.without(["gossip"]).without(["rumour"]) == base.without(["gossip"])
    assert base.without(["gossip"]).place("item.gossip.silent") == "--set item.gossip.silent=true"
    assert base.without(["gossip"]).with_settings(["item.gossip.silent=false"]) == base
    drawn = scenario("item.gossip.damage=1%..9%").with_numbers({("item", "gossip", "damage"): 0.02})
    assert drawn.without(["rumour"]).item["gossip"].damage == 0.02


def test_a_name_that_is_an_item_and_a_kind():
    named = BASE.replace("gossip", "rumour")
    second = "item.hoax={kind='rumour', stickiness='1%', advertisement={dose=1}}"
    both = scenario_from_text(named, settings=[second]).without(["rumour"])
    assert [name for name, item in both.item.items() if item.silent] == ["rumour", "hoax"]
    other = BASE.replace("[item.post]", "[item.rumour]").replace('"post"', '"rumour"')
    alone = scenario_from_text(other).without(["rumour"])  # content of this name: the item is meant
    assert [name for name, item in alone.item.items() if item.silent] == ["rumour"]


@pytest.mark.parametrize(
    ("names", "message", "hint"),
    [
        (["gosip"], 'no item "gosip"; items: post, complaint, gossip, answer; kinds: content, testimony', "'gossip'"),
        (["rumor"], 'no item "rumor"', "'rumour'"),
        (["complaints"], 'no item "complaints"', "'testimony'"),
        (["apology"], 'no item "apology"', "'restoration'"),
        (["x" * 500], "no item", ""),
        ([3], "no item 3", ""),
        ([["gossip"]], "no item a list", ""),
        ([None], "no item None", ""),
        ("gossip", 'expected a list of items and kinds of items; got "gossip"', "without(['gossip'])"),
        (None, "expected a list of items and kinds of items; got None", ""),
        (3, "expected a list of items and kinds of items; got 3", ""),
    ],
)
def test_without_what_is_not_there(names, message, hint):
    with pytest.raises(UsageError) as caught:
        scenario().without(names)
    assert caught.value.message.startswith(message)
    assert caught.value.hint.endswith((hint, hint + "?"))
    with pytest.raises(UsageError, match='no item "restoration"; items: content; kinds: content'):
        read_scenario().without(["restoration"])


# -- assumptions


def assumed(one: Scenario, plan: str | None = None) -> dict[str, object]:
    return {assumption.path: assumption.value for assumption in one.assumptions(plan)}


def test_assumptions_of_a_crisis_come_in_order_with_values_as_one_writes_them():
    found = assumed(scenario_from_text(BASE.replace('trust.half_life = "20d"', "")))
    assert list(found.items())[:13] == [
        ("trust.half_life", "30d"),
        ("item.complaint.damage", 0.1),
        ("item.complaint.scar", 0.33),
        ("item.complaint.heal", 0.5),
        ("item.gossip.damage", 0.1),
        ("item.gossip.scar", 0.33),
        ("item.gossip.heal", 0.5),
        ("item.gossip.disproof", 0.45),
        ("item.post.sensitivity", 1.0),
        ("item.complaint.sensitivity", 0.0),
        ("item.gossip.sensitivity", 0.0),
        ("item.answer.sensitivity", 1.0),
        ("segment.everyone.trust", 1.0),
    ]
    assert list(found.items())[13:16] == [
        ("item.answer.repair", 0.05),
        ("item.answer.after_reach", 0.01),
        ("item.answer.reaction_delay", 0),
    ]
    assert found["time.horizon"] == "14d"
    assert found["item.gossip.half_life"] == "none"
    assert found["platform.feed.delay"] == "none"
    assert found["network.clustering"] == 0.3
    assert not [path for path in found if path.endswith((".satisfaction", ".people"))]
    unwritten = assumed(scenario("segment.everyone={satisfaction=0.9}"))
    assert not [path for path in unwritten if path.endswith((".conversion", ".baseline"))]  # nothing rests on these
    assert scenario_from_text(BASE, settings=[f"{path}={value}" for path, value in found.items()]).assumptions() == ()


def test_assumptions_say_why():
    found = {assumption.path: assumption for assumption in scenario().assumptions()}
    assert found["item.gossip.heal"] == Assumption(
        "item.gossip.heal",
        0.5,
        "an assumption",
        "part of a scar that restoration can mend (share); the rest is for ever",
    )
    assert found["item.gossip.scar"].why.startswith("an assumption, from what persists after debunking")
    assert found["item.post.share_rate"].why == "engaging means sharing (assumption)"
    assert found["item.answer.sensitivity"].why.startswith("1 for content and restoration, 0 for")
    assert found["network.trust"].why == "an assumption"
    assert found["network.mixing"].meaning == "share of a person's ties that leave the own community"


@pytest.mark.parametrize(
    ("settings", "gone"),
    [
        (["item.gossip.damage=5%"], ["item.gossip.damage"]),
        (["item.gossip.damage=5%..10%"], ["item.gossip.damage"]),
        (["item.gossip.damage=0"], ["item.gossip.damage", "item.gossip.scar", "item.gossip.heal"]),
        (["item.gossip.scar=0"], ["item.gossip.scar", "item.gossip.heal"]),
        (["item.gossip.proven_false_at=none"], ["item.gossip.disproof"]),
        (["item.gossip.arc_probability=3%"], ["item.gossip.endorsement"]),
        (["item.answer.after="], ["item.answer.after_reach", "item.answer.reaction_delay"]),
        (["item.answer.repair=0"], ["item.answer.repair", "item.gossip.heal", "item.complaint.heal"]),
        (["segment.everyone.attention=1"], ["segment.everyone.attention"]),
        (["platform.feed.delay={law='geometric', mean='3h'}"], ["platform.feed.delay"]),
        (["network.generator=ring", "network.people=9"], [f"network.{key}" for key in ("mixing", "clustering")]),
    ],
)
def test_what_is_written_or_has_no_effect_is_not_assumed(settings, gone):
    before, after = assumed(scenario()), assumed(scenario(*settings))
    assert set(gone) <= set(before)
    assert not set(gone) & set(after)
    if len(settings) == 1:
        assert set(before) - set(after) == set(gone)


def test_silent_items_and_what_they_would_have_begun_bring_no_assumptions():
    def items(one: Scenario, plan: str | None = None) -> set[str]:
        return {path.split(".")[1] for path in assumed(one, plan) if path.startswith("item.")}

    assert items(scenario()) == {"post", "complaint", "gossip", "answer"}
    assert items(scenario().without(["gossip"])) == {"post", "complaint"}  # the answer waits for ever
    assert items(scenario().without(["post"])) == {"gossip", "answer"}  # nobody to be dissatisfied
    assert items(scenario("segment.everyone.satisfaction=1")) == {"post", "gossip", "answer"}
    assert items(scenario("segment.everyone.satisfaction=1"), "none") == {"gossip", "answer"}
    assert items(scenario(), "none") == {"gossip", "answer"}
    harmless = assumed(scenario().without(["rumour", "testimony"]))
    assert not [path for path in harmless if re.search(r"trust\.half_life|damage|scar|repair|sensitivity", path)]
    assert next(iter(harmless)) == "item.post.endorsement"
    with pytest.raises(UsageError, match='no plan "hub"; there is hubs, none') as caught:
        scenario().assumptions("hub")
    assert caught.value.hint == "did you mean 'hubs'?"


def test_assumptions_survive_drawing_and_travelling():
    one = scenario("item.gossip.damage=5%..10%")
    drawn = one.with_numbers({("item", "gossip", "damage"): 0.07})
    assert drawn.assumptions() == pickle.loads(pickle.dumps(one)).assumptions() == one.assumptions()


SATISFIED = BASE.replace('trust.half_life = "20d"', "").replace('satisfaction = "90%", ', "")
RICH = (
    [
        "network={file='e.csv', trust_column=3}",
        "segment.young={where={age=18}, satisfaction=0.5}",
        "item.post.advertisement.dose=1",
        "price={model='flat', amount=3}",
        "segment.young.decline=0.1",
    ],
    [
        "segment.everyone.satisfaction=0.9",
        "network.layer.feed.membership=50%",
        "network.tie_trust={from='triangular'}",
        "plan.hubs.wave.first={strategy='SIZED', count=3}",
    ],
    ["segment.everyone.satisfaction=0.9", "network.layer.feed.ties=50%", "network.tie_trust={from='beta'}"],
    ["segment.everyone.satisfaction=0.9", "network.generator=scale-free-directed"],
    [
        "segment.young={where={age=18}, satisfaction=0.5}",
        "time.start=2026-11-27",
        "platform.feed={cross_post={clips=0.1}}",
        "platform.clips={half_life='2d', discovery={rate=0.1}}",
        "platform.clips.delay={law='geometric', mean=1}",
    ],
)


def test_every_default_that_is_called_an_assumption_is_told_of_some_scenario():
    """A key with such a default that is never told is either forgotten, or needs a word in `_NEVER`."""
    sized = next(name for name, one in choices("strategy").items() if one.parameter("size"))
    told = set()
    for settings in RICH:
        found = assumed(scenario_from_text(SATISFIED, settings=[one.replace("SIZED", sized) for one in settings]))
        told |= {(path.split(".")[0], path.split(".")[-1]) for path in found}
    labelled = set()
    families = {
        "trust": [models.BrandTrust],
        "item": [models.Item, models.Advertisement],
        "segment": [models.Segment],
        "platform": [models.Platform, models.Discovery],
        "network": [models.Network, models.Layer],
        "price": [models.Price],
        "time": [models.Time],
        "report": [models.Report],
    }
    for family, tables in families.items():
        for table in tables:
            for name, field in table.model_fields.items():
                if _told(field.description or "")[1] and name not in _NEVER:
                    labelled.add((family, name))
                assert ("assumption" in field.description) == bool(_told(field.description)[1])
    for family, home in (("generator", "network"), ("tie_trust", "network"), ("strategy", "plan")):
        for choice in choices(family).values():
            labelled |= {(home, one.name) for one in choice.parameters if "(assumption)" in one.help}
    assert labelled - told == set()
    others = set(models.__all__) - {one.__name__ for tables in families.values() for one in tables}
    others = {name for name in others if isinstance(getattr(models, name), type)}
    for name in others - {"Scenario", "Wave"}:  # (a table of Scenario's, and what the catalogue says of waves)
        assert not any(
            "assumption" in (field.description or "") for field in getattr(models, name).model_fields.values()
        )


# -- nothing else comes out

PATHS = st.sampled_from(
    [
        *(f"item.{name}.{key}" for name in ("post", "complaint", "gossip", "answer") for key in (
            "kind", "after", "after_reach", "born_of", "reaction_delay", "exclusive", "priority", "silent",
            "proven_false_at", "disproof", "damage", "repair",
        )),
        "trust", "trust.half_life", "segment.everyone.conversion", "segment.everyone.baseline", "time.horizon", "item",
    ]
)  # fmt: skip
VALUES = st.sampled_from(
    [
        *("content", "testimony", "rumour", "restoration", "post", "complaint", "gossip", "answer", "camps", "none"),
        *(
            "never",
            "",
            "1",
            "0",
            "-1",
            "0.5",
            "3%",
            "2d",
            "20d",
            "1d..3d",
            "0.1..0.2",
            "1..5",
            "true",
            "[]",
            "{}",
            "nan",
        ),
        *("{distribution='values', values=[1, 2]}", "{a=1}", "['post']", "1e400", "99999999999999999999"),
    ]
)


@hypothesis_settings(max_examples=300, derandomize=True, deadline=None)
@given(st.lists(st.tuples(PATHS, VALUES), min_size=1, max_size=4))
def test_whatever_is_set_gives_a_scenario_or_problems_and_nothing_else(changes):
    settings = [f"{path}={value}" for path, value in changes]
    try:
        one = scenario(*settings)
    except ScenarioError as error:
        places = [problem.place for problem in error.problems]
    else:
        places = ["<text>"]
        again = scenario_from_text(one.toml())
        assert (again, again.unknowns) == (one, one.unknowns)
        assert again.content_hash("g") == one.content_hash("g")
        assert all(one.place(assumption.path) for assumption in one.assumptions())
        assert one.without(["post"]).item["post"].silent
    assert places
    assert all(place.startswith(("--set ", "<text>")) for place in places)
