"""The commands. Heavy libraries are imported inside them, so that ``--help`` and ``check`` answer at once."""

from __future__ import annotations

import shlex
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from viralsim import __version__
from viralsim.cli.files import check_file, write_whole
from viralsim.cli.printing import data, json_text, note, text_width, words
from viralsim.errors import DataError, ScenarioError, UsageError, ViralsimError, did_you_mean

if TYPE_CHECKING:
    from viralsim.graph import SocialGraph
    from viralsim.scenario import Parameter, Scenario

T = TypeVar("T")

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


_ORDER = ("init", "check", "run", "replay", "graph", "schema")


class _Commands(click.Group):
    """Commands in the order of work, with a hint where a name is mistyped."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(self.commands, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            raise UsageError(
                f"no such command '{args[0]}'; choose from {', '.join(self.list_commands(context))}",
                hint=did_you_mean(args[0], self.commands),
            )
        return super().resolve_command(context, args)


@click.group(context_settings=_CONTEXT, cls=_Commands)
@click.version_option(__version__, message="viralsim %(version)s")
def viralsim() -> None:
    """Rehearse word of mouth: how content spreads on a social network, with honest uncertainty.

    Start with `viralsim run`, which plays a scenario that comes with viralsim. Then get a copy of it with
    `viralsim init mine.toml`, change it, `viralsim check mine.toml` and `viralsim run mine.toml`.

    Exit codes: 0 fine, 1 failure, 2 wrong call, 3 invalid scenario, 4 unusable graph or data, 130 interrupted.
    """


class _Share(click.ParamType):  # type: ignore[type-arg]
    """A share such as 1% or 0.01, neither nothing nor all."""

    name = "share"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> float:
        from viralsim.scenario.units import BadValueError, read_share

        try:
            share = float(value)
        except ValueError:
            try:
                share = read_share(value, exclusive=True)
            except BadValueError:
                share = 1.0
        if not 0.0 < share < 1.0:
            self.fail(f"expected a share above 0 and below 100%, such as 1% or 0.01; got '{value}'")
        return share


class _Count(click.ParamType):  # type: ignore[type-arg]
    """A whole number; 10_000 is one."""

    name = "count"

    def __init__(self, least: int, most: int | None = None) -> None:
        self.least = least
        self.most = most

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> int:
        span = f"of at least {self.least:,}" if self.most is None else f"from {self.least:,} to {self.most:,}"
        try:
            count = int(value)
        except ValueError:  # no number, or of more digits than Python reads
            count = self.least - 1
        if count < self.least or (self.most is not None and count > self.most):
            self.fail(f"expected a whole number {span}; got '{value}'")
        return count


class _Place(click.ParamType):  # type: ignore[type-arg]
    """A file or folder; what is wrong with it is found out later."""

    name = "path"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> str:
        if not value or "\0" in value:
            self.fail("expected the name of a file or folder")
        return str(value)


_LAST = 2**32 - 1  # the last realisation that can be numbered
_MOST_THREADS = 1024

_scenario_argument = click.argument("scenario", required=False, metavar="[SCENARIO]", type=_Place())
_set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change one value of the scenario, e.g. item.content.stickiness=3%. Repeatable.",
)
_plan_option = click.option("--plan", metavar="NAME", help="Plan to play. Default: the first one.")
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_force_option = click.option("--force", is_flag=True, help="Replace what an earlier call wrote there.")


def _in_background(work: Callable[[], T]) -> T:
    """Do long work in a thread, so that the main thread hears Ctrl-C even during compiled code."""
    result: list[T] = []
    failure: list[BaseException] = []

    def target() -> None:
        try:
            result.append(work())
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=target, name="viralsim-work", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(0.1)
    if failure:
        raise failure[0]
    return result[0]


def _announce_compiling(scenario: Scenario) -> None:
    from viralsim.compiling import cache_folder, kernels_are_compiled
    from viralsim.engine import needs_laws

    laws = needs_laws(scenario)
    if not kernels_are_compiled(laws):
        kept = "once" if cache_folder() is not None else "every time: no folder to keep it in can be written"
        seconds = 20 if laws else 10
        note(f"compiling the engine ({kept}; some {seconds} seconds) ...")


def _read(scenario: str | None, settings: tuple[str, ...], plan: str | None) -> Scenario:
    from viralsim.scenario import read_scenario

    chosen = read_scenario(scenario, settings=settings)
    if plan is not None and plan not in chosen.plan:  # before a large graph is read
        raise UsageError(
            f"there is no plan '{plan}' in {chosen.source}; the plans are {', '.join(chosen.plan)}",
            hint=did_you_mean(plan, chosen.plan),
        )
    return chosen


def _open_network(scenario: Scenario, quiet: bool = False) -> SocialGraph:
    from viralsim.cli.text import import_lines
    from viralsim.graph import load_network

    graph = _in_background(lambda: load_network(scenario.network, scenario.place))
    for line in () if quiet else import_lines(graph):
        note(line)
    return graph


class _Progress:
    """One line on a terminal's stderr, and nothing elsewhere."""

    def __init__(self, quiet: bool) -> None:
        self._bar: Any = None
        self._task: Any = None
        self._on = not quiet and sys.stderr is not None and sys.stderr.isatty()

    def __enter__(self) -> Callable[[int, int], None] | None:
        if not self._on:
            return None
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("realisations"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("", total=None)
        self._bar.start()
        return self._update

    def _update(self, done: int, planned: int) -> None:
        self._bar.update(self._task, completed=done, total=planned)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()


@viralsim.command()
@_scenario_argument
@_set_option
@_plan_option
@click.option(
    "--realisations", type=_Count(1), metavar="N", help="How often to play the campaign. Default: as the scenario says."
)
@click.option(
    "--precision",
    type=_Share(),
    metavar="SHARE",
    help="Play until the mean number engaged is known to plus or minus this share (95%), e.g. 1%. "
    "With --realisations: at most so many.",
)
@click.option(
    "--first", type=_Count(0, _LAST), default=0, metavar="N", help="Number of the first realisation. Default: 0."
)
@click.option("--threads", type=_Count(1, _MOST_THREADS), metavar="N", help="Threads. Default: one per processor.")
@click.option(
    "--block",
    type=_Count(1),
    metavar="N",
    help="Realisations that a thread plays at a time. Like --threads it never changes a result.",
)
@click.option("--no-impressions", is_flag=True, help="Do not count reach and impressions: faster.")
@_json_option
@click.option(
    "-o",
    "--output",
    "directory",
    type=_Place(),
    metavar="DIR",
    help="Write resolved scenario, manifest, forecast and tables (CSV and Parquet) into this folder.",
)
@_force_option
@click.option("-q", "--quiet", is_flag=True, help="No progress and no notes on stderr.")
def run(
    scenario: str | None,
    settings: tuple[str, ...],
    plan: str | None,
    realisations: int | None,
    precision: float | None,
    first: int,
    threads: int | None,
    block: int | None,
    no_impressions: bool,
    as_json: bool,
    directory: str | None,
    force: bool,
    quiet: bool,
) -> None:
    """Play a plan of a SCENARIO file and print the forecast.

    Without a SCENARIO the packaged first-look scenario is played.
    """
    chosen = _read(scenario, settings, plan)
    from viralsim.outcome import simulate, write_results
    from viralsim.outcome.playing import how_many
    from viralsim.outcome.tables import check_directory

    _, wanted = how_many(chosen, realisations, precision, written=directory is not None)
    if directory is not None:
        check_directory(directory, force=force)
    if not quiet:
        _announce_compiling(chosen)
    graph = _open_network(chosen, quiet)
    with _Progress(quiet) as progress:
        outcome = _in_background(
            lambda: simulate(
                chosen,
                plan=plan,
                graph=graph,
                realisations=realisations,
                precision=precision,
                first=first,
                threads=threads,
                block=block,
                impressions=not no_impressions,
                progress=progress,
            )
        )
    reached = outcome.engaged.precision
    if wanted is not None and (reached is None or reached > wanted) and not quiet:
        shown = "undefined" if reached is None else f"{reached:.2%}"
        note(f"note: after {len(outcome):,} realisations the precision is {shown}, {wanted:.2%} was wanted")
    if directory is not None:
        write_results(directory, outcome, chosen, graph=graph, force=force)
        if not quiet:
            note(f"written to {directory}")
    if as_json:
        data(json_text(outcome.to_dict()))
    else:
        from viralsim.cli.text import forecast_lines

        words("\n".join(forecast_lines(outcome, chosen, graph, text_width())))


@viralsim.command(short_help="Play one realisation again: who got it from whom and when.")
@_scenario_argument
@_set_option
@_plan_option
@click.option("--realisation", type=_Count(0, _LAST), default=0, metavar="N", help="Which one. Default: 0, the first.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv", "graphml"]),
    help="How to print it. Default: text.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--limit",
    type=_Count(1),
    default=200,
    metavar="N",
    help="People shown as text; the other formats hold all. Default: 200.",
)
@click.option("-o", "--output", "file", type=_Place(), metavar="FILE", help="Write to a file.")
@click.option("--force", is_flag=True, help="Replace the file.")
@click.option("-q", "--quiet", is_flag=True, help="No notes on stderr.")
def replay(
    scenario: str | None,
    settings: tuple[str, ...],
    plan: str | None,
    realisation: int,
    form: str | None,
    as_json: bool,
    limit: int,
    file: str | None,
    force: bool,
    quiet: bool,
) -> None:
    """Play one realisation of a SCENARIO again: who got it from whom and when."""
    if as_json and form not in (None, "json"):
        raise UsageError(f"--json and --format {form} contradict each other")
    form = "json" if as_json else form or "text"
    if file is not None:
        check_file(file, force=force)
    chosen = _read(scenario, settings, plan)
    from viralsim.outcome import replay as play_again

    if not quiet:
        _announce_compiling(chosen)
    graph = _open_network(chosen, quiet)
    cascade = _in_background(lambda: play_again(chosen, realisation, plan=plan, graph=graph))
    if form == "text":
        _print_or_write(cascade.to_text(limit), file, force, words)
    else:
        made = {"json": cascade.to_json, "csv": cascade.to_csv, "graphml": cascade.to_graphml}[form]()
        _print_or_write(made, file, force, data)
    if file is not None and not quiet:
        note(f"written to {file}")


@viralsim.command()
@_scenario_argument
@_set_option
@click.option("--plan", metavar="NAME", help="With --data: look at this plan alone. Default: at all of them.")
@click.option(
    "--data", "with_data", is_flag=True, help="Open the network too and look up seeds, attributes and columns."
)
@_json_option
def check(scenario: str | None, settings: tuple[str, ...], plan: str | None, with_data: bool, as_json: bool) -> None:
    """Check a SCENARIO file; every mistake at once, with its place."""
    try:
        chosen = _read(scenario, settings, plan)
    except ScenarioError as error:
        if not as_json:
            raise
        found = [{"place": p.place, "message": p.message, "hint": p.hint, "excerpt": p.excerpt} for p in error.problems]
        data(json_text({"valid": False, "problems": found}))
        raise click.exceptions.Exit(3) from None
    facts: dict[str, Any] = {
        "valid": True,
        "scenario": chosen.source,
        "items": list(chosen.item),
        "platforms": list(chosen.platform),
        "segments": list(chosen.segment),
        "plans": list(chosen.plan),
        "resolved": chosen.resolved(),
    }
    if with_data:
        graph = _open_network(chosen)
        compiled, missing = _in_background(lambda: _compile(chosen, graph, plan))
        if missing:
            if as_json:
                found = [{"place": e.place, "message": e.message, "hint": e.hint, "excerpt": ""} for e in missing]
                data(json_text({"valid": False, "problems": found}))
                raise click.exceptions.Exit(DataError.exit_code)
            raise DataError("\n".join(str(error) for error in missing))
        facts |= {"people": graph.people, "arcs": len(graph.arcs), "scenario_hash": compiled}
    if as_json:
        data(json_text(facts))
        return
    words(f"{chosen.source}: valid; item {', '.join(chosen.item)}; plans {', '.join(chosen.plan)}")
    if with_data:
        words(f"network: {graph.people:,} people, {len(graph.arcs):,} arcs; all seeds are found")
        words(f"scenario_hash: {facts['scenario_hash']}")


def _compile(scenario: Scenario, graph: SocialGraph, plan: str | None) -> tuple[str, list[DataError]]:
    """Compile every plan; return the scenario's hash and what the graph lacks."""
    from viralsim.engine import compile_campaign

    scenario_hash, missing = "", []
    for name in [plan] if plan else scenario.plan:
        try:
            scenario_hash = compile_campaign(scenario, graph, name).scenario_hash
        except DataError as error:
            missing.append(error)
    return scenario_hash, missing


@viralsim.command(short_help="Write a scenario with comments to start from.")
@click.argument("file", required=False, type=_Place())
@click.option("--template", default="first-look", show_default=True, help="Packaged scenario to start from.")
@click.option("--force", is_flag=True, help="Replace the file.")
def init(file: str | None, template: str, force: bool) -> None:
    """Write a scenario with comments to start from, to FILE or to stdout."""
    from viralsim.scenario import init_text, templates

    if template not in templates():
        raise UsageError(
            f"no template '{template}'; there are {', '.join(templates())}", hint=did_you_mean(template, templates())
        )
    _print_or_write(init_text(template), file, force, data)
    if file is not None:
        note(f"written to {file}; next: viralsim run {shlex.quote(file)}")


@viralsim.command(short_help="Print the JSON Schema of scenario files.")
def schema() -> None:
    """Print the JSON Schema of scenario files: every key with its unit, default and source."""
    from viralsim.scenario import json_schema

    data(json_text(json_schema()))


@viralsim.group(context_settings=_CONTEXT, cls=_Commands)
def graph() -> None:
    """Look at social graphs."""


def _defaults(parameters: Sequence[Parameter]) -> str:
    shown = (
        f"{p.name}={p.default:g}" if isinstance(p.default, float) else f"{p.name}={'...' if p.required else p.default}"
        for p in parameters
    )
    return f" ({', '.join(shown)})" if parameters else ""


class _WithGenerators(click.Command):
    """Help that ends with what the catalogue knows of generators."""

    def format_epilog(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        from viralsim.scenario import choices

        with formatter.section("SPEC is NAME or NAME:parameter=value,... such as communities:people=5000,mixing=0.1"):
            formatter.write_dl(
                [(choice.name, choice.help + _defaults(choice.parameters)) for choice in choices("generator").values()]
            )


@graph.command(cls=_WithGenerators, short_help="Describe a graph: one in a file, or a generated one.")
@click.argument("source", metavar="FILE|SPEC", type=_Place())
@click.option(
    "--direction",
    type=click.Choice(["follows", "influences", "mutual"]),
    help="What a row 'a b' means: a follows b, a influences b, or both ways. Default: mutual.",
)
@click.option("--delimiter", help="Between columns. Default: found by looking.")
@click.option("--header/--no-header", default=None, help="Whether the first row names columns. Default: found.")
@click.option("--comment", help="What comment lines begin with. Default: #.")
@click.option("--source-column", help="Column of the first person, by name or number from 1.", metavar="COLUMN")
@click.option("--target-column", help="Column of the second person.", metavar="COLUMN")
@click.option("--trust-column", help="Column of tie trust, from 0 to 1.", metavar="COLUMN")
@click.option(
    "--map", "trust_map", metavar="FORMULA", help="From what the trust column holds, r, to trust: '(r+10)/20'."
)
@click.option("--weight-column", help="Column of weights.", metavar="COLUMN")
@click.option("--probability-column", help="Column of arc probabilities, from 0 to 1.", metavar="COLUMN")
@click.option("--trust", type=float, help="Tie trust where no column gives it. Default: 0.5.")
@click.option(
    "--merge",
    type=click.Choice(["mean", "max", "sum", "last"]),
    help="Trust of rows merged into one arc. Default: mean.",
)
@click.option("--people", type=_Place(), help="Table of people: its columns become attributes.", metavar="FILE")
@click.option(
    "--people-id-column", help="Its column of ids. Default: one named like an id, else the first.", metavar="COLUMN"
)
@click.option("--people-header/--no-people-header", default=None, help="Whether its first row names columns.")
@click.option(
    "--tie-trust",
    metavar="SPEC",
    help="Where tie trust comes from, as in [network.tie_trust], such as overlap:low=0.2,high=0.9.",
)
@_json_option
def info(source: str, as_json: bool, **options: Any) -> None:
    """Read a graph from a FILE, or make one from a SPEC, and say what it is."""
    from viralsim.graph import graph_info, graph_info_lines, open_graph

    given: dict[str, Any] = {
        name: int(value) if name.endswith("_column") and value.isascii() and value.isdigit() else value
        for name, value in options.items()
        if value is not None
    }
    opened = _in_background(lambda: open_graph(source, **given))
    if as_json:
        data(json_text(_in_background(lambda: graph_info(opened))))
    else:
        words("\n".join(_in_background(lambda: graph_info_lines(opened))))


def _print_or_write(text: str, file: str | None, force: bool, say: Callable[[str], None]) -> None:
    if file is None:
        say(text)
        return
    try:
        write_whole(file, text, force=force)
    except OSError as error:
        raise ViralsimError(f"cannot be written: {error.strerror or error}", place=file) from None
