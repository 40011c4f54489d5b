"""Every file of the corpus: invalid ones with their exact message, valid ones with their resolved form."""

import json
import re
from pathlib import Path

import pytest

from viralsim.errors import ScenarioError
from viralsim.scenario import check, read_scenario, scenario_from_text

FOLDER = Path(__file__).parent
INVALID = sorted((FOLDER / "invalid").glob("*.toml"))
VALID = sorted((FOLDER / "valid").glob("*.toml"))
PLACE = re.compile(r"^[\w-]+\.toml(:[0-9]+:[0-9]+)?: ", re.MULTILINE)


def test_corpus_is_there():
    assert len(INVALID) >= 35
    assert len(VALID) >= 5
    assert {path.stem for path in INVALID} == {path.stem for path in (FOLDER / "invalid").glob("*.txt")}
    assert {path.stem for path in VALID} == {path.stem for path in (FOLDER / "valid").glob("*.json")}


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_invalid_scenario_says_exactly_this(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    expected = path.with_suffix(".txt").read_text(encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_scenario(path.name)
    assert str(caught.value) + "\n" == expected
    assert caught.value.exit_code == 3
    assert len(caught.value.problems) == len(PLACE.findall(expected))
    assert [str(problem) for problem in check(path.name)] == [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_places_are_in_the_order_of_the_file_and_point_at_what_they_underline(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    places = []
    for problem in check(path.name):
        found = re.fullmatch(r".*:([0-9]+):([0-9]+)", problem.place)
        if not found or not problem.excerpt:
            continue
        line, column = int(found[1]), int(found[2])
        places.append((line, column))
        written = path.read_text(encoding="utf-8-sig").split("\n")[line - 1]
        assert column <= len(written.rstrip("\r")) + 1
        assert problem.excerpt.split(" | ")[0].strip() == str(line)
    assert places == sorted(places)


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_valid_scenario_resolves_to_exactly_this(path):
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    resolved = json.loads(json.dumps(read_scenario(path).resolved()).replace(str(FOLDER), "<folder>"))
    assert json.dumps(resolved) == json.dumps(expected)  # as text: 1 and 1.0 differ, and so does the order
    assert check(path) == []


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_resolved_form_reads_back_to_the_same(path):
    scenario = read_scenario(path)
    again = scenario_from_text(scenario.toml())
    assert again == scenario
    assert again.toml() == scenario.toml()
    assert again.content_hash("g") == scenario.content_hash("g")
