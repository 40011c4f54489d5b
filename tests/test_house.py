"""The house holds: who may import whom, which library lives in which room, and that all are declared."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import viralsim

PACKAGE = Path(viralsim.__file__).parent
ROOT = PACKAGE.parent
ROOMS = (
    ("errors",),
    ("files",),
    ("compiling",),
    ("luck",),
    ("arithmetic",),
    ("scenario",),
    ("graph",),
    ("seeding",),
    ("engine",),
    ("outcome",),
    ("planning",),
    ("experiments",),
    ("show",),
    ("cli",),
)
ORDER = {room: height for height, rooms in enumerate(ROOMS) for room in rooms}
ONLY_IN = {
    "matplotlib": {"show"},
    "PIL": {"show"},
    "jinja2": {"show"},
    "click": {"cli"},
    "rich": {"cli"},
    "pydantic": {"scenario"},
    "pydantic_core": {"scenario"},
    "networkx": {"graph"},
    "duckdb": {"graph", "outcome", "experiments"},
    "numba": {"compiling", "luck", "arithmetic", "graph", "engine"},
    "llvmlite": {"engine"},
    "distributed": {"experiments"},
}
EXTRAS = {"distributed": "cluster"}
"""Libraries that a plain installation lacks, and the extra that brings each; whoever imports one says so kindly."""


def sources() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or not path.stem.startswith("__"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Every module that a file imports, inside functions and for type checking too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
            if node.module == "viralsim":
                found |= {f"viralsim.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_only_point_up_the_list_of_rooms(path: Path) -> None:
    room = room_of(path)
    assert room in ORDER, f"'{room}' is not a room of the house"
    for module in imported(path):
        parts = module.split(".")
        if parts[0] == "viralsim" and len(parts) > 1 and parts[1] in ORDER:
            assert ORDER[parts[1]] <= ORDER[room], f"{room} may not know of {parts[1]}"


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_libraries_stay_in_their_rooms(path: Path) -> None:
    for module in imported(path):
        allowed = ONLY_IN.get(module.split(".")[0])
        assert allowed is None or room_of(path) in allowed, f"{module} belongs to {allowed}"


def names_of(requirements: list[str]) -> set[str]:
    return {re.split(r"[^\w-]", text)[0].lower() for text in requirements}


def test_every_library_that_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = names_of(project["dependencies"])
    used = {module.split(".")[0] for path in sources() for module in imported(path)}
    third_party = used - set(sys.stdlib_module_names) - {"viralsim", "__future__", ""} - set(EXTRAS)
    # llvmlite is numba's other half: one release of numba fits exactly one of llvmlite, so numba names it.
    # tzdata is data that zoneinfo reads where the machine has none.
    imported_as = {"pillow": "PIL"}
    assert third_party - {"llvmlite", "pydantic_core"} == {
        imported_as.get(one, one) for one in declared - {"llvmlite", "tzdata"}
    }


def test_the_library_of_an_extra_is_declared_there_and_imported_with_its_first_use_only() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    used = {module.split(".")[0] for path in sources() for module in imported(path)}
    for library, extra in EXTRAS.items():
        assert library in used
        assert library not in names_of(project["dependencies"])
        assert library in names_of(project["optional-dependencies"][extra])
    for path in sources():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [name.name for name in node.names]
                assert {name.split(".")[0] for name in names} & set(EXTRAS) == set(), path


@pytest.mark.parametrize("name", ["pickle", "shelve", "marshal", "dill"])
def test_nothing_unsafe_reads_data(name: str) -> None:
    assert [str(path) for path in sources() if name in {module.split(".")[0] for module in imported(path)}] == []


def test_nothing_evaluates_text() -> None:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec"}, f"{path}:{node.lineno}"


def test_the_package_imports_nothing_heavy() -> None:
    """`import viralsim` used to be slow in every library of this field; here it loads no third-party code."""
    code = "import sys; import viralsim; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    heavy = {"numpy", "numba", "networkx", "scipy", "duckdb", "matplotlib", "pydantic", "click", "rich", "jinja2"}
    assert loaded & heavy == set()


def test_every_public_name_is_there_and_documented_with_an_example() -> None:
    missing = []
    for name in viralsim.__all__:
        thing = getattr(viralsim, name)
        if name.startswith("__"):
            continue
        if ">>>" not in (thing.__doc__ or ""):
            missing.append(name)
    assert missing == []
