"""Who got it from whom and when, in one realisation: the cascade, its shape, and ways to write it down."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt

from viralsim.errors import UsageError, did_you_mean
from viralsim.html import printable_text

if TYPE_CHECKING:
    from viralsim.outcome.story import Story

__all__ = ["Cascade"]

Ints = npt.NDArray[np.int64]

_COLUMNS = (
    "entry",
    "person",
    "item",
    "platform",
    "tick",
    "hours",
    "parent",
    "parent_person",
    "generation",
    "shared_at",
    "origin",
    "born_of",
)
_DEEPEST_INDENT = 40
_SEED, _ADVERTISED, _BORN = -1, -2, -3
ORIGINS = {_SEED: "seed", _ADVERTISED: "advertisement", _BORN: "dissatisfied"}
"""Why an entry has no parent, by what stands in place of one."""
_ARRAYS = ("person", "item", "platform", "tick", "parent", "generation", "shared_at", "born_of")


def _none() -> Ints:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Cascade:
    """Everybody who engaged in one realisation, each with the person whose share persuaded them.

    An *entry* is one person engaging with one item. Entries are ordered so that a parent comes before its
    children. Entries without a parent are the *roots* of the trees: seeds, those whom an advertisement
    engaged, and dissatisfied people whose testimony is born of content. `from_queue` makes a cascade of what the engine
    recorded.

    Parameters
    ----------
    ids : ndarray, shape (n,)
        Each entry's person as in the graph's file: integers or text.
    person : ndarray of int64, shape (n,)
        The same by position.
    item, platform : ndarray of int64, shape (n,)
        Index into `items` and `platforms`: what they engaged with, and where.
    tick : ndarray of int64, shape (n,)
        When they engaged.
    parent : ndarray of int64, shape (n,)
        The entry whose share persuaded them; -1 for seeds, -2 for those whom an advertisement engaged, -3 for those
        who start testimony themselves, dissatisfied with the content that it is born of.
    generation : ndarray of int64, shape (n,)
        Steps from the root of their tree.
    shared_at : ndarray of int64, shape (n,)
        The tick of their own share; -1 where they did not share within the horizon.
    items, platforms : tuple of str
        Names.
    tick_seconds : float
        Length of a tick.
    realisation : int
        Number of the realisation.
    scenario_hash, plan : str
        What was played.
    drawn : dict of str to (float, str)
        Numbers that are not known, by path: what was drawn for this realisation, and the same in words.
    born_of : ndarray of int64, shape (n,), optional
        For those who start testimony their entry of the content that disappointed them, where it is among these; -1 for
        all others.
    story : Story, optional
        How the items touched, where there are several or trust is in play.

    Raises
    ------
    ValueError
        If lengths differ or an entry precedes its parent (a defect of the caller).

    Examples
    --------
    Ann tells Bob and Cem; Bob tells Dee.

    >>> cascade = Cascade.from_queue(
    ...     ["ann", "bob", "cem", "dee"], person=[0, 1, 2, 3], item=[0] * 4, platform=[0] * 4,
    ...     tick=[0, 1, 1, 2], parent=[-1, 0, 0, 1], generation=[0, 1, 1, 2], shared_at=[1, 2, -1, -1],
    ...     items=("content",), platforms=("feed",), tick_seconds=3600.0, realisation=17,
    ...     scenario_hash="7f3a", plan="hubs",
    ... )
    >>> cascade.size, cascade.depth, cascade.breadth.tolist(), cascade.max_breadth
    (4, 2, [1, 2, 1], 2)
    >>> round(cascade.structural_virality, 4)  # a path of four: (4 + 1) / 3
    1.6667
    >>> print(cascade.to_text())
    plan hubs, realisation 17: 4 people engaged, 1 seed
    depth 2, widest generation 2, structural virality 1.67
    0d 00:00  ann (seed)
    0d 01:00    bob
    0d 02:00      dee
    0d 01:00    cem
    """

    ids: npt.NDArray[Any]
    person: Ints
    item: Ints
    platform: Ints
    tick: Ints
    parent: Ints
    generation: Ints
    shared_at: Ints
    items: tuple[str, ...]
    platforms: tuple[str, ...]
    tick_seconds: float
    realisation: int
    scenario_hash: str
    plan: str
    drawn: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    born_of: Ints = field(default_factory=_none)
    story: Story | None = None

    def __post_init__(self) -> None:
        ids = np.asarray(self.ids)
        object.__setattr__(self, "ids", ids if len(ids) else ids.astype(np.int64))
        if len(self.born_of) == 0:
            object.__setattr__(self, "born_of", np.full(len(ids), -1, dtype=np.int64))
        for name in _ARRAYS:
            values = np.asarray(getattr(self, name), dtype=np.int64)
            if values.shape != self.ids.shape or values.ndim != 1:
                raise ValueError(f"{name}: expected shape {self.ids.shape}, got {values.shape}")
            object.__setattr__(self, name, values)
        if np.any(self.parent >= np.arange(self.size)) or np.any(self.parent < _BORN):
            raise ValueError(
                "parent: expected an earlier entry, -1 for seeds, -2 for the advertised or -3 for the born"
            )
        born = np.flatnonzero(self.born_of >= 0)
        if np.any(self.parent[born] != _BORN) or np.any(self.person[self.born_of[born]] != self.person[born]):
            raise ValueError("born_of: expected an entry of the same person for those born, -1 for all others")
        child = self.parent >= 0
        if np.any(self.generation[~child] != 0) or np.any(
            self.generation[child] != self.generation[self.parent[child]] + 1
        ):
            raise ValueError("generation: expected 0 without a parent, else the parent's plus 1")

    @classmethod
    def from_queue(
        cls,
        graph_ids: npt.ArrayLike,
        *,
        person: npt.ArrayLike,
        item: npt.ArrayLike,
        platform: npt.ArrayLike,
        tick: npt.ArrayLike,
        parent: npt.ArrayLike,
        generation: npt.ArrayLike,
        shared_at: npt.ArrayLike,
        items: tuple[str, ...],
        platforms: tuple[str, ...],
        tick_seconds: float,
        realisation: int,
        scenario_hash: str,
        plan: str,
        drawn: Mapping[str, tuple[float, str]] | None = None,
        births: Mapping[str, str] | None = None,
    ) -> Cascade:
        """Make a cascade of the engine's queue, in an order that does not depend on how memory was walked.

        Entries are sorted by tick, item and person.

        Parameters
        ----------
        graph_ids : array, shape (people,)
            The graph's ids by position.
        person, item, platform, tick, parent, generation, shared_at : array of int, shape (n,)
            As in `Cascade`; parents engaged at an earlier tick than their children.
        items, platforms, tick_seconds, realisation, scenario_hash, plan, drawn
            As in `Cascade`.
        births : dict of str to str, optional
            Which content each testimony is born of, by name.
        """
        people = np.asarray(person, dtype=np.int64)
        ticks, whats = np.asarray(tick, dtype=np.int64), np.asarray(item, dtype=np.int64)
        order = np.lexsort((people, whats, ticks))
        place = np.empty(len(order) + len(ORIGINS), dtype=np.int64)
        place[order] = np.arange(len(order))
        place[list(ORIGINS)] = list(ORIGINS)  # no parent stays no parent

        def sorted_by_order(values: npt.ArrayLike) -> Ints:
            return np.asarray(values, dtype=np.int64)[order]

        return cls(
            ids=np.asarray(graph_ids)[people[order]],
            person=people[order],
            item=whats[order],
            platform=sorted_by_order(platform),
            tick=ticks[order],
            parent=place[sorted_by_order(parent)],
            generation=sorted_by_order(generation),
            shared_at=sorted_by_order(shared_at),
            items=tuple(items),
            platforms=tuple(platforms),
            tick_seconds=float(tick_seconds),
            realisation=int(realisation),
            scenario_hash=scenario_hash,
            plan=plan,
            drawn=dict(drawn or {}),
            born_of=_content_of(
                people[order],
                whats[order],
                np.asarray(parent, dtype=np.int64)[order] == _BORN,
                {items.index(testimony): items.index(content) for testimony, content in (births or {}).items()},
            ),
        )

    # -- shape --------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return self.size

    def __repr__(self) -> str:
        return f"Cascade(plan={self.plan!r}, realisation={self.realisation}, size={self.size})"

    def _repr_html_(self) -> str:
        from viralsim.outcome.notebook import cascade_html

        return cascade_html(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Cascade):
            return NotImplemented
        arrays = ("ids", *_ARRAYS)
        scalars = ("items", "platforms", "tick_seconds", "realisation", "scenario_hash", "plan", "drawn")
        return all(getattr(self, name) == getattr(other, name) for name in scalars) and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in arrays
        )

    def __hash__(self) -> int:
        return hash((self.scenario_hash, self.plan, self.realisation, self.size))

    @property
    def size(self) -> int:
        """Number of entries, seeds included."""
        return len(self.ids)

    @property
    def depth(self) -> int:
        """Steps from a root to the most distant entry; 0 where nobody was persuaded by a share."""
        return int(self.generation.max(initial=0))

    @cached_property
    def breadth(self) -> Ints:
        """Entries per generation, the roots first (int64[depth + 1])."""
        return np.bincount(self.generation).astype(np.int64, copy=False)

    @property
    def max_breadth(self) -> int:
        """Size of the largest generation."""
        return int(self.breadth.max(initial=0))

    @property
    def seeds(self) -> Ints:
        """Entries of the seeds, in order; `cascade.ids[cascade.seeds]` are the people."""
        return np.flatnonzero(self.parent == _SEED)

    @property
    def advertised(self) -> Ints:
        """Entries of those whom an advertisement engaged, in order: roots that are no seeds.

        Examples
        --------
        Ann is a seed; Bob saw the advertisement and told Cem.

        >>> cascade = Cascade.from_queue(
        ...     ["ann", "bob", "cem"], person=[0, 1, 2], item=[0] * 3, platform=[0] * 3, tick=[0, 1, 2],
        ...     parent=[-1, -2, 1], generation=[0, 0, 1], shared_at=[1, 2, -1], items=("content",),
        ...     platforms=("feed",), tick_seconds=3600.0, realisation=17, scenario_hash="7f3a", plan="hubs",
        ... )
        >>> cascade.seeds.tolist(), cascade.advertised.tolist(), cascade.roots.tolist()
        ([0], [1], [0, 1])
        >>> print(cascade.to_text())
        plan hubs, realisation 17: 3 people engaged, 1 seed, 1 by the advertisement
        depth 1, widest generation 2, structural virality 1.00
        0d 00:00  ann (seed)
        0d 01:00  bob (advertisement)
        0d 02:00    cem
        """
        return np.flatnonzero(self.parent == _ADVERTISED)

    @property
    def born(self) -> Ints:
        """Entries of those who start testimony themselves, in order: roots that are dissatisfied with content.

        Examples
        --------
        Ann tells Bob of the content, who is dissatisfied and warns Cem.

        >>> cascade = Cascade.from_queue(
        ...     ["ann", "bob", "cem"], person=[0, 1, 1, 2], item=[0, 0, 1, 1], platform=[0] * 4, tick=[0, 1, 1, 2],
        ...     parent=[-1, 0, -3, 2], generation=[0, 1, 0, 1], shared_at=[1, -1, 2, -1],
        ...     items=("content", "complaints"), platforms=("feed",), tick_seconds=3600.0, realisation=17,
        ...     scenario_hash="7f3a", plan="hubs", births={"complaints": "content"},
        ... )
        >>> cascade.born.tolist(), cascade.born_of.tolist()
        ([2], [-1, -1, 1, -1])
        >>> print(cascade.to_text())
        plan hubs, realisation 17: item content: 2 people engaged, 1 seed
        depth 1, widest generation 1, structural virality 1.00
        item complaints: 2 people engaged, 0 seeds, 1 dissatisfied
        depth 1, widest generation 1, structural virality 1.00
        0d 00:00  ann (seed, content)
        0d 01:00    bob (content)
        0d 01:00  bob (dissatisfied, complaints)
        0d 02:00    cem (complaints)
        """
        return np.flatnonzero(self.parent == _BORN)

    @property
    def roots(self) -> Ints:
        """Entries without a parent, in order: seeds, advertised and born, one per tree."""
        return np.flatnonzero(self.parent < 0)

    @cached_property
    def _tree_of(self) -> list[int]:
        """For every entry, which of the roots' trees it is in."""
        trees: list[int] = []
        count = 0
        for parent in self.parent.tolist():
            if parent < 0:
                trees.append(count)
                count += 1
            else:
                trees.append(trees[parent])
        return trees

    def trees(self) -> list[Cascade]:
        """Return one cascade per root, in the order of `roots`."""
        tree_of = np.asarray(self._tree_of, dtype=np.int64)
        order = np.argsort(tree_of, kind="stable")
        place = np.empty(self.size + len(ORIGINS), dtype=np.int64)
        starts = np.searchsorted(tree_of[order], np.arange(len(self.roots) + 1))
        place[order] = np.arange(self.size) - starts[tree_of[order]]
        place[list(ORIGINS)] = list(ORIGINS)
        parents = place[self.parent]
        found = []
        for first, last in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
            at = order[first:last]
            found.append(
                replace(
                    self,
                    ids=self.ids[at],
                    person=self.person[at],
                    item=self.item[at],
                    platform=self.platform[at],
                    tick=self.tick[at],
                    parent=parents[at],
                    generation=self.generation[at],
                    shared_at=self.shared_at[at],
                    born_of=_none(),  # of another tree
                    story=None,
                )
            )
        return found

    @cached_property
    def _distances(self) -> list[tuple[int, int]]:
        """For every tree the sum of distances over unordered pairs, and the number of these pairs."""
        from viralsim.outcome.shape_kernels import tree_shapes

        return [(total, n * (n - 1) // 2) for n, _, _, total in tree_shapes(self.parent, self.generation).tolist()]

    @property
    def structural_virality(self) -> float | None:
        """Mean distance between two people of the same tree, or None where no tree has two people.

        Near 2 a broadcast, where one person reached everybody; large where it went from person to person.
        With several trees the mean is over the pairs of all trees.

        Source: S. Goel, A. Anderson, J. Hofman & D. J. Watts, "The structural virality of online
        diffusion", Management Science 62 (2016), equation 1.
        """
        total = sum(distance for distance, _ in self._distances)
        pairs = sum(count for _, count in self._distances)
        return total / pairs if pairs else None

    def structural_viralities(self) -> list[float | None]:
        """Return the structural virality of each tree, in the order of `roots`."""
        return [total / pairs if pairs else None for total, pairs in self._distances]

    # -- writing down -------------------------------------------------------------------------------

    def identity(self, entry: int) -> int | str:
        """Return the person of an entry as in the graph's file."""
        value = self.ids[entry]
        return int(value) if isinstance(value, np.integer | int) else str(value)

    def _records(self) -> list[tuple[Any, ...]]:
        """Return one tuple per entry, in the order of _COLUMNS; None is undefined."""
        hours = self.tick_seconds / 3600.0
        ids = [self.identity(entry) for entry in range(self.size)]
        columns = (
            self.item.tolist(),
            self.platform.tolist(),
            self.tick.tolist(),
            self.parent.tolist(),
            self.generation.tolist(),
            self.shared_at.tolist(),
            self.born_of.tolist(),
        )
        return [
            (
                entry,
                ids[entry],
                self.items[item],
                self.platforms[platform],
                tick,
                tick * hours,
                parent if parent >= 0 else None,
                ids[parent] if parent >= 0 else None,
                generation,
                shared_at if shared_at >= 0 else None,
                ORIGINS.get(parent, "share"),
                born_of if born_of >= 0 else None,
            )
            for entry, (item, platform, tick, parent, generation, shared_at, born_of) in enumerate(
                zip(*columns, strict=True)
            )
        ]

    def only(self, item: str) -> Cascade:
        """Return the entries of one item alone.

        Parameters
        ----------
        item : str
            One of `items`.

        Raises
        ------
        UsageError
            There is no such item.

        Examples
        --------
        >>> both = Cascade.from_queue(
        ...     [10, 11, 12], person=[0, 1, 2], item=[0, 1, 1], platform=[0] * 3, tick=[0, 0, 1], parent=[-1, -1, 1],
        ...     generation=[0, 0, 1], shared_at=[1, 1, -1], items=("content", "rumour"), platforms=("feed",),
        ...     tick_seconds=60.0, realisation=0, scenario_hash="7f3a", plan="hubs",
        ... )
        >>> both.only("rumour").parent.tolist()
        [-1, 0]
        """
        if item not in self.items:
            raise UsageError(f"no item '{item}'; there is {', '.join(self.items)}", hint=did_you_mean(item, self.items))
        own = self.item == self.items.index(item)
        place = np.cumsum(own) - 1
        parent = self.parent[own]
        return replace(
            self,
            **{name: getattr(self, name)[own] for name in ("ids", "person", "platform", "tick", "generation")},
            shared_at=self.shared_at[own],
            item=np.zeros(int(own.sum()), dtype=np.int64),
            parent=np.where(parent >= 0, place[parent], parent),
            items=(item,),
            born_of=_none(),
            story=None,
        )

    def summary(self) -> str:
        """Return what was played, what shape each item took, and with unknowns what was drawn."""
        several = len(self.items) > 1
        lines = [f"plan {self.plan}, realisation {self.realisation}: "]
        for item in self.items:
            one = self.only(item) if several else self
            virality, seeds, advertised = one.structural_virality, len(one.seeds), len(one.advertised)
            born = len(one.born)
            lines[-1] += (
                f"{f'item {item}: ' if several else ''}"
                f"{one.size:,} {'person' if one.size == 1 else 'people'} engaged, "
                f"{seeds:,} {'seed' if seeds == 1 else 'seeds'}"
                f"{f', {advertised:,} by the advertisement' if advertised else ''}"
                f"{f', {born:,} dissatisfied' if born else ''}"
            )
            lines += [
                f"depth {one.depth}, widest generation {one.max_breadth:,}, "
                f"structural virality {'undefined' if virality is None else f'{virality:.2f}'}",
                "",
            ]
        if self.drawn:
            lines[-1] = f"drawn: {', '.join(f'{name} {text}' for name, (_, text) in self.drawn.items())}"
        return "\n".join(lines).rstrip("\n")

    def clock(self, tick: int) -> str:
        """Return a tick in words: days, hours and minutes of the campaign, and seconds where ticks have any."""
        return clock(tick * self.tick_seconds, self.tick_seconds % 60 != 0)

    def to_text(self, limit: int | None = 200) -> str:
        """Return a tree to read: when, and who below whom.

        Parameters
        ----------
        limit : int or None
            How many people are listed at most; the last line says how many are not. None: all.

        Examples
        --------
        >>> star = Cascade.from_queue(
        ...     [10, 11, 12, 13], person=[0, 1, 2, 3], item=[0] * 4, platform=[0] * 4, tick=[0, 1, 1, 1],
        ...     parent=[-1, 0, 0, 0], generation=[0, 1, 1, 1], shared_at=[1, -1, -1, -1], items=("content",),
        ...     platforms=("feed",), tick_seconds=60.0, realisation=0, scenario_hash="7f3a", plan="hubs",
        ... )
        >>> print(star.to_text(limit=2))
        plan hubs, realisation 0: 4 people engaged, 1 seed
        depth 1, widest generation 3, structural virality 1.50
        0d 00:00  10 (seed)
        0d 00:01    11
        ... and 2 more people
        """
        children: dict[int, list[int]] = {}
        for entry, parent in enumerate(self.parent.tolist()):
            children.setdefault(max(parent, -1), []).append(entry)
        lines = [self.summary()]
        if self.story is not None:
            lines += ["", *self.story.lines(self), ""]
        stack = children.get(-1, [])[::-1]
        rest = self.size
        hidden = 0 if limit is None else max(0, self.size - limit)
        while rest > hidden:
            rest -= 1
            entry = stack.pop()
            generation = int(self.generation[entry])
            parent = int(self.parent[entry])
            notes = [ORIGINS[parent]] if parent in ORIGINS else []
            if len(self.items) > 1:
                notes.append(self.items[self.item[entry]])
            if self.story is not None and self.story.had_heard(self, entry):
                notes.append("had heard bad news")
            if len(self.platforms) > 1:
                notes.append(f"on {self.platforms[self.platform[entry]]}")
            if generation > _DEEPEST_INDENT:
                notes.append(f"generation {generation}")
            lines.append(
                f"{self.clock(int(self.tick[entry]))}  "
                f"{'  ' * min(generation, _DEEPEST_INDENT)}{printable_text(str(self.identity(entry)))}"
                f"{' (' + ', '.join(notes) + ')' if notes else ''}"
            )
            stack.extend(reversed(children.get(entry, [])))
        if rest:
            lines.append(f"... and {rest:,} more {'person' if rest == 1 else 'people'}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return shape and entries, ready for JSON; undefined is None.

        Returns
        -------
        dict
            "people" is a list with "entry", "person" (the id), "item", "platform", "tick", "hours",
            "parent" (an entry), "parent_person", "generation", "shared_at", "origin" ("seed", "advertisement",
            "dissatisfied" or "share": what engaged them) and "born_of" (an entry); with a story "heard_at", the tick in
            which they first heard bad news, and "story" beside "people".
        """
        return {
            "plan": self.plan,
            "realisation": self.realisation,
            "scenario_hash": self.scenario_hash,
            "tick_seconds": self.tick_seconds,
            "size": self.size,
            "depth": self.depth,
            "breadth": self.breadth.tolist(),
            "max_breadth": self.max_breadth,
            "structural_virality": self.structural_virality,
            **({"drawn": {name: number for name, (number, _) in self.drawn.items()}} if self.drawn else {}),
            "seeds": [self.identity(entry) for entry in self.seeds.tolist()],
            "advertised": [self.identity(entry) for entry in self.advertised.tolist()],
            "born": [self.identity(entry) for entry in self.born.tolist()],
            **({} if self.story is None else {"story": self.story.to_dict(self)}),
            "people": [
                dict(zip(_COLUMNS, record, strict=True)) | heard
                for record, heard in zip(self._records(), self._heard(), strict=True)
            ],
        }

    def _heard(self) -> list[dict[str, int | None]]:
        """Return for each entry when its person first heard bad news, where that is known."""
        if self.story is None or self.story.heard_at is None:
            return [{}] * self.size
        return [{"heard_at": tick if tick >= 0 else None} for tick in self.story.heard_at[self.person].tolist()]

    def to_json(self) -> str:
        """Return `to_dict` as JSON text."""
        return json.dumps(self.to_dict(), indent=2, allow_nan=False)

    def to_csv(self) -> str:
        """Return one row per entry as comma-separated text with a header; undefined is an empty field."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows(self._records())
        return text.getvalue()

    def to_graphml(self) -> str:
        r"""Return the cascade as GraphML: a node per entry, an edge from parent to child.

        Who starts testimony has the node of the content that disappointed them as "born_of". Characters that XML
        cannot hold are written as in Python, e.g. ``\x00``.
        """
        ids_are_numbers = np.issubdtype(self.ids.dtype, np.integer)
        kinds = {
            "person": "long" if ids_are_numbers else "string",
            "item": "string",
            "platform": "string",
            "tick": "long",
            "hours": "double",
            "generation": "long",
            "shared_at": "long",
            "origin": "string",
            "born_of": "string",
        }
        lines = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"'
            ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
            ' xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns'
            ' http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">',
        ]
        lines += [
            f'  <key id="{name}" for="node" attr.name="{name}" attr.type="{kind}"/>' for name, kind in kinds.items()
        ]
        graph_data = {
            "plan": ("string", self.plan),
            "realisation": ("long", self.realisation),
            "scenario_hash": ("string", self.scenario_hash),
        }
        lines += [
            f'  <key id="{name}" for="graph" attr.name="{name}" attr.type="{kind}"/>'
            for name, (kind, _) in graph_data.items()
        ]
        lines.append('  <graph id="cascade" edgedefault="directed">')
        lines += [f'    <data key="{name}">{_xml(value)}</data>' for name, (_, value) in graph_data.items()]
        edges = []
        for record in self._records():
            values = dict(zip(_COLUMNS, record, strict=True))
            if values["born_of"] is not None:
                values["born_of"] = f"n{values['born_of']}"  # a node
            data = "".join(
                f'<data key="{name}">{_xml(values[name])}</data>' for name in kinds if values[name] is not None
            )
            lines.append(f'    <node id="n{values["entry"]}">{data}</node>')
            if values["parent"] is not None:
                edges.append(f'    <edge source="n{values["parent"]}" target="n{values["entry"]}"/>')
        return "\n".join([*lines, *edges, "  </graph>", "</graphml>", ""])


def _content_of(person: Ints, item: Ints, born: npt.NDArray[np.bool_], births: Mapping[int, int]) -> Ints:
    """Return for those who are born the entry of the content by the same person, -1 for all others."""
    found = np.full(len(person), -1, dtype=np.int64)
    for testimony, content in births.items():
        told, met = np.flatnonzero(born & (item == testimony)), np.flatnonzero(item == content)
        met = met[np.argsort(person[met])]
        at = np.searchsorted(person[met], person[told])
        at = np.minimum(at, len(met) - 1)
        same = at >= 0
        same[same] = person[met[at[same]]] == person[told[same]]
        found[told[same]] = met[at[same]]
    return found


def clock(seconds: float, with_seconds: bool) -> str:
    """Return a time since the beginning in words.

    Examples
    --------
    >>> clock(93_600.0, False)
    '1d 02:00'
    """
    whole = round(seconds)
    text = f"{whole // 86400}d {whole // 3600 % 24:02d}:{whole // 60 % 60:02d}"
    return f"{text}:{whole % 60:02d}" if with_seconds else text


def _xml(value: object) -> str:
    return escape(printable_text(str(value)))
