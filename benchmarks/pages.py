"""How smoothly pages move: frames a second of a cascade among 2,000 people and 10,000 ties, in headless Chromium.

    python benchmarks/pages.py [--people 2000] [--ties 10000] [--screenshots FOLDER]

Chromium draws with the processor alone here, as on a classroom's oldest laptop. A page with the stage, the player and a
curve plays the widest of 40 realisations for five seconds, with all shares on their way. Counted are the frames that
Chromium asked for and the page answered, the time between two of them that 99 in 100 keep, and, in milliseconds, what
it costs to draw everything anew.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

import viralsim as vs
from viralsim.show.layout import layout
from viralsim.show.page import page

SCREENS: dict[str, dict[str, Any]] = {
    "desktop, 1280 x 800": {"viewport": {"width": 1280, "height": 800}},
    "the same, dark, twice the pixels": {
        "viewport": {"width": 1280, "height": 800},
        "device_scale_factor": 2,
        "color_scheme": "dark",
    },
    "phone, 390 x 780": {"viewport": {"width": 390, "height": 780}, "has_touch": True},
    "phone, twice the pixels": {
        "viewport": {"width": 390, "height": 780},
        "has_touch": True,
        "device_scale_factor": 2,
    },
}

BUILD = """() => {
    const make = (tag, name, inside) =>
        inside.appendChild(Object.assign(document.createElement(tag), {className: name}));
    const main = document.getElementById('main'), scene = Frame.data('scene');
    window.stage = Stage.make(make('canvas', 'stage', main), scene);
    stage.legend(make('ul', '', main));
    const card = make('div', 'card', main), controls = make('div', '', card);
    const last = scene.events.at(-1).tick, engaged = new Array(last + 1).fill(0);
    for (const {tick} of scene.events) engaged[tick]++;
    for (let tick = 1; tick <= last; tick++) engaged[tick] += engaged[tick - 1];
    const chart = Chart.curves(make('div', '', card), {title: 'Engaged', xLabel: 'hours', yLabel: 'people',
        series: [{label: 'content', values: engaged}]});
    stage.seen(Frame.data('seen'));
    window.player = Player.make(controls, {horizon: last, tickSeconds: 3600, ticksPerSecond: last / 5,
        onTime: (time) => { stage.draw(time); chart.cursor(time); }});
    player.go(0);
}"""

MEASURE = """() => new Promise((done) => {
    const times = [], waits = () => times.slice(1).map((time, place) => time - times[place]).sort((a, b) => a - b);
    player.play();
    requestAnimationFrame(function frame(now) {
        times.push(now);
        if (now - times[0] < 4900) return requestAnimationFrame(frame);
        player.pause();
        const frames = 1000 * (times.length - 1) / (now - times[0]), sorted = waits(), began = performance.now();
        stage.resize();
        const redraw = performance.now() - began;
        done({frames, late: sorted[Math.floor(0.99 * sorted.length)], redraw});
    });
})"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--ties", type=int, default=10_000)
    parser.add_argument("--screenshots", type=Path)
    asked = parser.parse_args()
    scene, seen = widest(asked.people, asked.ties)
    title = f"{asked.people:,} people, {len(scene['from']):,} ties, {len(scene['events']):,} engaged"
    html = page(
        "frame.html",
        scripts=["vendor/uPlot.iife.min.js", "stage.js", "player.js", "chart.js"],
        styles=["vendor/uPlot.min.css"],
        data={"scene": scene, "seen": seen},
        language="en",
        title=title,
    )
    print(f"{title}; page of {len(html.encode()) / 2**20:.2f} MiB")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder, "page.html")
        path.write_text(html, encoding="utf-8")
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, settings in SCREENS.items():
            tab = chromium.new_context(**settings).new_page()
            tab.goto(path.as_uri())
            tab.evaluate(BUILD)
            tab.wait_for_timeout(500)
            found = tab.evaluate(MEASURE)
            print(f"  {name}: {json.dumps({key: round(value, 1) for key, value in found.items()})}")
            if asked.screenshots:
                tab.evaluate("player.go(Math.floor(0.4 * Frame.data('scene').events.at(-1).tick) + 0.6)")
                tab.wait_for_timeout(300)
                tab.screenshot(path=asked.screenshots / f"{name}.png")
        chromium.close()


def widest(people: int, ties: int) -> tuple[dict[str, Any], list[list[int]]]:
    """Return the scene of the realisation, of 40, that reached most, and all shares of each tick, seen or not."""
    scenario = vs.read_scenario(
        settings=[
            f"network.people={people}",
            f"network.mean_degree={2 * ties / people}",
            "network.mixing=5%",
            "platform.feed.visibility=40%",
            "platform.feed.delay={law='geometric', mean='2h'}",
            "item.content.half_life=7d",
            "item.content.stickiness=22%",
        ]
    )
    cascade = max((vs.replay(scenario, realisation) for realisation in range(40)), key=lambda one: one.size)
    graph = vs.load_network(scenario.network)
    sharers, followers = graph.arcs.sharers, graph.arcs.followers
    once = sharers < followers
    places = layout(people, sharers, followers)
    events = [
        {"item": 0, "person": person, "tick": tick, "parent": cascade.person[parent] if parent >= 0 else parent,
         "generation": generation}
        for person, tick, parent, generation in zip(
            cascade.person, cascade.tick, cascade.parent, cascade.generation, strict=True)
    ]  # fmt: skip
    events.sort(key=lambda event: (event["tick"], event["person"]))
    seen: list[list[int]] = [[] for _ in range(int(cascade.tick.max()) + 2)]
    for person, tick in zip(cascade.person, cascade.shared_at, strict=True):
        if 0 <= tick < len(seen):
            seen[tick] += [end for follower in followers[sharers == person] for end in (int(person), int(follower))]
    scene = {
        "people": people,
        "names": [str(name) for name in range(people)],
        "x": places[:, 0].round(4).astype(float).tolist(),
        "y": places[:, 1].round(4).astype(float).tolist(),
        "from": sharers[once].tolist(),
        "to": followers[once].tolist(),
        "items": ["content"],
        "events": [{key: int(value) for key, value in event.items()} for event in events],
    }
    return scene, seen


if __name__ == "__main__":
    main()
