"""The graph as every other room sees it: people by position, arcs in rows by sharer."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from viralsim.errors import DataError, UsageError, did_you_mean
from viralsim.graph.times import ALWAYS, FOREVER, Clock, Spans, spans_of

__all__ = [
    "LAYER",
    "MERGES",
    "Arcs",
    "ImportReport",
    "SocialGraph",
    "brief",
    "from_arcs",
    "plural",
    "some_names",
    "value_words",
]

T = TypeVar("T")

LAYER = "network"
"""Name of the only layer of a graph whose arcs are of no platform in particular: every platform plays it."""

MERGES = ("mean", "max", "sum", "last")
"""How numbers of parallel arcs become one, in the order of the MERGE_* numbers of the kernels."""

_MOST_ROWS = 2**30
_MANY_PLATFORMS = 50
_MOST_PLATFORMS = 1000
_MOST_OFFSETS = 2**28
_HASHED_AT_ONCE = 2**20
_INTEGER = re.compile(r"0|-?[1-9]\d*", re.ASCII)


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count with its word: '1 row', '2,000 rows'.

    Examples
    --------
    >>> plural(1, "person", "people"), plural(2000, "row")
    ('1 person', '2,000 rows')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def value_words(value: Any) -> str:
    """Return a value of an attribute as people write it: whole numbers without a point, truths in lower case.

    Examples
    --------
    >>> value_words(165.0), value_words(40.5), value_words(True), value_words("Oslo")
    ('165', '40.5', 'true', 'Oslo')
    """
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value)).lower()
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return str(int(number)) if number.is_integer() and abs(number) < 1e16 else f"{number:.10g}"
    return f"{value!s:.60}"


def _deferring(*names: str) -> Callable[[type[T]], type[T]]:
    """Let fields of a frozen dataclass be given as functions, each called at the first look and never again.

    So a graph opens at once, and text or columns of one number take memory only where somebody looks.
    """

    def decorate(cls: type[T]) -> type[T]:
        for name in names:
            setattr(cls, name, _Deferred(name))
        return cls

    return decorate


class _Deferred:
    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            raise AttributeError(self.name)
        value = vars(instance)[self.name]
        if callable(value):
            value = vars(instance)[self.name] = value()
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        vars(instance)[self.name] = value


@_deferring("trust", "multiplicity")
@dataclass(frozen=True, eq=False)
class Arcs:
    """One layer of arcs in compressed rows: the row of a sharer lists who sees what they share.

    Parameters
    ----------
    offsets : ndarray of int64, shape (people + 1,)
        The row of person u is the slice `offsets[u]:offsets[u + 1]` of the other arrays.
    followers : ndarray of int32, shape (arcs,)
        Positions of the followers, ascending within a row; without repetition, unless arcs come and go.
    trust : ndarray of float64, shape (arcs,)
        Tie trust in [0, 1].
    multiplicity : ndarray of int32, shape (arcs,)
        How many rows were merged into the arc, at least 1.
    probability : ndarray of float64, shape (arcs,), or None
        Chance of persuasion per seen share in [0, 1], where the data brought one.
    weight : ndarray of float64, shape (arcs,), or None
        Non-negative weight, where the data brought one.
    start, end : ndarray of int32, shape (arcs,), or None
        Where arcs come and go, the first tick in which each is there and the first in which it is no more
        (`viralsim.graph.times.FOREVER`: it stays). Arcs of the same two people with different times stand beside
        each other, by start, then end. Both or neither is None.

    Examples
    --------
    >>> arcs = from_arcs([0, 0, 2], [1, 2, 1]).arcs
    >>> arcs.offsets.tolist(), arcs.followers.tolist()
    ([0, 2, 2, 3], [1, 2, 1])
    >>> arcs.in_degree.tolist(), arcs.out_degree.tolist()
    ([0, 2, 1], [2, 0, 1])
    """

    offsets: npt.NDArray[np.int64]
    followers: npt.NDArray[np.int32]
    trust: npt.NDArray[np.float64]
    multiplicity: npt.NDArray[np.int32]
    probability: npt.NDArray[np.float64] | None = None
    weight: npt.NDArray[np.float64] | None = None
    start: npt.NDArray[np.int32] | None = None
    end: npt.NDArray[np.int32] | None = None

    def __len__(self) -> int:
        return len(self.followers)

    @property
    def timed(self) -> bool:
        """Whether arcs come and go."""
        return self.start is not None

    @cached_property
    def out_degree(self) -> npt.NDArray[np.int64]:
        """Number of followers of each person (int64[people]), at whatever time."""
        return np.diff(self.timeless.offsets)

    @cached_property
    def in_degree(self) -> npt.NDArray[np.int64]:
        """Number of people each person follows (int64[people]), at whatever time; merged arcs are counted once."""
        return np.bincount(self.timeless.followers, minlength=len(self.offsets) - 1).astype(np.int64, copy=False)

    @cached_property
    def sharers(self) -> npt.NDArray[np.int32]:
        """Sharer of each arc (int32[arcs]), the companion of `followers`."""
        return np.repeat(np.arange(len(self.offsets) - 1, dtype=np.int32), np.diff(self.offsets))

    @property
    def timeless(self) -> Arcs:
        """These arcs without their times: one for each sharer and follower, however often it comes and goes.

        Numbers are means, multiplicities sums. Where no arc comes or goes these are the arcs themselves.
        """
        return self._timeless if self.timed else self

    @cached_property
    def _timeless(self) -> Arcs:
        first = self._begins_pair
        groups = np.flatnonzero(first)
        counts = np.diff(np.append(groups, len(first)))

        def mean(values: npt.NDArray[np.float64] | None) -> Any:
            if values is None or len(values) == 0:
                return values
            low, high = np.minimum.reduceat(values, groups), np.maximum.reduceat(values, groups)
            return np.where(low == high, low, np.clip(np.add.reduceat(values, groups) / counts, low, high))

        before = np.concatenate([[0], np.cumsum(first)])
        multiplicity = np.add.reduceat(self.multiplicity, groups) if len(groups) else self.multiplicity
        return Arcs(
            before[self.offsets],
            self.followers[first],
            mean(self.trust),
            multiplicity.astype(np.int32),
            mean(self.probability),
            mean(self.weight),
        )

    @cached_property
    def pair(self) -> npt.NDArray[np.int64]:
        """Place of each arc's sharer and follower among the arcs of `timeless` (int64[arcs])."""
        return np.cumsum(self._begins_pair) - 1

    @property
    def _begins_pair(self) -> npt.NDArray[np.bool_]:
        begins = np.ones(len(self), bool)
        begins[1:] = (self.followers[1:] != self.followers[:-1]) | (self.sharers[1:] != self.sharers[:-1])
        return begins


@dataclass(frozen=True)
class ImportReport:
    """What was read and what became of it; nothing is dropped without a count here.

    Always `rows == kept + self_loops + merged`.

    Parameters
    ----------
    source : str
        The file, generator call or object.
    kind : str
        "file", "generator", "networkx" or "arrays".
    rows : int
        Rows that named an arc (or an edge, where the graph is mutual).
    kept : int
        Arcs (mutual: edges) that came out of them.
    self_loops : int
        Rows dropped because somebody would follow themselves.
    merged : int
        Rows that repeated an earlier arc (mutual: in either order) and raised its multiplicity.
    both_orders : int
        Mutual graphs: edges that some rows list as "a b" and others as "b a".
    clipped : int
        Merged arcs (mutual: edges) whose summed trust or probability exceeded 1 and was cut to 1.
    lines, comments, blanks : int
        Lines of the file, and how many of them were comments or blank.
    header : tuple of str
        Column names where the file had a header.
    count_line : str
        A first line "people rows" that was recognised and left out.
    columns : dict
        What each column that was read was read as, e.g. {"source": "column 1 'from'"}.
    unread : tuple of str
        Columns of the file that were not read.
    delimiter, compression : str
        In words.
    ids : str
        "integer" or "text".
    direction : str
        "follows", "influences", "mutual"; what a row "a b" meant.
    merge : str
        How numbers of merged rows became one.
    trust : str
        Where the tie trust comes from.
    people_source : str
        The people table, where one was joined.
    people_rows, only_in_table, not_in_table : int
        People in that table; how many of them are in no arc; how many people of the arcs it lacks.
    notes : tuple of str
        Whatever a reader should know, one sentence each.
    shortfalls : tuple of str
        Those of the notes that say what a network was asked for and could not become.
    notes_kept : int
        How many of the notes, the first ones, were kept with a graph in a folder: said before.
    platforms : dict
        Where rows name platforms: platform -> the same counts (`rows`, `kept`, `self_loops`, `merged`,
        `both_orders`, `clipped`) of its own rows; their sums are the counts above. Otherwise empty, also where arcs
        were dealt to platforms later.
    origin : str
        Where the graph came from at first, if `source` is a folder that `write_graph` wrote.
    cached : bool
        It was read earlier and has been opened from the cache.

    Examples
    --------
    >>> report = from_arcs([0, 0, 1, 1], [1, 1, 1, 0]).report
    >>> report.rows, report.kept, report.self_loops, report.merged
    (4, 2, 1, 1)
    """

    source: str
    kind: str = "arrays"
    rows: int = 0
    kept: int = 0
    self_loops: int = 0
    merged: int = 0
    both_orders: int = 0
    clipped: int = 0
    lines: int = 0
    comments: int = 0
    blanks: int = 0
    header: tuple[str, ...] = ()
    count_line: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    delimiter: str = ""
    compression: str = ""
    ids: str = "integer"
    direction: str = ""
    merge: str = "mean"
    trust: str = ""
    people_source: str = ""
    people_rows: int = 0
    only_in_table: int = 0
    not_in_table: int = 0
    notes: tuple[str, ...] = ()
    shortfalls: tuple[str, ...] = ()
    notes_kept: int = 0
    platforms: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    origin: str = ""
    cached: bool = False


@_deferring("ids")
@dataclass(frozen=True, eq=False, repr=False)
class SocialGraph:
    """People and the arcs between them. Made by `read_graph`, `generate`, `from_networkx` or `from_arcs`.

    A person is a position 0 .. people - 1: order of first appearance in the rows of a file (first column
    before second), node order of a networkx graph. All luck is keyed by it. Arrays are shared, not copied:
    treat them as read-only.

    Parameters
    ----------
    people : int
        Number of people.
    ids : ndarray of int64 or of object (str), shape (people,)
        What the data calls the person at each position.
    attributes : dict of str to ndarray, shape (people,) each
        What is known of people.
    layers : dict of str to Arcs
        Arcs by platform. Where rows name no platform there is one, `LAYER`; one layer is at hand as `arcs`.
    mutual : bool
        Every arc has its opposite, with equal numbers: an undirected graph.
    report : ImportReport
        Where all this came from.

    Examples
    --------
    >>> import viralsim.graph as vg
    >>> graph = vg.generate("star", people=4)
    >>> graph
    SocialGraph(4 people, 6 arcs, mutual, from star(people=4))
    >>> graph.arcs.out_degree.tolist()
    [3, 1, 1, 1]
    """

    people: int
    ids: npt.NDArray[Any]
    attributes: dict[str, npt.NDArray[Any]]
    layers: dict[str, Arcs]
    mutual: bool
    report: ImportReport

    @property
    def arcs(self) -> Arcs:
        """The arcs of the only layer."""
        if len(self.layers) != 1:
            raise UsageError(
                f"this network has {len(self.layers)} layers of arcs, one for each platform: choose one",
                hint=f"graph.on_platform(NAME) takes one; the layers are {some_names(self.layers)}",
            )
        return next(iter(self.layers.values()))

    @property
    def timed(self) -> bool:
        """Whether arcs of some layer come and go."""
        return any(arcs.timed for arcs in self.layers.values())

    @property
    def timeless(self) -> SocialGraph:
        """The same graph with `Arcs.timeless`: what measures, strategies and tie trust look at.

        Examples
        --------
        >>> graph = from_arcs([0, 0, 1], [1, 1, 0], start=[0, 5, 2], end=[3, 9, 4])
        >>> len(graph.arcs), len(graph.timeless.arcs), graph.arcs.out_degree.tolist()
        (3, 2, [1, 1])
        """
        return self._timeless if self.timed else self

    @cached_property
    def _timeless(self) -> SocialGraph:
        return replace(self, layers={name: arcs.timeless for name, arcs in self.layers.items()})

    @property
    def layered(self) -> bool:
        """Whether arcs are those of named platforms, rather than of any platform."""
        return set(self.layers) != {LAYER}

    def layer(self, platform: str) -> Arcs:
        """Return the arcs of a platform: its layer, or the only one where arcs are of no platform in particular.

        Raises
        ------
        DataError
            The graph has layers of platforms, and none of this name.

        Examples
        --------
        >>> graph = from_arcs([0, 1, 2], [1, 2, 0], platform=["calls", "texts", "calls"])
        >>> len(graph.layer("calls"))
        2
        >>> graph.layer("text")
        Traceback (most recent call last):
            ...
        viralsim.errors.DataError: arrays: there is no layer 'text'; the layers are calls, texts
          hint: did you mean 'texts'?
        """
        if not self.layered:
            return self.layers[LAYER]
        if platform not in self.layers:
            raise DataError(
                f"there is no layer '{platform}'; the layers are {some_names(self.layers)}",
                place=self.report.source,
                hint=did_you_mean(platform, self.layers),
            )
        return self.layers[platform]

    def on_platform(self, platform: str) -> SocialGraph:
        """Return the same people with the arcs of one platform alone, which any platform of a scenario plays.

        Its report counts the rows of that platform, if rows name their platforms.

        Raises
        ------
        DataError
            The graph has no such layer.

        Examples
        --------
        >>> graph = from_arcs([0, 1, 2], [1, 2, 0], platform=["calls", "texts", "calls"])
        >>> one = graph.on_platform("texts")
        >>> one.people, one.arcs.followers.tolist(), one.report.rows
        (3, [2], 1)
        """
        if not self.layered:
            raise DataError(
                f"the arcs of this network are of no platform, so there is no '{platform}' to choose",
                place=self.report.source,
                hint="platform_column names the column that says which platform a row is of",
            )
        arcs = self.layer(platform)
        counts: Mapping[str, Any] = self.report.platforms.get(platform, {})
        report = replace(self.report, source=f"{self.report.source}, platform {platform}", platforms={}, **counts)
        return replace(self, layers={LAYER: arcs}, report=report)

    @cached_property
    def ties(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
        """Rows of ties, directions ignored: offsets (int64[people + 1]) and ascending positions (int32)."""
        arcs = self.arcs.timeless
        if self.mutual:
            return arcs.offsets, arcs.followers
        from viralsim.graph.measure_kernels import union_of_rows

        offsets, tied = union_of_rows(arcs.offsets, arcs.followers, arcs.in_degree)
        return offsets, tied

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (64 hex digits) of all that can change a realisation: ids, attributes, arcs, their numbers.

        Equal graphs have equal fingerprints on every machine; where the graph came from does not matter.
        """
        digest = hashlib.sha256(f"viralsim graph 1\0{self.people}\0".encode())

        def add(name: str, values: npt.NDArray[Any] | None) -> None:
            digest.update(f"{name}\0".encode("utf-8", "surrogatepass"))
            if values is None:
                digest.update(b"none\0")
            elif values.dtype.kind in "iub":
                digest.update(b"integers\0")
                _feed(digest, values, "<i8")
            elif values.dtype.kind == "f":
                digest.update(b"floats\0")
                _feed(digest, values + 0.0, "<f8")  # -0.0 is 0.0
            else:
                parts = [str(value).encode("utf-8", "surrogatepass") for value in values]
                digest.update(b"text\0")
                _feed(digest, np.array([len(part) for part in parts], np.int64), "<i8")
                digest.update(b"".join(parts))

        add("ids", self.ids)
        for name in sorted(self.attributes):
            add(f"attribute {name}", self.attributes[name])
        for name, arcs in sorted(self.layers.items()):
            digest.update(f"layer {name}\0{len(arcs)}\0".encode("utf-8", "surrogatepass"))
            for part in ("offsets", "followers", "multiplicity", "trust", "probability", "weight"):
                add(part, getattr(arcs, part))
            for part in ("start", "end") if arcs.timed else ():  # so that other graphs keep their fingerprints
                add(part, getattr(arcs, part))
        return digest.hexdigest()

    @cached_property
    def _lookup(self) -> dict[Any, int]:
        return {person: position for position, person in enumerate(self.ids.tolist())}

    def position(self, person: int | str) -> int:
        """Return the position of the person with this id.

        Parameters
        ----------
        person : int or str
            An id as in the data; "17" finds the integer 17 and 17 finds the text "17".

        Raises
        ------
        DataError
            Nobody has this id.

        Examples
        --------
        >>> import viralsim.graph as vg
        >>> graph = vg.from_arcs([0, 1], [1, 2], ids=["ann", "bob", "cem"])
        >>> graph.position("cem")
        2
        >>> graph.position("bobb")
        Traceback (most recent call last):
            ...
        viralsim.errors.DataError: arrays: there is no person with the id 'bobb'
          hint: did you mean 'bob'?
        """
        found = self._lookup.get(person) if not isinstance(person, (bool, float)) else None
        if found is None:
            other: int | str | None = None
            if self.ids.dtype.kind != "O" and isinstance(person, str):
                other = int(person) if _INTEGER.fullmatch(person) else None
            elif self.ids.dtype.kind == "O" and not isinstance(person, str):
                other = str(person)
            found = None if other is None else self._lookup.get(other)
        if found is None:
            raise DataError(
                f"there is no person with the id {person!r}",
                place=self.report.source,
                hint=self._closest(person),
            )
        return found

    def positions(self, people: Iterable[int | str]) -> npt.NDArray[np.int64]:
        """Return the positions (int64) of several ids, each as in `position`.

        Examples
        --------
        >>> from_arcs([0, 1], [1, 2], ids=["ann", "bob", "cem"]).positions(["cem", "ann"]).tolist()
        [2, 0]
        """
        return np.array([self.position(person) for person in people], dtype=np.int64)

    def _closest(self, person: object) -> str:
        if self.ids.dtype.kind == "O":
            near = difflib.get_close_matches(str(person), self.ids[:100_000].tolist(), n=1, cutoff=0.6)
            if near:
                return f"did you mean '{near[0]}'?"
            return f"ids are text, e.g. {', '.join(repr(str(i)) for i in self.ids[:3])}"
        return f"ids are integers from {self.ids.min()} to {self.ids.max()}"

    def attribute(self, name: str) -> npt.NDArray[Any]:
        """Return an attribute of all people (one value per position).

        Raises
        ------
        DataError
            The graph has no such attribute; the hint lists those it has.

        Examples
        --------
        >>> graph = from_arcs([0], [1], attributes={"city": ["Oslo", "Rome"]})
        >>> graph.attribute("city").tolist()
        ['Oslo', 'Rome']
        """
        if name not in self.attributes:
            known = ", ".join(sorted(self.attributes)) or "none"
            hint = did_you_mean(name, self.attributes) or f"the attributes of this graph: {known}"
            raise DataError(f"people have no attribute {name!r}", place=self.report.source, hint=hint)
        return self.attributes[name]

    def with_attributes(self, **values: npt.ArrayLike) -> SocialGraph:
        """Return the same graph with more attributes, one value per position.

        Examples
        --------
        >>> sorted(from_arcs([0], [1]).with_attributes(age=[31, 40]).attributes)
        ['age']
        """
        more = {name: _attribute(name, value, self.people) for name, value in values.items()}
        return replace(self, attributes={**self.attributes, **more})

    def __repr__(self) -> str:
        arcs = sum(len(layer) for layer in self.layers.values())
        kind = "mutual" if self.mutual else "directed"
        people, many = plural(self.people, "person", "people"), plural(arcs, "arc")
        many += f" on {plural(len(self.layers), 'platform')}" if self.layered else ""
        return f"SocialGraph({people}, {many}, {kind}, from {self.report.source})"

    def _repr_html_(self) -> str:
        from viralsim.graph.notebook import graph_html

        return graph_html(self)


def some_names(names: Iterable[str], most: int = 12) -> str:
    """Return names in a row, the first of them where there are many.

    Examples
    --------
    >>> some_names(["calls", "texts"]), some_names(map(str, range(99)), 2)
    ('calls, texts', '0, 1, ... (99 in all)')
    """
    listed = list(names)
    more = f", ... ({len(listed):,} in all)" if len(listed) > most else ""
    return ", ".join(map(brief, listed[:most])) + more


def brief(name: str, most: int = 60) -> str:
    """Return a name or an id from a file, cut where it is longer than anybody wants to read.

    Examples
    --------
    >>> brief("calls"), brief("x" * 99, 5)
    ('calls', 'xxxxx…')
    """
    return name if len(name) <= most else f"{name[:most]}…"


def _feed(digest: Any, values: npt.NDArray[Any], kind: str) -> None:
    """Hash numbers in parts: no copy of the whole, and other threads are let in between."""
    for start in range(0, len(values), _HASHED_AT_ONCE):
        digest.update(np.ascontiguousarray(values[start : start + _HASHED_AT_ONCE], dtype=kind))


def _attribute(name: str, values: npt.ArrayLike, people: int) -> npt.NDArray[Any]:
    array = np.asarray(values)
    if array.dtype.kind in "US":
        array = array.astype(object)
    if array.shape != (people,):
        raise DataError(
            f"attribute {name!r} has the shape {array.shape}, expected one value for each of {people} people"
        )
    return array


def _positions(values: npt.ArrayLike, what: str, place: str) -> npt.NDArray[np.int64]:
    array = np.asarray(values)
    if array.size == 0:
        array = array.astype(np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise DataError(
            f"{what} must be a one-dimensional array of integers, not {array.dtype} of shape {array.shape}",
            place=place,
        )
    return array if array.dtype == np.int32 else array.astype(np.int64, copy=False)


def numbers_fault(values: npt.NDArray[np.float64], what: str) -> tuple[int, str, str] | None:
    """Find the first number that cannot be a trust, probability or weight: (index, message, hint)."""
    bad = ~(values >= 0.0) | ~np.isfinite(values)
    if what != "weight":
        bad |= values > 1.0
    if not bad.any():
        return None
    index = int(np.argmax(bad))
    value = float(values[index])
    expected = "a finite number of at least 0" if what == "weight" else "a number from 0 to 1"
    hint = ""
    if what in ("trust", "probability") and np.isfinite(value):
        goes = "trust goes from 0 (none) to 1 (full)" if what == "trust" else "a probability goes from 0 to 1"
        percent = "r / 100 for percentages" if value > 1.0 else ""
        ratings = "(r + 10) / 20 for ratings from -10 to 10" if what == "trust" and -10 <= value <= 10 else ""
        examples = ", ".join(part for part in (percent, ratings) if part)
        hint = f"{goes}: rescale it" + (f", e.g. {examples}" if examples else "")
    elif what == "weight" and value < 0:
        hint = "signed ties are not supported as weights; rescale them to a trust from 0 to 1"
    return index, f"{what} is {value:g}, expected {expected}", hint


def _numbers(values: npt.ArrayLike | None, what: str, rows: int, place: str) -> npt.NDArray[np.float64] | None:
    if values is None:
        return None
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(f"{what} must be numbers", place=place) from None
    if array.ndim == 0:
        array = np.full(rows, float(array))
    if array.shape != (rows,):
        raise DataError(f"{what} has the shape {array.shape}, expected one number for each of {rows} rows", place=place)
    fault = numbers_fault(array, what)
    if fault is not None:
        index, message, hint = fault
        raise DataError(f"row {index} (from 0): {message}", place=place, hint=hint)
    return array + 0.0


def _ids(ids: npt.ArrayLike | Sequence[Any] | None, people: int, place: str, *, check: bool) -> npt.NDArray[Any]:
    if ids is None:
        return np.arange(people, dtype=np.int64)
    array = np.asarray(ids)
    if array.dtype.kind in "iu" and array.dtype != np.uint64:
        array = array.astype(np.int64, copy=False)
    else:
        array = np.array([str(value) for value in np.asarray(ids, dtype=object).ravel()], dtype=object)
    if array.shape != (people,):
        raise DataError(f"{array.size} ids were given for {people} people", place=place)
    if not check:
        return array
    distinct = len(np.unique(array)) if array.dtype.kind != "O" else len(set(array.tolist()))
    if distinct != people:
        raise DataError(f"ids must differ, but {people - distinct} of {people} repeat another", place=place)
    return array


def from_arcs(
    sharers: npt.ArrayLike,
    followers: npt.ArrayLike,
    *,
    people: int | None = None,
    ids: npt.ArrayLike | Sequence[Any] | None = None,
    trust: float | npt.ArrayLike = 0.5,
    weight: npt.ArrayLike | None = None,
    probability: npt.ArrayLike | None = None,
    merge: str = "mean",
    mutual: bool = False,
    platform: npt.ArrayLike | None = None,
    platform_names: Sequence[str] | None = None,
    start: npt.ArrayLike | None = None,
    end: npt.ArrayLike | None = None,
    clock: Clock = ALWAYS,
    attributes: Mapping[str, npt.ArrayLike] | None = None,
    report: ImportReport | None = None,
) -> SocialGraph:
    """Make a graph from arrays of positions: one row, one arc `sharers[i] -> followers[i]`.

    Self-loops are dropped and counted, parallel arcs merged with their multiplicity.

    Parameters
    ----------
    sharers, followers : array_like of int, shape (rows,)
        Positions, at least 0. Followers see what sharers share.
    people : int, optional
        Number of people; by default one more than the largest position (or the number of ids).
    ids : sequence of int or str, optional
        What the people are called; by default their positions.
    trust : float or array_like of float, shape (rows,)
        Tie trust in [0, 1].
    weight, probability : array_like of float, shape (rows,), optional
        Weights of at least 0; chances of persuasion in [0, 1].
    merge : {"mean", "max", "sum", "last"}
        How trust, weight and probability of parallel arcs become one. A summed trust or probability above 1
        is cut to 1 and counted in the report. "last" is the last row's.
    mutual : bool
        Every row is an edge: two arcs. Rows "a b" and "b a" are then the same edge.
    platform : array_like of str, shape (rows,), optional
        The platform of each row: the graph gets one layer of arcs for each, in order of first appearance, and
        rows are merged within a platform only. With `platform_names`, whole numbers: places in that list.
    platform_names : sequence of str, optional
        The platforms, in the order of the layers; one without rows gets a layer without arcs.
    start, end : array_like of float, shape (rows,), optional
        The first tick in which each arc is there, and the first in which it is no more; NaN where there is no
        bound. Rows of the same two people are merged where they have the same times, and stay arcs of their own
        otherwise. Where several of these are there in a tick, a share goes along the first alone (by start, then
        end), so that nobody sees it twice. Where no row has a bound, arcs have no times.
    clock : Clock, optional
        How times become ticks, where they are none.
    attributes : mapping of str to array_like, shape (people,), optional
        What is known of people.
    report : ImportReport, optional
        Filled in with the counts; for importers.

    Returns
    -------
    SocialGraph

    Raises
    ------
    DataError
        Positions, ids, numbers or attributes that cannot be.

    Examples
    --------
    >>> graph = from_arcs([0, 0, 1], [1, 1, 0], trust=[0.2, 0.4, 1.0])
    >>> graph.arcs.multiplicity.tolist(), [round(t, 9) for t in graph.arcs.trust.tolist()]
    ([2, 1], [0.3, 1.0])
    >>> from_arcs([0, 1], [1, 0], mutual=True).report.merged
    1
    >>> from_arcs([0, 0], [1, 1], platform=["calls", "texts"])
    SocialGraph(2 people, 2 arcs on 2 platforms, directed, from arrays)
    """
    report = report or ImportReport(source="arrays")
    place = report.source
    if merge not in MERGES:
        hint = did_you_mean(merge, MERGES) or f"choose from {', '.join(MERGES)}"
        raise UsageError(f"unknown way to merge parallel arcs: {merge!r}", hint=hint)
    sources = _positions(sharers, "sharers", place)
    targets = _positions(followers, "followers", place)
    rows = len(sources)
    if len(targets) != rows:
        raise DataError(f"{rows} sharers but {len(targets)} followers", place=place)
    if rows > _MOST_ROWS:
        raise DataError(f"{rows:,} rows are more than viralsim holds in memory ({_MOST_ROWS:,})", place=place)
    needed = 1 + max(int(sources.max()), int(targets.max())) if rows else 0
    if people is None:
        people = len(np.asarray(ids, dtype=object)) if ids is not None else needed
    if rows and (min(int(sources.min()), int(targets.min())) < 0 or needed > people):
        bad = (sources < 0) | (targets < 0) | (sources >= people) | (targets >= people)
        row = int(np.argmax(bad))
        raise DataError(
            f"row {row} (from 0) is the arc {sources[row]} -> {targets[row]}, "
            f"expected positions from 0 to {people - 1} ({plural(people, 'person', 'people')})",
            place=place,
        )
    if people < 1:
        raise DataError("there are no people", place=place, hint="a graph needs at least one person")
    if people >= 2**31:
        raise DataError(f"{people:,} people are more than viralsim can hold ({2**31 - 1:,})", place=place)
    given = {
        what: array
        for what, values in (("trust", trust), ("weight", weight), ("probability", probability))
        if not (what == "trust" and np.ndim(values) == 0)  # type: ignore[arg-type]
        and (array := _numbers(values, what, rows, place)) is not None
    }
    constant = 0.0
    if "trust" not in given:
        one = _numbers(trust, "trust", 1, place)
        assert one is not None  # noqa: S101 - for the type checker
        constant = float(one[0])

    spans, ended = _spans(start, end, clock, rows, place)
    if ended:
        be = "row ends" if ended == 1 else "rows end"
        report = replace(report, notes=(*report.notes, f"{ended:,} {be} by tick 0: such arcs are never there"))

    if platform is None and platform_names is None:
        arcs, counts = _rows_to_arcs(sources, targets, given, constant, people, merge, mutual, spans)
        layers = {LAYER: arcs}
    else:
        codes, platforms = _platforms(platform, platform_names, rows, people, place)
        layers, counts = {}, {}
        by_platform: dict[str, dict[str, int]] = {}
        order = np.argsort(codes, kind="stable")  # keeps the order of rows within a platform
        bounds = np.searchsorted(codes[order], np.arange(len(platforms) + 1))
        for index, name in enumerate(platforms):
            own = order[bounds[index] : bounds[index + 1]]
            numbers = {what: values[own] for what, values in given.items()}
            times = None if spans is None else (spans[0][own], spans[1][own])
            layers[name], found = _rows_to_arcs(
                sources[own], targets[own], numbers, constant, people, merge, mutual, times
            )
            by_platform[name] = {"rows": len(own), **found}
            counts = {what: counts.get(what, 0) + count for what, count in found.items()}
        if len(platforms) > _MANY_PLATFORMS:
            doubt = f"{len(platforms):,} platforms are many: does platform_column name the right column?"
            report = replace(report, notes=(*report.notes, doubt))
        report = replace(report, platforms=by_platform)
    report = replace(report, rows=rows, merge=merge, **counts)
    names = _ids(ids, people, place, check=report.kind == "arrays")  # importers made them distinct
    if report.kind == "arrays":
        report = replace(
            report,
            ids="text" if names.dtype.kind == "O" else "integer",
            direction="mutual" if mutual else "influences",
            trust=report.trust or ("given per row" if "trust" in given else f"{constant:g} for every arc"),
        )
    known = {name: _attribute(name, values, people) for name, values in (attributes or {}).items()}
    return SocialGraph(people, names, known, layers, mutual, report)


def _spans(
    start: npt.ArrayLike | None, end: npt.ArrayLike | None, clock: Clock, rows: int, place: str
) -> tuple[Spans | None, int]:
    """Return the ticks of all rows, None where all are always there, and how many end by tick 0."""
    times: list[npt.NDArray[np.float64] | None] = []
    for what, values in (("start", start), ("end", end)):
        if values is None:
            times.append(None)
            continue
        try:
            array = np.asarray(values, dtype=np.float64)
        except (TypeError, ValueError):
            raise DataError(f"{what} must be numbers", place=place) from None
        if array.shape != (rows,):
            raise DataError(
                f"{what} has the shape {array.shape}, expected one tick for each of {rows} rows", place=place
            )
        times.append(array)
    spans, fault = spans_of(times[0], times[1], rows, clock)
    if fault is not None:
        raise DataError(f"row {fault[0]} (from 0): {fault[1]}", place=place, hint=fault[2])
    if not (spans[0].any() or (spans[1] < FOREVER).any()):
        return None, 0
    return spans, int(np.count_nonzero(spans[1] == 0))


def _platforms(
    platform: npt.ArrayLike | None, names: Sequence[str] | None, rows: int, people: int, place: str
) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Return for each row the place of its platform in a list of names, and the list."""
    array = np.asarray(platform)
    if array.shape != (rows,):
        raise DataError(
            f"platform has the shape {array.shape}, expected one platform for each of {rows} rows", place=place
        )
    if names is None:
        seen: dict[str, int] = {}
        codes = np.empty(rows, np.int64)
        for row, value in enumerate(array.tolist()):
            if not isinstance(value, str) or not value:
                raise DataError(f"row {row} (from 0): platform is {value!r}, expected a name", place=place)
            codes[row] = seen.setdefault(value, len(seen))
        names = list(seen)
    elif array.dtype.kind in "iu" and (rows == 0 or (array.min() >= 0 and array.max() < len(names))):
        codes = array.astype(np.int64, copy=False)
    else:
        raise DataError(f"with platform_names, platform must be whole numbers from 0 to {len(names) - 1}", place=place)
    if not names or len(set(names)) < len(names):
        raise DataError("platform_names must be names that differ, at least one", place=place)
    if len(names) > _MOST_PLATFORMS or len(names) * people > _MOST_OFFSETS:
        raise DataError(
            f"{plural(len(names), 'platform')} among {plural(people, 'person', 'people')} are more than viralsim holds "
            f"(at most {_MOST_PLATFORMS:,}); e.g. {some_names(names, 4)}",
            place=place,
            hint="platform_column names the column that says which platform a row is of; is it another one?",
        )
    return codes, list(names)


def _rows_to_arcs(
    sources: npt.NDArray[np.int64],
    targets: npt.NDArray[np.int64],
    given: dict[str, npt.NDArray[np.float64]],
    constant: float,
    people: int,
    merge: str,
    mutual: bool,
    spans: Spans | None,
) -> tuple[Arcs, dict[str, Any]]:
    """Sort rows into arcs and merge the parallel ones; return the arcs and the counts for the report."""
    if spans is not None and not (spans[0].any() or (spans[1] < FOREVER).any()):
        spans = None  # those that come or go are of other platforms
    from viralsim.graph.arc_kernels import merge_sorted, stable_order

    rows = len(sources)
    loops = sources == targets
    self_loops = int(np.count_nonzero(loops))
    columns = np.array(list(given.values()), dtype=np.float64).reshape(len(given), rows)
    times, span_of = np.zeros(0, np.int64), np.zeros(0, np.int32)
    if spans is not None:
        # One number for each different pair of times, in their order.
        times, codes = np.unique((spans[0].astype(np.int64) << 31) | spans[1], return_inverse=True)
        span_of = codes.astype(np.int32)
    if self_loops:
        sources, targets, columns = sources[~loops], targets[~loops], np.ascontiguousarray(columns[:, ~loops])
        span_of = span_of[~loops] if spans is not None else span_of
    del loops
    if mutual:
        # Rows 2i and 2i + 1 are the two arcs of edge i, so both directions merge in the same order.
        sharers = np.empty(2 * len(sources), np.int32)
        followers = np.empty(2 * len(sources), np.int32)
        sharers[0::2], followers[1::2] = sources, sources
        followers[0::2], sharers[1::2] = targets, targets
    else:
        sharers, followers = sources.astype(np.int32), targets.astype(np.int32)
    order = np.arange(len(sharers), dtype=np.int32)
    if spans is not None:
        span_of = np.repeat(span_of, 2) if mutual else span_of
        order = stable_order(span_of, order, len(times))
    order = stable_order(followers, order, people)
    order = stable_order(sharers, order, people)
    offsets, followers, multiplicity, merged_columns, both, merged_spans = merge_sorted(
        sharers, followers, span_of, order, columns, int(mutual), MERGES.index(merge), people
    )
    directions = 2 if mutual else 1
    kept = len(followers) // directions
    numbers = dict(zip(given, merged_columns, strict=True))
    clipped = 0
    for what in ("trust", "probability"):
        if what in numbers:
            clipped += int(np.count_nonzero(numbers[what] > 1.0)) // directions
            np.minimum(numbers[what], 1.0, out=numbers[what])
    arcs = Arcs(
        offsets,
        followers,
        numbers["trust"] if "trust" in numbers else np.full(len(followers), constant),
        multiplicity,
        numbers.get("probability"),
        numbers.get("weight"),
        *((None, None) if spans is None else _apart(times[merged_spans])),
    )
    counts = {
        "kept": kept,
        "self_loops": self_loops,
        "merged": rows - self_loops - kept,
        "both_orders": both // 2 if mutual else 0,
        "clipped": clipped,
    }
    return arcs, counts


def _apart(times: npt.NDArray[np.int64]) -> Spans:
    """Return the two ticks of which a number was made."""
    return (times >> 31).astype(np.int32), (times & FOREVER).astype(np.int32)
