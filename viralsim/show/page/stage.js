"use strict";

// The network on a canvas, with a cascade running through it.
//
//   const stage = Stage.make(canvas, scene);  scene: {people, names, x, y, from, to, items, events, followers?}
//   stage.events(list); stage.seen(list); stage.draw(time); stage.colourBy("generation"); stage.legend(element) ...
//   stage.close() when the canvas leaves the page.
//
// The canvas tells of people as events with a `detail`: "pick" (clicked, tapped, or Enter: {person, x, y}), "hover" and
// "focusperson" ({person}). A person of -1 is nobody. Dragging and pinching move the view and pick nobody. The stage hears
// the canvas's keys itself (arrows, Enter, plus, minus, 0, Escape) and reads out the person arrived at.
//
// What stands still is drawn once and kept: the ties, the arcs along which the item came so far, the people. A frame copies
// these and adds what moves. That is what makes thousands of people run smoothly where nothing but a processor draws.
const Stage = (() => {
  const SHAPES = ["circle", "square", "triangle", "diamond", "tip", "plus", "cross"]; // as the markers of the figures
  const SEED = -1;
  const MOST_FLASHES = 1500;
  const FARTHEST = 40;
  const SETTLED = 120; // ms after which a moved view is drawn anew

  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
  const ease = (part) => part * part * (3 - 2 * part);

  // Add a shape of about the area of a circle of radius r to a path.
  function shape(path, kind, x, y, r) {
    const corners = (count, turn, size) => {
      for (let corner = 0; corner < count; corner++) {
        const angle = turn + (2 * Math.PI * corner) / count;
        path[corner ? "lineTo" : "moveTo"](x + size * Math.cos(angle), y + size * Math.sin(angle));
      }
      path.closePath();
    };
    const bars = (turn) => {
      const long = 1.25 * r, wide = 0.48 * r;
      const outline = [[-wide, -long], [wide, -long], [wide, -wide], [long, -wide], [long, wide], [wide, wide],
        [wide, long], [-wide, long], [-wide, wide], [-long, wide], [-long, -wide], [-wide, -wide]];
      outline.forEach(([across, down], corner) => path[corner ? "lineTo" : "moveTo"](
        x + across * Math.cos(turn) - down * Math.sin(turn), y + across * Math.sin(turn) + down * Math.cos(turn)));
      path.closePath();
    };
    if (kind === "square") path.rect(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r);
    else if (kind === "triangle") corners(3, -Math.PI / 2, 1.45 * r);
    else if (kind === "diamond") corners(4, 0, 1.3 * r);
    else if (kind === "tip") corners(3, Math.PI / 2, 1.45 * r);
    else if (kind === "plus") bars(0);
    else if (kind === "cross") bars(Math.PI / 4);
    else {
      path.moveTo(x + r, y);
      path.arc(x, y, r, 0, 2 * Math.PI);
    }
  }

  // Each tie once, whichever way it points, as neighbours of each person: [starts, others].
  function tiesOf(people, from, to) {
    const known = new Set();
    const counts = new Uint32Array(people + 1);
    const pairs = [];
    for (let arc = 0; arc < from.length; arc++) {
      const low = Math.min(from[arc], to[arc]), high = Math.max(from[arc], to[arc]);
      const key = low * people + high;
      if (low === high || known.has(key)) continue;
      known.add(key);
      pairs.push(low, high);
      counts[low + 1]++;
      counts[high + 1]++;
    }
    for (let person = 0; person < people; person++) counts[person + 1] += counts[person];
    const next = counts.slice();
    const others = new Uint32Array(pairs.length);
    for (let place = 0; place < pairs.length; place += 2) {
      others[next[pairs[place]]++] = pairs[place + 1];
      others[next[pairs[place + 1]]++] = pairs[place];
    }
    return { pairs, starts: counts, others };
  }

  function make(canvas, scene) {
    const { people, names } = scene;
    const context = canvas.getContext("2d", { alpha: false });
    const layer = () => document.createElement("canvas").getContext("2d");
    const tieLayer = layer(), toldLayer = layer(), crowdLayer = layer();
    const ties = tiesOf(people, scene.from, scene.to);
    const followers = scene.followers || countFollowers();
    const bounds = boundsOf(), crowding = crowdingOf();
    const mostFollowers = followers.reduce((most, count) => Math.max(most, count), 1);
    const said = Object.assign(document.createElement("p"), { className: "unseen" });
    said.setAttribute("aria-live", "polite");

    let events = [], seeded = [], seen = null, mode = "item", deepest = 1;
    let seeds = new Set(), removed = new Set();
    let time = 0, shown = 0;
    let focused = -1, hovered = -1;
    let width = 1, height = 1, density = 1;
    let colours = {};
    let stale = true, staleCrowd = true, asked = false, settling = 0;
    const view = { zoom: 1, x: 0, y: 0 };
    let drawnView = { ...view };
    const px = new Float32Array(people), py = new Float32Array(people), size = new Float32Array(people);
    const told = new Int32Array(people).fill(-1); // the latest event of each person, of those shown
    const before = new Int32Array(people).fill(-1); // and the one before it
    const legends = new Set();
    let cells = new Map();
    let cell = 20;

    function countFollowers() {
      const counts = new Uint32Array(people);
      for (const person of scene.from) counts[person]++;
      return counts;
    }

    // How many people would fill the picture if all stood as close as people typically do: dots must fit in crowds.
    function crowdingOf() {
      const side = clamp(Math.round(Math.sqrt(people / 8)), 1, 24);
      const [left, right, top, bottom] = bounds;
      const squares = new Uint32Array(side * side), own = new Uint32Array(people);
      for (let person = 0; person < people; person++) {
        const across = Math.floor((0.999 * side * (scene.x[person] - left)) / (right - left || 1));
        const down = Math.floor((0.999 * side * (scene.y[person] - top)) / (bottom - top || 1));
        own[person] = down * side + across;
        squares[own[person]]++;
      }
      return side * side * (own.map((square) => squares[square]).sort()[people >> 1] || 1);
    }

    function boundsOf() {
      const found = [Infinity, -Infinity, Infinity, -Infinity];
      for (let person = 0; person < people; person++) {
        found[0] = Math.min(found[0], scene.x[person]);
        found[1] = Math.max(found[1], scene.x[person]);
        found[2] = Math.min(found[2], scene.y[person]);
        found[3] = Math.max(found[3], scene.y[person]);
      }
      return found;
    }

    // Where people stand on the screen. The layout fills the canvas: stretching one of its sides a little tells no lie.
    function place() {
      const [left, right, top, bottom] = bounds;
      const dot = clamp(0.31 * Math.sqrt((width * height) / crowding), 1.8, 9);
      const margin = clamp(Math.min(width, height) * 0.05, 14, 30) + dot;
      const across = Math.min(width, 2 * height) - 2 * margin, down = Math.min(height, 1.6 * width) - 2 * margin;
      for (let person = 0; person < people; person++) {
        const u = right > left ? (scene.x[person] - left) / (right - left) : 0.5;
        const v = bottom > top ? (bottom - scene.y[person]) / (bottom - top) : 0.5; // y goes up, as in figures
        px[person] = view.zoom * ((width - across) / 2 + u * across) + view.x;
        py[person] = view.zoom * ((height - down) / 2 + v * down) + view.y;
        size[person] = Math.sqrt(view.zoom) * dot * (0.75 + 0.95 * Math.sqrt(followers[person] / mostFollowers));
      }
      cell = Math.max(16, 4 * dot * Math.sqrt(view.zoom));
      cells = new Map();
      for (let person = 0; person < people; person++) {
        const key = cellOf(px[person], py[person]);
        if (cells.has(key)) cells.get(key).push(person);
        else cells.set(key, [person]);
      }
    }

    const cellOf = (x, y) => Math.floor(y / cell) * 65536 + Math.floor(x / cell);

    function colourOf(event) {
      if (mode === "item") return colours.items[event.item % colours.items.length];
      // Most people are of the first generations: these get more of the colours.
      return colours.sequence[Math.round(Math.sqrt(event.generation / deepest) * (colours.sequence.length - 1))];
    }

    const kindOf = (event) => SHAPES[event.item % SHAPES.length];

    // The way from one person to another: a slight bend, to the left of who walks it, so that there and back differ.
    function bend(from, to) {
      const dx = px[to] - px[from], dy = py[to] - py[from];
      const strength = Math.min(0.13, (44 * view.zoom) / (1 + Math.hypot(dx, dy)));
      return [(px[from] + px[to]) / 2 + strength * dy, (py[from] + py[to]) / 2 - strength * dx];
    }

    function along(from, to, part) {
      const [bx, by] = bend(from, to);
      const rest = 1 - part;
      return [rest * rest * px[from] + 2 * rest * part * bx + part * part * px[to],
        rest * rest * py[from] + 2 * rest * part * by + part * part * py[to]];
    }

    function clear(target) {
      target.setTransform(1, 0, 0, 1, 0, 0);
      target.clearRect(0, 0, target.canvas.width, target.canvas.height);
      target.setTransform(density, 0, 0, density, 0, 0);
      target.lineCap = "round";
    }

    function drawTies() {
      clear(tieLayer);
      const { pairs } = ties;
      // Many ties are drawn fainter; and long ones fainter than short ones, which would drown in them.
      const strength = clamp(9 / Math.sqrt(pairs.length / 2), 0.11, 0.5);
      const reach = 0.25 * view.zoom * Math.min(width, height);
      const paths = [new Path2D(), new Path2D(), new Path2D()];
      const kept = [0, 0, 0];
      tieLayer.strokeStyle = colours.tie;
      tieLayer.lineWidth = clamp(0.7 * Math.sqrt(view.zoom), 0.7, 1.6);
      const flush = (long) => {
        tieLayer.globalAlpha = strength * [1, 0.7, 0.42][long];
        tieLayer.stroke(paths[long]);
        paths[long] = new Path2D();
        kept[long] = 0;
      };
      for (let place = 0; place < pairs.length; place += 2) {
        const one = pairs[place], other = pairs[place + 1];
        if (Math.max(px[one], px[other]) < 0 || Math.min(px[one], px[other]) > width
          || Math.max(py[one], py[other]) < 0 || Math.min(py[one], py[other]) > height) continue;
        const length = Math.hypot(px[one] - px[other], py[one] - py[other]);
        const long = length < 0.4 * reach ? 0 : length < reach ? 1 : 2;
        paths[long].moveTo(px[one], py[one]);
        paths[long].lineTo(px[other], py[other]);
        if (++kept[long] === 100) flush(long); // crossings within one path would not add up
      }
      for (const long of [0, 1, 2]) flush(long);
      tieLayer.globalAlpha = 1;
    }

    function drawTold(event) {
      if (event.parent < 0) return;
      const length = Math.hypot(px[event.parent] - px[event.person], py[event.parent] - py[event.person]);
      toldLayer.globalAlpha = clamp(0.85 - 0.9 * (length / (view.zoom * (width + height))) * 2, events.length < 200 ? 0.65 : 0.3, 0.85);
      toldLayer.strokeStyle = colourOf(event);
      toldLayer.lineWidth = clamp((events.length < 200 ? 1.7 : 1.15) * Math.sqrt(view.zoom), 1, 2.4);
      toldLayer.beginPath();
      toldLayer.moveTo(px[event.parent], py[event.parent]);
      toldLayer.quadraticCurveTo(...bend(event.parent, event.person), px[event.person], py[event.person]);
      toldLayer.stroke();
    }

    const onScreen = (person) => px[person] > -20 && py[person] > -20 && px[person] < width + 20 && py[person] < height + 20;

    function drawCrowd() {
      clear(crowdLayer);
      const dots = new Path2D();
      for (let person = 0; person < people; person++) {
        if (told[person] < 0 && !removed.has(person) && onScreen(person)) {
          shape(dots, "circle", px[person], py[person], size[person]);
        }
      }
      crowdLayer.strokeStyle = colours.stage;
      crowdLayer.lineWidth = 1.6;
      crowdLayer.stroke(dots);
      crowdLayer.fillStyle = colours.person;
      crowdLayer.fill(dots);
      for (const person of removed) drawRemoved(person);
      for (let place = 0; place < shown; place++) {
        if (told[events[place].person] === place) drawPerson(events[place].person);
      }
    }

    function drawRemoved(person) {
      const r = 0.8 * size[person];
      crowdLayer.beginPath();
      shape(crowdLayer, "circle", px[person], py[person], size[person]);
      crowdLayer.fillStyle = colours.stage;
      crowdLayer.fill();
      crowdLayer.beginPath();
      crowdLayer.moveTo(px[person] - r, py[person] - r);
      crowdLayer.lineTo(px[person] + r, py[person] + r);
      crowdLayer.moveTo(px[person] + r, py[person] - r);
      crowdLayer.lineTo(px[person] - r, py[person] + r);
      crowdLayer.strokeStyle = colours.removed;
      crowdLayer.lineWidth = 1.8;
      crowdLayer.stroke();
    }

    function ring(target, person, colour, wide, away) {
      target.beginPath();
      target.arc(px[person], py[person], size[person] * 1.2 + away, 0, 2 * Math.PI);
      target.strokeStyle = colour;
      target.lineWidth = wide;
      target.stroke();
    }

    // Who engaged: the latest item gives shape and colour, the item before it a ring.
    function drawPerson(person) {
      const event = events[told[person]];
      const r = size[person] * 1.2;
      crowdLayer.fillStyle = colours.stage;
      crowdLayer.beginPath();
      crowdLayer.arc(px[person], py[person], r * 1.1 + 1, 0, 2 * Math.PI);
      crowdLayer.fill();
      crowdLayer.fillStyle = colourOf(event);
      crowdLayer.beginPath();
      shape(crowdLayer, kindOf(event), px[person], py[person], r);
      crowdLayer.fill();
      if (before[person] >= 0) ring(crowdLayer, person, colourOf(events[before[person]]), 1.6, 1.8);
    }

    // Where it began, above the crowd that gathers there.
    function drawSeeds() {
      const rings = new Path2D();
      const add = (person) => shape(rings, "circle", px[person], py[person], 1.2 * size[person] + 2.6);
      seeds.forEach(add);
      for (const place of seeded) if (place < shown) add(events[place].person);
      context.strokeStyle = colours.stage;
      context.lineWidth = 4;
      context.stroke(rings);
      context.strokeStyle = colours.ink;
      context.lineWidth = 1.9;
      context.stroke(rings);
    }

    function engage(place) {
      const { person } = events[place];
      before[person] = told[person];
      told[person] = place;
    }

    function countUntil(tick) {
      let low = 0, high = events.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (events[middle].tick <= tick) low = middle + 1;
        else high = middle;
      }
      return low;
    }

    function drawLayers(count) {
      place();
      drawTies();
      showUntil(count);
      drawnView = { ...view };
      stale = false;
    }

    function showUntil(count) {
      clear(toldLayer);
      told.fill(-1);
      before.fill(-1);
      for (shown = 0; shown < count; shown++) {
        engage(shown);
        drawTold(events[shown]);
      }
      drawCrowd();
      staleCrowd = false;
    }

    // Draw everything as it is at a time in ticks; between two ticks, shares are on their way.
    function draw(now = time) {
      time = now;
      const tick = Math.floor(time + 1e-9);
      const count = countUntil(tick);
      if (stale) drawLayers(count);
      else if (staleCrowd || count < shown) showUntil(count);
      else {
        for (; shown < count; shown++) {
          engage(shown);
          drawTold(events[shown]);
          drawPerson(events[shown].person);
        }
      }
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.fillStyle = colours.stage;
      context.fillRect(0, 0, canvas.width, canvas.height);
      if (view.zoom !== drawnView.zoom || view.x !== drawnView.x || view.y !== drawnView.y) { // still being moved: what is there is stretched, and drawn anew when it has settled
        const scale = view.zoom / drawnView.zoom;
        context.setTransform(scale, 0, 0, scale,
          density * (view.x - scale * drawnView.x), density * (view.y - scale * drawnView.y));
        for (const { canvas: kept } of [tieLayer, toldLayer, crowdLayer]) context.drawImage(kept, 0, 0);
        return;
      }
      context.drawImage(tieLayer.canvas, 0, 0);
      context.drawImage(toldLayer.canvas, 0, 0);
      context.drawImage(crowdLayer.canvas, 0, 0);
      context.setTransform(density, 0, 0, density, 0, 0);
      context.lineCap = "round";
      drawSeeds();
      const part = time - tick;
      if (part > 1e-6) drawMoving(tick, part);
      for (const person of new Set([hovered, focused])) if (person >= 0) drawSpotlight(person, person === focused);
    }

    function drawMoving(tick, part) {
      const flashes = seen && seen[tick + 1];
      if (flashes && flashes.length) drawFlashes(flashes, part);
      const arriving = new Map(), popping = new Map();
      const add = (map, colour, event) => (map.has(colour) ? map.get(colour).push(event) : map.set(colour, [event]));
      for (let place = shown; place < events.length && events[place].tick === tick + 1; place++) {
        if (events[place].parent >= 0) add(arriving, colourOf(events[place]), events[place]);
      }
      for (let place = shown - 1; place >= 0 && events[place].tick === tick; place--) {
        add(popping, colourOf(events[place]), events[place]);
      }
      const head = ease(part), tail = ease(Math.max(0, part - 0.3));
      for (const [colour, group] of arriving) {
        const tails = new Path2D(), heads = new Path2D();
        for (const { parent, person } of group) {
          const [x, y] = along(parent, person, head), [hx, hy] = along(parent, person, tail);
          const [mx, my] = along(parent, person, (head + tail) / 2);
          tails.moveTo(hx, hy);
          tails.quadraticCurveTo(2 * mx - (hx + x) / 2, 2 * my - (hy + y) / 2, x, y);
          shape(heads, "circle", x, y, clamp(0.75 * size[person], 1.8, 6));
        }
        context.strokeStyle = context.fillStyle = colour;
        context.lineWidth = 2;
        context.stroke(tails);
        context.strokeStyle = colours.stage;
        context.lineWidth = 1;
        context.fill(heads);
        context.stroke(heads);
      }
      const glow = part < 0.15 ? part / 0.15 : (1 - part) / 0.85;
      context.lineWidth = 1.6;
      for (const [colour, group] of popping) {
        const rings = new Path2D();
        for (const { person } of group) {
          shape(rings, "circle", px[person], py[person], size[person] * (1.3 + 1.7 * ease(part)) + 2);
        }
        context.globalAlpha = 0.75 * glow;
        context.strokeStyle = colour;
        context.stroke(rings);
      }
      context.globalAlpha = 1;
    }

    // Shares that are seen, whether or not they persuade: sparks on their way to the follower.
    function drawFlashes(pairs, part) {
      const step = 2 * Math.ceil(pairs.length / 2 / MOST_FLASHES);
      const sparks = new Path2D();
      const head = ease(part), tail = Math.max(0, head - 0.07);
      for (let place = 0; place < pairs.length; place += step) {
        const from = pairs[place], to = pairs[place + 1];
        const dx = px[to] - px[from], dy = py[to] - py[from];
        sparks.moveTo(px[from] + tail * dx, py[from] + tail * dy);
        sparks.lineTo(px[from] + head * dx, py[from] + head * dy);
      }
      context.globalAlpha = 0.55 * (part < 0.8 ? 1 : (1 - part) / 0.2);
      context.strokeStyle = colours.spark;
      context.lineWidth = 1.2;
      context.stroke(sparks);
      context.globalAlpha = 1;
    }

    // One person with their ties, and the way on which the item came to them.
    function drawSpotlight(person, strong) {
      const lines = new Path2D(), rings = new Path2D();
      for (let place = ties.starts[person]; place < ties.starts[person + 1]; place++) {
        const other = ties.others[place];
        const away = Math.max(1, Math.hypot(px[other] - px[person], py[other] - py[person]));
        const edge = Math.min(1, (1.2 * size[person] + 3) / away);
        lines.moveTo(px[person] + edge * (px[other] - px[person]), py[person] + edge * (py[other] - py[person]));
        lines.lineTo(px[other], py[other]);
        shape(rings, "circle", px[other], py[other], size[other] * 1.2 + 1.5);
      }
      context.strokeStyle = colours.spotlight;
      context.globalAlpha = strong ? 0.75 : 0.5;
      context.lineWidth = 1.2;
      context.stroke(lines);
      context.stroke(rings);
      context.globalAlpha = 1;
      context.lineWidth = 2.6;
      context.strokeStyle = colours.ink;
      for (let place = told[person], steps = 0; place >= 0 && steps < people; steps++) {
        const event = events[place];
        if (event.parent < 0) break;
        context.beginPath();
        context.moveTo(px[event.parent], py[event.parent]);
        context.quadraticCurveTo(...bend(event.parent, event.person), px[event.person], py[event.person]);
        context.stroke();
        place = cause(event);
      }
      ring(context, person, colours.stage, 5, 3);
      ring(context, person, colours.spotlight, 2.6, 3);
      drawName(person);
    }

    // The event in which a parent took up what they passed on: of the same item, before their child's.
    function cause(child) {
      for (const place of [told[child.parent], before[child.parent]]) {
        if (place >= 0 && events[place].item === child.item && events[place].tick < child.tick) return place;
      }
      return -1;
    }

    function drawName(person) {
      const name = names[person].length > 40 ? `${names[person].slice(0, 39)}…` : names[person];
      context.font = "600 13px system-ui, sans-serif";
      context.textBaseline = "middle";
      const wide = context.measureText(name).width + 14;
      const x = clamp(px[person] - wide / 2, 4, width - wide - 4);
      const above = py[person] - size[person] - 30;
      const y = above > 4 ? above : py[person] + size[person] + 10;
      context.fillStyle = colours.ink;
      context.beginPath();
      context.roundRect(x, y, wide, 22, 6);
      context.fill();
      context.fillStyle = colours.stage;
      context.fillText(name, x + 7, y + 11.5);
    }

    // Draw soon, once, whatever else changes before that.
    function ask() {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        draw();
      });
    }

    function paint() {
      const list = (name) => Frame.colour(name).split(/\s+/);
      colours = { items: SHAPES.map((_, item) => Frame.colour(`--item-${item}`)), sequence: list("--sequence") };
      for (const name of ["stage", "tie", "person", "removed", "ink", "spotlight", "spark"]) {
        colours[name] = Frame.colour(`--${name}`);
      }
      stale = true;
      ask();
    }

    function resize() {
      width = Math.max(1, canvas.clientWidth);
      height = Math.max(1, canvas.clientHeight);
      density = Math.min(2, window.devicePixelRatio || 1);
      for (const { canvas: one } of [context, tieLayer, toldLayer, crowdLayer]) {
        one.width = Math.round(width * density);
        one.height = Math.round(height * density);
      }
      stale = true;
      draw(); // at once: a resized canvas is black until it is drawn on
    }

    function moveView(change) {
      change();
      view.zoom = clamp(view.zoom, 1, FARTHEST);
      view.x = clamp(view.x, width * (1 - view.zoom), 0);
      view.y = clamp(view.y, height * (1 - view.zoom), 0);
      // A finger that strokes over people nobody has zoomed into means to scroll the page.
      canvas.style.touchAction = view.zoom > 1 ? "none" : "pan-y";
      clearTimeout(settling);
      settling = setTimeout(() => {
        stale = true;
        ask();
      }, SETTLED);
      ask();
    }

    function zoom(factor, x = width / 2, y = height / 2) {
      moveView(() => {
        const to = clamp(view.zoom * factor, 1, FARTHEST);
        view.x = x - (to / view.zoom) * (x - view.x);
        view.y = y - (to / view.zoom) * (y - view.y);
        view.zoom = to;
      });
    }

    function reset() {
      moveView(() => Object.assign(view, { zoom: 1, x: 0, y: 0 }));
    }

    function at(x, y, within = 12) {
      let nearest = -1, least = Infinity;
      const far = Math.max(1, Math.ceil(within / cell));
      for (let down = -far; down <= far; down++) {
        for (let across = -far; across <= far; across++) {
          for (const person of cells.get(cellOf(x + across * cell, y + down * cell)) || []) {
            const away = Math.hypot(px[person] - x, py[person] - y) - size[person];
            if (away < least && away <= within - 4) {
              least = away;
              nearest = person;
            }
          }
        }
      }
      return nearest;
    }

    // The person whom an arrow key leads to: near, and rather straight ahead. From nobody: who has the most followers.
    function neighbour(person, dx, dy) {
      if (person < 0) return people ? followers.indexOf(followers.reduce((a, b) => Math.max(a, b))) : -1;
      let best = person, least = Infinity;
      for (let other = 0; other < people; other++) {
        const across = px[other] - px[person], down = py[other] - py[person];
        const away = Math.hypot(across, down);
        const ahead = (across * dx + down * dy) / (away * Math.hypot(dx, dy));
        if (!(ahead > 0.5) || other === person) continue;
        if (away * (2.2 - ahead) < least) {
          least = away * (2.2 - ahead);
          best = other;
        }
      }
      return best;
    }

    function describe(person) {
      const state = removed.has(person) ? "removed" : told[person] >= 0 ? "engaged" : seeds.has(person) ? "seed" : "none";
      const who = Words.say("stage_person", { name: names[person], followers: followers[person] });
      return `${who}, ${Words.say(`stage_state_${state}`)}`;
    }

    function focus(person) {
      focused = person;
      said.textContent = person >= 0 ? describe(person) : "";
      if (person >= 0 && !(px[person] > 0 && px[person] < width && py[person] > 0 && py[person] < height)) {
        moveView(() => {
          view.x += width / 2 - px[person];
          view.y += height / 2 - py[person];
        });
      }
      ask();
    }

    const tell = (name, detail) => canvas.dispatchEvent(new CustomEvent(name, { detail }));

    function toFocus(person) {
      focus(person);
      tell("focusperson", { person });
    }

    function listen() {
      const pointers = new Map();
      let pressed = null, dragged = false, pinched = 0;
      const spot = (event) => {
        const box = canvas.getBoundingClientRect();
        return { x: event.clientX - box.left, y: event.clientY - box.top };
      };
      const reachOf = (event) => (event.pointerType === "touch" ? 26 : 12);

      canvas.addEventListener("pointerdown", (event) => {
        if (event.button) return;
        pointers.set(event.pointerId, spot(event));
        if (pointers.size === 1) {
          pressed = spot(event);
          dragged = false;
        } else {
          dragged = true;
          const [one, other] = pointers.values();
          pinched = Math.hypot(one.x - other.x, one.y - other.y);
        }
        canvas.setPointerCapture(event.pointerId);
      });
      canvas.addEventListener("pointermove", (event) => {
        const now = spot(event), then = pointers.get(event.pointerId);
        if (!then) {
          const person = event.pointerType === "touch" ? -1 : at(now.x, now.y);
          if (person !== hovered) {
            hovered = person;
            canvas.style.cursor = person >= 0 ? "pointer" : "";
            tell("hover", { person });
            ask();
          }
          return;
        }
        pointers.set(event.pointerId, now);
        if (pointers.size === 2) {
          const [one, other] = pointers.values();
          const apart = Math.hypot(one.x - other.x, one.y - other.y);
          if (pinched > 0) zoom(apart / pinched, (one.x + other.x) / 2, (one.y + other.y) / 2);
          pinched = apart;
        } else if (dragged || Math.hypot(now.x - pressed.x, now.y - pressed.y) > 6) {
          dragged = true;
          moveView(() => {
            view.x += now.x - then.x;
            view.y += now.y - then.y;
          });
        }
      });
      const lift = (event) => {
        const then = pointers.get(event.pointerId);
        pointers.delete(event.pointerId);
        if (!then || dragged || event.type !== "pointerup") return;
        const { x, y } = spot(event);
        const person = at(x, y, reachOf(event));
        if (focused >= 0) focus(-1);
        tell("pick", { person, x, y });
      };
      canvas.addEventListener("pointerup", lift);
      canvas.addEventListener("pointercancel", lift);
      canvas.addEventListener("pointerleave", () => {
        if (hovered < 0) return;
        hovered = -1;
        tell("hover", { person: -1 });
        ask();
      });
      // The wheel belongs to the page until the network has been clicked, or is pinched on a touch pad.
      canvas.addEventListener("wheel", (event) => {
        if (!event.ctrlKey && document.activeElement !== canvas) return;
        event.preventDefault();
        const { x, y } = spot(event);
        zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), x, y);
      }, { passive: false });

      const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      canvas.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        if (event.key in arrows) toFocus(neighbour(focused, ...arrows[event.key]));
        else if (event.key === "Enter" && focused >= 0) {
          tell("pick", { person: focused, x: px[focused], y: py[focused] });
          said.textContent = describe(focused);
        } else if (event.key === "+" || event.key === "=") zoom(1.4, ...(focused >= 0 ? [px[focused], py[focused]] : []));
        else if (event.key === "-") zoom(1 / 1.4);
        else if (event.key === "0") reset();
        else if (event.key === "Escape" && focused >= 0) toFocus(-1);
        else return;
        event.preventDefault();
        event.stopPropagation();
      });
    }

    // What shapes and colours mean, as a list that follows language, theme and mode.
    function legend(element) {
      legends.add(element);
      const entries = [];
      const entry = (text, draw) => entries.push([text, draw]);
      const mark = (kind, colour, hollow) => {
        const name = "http://www.w3.org/2000/svg";
        const svg = document.createElementNS(name, "svg");
        svg.setAttribute("viewBox", "-8 -8 16 16");
        svg.setAttribute("aria-hidden", "true");
        const path = document.createElementNS(name, "path");
        path.setAttribute("d", outline(kind, hollow ? 5.5 : 4.6));
        path.style.fill = hollow ? "none" : colour;
        path.style.stroke = hollow ? colour : "none";
        path.style.strokeWidth = "2";
        svg.append(path);
        return svg;
      };
      entry(Words.say("stage_legend_people"), mark("circle", "var(--person)"));
      if (mode === "item") {
        scene.items.forEach((name, item) =>
          entry(name, mark(SHAPES[item % SHAPES.length], `var(--item-${item % SHAPES.length})`)));
      } else {
        const steps = Math.min(deepest + 1, 4);
        const shown = Array.from({ length: steps }, (_, step) => Math.round((step / Math.max(1, steps - 1)) ** 2 * deepest));
        for (const generation of new Set(shown)) {
          entry(Words.say("stage_legend_generation", { generation }), mark("circle", colourOf({ generation })));
        }
        if (scene.items.length > 1) scene.items.forEach((name, item) => entry(name, mark(SHAPES[item % SHAPES.length], "var(--ink)")));
      }
      entry(Words.say("stage_legend_seed"), mark("circle", "var(--ink)", true));
      element.classList.add("legend");
      element.replaceChildren(...entries.map(([text, drawn]) => {
        const line = document.createElement("li");
        line.append(drawn, text);
        return line;
      }));
    }

    // A shape as the outline of an SVG path.
    function outline(kind, r) {
      const steps = [];
      const path = {
        moveTo: (x, y) => steps.push(`M${x} ${y}`),
        lineTo: (x, y) => steps.push(`L${x} ${y}`),
        closePath: () => steps.push("Z"),
        rect: (x, y, wide, high) => steps.push(`M${x} ${y}h${wide}v${high}h${-wide}Z`),
        arc: (x, y, size) => steps.push(`A${size} ${size} 0 1 1 ${x - size} ${y}A${size} ${size} 0 1 1 ${x + size} ${y}`),
      };
      shape(path, kind, 0, 0, r);
      return steps.join("");
    }

    function take(list) {
      events = list;
      deepest = events.reduce((most, event) => Math.max(most, event.generation), 1);
      seeded = [...events.keys()].filter((place) => events[place].parent === SEED);
    }

    function renew() {
      staleCrowd = true;
      legends.forEach(legend);
      ask();
    }

    function name() {
      canvas.setAttribute("aria-label", Words.say("stage_help"));
    }

    const stage = {
      events(list) {
        take(list);
        renew();
      },
      seen(list) { seen = list; },
      colourBy(which) {
        mode = which;
        renew();
      },
      marks(changed) {
        seeds = changed.seeds || new Set();
        removed = changed.removed || new Set();
        renew();
      },
      draw, at, neighbour, focus, describe, legend, resize, reset, zoom,
      close() { // of a canvas that leaves the page: nothing holds on to it any longer
        closing.abort();
        watching.disconnect();
        said.remove();
      },
      place: (person) => ({ x: px[person], y: py[person] }),
      get focused() { return focused; },
    };

    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.after(said);
    name();
    paint();
    listen();
    moveView(() => 0);
    take(scene.events || []);
    resize();
    const closing = new AbortController();
    const watching = new ResizeObserver(() => {
      if (canvas.clientWidth !== width || canvas.clientHeight !== height) resize();
    });
    watching.observe(canvas);
    document.addEventListener("theme", () => {
      paint();
      legends.forEach(legend);
    }, closing);
    document.addEventListener("language", () => {
      name();
      legends.forEach(legend);
    }, closing);
    return stage;
  }

  return { make };
})();
