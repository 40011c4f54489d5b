"""Films of a cascade: people keep their places, everybody appears in their time, and files stay small."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

import viralsim as vs
import viralsim.show.animation as animation
from viralsim.show import cascade_still, scene_of, write_figure, write_film
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


def test_what_is_played_are_the_pictures_though_only_changes_are_written(tmp_path, played):
    graph, cascade = played
    pictures = _frames(cascade, scene_of(graph, cascade), 100)
    path = write_film(tmp_path / "film.gif", graph, cascade)
    with Image.open(path) as film:
        for frame in (0, len(pictures) // 2, len(pictures) - 1):
            film.seek(frame)
            shown, wanted = np.asarray(film.convert("RGB")).astype(int), np.asarray(pictures[frame]).astype(int)
            assert np.mean(np.abs(shown - wanted).max(axis=2) > 40) < 0.002, frame
            assert shown[0, 0].tolist() == [255, 255, 255]
    whole = io.BytesIO()
    pictures[-1].quantize(128).save(whole, "GIF")
    assert path.stat().st_size < len(pictures) * len(whole.getvalue()) / 5


def test_a_film_that_would_be_too_large_is_made_smaller(tmp_path, played, monkeypatch):
    size = write_film(tmp_path / "film.gif", *played).stat().st_size
    monkeypatch.setattr(animation, "MOST_BYTES", size // 3)
    path = write_film(tmp_path / "small.gif", *played)
    assert path.stat().st_size < size // 3
    with Image.open(path) as film:
        assert film.width < 630


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


def test_names_beside_curves_do_not_cover_each_other(tmp_path):
    graph = vs.from_arcs([0, 1, 2], [1, 2, 3])
    cascade = vs.Cascade.from_queue(
        graph.ids,
        person=[0, 1, 2, 3],
        item=[0, 1, 2, 2],
        platform=[0] * 4,
        tick=[0, 0, 0, 5],
        parent=[-1] * 4,
        generation=[0] * 4,
        shared_at=[-1] * 4,
        items=("offer", "rumour", "answer"),
        platforms=("feed",),
        tick_seconds=3600.0,
        realisation=0,
        scenario_hash="7f3a",
        plan="hubs",
    )
    figure = cascade_still(graph, cascade)
    write_figure(figure, tmp_path / "still.png")
    curve = figure.axes[1]
    places = {text.get_text(): text.get_window_extent() for text in curve.texts}
    assert list(places) == ["offer", "rumour", "answer"]
    boxes = list(places.values())
    assert all(lower.y1 <= upper.y0 for lower, upper in pairwise(boxes))
    last = curve.lines[2].get_xydata()[-1]
    assert boxes[2].y0 <= curve.transData.transform(last)[1] <= boxes[2].y1 + 20
