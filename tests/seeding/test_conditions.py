"""The language of `where`: who meets it, as a plain Python predicate says it, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st
from scenes import scene

from viralsim.errors import DataError, ScenarioError
from viralsim.graph import from_arcs
from viralsim.scenario.conditions import Range, read_where
from viralsim.scenario.units import BadValueError
from viralsim.seeding.eligible import people_where

STEADY = settings(max_examples=300, deadline=None, derandomize=True)

BOUNDS = st.sampled_from(["-1", "0", "1", "2", "2.5", "3", "7", "1e1", "-0.5"])
RANGES = st.one_of(
    st.tuples(st.sampled_from([">=", "<=", ">", "<", ">= "]), BOUNDS).map("".join),
    st.tuples(BOUNDS, BOUNDS).map(lambda ends: "..".join(sorted(ends, key=float))),
)
CITIES = st.sampled_from(["oslo", "rome", "bonn", "2..3"])
NUMBERS = st.sampled_from([0, 1, 2, 2.5, 3, "1", "3"])


def several(values):
    return st.one_of(values, st.lists(values, min_size=1, max_size=3))


# "2..3" by itself is a range, and would ask for numbers of a city.
LEAVES = st.fixed_dictionaries(
    {},
    optional={
        "age": st.one_of(several(NUMBERS), RANGES),
        "year": st.one_of(several(NUMBERS), RANGES),
        "city": several(CITIES).filter(lambda wanted: wanted != "2..3"),
        "on": several(st.sampled_from([True, False, "true"])),
    },
)
TABLES = st.recursive(
    LEAVES.filter(bool),
    lambda inner: st.builds(
        lambda leaves, more: {**leaves, **more},
        LEAVES,
        st.fixed_dictionaries({}, optional={"any": st.lists(inner, min_size=1, max_size=3), "not": inner}),
    ).filter(bool),
    max_leaves=5,
)
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "age": st.sampled_from([0.0, 1.0, 2.0, 2.5, 3.0, 7.0, float("nan")]),
            "year": st.sampled_from(
                ["0", "1", "3", "7.0", "", "old", "nan", "inf"]
            ),  # numbers that were drawn are texts
            "city": st.sampled_from(["oslo", "rome", "2..3", ""]),
            "on": st.booleans(),
        }
    ),
    min_size=2,
    max_size=12,
)


def number_of(value):
    """A number, or None; numbers that are no numbers, and texts such as inf, are none."""
    try:
        number = float(value)
    except ValueError:
        return None
    return number if abs(number) < 1e300 else None


def meets_one(person, key, wanted):
    if key == "any":
        return any(meets(person, one) for one in wanted)
    if key == "not":
        return not meets(person, wanted)
    value = person[key]
    if isinstance(wanted, str) and (".." in wanted or wanted[0] in "<>"):
        number = number_of(value)
        if number is None:
            return False
        if ".." in wanted:
            low, high = map(float, wanted.split(".."))
            return low <= number <= high
        sign, bound = re.fullmatch("([<>]=?)(.*)", wanted).groups()
        return {
            ">=": number >= float(bound),
            "<=": number <= float(bound),
            ">": number > float(bound),
            "<": number < float(bound),
        }[sign]
    for one in wanted if isinstance(wanted, list) else [wanted]:
        if key == "age" and value == float(one):
            return True
        if key == "on" and value == (str(one).lower() == "true"):
            return True
        if key in ("year", "city") and value == str(one):
            return True
    return False


def meets(person, table):
    return all(meets_one(person, key, wanted) for key, wanted in table.items())


def unmet(people, table):
    """Whether anything that is asked for by itself is met by nobody; the tables of an `any` may be."""
    return any(
        unmet(people, wanted) if key == "not" else not any(meets_one(person, key, wanted) for person in people)
        for key, wanted in table.items()
    )


@STEADY
@given(people=PEOPLE, table=TABLES, there=st.integers(0, 2**12 - 1))
@example([{"age": 2.0, "year": "7", "city": "oslo", "on": True}] * 2, {"age": "2..2", "not": {"year": "<7"}}, 3)
def test_who_meets_conditions_is_who_a_plain_predicate_says(people, table, there):
    columns = {key: [person[key] for person in people] for key in ("age", "year", "city", "on")}
    graph = from_arcs([0], [1], people=len(people), attributes=columns)
    assert {values.dtype.kind for values in graph.attributes.values()} >= {"f", "b"}
    expected = [index for index, person in enumerate(people) if meets(person, table)]
    no_numbers = "year" in str(table) and not any(number_of(person["year"]) is not None for person in people)
    if no_numbers or not expected or unmet(people, table):
        event("refused")
        if not no_numbers:  # a range then asks for numbers where there are none
            with pytest.raises(DataError, match=r"where: nobody (has|meets)"):
                people_where(graph, read_where(table))
        return
    event("met")
    assert people_where(graph, read_where(table)).tolist() == expected
    mask = np.array([there >> index & 1 for index in range(len(people))], dtype=bool)
    assert people_where(graph, read_where(table), mask).tolist() == [index for index in expected if mask[index]]


@STEADY
@given(table=TABLES)
def test_conditions_resolve_to_what_reads_back_to_the_same(table):
    settings_ = {"segment.some": {"where": table}, "plan.only.wave.first": {"strategy": "random", "count": 1}}
    settings_["plan.only.wave.first"]["where"] = table
    scenario = scene().with_settings(settings_)
    where = scenario.resolved()["segment"]["some"]["where"]
    assert where == scenario.resolved()["plan"]["only"]["wave"]["first"]["where"]
    assert read_where(where) == scenario.segment["some"].where == read_where(table)
    assert list(where) == list(table)


def attributes(**more):
    ages = [18.0, 20.0, 20.0, 41.0, 60.0, float("nan")]
    return from_arcs(
        [0], [1], people=6, attributes={"age": ages, "city": ["oslo", "rome", "", "oslo", "oslo", "rome"], **more}
    )


@pytest.mark.parametrize(
    ("where", "message", "hint"),
    [
        ({"age": "21..40"}, "nobody has age = '21..40'", "the nearest values of 'age' are 20 and 41"),
        ({"age": ">=61"}, "nobody has age = '>=61'", "values of 'age': '18', '20', '41', '60'"),
        ({"age": "<18"}, "nobody has age = '<18'", "values of 'age': '18', '20', '41', '60'"),
        ({"many": "<0"}, "nobody has many = '<0'", "values of 'many' go from 0 to 5; the nearest is 0"),
        ({"many": ">5"}, "nobody has many = '>5'", "values of 'many' go from 0 to 5; the nearest is 5"),
        ({"many": "17..19"}, "nobody has many = '17..19'", "values of 'many' go from 0 to 5; the nearest is 5"),
        ({"drawn": "31..39"}, "nobody has drawn = '31..39'", "the nearest values of 'drawn' are 30 and 40"),
        (
            {"city": ">5"},
            "city = '>5' asks for numbers, and no value of 'city' is one",
            "values of 'city': 'oslo', 'rome'",
        ),
        (
            {"blank": ">5"},
            "blank = '>5' asks for numbers, and no value of 'blank' is one",
            "nobody has a value of 'blank'",
        ),
        ({"on": "0..1"}, "on = '0..1' asks for numbers; values of 'on' are true and false", ""),
        ({"aeg": "0..1"}, "people have no attribute 'aeg'", "did you mean 'age'?"),
        ({"any": [{"aeg": 5}]}, "people have no attribute 'aeg'", "did you mean 'age'?"),
        ({"not": {"aeg": 5}}, "people have no attribute 'aeg'", "did you mean 'age'?"),
        ({"not": {"city": "olso"}}, "nobody has city = 'olso'", "did you mean 'oslo'?"),
        (
            {"any": [{"city": "olso"}, {"age": 3}]},
            "nobody meets any of the 2 tables of `any`",
            "of the first, nobody has city = 'olso': did you mean 'oslo'?",
        ),
        (
            {"any": [{"city": "oslo", "age": 20}]},
            "nobody meets any of the 1 tables of `any`",
            "of the first, of 6 people 3 meet `city`, 2 meet `age`",
        ),
        (
            {"city": "oslo", "age": [20, 21]},
            "nobody meets all of these conditions",
            "of 6 people 3 meet `city`, 2 meet `age`",
        ),
        (
            {"age": ">0", "not": {"age": ">1"}},
            "nobody meets all of these conditions",
            "of 6 people 5 meet `age`, 1 meet `not`",
        ),
        (
            {"not": "oslo"},
            "people have no attribute 'not'",
            'as a condition on conditions this takes a table: not = { city = "oslo" }',
        ),
        (
            {"any": ["oslo"]},
            "people have no attribute 'any'",
            'as a condition on conditions this takes a list of tables: any = [{ city = "oslo" }]',
        ),
    ],
)
def test_what_nobody_meets_says_what_there_is(where, message, hint):
    more = {
        "many": np.arange(6.0),
        "drawn": ["20", "30", "40", "50", "60", "none"],
        "on": np.array([True, False] * 3),
        "blank": [""] * 6,
    }
    with pytest.raises(DataError) as error:
        people_where(attributes(**more), read_where(where))
    assert (error.value.message, error.value.hint, error.value.place) == (message, hint, "where")


def test_some_alternatives_may_be_met_by_nobody():
    graph = attributes()
    assert people_where(graph, read_where({"city": ["oslo", "bonn"]})).tolist() == [0, 3, 4]
    assert people_where(graph, read_where({"any": [{"city": "bonn"}, {"age": "<19"}]})).tolist() == [0]
    assert people_where(graph, read_where({"not": {"age": "0..30", "city": "oslo"}})).tolist() == [1, 2, 3, 4, 5]


def test_people_may_have_attributes_that_are_called_any_and_not():
    graph = from_arcs([0], [1], people=3, attributes={"any": ["a", "b", "b"], "not": [1, 2, 3]})
    assert people_where(graph, read_where({"any": "b", "not": ">2"})).tolist() == [2]


def test_missing_numbers_are_in_no_range():
    graph = attributes()
    for wanted in (">0", "<1000", ">=18", "<=60", "0..100"):
        assert people_where(graph, read_where({"age": wanted})).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("18..34", Range("18..34", 18.0, 34.0)),
        (" 18 .. 34 ", Range("18 .. 34", 18.0, 34.0)),
        ("-1e3..-.5", Range("-1e3..-.5", -1000.0, -0.5)),
        (">=10_000", Range(">=10_000", low=10_000.0)),
        ("> 0.5", Range("> 0.5", low=0.5, above=True)),
        ("<=7", Range("<=7", high=7.0)),
        ("<7", Range("<7", high=7.0, below=True)),
        ("St.. John", ("St.. John",)),
        ("...", ("...",)),
        ("18-34", ("18-34",)),
        ("a > 3", ("a > 3",)),
        (["18..34"], ("18..34",)),
    ],
)
def test_texts_that_are_ranges(text, expected):
    assert read_where({"age": text}) == {"age": expected}


@pytest.mark.parametrize(
    "text", ["18..", "..34", "1..2..3", ">", ">=x", "<>5", "34..18", "1..x", "5%..9%", "≥5", "0..1e999"]
)
def test_texts_that_are_meant_as_ranges_and_are_none(text):
    with pytest.raises(BadValueError, match="expected a range"):
        read_where({"age": text})


def test_tables_can_stand_in_tables_but_not_without_end():
    table: dict = {"age": 1}
    for _ in range(15):
        table = {"not": table}
    read_where(table)
    for _ in range(40):
        table = {"not": table}
    with pytest.raises(BadValueError, match="at most 20 tables"):
        read_where(table)


def test_the_same_language_chooses_seeds():
    graph = attributes()
    scenario = scene("plan.only.wave.first={strategy='random', count=3, where={age='20..60'}}")
    from viralsim.engine import compile_campaign

    assert set(compile_campaign(scenario, graph).seeds["first"].people) <= {1, 2, 3, 4}
    with pytest.raises(DataError, match=r"plan\.only\.wave\.first\.where: nobody has age = '70\.\.80'"):
        compile_campaign(scenario.with_settings(["plan.only.wave.first.where.age='70..80'"]), graph)
    with pytest.raises(ScenarioError, match=r"where\.age: expected a range of numbers"):
        scenario.with_settings(["plan.only.wave.first.where.age='70..'"])
