"""A table of people joined to a graph: nobody is lost, nothing is made up, everything odd is said."""

import gzip
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viralsim.engine import compile_campaign
from viralsim.errors import DataError, UsageError, ViralsimError
from viralsim.graph import from_arcs, graph_info, graph_info_lines, join_people, load_network, read_graph
from viralsim.outcome import simulate
from viralsim.scenario import scenario_from_text


def joined(folder, text, graph=None, **options):
    file = folder / "people.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return join_people(graph or from_arcs([0, 1], [1, 2], ids=["ann", "bob", "cem"]), file, **options)


def test_types(tmp_path):
    text = (
        "id,age,height,zip,city,vip,code,mixed,big\n"
        "ann,31,1.5,0150,Oslo,True,NA,1,9007199254740993\n"
        "bob,-4,2,9000,Rome,false,x,two,1\n"
        "cem,0,.5,1000,,TRUE,,3,2\n"
    )
    graph = joined(tmp_path, text)
    found = {name: (values.dtype.kind, values.tolist()) for name, values in graph.attributes.items()}
    assert found == {
        "age": ("i", [31, -4, 0]),
        "height": ("f", [1.5, 2.0, 0.5]),
        "zip": ("O", ["0150", "9000", "1000"]),
        "city": ("O", ["Oslo", "Rome", ""]),
        "vip": ("b", [True, False, True]),
        "code": ("O", ["NA", "x", ""]),
        "mixed": ("O", ["1", "two", "3"]),
        "big": ("i", [9007199254740993, 1, 2]),
    }


def test_missing_stays_missing(tmp_path):
    text = "id,age,big,vip\nbob,,9007199254740993,True\ncem,7,,\n"
    graph = joined(tmp_path, text)
    age = graph.attribute("age")
    assert np.isnan(age[:2]).all()
    assert age[2] == 7
    assert graph.attribute("big").tolist() == ["", "9007199254740993", ""]  # a float would have changed it
    assert graph.attribute("vip").tolist() == ["", "True", ""]
    text = "id,age\nann,NA\nbob,n/a\ncem,7\n"
    assert np.isnan(joined(tmp_path, text).attribute("age")).tolist() == [True, True, False]


def test_both_sides_are_counted_and_named(tmp_path):
    graph = joined(tmp_path, "id,city\nzoe,Bern\ncem,Oslo\nyan,Rome\n")
    assert graph.ids.tolist() == ["ann", "bob", "cem", "zoe", "yan"]
    assert graph.attribute("city").tolist() == ["", "", "Oslo", "Bern", "Rome"]
    assert graph.arcs.offsets.tolist() == [0, 1, 2, 2, 2, 2]
    assert graph.position("yan") == 4
    report = graph.report
    assert (report.people_rows, report.only_in_table, report.not_in_table) == (3, 2, 2)
    assert report.notes == (
        f"1 of 3 people in the table {tmp_path / 'people.csv'} are in the arcs",
        "2 people of the table are not in the arcs and stay isolated: zoe, yan",
        "2 people of the arcs are not in the table, their attributes are missing: ann, bob",
    )
    info = graph_info(graph)
    assert (info["people_rows"], info["only_in_table"], info["not_in_table"], info["isolated"]) == (3, 2, 2, 2)
    assert "  note: 2 people of the table are not in the arcs and stay isolated: zoe, yan" in graph_info_lines(graph)


def test_ids(tmp_path):
    numbers = from_arcs([0, 1], [1, 2], ids=[7, 8, 9])
    graph = joined(tmp_path, "9,1\n12,2\n7,3\n", numbers)
    assert graph.ids.dtype == np.int64
    assert graph.ids.tolist() == [7, 8, 9, 12]
    assert graph.attribute("column 2")[[0, 2, 3]].tolist() == [3, 1, 2]
    graph = joined(tmp_path, "id,x\n9,1\n007,2\n", numbers)  # "007" is not 7
    assert graph.ids.tolist() == ["7", "8", "9", "007"]
    assert "ids are text, because '007'" in graph.report.notes[-1]
    assert joined(tmp_path, "id,x\n9,1\n99999999999999999999,2\n", numbers).ids[3] == "99999999999999999999"


def test_arcs_and_the_graph_itself_stay(tmp_path):
    before = from_arcs([0, 1], [1, 2], ids=["ann", "bob", "cem"], trust=[0.25, 0.75], attributes={"x": [1, 2, 3]})
    after = joined(tmp_path, "id,y\nann,1\ndan,2\n", before)
    assert before.people == 3
    assert list(before.attributes) == ["x"]
    assert after.arcs.followers is before.arcs.followers
    assert after.arcs.trust is before.arcs.trust
    assert after.attribute("x").tolist()[:3] == [1, 2, 3]
    assert np.isnan(after.attribute("x")[3])
    assert after.fingerprint != before.fingerprint
    again = joined(tmp_path, "id,x\nann,5\nbob,6\ncem,7\n", before)
    assert again.attribute("x").tolist() == [5, 6, 7]
    assert "attribute 'x' was known before" in again.report.notes[-1]


@pytest.mark.parametrize(
    ("text", "options", "names"),
    [
        ("ann\tOslo\nbob\tRome\n", {}, ["column 2"]),  # ann is in the arcs: no header
        ("who\tcity\nbob\tRome\n", {}, ["city"]),
        ("name;age\nbob;3\n", {}, ["age"]),
        ("bob 3\ncem 4\n", {}, ["column 2"]),
        ("city,id\nRome,bob\n", {}, ["city"]),
        ("city,who\nRome,bob\n", {"id_column": "who"}, ["city"]),
        ("city,who\nRome,bob\n", {"id_column": 2}, ["city"]),
        ("city,who\nRome,bob\n", {"id_column": "2"}, ["city"]),
        ("zoe,Bern\nbob,Rome\n", {"header": False}, ["column 2"]),
        ("ann,Bern\nbob,Rome\n", {"header": True}, ["Bern"]),
        ("\ufeffid,city\r\nbob,Rome\r\n", {}, ["city"]),
        ("# people\n\nid,city\n#\nbob,Rome\n", {}, ["city"]),
        ("id|city|\nbob|Rome|1\n", {}, ["city", "column 3"]),
        ('"id","the city"\n"bob","Rome, ""old"""\n', {}, ["the city"]),
        ("id\nbob\nzoe\n", {}, []),
    ],
)
def test_dialects_and_headers(tmp_path, text, options, names):
    graph = joined(tmp_path, text, **options)
    assert list(graph.attributes) == names
    assert "bob" in graph.ids


@pytest.mark.parametrize(
    ("text", "options", "line", "message"),
    [
        ("", {}, None, "the file is empty"),
        ("# nothing\n\n", {}, None, "there are no rows of people"),
        ("id,x\n", {"header": True}, None, "there are no rows of people"),
        ("id,x\nann,1\nbob,2\n\nann,3\n", {}, 5, "the id 'ann' is there twice, on lines 2 and 5"),
        ("id,x\nann,1\n,2\n", {}, 3, "the id (column 'id') is empty, expected one"),
        ("id,x\nann,1\nbob\n", {}, 3, "expected 2 columns, found 1"),
        ("id,x\nann,1\nbob,2,3\n", {}, 3, "expected 2 columns, found 3"),
        ("id,x,x\nann,1,2\nbob,2,3\n", {}, 1, "several columns are called 'x'"),
        ("id,x\nann,1\nbob,2\n", {"id_column": "idd"}, 1, "there is no column 'idd' for people_id_column"),
        ("id,x\nann,1\nbob,2\n", {"id_column": 3}, 1, "there is no column 3 for people_id_column"),
        ("id,x\nann,1\nbob,2\n", {"id_column": 0}, 1, "there is no column 0 for people_id_column"),
        ("id,x\n1,1\n2,2\n", {}, None, "none of the 2 ids in column 'id' is in the network (arrays)"),
        ('id,x\nann,"1\nbob,2\n', {}, 2, "a double quote does not close"),
        (b"id,x\nann,1\nb\xff,2\n", {}, 3, "this is not UTF-8 text"),
        (b"id,x\nann,\x001\n", {}, 2, "this is a binary file"),
        (gzip.compress(b"id,x\nann,1\n" * 50)[:26], {}, None, "truncated"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, text, options, line, message):
    with pytest.raises(DataError) as caught:
        joined(tmp_path, text, **options)
    assert message in caught.value.message
    place = str(tmp_path / "people.csv")
    assert caught.value.place == (place if line is None else f"{place}:{line}")


def test_another_column_holds_the_ids(tmp_path):
    with pytest.raises(DataError) as caught:
        joined(tmp_path, "id,name\n1,ann\n2,bob\n")
    assert caught.value.hint == "column 'name' holds ids of the network: name it as people_id_column"


def test_no_file(tmp_path):
    with pytest.raises(DataError, match="there is no such file"):
        join_people(from_arcs([0], [1]), tmp_path / "no.csv")


words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters='",#'), min_size=1)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(words, words), min_size=1, max_size=30, unique_by=lambda row: row[0]), st.data())
def test_every_row_finds_its_person(tmp_path_factory, rows, data):
    ids = data.draw(st.lists(st.sampled_from([row[0] for row in rows]), min_size=1, unique=True))
    ids += data.draw(st.lists(words, max_size=3, unique=True).map(lambda more: [w for w in more if w not in ids]))
    graph = from_arcs(range(len(ids)), [0] * len(ids), ids=np.array(ids, dtype=object))
    text = "id,value\n" + "".join(f"{a},v{b}\n" for a, b in rows)
    made = joined(tmp_path_factory.mktemp("people"), text, graph, header=True)
    values = dict(zip(made.ids.tolist(), made.attribute("value").tolist(), strict=True))
    table = {a: f"v{b}" for a, b in rows}
    assert values == {person: table.get(person, "") for person in [*ids, *table]}
    assert made.ids.tolist() == ids + [a for a, _ in rows if a not in ids]


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text('ab1,;\t\n"# .é', max_size=200).map(str.encode)))
def test_any_bytes_are_read_or_refused(tmp_path_factory, raw):
    try:
        graph = joined(tmp_path_factory.mktemp("any"), raw, from_arcs([0, 1], [1, 2], ids=["a", "b", "1"]))
    except ViralsimError as error:
        assert_said(error)
    else:
        assert all(len(values) == graph.people for values in graph.attributes.values())


def assert_said(error):
    assert error.message
    assert error.place


SCENARIO = """
[network]
file = "ties.csv"
people_file = "tables/people.csv"
direction = "influences"
trust_column = "rating"
trust_map = "(r + 10) / 20"

[item.post]
stickiness = "50%"

[plan.one.wave.start]
strategy = "random"
count = 1
where = { city = "Oslo" }
[plan.each.wave.start]
strategy = "random"
count = 1
per = "city"
"""


def write_all(folder):
    (folder / "tables").mkdir()
    (folder / "tables" / "people.csv").write_text("id,city\nann,Oslo\nbob,Rome\ndan,Oslo\n")
    (folder / "ties.csv").write_text("who,whom,rating\nann,bob,10\nbob,cem,-10\ncem,ann,5\nann,bob,0\n")
    (folder / "plan.toml").write_text(SCENARIO)
    return folder / "plan.toml"


def test_a_scenario_uses_them(tmp_path):
    from viralsim.scenario import read_scenario

    scenario = read_scenario(write_all(tmp_path))
    graph = load_network(scenario.network)
    assert graph.ids.tolist() == ["ann", "bob", "cem", "dan"]
    assert graph.arcs.trust.tolist() == [0.75, 0.0, 0.75]  # ann -> bob: the mean of 1 and 0.5
    assert graph.report.trust == "column 3 'rating', mapped by (r + 10) / 20"
    assert scenario_from_text(scenario.toml()).network == scenario.network
    outcome = simulate(scenario, plan="each", graph=graph, realisations=20)
    assert outcome.engaged.mean >= 2
    assert compile_campaign(scenario, graph, "one").scenario_hash


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("r/10", "trust is -1, expected a number from 0 to 1: trust_map r/10 of r = -10"),
        ("1/(r-5)", "trust is -0.0666667, expected a number from 0 to 1: trust_map 1/(r-5) of r = -10"),
        ("0/(r+10)", "trust is nan, expected a number from 0 to 1: trust_map 0/(r+10) of r = -10"),
    ],
)
def test_a_map_that_leaves_the_range_names_row_and_value(tmp_path, formula, message):
    write_all(tmp_path)
    with pytest.raises(DataError) as caught:
        read_graph(tmp_path / "ties.csv", trust_column="rating", trust_map=formula)
    assert caught.value.message == message
    assert caught.value.place == f"{tmp_path / 'ties.csv'}:3"


def test_map_alone_or_wrong(tmp_path):
    write_all(tmp_path)
    with pytest.raises(UsageError, match="trust_map needs a trust_column"):
        read_graph(tmp_path / "ties.csv", trust_map="r/2")
    with pytest.raises(UsageError, match="at the end of 'r/'"):
        read_graph(tmp_path / "ties.csv", trust_column=3, trust_map="r/")
    (tmp_path / "ties.csv").write_text("a,b,c\n1,2,many\n")
    with pytest.raises(DataError, match=r"trust is 'many', expected a number$"):
        read_graph(tmp_path / "ties.csv", trust_column=3, trust_map="r/2", header=True)


def test_codes_that_mean_missing(tmp_path):
    """Facebook100 writes 0 for whatever a student did not say; without the option dorm 0 is the largest dorm."""
    text = "id,dorm,sex,note\nann,0,?,0\nbob,12,m,x\ncem,0,f,?\n"
    plain = joined(tmp_path, text)
    assert plain.attribute("dorm").tolist() == [0, 12, 0]
    graph = joined(tmp_path, text, missing=("0", "?", "-9"))
    assert np.isnan(graph.attribute("dorm")).tolist() == [True, False, True]
    assert graph.attribute("sex").tolist() == ["", "m", "f"]
    assert graph.attribute("note").tolist() == ["", "x", ""]
    assert graph.report.notes[1:] == (
        "'0' counts as missing: 3 values of the table",
        "'?' counts as missing: 2 values of the table",
        "'-9' should count as missing, but no value of the table is '-9'",
    )
    # An id is never missing, whatever its code.
    numbers = joined(tmp_path, "id,age\n0,0\n1,5\n", from_arcs([0], [1]), missing="0")
    assert (numbers.ids.tolist(), numbers.report.people_rows) == ([0, 1], 2)
    assert np.isnan(numbers.attribute("age")).tolist() == [True, False]


def test_options_of_a_table_need_a_table(tmp_path):
    file = tmp_path / "edges.csv"
    file.write_text("ann,bob\n")
    for option in ({"people_missing": ["0"]}, {"people_header": True}, {"people_id_column": 1}):
        with pytest.raises(UsageError, match="belongs to a table of people"):
            read_graph(file, **option)


def test_words_that_are_also_ids_of_the_network_stay_what_they_are(tmp_path):
    """Looking for a better column of ids must not add the network's ids to a column of numbers."""
    text = "who,age\nann,1\nx,2\ny,3\nz,4\n"
    graph = joined(tmp_path, text)
    assert graph.attribute("age").dtype.kind == "f"
    assert graph.attribute("age").tolist()[3:] == [2, 3, 4]


@pytest.mark.parametrize("pack", ["gzip", "bz2", "lzma"])
def test_a_table_that_unpacks_to_far_too_much_is_refused(tmp_path, pack):
    import importlib

    packed = importlib.import_module(pack).compress(b"ann,Oslo\n" * (5 << 20))
    with pytest.raises(DataError, match=r"unpacks to more than \d+ MB, [\d,]+ times what was read") as caught:
        joined(tmp_path, packed)
    assert "unpack it first" in caught.value.hint


_MEMORY = """
import pathlib, sys
from viralsim.graph import from_arcs, join_people

def peak():
    text = pathlib.Path("/proc/self/status").read_text()
    return int(text.split("VmHWM:")[1].split()[0]) << 10

small, large = sys.argv[1:]
import numpy as np
join_people(from_arcs([0], [1], ids=["user 0", "user 1"]), small)
rows = 300_000
graph = from_arcs(np.arange(rows - 1), np.arange(1, rows), ids=[f"user {i}" for i in range(rows)])
before = peak()
join_people(graph, large)
print(peak() - before)
"""


@pytest.mark.long
def test_a_table_needs_little_more_memory_than_its_size(tmp_path):
    """Python strings for every field took seven times the file: 130 MB for these 18 MB."""
    row = "user {},City of Number {},a job with number {},{}\n"
    for name, rows in (("small", 2), ("large", 300_000)):
        text = "id,city,job,age\n" + "".join(row.format(i, i % 500, i % 60, i % 90) for i in range(rows))
        (tmp_path / name).write_text(text)
    call = [sys.executable, "-c", _MEMORY, str(tmp_path / "small"), str(tmp_path / "large")]
    grown = int(subprocess.run(call, capture_output=True, text=True, check=True).stdout)
    size = (tmp_path / "large").stat().st_size
    assert grown < 4 * size + (24 << 20), (grown, size)  # blocks of 8 MB and their places come on top


def test_comments_longer_than_a_sample_come_before_the_rows(tmp_path):
    """Beyond 256 kB of comments the first row was refused: expected 0 columns, found 1."""
    for comments in ("#" * 300_000 + "\n", "# from the register\n" * 20_000):
        graph = joined(tmp_path, comments + "id,age\nann,31\nbob,40\ncem,7\n")
        assert graph.attribute("age").tolist() == [31, 40, 7]


def test_long_ids_and_names_are_cut_in_what_is_said(tmp_path):
    """A note named ids of 20,000 characters in full, and the line of columns that are not read had 437,906."""
    long = "x" * 20_000
    graph = joined(tmp_path, f"id,{long}\nann,1\n{long},2\n")
    assert max(map(len, graph_info_lines(graph))) < 500
    assert graph.position(long) == 3
    wide = tmp_path / "wide.csv"
    wide.write_text("a,b" + ",c" * 20_000 + "\n")
    lines = graph_info_lines(read_graph(wide))
    assert max(map(len, lines)) < 1_000
    assert any("(20,000 in all)" in line for line in lines)


def test_a_table_of_endless_columns_is_refused(tmp_path):
    """Each column set 50 kB aside: 25 GB for a line of 1 MB."""
    with pytest.raises(DataError, match=r"people\.csv: 20,000 columns are more than viralsim reads of people"):
        joined(tmp_path, "," * 19_999 + "\n")


def test_the_table_of_another_network_is_doubted(tmp_path):
    """A table that 88% of the people were not in passed, and "what looks wrong" was "nothing"."""
    arcs = from_arcs(range(40), [(i + 1) % 40 for i in range(40)])
    few = joined(tmp_path, "id,x\n" + "".join(f"{i},1\n" for i in range(10)), arcs)
    doubt = "75% of the people of the arcs are not in the table of people: is it the table of another network?"
    assert few.report.notes[-1] == doubt
    assert doubt in graph_info(few)["health"]["wrong"]
    many = joined(tmp_path, "id,x\n" + "".join(f"{i},1\n" for i in range(120)), arcs)
    assert many.report.notes[-1].startswith("67% of the people of the table are not in the arcs: is it")
    fits = joined(tmp_path, "id,x\n" + "".join(f"{i},1\n" for i in range(5, 45)), arcs)
    assert not any("another network" in text for text in (*fits.report.notes, *graph_info(fits)["health"]["wrong"]))


def test_one_stranger_is_told_in_the_singular(tmp_path):
    notes = joined(tmp_path, "id,city\nzoe,Bern\nann,Oslo\nbob,Rome\ncem,Rome\n").report.notes
    assert notes[1] == "1 person of the table is not in the arcs and stays isolated: zoe"


def test_a_column_of_ids_by_name_where_there_are_no_names(tmp_path):
    """The ids of the first person were listed as names of columns."""
    numbers = from_arcs([0, 1], [1, 2], ids=[7, 8, 9])
    with pytest.raises(DataError) as error:
        joined(tmp_path, "7,31\n8,25\n", numbers, id_column="person")
    assert "the first row holds numbers, so it seems that the table has no column names" in str(error.value)
    assert "give its number, from 1 to 2" in error.value.hint
