"""Outcomes on disk: tables as CSV and Parquet, and a folder of results that is whole or not there.

Equal outcomes give equal bytes: rows are in the order of the realisations, nothing holds a time stamp, and
Parquet is written by one thread.
"""

from __future__ import annotations

import csv
import errno
import importlib.metadata
import io
import json
import os
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from viralsim.engine import Audience, quantile_times
from viralsim.engine.accounts import CELLS, FREQUENCIES
from viralsim.engine.kernels import CURVES, GENERATIONS, ROW
from viralsim.errors import DataError, UsageError, ViralsimError
from viralsim.files import whole_folder
from viralsim.outcome.audiences import PART_METRICS, Axes
from viralsim.outcome.outcome import Outcome

if TYPE_CHECKING:
    from viralsim.graph import SocialGraph
    from viralsim.outcome.comparison import Comparison
    from viralsim.outcome.counterfactuals import Counterfactual, CrisisPanel
    from viralsim.scenario import Scenario

__all__ = [
    "AUDIENCE_FILES",
    "FILES",
    "TRUST_FILES",
    "audiences_table",
    "cells_by_realisation_table",
    "check_directory",
    "csv_text",
    "curves_by_realisation_table",
    "curves_table",
    "database",
    "delivery_by_realisation_table",
    "explained",
    "flows_by_realisation_table",
    "forecast",
    "groups_by_realisation_table",
    "quoted",
    "read_outcome",
    "realisations_table",
    "scale",
    "trust_by_realisation_table",
    "trust_table",
    "write_comparison",
    "write_csv",
    "write_panel",
    "write_parquet",
    "write_results",
]

FILES = (
    "scenario.toml",
    "manifest.json",
    "forecast.json",
    "realisations.csv",
    "realisations.parquet",
    "curves.csv",
    "curves.parquet",
    "curves_by_realisation.parquet",
)
"""What `write_results` writes; with `TRUST_FILES` and `AUDIENCE_FILES`, nothing else is ever replaced or deleted."""

TRUST_FILES = ("trust.csv", "trust.parquet", "trust_by_realisation.parquet")
"""What it writes besides where an item can take trust."""

AUDIENCE_FILES = (
    "audiences.csv",
    "audiences.parquet",
    "cells_by_realisation.parquet",
    "groups_by_realisation.parquet",
    "flows_by_realisation.parquet",
    "delivery_by_realisation.parquet",
)
"""What it writes besides where results are told by segment and platform."""

COMPARISON = "comparison.json"
"""What `write_comparison` writes beside a folder of results for each plan."""

SEVERAL = (COMPARISON, "counterfactual.json", "crisis.json")
"""What says that the folders beside it are results that belong together."""

FORMAT = 4
"""Raised when files hold something that earlier versions do not read."""

_READ = (3, FORMAT)
"""Formats that can be read: 3 is the same without accounts of audiences."""

Columns: TypeAlias = Mapping[str, npt.NDArray[Any]]
"""A table: columns of one length by name; masked where undefined."""

_Writers: TypeAlias = Mapping[str, Callable[[Path], None]]

_TIMES = ("time_to_peak", "time_to_half")
_NEED_IMPRESSIONS = ("reach", "impressions")
_ALL_FILES = (*FILES, *TRUST_FILES, *AUDIENCE_FILES)
_FREQUENCY_COLUMNS = tuple(f"impressions_{number}" for number in range(1, FREQUENCIES + 1))
_ALL = "(all)"
_QUANTITIES = ("mean", "mean_low", "mean_high", "p05", "p50", "p95")
_OF_PEOPLE = ("people_p05", "people_p50", "people_p95")
_GENERATION_COLUMNS = tuple(f"generation_{generation}" for generation in range(GENERATIONS))


# -- tables -----------------------------------------------------------------------------------------


def realisations_table(outcome: Outcome) -> dict[str, npt.NDArray[Any]]:
    """Return one row per realisation and item: counts, times, people per generation.

    Parameters
    ----------
    outcome : Outcome

    Returns
    -------
    dict of str to ndarray
        "realisation", "item", the columns of the engine's row under the metrics' names ("reach", …,
        "time_to_half" in ticks), "seeds", "cost" in money, "roots", conversions, and "generation_0" (who engaged
        without a parent: seeds, roots, those whom an advertisement engaged) to "generation_15"; then, by its path, what
        was drawn in the place of each number that is not known. Masked where undefined: times of realisations in which
        nobody was persuaded, reach and impressions where they were not counted.

    Examples
    --------
    >>> outcome = Outcome(
    ...     "7f3a", "hubs", 1, ("content",), "content", 10, 1800.0, 4, [0, 4], 3, True, [6],
    ...     [[[1, 0, 1, 0, 0, -1, -1, 1, 0, 0, 0, 0, 0]]], [[[1] + 15 * [0]]], [[[[1, 1], [0, 0], [1, 1], [0, 0]]]],
    ... )
    >>> table = realisations_table(outcome)
    >>> table["realisation"].tolist(), table["engaged"].tolist(), table["time_to_peak"].tolist()
    ([6], [1], [None])
    """
    realisations, items = len(outcome), len(outcome.items)
    columns: dict[str, npt.NDArray[Any]] = {
        "realisation": np.repeat(outcome.indices, items),
        "item": np.tile(np.array(outcome.items, dtype=object), realisations),
    }
    for c, name in enumerate(ROW):
        values = np.ascontiguousarray(outcome.rows[:, :, c]).ravel()
        if name == "cost":
            columns[name] = values / 100.0
        elif name in _TIMES:
            columns[name] = np.ma.masked_array(values, mask=values < 0)
        else:
            columns[name] = _known(values, name, outcome)
    for generation, name in enumerate(_GENERATION_COLUMNS):
        columns[name] = np.ascontiguousarray(outcome.generation_counts[:, :, generation]).ravel()
    for place, name in enumerate(outcome.unknowns):
        columns[name] = np.repeat(outcome.drawn[:, place], items)
    return columns


def curves_table(outcome: Outcome) -> dict[str, npt.NDArray[Any]]:
    """Return the curves of all items with their intervals: one row per item, metric and report time.

    Parameters
    ----------
    outcome : Outcome

    Returns
    -------
    dict of str to ndarray
        "item", "metric", "tick", "hours", "mean", "mean_low", "mean_high", "p05", "p50", "p95"; masked
        where undefined.

    Examples
    --------
    >>> outcome = Outcome(
    ...     "7f3a", "hubs", 1, ("content",), "content", 10, 1800.0, 4, [0, 4], 3, True, [6],
    ...     [[[1, 0, 1, 0, 0, -1, -1, 1, 0, 0, 0, 0, 0]]], [[[1] + 15 * [0]]], [[[[1, 1], [0, 0], [1, 1], [0, 0]]]],
    ... )
    >>> table = curves_table(outcome)
    >>> table["metric"].tolist()[:3], table["hours"].tolist()[:3], table["mean"].tolist()[:3]
    (['reach', 'reach', 'impressions'], [0.0, 2.0, 0.0], [1.0, 1.0, 0.0])
    """
    curves = [outcome.curve(name, item) for item in outcome.items for name in CURVES]
    times = len(outcome.report_ticks)
    columns: dict[str, npt.NDArray[Any]] = {
        "item": np.repeat(np.array([curve.item for curve in curves], dtype=object), times),
        "metric": np.repeat(np.array([curve.name for curve in curves], dtype=object), times),
        "tick": np.concatenate([curve.ticks for curve in curves]),
        "hours": np.concatenate([curve.hours for curve in curves]),
    }
    for name in _QUANTITIES:
        columns[name] = np.ma.masked_invalid(np.concatenate([getattr(curve, name) for curve in curves]))
    return columns


def curves_by_realisation_table(outcome: Outcome) -> dict[str, npt.NDArray[Any]]:
    """Return the curves behind `curves_table`: one row per realisation, item and report time.

    Parameters
    ----------
    outcome : Outcome

    Returns
    -------
    dict of str to ndarray
        "realisation", "item", "tick", "reach", "impressions", "engaged", "shares" (cumulative); masked
        where not counted.

    Examples
    --------
    >>> outcome = Outcome(
    ...     "7f3a", "hubs", 1, ("content",), "content", 10, 1800.0, 4, [0, 4], 3, False, [6],
    ...     [[[0, 0, 1, 0, 0, -1, -1, 1, 0, 0, 0, 0, 0]]], [[[1] + 15 * [0]]], [[[[0, 0], [0, 0], [1, 1], [0, 0]]]],
    ... )
    >>> table = curves_by_realisation_table(outcome)
    >>> table["tick"].tolist(), table["engaged"].tolist(), table["reach"].tolist()
    ([0, 4], [1, 1], [None, None])
    """
    realisations, items, times = len(outcome), len(outcome.items), len(outcome.report_ticks)
    columns: dict[str, npt.NDArray[Any]] = {
        "realisation": np.repeat(outcome.indices, items * times),
        "item": np.tile(np.repeat(np.array(outcome.items, dtype=object), times), realisations),
        "tick": np.tile(outcome.report_ticks, realisations * items),
    }
    for c, name in enumerate(CURVES):
        columns[name] = _known(np.ascontiguousarray(outcome.curves[:, :, c]).ravel(), name, outcome)
    return columns


def trust_table(outcome: Outcome) -> dict[str, npt.NDArray[Any]]:
    """Return mean trust in the brand with its intervals: one row per segment and report time, all people last.

    Parameters
    ----------
    outcome : Outcome

    Returns
    -------
    dict of str to ndarray
        "segment" ("(all)" for all people), "tick", "hours", "mean", "mean_low", "mean_high", "p05", "p50", "p95" of the
        segment's mean over realisations, and "people_p05", "people_p50", "people_p95": what 5, 50 and 95 % of its
        people have at most, means over realisations; masked where undefined, and at times at which it is not measured.
        No rows where no item can take trust.

    Examples
    --------
    >>> from viralsim.outcome import simulate
    >>> from viralsim.scenario import read_scenario
    >>> rumour = "item.rumour={kind='rumour', stickiness=0.1, wave={a={strategy='random', count=5}}}"
    >>> scenario = read_scenario(settings=["network.people=500", "report.times=2", rumour])
    >>> table = trust_table(simulate(scenario, realisations=20))
    >>> table["segment"].tolist(), table["mean"].tolist()[0], table["people_p05"].tolist()[2]
    (['everyone', 'everyone', '(all)', '(all)'], 1.0, None)
    """
    curves = [outcome.trust_curve(segment) for segment in (*outcome.segments, None)] if outcome.segments else []
    names = np.array([*outcome.segments, _ALL][: len(curves)], dtype=object)
    times = len(outcome.report_ticks)
    columns: dict[str, npt.NDArray[Any]] = {
        "segment": np.repeat(names, times),
        "tick": np.tile(outcome.report_ticks, len(curves)),
        "hours": np.tile(outcome.report_ticks * (outcome.tick_seconds / 3600.0), len(curves)),
    }
    for name in _QUANTITIES:
        values = [getattr(curve, name) for curve in curves]
        columns[name] = np.ma.masked_invalid(np.concatenate([np.empty(0), *values]))
    measured = np.isin(outcome.report_ticks, outcome.quantile_ticks)
    quantiles = np.full((3, len(curves), times), np.nan)
    for g, segment in enumerate(outcome.segments):
        quantiles[:, g, measured] = outcome.trust_of_people(segment)
    return columns | {
        name: np.ma.masked_invalid(of_all.ravel()) for name, of_all in zip(_OF_PEOPLE, quantiles, strict=True)
    }


def trust_by_realisation_table(outcome: Outcome) -> dict[str, npt.NDArray[Any]]:
    """Return what is behind `trust_table`: one row per realisation, segment and report time.

    Parameters
    ----------
    outcome : Outcome

    Returns
    -------
    dict of str to ndarray
        "realisation", "segment", "tick", "trust" (the mean over its people), "trust_sum" (their sum, exact, in units of
        2^-32), "people_p05", "people_p50", "people_p95" (of trust, exact to a thousandth); masked where nobody is in
        the segment, and quantiles at times at which they are not measured.

    Examples
    --------
    >>> from viralsim.outcome import simulate
    >>> from viralsim.scenario import read_scenario
    >>> rumour = "item.rumour={kind='rumour', stickiness=0.1, wave={a={strategy='random', count=5}}}"
    >>> scenario = read_scenario(settings=["network.people=500", "report.times=2", rumour])
    >>> table = trust_by_realisation_table(simulate(scenario, realisations=1))
    >>> table["tick"].tolist()[0], table["trust"].tolist()[0], table["people_p05"].tolist()[0]
    (0, 1.0, 1.0)
    """
    realisations, segments, times = outcome.trust_sums.shape
    sums = outcome.trust_sums.ravel()
    people = np.tile(np.repeat(outcome.segment_people, times), realisations)
    names = np.repeat(np.array(outcome.segments, dtype=object), times)
    quantiles = np.full((realisations, segments, 3, times), -1, dtype=np.int64)
    quantiles[..., np.isin(outcome.report_ticks, outcome.quantile_ticks)] = outcome.trust_quantiles
    columns: dict[str, npt.NDArray[Any]] = {
        "realisation": np.repeat(outcome.indices, segments * times),
        "segment": np.tile(names, realisations),
        "tick": np.tile(outcome.report_ticks, realisations * segments),
        "trust": np.ma.masked_array(sums / (np.maximum(people, 1) * 2.0**32), mask=people == 0),
        "trust_sum": sums,
    }
    for q, name in enumerate(_OF_PEOPLE):
        values = np.ascontiguousarray(quantiles[:, :, q]).ravel()
        columns[name] = np.ma.masked_array(values / 1000.0, mask=values < 0)
    return columns


def audiences_table(outcome: Outcome) -> dict[str, npt.NDArray[Any]]:
    """Return what is known of every part of the audience with its intervals: one row per item, part and metric.

    Parameters
    ----------
    outcome : Outcome

    Returns
    -------
    dict of str to ndarray
        "item", "role", "segment", "group" (a part that a segment is told in), "platform" ("(all)" where the row is of
        all of them), "metric" (`viralsim.outcome.audiences.PART_METRICS`), "people" (in the part), "mean", "mean_low",
        "mean_high", "p05", "p50", "p95"; masked where undefined. No rows where results are not told by audience.

    Examples
    --------
    >>> from viralsim.outcome import simulate
    >>> from viralsim.scenario import read_scenario
    >>> outcome = simulate(read_scenario(settings=["network.people=500"]), realisations=5)
    >>> list(audiences_table(outcome))[:6], len(audiences_table(outcome)["mean"])
    (['item', 'role', 'segment', 'group', 'platform', 'metric'], 0)
    """
    rows: list[tuple[Any, ...]] = []
    for audience in () if outcome.audience is None else map(outcome.audience.of, outcome.items):
        axes = audience.axes
        parts = [((_ALL, _ALL, _ALL, _ALL), audience.everyone)]
        parts += [((_ALL, _ALL, _ALL, name), part) for name, part in audience.platforms.items()]
        parts += [((role, _ALL, _ALL, _ALL), part) for role, part in audience.roles.items()]
        for name, part in audience.segments.items():
            parts.append(((part.role, name, _ALL, _ALL), part))
            parts += [((part.role, name, _ALL, on), audience.cell(name, on)) for on in axes.platforms]
        if axes.divided:
            parts += [
                ((part.role, axes.segments[of], name, _ALL), part)
                for (name, part), of in zip(audience.groups.items(), axes.segment_of, strict=True)
            ]
        for place, part in parts:
            for metric in PART_METRICS:
                estimate = part.metric(metric)
                numbers = (getattr(estimate, quantity) for quantity in _QUANTITIES)
                rows.append((audience.item, *place, metric, part.people, *numbers))
    names = ("item", "role", "segment", "group", "platform", "metric", "people", *_QUANTITIES)
    columns: dict[str, npt.NDArray[Any]] = {}
    for name, values in zip(names, zip(*rows, strict=True) if rows else [()] * len(names), strict=True):
        if name in _QUANTITIES:
            columns[name] = np.ma.masked_invalid(np.array(values, dtype=np.float64))
        elif name == "people":
            known = [-1 if value is None else value for value in values]
            columns[name] = np.ma.masked_less(np.array(known, dtype=np.int64), 0)
        else:
            columns[name] = np.array(values, dtype=object)
    return columns


def cells_by_realisation_table(outcome: Outcome) -> dict[str, npt.NDArray[Any]]:
    """Return what happened to the people of a group on a platform: one row per realisation, item, group and platform.

    Parameters
    ----------
    outcome : Outcome

    Returns
    -------
    dict of str to ndarray
        "realisation", "item", "segment", "group", "platform", "reach" (who is reached on two platforms counts on both),
        "impressions", "engaged", "shares", "conversions". No rows where results are not told by audience.

    Examples
    --------
    >>> from viralsim.outcome import simulate
    >>> from viralsim.scenario import read_scenario
    >>> outcome = simulate(read_scenario(settings=["network.people=500"]), realisations=5)
    >>> len(cells_by_realisation_table(outcome)["reach"])
    0
    """
    axes, accounts = _accounts(outcome)
    places = [(*group, platform) for group in _groups(axes) for platform in axes.platforms]
    columns = _each(outcome, ("segment", "group", "platform"), places)
    for c, name in enumerate(CELLS):
        columns[name] = np.ascontiguousarray(accounts.cells[..., c]).ravel()
    return columns


def groups_by_realisation_table(outcome: Outcome) -> dict[str, npt.NDArray[Any]]:
    """Return how many of a group are reached on any platform: one row per realisation, item and group.

    Parameters
    ----------
    outcome : Outcome

    Returns
    -------
    dict of str to ndarray
        "realisation", "item", "segment", "group", "reach", "carried" (people anywhere whose first sight of the item was
        a share by somebody of the group), "impressions_1" to "impressions_10" (people of the group who had so many; the
        last: so many or more). No rows where results are not told by audience.

    Examples
    --------
    >>> from viralsim.outcome import simulate
    >>> from viralsim.scenario import read_scenario
    >>> outcome = simulate(read_scenario(settings=["network.people=500"]), realisations=5)
    >>> len(groups_by_realisation_table(outcome)["carried"])
    0
    """
    axes, accounts = _accounts(outcome)
    columns = _each(outcome, ("segment", "group"), _groups(axes))
    columns["reach"] = accounts.reach.ravel()
    columns["carried"] = accounts.carried.ravel()
    for number, name in enumerate(_FREQUENCY_COLUMNS):
        columns[name] = np.ascontiguousarray(accounts.frequency[..., number]).ravel()
    return columns


def flows_by_realisation_table(outcome: Outcome) -> dict[str, npt.NDArray[Any]]:
    """Return how the item went from platform to platform: one row per realisation, item and two platforms.

    Parameters
    ----------
    outcome : Outcome

    Returns
    -------
    dict of str to ndarray
        "realisation", "item", "from" (where whoever persuaded them engaged; masked: nobody did), "to" (where they
        engaged), "engaged". No rows where results are not told by audience.

    Examples
    --------
    >>> from viralsim.outcome import simulate
    >>> from viralsim.scenario import read_scenario
    >>> outcome = simulate(read_scenario(settings=["network.people=500"]), realisations=5)
    >>> len(flows_by_realisation_table(outcome)["from"])
    0
    """
    axes, accounts = _accounts(outcome)
    ways = [(source, platform) for source in (None, *axes.platforms) for platform in axes.platforms]
    columns = _each(outcome, ("from", "to"), ways)
    columns["engaged"] = accounts.flows.ravel()
    return columns


def delivery_by_realisation_table(outcome: Outcome) -> dict[str, npt.NDArray[Any]]:
    """Return to whom message variants were delivered: one row per realisation, item, group and variant.

    Parameters
    ----------
    outcome : Outcome

    Returns
    -------
    dict of str to ndarray
        "realisation", "item", "segment", "group", "variant" (masked: what an item without as many has not),
        "impressions", "engaged". No rows where results are not told by audience.

    Examples
    --------
    >>> from viralsim.outcome import simulate
    >>> from viralsim.scenario import read_scenario
    >>> outcome = simulate(read_scenario(settings=["network.people=500"]), realisations=5)
    >>> len(delivery_by_realisation_table(outcome)["variant"])
    0
    """
    axes, accounts = _accounts(outcome)
    most = accounts.delivered.shape[3]
    columns = _each(outcome, ("segment", "group"), [group for group in _groups(axes) for _ in range(most)])
    of_items = [(*variants, *[None] * most)[:most] for variants in axes.variants or [()] * len(outcome.items)]
    each = [name for variants in of_items for name in variants * len(axes.names)]
    columns["variant"] = _objects(each * len(outcome))
    for c, name in enumerate(("impressions", "engaged")):
        columns[name] = np.ascontiguousarray(accounts.delivered[..., c]).ravel()
    return columns


def _accounts(outcome: Outcome) -> tuple[Axes, Audience]:
    """Return an outcome's accounts; without any groups and platforms where it has none."""
    if outcome.axes is not None and outcome.accounts is not None:
        return outcome.axes, outcome.accounts
    each = (len(outcome), len(outcome.items))
    shapes = ((0, 0, len(CELLS)), (0,), (0, FREQUENCIES), (1, 0), (0,), (0, 1, 2))
    return Axes((), (), (), (), (), ()), Audience(*(np.zeros((*each, *shape), dtype=np.int64) for shape in shapes))


def _each(outcome: Outcome, names: Sequence[str], rows: Sequence[tuple[str | None, ...]]) -> dict[str, Any]:
    """Return the columns that say what a row is of, where each item of each realisation has these rows."""
    realisations, items = len(outcome), len(outcome.items)
    columns: dict[str, npt.NDArray[Any]] = {
        "realisation": np.repeat(outcome.indices, items * len(rows)),
        "item": np.tile(np.repeat(_objects(outcome.items), len(rows)), realisations),
    }
    for place, name in enumerate(names):
        columns[name] = np.tile(_objects(row[place] for row in rows), realisations * items)
    return columns


def _groups(axes: Axes) -> list[tuple[str, str]]:
    """Return the segment and the name of every group."""
    return [(axes.segments[of], name) for of, name in zip(axes.segment_of, axes.names, strict=True)]


def _objects(names: Iterable[str | None]) -> npt.NDArray[Any]:
    listed = [*names]
    array = np.array(listed, dtype=object)
    return np.ma.masked_array(array, mask=[name is None for name in listed]) if None in listed else array


def _known(values: npt.NDArray[Any], name: str, outcome: Outcome) -> npt.NDArray[Any]:
    if outcome.impressions_counted or name not in _NEED_IMPRESSIONS:
        return values
    return np.ma.masked_array(values, mask=True)


# -- one file ---------------------------------------------------------------------------------------


def write_csv(path: str | os.PathLike[str], columns: Columns) -> None:
    r"""Write a table as comma-separated UTF-8 text with a header; undefined is an empty field.

    Parameters
    ----------
    path : path-like
        Replaced where it exists.
    columns : dict of str to ndarray
        Columns of one length.

    Raises
    ------
    ViralsimError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_csv(Path(folder, "a.csv"), {"n": np.array([1, 2]), "x": np.array([0.5, 1e-7])})
    ...     Path(folder, "a.csv").read_text()
    'n,x\n1,0.5\n2,1e-07\n'
    """
    with explained(Path(path)), Path(path).open("w", encoding="utf-8", newline="") as file:
        _put_csv(file, columns)
        _flush(file)


def csv_text(columns: Columns) -> str:
    r"""Return a table as `write_csv` writes it.

    Examples
    --------
    >>> csv_text({"n": np.array([1, 2])})
    'n\n1\n2\n'
    """
    file = io.StringIO()
    _put_csv(file, columns)
    return file.getvalue()


def _put_csv(file: IO[str], columns: Columns) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(column.tolist() for column in columns.values()), strict=True))


def write_parquet(
    path: str | os.PathLike[str], columns: Columns, *, made_of: str | None = None, connection: Any = None
) -> None:
    """Write a table as Parquet (Zstandard); undefined is NULL.

    Parameters
    ----------
    path : path-like
        Replaced where it exists.
    columns : dict of str to ndarray
        Columns of one length.
    made_of : str, optional
        Kept in the file's own metadata: a word that says what the table was computed from.
    connection : optional
        As `database` gives it, for who writes many small tables; one of its own where there is none.

    Raises
    ------
    ViralsimError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_parquet(Path(folder, "a.parquet"), {"n": np.array([1, 2])})
    ...     Path(folder, "a.parquet").read_bytes()[:4]
    b'PAR1'
    """
    path = Path(path)
    metadata = "" if made_of is None else f", KV_METADATA {{made_of: '{made_of}'}}"
    with explained(path), nullcontext(connection) if connection is not None else database() as on:
        on.register("columns", dict(columns))
        on.execute(
            f"COPY (SELECT * FROM columns) TO {quoted(path)} "  # noqa: S608
            f"(FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false{metadata})"
        )
        on.unregister("columns")
        with path.open("rb") as file:
            os.fsync(file.fileno())


@contextmanager
def database() -> Iterator[Any]:
    """Give a duckdb of its own in memory: one thread, so that equal tables are equal bytes, and never the network.

    Examples
    --------
    >>> with database() as connection:
    ...     connection.execute("SELECT 1 + 1").fetchone()
    (2,)
    """
    import duckdb  # 0.1 s to import

    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": "1",  # several would cut row groups by chance
            "autoinstall_known_extensions": "false",  # never the network
            "autoload_known_extensions": "false",
            "temp_directory": "",
        },
    )
    try:
        # Long queries draw a bar on stdout, where only data may go; connect() does not take this one.
        connection.execute("SET enable_progress_bar = false")
        yield connection
    finally:
        connection.close()


def quoted(path: Path, *, pattern: bool = False) -> str:
    """Return a path as SQL text; where duckdb reads a pattern, as one that only this path matches.

    Examples
    --------
    >>> print(quoted(Path("it's")), quoted(Path("a*.parquet"), pattern=True))
    'it''s' 'a[*].parquet'
    """
    text = str(path)
    if pattern:
        text = "".join(f"[{c}]" if c in "*?[" else c for c in text)
    return "'" + text.replace("'", "''") + "'"


def _flush(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn whatever the operating system or duckdb has against a file into an error for people.

    Examples
    --------
    >>> with explained(Path("a.csv")):
    ...     raise OSError(errno.ENOSPC, "No space left on device")
    Traceback (most recent call last):
        ...
    viralsim.errors.ViralsimError: a.csv: cannot be written: No space left on device
      hint: free some space, or write to another place
    """
    try:
        yield
    except OSError as error:
        hint = "write to another place"
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            hint = "free some space, or write to another place"
        raise ViralsimError(f"cannot be written: {error.strerror or error}", place=str(path), hint=hint) from error
    except Exception as error:
        if type(error).__module__.split(".")[0] not in ("duckdb", "_duckdb"):
            raise
        if type(error).__name__ == "InterruptException":
            raise KeyboardInterrupt from error
        reason = str(error).strip().splitlines()[0]
        raise ViralsimError(
            f"cannot be written: {reason}", place=str(path), hint="free some space, or write to another place"
        ) from error


# -- a folder of results ----------------------------------------------------------------------------


def check_directory(directory: str | os.PathLike[str], *, force: bool = False) -> Path:
    """Tell whether results could be written there, before hours of work are spent on them.

    Parameters
    ----------
    directory : path-like
        A folder that does not exist, or is empty; with `force` it may hold earlier results.
    force : bool
        Whether earlier results may be replaced.

    Returns
    -------
    pathlib.Path
        The folder's absolute path.

    Raises
    ------
    UsageError
        If something else is there.
    ViralsimError
        If it cannot be read or written.

    Examples
    --------
    >>> check_directory(".")
    Traceback (most recent call last):
        ...
    viralsim.errors.UsageError: .: you are in this folder, so results cannot be put in its place
      hint: name a folder of its own, e.g. 'results'
    """
    place = os.fspath(directory)
    try:
        target = Path(directory).resolve()
        str(target).encode()
    except ValueError as error:  # duckdb takes no other names
        raise UsageError("the name is not UTF-8 text", place=place, hint="name another folder") from error
    if Path.cwd().is_relative_to(target):
        raise UsageError(
            "you are in this folder, so results cannot be put in its place",
            place=place,
            hint="name a folder of its own, e.g. 'results'",
        )
    with explained(target):
        if target.is_dir():
            entries = sorted(entry.name for entry in target.iterdir())
            strangers = [] if _holds_several(target) else [name for name in entries if name not in _ALL_FILES]
            if strangers and force:
                raise UsageError(
                    f"holds files that are no results, such as '{strangers[0]}'; it is not replaced",
                    place=place,
                    hint="name another folder",
                )
            if entries and not force:
                raise UsageError(
                    "exists and is not empty",
                    place=place,
                    hint="name another folder"
                    + ("" if strangers else ", or replace the earlier results with force=True"),
                )
        elif target.exists():
            raise UsageError("exists and is not a folder", place=place, hint="name another folder")
        above = next(parent for parent in target.parents if parent.exists())
        if not above.is_dir():
            raise UsageError(f"'{above}' is not a folder", place=place, hint="name another folder")
        if not os.access(above, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return target


def _holds_several(folder: Path) -> bool:
    """Tell whether `write_comparison` or `write_panel` wrote a folder, and nobody put anything else there."""
    entries = {entry.name: entry for entry in folder.iterdir()}
    return len(entries.keys() & set(SEVERAL)) == 1 and all(
        name in SEVERAL or (entry.is_dir() and all(one.name in _ALL_FILES for one in entry.iterdir()))
        for name, entry in entries.items()
    )


def write_results(
    directory: str | os.PathLike[str],
    outcome: Outcome,
    scenario: Scenario,
    *,
    graph: SocialGraph | None = None,
    force: bool = False,
) -> Path:
    """Write a folder of results: what was played, with what, and what came of it.

    The folder appears whole or not at all: everything is written beside it first. Equal outcomes give
    equal bytes.

    Parameters
    ----------
    directory : path-like
        A folder that does not exist, or is empty. Folders above it are made.
    outcome : Outcome
    scenario : Scenario
        Written in its resolved form.
    graph : SocialGraph, optional
        Its fingerprint goes into the manifest.
    force : bool
        Replace earlier results (never anything else).

    Returns
    -------
    pathlib.Path
        The folder. It holds `FILES`: the resolved scenario, a manifest (versions, hashes, what was
        played), the forecast as JSON, and the tables of this module; where an item can take trust `TRUST_FILES`,
        too, and where results are told by segment and platform `AUDIENCE_FILES`.

    Raises
    ------
    UsageError
        If something is there already.
    ViralsimError
        If it cannot be written; then nothing is left behind, and earlier results stay.

    Examples
    --------
    >>> import tempfile
    >>> from viralsim.scenario import read_scenario
    >>> outcome = Outcome(
    ...     "7f3a", "hubs", 1, ("content",), "content", 10, 1800.0, 4, [0, 4], 3, True, [6],
    ...     [[[1, 0, 1, 0, 0, -1, -1, 1, 0, 0, 0, 0, 0]]], [[[1] + 15 * [0]]], [[[[1, 1], [0, 0], [1, 1], [0, 0]]]],
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     results = write_results(f"{folder}/results", outcome, read_scenario())
    ...     sorted(path.name for path in results.iterdir())[:3]
    ['curves.csv', 'curves.parquet', 'curves_by_realisation.parquet']
    """
    if not isinstance(outcome, Outcome):
        raise UsageError(
            f"an Outcome was expected, got {type(outcome).__name__}",
            hint="viralsim.write_comparison writes comparisons" if type(outcome).__name__ == "Comparison" else "",
        )

    def folders() -> Iterator[tuple[str, _Writers]]:
        yield "", _writers(outcome, scenario, graph)

    return _write_folder(directory, folders, force)


def write_comparison(
    directory: str | os.PathLike[str],
    comparison: Comparison,
    scenario: Scenario,
    *,
    graph: SocialGraph | None = None,
    force: bool = False,
) -> Path:
    """Write a folder with the comparison of plans as JSON, and a folder of results for each plan.

    The folder appears whole or not at all, as that of `write_results` does; each plan's results are what that writes.

    Parameters
    ----------
    directory : path-like
        A folder that does not exist, or is empty. Folders above it are made.
    comparison : Comparison
        Made with ``curves=True`` where the tables are to hold all report times.
    scenario : Scenario
        Written in its resolved form.
    graph : SocialGraph, optional
        Its fingerprint goes into the manifests.
    force : bool
        Replace earlier results (never anything else).

    Returns
    -------
    pathlib.Path
        The folder: "comparison.json", and a folder per plan, of its name.

    Raises
    ------
    UsageError
        If something is there already.
    ViralsimError
        If it cannot be written; then nothing is left behind, and earlier results stay.

    Examples
    --------
    >>> import tempfile
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=500"])
    >>> comparison = vs.compare(scenario, realisations=20, stop=False, rivals=False)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     results = write_comparison(f"{folder}/results", comparison, scenario)
    ...     print(sorted(path.name for path in results.iterdir()), read_outcome(results / "hubs").plan)
    ['comparison.json', 'hubs', 'more-random', 'random'] hubs
    """

    def folders() -> Iterator[tuple[str, _Writers]]:
        yield "", {COMPARISON: lambda path: _write_text(path, _json(comparison.to_dict()))}
        for plan, outcome in comparison.outcomes.items():
            yield plan, _writers(outcome, scenario, graph)

    return _write_folder(directory, folders, force)


def write_panel(
    directory: str | os.PathLike[str],
    panel: Counterfactual | CrisisPanel,
    *,
    graph: SocialGraph | None = None,
    force: bool = False,
) -> Path:
    """Write a folder with a counterfactual or a crisis panel as JSON, and a folder of results for each of its parts.

    The folder appears whole or not at all, as that of `write_results` does; each part's results are what that writes.

    Parameters
    ----------
    directory : path-like
        A folder that does not exist, or is empty. Folders above it are made.
    panel : Counterfactual or CrisisPanel
        The latter made with ``curves=True`` where the tables are to hold all report times.
    graph : SocialGraph, optional
        Its fingerprint goes into the manifests.
    force : bool
        Replace earlier results (never anything else).

    Returns
    -------
    pathlib.Path
        The folder: "counterfactual.json" with folders "actual" and "otherwise", or "crisis.json" with a folder for
        each row, such as "answered-after-6h".

    Raises
    ------
    UsageError
        If something is there already.
    ViralsimError
        If it cannot be written; then nothing is left behind, and earlier results stay.

    Examples
    --------
    >>> import tempfile
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=500"])
    >>> found = vs.counterfactual(scenario, settings=["item.content.stickiness=5%"], realisations=20)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     results = write_panel(f"{folder}/results", found)
    ...     print(sorted(path.name for path in results.iterdir()))
    ['actual', 'counterfactual.json', 'otherwise']
    """
    name = "crisis.json" if hasattr(panel, "rows") else "counterfactual.json"

    def folders() -> Iterator[tuple[str, _Writers]]:
        yield "", {name: lambda path: _write_text(path, _json(panel.to_dict()))}
        for part, (scenario, outcome) in panel.parts.items():
            yield part.replace(" ", "-"), _writers(outcome, scenario, graph)

    return _write_folder(directory, folders, force)


def _write_folder(
    directory: str | os.PathLike[str], folders: Callable[[], Iterable[tuple[str, _Writers]]], force: bool
) -> Path:
    """Write a folder whole or not at all: files by name, in it (the name "") and in folders in it."""
    target = check_directory(directory, force=force)
    made: list[Path] = []
    try:
        with explained(target):
            for parent in reversed(target.parents):
                if not parent.exists():
                    parent.mkdir()
                    made.append(parent)
            with whole_folder(target, lambda found: force) as fresh:
                for folder, writers in folders():
                    (fresh / folder).mkdir(exist_ok=True)
                    for name, write in writers.items():
                        try:
                            write(fresh / folder / name)
                        except ViralsimError as error:
                            error.place = str(target / folder / name)  # people do not know the temporary folder
                            raise
                        except MemoryError as error:
                            raise ViralsimError(
                                "cannot be written: there is not enough memory",
                                place=str(target / folder / name),
                                hint="write fewer realisations at a time, or fewer report.times",
                            ) from error
    except BaseException:  # an interrupt too must leave nothing half-written
        for parent in reversed(made):
            if not any(parent.iterdir()):
                parent.rmdir()
        raise
    return target


def _writers(outcome: Outcome, scenario: Scenario, graph: SocialGraph | None) -> _Writers:
    realisations, curves = realisations_table(outcome), curves_table(outcome)
    writers: dict[str, Callable[[Path], None]] = {
        "scenario.toml": lambda path: _write_text(path, scenario.toml()),
        "manifest.json": lambda path: _write_text(path, _json(_manifest(outcome, graph))),
        "forecast.json": lambda path: _write_text(path, _json(forecast(outcome, scenario))),
        "realisations.csv": lambda path: write_csv(path, realisations),
        "realisations.parquet": lambda path: write_parquet(path, realisations),
        "curves.csv": lambda path: write_csv(path, curves),
        "curves.parquet": lambda path: write_parquet(path, curves),
        "curves_by_realisation.parquet": lambda path: write_parquet(path, curves_by_realisation_table(outcome)),
    }
    if outcome.axes is not None:
        audiences = audiences_table(outcome)
        writers |= {
            "audiences.csv": lambda path: write_csv(path, audiences),
            "audiences.parquet": lambda path: write_parquet(path, audiences),
            "cells_by_realisation.parquet": lambda path: write_parquet(path, cells_by_realisation_table(outcome)),
            "groups_by_realisation.parquet": lambda path: write_parquet(path, groups_by_realisation_table(outcome)),
            "flows_by_realisation.parquet": lambda path: write_parquet(path, flows_by_realisation_table(outcome)),
            "delivery_by_realisation.parquet": lambda path: write_parquet(path, delivery_by_realisation_table(outcome)),
        }
    if outcome.segments:
        trust = trust_table(outcome)
        writers |= {
            "trust.csv": lambda path: write_csv(path, trust),
            "trust.parquet": lambda path: write_parquet(path, trust),
            "trust_by_realisation.parquet": lambda path: write_parquet(path, trust_by_realisation_table(outcome)),
        }
    return writers


def forecast(outcome: Outcome, scenario: Scenario) -> dict[str, Any]:
    """Return the forecast, ready for JSON: what an outcome says, and what it rests on that nobody has written.

    Parameters
    ----------
    outcome : Outcome
    scenario : Scenario
        What was played.

    Returns
    -------
    dict
        `Outcome.to_dict`, and "assumptions": a list of "path", "value" (as a scenario has it) and "why"; "start" and
        "end" where the scenario has dates, and "scale" where its network represents more people than it has.

    Examples
    --------
    >>> from viralsim.outcome import simulate
    >>> from viralsim.scenario import read_scenario
    >>> scenario = read_scenario(settings=["network.people=500"])
    >>> outcome = simulate(scenario, realisations=5)
    >>> set(forecast(outcome, scenario)) - set(outcome.to_dict())
    {'assumptions'}
    """
    assumed = [{"path": one.path, "value": one.value, "why": one.why} for one in scenario.assumptions(outcome.plan)]
    facts = {**outcome.to_dict(), "assumptions": assumed}
    for name, tick in (("start", 0), ("end", outcome.horizon)):
        moment = scenario.time.moment(tick)
        if moment is not None:
            facts[name] = moment.isoformat()
    scaled = scale(outcome, scenario)
    return facts if scaled is None else {**facts, "scale": scaled}


def scale(outcome: Outcome, scenario: Scenario) -> dict[str, Any] | None:
    """Return what an outcome means for the audience that the network is a sample of.

    Parameters
    ----------
    outcome : Outcome
    scenario : Scenario
        What was played.

    Returns
    -------
    dict or None
        "represents" (people in all), "people" (in the network), "factor" and "statement", a sentence to read; None
        where the network is the audience.

    Examples
    --------
    >>> from viralsim.outcome import simulate
    >>> from viralsim.scenario import read_scenario
    >>> scenario = read_scenario(settings=["network.people=500", "network.represents=10_000"])
    >>> print(scale(simulate(scenario, realisations=5), scenario)["statement"][:60])
    one person of the network stands for 20: about 948 reached p
    """
    represents = scenario.network.represents
    if represents is None or outcome.people == 0:
        return None
    factor = represents / outcome.people
    counted, words = (outcome.reach, "reached") if outcome.impressions_counted else (outcome.engaged, "engaged")
    about = "" if counted.mean is None else f" about {float(f'{counted.mean * factor:.3g}'):,.0f} {words} people of"
    shown = f"{factor:,.0f}" if factor == round(factor) else f"{factor:,.{2 if factor < 100 else 0}f}"
    statement = (
        f"one person of the network stands for {shown}:{about} {represents:,} in all (assumes the network is a fair "
        "sample of the audience; what a sample of this size misses, such as larger cascades, is not in the intervals)"
    )
    return {"represents": represents, "people": int(outcome.people), "factor": factor, "statement": statement}


def _write_text(path: Path, text: str) -> None:
    with explained(path), path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        _flush(file)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, allow_nan=False) + "\n"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _manifest(outcome: Outcome, graph: SocialGraph | None) -> dict[str, Any]:
    from viralsim.luck import LUCK_VERSION

    layers = {} if graph is None else {name: len(arcs) for name, arcs in graph.layers.items()}
    return {
        "format": FORMAT,
        "versions": {
            "python": platform.python_version(),
            **{name: _version(name) for name in ("viralsim", "numpy", "numba", "scipy", "duckdb")},
            "luck": LUCK_VERSION,
        },
        "graph": None
        if graph is None
        else {
            "fingerprint": graph.fingerprint,
            "people": graph.people,
            "arcs": sum(layers.values()),
            **({"layers": layers} if graph.layered else {}),
        },
        "scenario_hash": outcome.scenario_hash,
        "plan": outcome.plan,
        "random_seed": int(outcome.random_seed),
        "realisations": len(outcome),
        "first_realisation": int(outcome.indices[0]) if len(outcome) else None,
        "last_realisation": int(outcome.indices[-1]) if len(outcome) else None,
        "items": list(outcome.items),
        "main_item": outcome.main_item,
        "people": int(outcome.people),
        "tick_seconds": float(outcome.tick_seconds),
        "horizon": int(outcome.horizon),
        "report_ticks": outcome.report_ticks.tolist(),
        "viral_threshold": int(outcome.viral_threshold),
        "impressions_counted": bool(outcome.impressions_counted),
        **({"unknowns": list(outcome.unknowns)} if outcome.unknowns else {}),
        **(
            {"segments": dict(zip(outcome.segments, outcome.segment_people.tolist(), strict=True))}
            if outcome.segments
            else {}
        ),
        **({"audience": asdict(outcome.axes)} if outcome.axes is not None else {}),
    }


def read_outcome(directory: str | os.PathLike[str]) -> Outcome:
    """Read back the outcome that `write_results` wrote, so that blocks computed elsewhere add.

    Parameters
    ----------
    directory : path-like
        A folder of results.

    Returns
    -------
    Outcome
        Equal to the one that was written.

    Raises
    ------
    DataError
        If the folder does not hold results, or they are damaged.

    Examples
    --------
    >>> import tempfile
    >>> from viralsim.scenario import read_scenario
    >>> outcome = Outcome(
    ...     "7f3a", "hubs", 1, ("content",), "content", 10, 1800.0, 4, [0, 4], 3, True, [6],
    ...     [[[1, 0, 1, 0, 0, -1, -1, 1, 0, 0, 0, 0, 0]]], [[[1] + 15 * [0]]], [[[[1, 1], [0, 0], [1, 1], [0, 0]]]],
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     results = write_results(f"{folder}/results", outcome, read_scenario())
    ...     read_outcome(results) == outcome
    True
    """
    folder = Path(directory)
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if not isinstance(manifest, dict) or manifest.get("format") not in _READ:
            raise ValueError(f"manifest.json is not of format {' or '.join(map(str, _READ))}")
        known = ROW if manifest["impressions_counted"] else [n for n in ROW if n not in _NEED_IMPRESSIONS]
        tables = {name: _read_parquet(folder / f"{name}.parquet") for name in ("realisations", "curves_by_realisation")}
        rows = tables["realisations"]
        rows["cost"] = np.rint(rows["cost"] * 100.0).astype(np.int64)  # in cents
        items, times = len(manifest["items"]), len(manifest["report_ticks"])
        count = len(rows["realisation"]) // items
        unknowns = manifest.get("unknowns", [])
        zeros = np.zeros(count * items * times, dtype=np.int64)
        segments = manifest.get("segments", {})
        axes = Axes(**_tuples(manifest["audience"])) if "audience" in manifest else None
        outcome = Outcome(
            scenario_hash=manifest["scenario_hash"],
            plan=manifest["plan"],
            random_seed=manifest["random_seed"],
            items=tuple(manifest["items"]),
            main_item=manifest["main_item"],
            people=manifest["people"],
            tick_seconds=manifest["tick_seconds"],
            horizon=manifest["horizon"],
            report_ticks=manifest["report_ticks"],
            viral_threshold=manifest["viral_threshold"],
            impressions_counted=manifest["impressions_counted"],
            indices=rows["realisation"][::items],
            rows=np.stack([rows[n] if n in known else zeros[: count * items] for n in ROW], axis=-1).reshape(
                count, items, len(ROW)
            ),
            generation_counts=np.stack([rows[n] for n in _GENERATION_COLUMNS], axis=-1).reshape(
                count, items, GENERATIONS
            ),
            curves=np.stack(
                [
                    (tables["curves_by_realisation"][n] if n in known else zeros).reshape(count, items, times)
                    for n in CURVES
                ],
                axis=2,
            ),
            unknowns=tuple(unknowns),
            drawn=np.stack([rows[name][::items] for name in unknowns], axis=-1) if unknowns else np.empty((count, 0)),
            segments=tuple(segments),
            axes=axes,
            accounts=None if axes is None else _read_accounts(folder, axes, (count, items)),
            **(_read_trust(folder, segments, manifest["report_ticks"]) if segments else {}),
        )
        if len(outcome) != manifest["realisations"]:
            raise ValueError(f"{len(outcome)} realisations where the manifest says {manifest['realisations']}")
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError) as error:
        reason = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) else str(error)
        raise DataError(
            f"holds no results that can be read ({reason})",
            place=os.fspath(directory),
            hint="name a folder written by viralsim's own -o",
        ) from error
    return outcome


def _tuples(facts: dict[str, Any]) -> dict[str, Any]:
    """Return a dict with every list in it, however deep, as a tuple."""

    def deep(value: Any) -> Any:
        return tuple(map(deep, value)) if isinstance(value, list) else value

    return {name: deep(value) for name, value in facts.items()}


def _read_accounts(folder: Path, axes: Axes, each: tuple[int, int]) -> Audience:
    cells, groups, flows, delivery = (
        _read_parquet(folder / f"{name}_by_realisation.parquet") for name in ("cells", "groups", "flows", "delivery")
    )
    of_groups, platforms = (*each, len(axes.names)), len(axes.platforms)
    return Audience(
        cells=np.stack([cells[name] for name in CELLS], axis=-1).reshape(*of_groups, platforms, len(CELLS)),
        reach=groups["reach"].reshape(of_groups),
        frequency=np.stack([groups[name] for name in _FREQUENCY_COLUMNS], axis=-1).reshape(*of_groups, FREQUENCIES),
        flows=flows["engaged"].reshape(*each, platforms + 1, platforms),
        carried=groups["carried"].reshape(of_groups),
        delivered=np.stack([delivery[name] for name in ("impressions", "engaged")], axis=-1).reshape(
            *of_groups, max([1, *map(len, axes.variants)]), 2
        ),
    )


def _read_trust(folder: Path, segments: Mapping[str, int], ticks: list[int]) -> dict[str, Any]:
    """Return the arrays of trust by their names in an `Outcome`."""
    table = _read_parquet(folder / "trust_by_realisation.parquet")
    shape = (-1, len(segments), len(ticks))
    quantiles = np.stack([np.rint(table[name] * 1000.0).reshape(shape) for name in _OF_PEOPLE], axis=2)
    quantiles[quantiles < 0] = -1  # masked: nobody is in the segment
    return {
        "segment_people": np.array(list(segments.values()), dtype=np.int64),
        "trust_sums": table["trust_sum"].reshape(shape),
        "trust_quantiles": quantiles[..., quantile_times(len(ticks))].astype(np.int64),
    }


def _read_parquet(path: Path) -> dict[str, npt.NDArray[Any]]:
    import duckdb

    try:
        with database() as connection:
            columns = connection.execute(
                f"SELECT * FROM read_parquet({quoted(path, pattern=True)})"  # noqa: S608
            ).fetchnumpy()
    except duckdb.Error as error:
        raise ValueError(f"{path.name}: {str(error).strip().splitlines()[0]}") from error
    return {name: np.ma.filled(column, -1) for name, column in columns.items()}
