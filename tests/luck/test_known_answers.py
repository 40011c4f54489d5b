"""The same bits from numba, from plain Python and from JavaScript.

`known_answers.json` is what a browser will be held to. It is made by the plain Python numbers of
`make_known_answers.py`, which import nothing of viralsim, so three implementations meet here.
"""

from __future__ import annotations

import importlib.util
import json
import struct
from pathlib import Path

import numpy as np
import pytest
from browser import load
from hypothesis import given, settings
from hypothesis import strategies as st

from viralsim import arithmetic, luck

HERE = Path(__file__).parent
WORDS = st.integers(0, 2**32 - 1)


def _load_plain():
    spec = importlib.util.spec_from_file_location("make_known_answers", HERE / "make_known_answers.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


plain = _load_plain()
ANSWERS = json.loads(plain.FILE.read_text(encoding="ascii"))


def number(text):
    return int(text, 16)


def double(text):
    return struct.unpack(">d", bytes.fromhex(text[2:]))[0]


def bits(value):
    return "0x" + struct.pack(">d", value).hex()


def test_file_is_what_its_script_makes():
    assert plain.FILE.read_text(encoding="ascii") == plain.text()


def test_version_of_the_answers():
    """Whoever changes luck makes the answers anew and raises the version with them."""
    assert luck.LUCK_VERSION == ANSWERS["luck_version"] == plain.LUCK_VERSION


def test_purposes_never_change_their_number():
    values = {purpose.name: purpose.value for purpose in luck.Purpose}
    assert {name: values.get(name) for name in ANSWERS["purposes"]} == ANSWERS["purposes"]
    assert set(values) == set(ANSWERS["purposes"]), "a new purpose belongs in make_known_answers.py too"
    assert len(set(luck.Purpose)) == len(luck.Purpose.__members__), "no two purposes share a number"


@pytest.mark.parametrize(
    ("key", "counter", "answer"),
    [
        (0, (0, 0, 0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        (2**64 - 1, (0xFFFFFFFF,) * 4, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            0x299F31D0A4093822,
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ],
)
def test_philox_gives_its_authors_answers(key, counter, answer):
    """Random123's kat_vectors, "philox4x32 10"."""
    expected = [int(word, 16) for word in answer.split()]
    assert luck.words(np.uint64(key), *counter).tolist() == expected
    assert list(luck.philox(np.uint64(key), *(np.uint32(c) for c in counter))) == expected
    assert list(plain.philox(key, counter)) == expected


def test_philox():
    for answer in ANSWERS["philox"]:
        counter = [number(c) for c in answer["counter"]]
        words = luck.words(np.uint64(number(answer["key"])), *counter)
        assert words.dtype == np.uint32
        assert [plain.word(int(word)) for word in words] == answer["words"]


def test_stream_key():
    for answer in ANSWERS["stream_key"]:
        purpose = luck.Purpose[answer["purpose"]]
        key = luck.stream_key(int(answer["random_seed"]), purpose, answer["item"], answer["platform"])
        assert isinstance(key, np.uint64)
        assert plain.wide(int(key)) == answer["key"]
    keys = [answer["key"] for answer in ANSWERS["stream_key"]]
    assert len(set(keys)) == len({str(answer) for answer in ANSWERS["stream_key"]}), "every name its own key"


def test_row_key():
    for answer in ANSWERS["row_key"]:
        place = [np.uint32(number(answer[name])) for name in ("realisation", "sharer", "attempt")]
        pair = luck.row_key(np.uint64(number(answer["key"])), *place)
        assert [plain.word(int(word)) for word in pair] == answer["row_key"]


def test_arc_luck():
    for answer in ANSWERS["arc_luck"]:
        low, high = (np.uint32(number(word)) for word in answer["row_key"])
        first = number(answer["first_follower"])
        found = [luck.arc_luck(low, high, np.uint32(first + i)) for i in range(len(answer["luck"]))]
        assert [plain.word(int(word)) for word in found] == answer["luck"]


def test_uniforms():
    for answer in ANSWERS["uniform"]:
        found = luck.uniforms(np.uint64(number(answer["key"])), *(number(c) for c in answer["counter"]))
        assert found.shape == ()
        assert bits(float(found)) == answer["uniform"]
        assert plain.wide(int(float(found) * 2**53)) == answer["bits53"]


def test_picks():
    """How seeds and the like are picked: floor(uniform x size)."""
    for answer in ANSWERS["pick"]:
        u = luck.uniforms(np.uint64(number(answer["key"])), *(number(c) for c in answer["counter"]))
        assert plain.word(int((u * number(answer["size"])).astype(np.int64))) == answer["pick"]


def test_thresholds():
    for answer in ANSWERS["threshold"]:
        assert plain.wide(luck.threshold(double(answer["probability"]))) == answer["threshold"]


@pytest.mark.parametrize("name", ["exp", "log", "normal_cdf"])
def test_arithmetic_of_one_number(name):
    function = getattr(arithmetic, name)
    for answer in ANSWERS[name]:
        assert bits(function(double(answer["x"]))) == answer["value"], double(answer["x"])


def test_chance():
    for answer in ANSWERS["chance"]:
        found = arithmetic.chance(double(answer["probability"]), double(answer["dose"]))
        assert bits(found) == answer["value"], answer


def test_digests():
    for answer in ANSWERS["digest"]:
        name, key, count = answer["function"], np.uint64(number(answer["key"])), number(answer["count"])
        low, high = double(answer["low"]), double(answer["high"])
        arguments = [low + (high - low) * luck.uniforms(key, np.arange(count))]
        if name == "chance":
            arguments.append(3.0 * luck.uniforms(key, np.arange(count), 1))
        function = getattr(arithmetic, name)
        values = np.array([function(*each) for each in zip(*(a.tolist() for a in arguments), strict=True)])
        state = 14695981039346656037
        for value in values.view(np.uint64).tolist():
            state = (state ^ value) * 1099511628211 % 2**64
        assert plain.wide(state) == answer["digest"], name


def test_javascript_computes_the_same_bits(page):
    load(page, "luck")
    page.add_script_tag(content=(HERE / "check.js").read_text(encoding="utf-8"))

    def play(text):
        return page.evaluate("checkKnownAnswers", text)

    found = play(plain.FILE.read_text(encoding="ascii"))
    assert found["wrong"] == []
    assert found["purposes"] == []
    sections = {name: len(value) for name, value in ANSWERS.items() if isinstance(value, list)}
    assert found["checked"] == sections, "every answer was looked at"
    # The check can fail: one digit changed in the last answer of each section is seen.
    broken = json.loads(plain.FILE.read_text(encoding="ascii"))
    last_key = {"philox": "words", "stream_key": "key", "row_key": "row_key", "arc_luck": "luck"}
    last_key |= {"uniform": "uniform", "pick": "pick", "threshold": "threshold", "digest": "digest"}
    for name in sections:
        last = last_key.get(name, "value")
        answer = broken[name][-1]
        text = answer[last][-1] if isinstance(answer[last], list) else answer[last]
        text = text[:-1] + ("1" if text[-1] != "1" else "2")
        answer[last] = [*answer[last][:-1], text] if isinstance(answer[last], list) else text
    assert {one["section"] for one in play(json.dumps(broken))["wrong"]} == set(sections)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.integers(0, 2**64 - 1), WORDS, WORDS, WORDS, WORDS, WORDS)
def test_any_number_equals_plain_python(key, realisation, sharer, third, attempt, follower):
    words = luck.words(np.uint64(key), realisation, sharer, third, attempt)
    assert words.tolist() == list(plain.philox(key, (realisation, sharer, third, attempt)))
    low, high = luck.row_key(np.uint64(key), np.uint32(realisation), np.uint32(sharer), np.uint32(attempt))
    assert (low, high) == plain.row_key(key, realisation, sharer, attempt)
    assert luck.arc_luck(low, high, np.uint32(follower)) == plain.arc_luck(int(low), int(high), follower)
    uniform = float(luck.uniforms(np.uint64(key), realisation, sharer, third, attempt))
    assert uniform * 2**53 == plain.bits53(key, (realisation, sharer, third, attempt))


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.integers(0, 2**70), st.sampled_from(list(luck.Purpose)), st.text(), st.text())
def test_any_stream_equals_plain_python(random_seed, purpose, item, platform):
    key = luck.stream_key(random_seed, purpose, item, platform)
    assert int(key) == plain.stream_key(random_seed, int(purpose), item, platform)


@settings(max_examples=500, derandomize=True, deadline=None)
@given(st.floats(0.0, 1.0))
def test_any_threshold_is_the_exact_floor(probability):
    assert luck.threshold(probability) == plain.threshold(probability)


def test_words_broadcast_and_keep_their_place():
    key = np.uint64(0x0123456789ABCDEF)
    table = luck.words(key, np.arange(3)[:, None], np.arange(5), 7, 9)
    assert table.shape == (3, 5, 4)
    for i in range(3):
        for j in range(5):
            assert table[i, j].tolist() == list(plain.philox(int(key), (i, j, 7, 9)))
    assert luck.words(key, np.zeros(0, dtype=np.int64)).shape == (0, 4)
    assert luck.uniforms(key, np.zeros((2, 0), dtype=np.int64)).shape == (2, 0)
