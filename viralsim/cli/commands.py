"""The commands. Heavy libraries are imported inside them, so that ``--help`` and ``check`` answer at once."""

from __future__ import annotations

import shlex
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from viralsim import __version__
from viralsim.cli.options import in_options, naming_options, option_name
from viralsim.cli.printing import data, json_text, note, text_width, words
from viralsim.errors import DataError, ScenarioError, UsageError, ViralsimError, did_you_mean
from viralsim.files import check_file, whole_file

if TYPE_CHECKING:
    from viralsim.engine import Campaign, PredictedReproduction
    from viralsim.experiments import Progress as SweepProgress
    from viralsim.experiments import Sweep
    from viralsim.graph import SocialGraph
    from viralsim.outcome import CascadeShapes
    from viralsim.scenario import Parameter, Scenario

T = TypeVar("T")

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


_ORDER = (
    "init",
    "check",
    "run",
    "compare",
    "plan",
    "crisis",
    "sweep",
    "results",
    "replay",
    "lab",
    "classics",
    "graph",
    "schema",
    "info",
    "import",
    "generate",
)


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

    def __init__(self, least: float = 0.0, example: str = "1% or 0.01") -> None:
        self.least = least
        self.example = example

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> float:
        from viralsim.scenario.units import BadValueError, read_share

        try:
            share = float(value)
        except ValueError:
            try:
                share = read_share(value, exclusive=True)
            except BadValueError:
                share = 1.0
        if not (0.0 < share < 1.0 and share >= self.least):
            above = f"of at least {self.least:.0%}" if self.least else "above 0"
            self.fail(f"expected a share {above} and below 100%, such as {self.example}; got '{value}'")
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


class _Money(click.ParamType):  # type: ignore[type-arg]
    """An amount of money above 0; 5_000 and 2.50 are some."""

    name = "amount"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> float:
        try:
            amount = float(value)
        except ValueError:
            amount = 0.0
        if not 0.0 < amount <= 1e12:
            self.fail(f"expected an amount of money above 0, such as 5_000 or 2.50; got '{value}'")
        return amount


class _Place(click.ParamType):  # type: ignore[type-arg]
    """A file or folder; what is wrong with it is found out later."""

    name = "path"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> str:
        if not value or "\0" in value:
            self.fail("expected the name of a file or folder")
        return str(value)


_LAST = 2**32 - 1  # the last realisation that can be numbered
_MOST_THREADS = 1024
_PICTURES = (".html", ".gif", ".png", ".svg")

_scenario_argument = click.argument("scenario", required=False, metavar="[SCENARIO]", type=_Place())
_set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change one value of the scenario, e.g. item.content.stickiness=3%. Repeatable.",
)
_code_option = click.option(
    "--allow-code",
    is_flag=True,
    help="Run the functions of your own that the scenario names (module:function). Only for scenarios you trust.",
)
_plan_option = click.option("--plan", metavar="NAME", help="Plan to play. Default: the first one.")
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_force_option = click.option("--force", is_flag=True, help="Replace what an earlier call wrote there.")
_threads_option = click.option(
    "--threads", type=_Count(1, _MOST_THREADS), metavar="N", help="Threads. Default: one per processor."
)
_no_impressions_option = click.option(
    "--no-impressions", is_flag=True, help="Do not count reach and impressions: faster."
)
_figures_option = click.option(
    "--figures",
    type=_Place(),
    metavar="DIR",
    help="Draw the results into this folder (PNG, SVG); figures of the same names are replaced.",
)
_quiet_option = click.option("-q", "--quiet", is_flag=True, help="No progress and no notes on stderr.")


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


def _announce_compiling(scenario: Scenario, graph: SocialGraph | None = None) -> None:
    """Say that the engine will be compiled, where it will.

    Which form of it a network needs that was imported earlier shows when it is open: with `graph`.
    """
    from viralsim.compiling import cache_folder, kernels_are_compiled
    from viralsim.engine import needs_brand, needs_crowd, needs_laws

    laws = needs_laws(scenario) or (graph is not None and graph.timed)
    form = "brand" if needs_brand(scenario) else "laws" if laws else "plain"
    form = "crowd" if needs_crowd(scenario) or scenario.tells_audiences else form
    if not kernels_are_compiled(form):
        kept = "once" if cache_folder() is not None else "every time: no folder to keep it in can be written"
        seconds = {"plain": 10, "laws": 20, "brand": 60, "crowd": 90}[form]
        note(f"compiling the engine ({kept}; some {seconds} seconds) ...")


def _is_imported(scenario: Scenario) -> bool:
    from viralsim.graph.store import is_store

    return scenario.network.file is not None and is_store(scenario.network.file)


def _read(scenario: str | None, settings: tuple[str, ...], plan: str | None, allow_code: bool = False) -> Scenario:
    from viralsim.scenario import read_scenario

    chosen = read_scenario(scenario, settings=settings, allow_code=allow_code)
    if plan is not None:  # before a large graph is read
        _require_plan(chosen, plan)
    return chosen


def _require_plan(scenario: Scenario, plan: str) -> None:
    if plan not in scenario.plan:
        raise UsageError(
            f"there is no plan '{plan}' in {scenario.source}; the plans are {', '.join(scenario.plan)}",
            hint=did_you_mean(plan, scenario.plan),
        )


def _open_network(scenario: Scenario, quiet: bool = False, *, everything: bool = False) -> SocialGraph:
    from viralsim.cli.text import import_lines
    from viralsim.graph import load_network

    graph = _in_background(lambda: load_network(scenario.network, scenario.place))
    for line in () if quiet else import_lines(graph, everything=everything):
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
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("realisations", total=None)
        self._bar.start()
        return self._update

    def _update(self, done: int, planned: int) -> None:
        self._bar.update(self._task, completed=done, total=planned)

    def of_sweep(self, so_far: SweepProgress) -> None:
        """Show how far a sweep is."""
        if self._bar is not None:
            done = f"{so_far.cells_done:,} of {so_far.cells:,} cells, realisations"
            self._bar.update(self._task, description=done)
            self._update(so_far.realisations_done, so_far.realisations)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()


class _Names(click.ParamType):  # type: ignore[type-arg]
    """Names with commas between them."""

    name = "names"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> list[Any]:
        names = [name.strip() for name in str(value).split(",")]
        if not all(names):
            self.fail(f"expected {self.name} with commas between them; got '{value}'")
        return names


@viralsim.command()
@_scenario_argument
@_set_option
@_code_option
@_plan_option
@click.option(
    "--without",
    type=_Names(),
    multiple=True,
    metavar="NAME",
    help="Leave out an item, or all items of a kind, such as testimony: nothing starts them. Prints the forecast "
    "without, and by how much it differs from the one with, on the same luck (paired). Repeatable.",
)
@click.option(
    "--difference",
    is_flag=True,
    help="Also print by how much --set changes the forecast: as set minus as in the file, on the same luck (paired).",
)
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
@_threads_option
@click.option(
    "--block",
    type=_Count(1),
    metavar="N",
    help="Realisations that a thread plays at a time. Like --threads it never changes a result.",
)
@_no_impressions_option
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
@_figures_option
@_quiet_option
def run(
    scenario: str | None,
    settings: tuple[str, ...],
    allow_code: bool,
    plan: str | None,
    without: tuple[list[str], ...],
    difference: bool,
    realisations: int | None,
    precision: float | None,
    first: int,
    threads: int | None,
    block: int | None,
    no_impressions: bool,
    as_json: bool,
    directory: str | None,
    force: bool,
    figures: str | None,
    quiet: bool,
) -> None:
    """Play a plan of a SCENARIO file and print the forecast.

    Without a SCENARIO the packaged first-look scenario is played.
    """
    left_out = list(dict.fromkeys(name for names in without for name in names))
    if difference and not settings:
        raise UsageError(
            "--difference is about what --set changes, and nothing is set",
            hint="for example --set item.NAME.reaction_delay=2h; --without NAME prints its difference by itself",
        )
    if difference and left_out:
        raise UsageError(
            "--difference and --without are two questions: what does --set change, and what does an item do",
            hint="ask one of them; with --without alone, --set holds with the item and without it",
        )
    chosen = _read(scenario, settings, plan, allow_code)
    from viralsim.cli.drawing import draw, require_folder
    from viralsim.outcome import Counterfactual, counterfactual, simulate, write_panel, write_results
    from viralsim.outcome.counterfactuals import counterfactual_scenario
    from viralsim.outcome.playing import how_many
    from viralsim.outcome.tables import check_directory, forecast

    otherwise: dict[str, Any] = {}
    if left_out:
        otherwise = {"without": left_out}
    elif difference:
        otherwise = {"otherwise": _read(scenario, (), plan, allow_code)}
    if otherwise:  # before a large graph is read
        counterfactual_scenario(chosen, **otherwise)
    if difference:
        otherwise["names"] = ("as set", "as in the file")
    found: Counterfactual | None = None
    _, wanted = how_many(chosen, realisations, precision, written=directory is not None)
    if directory is not None:
        check_directory(directory, force=force)
    if figures is not None:
        require_folder(figures)
    if not quiet and not _is_imported(chosen):
        _announce_compiling(chosen)
    graph = _open_network(chosen, quiet)
    if not quiet and _is_imported(chosen):
        _announce_compiling(chosen, graph)
    with _Progress(quiet) as progress:
        play: dict[str, Any] = {
            "plan": plan,
            "graph": graph,
            "realisations": realisations,
            "precision": precision,
            "first": first,
            "threads": threads,
            "block": block,
            "impressions": not no_impressions,
            "progress": progress,
        }
        if otherwise:
            found = _in_background(lambda: counterfactual(chosen, **otherwise, **play))
            chosen, outcome = found.parts["otherwise" if left_out else "actual"]
        else:
            outcome = _in_background(lambda: simulate(chosen, **play))
    reached = outcome.engaged.precision
    if wanted is not None and (reached is None or reached > wanted) and not quiet:
        shown = "undefined" if reached is None else f"{reached:.2%}"
        note(f"note: after {len(outcome):,} realisations the precision is {shown}, {wanted:.2%} was wanted")
    if directory is not None:
        if found is None:
            write_results(directory, outcome, chosen, graph=graph, force=force)
        else:
            write_panel(directory, found, graph=graph, force=force)
        if not quiet:
            note(f"written to {directory}")
    if figures is not None:
        from viralsim.show import outcome_figures

        _in_background(lambda: draw(outcome_figures(outcome, chosen), figures, quiet))
    if as_json:
        facts = forecast(outcome, chosen) | ({} if found is None else {"counterfactual": found.to_dict()})
        data(json_text(facts))
    else:
        from viralsim.cli.counterfactual_text import difference_lines
        from viralsim.cli.text import forecast_lines

        lines = forecast_lines(outcome, chosen, graph, text_width())
        lines += [] if found is None else ["", *difference_lines(found, text_width())]
        words("\n".join(lines))


class _Margin(_Share):
    """A share such as 1%, or nothing."""

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> float:
        with suppress(ValueError):
            if float(str(value).removesuffix("%")) == 0.0:
                return 0.0
        return super().convert(value, parameter, context)


@viralsim.command(short_help="Play all plans on the same luck: which is best, how sure is that, is it worth it.")
@_scenario_argument
@_set_option
@_code_option
@click.option("--plans", type=_Names(), metavar="A,B,...", help="Plans to compare. Default: all.")
@click.option("--metric", default="engaged", show_default=True, metavar="NAME", help="What to compare them by.")
@click.option(
    "--baseline", metavar="NAME", help="Plan to measure others against, besides the best. Default: the first."
)
@click.option("--rivals-of", metavar="NAME", help="Plan that random people are to catch up with. Default: the best.")
@click.option(
    "--confidence",
    type=_Share(0.5, "95% or 0.99"),
    default="95%",
    show_default=True,
    metavar="SHARE",
    help="Play until every pair of plans is told apart or equal: the chance that none is judged wrongly.",
)
@click.option(
    "--margin",
    type=_Margin(),
    default="1%",
    show_default=True,
    metavar="SHARE",
    help="Plans that surely differ by less than this share of the best mean are equal.",
)
@click.option(
    "--realisations",
    type=_Count(1),
    metavar="N",
    help="The most realisations of each plan. Default: 16,000. With --no-stop: exactly so many.",
)
@click.option("--no-stop", is_flag=True, help="Play a fixed number of realisations. Default: as the scenario says.")
@click.option(
    "--after", metavar="TIME", help="Say how much is decided after this time, e.g. 6h (a bare number: so many ticks)."
)
@click.option(
    "--first", type=_Count(0, _LAST), default=0, metavar="N", help="Number of the first realisation. Default: 0."
)
@_threads_option
@_no_impressions_option
@click.option(
    "--all", "everything", is_flag=True, help="Print every metric with its intervals, and every pair of plans."
)
@_json_option
@click.option(
    "-o",
    "--output",
    "directory",
    type=_Place(),
    metavar="DIR",
    help="Write comparison.json, and what `run -o` writes for each plan, into this folder.",
)
@_force_option
@_figures_option
@_quiet_option
def compare(
    scenario: str | None,
    settings: tuple[str, ...],
    allow_code: bool,
    plans: list[str] | None,
    metric: str,
    baseline: str | None,
    rivals_of: str | None,
    confidence: float,
    margin: float,
    realisations: int | None,
    no_stop: bool,
    after: str | None,
    first: int,
    threads: int | None,
    no_impressions: bool,
    everything: bool,
    as_json: bool,
    directory: str | None,
    force: bool,
    figures: str | None,
    quiet: bool,
) -> None:
    """Play the plans of a SCENARIO on the same luck and compare them: with each other, and with random people.

    Plays until the ranking is settled at the stated confidence, at most 16,000 realisations of each plan. Without a
    SCENARIO the packaged first-look scenario is played.
    """
    chosen = _read(scenario, settings, None, allow_code)
    from viralsim.cli.drawing import draw, require_folder
    from viralsim.outcome import Comparison, write_comparison
    from viralsim.outcome import compare as play_all
    from viralsim.outcome.comparison import check_comparison
    from viralsim.outcome.tables import check_directory

    time = None if after is None else _time(after)
    check_comparison(
        chosen, plans, metric, baseline, rivals_of, confidence, margin, time, impressions=not no_impressions
    )  # before a large graph is read
    if directory is not None:
        check_directory(directory, force=force)
    if figures is not None:
        require_folder(figures)
    if not quiet and not _is_imported(chosen):
        _announce_compiling(chosen)
    graph = _open_network(chosen, quiet)
    if not quiet and _is_imported(chosen):
        _announce_compiling(chosen, graph)

    def tell(so_far: Comparison) -> None:
        if not quiet and not so_far.settled and len(so_far) < (so_far.most or 0):
            note(look_line(so_far))

    from viralsim.cli.comparison_text import comparison_lines, look_line

    with _Progress(quiet) as progress:
        comparison = _in_background(
            lambda: play_all(
                chosen,
                graph=graph,
                plans=plans,
                metric=metric,
                baseline=baseline,
                rivals_of=rivals_of,
                confidence=confidence,
                margin=margin,
                realisations=realisations,
                stop=not no_stop,
                first=first,
                after=time,
                curves=directory is not None,
                impressions=not no_impressions,
                threads=threads,
                progress=progress,
                looked=tell,
            )
        )
    if directory is not None:
        write_comparison(directory, comparison, chosen, graph=graph, force=force)
        if not quiet:
            note(f"written to {directory}")
    if figures is not None:
        from viralsim.show import comparison_figures

        _in_background(lambda: draw(comparison_figures(comparison), figures, quiet))
    if as_json:
        data(json_text(_in_background(comparison.to_dict)))
    else:
        lines = _in_background(lambda: comparison_lines(comparison, chosen, graph, text_width(), everything=everything))
        words("\n".join(lines))


@viralsim.command(short_help="Find out whom to start with, and what each further seed brings.")
@_scenario_argument
@_set_option
@_code_option
@click.option("--budget", type=_Money(), metavar="AMOUNT", help="Money to spend; the scenario says what people cost.")
@click.option("--count", type=_Count(1, 2**31 - 1), metavar="N", help="In place of --budget: how many people.")
@click.option(
    "--objective",
    default="engaged",
    show_default=True,
    metavar="METRIC",
    help="What is to be large: engaged, reach, impressions, shares or viral_chance.",
)
@click.option(
    "--plan", metavar="NAME", help="Plan whose first wave is filled anew; its other waves stay. Default: the first one."
)
@click.option(
    "--worth",
    type=_Money(),
    metavar="AMOUNT",
    help="What one more of the objective is worth: says after how many seeds the next does not pay.",
)
@click.option(
    "--realisations",
    type=_Count(1),
    metavar="N",
    help="Fresh ones that the result is measured on. Default: as the scenario says.",
)
@click.option(
    "--training",
    type=_Count(1, 2**31 - 1),
    metavar="N",
    help="Realisations that people are chosen on. More find better people and take longer. Default: 200 to 2,000, more "
    "where campaigns are small.",
)
@click.option(
    "--candidates", type=_Count(1, 2**31 - 1), default=400, show_default=True, metavar="N", help="People who are tried."
)
@_threads_option
@_json_option
@click.option("-o", "--output", "file", type=_Place(), metavar="FILE", help="Write to a file.")
@click.option("--force", is_flag=True, help="Replace the file.")
@_quiet_option
def plan(
    scenario: str | None,
    settings: tuple[str, ...],
    allow_code: bool,
    budget: float | None,
    count: int | None,
    objective: str,
    plan: str | None,
    worth: float | None,
    realisations: int | None,
    training: int | None,
    candidates: int,
    threads: int | None,
    as_json: bool,
    file: str | None,
    force: bool,
    quiet: bool,
) -> None:
    """Find out whom to start with so that the most comes of a SCENARIO, for so much money or so many people.

    Prints a plan to paste into the scenario, with comments that say what to expect of it and what each further seed
    adds. People are chosen on training realisations; what is said of them was measured on others.
    """
    if (budget is None) == (count is None):
        given = "neither is given" if budget is None else "both are given"
        raise UsageError(f"either --budget or --count says how many seeds there are; {given}")
    if file is not None:
        check_file(file, force=force)
    chosen = _read(scenario, settings, plan, allow_code)
    from viralsim.planning import plan_seeds

    if not quiet and not _is_imported(chosen):
        _announce_compiling(chosen)
    network = _open_network(chosen, quiet)
    if not quiet and _is_imported(chosen):
        _announce_compiling(chosen, network)
    found = _in_background(
        lambda: plan_seeds(
            chosen,
            network,
            budget=budget,
            count=count,
            objective=objective,
            plan=plan,
            worth=worth,
            realisations=realisations,
            training=training,
            candidates=candidates,
            threads=threads,
            progress=None if quiet else lambda text: note(f"{text} ..."),
        )
    )
    _print_or_write(json_text(found.to_dict()) if as_json else found.toml(), file, force, data)
    if file is not None and not quiet:
        note(f"written to {file}")


class _Times(_Names):
    """Times with commas between them; bare numbers are ticks."""

    name = "times"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> list[Any]:
        return [_time(one) for one in super().convert(value, parameter, context)]


def _time(text: str) -> int | str:
    return int(text) if text.strip().isdecimal() else text


@viralsim.command(short_help="Play the ways a crisis may go: no answer, answered after hours, disproved, restored.")
@_scenario_argument
@_set_option
@_code_option
@_plan_option
@click.option(
    "--delays",
    type=_Times(),
    metavar="TIME,...",
    help="Delays of the answer, e.g. 1h,6h,1d (a bare number: so many ticks). Default: those of 1h, 6h, 1d and 3d that "
    "are whole ticks before the end.",
)
@click.option(
    "--proven-false-at",
    metavar="TIME",
    help="When all testimony and rumours are proven false. Default: as the scenario says.",
)
@click.option(
    "--realisations", type=_Count(1), metavar="N", help="How often to play each row. Default: as the scenario says."
)
@click.option(
    "--first", type=_Count(0, _LAST), default=0, metavar="N", help="Number of the first realisation. Default: 0."
)
@_threads_option
@click.option("--all", "everything", is_flag=True, help="Also print what one campaign may bring: 5%, median, 95%.")
@_json_option
@click.option(
    "-o",
    "--output",
    "directory",
    type=_Place(),
    metavar="DIR",
    help="Write crisis.json, and what `run -o` writes for each row, into this folder.",
)
@_force_option
@_figures_option
@_quiet_option
def crisis(
    scenario: str | None,
    settings: tuple[str, ...],
    allow_code: bool,
    plan: str | None,
    delays: list[Any] | None,
    proven_false_at: str | None,
    realisations: int | None,
    first: int,
    threads: int | None,
    everything: bool,
    as_json: bool,
    directory: str | None,
    force: bool,
    figures: str | None,
    quiet: bool,
) -> None:
    """Play the ways a crisis of a SCENARIO may go on the same luck: what it costs, and what an hour of delay costs.

    \b
    no crisis              testimony, rumours and restoration are silent
    no answer              restoration is silent, nothing is proven false
    answered after D       what reacts to another item (after) does so D later,
                           other restoration is silent
    answered D later       where nothing reacts: all restoration is D later
                           than the scenario says
    disproved              restoration is silent, proven_false_at holds
    answered and restored  everything as the scenario says

    Each row shows how many the good and the bad reach, trust at the end, and how many have converted by then, where
    the scenario says who converts; then differences to 'no answer', realisation by realisation.
    """  # noqa: D301 - click's mark of lines that stay as they are
    chosen = _read(scenario, settings, plan, allow_code)
    from viralsim.cli.drawing import draw, require_folder
    from viralsim.outcome import crisis as play_all
    from viralsim.outcome import write_panel
    from viralsim.outcome.counterfactuals import crisis_rows
    from viralsim.outcome.tables import check_directory

    false_at = None if proven_false_at is None else _time(proven_false_at)
    crisis_rows(chosen, delays, false_at)  # before a large graph is read
    if directory is not None:
        check_directory(directory, force=force)
    if figures is not None:
        require_folder(figures)
    if not quiet and not _is_imported(chosen):
        _announce_compiling(chosen)
    graph = _open_network(chosen, quiet)
    if not quiet and _is_imported(chosen):
        _announce_compiling(chosen, graph)
    with _Progress(quiet) as progress:
        panel = _in_background(
            lambda: play_all(
                chosen,
                delays=delays,
                proven_false_at=false_at,
                plan=plan,
                graph=graph,
                realisations=realisations,
                first=first,
                curves=directory is not None or figures is not None,
                threads=threads,
                progress=progress,
            )
        )
    if directory is not None:
        write_panel(directory, panel, graph=graph, force=force)
        if not quiet:
            note(f"written to {directory}")
    if figures is not None:
        from viralsim.show import crisis_figures

        _in_background(lambda: draw(crisis_figures(panel), figures, quiet))
    if as_json:
        data(json_text(_in_background(panel.to_dict)))
    else:
        from viralsim.cli.counterfactual_text import crisis_lines

        lines = _in_background(lambda: crisis_lines(panel, chosen, graph, text_width(), everything=everything))
        words("\n".join(lines))


@viralsim.command(short_help="Play many combinations of values, on one machine or a cluster; goes on where it stopped.")
@_scenario_argument
@_set_option
@_code_option
@click.option(
    "--vary",
    multiple=True,
    metavar="PATH=VALUES",
    help="What varies: a,b,c or a range low:high:N (N values evenly) or low:high:N:log, e.g. "
    "item.content.stickiness=0.5%:5%:10; plan=hubs,random for plans. Designs that draw samples take low:high too. "
    "Repeatable. Default: as the [sweep] table says.",
)
@click.option("--plan", metavar="NAME", help="Plan to play, where it does not vary. Default: the first one.")
@click.option(
    "--design",
    metavar="NAME",
    help="How values are combined: grid (every combination), random, latin, sobol or morris. Default: grid.",
)
@click.option(
    "--samples",
    type=_Count(1),
    metavar="N",
    help="Samples of a design other than grid. Default: 100; sobol 256, a power of two; morris 20 trajectories.",
)
@click.option(
    "--realisations", type=_Count(1), metavar="N", help="How often to play each cell. Default: as the scenario says."
)
@click.option(
    "--precision",
    type=_Share(),
    metavar="SHARE",
    help="Play each cell until its mean number engaged is known to plus or minus this share (95%), e.g. 1%. "
    "With --realisations: at most so many.",
)
@click.option("--metric", metavar="NAME", help="What is told and explained. Default: as the scenario says, or reach.")
@click.option(
    "--find",
    metavar="PATH[=LOW:HIGH]",
    help="With --until: look for the value of this key from which on, or up to which, the condition holds.",
)
@click.option("--until", metavar="CONDITION", help='With --find: a condition on a mean, e.g. "viral_chance >= 50%".')
@click.option(
    "--own-luck",
    is_flag=True,
    help="Give each cell luck of its own: independent errors. Default: all share it, so that curves are smooth.",
)
@_no_impressions_option
@click.option("--dry-run", is_flag=True, help="Say how many cells there are, and what time, memory and disk they take.")
@click.option(
    "-o",
    "--output",
    "directory",
    type=_Place(),
    metavar="DIR",
    help="Keep the results in this folder, as they come. The same call goes on where it was interrupted; more values "
    "or realisations are added.",
)
@click.option(
    "--executor",
    type=click.Choice(["threads", "processes"]),
    default="threads",
    show_default=True,
    help="Who plays on this machine.",
)
@click.option(
    "--workers", type=_Count(1, _MOST_THREADS), metavar="N", help="Threads or processes. Default: one per processor."
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Play on a Dask cluster: the address of its scheduler, e.g. tcp://host:8786, or local:N for N processes here.",
)
@_figures_option
@_json_option
@_quiet_option
def sweep(
    scenario: str | None,
    settings: tuple[str, ...],
    allow_code: bool,
    vary: tuple[str, ...],
    plan: str | None,
    design: str | None,
    samples: int | None,
    realisations: int | None,
    precision: float | None,
    metric: str | None,
    find: str | None,
    until: str | None,
    own_luck: bool,
    no_impressions: bool,
    dry_run: bool,
    directory: str | None,
    executor: str,
    workers: int | None,
    cluster: str | None,
    figures: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Play a SCENARIO for many combinations of values, say what comes of each, and what explains it.

    Results that are kept (-o) are read by `viralsim results`, also while it plays. Without a SCENARIO the packaged
    first-look scenario is played.
    """
    if cluster is not None:
        _require_source(executor, workers)
    if dry_run and figures is not None:
        raise UsageError("--dry-run plays nothing that could be drawn", hint="leave out --figures")
    chosen = _read(scenario, settings, plan, allow_code)
    from viralsim.cli.drawing import require_folder
    from viralsim.cli.sweep_text import estimate_lines, sweep_lines
    from viralsim.experiments import estimate_sweep
    from viralsim.experiments import sweep as play_all

    if no_impressions and metric is None and (chosen.sweep is None or chosen.sweep.metric in ("reach", "impressions")):
        metric = "engaged"  # what is not counted cannot be told
    if figures is not None:
        require_folder(figures)
    asked: dict[str, Any] = {
        "vary": vary,
        "plan": plan,
        "design": _design(design),
        "samples": samples,
        "realisations": realisations,
        "precision": precision,
        "metric": metric,
        "find": find,
        "until": until,
        "common_luck": False if own_luck else None,
        "impressions": not no_impressions,
        "store": directory,
        "workers": workers,
    }
    # What is wrong with the call shows within that second, and then nothing is compiled.
    announcing = threading.Timer(1.0, lambda: None if quiet else _announce_compiling(chosen))
    announcing.daemon = True
    announcing.start()
    if dry_run:
        try:
            estimate = _in_background(lambda: estimate_sweep(chosen, **asked))
        finally:
            announcing.cancel()
        if as_json:
            data(json_text(estimate.to_dict()))
        else:
            words("\n".join(estimate_lines(estimate, text_width())))
        return
    progress = _Progress(quiet)
    try:
        with progress:
            made = _in_background(
                lambda: play_all(chosen, **asked, executor=executor, cluster=cluster, progress=progress.of_sweep)
            )
    except KeyboardInterrupt:
        if directory is not None:
            note(f"what was finished is kept in {directory}; the same command goes on")
        raise
    finally:
        announcing.cancel()
    if not quiet:
        played = f"{made.played:,} {'realisation' if made.played == 1 else 'realisations'} played"
        took = "" if made.seconds is None else f" in {made.seconds:,.3g} s"
        kept = "kept nowhere: -o DIR keeps them" if directory is None else f"kept in {directory}"
        note(f"{played}{took}; results are {kept}")
    if figures is not None:
        _draw(made, figures, metric, None, quiet)
    if as_json:
        data(json_text(_in_background(lambda: _sweep_facts(made, metric, None))))
    else:
        words("\n".join(_in_background(lambda: sweep_lines(made, metric, None, text_width()))))


def _require_source(executor: str, workers: int | None) -> None:
    """Refuse what says twice who plays."""
    if executor != "threads":
        raise UsageError(f"--executor {executor} and --cluster both say who plays", hint="leave out one of the two")
    if workers is not None:
        raise UsageError("--workers is about this machine, and a cluster has its own", hint="for example local:4")


def _design(name: str | None) -> str | None:
    from viralsim.scenario import choices

    designs = choices("design")
    if name is None or name in designs:
        return name
    for choice in designs.values():
        if name in choice.also:
            return choice.name
    raise UsageError(f"no design '{name}'; choose from {', '.join(designs)}", hint=did_you_mean(name, designs))


def _sweep_facts(made: Sweep, metric: str | None, item: str | None) -> dict[str, Any]:
    """Return all that is known of a sweep, ready for JSON."""
    facts = made.to_dict(metric, item)
    with suppress(UsageError):  # there are none, or not yet
        facts["effects"] = [one.to_dict() for one in made.effects(metric, item)]
    return facts


def _draw(made: Sweep, folder: str, metric: str | None, item: str | None, quiet: bool) -> None:
    from viralsim.cli.drawing import draw
    from viralsim.show import sweep_figures

    nothing = "nothing varies that could be drawn"
    _in_background(lambda: draw(sweep_figures(made, metric, item), folder, quiet, nothing=nothing))


@viralsim.command(short_help="Read what a sweep found: tables, SQL, effects, figures; also while it plays.")
@click.argument("directory", metavar="DIR", type=_Place())
@click.option("--metric", metavar="NAME", help="This one alone. As text: default, that of the sweep.")
@click.option("--item", metavar="NAME", help="This one alone. As text: default, the main item.")
@click.option(
    "--sql",
    metavar="TEXT",
    help="A SELECT over the tables results, realisations and cells, e.g. "
    "\"SELECT plan, avg(mean) FROM results WHERE metric = 'reach' GROUP BY plan\".",
)
@click.option("--effects", is_flag=True, help="What explains the metric, alone: Sobol, Morris or of a full grid.")
@click.option(
    "--scenario", "cell", metavar="CELL", help="Print the scenario (TOML) of a cell, by its number in the tables."
)
@_figures_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "parquet", "json"]),
    help="How results are printed. Default: table; with -o, by the ending of FILE.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("-o", "--output", "file", type=_Place(), metavar="FILE", help="Write to a file.")
@click.option("--force", is_flag=True, help="Replace the file.")
@_quiet_option
def results(
    directory: str,
    metric: str | None,
    item: str | None,
    sql: str | None,
    effects: bool,
    cell: str | None,
    figures: str | None,
    form: str | None,
    as_json: bool,
    file: str | None,
    force: bool,
    quiet: bool,
) -> None:
    """Print what the sweep in DIR found, or write it to a file.

    As CSV, Parquet and JSON there is one row per cell, item and metric, with both intervals. DIR/results.parquet holds
    the same once a sweep is finished.
    """
    form = _form(form, as_json, file)
    asked = {"--sql": sql is not None, "--effects": effects, "--scenario": cell is not None}
    given = [name for name, is_given in asked.items() if is_given]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} ask for different things", hint="ask one at a time")
    for name, value in {"--metric": metric, "--item": item}.items():
        if value is not None and (sql is not None or cell is not None):
            raise UsageError(f"{name} does not go with {given[0]}", hint="a WHERE chooses rows" if sql else "")
    if cell is not None and form != "table":
        raise UsageError(f"a scenario is TOML, and no {form}", hint="leave out --format, or write to a .toml file")
    if file is not None:
        check_file(file, force=force)
    from viralsim.cli.sweep_text import columns_lines, effect_lines, main_item, sweep_lines
    from viralsim.experiments import read_sweep

    made = _in_background(lambda: read_sweep(directory))
    if figures is not None:
        _draw(made, figures, metric, item, quiet)
        if not given and file is None and form == "table":
            return
    if cell is not None:
        _print_or_write(_in_background(lambda: _scenario_of(made, cell)), file, force, data)
    elif effects:
        found = _in_background(lambda: made.effects(metric, item))
        if form == "table":
            _print_or_write("\n".join(effect_lines(found, metric or made.metric, text_width())), file, force, words)
        elif form == "json":
            _print_or_write(json_text([one.to_dict() for one in found]), file, force, data)
        else:
            _print_columns(_effects_table([one.to_dict() for one in found]), form, file, force)
    elif sql is not None:
        table = _in_background(lambda: made.query(sql))
        if form == "table":
            _print_or_write("\n".join(columns_lines(table)), file, force, words)
        elif form == "json":
            _print_or_write(json_text(_in_rows(table)), file, force, data)
        else:
            _print_columns(table, form, file, force)
    elif form == "table":
        lines = _in_background(lambda: sweep_lines(made, metric, main_item(made, item), text_width()))
        _print_or_write("\n".join(lines), file, force, words)
    elif form == "json":
        _print_or_write(_in_background(lambda: json_text(_sweep_facts(made, metric, item))), file, force, data)
    else:
        _print_columns(_in_background(lambda: made.table(metric, item)), form, file, force)
    if file is not None and not quiet:
        note(f"written to {file}")


def _form(form: str | None, as_json: bool, file: str | None) -> str:
    """Return the form that results are wanted in."""
    if as_json and form not in (None, "json"):
        raise UsageError(f"--json and --format {form} contradict each other")
    ending = {".csv": "csv", ".parquet": "parquet", ".json": "json"}.get(Path(file or "").suffix.lower(), "table")
    form = "json" if as_json else form or ending
    if form == "parquet" and file is None:
        raise UsageError("Parquet is no text to print", hint="-o FILE.parquet writes it to a file")
    return form


def _in_rows(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the columns of a query as rows, ready for JSON: undefined is None, and what JSON does not know is text."""
    import math

    def plainly(value: Any) -> Any:
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return None
        return value if isinstance(value, (str, int, float, bool, list, dict)) else str(value)

    columns = [[plainly(value) for value in column.tolist()] for column in table.values()]
    return [dict(zip(table, row, strict=True)) for row in zip(*columns, strict=True)]


def _effects_table(effects: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    import numpy as np

    columns = {name: [one[name] for one in effects] for name in (effects[0] if effects else ())}
    return {
        name: np.array([" x ".join(value) for value in values], dtype=object)
        if name == "names"
        else np.ma.masked_invalid(np.array(values, dtype=np.float64))
        for name, values in columns.items()
    }


def _print_columns(table: Mapping[str, Any], form: str, file: str | None, force: bool) -> None:
    """Print a table as CSV, or write it as CSV or Parquet."""
    from viralsim.outcome.tables import csv_text, write_parquet

    if form == "csv":
        _print_or_write(csv_text(dict(table)), file, force, data)
    elif file is not None:
        with whole_file(file, force=force) as fresh:
            write_parquet(fresh, dict(table))


def _scenario_of(made: Sweep, cell: str) -> str:
    """Return the scenario of a cell as TOML; the number is that of the tables."""
    from viralsim.scenario.schema import resolved_toml

    cells = made.cells
    wanted = next((one for one in cells if one.key == cell), None)
    if wanted is None and cell.isascii() and cell.isdigit() and int(cell) < len(cells):
        wanted = cells[int(cell)]
    if wanted is None:
        raise UsageError(
            f"there is no cell '{cell}'", place="--scenario", hint=f"cells are numbered from 0 to {len(cells) - 1:,}"
        )
    head = f"# cell {cells.index(wanted)}, plan {wanted.plan}, scenario_hash {wanted.scenario_hash}\n"
    return head + resolved_toml(dict(wanted.resolved))


@viralsim.command(
    short_help="Play realisations again: who got it from whom, as text, page or film; or the shape of many."
)
@_scenario_argument
@_set_option
@_code_option
@_plan_option
@click.option("--realisation", type=_Count(0, _LAST), metavar="N", help="Which one. Default: 0, the first.")
@click.option(
    "--pick",
    type=click.Choice(["median", "p95", "largest", "typical"]),
    help="Which one, if no number is known: as many engaged as in the middle of all, or as only one in twenty exceeds; "
    "the largest; or in the middle by number, generations and speed at once. Says which it was.",
)
@click.option(
    "--realisations",
    type=_Count(1),
    metavar="N",
    help="Play so many instead and print the shape of their cascades: how large, deep and wide they are, people per "
    "generation, and what a second and a third share still does. With --pick: choose among so many; default: as the "
    "scenario says.",
)
@click.option(
    "--against",
    metavar="NAME",
    help="With --realisations: compare with the cascades of this plan, as they are and among those of equal size.",
)
@click.option(
    "--first",
    type=_Count(0, _LAST),
    metavar="N",
    help="With --realisations or --pick: number of the first one. Default: 0.",
)
@click.option(
    "--threads",
    type=_Count(1, _MOST_THREADS),
    metavar="N",
    help="With --realisations or --pick: threads. Default: one per processor.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv", "graphml"]),
    help="How to print it. Default: text. With --realisations csv has one row per cascade.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--limit",
    type=_Count(1),
    metavar="N",
    help="People shown as text; the other formats hold all. Default: 200.",
)
@click.option(
    "-o",
    "--output",
    "file",
    type=_Place(),
    metavar="FILE",
    help="Write to a file. One that ends in .html is a page that plays the cascade and needs no network, .gif a film, "
    ".png and .svg a picture of its end.",
)
@click.option("--force", is_flag=True, help="Replace the file.")
@_quiet_option
def replay(
    scenario: str | None,
    settings: tuple[str, ...],
    allow_code: bool,
    plan: str | None,
    realisation: int | None,
    pick: str | None,
    realisations: int | None,
    against: str | None,
    first: int | None,
    threads: int | None,
    form: str | None,
    as_json: bool,
    limit: int | None,
    file: str | None,
    force: bool,
    quiet: bool,
) -> None:
    """Play one realisation of a SCENARIO again: who got it from whom and when.

    With --realisations: play many, and print the shape of their cascades.
    """
    if as_json and form not in (None, "json"):
        raise UsageError(f"--json and --format {form} contradict each other")
    ending = "" if file is None else Path(file).suffix.lower()
    picture = ending in _PICTURES
    if picture and (as_json or form is not None):
        asked = "--json" if as_json else f"--format {form}"
        raise UsageError(f"a file that ends in {ending} is a picture, {asked} is text: leave one of them out")
    if picture and limit is not None:
        raise UsageError("--limit is about text, and the file is a picture: leave one of them out")
    form = "json" if as_json else form or "text"
    if pick is not None and realisation is not None:
        raise UsageError("--realisation and --pick are two ways to say which one: leave one of them out")
    many = realisations is not None and pick is None
    if many and picture:
        raise UsageError(
            "a picture shows one realisation, --realisations the shape of many",
            hint="--pick median chooses one among them, --realisation N is one by its number",
        )
    of_one = {"--realisation": realisation, "--limit": limit, "--format graphml": form == "graphml" or None}
    of_many = {"--against": against, "--first": first, "--threads": threads}
    if pick is not None:
        of_many = {"--against": against}
    for option, value in (of_one if many else of_many).items():
        if value is not None and not many:
            raise UsageError(f"{option} needs --realisations: it is about many cascades")
        if value is not None:
            raise UsageError(f"{option} shows one realisation, --realisations the shape of many: leave one of them out")
    if against is not None and form == "csv":
        raise UsageError("--format csv has the cascades of one plan, --against compares two: leave one of them out")
    if file is not None:
        check_file(file, force=force)
    chosen = _read(scenario, settings, plan, allow_code)
    if against is not None:
        _require_plan(chosen, against)
    if not quiet and not _is_imported(chosen):
        _announce_compiling(chosen)
    graph = _open_network(chosen, quiet)
    if not quiet and _is_imported(chosen):
        _announce_compiling(chosen, graph)
    if many and realisations is not None:
        shapes = [
            _shapes(chosen, name, graph, realisations, first or 0, threads, quiet)
            for name in ([plan] if against is None else [plan, against])
        ]
        text = _shapes_text(shapes, chosen, form)
        _print_or_write(text, file, force, words if form == "text" else data)
    else:
        from viralsim.outcome import replay as play_again

        number = realisation or 0
        if pick is not None:
            number = _picked(pick, chosen, plan, graph, realisations, first or 0, threads, quiet)
        cascade = _in_background(lambda: play_again(chosen, number, plan=plan, graph=graph))
        if picture and file is not None:
            from viralsim.show import write_cascade

            title = chosen.title or chosen.source
            _in_background(partial(write_cascade, file, graph, cascade, title=title, force=force))
        elif form == "text":
            _print_or_write(cascade.to_text(limit or 200), file, force, words)
        else:
            made = {"json": cascade.to_json, "csv": cascade.to_csv, "graphml": cascade.to_graphml}[form]()
            _print_or_write(made, file, force, data)
    if file is not None and not quiet:
        note(f"written to {file}")


def _picked(
    how: str,
    scenario: Scenario,
    plan: str | None,
    graph: SocialGraph,
    realisations: int | None,
    first: int,
    threads: int | None,
    quiet: bool,
) -> int:
    """Return the number of the realisation that is asked for, and say which it is and why."""
    from viralsim.outcome import pick_realisation, simulate

    with _Progress(quiet) as progress:
        play: dict[str, Any] = {"plan": plan, "graph": graph, "first": first, "threads": threads, "progress": progress}
        count = scenario.realisations if realisations is None else realisations
        outcome = _in_background(lambda: simulate(scenario, realisations=count, **play))
    number = pick_realisation(outcome, how)
    engaged = outcome.engaged
    why = {
        "median": f"the median is {engaged.p50:,g}",
        "p95": f"one in twenty has more than {engaged.p95:,g}",
        "largest": "no other has more",
        "typical": f"in the middle by number, generations and speed; the median is {engaged.p50:,g}",
    }[how]
    if not quiet:
        people = int(outcome.values("engaged")[number - first])
        note(f"realisation {number} of {first:,} to {first + count - 1:,}: {people:,} engaged; {why}")
    return number


def _shapes(
    scenario: Scenario,
    plan: str | None,
    graph: SocialGraph,
    realisations: int,
    first: int,
    threads: int | None,
    quiet: bool,
) -> CascadeShapes:
    from viralsim.outcome import cascade_shapes

    with _Progress(quiet) as progress:
        return _in_background(
            lambda: cascade_shapes(
                scenario,
                plan=plan,
                graph=graph,
                realisations=realisations,
                first=first,
                threads=threads,
                progress=progress,
            )
        )


def _shapes_text(shapes: Sequence[CascadeShapes], scenario: Scenario, form: str) -> str:
    """Return the shapes of one plan's cascades, or of two plans' with their comparison."""
    if form == "csv":
        return shapes[0].to_csv()
    matched = shapes[0].against(shapes[1]) if len(shapes) > 1 else None
    if form == "json":
        found = shapes[0].to_dict()
        return json_text(
            found if matched is None else found | {"against": shapes[1].to_dict(), "matched": matched.to_dict()}
        )
    from viralsim.cli.text import matched_lines, shape_lines

    if matched is None:
        return "\n".join(shape_lines(shapes[0], scenario, text_width()))
    heads = [line for one in shapes for line in shape_lines(one, scenario)[1:2]]
    outcome = shapes[0].outcome
    return "\n".join(
        [
            scenario.title or scenario.source,
            *heads,
            "",
            *matched_lines(matched, text_width()),
            f"random_seed {outcome.random_seed}, scenario {outcome.scenario_hash}",
        ]
    )


@viralsim.command(short_help="Play with a scenario in a browser, with lessons; or write that page to a file.")
@_scenario_argument
@_set_option
@_code_option
@click.option("--plan", metavar="NAME", help="Plan that is shown first. Default: the first one.")
@click.option(
    "--language",
    type=click.Choice(["en", "el"]),
    default="en",
    show_default=True,
    help="What the page speaks first, English or Greek; readers can switch.",
)
@click.option(
    "--port",
    type=_Count(0, 65_535),
    metavar="N",
    help="Port of this machine to serve the page at. Default: a free one.",
)
@click.option("--no-browser", is_flag=True, help="Serve the page and print its address, but open no browser.")
@click.option(
    "--export",
    "file",
    type=_Place(),
    metavar="FILE",
    help="Write the page to this file instead: it needs no Python, no server and no network.",
)
@click.option("--force", is_flag=True, help="With --export: replace the file.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but the address.")
def lab(
    scenario: str | None,
    settings: tuple[str, ...],
    allow_code: bool,
    plan: str | None,
    language: str,
    port: int | None,
    no_browser: bool,
    file: str | None,
    force: bool,
    quiet: bool,
) -> None:
    """Play with a SCENARIO in a browser: move sliders, click on people, compare two plans, go through lessons.

    The page is served to this machine alone, until Ctrl-C. It plays up to 2,000 people; what of the scenario it leaves
    out is said. Without a SCENARIO the packaged first-look scenario is played.
    """
    if file is None and force:
        raise UsageError("--force is about the file of --export, and there is none", hint="--export lesson.html")
    if file is not None:
        for option, given in {"--port": port is not None, "--no-browser": no_browser}.items():
            if given:
                raise UsageError(f"{option} is about serving the page, --export writes it: leave one of them out")
        if Path(file).suffix.lower() not in (".html", ".htm"):
            raise UsageError("the name of a page ends in .html", place=file)
        check_file(file, force=force)
    chosen = _read(scenario, settings, plan, allow_code)
    graph = _open_network(chosen, quiet)
    from viralsim.show import serve
    from viralsim.show.lab import SANDBOX, lab_data, lab_html

    if not quiet:
        note("putting the page together ...")
    name = scenario or ""
    made = _in_background(lambda: lab_data(chosen, graph, plan=plan, language=language, file=name, settings=settings))
    if not quiet:
        for line in made["worlds"][SANDBOX]["leftOut"]:
            note(f"note: {line}")
    html = lab_html(made)
    if file is not None:
        _print_or_write(html, file, force, data)
        if not quiet:
            note(f"written to {file}")
        return

    def ready(address: str) -> None:
        note(address if quiet else f"the lab is at {address} (Ctrl-C ends it)")
        if not no_browser:  # some browsers keep waiting whoever opens them
            threading.Thread(target=_visit, args=(address, quiet), daemon=True).start()

    serve(html, port=port or 0, ready=ready)


def _visit(address: str, quiet: bool) -> None:
    import webbrowser

    with suppress(webbrowser.Error, OSError):
        if webbrowser.open(address):
            return
    if not quiet:
        note("no browser can be opened from here: open the address in one")


@viralsim.command()
@_scenario_argument
@_set_option
@_code_option
@click.option("--plan", metavar="NAME", help="With --data: look at this plan alone. Default: at all of them.")
@click.option(
    "--data", "with_data", is_flag=True, help="Open the network too and look up seeds, attributes and columns."
)
@_json_option
def check(
    scenario: str | None, settings: tuple[str, ...], allow_code: bool, plan: str | None, with_data: bool, as_json: bool
) -> None:
    """Check a SCENARIO file; every mistake at once, with its place."""
    try:
        chosen = _read(scenario, settings, plan, allow_code)
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
        from viralsim.cli.text import network_line, reproduction_lines, segment_lines

        graph = _open_network(chosen, everything=True)
        campaign, missing = _in_background(lambda: _compile(chosen, graph, plan))
        reproduction = _predicted(campaign)
        network, arcs = network_line(chosen, graph)
        sizes, groups = _sizes(chosen, graph, missing)
        measured: dict[str, Any] = {"people": graph.people, "arcs": arcs, "reproduction": _plainly(reproduction)}
        if sizes:
            default = next(name for name, segment in chosen.segment.items() if segment.is_default)
            measured |= {"segment_people": sizes, "group_people": groups, "default_segment": default}
        told = segment_lines(chosen, sizes, groups, text_width()) if sizes else []
        if missing:
            found = [{"place": e.place, "message": e.message, "hint": e.hint, "excerpt": ""} for e in missing]
            if as_json:
                data(json_text({"valid": False, "problems": found, **measured}))
                raise click.exceptions.Exit(DataError.exit_code)
            words("\n".join([network, *told, *reproduction_lines(reproduction, text_width())]))
            raise DataError("\n".join(str(error) for error in missing))
        assert campaign is not None  # noqa: S101 - for the type checker
        facts |= measured | {"scenario_hash": campaign.scenario_hash}
    if as_json:
        data(json_text(facts))
        return
    words(f"{chosen.source}: valid; item {', '.join(chosen.item)}; plans {', '.join(chosen.plan)}")
    if with_data:
        words("\n".join([f"{network}; all seeds are found", *told, *reproduction_lines(reproduction, text_width())]))
        words(f"scenario_hash: {facts['scenario_hash']}")


def _compile(scenario: Scenario, graph: SocialGraph, plan: str | None) -> tuple[Campaign | None, list[DataError]]:
    """Compile every plan; return the last that could be compiled, and what the graph lacks for the others.

    Where none could, because its seeds are not there, the campaign starts with anybody.
    """
    from viralsim.engine import compile_campaign

    campaign: Campaign | None = None
    missing: list[DataError] = []
    for name in [plan] if plan else scenario.plan:
        try:
            campaign = compile_campaign(scenario, graph, name)
        except DataError as error:
            if str(error) not in map(str, missing):  # a layer that is missing is missing for every plan
                missing.append(error)
    if campaign is None:
        from viralsim.scenario.toml_text import toml_key

        name = max(scenario.plan, key=len) + "-anybody"  # no plan's name
        wave = {f"plan.{toml_key(name)}.wave.first.{key}": value for key, value in _ANYBODY.items()}
        with suppress(DataError, ScenarioError):
            campaign = compile_campaign(scenario.with_settings(wave), graph, name)
    return campaign, missing


def _sizes(scenario: Scenario, graph: SocialGraph, missing: list[DataError]) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many people are in each segment and group; none where the graph lacks something: put in `missing`."""
    import numpy as np

    from viralsim.seeding import groups_of, segments_of

    try:
        segment_of = segments_of(scenario, graph)
        names, _, group_of = groups_of(scenario, graph, segment_of)
    except DataError as error:
        if str(error) not in map(str, missing):
            missing.append(error)
        return {}, {}
    counts = np.bincount(segment_of, minlength=len(scenario.segment)).tolist()
    of_groups = np.bincount(group_of, minlength=len(names)).tolist()
    return dict(zip(scenario.segment, counts, strict=True)), dict(zip(names, of_groups, strict=True))


_ANYBODY = {"strategy": "random", "count": 1}


def _predicted(campaign: Campaign | None) -> dict[str, PredictedReproduction | None]:
    """Return the reproduction number of each item; nothing where the network has not what the items need."""
    from viralsim.engine import predicted_reproduction

    return {} if campaign is None else _in_background(lambda: predicted_reproduction(campaign))


def _plainly(reproduction: Mapping[str, PredictedReproduction | None]) -> dict[str, Any] | None:
    return {name: one and one.to_dict() for name, one in reproduction.items()} or None


@viralsim.command(short_help="Write a scenario with comments to start from.")
@click.argument("file", required=False, type=_Place())
@click.option("--template", default="first-look", show_default=True, help="Packaged scenario to start from.")
@click.option("--force", is_flag=True, help="Replace the file.")
def init(file: str | None, template: str, force: bool) -> None:
    """Write a scenario with comments to start from, to FILE or to stdout."""
    from viralsim.scenario import init_text

    try:
        text = init_text(template)
    except ScenarioError as error:  # of a call, not of a file
        raise UsageError(error.problems[0].message, hint=error.problems[0].hint) from None
    _print_or_write(text, file, force, data)
    if file is not None:
        note(f"written to {file}; next: viralsim run {shlex.quote(file)}")


@viralsim.command(short_help="Compare classical models, or a scenario of your own, with the numbers known for them.")
@click.argument("model", required=False, metavar="[NAME|SCENARIO]", type=_Place())
@click.option("--show", is_flag=True, help="Print the file of the model NAME instead of playing it.")
@_set_option
@_code_option
@click.option(
    "--realisations", type=_Count(1), metavar="N", help="How often each is played. Default: as the scenario says."
)
@_threads_option
@_json_option
@click.option("-q", "--quiet", is_flag=True, help="No notes on stderr.")
def classics(
    model: str | None,
    show: bool,
    settings: tuple[str, ...],
    allow_code: bool,
    realisations: int | None,
    threads: int | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Play classical models and compare them with their published or closed-form numbers.

    All of them, the one called NAME, or a SCENARIO file of your own with tables [expected.NAME]. The exit code is 1
    where a number does not hold.
    """
    from viralsim.scenario import classic_names, init_text, read_classic, read_scenario

    names = classic_names()
    known = model is None or model in names
    if show:
        if model is None or not known:
            what = "--show needs the name of a model" if model is None else f"no classic '{model}' to show"
            raise UsageError(f"{what}; there are {', '.join(names)}", hint=did_you_mean(model or "", names))
        data(init_text(f"classics/{model}"))
        return
    if model is None and settings:
        raise UsageError("--set changes one model, and these would be all of them", hint="name one of them")
    if model is not None and not known and not model.endswith(".toml") and not Path(model).exists():
        raise UsageError(
            f"no classic '{model}', and no such file; there are {', '.join(names)}", hint=did_you_mean(model, names)
        )
    chosen = (
        [read_classic(name, settings) for name in ([model] if model else names)]
        if known
        else [read_scenario(model, settings=settings, allow_code=allow_code)]
    )
    from viralsim.cli.text import expectation_lines
    from viralsim.outcome import Expectation, expectations

    rows: list[Expectation] = []
    for scenario in chosen:
        if not quiet:
            _announce_compiling(scenario)
            if len(chosen) > 1 and sys.stderr is not None and sys.stderr.isatty():
                note(f"{scenario.source} ...")
        rows += _in_background(partial(expectations, scenario, realisations=realisations, threads=threads))
    if as_json:
        data(json_text([row.to_dict() for row in rows]))
    else:
        words("\n".join(expectation_lines(rows)))
    if not all(row.holds for row in rows):
        raise click.exceptions.Exit(1)


@viralsim.command(short_help="Print the JSON Schema of scenario files.")
def schema() -> None:
    """Print the JSON Schema of scenario files: every key with its unit, default and source."""
    from viralsim.scenario import json_schema

    data(json_text(json_schema()))


@viralsim.group(context_settings=_CONTEXT, cls=_Commands)
def graph() -> None:
    """Read, make, describe and write social graphs."""


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


_tie_trust_option = click.option(
    "--tie-trust",
    metavar="SPEC",
    help="Where tie trust comes from, as in [network.tie_trust], such as overlap:low=0.2,high=0.9.",
)


def _reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how a graph is read; the command gets those that are given, by their names."""
    options = (
        click.option(
            "--direction",
            type=click.Choice(["follows", "influences", "mutual"]),
            help="What a row 'a b' means: a follows b, a influences b, or both ways. Default: mutual.",
        ),
        click.option("--delimiter", help="Between columns. Default: found by looking."),
        click.option("--header/--no-header", default=None, help="Whether the first row names columns. Default: found."),
        click.option("--comment", help="What comment lines begin with. Default: #."),
        click.option("--source-column", help="Column of the first person, by name or number from 1.", metavar="COLUMN"),
        click.option("--target-column", help="Column of the second person.", metavar="COLUMN"),
        click.option("--trust-column", help="Column of tie trust, from 0 to 1.", metavar="COLUMN"),
        click.option(
            "--map",
            "trust_map",
            metavar="FORMULA",
            help="From what the trust column holds, r, to trust: '(r+10)/20'.",
        ),
        click.option("--weight-column", help="Column of weights.", metavar="COLUMN"),
        click.option("--probability-column", help="Column of arc probabilities, from 0 to 1.", metavar="COLUMN"),
        click.option(
            "--platform-column",
            metavar="COLUMN",
            help="Column that says which platform a row is of: one layer for each.",
        ),
        click.option("--platform-names", metavar="NAMES", help="Names for what it holds, such as '1=calls,2=texts'."),
        click.option("--start-column", help="Column of the first tick in which an arc is there.", metavar="COLUMN"),
        click.option("--end-column", help="Column of the first tick in which it is no more there.", metavar="COLUMN"),
        click.option("--time-origin", type=float, help="Which time of the data is tick 0. Default: 0.", metavar="TIME"),
        click.option(
            "--time-step",
            type=float,
            metavar="UNITS",
            help="How many units of the data make one tick, such as 3600 for seconds and ticks of 1h. Default: 1.",
        ),
        click.option(
            "--time-lasts",
            type=float,
            metavar="UNITS",
            help="How long an arc with a start and no end is there. Default: for ever.",
        ),
        click.option("--trust", type=float, help="Tie trust where no column gives it. Default: 0.5."),
        click.option(
            "--merge",
            type=click.Choice(["mean", "max", "sum", "last"]),
            help="Trust of rows merged into one arc. Default: mean.",
        ),
        click.option("--people", type=_Place(), help="Table of people: its columns become attributes.", metavar="FILE"),
        click.option(
            "--people-id-column",
            help="Its column of ids. Default: one named like an id, else the first.",
            metavar="COLUMN",
        ),
        click.option("--people-header/--no-people-header", default=None, help="Whether its first row names columns."),
        click.option(
            "--people-missing",
            metavar="CODE",
            multiple=True,
            help="A code that means missing in its columns, such as 0 or ?. Repeatable.",
        ),
        _tie_trust_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


def _read_graph(source: str, options: dict[str, Any]) -> SocialGraph:
    from viralsim.graph import open_graph

    options["platform_names"] = _platform_names(options["platform_names"])
    given: dict[str, Any] = {
        name: int(value) if name.endswith("_column") and value.isascii() and value.isdigit() else value
        for name, value in options.items()
        if value is not None and value != ()
    }
    with naming_options():
        return _in_background(lambda: open_graph(source, **given))


def _is_scenario(source: str, options: Mapping[str, Any], settings: tuple[str, ...]) -> bool:
    """Tell whether a source is a scenario, and refuse options that belong to the other kind."""
    if not source.lower().endswith(".toml"):
        if settings:
            raise UsageError(
                f"--set changes a scenario, but {source} is none",
                hint="options such as --direction say how a file is read; `--help` lists them",
            )
        return False
    for name, value in options.items():
        if value is not None and value != ():
            raise UsageError(
                f"{option_name(name)} belongs to files of arcs, but {source} is a scenario",
                hint="its table [network] says how the network is read; --set changes it, e.g. "
                "--set network.direction=follows",
            )
    return True


@graph.command(cls=_WithGenerators, short_help="Describe a graph: one in a file, or a generated one.")
@click.argument("source", metavar="FILE|SPEC|SCENARIO", type=_Place())
@_reading_options
@click.option("--platform", metavar="NAME", help="Describe the layer of this platform. Default: all in brief.")
@_set_option
@_code_option
@_figures_option
@_json_option
def info(
    source: str,
    as_json: bool,
    platform: str | None,
    settings: tuple[str, ...],
    allow_code: bool,
    figures: str | None,
    **options: Any,
) -> None:
    """Read a graph from a FILE or folder, or make one from a SPEC, and say what it is.

    A scenario (a FILE that ends in .toml) stands for its network, and the reproduction number of its items there
    is given, too.
    """
    from viralsim.cli.drawing import require_folder

    if _is_scenario(source, options, settings):
        _scenario_info(_read(source, settings, None, allow_code), as_json, platform, figures)
        return
    if figures is not None:
        require_folder(figures)
    from viralsim.graph import graph_info, graph_info_lines

    opened = _read_graph(source, options)
    with naming_options():
        opened = opened if platform is None else opened.on_platform(platform)
    if as_json:
        data(json_text(_in_background(lambda: graph_info(opened))))
    else:
        lines = _in_background(lambda: graph_info_lines(opened))
        # Values and names of the data stand in the other lines.
        words("\n".join(in_options(line) if line.lstrip().startswith(("note: ", "- ")) else line for line in lines))
    _draw_graph(opened, figures)
    _say_if_cached(opened)


def _draw_graph(opened: SocialGraph, figures: str | None) -> None:
    if figures is None:
        return
    from viralsim.cli.drawing import draw
    from viralsim.show import graph_figures

    _in_background(lambda: draw(graph_figures(opened), figures, False, nothing="there are no arcs to draw"))


def _say_if_cached(opened: SocialGraph) -> None:
    if opened.report.cached:
        note("read earlier, opened from the cache")


def _platform_names(text: str | None) -> dict[str, str] | None:
    """Take apart '1=calls,2=texts'."""
    if text is None:
        return None
    names: dict[str, str] = {}
    for part in text.split(","):
        value, equals, name = (piece.strip() for piece in part.partition("="))
        if not equals or not value or not name or value in names:
            found = f"'{value}' twice" if value in names else f"'{part.strip()}'"
            raise UsageError(
                f"expected VALUE=NAME, found {found}", place="--platform-names", hint="for example 1=calls,2=texts"
            )
        names[value] = name
    return names


def _scenario_info(chosen: Scenario, as_json: bool, platform: str | None, figures: str | None) -> None:
    """Describe the network of a scenario, or one layer of it, and how its items would grow there."""
    from viralsim.cli.drawing import require_folder
    from viralsim.graph import graph_info, graph_info_lines
    from viralsim.scenario.toml_text import toml_key

    if figures is not None:
        require_folder(figures)
    network = _open_network(chosen, quiet=True)
    played, described = chosen, network
    if platform is not None:
        described = network.on_platform(platform)
        played = chosen.with_settings({f"platform.{toml_key(name)}.layer": platform for name in chosen.platform})
    campaign, missing = _in_background(lambda: _compile(played, network, None))
    reproduction = _predicted(campaign)
    if as_json:
        facts = _in_background(lambda: graph_info(described))
        data(json_text(facts | {"scenario": chosen.source, "reproduction": _plainly(reproduction)}))
    else:
        from viralsim.cli.text import reproduction_lines

        lines = _in_background(lambda: graph_info_lines(described))
        title = f"what {chosen.source} would do there"
        words("\n".join([*lines, title, *reproduction_lines(reproduction, text_width(), "  - ")]))
    _draw_graph(described, figures)
    _say_if_cached(network)
    for error in missing:  # a seed that is not there says nothing against the network
        note(f"note: {error}")


def _writing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where a graph is written, and what is said about it."""
    options = (
        click.option(
            "-o",
            "--output",
            required=True,
            type=_Place(),
            metavar="PATH",
            help="Where to: a folder, which opens at once, or a name ending in .csv, .csv.gz, .parquet or .graphml.",
        ),
        click.option(
            "--people-output",
            type=_Place(),
            metavar="FILE",
            help="With .csv or .parquet: where people and their attributes go.",
        ),
        click.option(
            "--force",
            is_flag=True,
            help="Replace a file of that name, whatever it holds, or a folder that holds a graph. What is read is "
            "never replaced.",
        ),
        _json_option,
        click.option("-q", "--quiet", is_flag=True, help="No notes on stderr."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@graph.command("import", short_help="Read a graph and write it in a form that opens at once, or for others.")
@click.argument("source", metavar="FILE|SCENARIO", type=_Place())
@_reading_options
@_set_option
@_writing_options
def import_graph(
    source: str,
    settings: tuple[str, ...],
    output: str,
    people_output: str | None,
    force: bool,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Read a graph from a FILE and write it to PATH.

    A folder opens at once and keeps everything; name it wherever a FILE is expected. Of other forms it is said
    what they do not keep. A scenario (a FILE that ends in .toml) stands for its network, with the attributes and
    layers that are drawn for it.
    """
    from viralsim.cli.text import import_lines
    from viralsim.graph.export import check_output

    scenario = _is_scenario(source, options, settings)
    chosen = _read(source, settings, None) if scenario else None
    if chosen is None:
        inputs = [source, options["people"]]
    else:
        inputs = [source, chosen.network.file, chosen.network.people_file]
    with naming_options():
        check_output(output, people_output, force=force, inputs=[name for name in inputs if name is not None])
    if chosen is None:
        read = _read_graph(source, options)
        lines = [in_options(line) for line in import_lines(read, everything=True)]
    else:
        read = _open_network(chosen, quiet=True)
        lines = import_lines(read, everything=True)
    _write(read, lines, output, people_output, force, as_json, quiet)


@graph.command("generate", cls=_WithGenerators, short_help="Make a graph and write it.")
@click.argument("spec", metavar="SPEC")
@_tie_trust_option
@_writing_options
def generate_graph(
    spec: str,
    tie_trust: str | None,
    output: str,
    people_output: str | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Make a graph from a SPEC and write it to PATH."""
    from viralsim.cli.text import import_lines
    from viralsim.graph.export import check_output
    from viralsim.graph.sources import generate_spec, parse_spec

    parse_spec(spec)  # what is to be made comes before where it goes
    with naming_options():
        check_output(output, people_output, force=force)
        made = _in_background(lambda: generate_spec(spec, tie_trust=tie_trust))
    _write(made, import_lines(made, everything=True), output, people_output, force, as_json, quiet)


def _write(
    graph: SocialGraph,
    lines: Sequence[str],
    output: str,
    people_output: str | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write a graph, and say what lines there are about it and what the form does not keep."""
    from dataclasses import asdict

    from viralsim.graph import write_graph

    notes = _in_background(lambda: write_graph(graph, output, people_output, force=force))
    arcs = sum(map(len, graph.layers.values()))
    if not quiet:
        for line in [*lines, *(f"note: {in_options(line)}" for line in notes)]:
            note(line)
        both = f" and {people_output}" if people_output else ""
        note(f"{graph.people:,} people, {arcs:,} arcs written to {output}{both}")
    if as_json:
        facts = {"people": graph.people, "arcs": arcs, "mutual": graph.mutual, "fingerprint": graph.fingerprint}
        said = {"written": output, "people_written": people_output, "written_notes": list(notes)}
        data(json_text({**facts, **said, "report": asdict(graph.report)}))


def _print_or_write(text: str, file: str | None, force: bool, say: Callable[[str], None]) -> None:
    if file is None:
        say(text)
        return
    try:
        with whole_file(file, force=force) as fresh:
            fresh.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8", newline="")
    except OSError as error:
        raise ViralsimError(f"cannot be written: {error.strerror or error}", place=file) from None
