"""What notebooks show: well-formed, escaped whatever people are called, and with the numbers of the estimates."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import viralsim as vs
from viralsim.html import bars, element, intervals, number, table
from viralsim.outcome import Cascade

HOSTILE = "<img src=x onerror=alert(1)>\"'&\x00\x1b[31m\ud800</svg><script>"
TAGS = {"div", "strong", "table", "thead", "tbody", "tr", "th", "td", "br"}
SHAPES = {"svg", "line", "rect", "circle", "text"}

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SCENARIO = vs.read_scenario(settings=["network.people=500", "item.content.stickiness=25%"])


def read(html: str) -> ElementTree.Element:
    """Parse as XML, which is stricter than HTML, and see that there is nothing but what we write."""
    root = ElementTree.fromstring(html)
    for one in root.iter():
        name = one.tag.rpartition("}")[2]
        assert name in TAGS | SHAPES, name
        assert not any(key.startswith("on") or key in {"src", "href"} for key in one.attrib)
        if name == "svg":
            assert one.attrib["role"] == "img"
            assert re.search(r"\d", one.attrib["aria-label"])
        if name in SHAPES:
            assert not any("nan" in value or "inf" in value for value in one.attrib.values())
    return root


def text(root: ElementTree.Element) -> str:
    return " ".join(one.strip() for one in root.itertext() if one.strip())


def rows(root: ElementTree.Element) -> dict[str, list[str]]:
    cells = [["".join(cell.itertext()) for cell in row] for row in root.iter() if row.tag.rpartition("}")[2] == "tr"]
    return {row[0]: row[1:] for row in cells}


def pictures(root: ElementTree.Element) -> list[ElementTree.Element]:
    return [one for one in root.iter() if one.tag.rpartition("}")[2] == "svg"]


def test_an_outcome_shows_its_estimates() -> None:
    outcome = vs.simulate(SCENARIO, realisations=100)
    root = read(outcome._repr_html_())
    shown = rows(root)
    for name in ("reach", "engaged", "shares"):
        estimate = outcome.metric(name)
        quantiles = [number(value) for value in (estimate.p05, estimate.p50, estimate.p95)]
        mean = estimate.mean
        interval = f"{number(estimate.mean_low, mean)} … {number(estimate.mean_high, mean)}"
        assert shown[name] == [number(mean, mean), interval, *quantiles]
    assert shown["viral chance"][0] == f"{outcome.viral_chance.mean:.1%}"
    assert "how well the mean is known" in text(root)
    (picture,) = pictures(root)
    assert f"median {number(outcome.engaged.p50)}" in picture.attrib["aria-label"]


def test_what_is_not_known_is_told_apart_from_luck() -> None:
    unsure = vs.read_scenario(settings=["network.people=500", "item.content.stickiness=5%..40%"])
    outcome = vs.simulate(unsure, realisations=100)
    shown = rows(read(outcome._repr_html_()))
    luck, unknown = outcome.engaged.luck_share, outcome.engaged.unknown_share
    assert shown["engaged"][-1] == f"{luck:.0%} / {unknown:.0%}"
    assert "item.content.stickiness" in outcome._repr_html_()


@pytest.mark.parametrize("realisations", [1, 2])
def test_few_realisations_break_nothing(realisations: int) -> None:
    outcome = vs.simulate(SCENARIO, realisations=realisations)
    assert ("–" in rows(read(outcome._repr_html_()))["engaged"]) == (realisations == 1)
    read(vs.compare(SCENARIO, realisations=realisations, rivals=False)._repr_html_())


def test_an_outcome_without_anything_is_shown() -> None:
    nothing = vs.read_scenario(settings=["network.people=50", "item.content.stickiness=0"])
    root = read(vs.simulate(nothing, plan="random", realisations=10)._repr_html_())
    assert "In every realisation 10 engaged" in text(root)
    uncounted = replace(vs.simulate(nothing, realisations=3), impressions_counted=False)
    assert "reach" not in rows(read(uncounted._repr_html_()))
    read(vs.simulate(nothing, realisations=3)._repr_html_())


def test_several_items_and_trust_are_shown() -> None:
    stories = vs.read_scenario(SCENARIOS / "restoration.toml", settings=["network.people=500"])
    outcome = vs.simulate(stories, realisations=3)
    shown = text(read(outcome._repr_html_()))
    assert "item leak" in shown
    assert f"{outcome.trust.mean:.1%}" in shown
    read(vs.replay(stories, realisation=0)._repr_html_())


def test_a_comparison_shows_paired_differences() -> None:
    comparison = vs.compare(SCENARIO, realisations=100, rivals=False)
    root = read(comparison._repr_html_())
    shown = rows(root)
    best, worst = comparison.order[0], comparison.order[-1]
    judgement = comparison.judge(worst, best)
    assert comparison.best == best
    mean = comparison.difference(worst, best).mean
    assert shown[worst][:3] == [
        number(mean, mean),
        f"{number(judgement.low, mean)} … {number(judgement.high, mean)}",
        judgement.verdict or "cannot be told apart",
    ]
    (picture,) = pictures(root)
    assert all(plan in picture.attrib["aria-label"] for plan in comparison.order)
    assert f"Comparison: best is {best}" in text(root)


@pytest.mark.parametrize("metric", ["viral_chance", "time_to_half"])
def test_other_metrics_are_compared_in_their_units(metric: str) -> None:
    comparison = vs.compare(SCENARIO, realisations=50, rivals=False, metric=metric)
    root = read(comparison._repr_html_())
    if metric == "viral_chance":
        assert f"{comparison.outcomes[comparison.best].viral_chance.mean:.1%}" in text(root)
    if metric == "time_to_half":
        assert "less is better" in text(root)


def test_one_plan_alone_has_no_differences() -> None:
    comparison = vs.compare(SCENARIO, plans=["hubs"], realisations=20, rivals=False)
    assert pictures(read(comparison._repr_html_())) == []


def test_plans_may_be_called_what_they_like() -> None:
    comparison = vs.compare(SCENARIO, realisations=20, rivals=False)
    names = dict(zip((HOSTILE, "a&b", "x" * 300), comparison.outcomes.values(), strict=True))
    outcomes = {name: replace(one, plan=name) for name, one in names.items()}
    root = read(replace(comparison, outcomes=outcomes, baseline=HOSTILE)._repr_html_())
    assert "<img src=x onerror=alert(1)>" in text(root)
    assert "<img src=x onerror=alert(1)>" in text(read(outcomes[HOSTILE]._repr_html_()))


def cascade_of(ids: list[str], **more: object) -> Cascade:
    n = len(ids)
    given: dict[str, object] = {
        "person": list(range(n)),
        "item": [0] * n,
        "platform": [0] * n,
        "tick": list(range(n)),
        "parent": [place - 1 for place in range(n)],
        "generation": list(range(n)),
        "shared_at": [-1] * n,
        "items": (HOSTILE,),
        "platforms": ("feed",),
        "tick_seconds": 3600.0,
        "realisation": 17,
        "scenario_hash": "7f3a",
        "plan": HOSTILE,
    }
    return Cascade.from_queue(ids, **{**given, **more})  # type: ignore[arg-type]


def test_people_may_be_called_what_they_like() -> None:
    root = read(cascade_of([HOSTILE, "bob", "χρήστης"])._repr_html_())
    assert text(root).count("<img src=x onerror=alert(1)>") >= 4
    assert "χρήστης" in text(root)


def test_a_cascade_shows_its_shape() -> None:
    cascade = vs.replay(SCENARIO, realisation=3)
    root = read(cascade._repr_html_())
    shape = rows(root)["content"]
    assert shape[0] == f"{cascade.size:,}"
    assert shape[-2] == f"{cascade.max_breadth:,}"
    assert shape[-1] == number(cascade.structural_virality)
    (picture,) = pictures(root)
    assert ", ".join(f"{at}: {people}" for at, people in enumerate(cascade.breadth)) in picture.attrib["aria-label"]


def test_cascades_of_nobody_and_of_long_chains_are_shown() -> None:
    assert "0 entries" in text(read(cascade_of([])._repr_html_()))
    long = read(cascade_of([str(place) for place in range(500)])._repr_html_())
    assert len([one for one in long.iter() if one.tag.endswith("rect")]) <= 40


def test_a_graph_shows_its_degrees() -> None:
    graph = vs.generate("communities", people=500)
    root = read(graph._repr_html_())
    degrees = graph.arcs.out_degree
    assert rows(root)["all"][:2] == [f"{len(graph.arcs):,}", number(float(degrees.mean()))]
    assert rows(root)["all"][-1] == str(degrees.max())
    assert "community" in text(root)
    label = pictures(root)[0].attrib["aria-label"]
    told = [int(many.replace(",", "")) for many in re.findall(r": ([\d,]+)(?=[;.])", label)]
    assert sum(told) == 500


def test_graphs_without_arcs_and_with_platforms_are_shown() -> None:
    read(vs.generate("erdos-renyi", people=1, mean_degree=0)._repr_html_())
    read(vs.generate("erdos-renyi", people=3, mean_degree=0)._repr_html_())
    layered = vs.read_scenario(SCENARIOS / "cause-campaign.toml", settings=["network.people=300"])
    root = read(vs.load_network(layered.network, layered.place)._repr_html_())
    assert {"friends", "clips"} <= set(rows(root))
    hostile = vs.from_arcs([0, 1], [1, 0], attributes={HOSTILE: [1, 2]})
    assert "<img src=x" in text(read(hostile._repr_html_()))


def test_pieces_break_on_nothing() -> None:
    assert bars([0, 0], ["0", "1"], "", "x", "y") == ""
    assert intervals([], "", "x") == ""
    assert intervals([("a", 0.0, None, None)], "", "x") == ""
    ElementTree.fromstring(intervals([("a", -1.0, None, None)], "1", "x"))
    ElementTree.fromstring(f"<div>{table(['a'], [])}</div>")
    ElementTree.fromstring(element("p", HOSTILE, title=HOSTILE))
    assert number(float("nan")) == number(None) == "–"
    many = [(place / 5, f"mark {place}") for place in range(6)]
    ElementTree.fromstring(bars(np.ones(3).tolist(), ["0", "1"], "1", "x", "y", many))


def test_matplotlib_stays_away() -> None:
    code = (
        "import sys, viralsim as vs; g = vs.generate('star', people=4); g._repr_html_();"
        "import viralsim.outcome.notebook; print('matplotlib' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
