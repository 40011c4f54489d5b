"""Graphs on disk: what is written reads back the same, is whole or not there, and damage is never another graph."""

from __future__ import annotations

import errno
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

import viralsim.graph.store as store
from viralsim.errors import DataError, ScenarioError, UsageError, ViralsimError
from viralsim.graph import (
    from_arcs,
    from_networkx,
    generate,
    join_people,
    load_network,
    open_graph,
    read_graph,
    to_networkx,
    with_tie_trust,
    write_graph,
)
from viralsim.graph.store import open_store, write_store
from viralsim.scenario import read_scenario

SIZES = pytest.mark.parametrize("examples", [10, pytest.param(120, marks=pytest.mark.long)])


def property_of(check, examples, **strategies) -> None:
    """Hold a property on so many examples."""
    settings(derandomize=True, deadline=None, max_examples=examples)(given(**strategies)(check))()


IS_ROOT = hasattr(os, "getuid") and os.getuid() == 0


# ---------------------------------------------------------------------------------- any graph

WILD = st.text("ab 07\t,;|\"'#{}%-.é漢😀", min_size=1, max_size=5)
ANYTHING = st.text(min_size=0, max_size=5) | st.text("\n\r\0\ud800<&>ab\t ", max_size=4)
WORDS = st.sampled_from(["Oslo", "Rome", "", "007", "7", "1.50", "true", "NA", "a,b", 'so "called"', " x ", "#1", "-"])
LINES = st.one_of(WILD, WORDS)
SHARES = st.floats(0.0, 1.0) | st.sampled_from([0.1, 1 / 3, 5e-324, 1.0])
NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.integers(-9, 9).map(float)
NAMES = st.sampled_from(["age", "city", "City", "2019", "id", "node", "a b", "a,b", '"q"', "x;y", "é", "source", "#n"])


@st.composite
def columns(draw, people: int, texts):
    kind = draw(st.sampled_from(["int", "float", "bool", "text", "uint8", "float32", "int64"]))
    if kind == "text":
        return np.array(draw(st.lists(texts, min_size=people, max_size=people)), dtype=object)
    values = {
        "int": st.integers(-3, 300),
        "int64": st.integers(-(2**63), 2**63 - 1),
        "float": NUMBERS,
        "float32": st.floats(width=32),
        "bool": st.booleans(),
        "uint8": st.integers(0, 255),
    }[kind]
    return np.array(draw(st.lists(values, min_size=people, max_size=people)), dtype="int64" if kind == "int" else kind)


@st.composite
def graphs(draw, ids=WILD, texts=LINES):
    people = draw(st.integers(1, 7))
    person = st.integers(0, people - 1)
    rows = draw(st.lists(st.tuples(person, person), max_size=12))
    left, right = [a for a, _ in rows], [b for _, b in rows]

    def numbers(values):
        return draw(st.lists(values, min_size=len(rows), max_size=len(rows)))

    whole = st.integers(-(2**63), 2**63 - 1) | st.integers(0, 9)
    names = draw(st.lists(draw(st.sampled_from([whole, ids])), min_size=people, max_size=people, unique=True))
    graph = from_arcs(
        left,
        right,
        people=people,
        ids=names,
        trust=numbers(SHARES) if draw(st.booleans()) else 0.25,
        weight=numbers(st.floats(0, 1e300)) if draw(st.booleans()) else None,
        probability=numbers(SHARES) if draw(st.booleans()) else None,
        mutual=draw(st.booleans()),
        attributes={name: draw(columns(people, texts)) for name in draw(st.lists(NAMES, max_size=3, unique=True))},
    )
    if not graph.mutual and draw(st.booleans()):
        graph = replace(graph, report=replace(graph.report, direction="follows"))
    return graph


def same_values(left, right) -> bool:
    if left.dtype.kind == "O" or right.dtype.kind == "O":
        return left.dtype == right.dtype and left.tolist() == right.tolist()
    return np.array_equal(left, right, equal_nan=left.dtype.kind == "f" == right.dtype.kind)


def arrays(graph) -> list:
    return [
        getattr(arcs, part)
        for arcs in graph.layers.values()
        for part in ("offsets", "followers", "trust", "multiplicity", "probability", "weight")
    ]


# ---------------------------------------------------------------------------------- folders


@SIZES
def test_a_folder_gives_the_very_graph_back(examples):
    property_of(kept_by_a_folder, examples, graph=graphs(ids=ANYTHING, texts=ANYTHING), layered=st.booleans())


def kept_by_a_folder(graph, layered) -> None:
    if layered:
        other = from_arcs([0], [0], people=graph.people, trust=0.75, mutual=graph.mutual).arcs
        graph = replace(graph, layers={"photos/\n": graph.arcs, "chat": other})
    with tempfile.TemporaryDirectory() as folder:
        opened = open_store(write_store(graph, Path(folder, "g")))
        assert vars(opened)["fingerprint"] == graph.fingerprint
        del vars(opened)["fingerprint"]
        assert opened.fingerprint == graph.fingerprint
        assert (opened.people, opened.mutual, list(opened.layers)) == (graph.people, graph.mutual, list(graph.layers))
        assert (opened.ids.dtype, opened.ids.tolist()) == (graph.ids.dtype, graph.ids.tolist())
        assert list(opened.attributes) == list(graph.attributes)
        for name, values in graph.attributes.items():
            assert opened.attributes[name].dtype == values.dtype
            assert same_values(opened.attributes[name], values)
        for ours, theirs in zip(arrays(opened), arrays(graph), strict=True):
            if theirs is None:
                assert ours is None
                continue
            assert type(ours) is np.ndarray
            assert ours.dtype == theirs.dtype
            assert np.array_equal(ours, theirs)
            assert ours.flags.c_contiguous
            assert ours.flags.writeable, "kernels are compiled for arrays that can be written"
        assert replace(opened.report, source=opened.report.origin, origin="") == graph.report
        again = open_store(write_store(opened, Path(folder, "h")))
        assert again.fingerprint == graph.fingerprint


def test_what_is_mapped_never_changes_the_disk(tmp_path):
    folder = write_store(generate("erdos-renyi", people=20_000, mean_degree=30), tmp_path / "g")
    opened = open_store(folder)
    assert opened.arcs.followers.nbytes > store._MAPPED
    opened.arcs.followers[:] = 0
    assert open_store(folder).arcs.followers.max() > 0


def test_integers_take_the_narrowest_types_and_constants_no_file(tmp_path):
    graph = from_arcs(np.arange(299), np.arange(1, 300), attributes={"age": np.arange(300) % 90, "one": np.ones(300)})
    folder = write_store(graph, tmp_path / "g")
    stored = {path.stem: np.load(path, allow_pickle=False).dtype.str for path in folder.glob("*.npy")}
    assert stored == {"attribute-1": "|u1", "layer-1-offsets": "<u2", "layer-1-followers": "<u2"}


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 0.5])
def test_columns_of_one_number_of_any_kind(tmp_path, value):
    graph = from_arcs([0], [1], attributes={"x": np.full(2, value), "sign": np.array([0.0, -0.0])})
    opened = open_store(write_store(graph, tmp_path / "g"))
    assert str(opened.attribute("x").tolist()) == str([value, value])
    assert np.signbit(opened.attribute("sign")).tolist() == [False, True]


def test_text_that_repeats_stands_once(tmp_path):
    cities = np.array(["Oslo", "Rome"] * 500, dtype=object)
    folder = write_store(from_arcs([0], [1], people=1000, attributes={"city": cities}), tmp_path / "g")
    assert sum(path.stat().st_size for path in folder.glob("attribute-1*")) < 1400
    assert open_store(folder).attribute("city").tolist() == cities.tolist()


def test_a_million_text_ids_are_decoded_when_somebody_looks(tmp_path):
    ids = np.array([f"user{k}" for k in range(1000)], dtype=object)
    opened = open_store(write_store(from_arcs([0], [1], people=1000, ids=ids), tmp_path / "g"))
    assert callable(vars(opened)["ids"])
    assert callable(vars(opened.arcs)["trust"])
    assert opened.position("user17") == 17
    assert opened.ids is opened.ids
    with pytest.raises(AttributeError):  # frozen all the same
        opened.ids = ids


def test_a_graph_that_was_opened_can_be_sent_to_another_process(tmp_path):
    import copy

    opened = open_store(write_store(from_arcs([0], [1], ids=["ann", "bob"]), tmp_path / "g"))
    assert copy.deepcopy(opened).fingerprint == opened.fingerprint
    assert with_tie_trust(opened, "uniform").arcs.trust.max() <= 1.0


def test_attributes_that_are_no_text(tmp_path):
    strange = np.array([None, "a"], dtype=object)
    with pytest.raises(DataError, match=r"attribute 'x' of person 0 \(from 0\) is None, expected text or numbers"):
        write_store(from_arcs([0], [1], attributes={"x": strange}), tmp_path / "g")
    days = np.array(["2020-01-01", "2020-01-02"], dtype="datetime64[D]")
    with pytest.raises(DataError, match="attribute 'day' is of the type datetime64"):
        write_store(from_arcs([0], [1], attributes={"day": days}), tmp_path / "g")
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------------------- damage


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(1)
    left, right = rng.integers(0, 400, (2, 3000))
    graph = from_arcs(
        left,
        right,
        people=400,
        ids=[f"p{k}" for k in range(400)],
        trust=rng.random(3000),
        attributes={
            "city": ["Oslo", "Rome"] * 200,
            "age": rng.integers(0, 90, 400),
            "name": [f"n\n{k}" for k in range(400)],
        },
    )
    return write_store(graph, tmp_path / "g")


def test_damage_of_every_file_is_seen(folder):
    assert open_store(folder).people == 400
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 11, names
    for name in names:
        path = folder / name
        whole = path.read_bytes()
        flipped = [whole[:k] + bytes([whole[k] ^ 4]) + whole[k + 1 :] for k in (0, 60, len(whole) // 2, len(whole) - 2)]
        for bad in (b"", whole[: len(whole) // 2], whole[:-2], whole + b"\0", *flipped):
            path.write_bytes(bad)
            with pytest.raises(DataError) as caught:
                open_store(folder)
            assert caught.value.place == str(folder)
            assert caught.value.exit_code == 4
        path.unlink()
        with pytest.raises(DataError):
            open_store(folder)
        path.mkdir()
        with pytest.raises(DataError):
            open_store(folder)
        path.rmdir()
        path.write_bytes(whole)
    assert open_store(folder).people == 400


def rewritten(folder, change) -> None:
    """Change a manifest, its checksum too, as somebody else's program might."""
    path = folder / "manifest.json"
    whole = json.loads(path.read_text())
    change(whole)
    text = json.dumps(whole["graph"])
    head = json.dumps(
        {name: value for name, value in whole.items() if name != "graph"} | {"crc32": zlib.crc32(text.encode())}
    )
    path.write_text(f'{head[:-1]}, "graph": {text}}}\n')  # fmt: skip


def set_at(*keys, value):
    def change(whole):
        for key in keys[:-1]:
            whole = whole[key]
        whole[keys[-1]] = value

    return change


LAYER = ("graph", "layers", 0, 1)


def constant_of(part, value):
    def change(whole):
        column = whole["graph"]["layers"][0][1][part]
        column.update({"kind": "constant", "value": value})

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (set_at("version", value=3), "written by a newer viralsim .form 3; this one reads 2"),
        (set_at("format", value="other"), "holds something else than a graph"),
        (set_at("graph", value=[]), "not as it was written"),
        (set_at("graph", "people", value=399), "does not fit"),
        (set_at("graph", "people", value="many"), "does not fit"),
        (set_at("graph", "people", value=0), "does not fit"),
        (set_at("graph", "layers", value=[]), "does not fit"),
        (set_at("graph", "ids", value=None), "does not fit"),
        (set_at("graph", "ids", "bytes", "file", value="../../etc/passwd"), "does not fit"),
        (set_at("graph", "report", value=3), "does not fit"),
        (constant_of("multiplicity", 0), "multiplicity out of range"),
        (constant_of("trust", 1.5), "trust out of range"),
        (constant_of("trust", "much"), "does not fit"),
        (set_at(*LAYER, "followers", "type", value="object"), "does not fit"),
        (set_at(*LAYER, "followers", "stored", value="<i8"), "does not fit"),
        (set_at(*LAYER, "trust", value=None), "does not fit"),
    ],
)
def test_a_manifest_by_another_program(folder, change, message):
    rewritten(folder, change)
    with pytest.raises(DataError, match=message):
        open_store(folder)


def test_arrays_by_another_program_cannot_make_kernels_read_elsewhere(folder):
    """What has the right checksum may still be impossible."""

    def exchanged(part, values):
        path = folder / f"layer-1-{part}.npy"
        np.save(path, values)
        raw = path.read_bytes()
        facts = {"stored": values.dtype.str, "count": len(values), "size": len(raw), "crc32": zlib.crc32(raw)}
        rewritten(folder, lambda whole: whole["graph"]["layers"][0][1][part].update(facts))

    followers = np.load(folder / "layer-1-followers.npy")
    offsets = np.load(folder / "layer-1-offsets.npy")
    for part, values in (
        ("followers", np.where(np.arange(len(followers)) == 5, 400, followers)),
        ("offsets", np.where(np.arange(len(offsets)) == 5, 0, offsets)),
        ("offsets", offsets + 1),
        ("trust", np.full(len(followers), np.nan)),
        ("trust", np.full(len(followers), 1.1)),
    ):
        before = {path: path.read_bytes() for path in folder.iterdir()}
        exchanged(part, values)
        with pytest.raises(DataError):
            open_store(folder)
        for path, raw in before.items():
            path.write_bytes(raw)


def test_a_folder_that_is_no_graph(tmp_path):
    (tmp_path / "d").mkdir()
    with pytest.raises(DataError, match="this is a folder, expected a file"):
        read_graph(tmp_path / "d")
    with pytest.raises(DataError, match=r"manifest\.json is missing"):
        open_store(tmp_path / "d")
    with pytest.raises(DataError, match=r"manifest\.json is missing"):
        open_store(tmp_path / "nowhere")


# ---------------------------------------------------------------------------------- whole or not at all

WRITER = """
import sys, time
import viralsim.files, viralsim.graph.store as store
from viralsim.graph import generate
graph = generate("erdos-renyi", people=3_000, mean_degree=6, random_seed=int(sys.argv[2]))
graph.fingerprint
slow = float(sys.argv[3])
sync = viralsim.files._sync
def slowly(path):
    time.sleep(slow)
    sync(path)
viralsim.files._sync = slowly
print("ready", flush=True)
sys.stdin.readline()
store.write_store(graph, sys.argv[1], force=len(sys.argv) > 4)
print("written", flush=True)
"""


def writer(target, seed=1, slow=0.0, *, force=False):
    words = [sys.executable, "-c", WRITER, str(target), str(seed), str(slow), *(["force"] if force else [])]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n", process.communicate()[1]
    return process


def begun(process) -> None:
    process.stdin.write("go\n")
    process.stdin.flush()


def test_two_processes_at_once_both_succeed(tmp_path):
    target = tmp_path / "g"
    processes = [writer(target, slow=0.02) for _ in range(3)]
    for process in processes:
        begun(process)
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out) == (0, "written\n"), err
    assert open_store(target).people == 3000
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.long
def test_two_processes_that_replace_each_other(tmp_path):
    target = tmp_path / "g"
    write_store(generate("star", people=3), target)
    processes = [writer(target, seed, 0.01, force=True) for seed in (1, 2, 3)]
    for process in processes:
        begun(process)
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out) == (0, "written\n"), err
    assert open_store(target).people == 3000
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.long
def test_of_two_different_graphs_the_second_is_told(tmp_path):
    target = tmp_path / "g"
    slow, quick = writer(target, 1, 0.2), writer(target, 2)
    begun(slow)
    time.sleep(0.1)
    begun(quick)
    assert quick.communicate(timeout=60)[0] == "written\n"
    assert "UsageError" in slow.communicate(timeout=60)[1]
    assert open_store(target).report.origin.endswith("random_seed=2)")
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("force", [False, pytest.param(True, marks=pytest.mark.long)])
def test_killed_at_any_moment(tmp_path, force):
    """What a killed process leaves is never taken for a graph, and the next writer clears it away."""
    target = tmp_path / "g"
    if force:
        write_store(generate("star", people=3), target)
    left = 0
    for delay in (0.0, 0.01, 0.05, 0.12):
        process = writer(target, slow=0.05, force=force)
        begun(process)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        names = [path.name for path in tmp_path.iterdir() if path != target]
        assert all(name.startswith(".g.") for name in names)
        left += len(names)
        if target.exists():
            assert open_store(target).people in (3, 3000)
            assert force
    assert left > 0, "no kill hit the middle"
    write_store(generate("star", people=4), target, force=force)
    assert [path.name for path in tmp_path.iterdir()] == ["g"]
    assert open_store(target).people == 4


def test_what_a_living_process_writes_is_left_alone(tmp_path):
    target = tmp_path / "g"
    slow = writer(target, 1, 0.2)
    begun(slow)
    while not list(tmp_path.glob(".g.*/manifest.json")):
        time.sleep(0.01)
    from viralsim.files import clear_leftovers

    clear_leftovers(tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    assert slow.communicate(timeout=60)[0] == "written\n"
    assert open_store(target).people == 3000


def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch):
    target = write_store(generate("star", people=3), tmp_path / "g")

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for where, names in (("_sync", ("g", "h", "h.csv", "h.graphml")), ("_put_in_place", ("g", "h"))):
        with monkeypatch.context() as patch:
            patch.setattr(f"viralsim.files.{where}", full)
            for name in names:
                with pytest.raises(ViralsimError, match="cannot be written: No space left on device"):
                    write_graph(generate("star", people=4), tmp_path / name, force=True)
    assert list(tmp_path.iterdir()) == [target]
    assert open_store(target).people == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is full")
def test_a_disk_that_is_full_for_duckdb():
    from viralsim.graph.parquet import write_table

    for form in (".csv", ".csv.gz", ".parquet"):
        with pytest.raises(ViralsimError, match="cannot be written"):
            write_table(Path("/dev/full"), {"n": np.arange(100_000)}, form=form, place="edges.csv")


def test_a_folder_that_may_not_be_written(tmp_path, monkeypatch):
    if IS_ROOT:

        def denied(*_, **__):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

        monkeypatch.setattr(Path, "mkdir", denied)
    else:
        tmp_path.chmod(0o555)
    with pytest.raises(ViralsimError, match="cannot be written: Permission denied"):
        write_store(generate("star", people=4), tmp_path / "g")


def test_a_folder_that_cannot_be_changed_can_be_opened(folder):
    for path in (*folder.iterdir(), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    assert open_store(folder).people == 400
    folder.chmod(0o755)


def test_nothing_but_graphs_is_replaced(tmp_path, monkeypatch):
    graph = generate("star", people=3)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "me.png").write_text("")
    for force in (False, True):
        with pytest.raises(UsageError, match="holds something else than a graph"):
            write_store(graph, tmp_path / "photos", force=force)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="this is no folder"):
        write_store(graph, tmp_path / "file", force=True)
    with pytest.raises(UsageError, match="there is no folder"):
        write_store(graph, tmp_path / "a" / "b")
    (tmp_path / "empty").mkdir()
    write_store(graph, tmp_path / "empty")
    with pytest.raises(UsageError, match="there is a graph already"):
        write_store(graph, tmp_path / "empty")
    write_store(generate("star", people=5), tmp_path / "empty", force=True)
    assert open_store(tmp_path / "empty").people == 5
    monkeypatch.chdir(tmp_path / "photos")
    with pytest.raises(UsageError, match="you are in this folder"):
        write_store(graph, ".", force=True)


# ---------------------------------------------------------------------------------- wherever a graph is named


def test_a_folder_is_opened_wherever_a_file_is(tmp_path):
    graph = from_arcs([0, 1, 2], [1, 2, 0], ids=["ann", "bob", "cem"], trust=[0.1, 0.2, 0.3])
    folder = tmp_path / "club"
    assert write_graph(graph, folder) == ()
    network = read_scenario_on(tmp_path, f'file = "{folder}"').network
    for opened in (read_graph(folder), open_graph(folder), load_network(network)):
        assert opened.fingerprint == graph.fingerprint
        assert (opened.report.source, opened.report.origin) == (str(folder), "arrays")
    trusted = open_graph(folder, tie_trust="overlap:low=0.2,high=0.9")
    assert trusted.fingerprint == with_tie_trust(graph, "overlap", low=0.2, high=0.9).fingerprint


def read_scenario_on(folder, network):
    path = folder / "own.toml"
    rest = '[item.content]\nstickiness = 0\n[plan.a.wave.b]\nstrategy = "random"\ncount = 1\n'
    path.write_text(f"[network]\n{network}\n{rest}")
    return read_scenario(path)


def test_options_that_make_no_sense_with_a_folder(tmp_path):
    folder = tmp_path / "club"
    write_graph(from_arcs([0], [1]), folder)
    for options in (
        {"direction": "follows"},
        {"trust": 0.25},
        {"header": True},
        {"merge": "max"},
        {"source_column": 1},
    ):
        (name,) = options
        with pytest.raises(UsageError, match=f"{name} says how a file of arcs is read") as caught:
            read_graph(folder, **options)
        assert caught.value.place == str(folder)
        with pytest.raises(UsageError, match=f"{name} says"):
            open_graph(folder, **options)
    with pytest.raises(UsageError, match="direction says"):
        open_graph(folder, direction="mutual")  # the usual one, but given
    with pytest.raises(ScenarioError, match="trust_column: trust_column says"):
        load_network(read_scenario_on(tmp_path, f'file = "{folder}"\ntrust_column = 3').network)
    (tmp_path / "people.csv").write_text("id,city\n1,Oslo\n0,Rome\n")
    joined = read_graph(folder, people=tmp_path / "people.csv")
    assert joined.attribute("city").tolist() == ["Rome", "Oslo"]


# ---------------------------------------------------------------------------------- other forms


def compared(graph, back, notes) -> None:
    """Everything is the same, or a note names it."""
    said = "\n".join(notes)
    assert back.people == graph.people
    if "all ids are text that looks like integers" in said:
        event("ids became integers")
        assert back.ids.tolist() == [int(one) for one in graph.ids.tolist()]
    else:
        assert (back.ids.dtype, back.ids.tolist()) == (graph.ids.dtype, graph.ids.tolist())
    assert back.mutual == graph.mutual
    for part in ("offsets", "followers", "trust", "weight", "probability"):
        ours, theirs = getattr(graph.arcs, part), getattr(back.arcs, part)
        assert (ours is None) == (theirs is None)
        assert ours is None or np.array_equal(ours, theirs), part
    if "multiplicity" not in said:
        assert np.array_equal(graph.arcs.multiplicity, back.arcs.multiplicity)
    for name, values in graph.attributes.items():
        if f"attribute '{name}'" in said or f"attribute {name!r}" in said:
            event("an attribute that the notes name")
            continue
        assert name in back.attributes, (name, notes)
        assert same_values(back.attributes[name], values), (name, values, back.attributes[name])
    report = back.report
    assert report.rows == report.kept + report.self_loops + report.merged


def read_again(graph, path, **options):
    if not graph.mutual:
        options["direction"] = graph.report.direction
    for what in ("weight", "probability"):
        if getattr(graph.arcs, what) is not None:
            options[f"{what}_column"] = what
    return read_graph(path, trust_column="trust", **options)


@SIZES
@pytest.mark.parametrize("form", [".csv", ".csv.gz", ".parquet", ".graphml"])
def test_other_forms_keep_what_no_note_names(form, examples):
    property_of(lambda graph: kept_by(form, graph), examples, graph=graphs())


@SIZES
@pytest.mark.parametrize("form", [".csv", ".parquet", ".graphml"])
def test_text_that_a_form_cannot_hold_is_refused_or_kept(form, examples):
    property_of(lambda graph: kept_by(form, graph), examples, graph=graphs(ids=ANYTHING, texts=ANYTHING))


def kept_by(form, graph) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, people = Path(folder, f"edges{form}"), Path(folder, f"people{form}")
        options = {"people": people, "people_id_column": 1} if form != ".graphml" else {}
        if form.startswith(".csv"):
            options["people_header"] = True
        try:
            notes = write_graph(graph, path, options.get("people"))
        except DataError as error:
            event("refused")
            if "cannot hold" not in error.message:
                raise
            assert not list(Path(folder).iterdir())
            return
        event("written")
        compared(graph, read_again(graph, path, **options), notes)


@SIZES
def test_networkx_and_back(examples):
    property_of(kept_by_networkx, examples, graph=graphs(ids=ANYTHING, texts=ANYTHING))


def kept_by_networkx(graph) -> None:
    assume("" not in graph.ids.tolist())  # a node without a name is nobody
    made = to_networkx(graph)
    options = {what: what for what in ("weight", "probability") if getattr(graph.arcs, what) is not None}
    back = from_networkx(made, trust="trust" if len(graph.arcs) else 0.25, **options)
    assert back.ids.tolist() == graph.ids.tolist()
    for part in ("offsets", "followers", "trust", *options):
        assert np.array_equal(getattr(back.arcs, part), getattr(graph.arcs, part))
    assert list(back.attributes) == list(graph.attributes)


def test_several_platforms_are_a_multigraph():
    graph = from_arcs([0, 1], [1, 2], mutual=True)
    made = to_networkx(replace(graph, layers={"photos": graph.arcs, "chat": graph.arcs}))
    assert sorted(made.edges(data="platform")) == [(0, 1, "chat"), (0, 1, "photos"), (1, 2, "chat"), (1, 2, "photos")]


def test_several_platforms_have_a_column(tmp_path):
    graph = from_arcs([0, 1], [1, 2])
    notes = write_graph(replace(graph, layers={"photos": graph.arcs, "chat": graph.arcs}), tmp_path / "e.csv")
    assert (tmp_path / "e.csv").read_text().splitlines() == [
        "source,target,trust,multiplicity,platform",
        '0,1,0.5,1,"photos"',
        '0,1,0.5,1,"chat"',
        '1,2,0.5,1,"photos"',
        '1,2,0.5,1,"chat"',
    ]
    assert any("platforms: photos, chat" in note for note in notes)


@pytest.mark.parametrize("name", ["graph", "e.csv", "e.csv.gz", "e.parquet", "e.graphml"])
@pytest.mark.parametrize("mutual", [True, False])
def test_platforms_read_back(tmp_path, name, mutual):
    graph = from_arcs(
        [0, 0, 1, 3, 0],
        [1, 1, 2, 1, 1],
        people=6,
        trust=[0.25, 0.5, 0.75, 1.0, 0.5],
        platform=["chat", "photos", "photos", "a b", "chat"],
        mutual=mutual,
    )
    notes = write_graph(graph, tmp_path / name)
    options = {"trust_column": "trust", "platform_column": "platform", "direction": graph.report.direction}
    back = read_graph(tmp_path / name, **({} if name == "graph" else options))
    assert back.ids.tolist() == graph.ids.tolist()
    assert sorted(back.layers) == ["a b", "chat", "photos"]
    for layer, arcs in graph.layers.items():
        assert np.array_equal(back.layers[layer].followers, arcs.followers)
        assert np.array_equal(back.layers[layer].offsets, arcs.offsets)
        assert np.array_equal(back.layers[layer].trust, arcs.trust)
    assert name == "graph" or "--platform-column platform" in notes[-1]


def test_a_graph_that_was_read_needs_no_rows_of_self_loops(tmp_path):
    """Any graph from an edge list has an order of rows that gives its order of people."""
    rng = np.random.default_rng(5)
    for direction in ("mutual", "follows", "influences"):
        rows = rng.integers(0, 60, (80, 2))
        (tmp_path / "in.csv").write_text("\n".join(f"{a},{b}" for a, b in rows.tolist() if a != b) + "\n")
        graph = read_graph(tmp_path / "in.csv", direction=direction)
        notes = write_graph(graph, tmp_path / "out.csv", force=True)
        assert not any("tie" in note and "themselves" in note for note in notes)
        back = read_again(graph, tmp_path / "out.csv")
        assert (back.report.self_loops, back.fingerprint == graph.fingerprint) == (
            0, graph.arcs.multiplicity.max() == 1)  # fmt: skip
        assert back.ids.tolist() == graph.ids.tolist()


def test_notes_say_what_is_lost_and_how_to_read_back(tmp_path):
    graph = from_arcs([1, 1, 2], [0, 0, 1], ids=["1", "2", "3"], attributes={"zip": ["1", "2", "3"], "id": [1, 2, 3]})
    notes = write_graph(graph, tmp_path / "e.csv", tmp_path / "p.csv")
    assert notes == (
        "1 row ties a person to themselves: it keeps people in order, and readers drop and count it",
        "all ids are text that looks like integers; read back they are integers (a folder keeps them as text)",
        "multiplicity is written, but no importer reads it back (a folder keeps it)",
        "attribute 'zip' is text that looks like numbers or truths; read back from CSV it becomes these "
        "(Parquet and a folder keep it)",
        f"read it back with: viralsim graph info {tmp_path / 'e.csv'} --direction influences --trust-column trust "
        f"--people {tmp_path / 'p.csv'} --people-id-column 1",
    )
    assert "attributes are not written (zip, id)" in "\n".join(write_graph(graph, tmp_path / "f.csv"))


@pytest.mark.parametrize(
    ("path", "people", "message"),
    [
        ("g.gexf", None, "graphs are written as"),
        ("g.txt", None, "graphs are written as"),
        ("g.csv.bz2", None, "graphs are written as"),
        ("g", "p.csv", "a folder holds people with the arcs"),
        ("g.graphml", "p.csv", "GraphML holds people with the arcs"),
        ("g.csv", "p.graphml", "a table of people is written as"),
        ("g.csv", "g.csv", "different files"),
        ("there.csv", None, "exists already"),
        ("g.csv", "there.csv", "exists already"),
        ("no/g.csv", None, "there is no folder"),
    ],
)
def test_where_nothing_can_be_written(tmp_path, monkeypatch, path, people, message):
    monkeypatch.chdir(tmp_path)
    Path("there.csv").write_text("")
    with pytest.raises(UsageError, match=message):
        write_graph(from_arcs([0], [1]), path, people)
    assert [entry.name for entry in Path().iterdir()] == ["there.csv"]


# ---------------------------------------------------------------------------------- the cache


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VIRALSIM_GRAPH_CACHE", str(tmp_path / "kept"))
    monkeypatch.setattr("viralsim.graph.cache.LEAST_BYTES", 20)
    return tmp_path / "kept"


@pytest.fixture
def edges(tmp_path):
    path = tmp_path / "edges.csv"
    path.write_text("who,whom,r\n" + "".join(f"{k},{k * 7 % 50},{k / 50}\n" for k in range(50)))
    (tmp_path / "people.csv").write_text(
        "id,city\n" + "".join(f"{k},{'Oslo' if k % 2 else 'Rome'}\n" for k in range(50))
    )
    return path


def entries(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_cache_gives_the_same_graph(cache, edges):
    options = {"direction": "follows", "trust_column": "r", "people": str(edges.parent / "people.csv")}
    first, second = (open_graph(edges, **options) for _ in range(2))
    assert (first.report.cached, second.report.cached) == (False, True)
    assert replace(second.report, cached=False) == first.report
    assert second.fingerprint == first.fingerprint == read_graph(edges, **options).fingerprint
    del vars(second)["fingerprint"]
    assert second.fingerprint == first.fingerprint
    assert len(entries(cache)) == 1


def test_whatever_can_change_the_graph_is_part_of_the_key(cache, edges):
    people = edges.parent / "people.csv"
    calls = [
        {}, {"direction": "follows"}, {"trust_column": "r"}, {"trust_column": 3}, {"tie_trust": "overlap"},
        {"tie_trust": "overlap:low=0.3"}, {"trust": 0.25}, {"people": str(people)}, {"merge": "max"},
    ]  # fmt: skip
    for number, options in enumerate(calls, 1):
        assert not open_graph(edges, **options).report.cached
        assert len(entries(cache)) == number
    assert all(open_graph(edges, **options).report.cached for options in calls)
    people.write_text(people.read_text().replace("Oslo", "Bern"))
    fresh = open_graph(edges, people=str(people))
    assert not fresh.report.cached
    assert "Bern" in fresh.attribute("city")
    edges.write_text(edges.read_text() + "50,51,1\n")
    assert not open_graph(edges).report.cached
    assert open_graph(edges).people == 52


def test_a_file_that_changes_while_it_is_read_is_not_kept(cache, edges):
    from viralsim.graph.cache import cached

    def reading():
        graph = read_graph(edges)
        edges.write_text(edges.read_text() + "51,52,1\n")
        return graph

    cached([str(edges)], {}, reading)
    assert entries(cache) == []


def test_damaged_entries_are_made_anew(cache, edges):
    open_graph(edges)
    (entry,) = cache.iterdir()
    for name in sorted(path.name for path in entry.iterdir()):
        path = entry / name
        path.write_bytes(path.read_bytes()[:-3])
        assert not open_graph(edges).report.cached
        assert open_graph(edges).report.cached
        path.unlink()
        assert not open_graph(edges).report.cached
        assert open_graph(edges).report.cached
    assert entries(cache) == [entry.name]


def test_a_cache_that_cannot_be_kept_costs_time_alone(cache, edges, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("viralsim.files._sync", full)
        assert not open_graph(edges).report.cached
    assert entries(cache) == []
    for value in ("off", "OFF", "no"):
        monkeypatch.setenv("VIRALSIM_GRAPH_CACHE", value)
        assert not open_graph(edges).report.cached
    assert entries(cache) == []
    nowhere = "/dev/null/x"
    monkeypatch.setenv("VIRALSIM_GRAPH_CACHE", nowhere)
    monkeypatch.setenv("HOME", nowhere)
    monkeypatch.setenv("XDG_CACHE_HOME", nowhere)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: nowhere)
    assert not open_graph(edges).report.cached


def test_the_cache_is_bounded_and_forgets_what_was_unused_for_longest(cache, edges, monkeypatch):
    sizes = []
    for k in range(3):
        graph = open_graph(edges, trust=k / 10)
        sizes.append(store.stored_bytes(graph))
    names = {path.name: path for path in cache.iterdir()}
    assert len(names) == 3
    old = time.time() - 1000
    order = list(names.values())
    for k, path in enumerate(order):
        os.utime(path, (old + k, old + k))
    taken = sum(part.stat().st_size for path in order for part in path.iterdir())
    monkeypatch.setattr("viralsim.graph.cache.MOST_BYTES", taken + sizes[0] - 1)
    open_graph(edges, trust=0.9)
    assert not order[0].exists()
    assert order[1].exists()
    assert order[2].exists()
    assert len(entries(cache)) == 3
    monkeypatch.setattr("viralsim.graph.cache.MOST_BYTES", 10)
    assert not open_graph(edges, trust=0.8).report.cached
    assert len(entries(cache)) == 3


def test_an_entry_that_is_used_is_young_again(cache, edges):
    open_graph(edges)
    (entry,) = cache.iterdir()
    os.utime(entry, (1, 1))
    open_graph(edges)
    assert entry.stat().st_mtime > 1


def test_leftovers_of_the_cache_are_cleared(cache, edges):
    cache.mkdir(mode=0o700)
    (cache / ".0123456789abcdef.89abcdef.new").mkdir()
    open_graph(edges)
    assert len(entries(cache)) == 1


def test_small_files_and_pipes_are_not_kept(cache, edges, monkeypatch):
    monkeypatch.setattr("viralsim.graph.cache.LEAST_BYTES", 10_000)
    assert not open_graph(edges).report.cached
    assert not open_graph(edges).report.cached
    assert not cache.exists()


def test_the_network_of_a_scenario_is_kept_with_its_trust(cache, edges):
    network = read_scenario_on(
        edges.parent, f'file = "{edges}"\ntie_trust = {{ from = "overlap", high = 0.9 }}'
    ).network
    first, second = load_network(network), load_network(network)
    assert (first.report.cached, second.report.cached) == (False, True)
    assert np.array_equal(first.arcs.trust, second.arcs.trust)
    assert second.fingerprint == first.fingerprint
    edges.with_name("club").mkdir()
    assert math.isclose(float(second.arcs.trust.max()), float(first.arcs.trust.max()))
    shutil.rmtree(cache)
    assert not load_network(network).report.cached


def test_people_join_what_was_opened(tmp_path):
    folder = write_store(from_arcs([0], [1], ids=["ann", "bob"]), tmp_path / "g")
    (tmp_path / "people.csv").write_text("id,age\nbob,3\ncem,4\n")
    joined = join_people(open_store(folder), tmp_path / "people.csv")
    assert joined.ids.tolist() == ["ann", "bob", "cem"]
