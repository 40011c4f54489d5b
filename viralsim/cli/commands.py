"""The commands. Heavy libraries are imported inside them, so that ``--help`` and ``check`` answer at once."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from viralsim import __version__
from viralsim.errors import UsageError, ViralsimError

if TYPE_CHECKING:
    from viralsim.graph import SocialGraph
    from viralsim.scenario import Scenario

T = TypeVar("T")

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=_CONTEXT)
@click.version_option(__version__, message="viralsim %(version)s")
def viralsim() -> None:
    """Rehearse word of mouth: how content spreads on a social network, with honest uncertainty.

    Start with `viralsim run`, which plays a scenario that comes with viralsim. Then get a copy of it with
    `viralsim init mine.toml`, change it, `viralsim check mine.toml` and `viralsim run mine.toml`.
    """


class _Share(click.ParamType):
    """A share such as 1% or 0.01."""

    name = "share"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> float:
        from viralsim.scenario.units import BadValueError, read_share

        if isinstance(value, float):
            return value
        try:
            return read_share(value, exclusive=True)
        except BadValueError as error:
            self.fail(str(error), parameter, context)


_scenario_argument = click.argument("scenario", required=False, metavar="[SCENARIO]")
_set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change one number of the scenario, e.g. item.content.stickiness=3%. Repeatable.",
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


def _note(text: str) -> None:
    click.echo(text, err=True)


def _announce_compiling() -> None:
    from viralsim.compiling import cache_folder, kernels_are_compiled

    if not kernels_are_compiled():
        kept = "once" if cache_folder() is not None else "no folder to keep it in can be written"
        _note(f"compiling the engine ({kept}; some 10 seconds) ...")


def _read(scenario: str | None, settings: tuple[str, ...]) -> Scenario:
    from viralsim.scenario import read_scenario

    return read_scenario(scenario, settings=settings)


def _open_network(scenario: Scenario, quiet: bool = False) -> SocialGraph:
    from viralsim.graph import load_network

    graph = load_network(scenario.network)
    report = graph.report
    if report.kind == "file" and not quiet:
        kept = "edges" if graph.mutual else "arcs"
        _note(
            f"network: {report.rows:,} rows = {report.kept:,} {kept} + {report.self_loops:,} self-loops dropped "
            f"+ {report.merged:,} merged"
        )
        for note in report.notes:
            _note(f"note: {note}")
    return graph


class _Progress:
    """One line on a terminal's stderr, and nothing elsewhere."""

    def __init__(self, quiet: bool) -> None:
        self._bar: Any = None
        self._task: Any = None
        self._on = not quiet and sys.stderr.isatty()

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
@click.option("--realisations", type=click.IntRange(min=1), metavar="N", help="How often to play the campaign.")
@click.option(
    "--precision",
    type=_Share(),
    metavar="SHARE",
    help="Play until the 95% interval of the mean number engaged is this narrow, e.g. 1%. "
    "With --realisations: at most so many.",
)
@click.option("--first", type=click.IntRange(min=0), default=0, metavar="N", help="Number of the first realisation.")
@click.option("--threads", type=click.IntRange(min=1), metavar="N", help="Threads. Default: one per processor.")
@click.option(
    "--block",
    type=click.IntRange(min=1),
    metavar="N",
    help="Realisations that a thread plays at a time. Like --threads it never changes a result.",
)
@click.option("--no-impressions", is_flag=True, help="Do not count reach and impressions: faster.")
@_json_option
@click.option(
    "-o",
    "--output",
    "directory",
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
    chosen = _read(scenario, settings)
    from viralsim.outcome import simulate, write_results
    from viralsim.outcome.tables import check_directory

    if directory is not None:
        check_directory(directory, force=force)
    if not quiet:
        _announce_compiling()
    graph = _in_background(lambda: _open_network(chosen, quiet))
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
    wanted = precision if precision is not None or realisations is not None else chosen.precision
    reached = outcome.engaged.precision
    if wanted is not None and (reached is None or reached > wanted) and not quiet:
        shown = "undefined" if reached is None else f"{reached:.2%}"
        _note(f"note: after {len(outcome):,} realisations the precision is {shown}, {wanted:.2%} was wanted")
    if directory is not None:
        write_results(directory, outcome, chosen, graph=graph, force=force)
        if not quiet:
            _note(f"written to {directory}")
    if as_json:
        click.echo(json.dumps(outcome.to_dict(), indent=2, allow_nan=False))
    else:
        from viralsim.cli.text import forecast_lines

        click.echo("\n".join(forecast_lines(outcome, chosen, graph)))


@viralsim.command()
@_scenario_argument
@_set_option
@_plan_option
@click.option(
    "--realisation", type=click.IntRange(min=0), default=0, show_default=True, metavar="N", help="Which one."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv", "graphml"]),
    default="text",
    show_default=True,
    help="How to print it.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    metavar="N",
    help="People shown as text; the other formats hold all.",
)
@click.option("-o", "--output", "file", metavar="FILE", help="Write to a file.")
@_force_option
@click.option("-q", "--quiet", is_flag=True, help="No notes on stderr.")
def replay(
    scenario: str | None,
    settings: tuple[str, ...],
    plan: str | None,
    realisation: int,
    form: str,
    limit: int,
    file: str | None,
    force: bool,
    quiet: bool,
) -> None:
    """Play one realisation of a SCENARIO again: who got it from whom and when."""
    chosen = _read(scenario, settings)
    from viralsim.outcome import replay as play_again

    if not quiet:
        _announce_compiling()
    graph = _in_background(lambda: _open_network(chosen, quiet))
    cascade = _in_background(lambda: play_again(chosen, realisation, plan=plan, graph=graph))
    if form == "text":
        text = cascade.to_text(limit)
    else:
        text = {"json": cascade.to_json, "csv": cascade.to_csv, "graphml": cascade.to_graphml}[form]()
    _print_or_write(text, file, force)


@viralsim.command()
@_scenario_argument
@_set_option
@_plan_option
@click.option("--data", is_flag=True, help="Open the network too and look up seeds, attributes and columns.")
@_json_option
def check(
    scenario: str | None, settings: tuple[str, ...], plan: str | None, data: bool, as_json: bool
) -> None:
    """Check a SCENARIO file; every mistake at once, with its place."""
    from viralsim.scenario import check as find_problems

    problems = find_problems(scenario, settings)
    if problems:
        if as_json:
            found = [
                {"place": p.place, "message": p.message, "hint": p.hint, "excerpt": p.excerpt} for p in problems
            ]
            click.echo(json.dumps({"valid": False, "problems": found}, indent=2))
        else:
            click.echo("\n\n".join(str(problem) for problem in problems), err=True)
            count = len(problems)
            click.echo(f"\n{count} problem{'s' if count > 1 else ''}", err=True)
        raise SystemExit(3)
    chosen = _read(scenario, settings)
    facts: dict[str, Any] = {
        "valid": True,
        "scenario": chosen.source,
        "items": list(chosen.item),
        "platforms": list(chosen.platform),
        "segments": list(chosen.segment),
        "plans": list(chosen.plan),
        "resolved": chosen.resolved(),
    }
    if plan is not None and plan not in chosen.plan:
        from viralsim.errors import did_you_mean

        raise UsageError(
            f"there is no plan '{plan}' in {chosen.source}",
            hint=did_you_mean(plan, chosen.plan) or f"the plans are {', '.join(chosen.plan)}",
        )
    if data:
        graph, compiled = _in_background(lambda: _compile_all(chosen, plan))
        facts |= {"people": graph.people, "arcs": len(graph.arcs), "scenario_hash": compiled}
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    plans = ", ".join(chosen.plan)
    click.echo(f"{chosen.source}: valid; item {', '.join(chosen.item)}; plans {plans}")
    if data:
        click.echo(f"network: {facts['people']:,} people, {facts['arcs']:,} arcs; all seeds are found")
        click.echo(f"scenario_hash: {facts['scenario_hash']}")


def _compile_all(scenario: Scenario, plan: str | None) -> tuple[SocialGraph, str]:
    from viralsim.engine import compile_campaign

    graph = _open_network(scenario)
    campaigns = [compile_campaign(scenario, graph, name) for name in ([plan] if plan else scenario.plan)]
    return graph, campaigns[0].scenario_hash


@viralsim.command()
@click.argument("file", required=False)
@click.option("--template", default="first-look", show_default=True, help="Packaged scenario to start from.")
@click.option("--force", is_flag=True, help="Replace the file.")
def init(file: str | None, template: str, force: bool) -> None:
    """Write a commented scenario to start from, to FILE or to stdout."""
    from viralsim.scenario import init_text

    _print_or_write(init_text(template), file, force)
    if file is not None:
        _note(f"wrote {file}; next: viralsim run {file}")


@viralsim.command()
def schema() -> None:
    """Print the JSON Schema of scenario files: every key with its unit, default and source."""
    from viralsim.scenario import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@viralsim.group(context_settings=_CONTEXT)
def graph() -> None:
    """Look at social graphs."""


_column = {"metavar": "COLUMN"}


@graph.command(epilog="SPEC is NAME or NAME:parameter=value,... for a generator, e.g. communities:people=5000")
@click.argument("source", metavar="FILE|SPEC")
@click.option(
    "--direction",
    type=click.Choice(["follows", "influences", "mutual"]),
    help="What a row 'a b' means: a follows b, a influences b, or both ways. Default: mutual.",
)
@click.option("--delimiter", help="Between columns. Default: found by looking.")
@click.option("--header/--no-header", default=None, help="Whether the first row names columns. Default: found.")
@click.option("--comment", help="What comment lines begin with. Default: #.")
@click.option("--source-column", help="Column of the first person, by name or number from 1.", **_column)
@click.option("--target-column", help="Column of the second person.", **_column)
@click.option("--trust-column", help="Column of tie trust, from 0 to 1.", **_column)
@click.option("--weight-column", help="Column of weights.", **_column)
@click.option("--probability-column", help="Column of arc probabilities, from 0 to 1.", **_column)
@click.option("--trust", type=float, help="Tie trust where no column gives it. Default: 0.5.")
@click.option(
    "--merge",
    type=click.Choice(["mean", "max", "sum", "last"]),
    help="Trust of rows merged into one arc. Default: mean.",
)
@_json_option
def info(source: str, as_json: bool, **options: Any) -> None:
    """Read a graph from a FILE, or make one from a SPEC, and say what it is."""
    from viralsim.graph import graph_info, graph_info_lines, open_graph

    given = {
        name: int(value) if name.endswith("_column") and value.isdigit() else value
        for name, value in options.items()
        if value is not None
    }
    opened = _in_background(lambda: open_graph(source, **given))
    if as_json:
        click.echo(json.dumps(_in_background(lambda: graph_info(opened)), indent=2, allow_nan=False))
    else:
        click.echo("\n".join(_in_background(lambda: graph_info_lines(opened))))


def _print_or_write(text: str, file: str | None, force: bool) -> None:
    if file is None:
        click.echo(text, nl=not text.endswith("\n"))
        return
    from viralsim.cli.files import write_whole

    try:
        write_whole(file, text, force=force)
    except OSError as error:
        raise ViralsimError(f"cannot be written: {error.strerror or error}", place=file) from None
