"""Sweeps: the same bytes whoever plays them and whatever happens on the way; never anything twice."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sweeps import same_tables

import viralsim as vs
from viralsim.errors import DataError, ScenarioError, UsageError, ViralsimError
from viralsim.experiments import jobs, sweeping
from viralsim.outcome.outcome import METRICS

SMALL = vs.read_scenario(settings=["network.people=400", "item.content.stickiness=15%", "platform.feed.visibility=0.4"])
STICKINESS = "item.content.stickiness"
VARY = {STICKINESS: "5%:30%:4", "plan": ["random", "hubs"]}
NUMBERS = ("mean", "mean_low", "mean_high", "p05", "p50", "p95", "luck_share", "unknown_share")


@pytest.fixture(scope="module")
def undisturbed() -> vs.Sweep:
    return vs.sweep(SMALL, vary=VARY, realisations=30)


def test_each_cell_is_what_simulate_gives(undisturbed: vs.Sweep) -> None:
    table = undisturbed.table()
    for row in range(len(table["cell"])):
        scenario = SMALL.with_settings({STICKINESS: float(table[STICKINESS][row])})
        estimate = vs.simulate(scenario, plan=table["plan"][row], realisations=30).metric(table["metric"][row])
        expected = [getattr(estimate, name) for name in NUMBERS]
        found = [None if table[name][row] is np.ma.masked else float(table[name][row]) for name in NUMBERS]
        assert found == expected, (table["metric"][row], table[STICKINESS][row])
    assert sorted(set(table["metric"])) == sorted(METRICS)
    assert table["cell"].tolist() == sorted(table["cell"].tolist())


RICH = """
network = { generator = "communities", people = 300, random_seed = 3 }
segment.young = { share = "40%", conversion = "10%", satisfaction = "70%" }
segment.everyone = { conversion = "3%" }
item.content = { stickiness = "8%..20%", endorsement = 1 }
item.anger = { kind = "testimony", born_of = "content", stickiness = "15%", damage = "30%" }
item.answer = { kind = "restoration", stickiness = "20%", wave.first = { strategy = "random", count = 5, start = 3 } }
plan.hubs.wave.first = { strategy = "degree", count = 5 }
plan.luck.wave.first = { strategy = "random", count = 5, redraw = true }
time.horizon = 60
"""


def test_items_that_touch_unknown_numbers_and_trust_are_what_simulate_gives() -> None:
    rich = vs.scenario_from_text(RICH)
    swept = vs.sweep(rich, vary={"item.anger.damage": ["10%", "60%"], "plan": ["hubs", "luck"]}, realisations=21)
    table = swept.table()
    for row in range(len(table["cell"])):
        scenario = rich.with_settings({"item.anger.damage": float(table["item.anger.damage"][row])})
        outcome = vs.simulate(scenario, plan=table["plan"][row], realisations=21)
        estimate = outcome.metric(table["metric"][row], table["item"][row])
        expected = [getattr(estimate, name) for name in NUMBERS]
        found = [None if table[name][row] is np.ma.masked else float(table[name][row]) for name in NUMBERS]
        assert found == expected, (table["metric"][row], table["item"][row])
        assert outcome.scenario_hash == table["scenario_hash"][row]
    assert set(table["item"]) == {"content", "anger", "answer"}


# -- who plays, and what happens on the way -------------------------------------------------------------


@pytest.mark.parametrize("slice_", [0.0005, 0.02])
def test_how_work_is_cut_changes_nothing(undisturbed: vs.Sweep, slice_: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "SLICE", slice_)
    monkeypatch.setattr(sweeping, "ENDS_AFTER", slice_)  # jobs end in the middle, and their rest comes back
    assert same_tables(vs.sweep(SMALL, vary=VARY, realisations=30, workers=3), undisturbed)


def test_processes_give_the_same(undisturbed: vs.Sweep) -> None:
    assert same_tables(vs.sweep(SMALL, vary=VARY, realisations=30, executor="processes", workers=2), undisturbed)


def test_any_executor_will_do(undisturbed: vs.Sweep) -> None:
    with ThreadPoolExecutor(2) as executor:
        assert same_tables(vs.sweep(SMALL, vary=VARY, realisations=30, executor=executor), undisturbed)
        assert executor.submit(int).result() == 0  # it is left open


def test_a_graph_that_is_given_is_used_by_all(undisturbed: vs.Sweep) -> None:
    graph = vs.load_network(SMALL.network)
    assert same_tables(vs.sweep(SMALL, vary=VARY, realisations=30, graph=graph), undisturbed)
    given = vs.sweep(SMALL, vary=VARY, realisations=30, graph=graph, executor="processes", workers=1)
    assert same_tables(given, undisturbed)
    with pytest.raises(UsageError, match="network keys vary, and a graph was given"):
        vs.sweep(SMALL, vary={"network.people": [100, 200]}, graph=graph)


# -- going on -------------------------------------------------------------------------------------------


def counted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Note every realisation that is played, by its cell."""
    played: list[tuple[str, int]] = []
    original = jobs.play_job

    def noting(job: jobs.Job) -> list[jobs.Result]:
        results = original(job)
        played.extend((one.key, one.first + index) for one in results for index in range(len(one.rows)))
        return results

    monkeypatch.setattr(sweeping, "play_job", noting)
    return played


def test_nothing_is_played_twice(undisturbed: vs.Sweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    played = counted(monkeypatch)
    store = tmp_path / "made"
    vs.sweep(SMALL, vary={STICKINESS: [0.05, 0.3], "plan": ["random"]}, realisations=7, store=store)
    assert len(played) == 2 * 7
    vs.sweep(SMALL, vary={STICKINESS: [0.05, 0.3], "plan": ["random"]}, realisations=30, store=store)
    assert len(played) == 2 * 30
    made = vs.sweep(SMALL, vary=VARY, realisations=30, store=store)
    assert len(played) == len(set(played)) == 8 * 30
    assert same_tables(made, undisturbed)
    again = vs.sweep(SMALL, vary=VARY, realisations=30, store=store)
    assert again.played == 0
    assert len(played) == 8 * 30
    fewer = vs.sweep(SMALL, vary=VARY, realisations=10, store=store)  # what is there stays
    assert fewer.played == 0
    assert same_tables(fewer, undisturbed)


def test_a_precision_is_reached_the_same_way_whatever_happened_before(tmp_path: Path) -> None:
    vary = {STICKINESS: [0.05, 0.2]}
    straight = vs.sweep(SMALL, vary=vary, precision=0.03)
    counts = straight.table("engaged")["realisations"].tolist()
    simulated = [
        vs.simulate(SMALL.with_settings({STICKINESS: value}), precision=0.03).engaged.realisations
        for value in vary[STICKINESS]
    ]
    assert counts == simulated
    assert len(set(counts)) == 2  # or this tells little
    vs.sweep(SMALL, vary=vary, realisations=300, store=tmp_path / "made")  # between two looks
    gone_on = vs.sweep(SMALL, vary=vary, precision=0.03, store=tmp_path / "made")
    assert gone_on.table("engaged")["realisations"].tolist() == [max(300, count) for count in counts]


def test_a_cell_that_two_rows_have_is_played_once() -> None:
    swept = vs.sweep(SMALL, vary=["network.people=300:303"], design="random", samples=20, realisations=3)
    assert len(swept.cells) == swept.played // 3 < 20


SCRIPT = """
import sys, viralsim as vs
from viralsim.experiments import store
store.SECONDS = 0.01
if __name__ == "__main__":
    small = vs.read_scenario(settings=["network.people=2000", "platform.feed.visibility=0.4"])
    vary = ["item.content.stickiness=5%:30%:200", "plan=random,hubs"]
    vs.sweep(small, vary=vary, realisations=100, store=sys.argv[1], progress=lambda _: print("plays", flush=True))
    print("done")
"""


def test_killed_at_any_moment_it_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(tmp_path / "made")]
    chance, kept = random.Random(5), list[int]()
    for _ in range(10):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "plays\n"
        time.sleep(chance.uniform(0.0, 0.15))
        process.send_signal(signal.SIGKILL)
        assert "done" not in process.communicate()[0]
        kept.append(len(vs.read_sweep(tmp_path / "made").realisations_table()["realisation"]))
    vary = ["item.content.stickiness=5%:30%:200", "plan=random,hubs"]
    small = vs.read_scenario(settings=["network.people=2000", "platform.feed.visibility=0.4"])
    gone_on = vs.sweep(small, vary=vary, realisations=100, store=tmp_path / "made")
    assert gone_on.played == 40_000 - kept[-1]
    assert kept == sorted(set(kept))  # each of them was killed on the way, and of what was there nothing was lost
    assert 0 < kept[0] < kept[-1] < 40_000
    assert same_tables(gone_on, vs.sweep(small, vary=vary, realisations=100, store=tmp_path / "other"))
    files = [(tmp_path / name / "results.parquet").read_bytes() for name in ("made", "other")]
    assert len(files[0]) == len(files[1])


# -- common luck ----------------------------------------------------------------------------------------


def test_cells_share_their_luck_unless_they_are_not_to() -> None:
    vary = {STICKINESS: [0.1, 0.1000001]}
    shared, own = (vs.sweep(SMALL, vary=vary, realisations=20, common_luck=common) for common in (True, False))
    same, different = (np.split(one.realisations_table()["engaged"], 2) for one in (shared, own))
    assert same[0].tolist() == same[1].tolist()
    assert different[0].tolist() != different[1].tolist()
    seeds = own.table("engaged")["random_seed"]
    assert len(set(seeds.tolist())) == 2
    again = vs.simulate(SMALL.with_settings({STICKINESS: 0.1, "random_seed": int(seeds[0])}), realisations=20)
    assert again.rows[:, 0, 2].tolist() == different[0].tolist()


# -- compiled like another ------------------------------------------------------------------------------

CHANGES = {
    STICKINESS: st.sampled_from([0.05, 0.3]),
    "item.content.endorsement": st.sampled_from([0, 2]),
    "item.content.law": st.just("independent"),
    "platform.feed.visibility": st.sampled_from([0.2, 0.9]),
    "plan.hubs.wave.first.count": st.sampled_from([3, 9]),
    "plan.hubs.wave.first.strategy": st.sampled_from(["degree", "random"]),
    "random_seed": st.sampled_from([1, 2]),
    "time.horizon": st.sampled_from([40, 90]),
    "segment.young.share": st.sampled_from([0.2, 0.5]),
    "segment.young.susceptibility": st.sampled_from([0.5, 1.0]),
    "segment.young.conversion": st.sampled_from([0.0, 0.1]),
    "network.people": st.sampled_from([200, 250]),
    "network.trust": st.sampled_from([0.1, 0.9]),
    "price": st.sampled_from([{"model": "flat", "amount": 3}, {"model": "flat", "amount": 4}]),
}


@settings(derandomize=True, deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.fixed_dictionaries({}, optional=CHANGES), min_size=2, max_size=5))
def test_a_cell_does_not_depend_on_those_compiled_before_it(cells: list[dict[str, object]]) -> None:
    """Seeds, groups and graphs of the cell before are used again only where they are the same."""
    scenario = vs.read_scenario(settings=["network.people=200"])
    pieces = []
    for values in cells:
        graph = "|".join(str(values.get(name)) for name in ("network.people", "network.trust"))
        pieces.append(jobs.Piece(str(len(pieces)), values, "hubs", f"test {graph}", 0, 3))
    for piece, result in zip(
        pieces, jobs.play_job(jobs.Job(scenario, tuple(pieces), 60.0, True, uuid.uuid4().hex)), strict=True
    ):
        alone = vs.simulate(scenario.with_settings(piece.values), plan="hubs", realisations=3)
        assert result.rows[:, :, : alone.rows.shape[2]].tolist() == alone.rows.tolist(), piece.values
        assert result.facts["scenario_hash"] == alone.scenario_hash


# -- what cannot be -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({"vary": {}}, "nothing varies"),
        ({"vary": "item.content.stickiness=1%,2%"}, "expected a mapping or a list of texts, got a text"),
        ({"vary": {STICKINESS: [0.1]}, "plan": "hub"}, "there is no plan 'hub'"),
        ({"vary": {"plan": ["hubs"]}, "plan": "hubs"}, "the plan is varied, and one plan is asked for"),
        ({"vary": {STICKINESS: [0.1]}, "metric": "reech"}, "no metric 'reech'"),
        ({"find": STICKINESS}, "until is missing: a tipping point needs both"),
        ({"until": "reach >= 5"}, "find is missing: a tipping point needs both"),
        ({"vary": {STICKINESS: [0.1]}, "find": STICKINESS, "until": "reach >= 5"}, "is varied and looked for"),
        ({"vary": {STICKINESS: [0.1]}, "design": "gird"}, "gird"),
        ({"vary": {STICKINESS: [0.1]}, "samples": 10}, "a grid plays every combination"),
        ({"vary": {STICKINESS: [0.1]}, "executor": "treads"}, "unknown executor 'treads'"),
        ({"vary": {STICKINESS: [0.1]}, "realisations": 0}, "realisation"),
        ({"vary": {STICKINESS: [0.1]}, "precision": 2}, "precision"),
    ],
)
def test_calls_that_make_no_sense(given_: dict[str, Any], expected: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=expected):
        vs.sweep(SMALL, **given_, store=tmp_path / "made")
    assert not (tmp_path / "made" / "sweep.json").exists()


def test_invalid_combinations_are_named_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"cell item\.content\.stickiness=1\.5"):
        vs.sweep(SMALL, vary={STICKINESS: [0.1, 1.5]}, store=tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_what_the_graph_lacks_is_told_with_the_cell(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cell plan\.hubs\.wave\.first\.count=500.*the people who are eligible"):
        vs.sweep(
            SMALL, vary={"plan.hubs.wave.first.count": [5, 500]}, plan="hubs", realisations=3, store=tmp_path / "made"
        )
    kept = vs.read_sweep(tmp_path / "made").table("engaged")
    assert kept["plan.hubs.wave.first.count"].tolist() in ([5], [])


CHANGED = [
    (SMALL.with_settings(["item.content.endorsement=2"]), {}, "item.content.endorsement was 1.0, and is 2.0 now"),
    (SMALL, {"vary": {"random_seed": [1]}}, "there vary item.content.stickiness, now random_seed"),
    (SMALL, {"design": "random", "samples": 3}, "its design was grid, and is random now"),
    (SMALL, {"common_luck": False}, "common luck was on, and is off now"),
    (SMALL, {"impressions": False}, "impressions was on, and is off now"),
]


@pytest.mark.parametrize(("scenario", "given_", "expected"), CHANGED)
def test_another_sweep_is_refused_and_nothing_is_lost(
    scenario: vs.Scenario, given_: dict[str, Any], expected: str, tmp_path: Path
) -> None:
    before = vs.sweep(SMALL, vary={STICKINESS: [0.1, 0.2]}, realisations=5, store=tmp_path)
    with pytest.raises(UsageError, match=expected):
        vs.sweep(scenario, **{"vary": {STICKINESS: [0.1, 0.2]}, **given_}, realisations=5, store=tmp_path)
    assert same_tables(vs.read_sweep(tmp_path), before)


def test_a_network_that_changed_is_refused(tmp_path: Path) -> None:
    edges = tmp_path / "edges.csv"
    edges.write_text("source,target\na,b\nb,c\nc,a\n")
    scenario = vs.read_scenario(
        settings={"network.file": str(edges), "plan.random.wave.first.count": 1, STICKINESS: "50%"}
    )
    vs.sweep(scenario, vary={STICKINESS: [0.1, 0.2]}, realisations=5, store=tmp_path / "made")
    edges.write_text("source,target\na,b\nb,c\nc,d\n")
    with pytest.raises(DataError, match="the network has changed since the first cells of this sweep were played"):
        vs.sweep(scenario, vary={STICKINESS: [0.1, 0.2, 0.3]}, realisations=5, store=tmp_path / "made")
    assert len(vs.read_sweep(tmp_path / "made").table("engaged")["cell"]) == 2


# -- what explains it -----------------------------------------------------------------------------------


def test_effects_come_from_the_cells_of_the_design() -> None:
    """On a star whose centre is the seed, engaged is 1 + Binomial(leaves, p): only stickiness and leaves matter."""
    star = vs.scenario_from_text(
        """
        network = { generator = "star", people = 50 }
        item.post = { stickiness = "10%", endorsement = 0 }
        plan.one.wave.first = { strategy = "explicit", people = [0] }
        """
    )
    path = "item.post.stickiness"
    vary = {path: "10%:90%:5", "network.people": [20, 60, 100], "network.trust": ["10%", "50%"]}
    effects = {one.names: one for one in vs.sweep(star, vary=vary, realisations=50).effects("engaged")}
    levels = np.linspace(0.1, 0.9, 5)[:, None] * (np.array([20, 60, 100]) - 1)[None, :]
    of_p, of_n = levels.mean(axis=1).var() / levels.var(), levels.mean(axis=0).var() / levels.var()
    assert effects[(path,)].first == pytest.approx(of_p, abs=0.01)
    assert effects[("network.people",)].first == pytest.approx(of_n, abs=0.01)
    assert effects[("network.trust",)].first == 0.0
    assert effects[(path, "network.people")].first == pytest.approx(1.0 - of_p - of_n, abs=0.01)
    sobol = vs.sweep(
        star, vary={path: "0%:100%", "network.people": "20:100"}, design="sobol", samples=64, realisations=20
    )
    found = {one.names: one for one in sobol.effects("engaged")}
    # p uniform on [0, 1], n - 1 on [19, 99]: the variance of p (n - 1) is that of a product of independent numbers.
    vp, mp, vn, mn = 1 / 12, 0.5, (81**2 - 1) / 12, 59.0
    whole = vp * vn + vp * mn**2 + vn * mp**2
    assert found[(path,)].first == pytest.approx(vp * mn**2 / whole, abs=0.1)
    assert found[(path,)].first_low < vp * mn**2 / whole < found[(path,)].first_high
    morris = vs.sweep(
        star, vary={path: "0%:100%", "network.trust": "0%:100%"}, design="morris", samples=5, realisations=20
    )
    of_path, of_trust = morris.effects("engaged")
    assert of_path.mu_star == pytest.approx(49.0, rel=0.1)
    assert of_trust.mu_star == 0.0


def test_designs_without_effects_say_so() -> None:
    with pytest.raises(UsageError, match="a latin design tells no effects"):
        vs.sweep(SMALL, vary={STICKINESS: "1%:20%"}, design="latin", samples=3, realisations=2).effects()


def test_effects_wait_until_all_cells_are_there(tmp_path: Path) -> None:
    vs.sweep(SMALL, vary={STICKINESS: [0.1, 0.2]}, realisations=2, store=tmp_path)
    manifest = json.loads((tmp_path / "sweep.json").read_text())
    manifest["sweep"]["rows"].append("0" * 16)
    (tmp_path / "sweep.json").write_text(json.dumps(manifest))
    with pytest.raises(UsageError, match="1 of 3 cells have not been played"):
        vs.read_sweep(tmp_path).effects()


# -- tipping points -------------------------------------------------------------------------------------


def test_a_tipping_point_is_found_for_each_combination_and_goes_on(tmp_path: Path) -> None:
    """Two people and one arc: the second engages with the chance of the stickiness, so 50 % is at 50 %."""
    pair = vs.scenario_from_text(
        """
        network = { generator = "path", people = 2 }
        item.post = { stickiness = "10%", endorsement = 0 }
        plan.one.wave.first = { strategy = "explicit", people = [0] }
        report.viral_threshold = 2
        """
    )
    asked: dict[str, Any] = {
        "vary": {"platform.feed.visibility": [1.0, 0.8]},
        "find": "item.post.stickiness",
        "until": "viral_chance >= 40%",
        "realisations": 2000,
        "store": tmp_path,
    }
    swept = vs.sweep(pair, **asked)
    for point, true in zip(swept.tipping_points, (0.4, 0.5), strict=True):
        assert point.low is not None
        assert point.high is not None
        assert point.low < true < point.high  # 95 %: with these numbers it does
        assert point.high - point.low < 0.1
    assert [point.values for point in swept.tipping_points] == [
        {"platform.feed.visibility": 1.0},
        {"platform.feed.visibility": 0.8},
    ]
    again = vs.sweep(pair, **asked)
    assert again.played == 0
    assert again.tipping_points == swept.tipping_points
    assert vs.read_sweep(tmp_path).tipping_points == swept.tipping_points  # each once


def test_errors_of_workers_reach_the_caller(tmp_path: Path) -> None:
    scenario = vs.read_scenario(settings={"network.file": str(tmp_path / "gone.csv")})
    with pytest.raises(ViralsimError, match="no such file"):
        vs.sweep(scenario, vary={STICKINESS: [0.1]}, realisations=2, executor="processes", workers=1)
