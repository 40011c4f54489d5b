"use strict";

/* Outcomes along a slider: each realisation a dot above the value it was played with, and the mean as a line. Where the
   dots fall into two clouds, one low and one high, is the tipping point. */
const Strip = (() => {
  const WIDE = 640, HIGH = 250, LEFT = 46, RIGHT = 14, TOP = 10, BOTTOM = 46;

  function drawn(name, attributes, text) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function show(element, { values, labels, most, marked, xLabel, yLabel, amount }) {
    const across = (place) => LEFT + (WIDE - LEFT - RIGHT) * (place + 0.5) / values.length;
    const up = (value) => HIGH - BOTTOM - (HIGH - BOTTOM - TOP) * value / most;
    const svg = drawn("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", class: "strip" });
    const means = values.map((one) => Many.told(one).mean);
    svg.setAttribute("aria-label", `${yLabel}, ${xLabel}. ${labels.map((label, place) =>
      `${label}: ${amount(means[place])}`).join("; ")}`);
    for (const part of [0, 0.5, 1]) {
      svg.append(drawn("line", { x1: LEFT, x2: WIDE - RIGHT, y1: up(part * most), y2: up(part * most), class: "grid" }),
        drawn("text", { x: LEFT - 6, y: up(part * most) + 4, "text-anchor": "end" }, amount(part * most)));
    }
    const width = (WIDE - LEFT - RIGHT) / values.length;
    svg.append(drawn("rect", { x: across(marked) - width / 2, y: TOP, width, height: HIGH - BOTTOM - TOP, class: "marked" }));
    values.forEach((one, place) => one.forEach((value, index) => svg.append(drawn("circle", {
      cx: across(place) + width * 0.34 * (((index * 7) % 13) / 6 - 1), cy: up(value), r: 2.6 }))));
    svg.append(drawn("polyline", { points: means.map((mean, place) => `${across(place)},${up(mean)}`).join(" ") }));
    const every = Math.ceil(values.length / 7);
    labels.forEach((label, place) => {
      if (place % every === 0)
        svg.append(drawn("text", { x: across(place), y: HIGH - BOTTOM + 16, "text-anchor": "middle" }, label));
    });
    svg.append(drawn("text", { x: (LEFT + WIDE - RIGHT) / 2, y: HIGH - 6, "text-anchor": "middle", class: "axis" }, xLabel));
    element.replaceChildren(svg);
  }

  return { show };
})();
