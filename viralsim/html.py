"""Small pieces of HTML and SVG: what a notebook shows of a graph, an outcome, a comparison or a cascade.

Whatever is not `Markup` is text and is escaped, so a person may be called what they like. Colours are those of the
notebook (`currentColor`), but for two that can be told from light and from dark, and for the colour-blind. Everything
is well-formed XML, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

__all__ = [
    "BLUE",
    "ORANGE",
    "Markup",
    "bars",
    "duration",
    "element",
    "intervals",
    "number",
    "percent",
    "printable_text",
    "shown",
    "table",
]

BLUE, ORANGE = "#0072B2", "#D55E00"
"""Colours of figures (Okabe & Ito); both have a contrast of 3 : 1 on white and on black."""

_FAINT = "1px solid rgba(128,128,128,.45)"
_OF_TABLES = "border-collapse:collapse;border:0;font:inherit;color:inherit"
_OF_TEXTS = "text-align:left;overflow-wrap:break-word;max-width:22em"
_OF_NUMBERS = "text-align:right;white-space:nowrap"
_WIDTH = 460


class Markup(str):
    """Text that is HTML already; any other text is escaped where it becomes part of some.

    Examples
    --------
    >>> element("b", "a < b", Markup("<br/>"))
    '<b>a &lt; b<br/></b>'
    """

    __slots__ = ()


def printable_text(text: str) -> str:
    """Return text that cannot move a cursor, break a line or be refused by XML.

    Examples
    --------
    >>> len(printable_text(chr(27))), printable_text("plain")
    (4, 'plain')
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def element(name: str, *content: str, **attributes: object) -> Markup:
    """Return an element with its content; underlines in names of attributes become hyphens, None leaves one out.

    Parameters
    ----------
    name : str
        Such as "p".
    *content : str
        What is not `Markup` is escaped.
    **attributes : object
        "class_" stands for "class".

    Examples
    --------
    >>> element("p", "<img src=x>", class_="a&b", lang=None)
    '<p class="a&amp;b">&lt;img src=x&gt;</p>'
    """
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(printable_text(str(value)))}"
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(one if isinstance(one, Markup) else escape(printable_text(one)) for one in content)
    return Markup(f"<{name}{written}>{inner}</{name}>")


def shown(title: str, lead: str, *parts: str) -> str:
    """Return what a notebook shows: a title, a line below it, and parts.

    Examples
    --------
    >>> shown("Outcome", "3 people", table(["a"], [["b"]])).startswith('<div class="viralsim"')
    True
    """
    return str(
        element(
            "div",
            element("div", element("strong", title), style="font-size:1.05em"),
            element("div", lead, style="opacity:.8;margin-bottom:.4em"),
            *parts,
            class_="viralsim",
            style="font-family:system-ui,sans-serif;font-size:13px;line-height:1.4;max-width:60em",
        )
    )


def table(header: Sequence[str], rows: Sequence[Sequence[str]], note: str = "", texts: int = 1) -> Markup:
    """Return a table; its first columns are texts, the others numbers.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    rows : sequence of sequence of str
        As many cells each.
    note : str
        How to read it, below.
    texts : int
        How many columns hold texts.

    Examples
    --------
    >>> "<td" in table(["plan", "mean"], [["hubs", "3.2"]])
    True
    """

    def cell(name: str, place: int, text: str, scope: str | None = None) -> Markup:
        is_text = place < texts
        how = _OF_TEXTS if is_text else _OF_NUMBERS
        style = f"{how};padding:2px 10px 2px 0;border:0;background:none;font-weight:{600 if scope else 400}"
        return element(name, text, style=style, scope=scope)

    names = [cell("th", place, text, "col") for place, text in enumerate(header)]
    head = element("tr", *names, style=f"border-bottom:{_FAINT}")
    body = [
        element("tr", *(cell("td", place, text) for place, text in enumerate(row)), style="background:none")
        for row in rows
    ]
    below = element("div", note, style="opacity:.8;font-size:.92em;margin:.2em 0 .6em") if note else Markup("")
    made = element(
        "table",
        element("thead", head),
        element("tbody", *body),
        style=f"{_OF_TABLES};font-variant-numeric:tabular-nums;margin:.2em 0",
    )
    return Markup(element("div", made, style="overflow-x:auto") + below)


def _picture(said: str, height: int, *shapes: str) -> Markup:
    return element(
        "svg",
        *shapes,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_WIDTH} {height}",
        width=_WIDTH,
        role="img",
        aria_label=said,
        style="max-width:100%;height:auto;font-family:system-ui,sans-serif;font-size:11px",
    )


def _text(x: float, y: float, text: str, anchor: str = "middle", fill: str = "currentColor") -> Markup:
    return element("text", text, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, fill=fill)


def _line(x1: float, y1: float, x2: float, y2: float, **how: object) -> Markup:
    places = {"x1": f"{x1:.1f}", "y1": f"{y1:.1f}", "x2": f"{x2:.1f}", "y2": f"{y2:.1f}"}
    return element("line", **places, **({"stroke": "currentColor", "stroke_width": 1} | how))


def bars(
    heights: Sequence[float],
    edges: Sequence[str],
    said: str,
    across: str,
    up: str,
    marks: Sequence[tuple[float, str]] = (),
) -> Markup:
    """Return bars side by side.

    Parameters
    ----------
    heights : sequence of float
        Of the bars, not negative; none gives no picture.
    edges : sequence of str
        What stands below the left edge of the first bar and the right edge of the last.
    said : str
        The picture in words, for those who do not see it.
    across, up : str
        What the axes are.
    marks : sequence of (float, str)
        Places across, from 0 to 1, that a line marks, and what it is called.

    Examples
    --------
    >>> 'role="img"' in bars([1, 3], ["0", "10"], "two bars", "people", "campaigns", [(0.5, "median")])
    True
    >>> bars([], ["0", "0"], "", "people", "campaigns")
    ''
    """
    if not heights or max(heights) <= 0:
        return Markup("")
    left, right, top = 4.0, _WIDTH - 4.0, 32.0 if marks else 4.0
    bottom = top + 70.0
    wide = (right - left) / len(heights)
    gap = 1.0 if wide > 4 else 0.0
    shapes = []
    for place, height in enumerate(heights):
        tall = (bottom - top) * height / max(heights)
        if height > 0:
            tall = max(tall, 1.5)  # what is rare is seen
        size = {"y": f"{bottom - tall:.1f}", "width": f"{wide - gap:.1f}", "height": f"{tall:.1f}"}
        shapes.append(element("rect", x=f"{left + place * wide:.1f}", fill=BLUE, **size))
    shapes.append(_line(left, bottom, right, bottom))
    shapes.append(_text(left, bottom + 13, edges[0], "start"))
    shapes.append(_text(right, bottom + 13, edges[-1], "end"))
    shapes.append(_text(_WIDTH / 2, bottom + 26, f"{across} (bars: {up}, at most {max(heights):,g})"))
    last = [-math.inf, -math.inf]  # where the texts of the two rows above the bars end
    for at, name in sorted(marks):
        x = left + min(max(at, 0.0), 1.0) * (right - left)
        half = 3.2 * len(name) + 4
        middle = min(max(x, left + half), right - half)
        row = 0 if middle - half > last[0] else 1
        last[row] = middle + half
        shapes.append(_line(x, top - 3, x, bottom, stroke=ORANGE, stroke_width=1.5, stroke_dasharray="4 2"))
        shapes.append(_text(middle, top - 7 - 12 * row, name))
    return _picture(said, int(bottom) + 30, *shapes)


def intervals(rows: Sequence[tuple[str, float, float | None, float | None]], said: str, across: str) -> Markup:
    """Return numbers with their intervals below each other, and where zero is.

    Parameters
    ----------
    rows : sequence of (str, float, float or None, float or None)
        Name, number, low and high end of its interval.
    said : str
        The picture in words.
    across : str
        What the axis is.

    Examples
    --------
    >>> 'role="img"' in intervals([("random", -3.0, -4.0, -2.0)], "one interval", "difference")
    True
    """
    ends = [0.0] + [end for _, *three in rows for end in three if end is not None]
    low, high = min(ends), max(ends)
    if not rows or low == high:
        return Markup("")
    left, right, step = 130.0, _WIDTH - 24.0, 20.0
    bottom = 8.0 + step * len(rows)

    def place(value: float) -> float:
        return left + (right - left) * (value - low) / (high - low)

    shapes = [_line(place(0.0), 4, place(0.0), bottom, stroke_dasharray="3 3", opacity=0.6)]
    for row, (name, value, least, most) in enumerate(rows):
        y = 8.0 + step * (row + 0.5)
        shapes.append(_text(left - 12, y + 4, name if len(name) <= 18 else f"{name[:17]}…", "end"))
        if least is not None and most is not None:
            shapes.append(_line(place(least), y, place(most), y, stroke=BLUE, stroke_width=3))
        shapes.append(element("circle", cx=f"{place(value):.1f}", cy=f"{y:.1f}", r=4, fill=ORANGE))
    shapes.append(_text(place(low), bottom + 13, number(low), "start" if place(0.0) != left else "middle"))
    shapes.append(_text(place(high), bottom + 13, number(high), "middle"))
    if low < 0.0 < high:
        shapes.append(_text(place(0.0), bottom + 13, "0"))
    shapes.append(_text(_WIDTH / 2, bottom + 28, across))
    return _picture(said, int(bottom) + 34, *shapes)


def number(value: float | None, like: float | None = None) -> str:
    """Return a number to read: whole ones as they are, others with as many decimals as they have a use for.

    Parameters
    ----------
    value : float or None
        None is shown as undefined.
    like : float, optional
        The mean that it stands beside: it gets the decimals of that, whole or not.

    Examples
    --------
    >>> number(12.0), number(3.14159), number(1234.5), number(12.0, like=12.34), number(None)
    ('12', '3.14', '1,234', '12.0', '–')
    """
    if value is None or not math.isfinite(value):
        return "–"
    if like is None and value == int(value):
        return f"{value:,.0f}"
    size = abs(value if like is None else like)
    return f"{value:,.{0 if size >= 1000 else 1 if size >= 10 else 2}f}"


def percent(value: float | None) -> str:
    """Return a share to read.

    Examples
    --------
    >>> percent(0.2821), percent(None)
    ('28.2%', '–')
    """
    return "–" if value is None or not math.isfinite(value) else f"{value:.1%}"


def duration(seconds: float | None) -> str:
    """Return a length of time to read.

    Examples
    --------
    >>> duration(93_600), duration(264_600), duration(45), duration(None)
    ('26 h', '3.06 d', '45 s', '–')
    """
    if seconds is None or not math.isfinite(seconds):
        return "–"
    for unit, length, least in (("d", 86_400.0, 2.0), ("h", 3600.0, 1.0), ("min", 60.0, 1.0)):
        if seconds >= least * length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.3g} s"
