"""The lessons hold: what their words say is what the engine gives, with 300 realisations and with 5,000."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from browser import Browser, load

import viralsim as vs
from viralsim.errors import ScenarioError
from viralsim.scenario.reading import with_settings
from viralsim.show import teaching
from viralsim.show.teaching import LANGUAGES, Lesson, lessons, read_lesson
from viralsim.show.world import world_of

NAMES = [lesson.name for lesson in lessons()]
FOLDER = Path(teaching.__file__).parent / "lessons"
Found = Mapping[tuple[int, str], Mapping[str, float]]


def lesson_called(name: str) -> Lesson:
    return next(lesson for lesson in lessons() if lesson.name == name)


@cache
def found(name: str, realisations: int) -> Found:
    """What the steps of a lesson give, by (step, plan)."""
    lesson = lesson_called(name)
    results = {}
    for number, step in enumerate(lesson.steps, start=1):
        scenario = with_settings(lesson.scenario, dict(step.set)) if step.set else lesson.scenario
        for plan in step.finds:
            outcome = vs.simulate(scenario, plan=plan, realisations=realisations)
            one = outcome.metric(lesson.metric)
            values = {"mean": one.mean, "low": one.p05, "median": one.p50, "high": one.p95}
            values["viral"] = outcome.viral_chance.mean
            results[number, plan] = {key: value for key, value in values.items() if value is not None}
    return results


def decimals(number: float) -> int:
    return len(str(number).partition(".")[2]) if isinstance(number, float) else 0


@pytest.mark.parametrize("name", NAMES)
def test_the_numbers_in_the_words_are_those_of_300_realisations(name: str) -> None:
    for number, step in enumerate(lesson_called(name).steps, start=1):
        for plan, finds in step.finds.items():
            results = found(name, 300)[number, plan]
            for key, written in finds.items():
                assert round(results[key], decimals(written)) == written, f"step {number}, {plan}, {key}: {results}"


def mean(results: Found, step: int, plan: str) -> float:
    return results[step, plan]["mean"]


def threshold(results: Found) -> bool:
    steps = [mean(results, step, "random") for step in range(1, 6)]
    fizzles = results[3, "random"]["low"] < 15 and results[3, "random"]["high"] > 75
    twice = 1.7 < steps[4] / steps[1] < 2.2
    return steps[3] - steps[2] > 10 * (steps[1] - steps[0]) and fizzles and twice


def hubs_and_bridges(results: Found) -> bool:
    weak, hubs, bridges = mean(results, 1, "random"), mean(results, 2, "hubs"), mean(results, 3, "bridges")
    even = abs(mean(results, 4, "random") / mean(results, 5, "hubs") - 1) < 0.02 and abs(hubs / bridges - 1) < 0.05
    return 1.7 * weak < hubs < 2.3 * weak and even


def trust_and_endorsement(results: Found) -> bool:
    steps = [mean(results, step, "random") for step in range(1, 5)]
    return 4.5 < steps[2] / steps[0] < 5.7 and abs(steps[3] / steps[2] - 1) < 0.01 and steps[0] < steps[1] < steps[2]


def complex_contagion(results: Found) -> bool:
    two = mean(results, 3, "together") / mean(results, 3, "scattered")
    three = mean(results, 5, "together") / mean(results, 5, "scattered")
    all_of_them = mean(results, 2, "scattered") == mean(results, 2, "together") == 300
    return all_of_them and 1.25 < two < 1.6 and three > 5 and mean(results, 5, "scattered") < 13


def bad_news_and_scars(results: Found) -> bool:
    lost = {step: 0.8 - mean(results, step, "launch") for step in range(2, 6)}
    forgetting, scars, fewer = (lost[2] - lost[step] for step in (3, 4, 5))
    return abs(forgetting) < 0.005 and scars > 0.06 and 0.01 < fewer < 0.025


def luck_and_hits(results: Found) -> bool:
    worse, better = results[3, "one-person"], results[4, "one-person"]
    return worse["median"] < 10 and worse["viral"] > 0.4 and 0.6 < better["viral"] < 0.7


def friendship_paradox(results: Found) -> bool:
    random, friends, hubs = mean(results, 2, "random"), mean(results, 3, "friends"), mean(results, 4, "hubs")
    return friends > 1.2 * random and 0.35 < (friends - random) / (hubs - random) < 0.55


def segmentation(results: Found) -> bool:
    bland, sharp = mean(results, 1, "anybody"), mean(results, 2, "anybody")
    both, students = mean(results, 3, "students"), mean(results, 4, "students")
    return both > 1.3 * sharp and sharp > 1.1 * bland and students < 1.05 * bland


def quick_answers(results: Found) -> bool:
    hours, day, late = (mean(results, step, "launch") for step in (2, 3, 4))
    return hours - day > 2.5 * (day - late) > 0


def old_news(results: Found) -> bool:
    before, fresher, faster, fresh = (mean(results, step, "random") for step in range(1, 5))
    return abs(fresher / faster - 1) < 0.08 and fresher > 1.8 * before and fresh > 2 * fresher


CLAIMS: dict[str, Callable[[Found], bool]] = {
    "threshold": threshold,
    "hubs-and-bridges": hubs_and_bridges,
    "trust-and-endorsement": trust_and_endorsement,
    "complex-contagion": complex_contagion,
    "bad-news-and-scars": bad_news_and_scars,
    "luck-and-hits": luck_and_hits,
    "friendship-paradox": friendship_paradox,
    "segmentation": segmentation,
    "quick-answers": quick_answers,
    "old-news": old_news,
}


@pytest.mark.parametrize("realisations", [300, 5_000])
@pytest.mark.parametrize("name", NAMES)
def test_the_right_answer_follows_from_the_experiment(name: str, realisations: int) -> None:
    """Margins are wide: by far more than four standard errors of what 300 realisations give."""
    assert CLAIMS[name](found(name, realisations)), found(name, realisations)


def engaged(lesson: Lesson, plan: str, settings: Mapping[str, float] | None = None) -> npt.NDArray[np.float64]:
    scenario = with_settings(lesson.scenario, dict(settings)) if settings else lesson.scenario
    return vs.simulate(scenario, plan=plan, realisations=300).values("engaged")


def without(name: str, line: str) -> vs.Scenario:
    text = (FOLDER / name / "scenario.toml").read_text(encoding="utf-8")
    assert line in text
    return vs.scenario_from_text(text.replace(line, ""))


def facts_of_complex_contagion(lesson: Lesson) -> dict[str, float]:
    halves = {
        plan: vs.simulate(lesson.scenario, plan=plan, realisations=300).time_to_half.p50 for plan in lesson.compare
    }
    return {f"half_{plan}": ticks for plan, ticks in halves.items() if ticks is not None}


def facts_of_luck_and_hits(lesson: Lesson) -> dict[str, float]:
    values = engaged(lesson, "one-person")
    low, high = lesson.facts["gap_low"], lesson.facts["gap_high"]
    empty = not ((values >= low) & (values <= high)).any() and 195 < values.max() < 220
    arcs = vs.load_network(lesson.scenario.network, lesson.scenario.place).arcs
    seed = vs.replay(lesson.scenario, realisation=0).person[0]
    found = {"first": values[0], "second": values[1], "friends": int(arcs.out_degree[seed])}
    return {**found, "gap_low": low if empty else -1, "gap_high": high if empty else -1}


def facts_of_friendship_paradox(lesson: Lesson) -> dict[str, float]:
    arcs = vs.load_network(lesson.scenario.network, lesson.scenario.place).arcs
    friends = arcs.out_degree
    of_friends = np.array([friends[row].mean() for row in np.split(arcs.followers, arcs.offsets[1:-1])])
    means = [engaged(lesson, "friends", {"random_seed": seed}).mean() for seed in range(1, 13)]
    assert sorted(means).index(means[2]) in range(3, 9), "random seed 3 is neither the best nor the worst"
    return {
        "friends": friends.mean(),
        "friends_of_friends": friends[arcs.followers].mean(),
        "fewer": 100 * (friends < of_friends).mean(),
        "worst": min(means),
        "best": max(means),
    }


def facts_of_segmentation(lesson: Lesson) -> dict[str, float]:
    even = without("segmentation", "homophily = 0.7")
    results = []
    for step, plan in ((lesson.steps[0], "anybody"), (lesson.steps[2], "students")):
        results.append(vs.simulate(with_settings(even, dict(step.set)), plan=plan, realisations=300).values("engaged"))
    return {"mixed_all": results[0].mean(), "mixed_sharp": results[1].mean()}


def facts_of_quick_answers(lesson: Lesson) -> dict[str, float]:
    both = without("quick-answers", 'exclusive = "sides"\n')
    facts: dict[str, float] = {}
    for name, step in (("quick", lesson.steps[1]), ("late", lesson.steps[3])):
        apart = vs.simulate(with_settings(lesson.scenario, dict(step.set)), realisations=300)
        facts[f"heard_{name}"] = apart.values("reach", "complaints").mean()
        facts[f"both_{name}"] = (
            100 * vs.simulate(with_settings(both, dict(step.set)), realisations=300).values("trust").mean()
        )
    return facts


FACTS: dict[str, Callable[[Lesson], dict[str, float]]] = {
    "complex-contagion": facts_of_complex_contagion,
    "luck-and-hits": facts_of_luck_and_hits,
    "friendship-paradox": facts_of_friendship_paradox,
    "segmentation": facts_of_segmentation,
    "quick-answers": facts_of_quick_answers,
}


@pytest.mark.parametrize("name", NAMES)
def test_facts_in_the_words_are_true(name: str) -> None:
    lesson = lesson_called(name)
    facts = FACTS[name](lesson) if name in FACTS else {}
    assert {key: round(value) for key, value in facts.items()} == dict(lesson.facts)


def test_the_lessons_together_move_every_slider_of_the_page() -> None:
    """Those that the page is for: among all lessons each has its turn."""
    moved = {path.split(".")[-1] for lesson in lessons() for path in lesson.controls}
    assert moved >= {"stickiness", "endorsement", "threshold", "count", "half_life", "scar", "reaction_delay"}


def test_four_of_five_bridges_are_hubs() -> None:
    lesson = lesson_called("hubs-and-bridges")
    seeds = {}
    for plan in ("hubs", "bridges"):
        cascade = vs.replay(lesson.scenario, plan=plan, realisation=0)
        seeds[plan] = set(cascade.person[cascade.generation == 0].tolist())
    assert len(seeds["hubs"] & seeds["bridges"]) == 4


def test_two_chances_are_one_of_as_much() -> None:
    """Person by person, as the lesson on endorsement says: what persuades is one number."""
    lesson = lesson_called("trust-and-endorsement")
    trusted = vs.replay(with_settings(lesson.scenario, dict(lesson.steps[2].set)), plan="random", realisation=2)
    better = vs.replay(with_settings(lesson.scenario, {"item.content.stickiness": 1 - 0.93**2}), realisation=2)
    assert trusted.person.tolist() == better.person.tolist()
    assert len(trusted.person) > 20


@pytest.mark.parametrize("name", NAMES)
def test_lessons_stay_small_and_within_what_the_page_plays(name: str) -> None:
    scenario = lesson_called(name).scenario
    graph = vs.load_network(scenario.network, scenario.place)
    assert 100 <= graph.people <= 600
    assert len(graph.arcs.followers) <= 3_600
    assert len(scenario.platform) == 1
    assert scenario.time.horizon <= 200


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_complete(name: str, language: str) -> None:
    lesson = lesson_called(name)
    words = lesson.words[language]
    assert 3 <= len(words.options) <= 4
    assert 2 <= len(lesson.steps) <= 6
    assert len(words.explanation) >= 3
    assert re.search(r"\((19|20)\d\d\)", words.source)
    for text in (words.title, words.question, *words.options, *words.steps, *words.explanation):
        assert "{" not in text
        greek = len(re.findall(r"[α-ωά-ώ]", text.lower()))
        assert (greek > len(text) / 2) == (language == "el"), text


def test_both_languages_name_the_same_numbers() -> None:
    for name in NAMES:
        texts = [(FOLDER / name / f"{language}.toml").read_text(encoding="utf-8") for language in LANGUAGES]
        english, greek = (sorted(re.findall(r"\{[^}]*\}", text)) for text in texts)
        assert english == greek, name


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("lesson.toml", "answer = 1", "answr = 1", "lesson.toml: answer: missing\n  hint: did you mean 'answr'?"),
        ("lesson.toml", "answer = 1", "answer = 4", "there are 4, and the answer is 4"),
        ("lesson.toml", 'plan = "random"', 'plan = "radnom"', "did you mean 'random'?"),
        ("lesson.toml", "item.content.stickiness", "item.content.stickines", "did you mean 'stickiness'?"),
        ("lesson.toml", 'metric = "engaged"', 'metric = "engagd"', "did you mean 'engaged'?"),
        ("lesson.toml", "high = 0.4", "high = -0.4", "expected low < high"),
        ("lesson.toml", "order = 1", "order = 1\nodd = 2", "lesson.toml: odd: unknown key"),
        ("lesson.toml", "order = 1", "order = = 1", "this is no TOML"),
        ("en.toml", "{1.random.mean}", "{9.random.mean}", "{9.random.mean} is no fact, and no step finds it"),
        ("el.toml", "title", "titel", "el.toml: title: missing"),
        ("scenario.toml", "people = 300", "peple = 300", "did you mean 'people'?"),
    ],
)
def test_a_faulty_lesson_says_what_is_wrong(tmp_path: Path, file: str, old: str, new: str, message: str) -> None:
    folder = tmp_path / "threshold"
    shutil.copytree(FOLDER / "threshold", folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ScenarioError) as raised:
        read_lesson(folder)
    assert message in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "threshold"
    shutil.copytree(FOLDER / "threshold", folder)
    (folder / "el.toml").unlink()
    with pytest.raises(ScenarioError, match=r"threshold/el\.toml: cannot be read"):
        read_lesson(folder)


PLAY_STEPS = """({ world, steps, realisations }) => {
    const whole = Engine.world(world), main = whole.mainItem;
    return steps.map(({ set, plan }) => {
        const changed = Object.entries(set).reduce((one, [path, value]) => Engine.set(one, path, value), whole);
        const index = changed.plans.findIndex((one) => one.name === plan);
        return Array.from({ length: realisations }, (_, realisation) => {
            const { curves, trust } = Engine.play(changed, { plan: index, realisation, record: false });
            return { engaged: curves[main].engaged.at(-1), trust: trust && trust.at(-1) };
        });
    });
}"""


@pytest.mark.parametrize("name", NAMES)
def test_the_page_plays_the_steps_as_the_words_say(name: str, browser: Browser) -> None:
    lesson, realisations = lesson_called(name), 20
    graph = vs.load_network(lesson.scenario.network, lesson.scenario.place)
    world = world_of(lesson.scenario, graph)
    assert world["leftOut"] == []
    steps = [(dict(step.set), plan) for step in lesson.steps for plan in step.finds]
    with browser.page() as page:
        load(page, "luck", "engine")
        asked = {"world": world, "steps": [{"set": set_, "plan": plan} for set_, plan in steps]}
        played = page.evaluate(PLAY_STEPS, {**asked, "realisations": realisations})
    for (settings, plan), results in zip(steps, played, strict=True):
        scenario = with_settings(lesson.scenario, settings) if settings else lesson.scenario
        values = vs.simulate(scenario, plan=plan, realisations=realisations).values(lesson.metric)
        assert [one[lesson.metric] for one in results] == pytest.approx(values.tolist(), abs=1e-9), (settings, plan)
