"""People numbered by first appearance."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["TextIds", "first_appearance"]


class TextIds:
    """Text ids numbered by first appearance.

    Examples
    --------
    >>> text = np.frombuffer(bytearray(b"bobannbob"), dtype=np.uint8)
    >>> ids = TextIds()
    >>> ids.add(text, np.array([[[0, 3], [3, 6]], [[6, 9], [3, 6]]], dtype=np.int32)).tolist()
    [[0, 1], [0, 1]]
    >>> ids.ids().tolist()
    ['bob', 'ann']
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all ids."""
        self.count = 0
        self.table = np.full(1 << 12, -1, np.int32)
        self.hashes = np.empty(1 << 10, np.uint64)
        self.starts = np.zeros((1 << 10) + 1, np.int64)
        self.bytes = np.empty(1 << 14, np.uint8)

    def add(self, text: npt.NDArray[np.uint8], spans: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """Return the positions (int32[rows, columns]) of the ids that `spans` (int32[rows, columns, 2]) marks."""
        from viralsim.graph.text_kernels import intern_text

        columns = spans.shape[1]
        out = np.empty((len(spans), columns), np.int32)
        # In parts, so that little room is set aside in vain.
        for begin in range(0, len(spans), 100_000):
            part = spans[begin : begin + 100_000]
            self.grow(columns * len(part), int((part[:, :, 1] - part[:, :, 0]).sum(dtype=np.int64)))
            self.count = int(
                intern_text(
                    text,
                    part,
                    len(part),
                    self.table,
                    self.hashes,
                    self.starts,
                    self.bytes,
                    self.count,
                    out[begin : begin + len(part)],
                )
            )
        return out

    def add_words(self, words: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
        """Return the positions (int32[words]) of ids given as an array of text or integers."""
        out = np.empty(len(words), np.int32)
        for begin in range(0, len(words), 100_000):
            parts = [str(word).encode("utf-8", "surrogatepass") for word in words[begin : begin + 100_000].tolist()]
            ends = np.cumsum([len(part) for part in parts], dtype=np.int64)
            spans = np.stack([np.r_[0, ends[:-1]], ends], axis=1).astype(np.int32).reshape(-1, 1, 2)
            text = np.frombuffer(bytearray(b"".join(parts) or b"?"), np.uint8)
            out[begin : begin + len(parts)] = self.add(text, spans)[:, 0]
        return out

    def lengths(self) -> npt.NDArray[np.int64]:
        """Return how many bytes each id has."""
        return np.diff(self.starts[: self.count + 1])

    def word(self, position: int) -> str:
        """Return one id as text."""
        return self.bytes[self.starts[position] : self.starts[position + 1]].tobytes().decode("utf-8", "surrogatepass")

    def grow(self, people: int, size: int) -> None:
        """Make room for more people with names of so many bytes in all."""
        from viralsim.graph.text_kernels import rehash

        need = self.count + people
        if need > len(self.hashes):
            more = max(need, 2 * len(self.hashes)) - len(self.hashes)
            self.hashes = np.concatenate([self.hashes, np.empty(more, np.uint64)])
            self.starts = np.concatenate([self.starts, np.zeros(more, np.int64)])
        used = int(self.starts[self.count])
        if used + size > len(self.bytes):
            self.bytes = np.concatenate([self.bytes[:used], np.empty(max(size, len(self.bytes)), np.uint8)])
        if 2 * need > len(self.table):
            self.table = np.full(1 << (2 * need - 1).bit_length(), -1, np.int32)
            rehash(self.table, self.hashes, self.count)

    def ids(self) -> npt.NDArray[Any]:
        """Return the ids as text, by position."""
        text = self.bytes[: self.starts[self.count]].tobytes()
        ends = self.starts[: self.count + 1].tolist()
        out = np.empty(self.count, dtype=object)
        out[:] = [text[a:b].decode("utf-8", "surrogatepass") for a, b in pairwise(ends)]
        return out


def first_appearance(values: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Return positions (int32) by first appearance, and the integers in that order.

    Examples
    --------
    >>> [part.tolist() for part in first_appearance(np.array([7, 3, 7]))]
    [[0, 1, 0], [7, 3]]
    """
    from viralsim.graph.arc_kernels import number_by_appearance

    if len(values) == 0:
        return np.empty(0, np.int32), np.empty(0, np.int64)
    lowest, highest = int(values.min()), int(values.max())
    if highest - lowest < 4 * len(values) + 1_000_000:
        found: tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]
        found = number_by_appearance(values, lowest, highest - lowest + 1)
        return found
    distinct, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    order = np.argsort(first)
    position = np.empty(len(order), np.int32)
    position[order] = np.arange(len(order), dtype=np.int32)
    return position[inverse], distinct[order]
