"""Greedy and exchanges on sets of houses to cover, where everything is known."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from viralsim.planning.search import Limits, Worth, greedy, improved, in_order

EVERYTHING = settings(max_examples=60, deadline=None, derandomize=True, database=None)


@st.composite
def coverings(draw: st.DrawFn) -> tuple[Worth, int]:
    """Up to 9 people who each cover some of 12 houses of different size."""
    people = draw(st.integers(2, 9))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    covers = random.random((people, 12)) < draw(st.sampled_from([0.1, 0.3, 0.6]))
    sizes = random.integers(1, draw(st.sampled_from([2, 5])), 12)

    def worth(sets: object) -> np.ndarray:
        return np.array([int(sizes[covers[one].any(axis=0)].sum()) for one in sets])  # type: ignore[attr-defined]

    return worth, people


def free(people: int, count: int) -> Limits:
    return Limits(count, 0, np.zeros(people, dtype=np.int64))


@EVERYTHING
@given(coverings(), st.integers(1, 5))
def test_lazy_is_plain_and_close_to_the_best(covering: tuple[Worth, int], count: int) -> None:
    worth, people = covering
    everybody = np.arange(people)
    lazy, _ = greedy(worth, everybody, free(people, count))
    plain, _ = greedy(worth, everybody, free(people, count), lazy=False)
    assert lazy.tolist() == plain.tolist()
    naive: list[int] = []
    for _ in range(min(count, people)):
        values = [int(worth([np.array([*naive, one])])[0]) if one not in naive else -1 for one in everybody]
        if max(values) == int(worth([np.array(naive, dtype=np.int64)])[0]):
            break
        naive.append(int(np.argmax(values)))
    assert lazy.tolist() == naive
    best = max(int(worth([np.array(one)])[0]) for one in combinations(range(people), min(count, people)))
    assert worth([lazy])[0] >= (1 - 1 / np.e) * best
    values = [int(worth([lazy[:seeds]])[0]) for seeds in range(len(lazy) + 1)]
    assert (np.diff(values, 2) <= 0).all()
    assert (np.diff(values) > 0).all()


@EVERYTHING
@given(coverings(), st.integers(1, 5), st.integers(0, 1500), st.booleans(), st.integers(0, 2**32 - 1))
def test_neither_money_nor_count_is_exceeded(
    covering: tuple[Worth, int], count: int, budget: int, per_price: bool, seed: int
) -> None:
    worth, people = covering
    prices = np.random.default_rng(seed).integers(0, 6, people) * 100
    limits = Limits(count, budget, prices)
    found, gains = greedy(worth, np.arange(people), limits, per_price=per_price)
    better = improved(worth, found, np.arange(people), gains, limits)
    for one in (found, better):
        assert len(set(one.tolist())) == len(one) <= count
        assert prices[one].sum() <= budget
    assert worth([better])[0] >= worth([found])[0]
    ordered = in_order(worth, better, prices, per_price=per_price)
    assert sorted(ordered.tolist()) == sorted(better.tolist())


def test_the_gain_per_money_finds_many_cheap_ones() -> None:
    """Plain greedy spends everything on the one who covers 5 of 8 houses; two for the same money cover all."""
    covers = [{0, 1, 2, 3, 4}, {0, 1, 2, 3}, {4, 5, 6, 7}]

    def worth(sets: object) -> np.ndarray:
        return np.array([len(set().union(*(covers[one] for one in people))) for people in sets])  # type: ignore[attr-defined]

    limits = Limits(3, 100, np.array([100, 50, 50]))
    assert greedy(worth, np.arange(3), limits)[0].tolist() == [0]
    assert greedy(worth, np.arange(3), limits, per_price=True)[0].tolist() == [1, 2]


def test_exchanges_undo_what_greedy_cannot() -> None:
    """Greedy takes the largest first, and then no second one completes it."""
    covers = [{1, 2, 3, 4}, {0, 1, 2}, {3, 4, 5}]

    def worth(sets: object) -> np.ndarray:
        return np.array([len(set().union(*(covers[one] for one in people))) for people in sets])  # type: ignore[attr-defined]

    found, gains = greedy(worth, np.arange(3), free(3, 2))
    assert found.tolist() == [0, 1]
    assert sorted(improved(worth, found, np.arange(3), gains, free(3, 2)).tolist()) == [1, 2]


def test_the_first_wins_ties_and_who_adds_nothing_is_not_taken() -> None:
    def worth(sets: object) -> np.ndarray:
        return np.array([min(len(people), 2) for people in sets])  # type: ignore[attr-defined]

    assert greedy(worth, np.array([4, 1, 3]), free(5, 3))[0].tolist() == [4, 1]
