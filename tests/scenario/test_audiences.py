"""Platforms and their presets, cross-posting, discovery, message variants, roles."""

import re
from collections.abc import Sequence

import pytest

from viralsim.errors import Problem, ScenarioError
from viralsim.scenario import Platform, Scenario, check, choices, read_scenario, scenario_from_text

BASE = """
network.generator = "ring"
[platform.photos]
[platform.clips]
[segment.students]
where = { age = 20 }
[item.post]
stickiness = "5%"
affinity = { students = 2 }
[item.post.variant.general]
[item.post.variant.young]
affinity = { students = 3 }
[item.post.variant.old]
affinity = { everyone = 1.5 }
[plan.one.wave.first]
strategy = "random"
count = 1
"""


def scenario(*settings: str) -> Scenario:
    return scenario_from_text(BASE, settings=settings)


# -- what is not used leaves no trace


def test_older_scenarios_resolve_as_before():
    resolved = read_scenario().resolved()
    assert resolved["platform"]["feed"].keys() == {"visibility", "delay"}
    assert resolved["segment"] == {"everyone": {"attention": 1.0}}
    assert resolved["time"].keys() == {"tick", "horizon"}
    assert resolved["report"].keys() == {"item", "times", "viral_threshold"}
    assert not {"represents"} & resolved["network"].keys()
    assert not {"variant"} & resolved["item"]["content"].keys()
    assert not {"serve"} & resolved["plan"]["hubs"].keys()
    assert not {"variant"} & resolved["plan"]["hubs"]["wave"]["first"].keys()


@pytest.mark.parametrize(
    "setting",
    [
        "platform.feed.share_rate=1",
        "platform.feed.cross_post={}",
        "platform.feed.cross_post=none",
        "platform.feed.half_life=none",
        "platform.feed.discovery=none",
        "platform.feed.feed_length=none",
        "segment.everyone.role=public",
        "segment.everyone.susceptibility=1",
        "segment.everyone.online=none",
        "plan.hubs.serve={}",
        "plan.hubs.wave.first.variant=",
        "time.zone=UTC",
    ],
)
def test_what_is_written_as_it_is_anyway_changes_nothing(setting):
    assert read_scenario(settings=[setting]).resolved() == read_scenario().resolved()


def test_neither_the_audience_represented_nor_the_report_changes_a_realisation():
    one = read_scenario()
    for setting in ("network.represents=2_000_000", "report.audiences=true"):
        assert one.with_settings([setting]).content_hash("g") == one.content_hash("g")
        assert one.with_settings([setting]) != one
    assert one.with_settings(["network.represents=500", "network.generator=star"]).network.represents == 500
    assert one.with_settings(["network.represents=500", "network.file=e.csv"]).network.represents == 500


@pytest.mark.parametrize(
    "setting",
    [
        "platform.photos.share_rate=0.5",
        "platform.photos.cross_post.clips=0.5",
        "platform.photos.half_life=1",
        "platform.photos.discovery.rate=1",
        "platform.photos.feed_length=1",
        "segment.students.susceptibility=2",
        "segment.students.online.weekdays=[1, 1, 1, 1, 1, 1, 0]",
        "item.post.variant.young.affinity.students=4",
        "plan.one.serve.post.students=young",
        "plan.one.wave.first.variant=young",
    ],
)
def test_what_can_change_a_realisation_changes_the_hash(setting):
    assert scenario(setting).content_hash("g") != scenario().content_hash("g")
    assert scenario_from_text(scenario(setting).toml()) == scenario(setting)


def test_results_are_told_by_audience_where_there_are_several_of_anything():
    assert not read_scenario().tells_audiences
    assert read_scenario(settings=["report.audiences=true"]).tells_audiences
    assert scenario().tells_audiences
    assert not scenario("report.audiences=false").tells_audiences
    assert read_scenario(settings=["item.content.variant={a={}, b={}}"]).tells_audiences


# -- platforms


def test_there_may_be_a_hundred_platforms_and_no_more():
    def text(count: int) -> str:
        return BASE + "".join(f"[platform.p{number}]\n" for number in range(count - 2))

    assert len(scenario_from_text(text(100)).platform) == 100
    with pytest.raises(ScenarioError, match="at most 100 platforms can be played; here are 101"):
        scenario_from_text(text(101))


def test_seeds_start_on_the_first_platform():
    assert scenario().plan["one"].wave["first"].platform == "photos"


def test_a_platform_that_a_setting_begins_has_a_use():
    (problem,) = check(settings=["platform.fed.half_life=2d", "platform.feed.visibility=1"])
    assert problem.message == (
        "platform.fed: nobody posts on it: no wave, no advertisement, and no platform that is cross-posted from"
    )
    assert problem.hint == "did you mean 'feed'?"
    assert len(scenario("platform.more.visibility=1", "platform.clips.cross_post.more=1").platform) == 3
    assert len(scenario("platform.more.visibility=1", "plan.one.wave.first.platform=more").platform) == 3


@pytest.mark.parametrize("name", list(choices("platform")))
def test_presets_fill_in_what_is_not_written(name):
    preset = choices("platform")[name]
    for key, _, source in preset.fills:
        assert key in Platform.model_fields
        assert re.search(r"assumption|\b(19|20)[0-9]{2}\b", source), (name, key)
        assert source.count("\n") == 0
    filled = scenario(f"platform.photos.preset={name}").platform["photos"]
    plain = scenario().platform["photos"]
    keys = {key for key, _, _ in preset.fills}
    assert keys == {key for key in Platform.model_fields if getattr(filled, key) != getattr(plain, key)}
    written = [f"platform.photos.{key}=none" for key in keys & {"half_life", "discovery", "delay"}]
    written += [f"platform.photos.{key}=1" for key in keys & {"visibility", "share_rate"}]
    assert scenario(f"platform.photos.preset={name}", *written) == scenario()


def test_presets_are_the_same_in_ticks_of_any_length():
    for tick, half_life in (("1h", 19.0), ("1d", 19 / 24), ("30min", 38.0)):
        read = scenario("platform.photos.preset=photos", f"time.tick={tick}").platform["photos"]
        assert read.half_life == pytest.approx(half_life)
    for name in choices("platform"):
        assert scenario(f"platform.photos.preset={name}", "time.tick=1s", "time.horizon=10000")
        assert scenario(f"platform.photos.preset={name}", "time.tick=52w", "time.horizon=10")


def test_presets_are_found_by_the_platforms_that_people_know():
    for name, preset in choices("platform").items():
        for word in preset.also:
            (problem,) = check(settings=[f"platform.feed.preset={word}"])
            assert problem.hint == f"did you mean '{name}'?"


def test_what_a_preset_assumes_is_told_and_what_it_has_found_is_not():
    def of_photos(*settings: str) -> dict[str, tuple[object, str]]:
        found = scenario("platform.photos.preset=social-network", *settings).assumptions()
        return {one.path: (one.value, one.why) for one in found if one.path.startswith("platform.photos")}

    told = of_photos()
    assert not {"platform.photos.visibility", "platform.photos.half_life"} & told.keys()
    assert "platform.photos.delay" in told  # which this preset says nothing of
    told = of_photos("platform.photos.preset=video")
    assert told["platform.photos.visibility"] == (0.1, "an assumption")
    value, why = told["platform.photos.discovery"]
    assert (value, why[:13]) == ("{ rate = 0.01, most = 20.0 }", "an assumption")
    assert "platform.photos.discovery.most" not in told
    assert "platform.photos.half_life" not in told
    told = of_photos("platform.photos.preset=e-mail")
    assert told["platform.photos.delay"][0] == '{ law = "log-normal", median = 6.0, sigma = 1.7 }'
    written = of_photos("platform.photos.preset=video", "platform.photos.visibility=0.2")
    assert "platform.photos.visibility" not in written


def test_assumptions_about_platforms_matter_where_there_are_several():
    alone = {one.path for one in read_scenario().assumptions()}
    assert not [
        path for path in alone if re.search("share_rate|cross_post|discovery|feed_length", path) and "platform" in path
    ]
    several = {one.path: one.value for one in scenario().assumptions()}
    for name in ("photos", "clips"):
        for key, value in (("share_rate", 1.0), ("cross_post", "none"), ("discovery", "none"), ("feed_length", "none")):
            assert several[f"platform.{name}.{key}"] == value
        assert f"platform.{name}.half_life" not in several  # items never fade here, whatever platforms say
    settings = [f"{path}={value}" for path, value in several.items()]
    assert scenario(*settings).assumptions() == ()


# -- half-lives


def test_items_fade_as_platforms_say_unless_they_say_otherwise():
    half_life = "platform.clips.half_life=2d"
    assert scenario().item["post"].half_life is None
    assert scenario(half_life).item["post"].half_life == "platform"
    assert scenario(half_life).item["post"] == scenario(half_life, "item.post.half_life=platform").item["post"]
    assert scenario(half_life, "item.post.half_life=none").item["post"].half_life is None
    assert scenario(half_life, "item.post.half_life=3h").item["post"].half_life == 3.0
    assert scenario(half_life, "item.post.novelty=[1, 0.5]").item["post"].half_life is None
    assert scenario("platform.clips.half_life=1d..2d").item["post"].half_life == "platform"
    assert scenario("platform.clips.half_life=none").item["post"].half_life is None


def test_who_switches_half_lives_of_platforms_off_need_not_change_items():
    read = scenario("platform.clips.half_life=none", "item.post.half_life=platform")
    assert read.item["post"].half_life is None
    assert scenario_from_text(read.toml()) == read


# -- variants


def test_variants_are_for_the_segments_that_no_other_fits_better():
    variant = scenario().item["post"].variant
    assert list(variant) == ["general", "young", "old"]
    assert {name: one.target for name, one in variant.items()} == {
        "general": (),
        "young": ("students",),
        "old": ("everyone",),
    }
    variant = scenario("item.post.affinity.students=3").item["post"].variant
    assert variant["general"].target == variant["old"].target[:1] == ("students",)
    assert scenario("item.post.variant.general.target=['students']").item["post"].variant["general"].target == (
        "students",
    )


def test_there_may_be_a_hundred_variants_and_no_more():
    def text(count: int) -> str:
        return BASE + "".join(f"[item.post.variant.v{number}]\n" for number in range(count - 3))

    assert len(scenario_from_text(text(100)).item["post"].variant) == 100
    with pytest.raises(ScenarioError, match="at most 100 variants of an item can be played; here are 101"):
        scenario_from_text(text(101))


def test_what_is_served():
    read = scenario("plan.one.serve.post={students='young', everyone='old'}")
    assert read.plan["one"].serve == {"post": {"students": "young", "everyone": "old"}}
    assert read.resolved()["plan"]["one"]["serve"] == read.plan["one"].serve
    assert scenario_from_text(read.toml()) == read
    assert scenario("plan.one.wave.first.variant=old").plan["one"].wave["first"].variant == "old"


# -- unknown numbers


@pytest.mark.parametrize(
    ("setting", "read"),
    [
        ("platform.photos.share_rate=50%..70%", lambda s: s.platform["photos"].share_rate),
        ("platform.photos.cross_post.clips=50%..70%", lambda s: s.platform["photos"].cross_post["clips"]),
        ("platform.photos.discovery={rate='0.5..0.7'}", lambda s: s.platform["photos"].discovery.rate),
        ("platform.photos.half_life=0.5..0.7", lambda s: s.platform["photos"].half_life),
        ("segment.students.susceptibility=0.5..0.7", lambda s: s.segment["students"].susceptibility),
        (
            "item.post.variant.young.affinity.students=0.5..0.7",
            lambda s: s.item["post"].variant["young"].affinity["students"],
        ),
    ],
)
def test_numbers_that_are_not_known(setting, read):
    one = scenario(setting)
    (unknown,) = one.unknowns
    assert read(one) == pytest.approx(0.6)
    assert read(one.with_numbers({unknown.path: 0.55})) == 0.55
    assert scenario_from_text(one.toml()) == one


def test_a_length_of_feeds_may_be_unknown_and_is_whole():
    one = scenario("platform.photos.feed_length=5..8")
    assert (one.unknowns[0].is_whole, one.platform["photos"].feed_length) == (True, 7)


# -- roles


def test_roles():
    assert scenario().segment["students"].role == "public"
    for role in choices("role"):
        assert scenario(f"segment.students.role={role}").segment["students"].role == role


# -- anything may be written anywhere

JUNK = (
    *(
        "true",
        "0",
        "-1",
        "2",
        "0.5",
        "nan",
        "''",
        "'none'",
        "'platform'",
        "'1..2'",
        "'2026-01-05'",
        "2026-01-05",
        "09:00:00",
    ),
    *(
        "[]",
        "[1]",
        "['a', {}]",
        "{}",
        "{ a = 1 }",
        "{ a = {} }",
        "{ rate = [] }",
        "{ hours = { a = 1 } }",
        "1979-05-27T07:32:00Z",
    ),
    *("{ distribution = 'uniform', low = 1, high = 2 }", "'2026-01-05..2026-01-09'", "'..'", "{ '7..9' = {} }"),
)
PLACES = (
    *("time.start", "time.zone", "network.represents", "report.audiences", "plan.one.serve", "plan.one.serve.post"),
    *("plan.one.serve.post.students", "plan.one.wave.first.variant", "plan.one.wave.first.start"),
    *("plan.one.wave.first.platform", "platform.clips", "platform.clips.preset", "platform.clips.share_rate"),
    *("platform.clips.cross_post", "platform.clips.cross_post.photos", "platform.clips.half_life"),
    *("platform.clips.discovery", "platform.clips.discovery.rate", "platform.clips.discovery.most"),
    *("platform.clips.feed_length", "segment.students.role", "segment.students.susceptibility"),
    *("segment.students.online", "segment.students.online.hours", "segment.students.online.weekdays"),
    *("segment.students.online.zone", "item.post.variant", "item.post.variant.young", "item.post.half_life"),
    *("item.post.variant.young.affinity", "item.post.variant.young.affinity.students", "item.post.affinity.students"),
    *("item.post.variant.young.target", "item.post.advertisement.start", "item.post.advertisement.end", "time"),
)


@pytest.mark.parametrize("path", PLACES)
def test_whatever_is_written_is_read_or_refused_in_words(path):
    refused = 0
    for start in ("", "time.start=2026-01-01"):
        for junk in JUNK:
            settings = [one for one in (start, f"{path}={junk}") if one]
            refused += bool(problems := problems_of(BASE, settings))
            assert all(problem.place for problem in problems)
            if not problems:
                assert scenario_from_text(scenario(*settings).toml()) == scenario(*settings)
    assert refused > len(JUNK) / 2


DOTTED = """
network.generator = "ring"
platform.photos.visibility = 1
item.post.stickiness = 0.1
plan.one.wave.first.strategy = "random"
plan.one.wave.first.count = 1
"""


@pytest.mark.parametrize("path", PLACES)
def test_whatever_the_file_says_is_read_or_refused_in_words(path):
    """Dates are dates in a file, and text in a setting."""
    for junk in JUNK:
        problems = problems_of(f"{path} = {junk}\n{DOTTED}")
        assert not [problem for problem in problems if "not TOML" in problem.message and "twice" not in problem.message]


def problems_of(text: str, settings: Sequence[str] = ()) -> Sequence[Problem]:
    try:
        scenario_from_text(text, settings=settings)
    except ScenarioError as error:
        return error.problems
    return ()
