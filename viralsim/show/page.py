"""Pages: one HTML file with everything inside, which needs no network, no server and no installation.

A page is a template, scripts, styles, data and words, put together as text. It carries a content security policy that
names its own scripts and styles by their hashes and forbids everything else, so nothing can be loaded or sent, and text
that found its way into the data (a person's name, a scenario's title) can never become markup or run.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import jinja2

from viralsim.errors import UsageError, did_you_mean

__all__ = ["LANGUAGES", "asset", "page", "words"]

LANGUAGES = ("en", "el")
"""What pages can say themselves in; each is a file of `page/words/`."""

_FIRST_SCRIPTS = ("words.js", "frame.js")
_FIRST_STYLES = ("page.css",)
_VENDOR = "vendor/"

# What could end a script element, begin a comment in it, or be read as the end of a line by an older script engine;
# and halves of surrogate pairs, which a damaged file of names can hold and which no UTF-8 file may.
_UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


@cache
def asset(name: str) -> str:
    """Return the text of one of the files that pages are made of.

    Parameters
    ----------
    name : str
        Inside the folder `page`, for example "stage.js" or "words/en.toml".

    Examples
    --------
    >>> asset("words.js").startswith('"use strict";')
    True
    """
    return files("viralsim.show").joinpath("page", *name.split("/")).read_text(encoding="utf-8")


def words(language: str) -> dict[str, str]:
    """Return all that pages say in one language, by key; values to be filled in stand in braces.

    Raises
    ------
    UsageError
        If there is no such language.

    Examples
    --------
    >>> words("en")["player_play"], words("el")["player_play"]
    ('Play', 'Αναπαραγωγή')
    """
    if language not in LANGUAGES:
        hint = did_you_mean(language, LANGUAGES)
        raise UsageError(f"unknown language '{language}'; choose from {', '.join(LANGUAGES)}", hint=hint)
    return tomllib.loads(asset(f"words/{language}.toml"))


def page(
    template: str,
    *,
    scripts: Sequence[str],
    styles: Sequence[str],
    data: Mapping[str, object],
    language: str,
    title: str,
) -> str:
    r"""Return a whole page as HTML text.

    Parameters
    ----------
    template : str
        A file of the folder `page` that extends frame.html. It holds no text of its own: elements marked
        `data-words="key"` are filled in by `Words`.
    scripts, styles : sequence of str
        Files of the folder `page`, in the order in which they run. words.js, frame.js and page.css, which every page
        has, come before them.
    data : mapping of str to object
        What JSON can hold, by the id of the element that carries it: scripts read it with `Frame.data(id)`.
    language : str
        What the page speaks first; it holds the words of all languages.
    title : str
        Any text.

    Raises
    ------
    UsageError
        If there is no such language.

    Examples
    --------
    >>> text = page("frame.html", scripts=[], styles=[], data={"names": ["</script>"]}, language="en", title="A & B")
    >>> "<title>A &amp; B</title>" in text, r'["\u003c/script\u003e"]' in text
    (True, True)
    """
    opening = words(language)
    style_texts = [asset(name) for name in dict.fromkeys((*_FIRST_STYLES, *styles))]
    script_texts = [asset(name) for name in dict.fromkeys((*_FIRST_SCRIPTS, *scripts))]
    vendored = {name.removeprefix(_VENDOR).split(".")[0] for name in (*scripts, *styles) if name.startswith(_VENDOR)}
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data: blob:; "
        f"script-src {_hashes(script_texts)}; style-src {_hashes(style_texts)}"
    )
    everything = {"words": {name: words(name) for name in LANGUAGES}, **data}
    return (
        _environment()
        .get_template(template)
        .render(
            policy=policy,
            styles=style_texts,
            scripts=script_texts,
            data={name: _json(value) for name, value in everything.items()},
            licences=[asset(f"{_VENDOR}{name}.LICENSE.txt") for name in sorted(vendored)],
            language=language,
            languages={name: words(name)["language"] for name in LANGUAGES},
            title=_UNSAFE_HALVES.sub("\ufffd", title),
            words=opening,
        )
    )


_UNSAFE_HALVES = re.compile("[\ud800-\udfff]")


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _hashes(texts: Sequence[str]) -> str:
    sums = (hashlib.sha256(text.encode()).digest() for text in texts)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in sums)


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(asset),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
