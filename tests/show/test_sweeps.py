"""Figures of sweeps: what is drawn is what the table says, intervals are there, and wrong names are told."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from viralsim.errors import UsageError, ViralsimError
from viralsim.show import curve, effects_bars, heat_map, new_figure, points, sweep_figures, tipping_mark, write_figure
from viralsim.show.style import COLOURS, label, number_text

STICKINESS = "item.content.stickiness"
VISIBILITY = "platform.feed.visibility"


def table_of(vary: dict[str, list[Any]], mean: Any, metric: str = "engaged", half: float = 3.0) -> dict[str, Any]:
    cells = list(itertools.product(*vary.values()))
    means = np.array([mean(*values) for values in cells], float)
    columns = {name: np.array(list(column)) for name, column in zip(vary, zip(*cells, strict=True), strict=True)}
    count = len(cells)
    return {
        "cell": np.arange(count),
        **columns,
        "item": np.array(["content"] * count),
        "metric": np.array([metric] * count),
        "mean": means,
        "mean_low": means - half,
        "mean_high": means + half,
        "p05": means * 0.2,
        "p50": means,
        "p95": means * 2.0,
        "realisations": np.full(count, 200),
    }


def test_a_curve_shows_means_their_intervals_and_one_campaign() -> None:
    table = table_of({STICKINESS: [0.01, 0.03, 0.02]}, lambda s: 1000 * s)
    _, (ax,) = new_figure()
    curve(ax, table, STICKINESS, "engaged")
    line = ax.get_lines()[0]
    assert np.asarray(line.get_xdata()).tolist() == [0.01, 0.02, 0.03]
    assert np.asarray(line.get_ydata()).tolist() == [10.0, 20.0, 30.0]
    pale, band = (np.asarray(one.get_paths()[0].vertices) for one in ax.collections[:2])
    assert [pale[:, 1].min(), pale[:, 1].max()] == [2.0, 60.0]
    assert [band[:, 1].min(), band[:, 1].max()] == [7.0, 33.0]
    assert ax.get_title(loc="left").startswith("band: 95% interval of the mean")
    assert ax.xaxis.get_major_formatter()(0.02, 0) == "2%"


def test_lines_are_told_apart_without_colours_too() -> None:
    table = table_of({STICKINESS: [0.01, 0.02], "plan": ["hubs", "random"]}, lambda s, p: 1000 * s + len(p))
    _, (ax,) = new_figure()
    curve(ax, table, STICKINESS, "engaged", by="plan")
    lines = [line for line in ax.get_lines() if line.get_label() in ("hubs", "random")]
    assert [line.get_color() for line in lines] == list(COLOURS[:2])
    assert len({line.get_marker() for line in lines}) == 2
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["hubs", "random"]


def test_an_axis_of_ratios_is_logarithmic_and_one_of_steps_is_not() -> None:
    for values, scale in (([100, 1000, 10_000], "log"), ([1, 2, 3, 4, 5, 6], "linear"), ([0, 10, 100], "linear")):
        _, (ax,) = new_figure()
        curve(ax, table_of({"network.people": values}, lambda n: n), "network.people", "engaged")
        assert ax.get_xscale() == scale
    _, (ax,) = new_figure()
    points(ax, table_of({STICKINESS: np.linspace(0.001, 0.1, 300).tolist()}, lambda n: n), STICKINESS, "engaged")
    assert ax.get_xscale() == "linear"


def test_plans_stand_beside_each_other() -> None:
    _, (ax,) = new_figure()
    curve(ax, table_of({"plan": ["hubs", "random"]}, len), "plan", "engaged")
    assert [text.get_text() for text in ax.get_xticklabels()] == ["hubs", "random"]


def test_a_heat_map_writes_what_is_known_and_hatches_what_is_not() -> None:
    table = table_of({STICKINESS: [0.02, 0.01], "plan": ["random", "hubs"]}, lambda s, p: 10_000 * s + len(p), half=2.0)
    table["mean"][0] = np.nan
    table["mean_low"][0] = table["mean_high"][0] = np.nan
    _, (ax,) = new_figure()
    heat_map(ax, table, STICKINESS, "plan", "engaged")
    written = {text.get_position(): text.get_text() for text in ax.texts}
    assert written == {(0, 0): "106.0\n±2.0", (0, 1): "104.0\n±2.0", (1, 1): "204.0\n±2.0"}
    assert [text.get_text() for text in ax.get_xticklabels()] == ["1%", "2%"]
    assert ax.patch.get_hatch()


def test_a_heat_map_without_room_for_numbers_says_how_well_the_means_are_known() -> None:
    many = [round(0.001 * step, 3) for step in range(1, 31)]
    _, (ax,) = new_figure()
    heat_map(
        ax, table_of({STICKINESS: many, VISIBILITY: [0.1, 0.2]}, lambda s, v: s * v), STICKINESS, VISIBILITY, "engaged"
    )
    assert not ax.texts
    assert ax.get_title(loc="left") == "95% interval of a mean: ±3, at most ±3; 200 realisations a cell"


def test_points_of_a_kind_do_not_hide_each_other() -> None:
    table = table_of({"plan": ["hubs", "random"], STICKINESS: [0.01, 0.02, 0.03]}, lambda p, s: 1000 * s)
    _, (ax,) = new_figure()
    points(ax, table, "plan", "engaged")
    at = np.asarray(ax.get_lines()[0].get_xdata())
    assert len(set(at.tolist())) == 6
    assert set(np.round(at).tolist()) == {0.0, 1.0}
    assert len(ax.collections[0].get_segments()) == 6  # a bar each


def test_cells_are_never_drawn_over_each_other_without_a_word() -> None:
    table = table_of({STICKINESS: [0.01, 0.02], "plan": ["hubs", "random"]}, lambda s, p: s)
    _, (ax,) = new_figure()
    with pytest.raises(UsageError, match=r"several cells have the same item\.content\.stickiness: plan varies too"):
        curve(ax, table, STICKINESS, "engaged")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda ax, t: curve(ax, t, STICKINESS, "engagd"), r"no metric 'engagd'.*\n?.*did you mean 'engaged'"),
        (
            lambda ax, t: curve(ax, t, "item.content.stickines", "engaged"),
            r"not varied.*\n?.*did you mean 'item.content.st",
        ),
        (lambda ax, t: curve(ax, t, STICKINESS, "engaged", item="rumour"), r"no item 'rumour'.*\n?.*content"),
        (lambda ax, t: curve(ax, t, "mean", "engaged"), r"'mean' was not varied"),
        (lambda ax, t: points(ax, t, STICKINESS, "engaged", by=STICKINESS), r"13 values, and at most 12"),
        (lambda ax, t: effects_bars(ax, []), "no effects"),
    ],
)
def test_wrong_names_are_told(call: Any, said: str) -> None:
    table = table_of({STICKINESS: [round(0.01 * step, 2) for step in range(1, 14)]}, lambda s: s)
    _, (ax,) = new_figure()
    with pytest.raises(UsageError, match=said):
        call(ax, table)


def effect(names: tuple[str, ...], first: float | None, total: float | None = None) -> Any:
    low = (None, None) if first is None else (first - 0.1, first + 0.1)
    ends = (None, None) if total is None else (total - 0.1, total + 0.1)
    return SimpleNamespace(
        names=names,
        first=first,
        first_low=low[0],
        first_high=low[1],
        total=total,
        total_low=ends[0],
        total_high=ends[1],
    )


def test_effects_are_bars_with_intervals_the_largest_on_top() -> None:
    found = [effect(("plan",), 0.1, 0.2), effect((STICKINESS,), 0.6, 0.7), effect(("plan", STICKINESS), 0.1)]
    _, (ax,) = new_figure()
    effects_bars(ax, found)
    names = [text.get_text().replace("\n", " ") for text in ax.get_yticklabels()]
    assert names == ["plan x content.stickiness", "plan", "content.stickiness"]
    widths = sorted(round(bar.get_width(), 3) for bar in ax.patches)
    assert widths == [0.1, 0.1, 0.2, 0.6, 0.7]
    assert len(ax.collections) == 5
    _, (ax,) = new_figure()
    effects_bars(ax, [effect(("plan",), None, None)])  # nothing varied: no bar, no error
    assert not ax.patches


def test_a_tipping_point_is_marked_with_its_interval() -> None:
    point = SimpleNamespace(
        path=STICKINESS, condition="viral_chance >= 50%", value=0.02, low=0.018, high=0.021, direction="rises"
    )
    _, (ax,) = new_figure()
    tipping_mark(ax, point)
    assert [text.get_text() for text in ax.texts] == ["viral_chance >= 50%\nfrom 2% (1.8% … 2.1%)"]
    assert len(ax.patches) == 1
    tipping_mark(ax, SimpleNamespace(**{**vars(point), "value": None}))
    assert len(ax.texts) == 1


class FakeSweep:
    metric = "engaged"
    tipping_points: tuple[Any, ...] = ()

    def __init__(self, table: dict[str, Any], design: str, effects: list[Any], until: str | None = None) -> None:
        self._table, self.design, self._effects = table, design, effects
        self.described = {"until": until}
        self.paths = tuple(name for name in table if name in (VISIBILITY, "plan", STICKINESS))
        self.cells = [SimpleNamespace(facts={"main_item": "content"})]

    def table(self, metric: str | None = None, item: str | None = None) -> dict[str, Any]:
        return self._table

    def effects(self, metric: str, item: str | None = None) -> list[Any]:
        if not self._effects:
            raise UsageError("cells are missing")
        return self._effects


def figures_of(*given: Any) -> dict[str, Any]:
    return sweep_figures(FakeSweep(*given))  # type: ignore[arg-type]


def test_each_design_has_its_figures() -> None:
    three = {VISIBILITY: [0.1, 0.2], "plan": ["hubs", "random"], STICKINESS: [0.01, 0.02, 0.03]}
    grid = table_of(three, lambda v, p, s: 1000 * s * v + len(p))
    found = [effect(("plan",), 0.1), effect((STICKINESS,), 0.6)]
    figures = figures_of(grid, "grid", found)
    assert list(figures) == ["curve", "heat-map", "effects"]
    assert [len(figure.axes) for figure in figures.values()] == [2, 3, 1]  # panels; two panels and their colours
    assert list(figures_of(grid, "sobol", found)) == ["points", "effects"]
    assert list(figures_of(grid, "grid", [])) == ["curve", "heat-map"]
    assert list(figures_of(grid, "random", [])) == ["points"]
    assert figures_of(table_of({STICKINESS: [0.01]}, lambda s: s), "grid", []) == {}
    searched = figures_of(table_of({VISIBILITY: [1, 2], STICKINESS: [0.01, 0.02]}, lambda v, s: s), "grid", [], "x > 1")
    assert [(name, figure.axes[0].get_xlabel()) for name, figure in searched.items()] == [("curve", STICKINESS)]


@pytest.mark.parametrize("name", ["one.png", "one.svg"])
def test_a_figure_is_written_whole_and_the_same_each_time(tmp_path: Path, name: str) -> None:
    written = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        figure, (ax,) = new_figure()
        curve(ax, table_of({"plan": ["cheap $ 5", "$dear$"]}, len), "plan", "engaged")
        written.append(write_figure(figure, tmp_path / folder / name).read_bytes())
    assert written[0] == written[1]
    assert len(written[0]) > 1000


def test_where_a_figure_cannot_go(tmp_path: Path) -> None:
    figure, _ = new_figure()
    with pytest.raises(UsageError, match=r"ends in \.png or \.svg"):
        write_figure(figure, tmp_path / "one.jpg")
    (tmp_path / "taken.png").write_text("mine")
    with pytest.raises(UsageError, match=r"taken\.png"):
        write_figure(figure, tmp_path / "taken.png")
    with pytest.raises(ViralsimError):
        write_figure(figure, tmp_path / "nowhere" / "one.png")
    assert (tmp_path / "taken.png").read_text() == "mine"


def test_numbers_and_names_carry_their_units() -> None:
    assert label("impressions") == "impressions"
    assert label("reproduction_number") == "reproduction number (people per person)"
    assert [number_text(value, "share") for value in (0.0, 1.0, 0.123456)] == ["0%", "100%", "12.3%"]
    assert number_text(float("nan")) == "–"
    assert number_text(-0.001, "share", 0.01) == "0%"
