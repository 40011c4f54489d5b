"use strict";

// The controls of a playing: play, steps, speed, and a slider of the campaign's time. Made of the browser's own controls,
// so that fingers, keys and screen readers work as everywhere. While it plays it calls onTime with the time in ticks,
// with fractions; for those who asked their device for less motion, whole ticks only.
//
//   const player = Player.make(element, {horizon, tickSeconds, onTime, onEnd?, ticksPerSecond?});
//   player.close() before another takes its element.
const Player = (() => {
  const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
  const ICONS = {
    play: "M4 2.5v11l9.5-5.5Z",
    pause: "M3.5 2.5h3v11h-3Zm6 0h3v11h-3Z",
    back: "M3 3h2v10H3Zm10 0v10L6 8Z",
    forward: "M11 3h2v10h-2ZM3 3v10l7-5Z",
    restart: "M8 3a5 5 0 1 1-4.6 3l1.9.7A3 3 0 1 0 8 5v2.2L4.2 4 8 .8Z",
  };

  function icon(kind) {
    const name = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(name, "svg");
    const path = document.createElementNS(name, "path");
    svg.setAttribute("viewBox", "0 0 16 16");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", ICONS[kind]);
    svg.append(path);
    return svg;
  }

  // A time in ticks as people of a campaign count it: days, hours and minutes since it began.
  function clock(ticks, tickSeconds) {
    const seconds = Math.floor(ticks + 1e-9) * tickSeconds;
    const days = Math.floor(seconds / 86400);
    if (tickSeconds % 86400 === 0) return Words.say("player_clock_whole_days", { days });
    const two = (value) => String(value).padStart(2, "0");
    const parts = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
    if (tickSeconds % 60) parts.push(Math.floor(seconds) % 60);
    return Words.say("player_clock_days", { days, time: parts.map(two).join(":") });
  }

  function make(element, { horizon, tickSeconds, onTime, onEnd = () => 0, ticksPerSecond = 0 }) {
    const part = (tag, name, kind) => {
      const made = document.createElement(tag);
      made.className = name;
      if (kind) made.type = kind;
      return made;
    };
    const button = (name, key, kind) => {
      const made = part("button", name, "button");
      made.append(icon(kind));
      made.dataset.wordsLabel = made.dataset.wordsTitle = key;
      return made;
    };
    const restart = button("player-restart", "player_restart", "restart");
    const back = button("player-back", "player_back", "back");
    const toggle = button("player-play primary", "player_play", "play");
    const forward = button("player-forward", "player_forward", "forward");
    const scrub = part("input", "player-scrub", "range");
    const shown = part("output", "player-clock");
    const speedLabel = part("label", "player-speed");
    const speedName = part("span", "unseen");
    const speed = part("select", "");
    speedName.dataset.words = "player_speed";
    scrub.dataset.wordsLabel = "player_time";
    scrub.min = 0;
    scrub.step = 1;
    speedLabel.append(speedName, speed);
    element.classList.add("player");
    element.replaceChildren(restart, back, toggle, forward, scrub, shown, speedLabel);

    let time = 0, playing = false, last = 0;

    const tempo = () => ticksPerSecond || Math.max(1, horizon / 20);

    function show() {
      const tick = Math.floor(time + 1e-9);
      const text = clock(time, tickSeconds);
      const told = Words.say("player_at", { clock: text, tick, horizon });
      if (told !== scrub.getAttribute("aria-valuetext")) {
        shown.textContent = text;
        scrub.value = tick;
        scrub.setAttribute("aria-valuetext", told);
        scrub.style.setProperty("--done", `${(100 * tick) / Math.max(1, horizon)}%`);
      }
    }

    function go(to) {
      time = Math.min(horizon, Math.max(0, to));
      show();
      onTime(Frame.still.matches ? Math.floor(time + 1e-9) : time);
    }

    function face() {
      const key = playing ? "player_pause" : "player_play";
      toggle.replaceChildren(icon(playing ? "pause" : "play"));
      toggle.dataset.wordsLabel = toggle.dataset.wordsTitle = key;
      Words.apply(element);
    }

    function frame(now) {
      if (!playing) return;
      // A page that was out of sight goes on where it was.
      const passed = Math.min(0.1, Math.max(0, (now - last) / 1000));
      last = now;
      go(time + passed * tempo() * Number(speed.value));
      if (time >= horizon) {
        pause();
        onEnd();
        element.dispatchEvent(new CustomEvent("ended"));
      } else requestAnimationFrame(frame);
    }

    function play() {
      if (playing) return;
      if (time >= horizon) go(0);
      playing = true;
      last = performance.now();
      face();
      requestAnimationFrame(frame);
    }

    function pause() {
      playing = false;
      face();
    }

    function step(by) {
      pause();
      go(by > 0 ? Math.floor(time + 1e-9) + 1 : Math.ceil(time - 1e-9) - 1);
    }

    function speak() {
      const chosen = speed.value || "1";
      speed.replaceChildren(...SPEEDS.map((value) => new Option(`× ${Words.number(value)}`, value)));
      speed.value = chosen;
      Words.apply(element);
      show();
    }

    function toHorizon(ticks) {
      horizon = ticks;
      scrub.max = ticks;
      if (time > horizon) go(horizon);
      else show();
    }

    toggle.addEventListener("click", () => (playing ? pause() : play()));
    restart.addEventListener("click", () => {
      pause();
      go(0);
    });
    back.addEventListener("click", () => step(-1));
    forward.addEventListener("click", () => step(1));
    scrub.addEventListener("input", () => {
      pause();
      go(Number(scrub.value));
    });
    scrub.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      if (playing) pause();
      else play();
    });
    const closing = new AbortController();
    document.addEventListener("language", speak, closing);
    toHorizon(horizon);
    speak();

    return {
      go, play, pause, step, horizon: toHorizon,
      close() {
        playing = false;
        closing.abort();
      },
      get time() { return time; },
      get playing() { return playing; },
    };
  }

  return { make, clock };
})();
