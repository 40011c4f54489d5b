"""Films of a cascade: people keep their places, everybody appears in their time, and files stay small."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import viralsim as vs
from viralsim.show import cascade_still, scene_of, write_film
from viralsim.show.animation import MOST_BYTES, _chooser, _frames, _stops
from viralsim.show.cascades import draw_scene
from viralsim.show.style import new_figure


@pytest.fixture(scope="module")
def played():
    scenario = vs.read_scenario(settings=["network.people=600", "item.content.stickiness=30%"])
    graph = vs.load_network(scenario.network)
    return graph, vs.replay(scenario, plan="hubs", realisation=2, graph=graph)


def test_a_film_has_a_picture_for_each_stop_and_holds_the_last(tmp_path, played):
    path = write_film(tmp_path / "film.gif", *played)
    durations = []
    with Image.open(path) as film:
        assert film.n_frames == len(_stops(played[1]))
        assert film.info["loop"] == 0
        for frame in range(film.n_frames):
            film.seek(frame)
            durations.append(film.info["duration"])
    assert path.stat().st_size < MOST_BYTES
    assert set(durations[:-1]) == {110}
    assert durations[-1] == 2_500


def test_stops_begin_at_the_start_and_end_with_the_last_who_engages(played):
    _, cascade = played
    stops = _stops(cascade)
    assert stops[0] == 0
    assert stops[-1] == cascade.tick.max()
    nearly = np.quantile(cascade.tick, 0.99)
    assert np.mean(stops <= nearly) > 0.7


def test_who_is_shown_at_a_tick_are_those_who_have_engaged_by_then(played):
    graph, cascade = played
    _, (ax,) = new_figure()
    moving = draw_scene(ax, cascade, scene_of(graph, cascade))
    dots = next(one for one, entries in moving if len(entries) == cascade.size)
    lines, told = moving[0]
    show_dots, show_lines = _chooser(dots), _chooser(lines)
    for tick in (0, 3, 10**6):
        by_then = cascade.tick <= tick
        show_dots(by_then)
        assert len(dots.get_offsets()) == by_then.sum()
        show_lines(cascade.tick[told] <= tick)
        assert len(lines.get_segments()) == (by_then & (cascade.parent >= 0)).sum()


def test_pictures_change_with_time_and_the_last_one_is_the_still(played):
    graph, cascade = played
    pictures = [np.asarray(one).astype(int) for one in _frames(cascade, scene_of(graph, cascade), 60)]
    ink = [int((picture < 200).any(axis=2).sum()) for picture in pictures]
    assert ink[0] < ink[len(ink) // 2] < ink[-1]
    assert np.abs(pictures[0] - pictures[-1]).sum() > 0


def test_a_still_shows_how_many_have_engaged(played):
    graph, cascade = played
    _, curve = cascade_still(graph, cascade).axes
    (line,) = curve.lines
    assert line.get_ydata()[-1] == cascade.size
    assert line.get_ydata()[0] == (cascade.tick == 0).sum()


@pytest.mark.parametrize("name", ["film.mp4", "film", "film.gifs"])
def test_other_endings_are_refused_before_any_work(tmp_path, played, name):
    with pytest.raises(vs.UsageError, match=r"\.gif"):
        write_film(tmp_path / name, *played)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_not_replaced_unasked(tmp_path, played):
    (tmp_path / "film.gif").write_text("mine")
    with pytest.raises(vs.UsageError):
        write_film(tmp_path / "film.gif", *played)
    assert (tmp_path / "film.gif").read_text() == "mine"
