"""Where machine code is kept, and that nothing about keeping it can stop a campaign.

The choice of the folder is tested on copies of compiling.py in this process; what needs a fresh process
(compiling, reading back, a read-only install) in a handful of subprocesses.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import numba
import numpy as np
import pytest

import viralsim.compiling
from viralsim.compiling import kernel

SOURCES = Path(viralsim.compiling.__file__).parent
NOWHERE = "/dev/null/nowhere"
"""A folder that nobody can make, root neither: it would be inside a file."""
IS_ROOT = hasattr(os, "getuid") and os.getuid() == 0
UNPRIVILEGED = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if IS_ROOT else []
"""Runs a command without root's power to write where nobody may."""


def copied(folder, *, everything=False):
    """Copy the package, or the one file, and load its compiling.py under another name."""
    package = folder / "viralsim"
    if everything:
        shutil.copytree(SOURCES, package, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        package.mkdir(parents=True)
        shutil.copy(SOURCES / "compiling.py", package)
    return load(package)


def load(package):
    spec = importlib.util.spec_from_file_location("copied_compiling", package / "compiling.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home and an empty temporary folder, and no other wishes."""
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    (tmp_path / "home").mkdir()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path / "home"


def mode(folder):
    return stat.S_IMODE(folder.stat().st_mode)


class TestFolder:
    def test_home(self, home, tmp_path):
        folder = copied(tmp_path).cache_folder()
        assert folder.parent == home / ".cache" / "viralsim"
        assert folder.name.startswith("kernels-")
        assert mode(folder) == 0o700
        assert list(folder.iterdir()) == [], "trying leaves nothing behind"

    def test_cache_home(self, home, tmp_path, monkeypatch):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
        assert copied(tmp_path).cache_folder().parent == tmp_path / "xdg" / "viralsim"

    def test_numba_cache_dir_comes_first(self, home, tmp_path, monkeypatch):
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "wish"))
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
        folder = copied(tmp_path).cache_folder()
        assert folder.parent == tmp_path / "wish"
        assert folder.name.startswith("viralsim-kernels-"), "others keep things there too"
        assert not (tmp_path / "xdg").exists()

    def test_wish_that_cannot_be_granted(self, home, tmp_path, monkeypatch):
        monkeypatch.setenv("NUMBA_CACHE_DIR", NOWHERE)
        assert copied(tmp_path).cache_folder().parent == home / ".cache" / "viralsim"

    def test_home_that_cannot_be_written(self, home, tmp_path, monkeypatch):
        monkeypatch.setenv("HOME", NOWHERE)
        folder = copied(tmp_path).cache_folder()
        assert folder.parent.parent == tmp_path / "temporary"
        assert mode(folder) == 0o700

    def test_no_home_at_all(self, home, tmp_path, monkeypatch):
        def homeless():
            raise RuntimeError("Could not determine home directory.")

        monkeypatch.setattr(Path, "home", homeless)
        assert copied(tmp_path).cache_folder().parent.parent == tmp_path / "temporary"

    def test_nothing_can_be_written(self, home, tmp_path, monkeypatch):
        monkeypatch.setenv("HOME", NOWHERE)
        monkeypatch.setattr(tempfile, "tempdir", NOWHERE)
        module = copied(tmp_path)
        assert module.cache_folder() is None
        assert module.kernels_are_compiled() is False

    def test_no_temporary_folder_at_all(self, home, tmp_path, monkeypatch):
        def none():
            raise FileNotFoundError("No usable temporary directory found")

        monkeypatch.setenv("HOME", NOWHERE)
        monkeypatch.setattr(tempfile, "gettempdir", none)
        assert copied(tmp_path).cache_folder() is None

    def test_a_file_in_its_place(self, home, tmp_path):
        (home / ".cache").write_text("")
        assert copied(tmp_path).cache_folder().parent.parent == tmp_path / "temporary"

    def test_writable_by_everybody_is_refused(self, home, tmp_path):
        """The cache is read back as code: whoever could write there could run code as this user."""
        module = copied(tmp_path)
        folder = module.cache_folder()
        folder.chmod(0o777)
        assert load(tmp_path / "viralsim").cache_folder().parent.parent == tmp_path / "temporary"
        folder.chmod(0o700)
        assert load(tmp_path / "viralsim").cache_folder() == folder

    @pytest.mark.skipif(not IS_ROOT, reason="only root can give a folder to somebody else")
    def test_of_another_owner_is_refused(self, home, tmp_path):
        folder = copied(tmp_path).cache_folder()
        os.chown(folder, 65534, 65534)
        assert load(tmp_path / "viralsim").cache_folder().parent.parent == tmp_path / "temporary"

    @pytest.mark.skipif(not IS_ROOT, reason="only root can give a folder to somebody else")
    def test_inside_a_folder_of_another_owner_is_refused(self, home, tmp_path, monkeypatch):
        """/tmp/viralsim-0 made by somebody else beforehand was used: its owner could exchange our folder."""
        monkeypatch.setenv("HOME", NOWHERE)
        trap = tmp_path / "temporary" / "viralsim-0"
        trap.mkdir()
        os.chown(trap, 65534, 65534)
        assert copied(tmp_path).cache_folder() is None

    def test_inside_a_folder_that_everybody_can_write_is_refused(self, home, tmp_path, monkeypatch):
        """Unless it is sticky, as /tmp is: then nobody else can rename what is ours."""
        wish = tmp_path / "wish"
        wish.mkdir()
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(wish))
        wish.chmod(0o1777)
        assert copied(tmp_path).cache_folder().parent == wish
        wish.chmod(0o777)
        assert load(tmp_path / "viralsim").cache_folder().parent == home / ".cache" / "viralsim"

    @pytest.mark.parametrize("variable", ["NUMBA_CACHE_DIR", "XDG_CACHE_HOME"])
    def test_is_absolute(self, home, tmp_path, monkeypatch, variable):
        """A relative folder meant another place after every change of directory, or a traceback."""
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv(variable, "relative")
        assert copied(tmp_path).cache_folder().is_absolute()


class TestDigest:
    def test_same_sources_same_folder(self, home, tmp_path):
        assert copied(tmp_path / "a").cache_folder() == copied(tmp_path / "b").cache_folder()

    def test_edits(self, home, tmp_path):
        package = tmp_path / "viralsim"
        module = copied(tmp_path)
        seen = [module._sources_digest()]

        def changed():
            seen.append(module._sources_digest())
            return seen[-1] not in seen[:-1]

        (package / "deep").mkdir()
        (package / "deep" / "hot.py").write_text("from viralsim.compiling import kernel\nX = 1\n")
        assert changed(), "a new file with kernels"
        (package / "deep" / "hot.py").write_text("from viralsim.compiling import kernel\nX = 2\n")
        assert changed(), "an edit of it"
        (package / "compiling.py").write_bytes((package / "compiling.py").read_bytes() + b"\n# edited\n")
        assert changed(), "an edit of compiling.py"
        (package / "deep" / "cold.py").write_text("X = 1\n")
        assert module._sources_digest() == seen[-1], "a file without any is of no concern"
        (package / "deep" / "hot.py").unlink()
        assert changed(), "a file taken away"

    def test_tools(self, home, tmp_path, monkeypatch):
        module = copied(tmp_path)
        digest = module._sources_digest()
        monkeypatch.setattr(numba, "__version__", "0.0.0")
        other = module._sources_digest()
        assert other != digest
        monkeypatch.setattr(numba.config, "BOUNDSCHECK", 0 if numba.config.BOUNDSCHECK else 1)
        assert module._sources_digest() not in (digest, other)

    def test_every_file_that_becomes_machine_code_counts(self, home, tmp_path):
        """vectors.py, which is compiled into the engine's kernel, once did not: it did not say "kernel"."""
        module = copied(tmp_path, everything=True)
        package = tmp_path / "viralsim"
        compiled = [
            path
            for path in sorted(package.rglob("*.py"))
            if any(word in path.read_text("utf-8") for word in ("@kernel", "intrinsic", "njit("))
        ]
        assert {"luck.py", "kernels.py", "vectors.py", "arithmetic.py"} <= {path.name for path in compiled}
        overlooked = []
        for path in compiled:
            digest = module._sources_digest()
            path.write_bytes(path.read_bytes() + b"\n# edited\n")
            if module._sources_digest() == digest:
                overlooked.append(path.name)
        assert overlooked == []


class TestKernel:
    def test_options(self):
        @kernel
        def divide(a, b):
            return a / b

        @kernel(forceinline=True, allocates=False)
        def twice(x):
            return x * 2

        assert divide.targetoptions["nogil"] is True
        assert divide(1.0, 0.0) == np.inf, "division as in numpy"
        assert twice(21) == 42
        assert twice.py_func(21) == 42

    def test_numbas_own_settings_stay(self, monkeypatch):
        monkeypatch.setattr(numba.config, "CACHE_DIR", "/somebody/elses")

        @kernel
        def nothing():
            return 0

        assert numba.config.CACHE_DIR == "/somebody/elses"
        with pytest.raises(AttributeError):
            kernel(42)
        assert numba.config.CACHE_DIR == "/somebody/elses", "after an error too"

    def test_function_without_a_file_is_not_kept(self):
        space = {"kernel": kernel}
        exec(compile("@kernel\ndef three():\n    return 3\n", "<text>", "exec"), space)
        assert space["three"]() == 3
        assert space["three"].stats.cache_path is None

    def test_whether_compiled(self, home, tmp_path):
        module = copied(tmp_path)
        assert module.kernels_are_compiled() is False
        below = module.cache_folder() / "engine_0123"
        below.mkdir()
        (below / "kernels.tick-10.py311.nbi").touch()
        assert module.kernels_are_compiled() is False
        index = below / "kernels.play-200.py311.nbi"
        index.touch()
        assert module.kernels_are_compiled() is False
        index.write_bytes(b"\x80...NoneType...")
        assert module.kernels_are_compiled() is True
        assert module.kernels_are_compiled("laws") is False
        index.write_bytes(b"\x80...Laws...")
        assert module.kernels_are_compiled() is False
        assert module.kernels_are_compiled("laws") is True
        assert module.kernels_are_compiled("brand") is False
        index.write_bytes(b"\x80...Brand...")
        assert module.kernels_are_compiled("brand") is True
        assert module.kernels_are_compiled("crowd") is False
        index.write_bytes(b"\x80...Crowd...")
        assert module.kernels_are_compiled("crowd") is True


TOSS = """
import sys, tempfile
{before}
import numpy as np
from viralsim import compiling, luck
{between}
print(luck.arc_luck(np.uint32(1), np.uint32(2), np.uint32(3)))
print(compiling.cache_folder())
print(sum(luck.arc_luck.stats.cache_hits.values()))
"""
ANSWER = "3867407481"


def toss(package_home, *, before="", between="", command=(), **environment):
    """Compile one small kernel in a process of its own; return its three lines."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}
    done = subprocess.run(
        [*command, sys.executable, "-W", "error", "-c", TOSS.format(before=before, between=between)],
        env={**kept, "PYTHONPATH": str(package_home), **environment},
        cwd=package_home,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.split()


def test_kept_on_disk_and_read_back(tmp_path):
    wish = tmp_path / "wish"
    answer, folder, hits = toss(SOURCES.parent, NUMBA_CACHE_DIR=str(wish))
    assert (answer, hits) == (ANSWER, "0")
    assert Path(folder).parent == wish
    kept = list(Path(folder).rglob("*arc_luck*"))
    assert {path.suffix for path in kept} == {".nbi", ".nbc"}
    assert toss(SOURCES.parent, NUMBA_CACHE_DIR=str(wish)) == [ANSWER, folder, "1"]


@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
def test_damaged_files_are_made_anew(tmp_path, suffix):
    """A file cut short by a crash ended every later process with an UnpicklingError."""
    folder = Path(toss(SOURCES.parent, NUMBA_CACHE_DIR=str(tmp_path))[1])
    for path in folder.rglob(f"*{suffix}"):
        path.write_bytes(path.read_bytes()[:100])
    assert toss(SOURCES.parent, NUMBA_CACHE_DIR=str(tmp_path)) == [ANSWER, str(folder), "0"]
    assert toss(SOURCES.parent, NUMBA_CACHE_DIR=str(tmp_path)) == [ANSWER, str(folder), "1"], "whole again"


def test_full_disk(tmp_path):
    """What cannot be kept is compiled anew: the first call raised OSError where the disk was full."""
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))"
    answer, _, _ = toss(SOURCES.parent, between=full, NUMBA_CACHE_DIR=str(tmp_path))
    assert answer == ANSWER


@pytest.mark.skipif(IS_ROOT and shutil.which("setpriv") is None, reason="root writes everywhere, and no setpriv")
@pytest.mark.parametrize("temporary", [True, False], ids=["temporary folder", "nothing"])
def test_read_only_install(tmp_path, temporary):
    """Numba's own cache fails at import where neither the package nor the home can be written."""
    site = tmp_path / "site"
    shutil.copytree(SOURCES, site / "viralsim", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "temporary").mkdir()
    before = sorted(path.relative_to(site) for path in site.rglob("*"))
    for path in (site, *site.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        probe = [*UNPRIVILEGED, "touch", str(site / "viralsim" / "probe")]
        refused = subprocess.run(probe, capture_output=True, check=False)
        if refused.returncode == 0:
            pytest.skip("could not give up root's power to write everywhere")
        answer, folder, _ = toss(
            site,
            before="" if temporary else f"tempfile.tempdir = {NOWHERE!r}",
            command=UNPRIVILEGED,
            HOME=NOWHERE,
            TMPDIR=str(tmp_path / "temporary"),
        )
        assert answer == ANSWER
        if temporary:
            assert Path(folder).parent.parent == tmp_path / "temporary"
        else:
            assert folder == "None"
        assert sorted(path.relative_to(site) for path in site.rglob("*")) == before
    finally:
        for path in (site, *site.rglob("*")):
            path.chmod(path.stat().st_mode | 0o200)
