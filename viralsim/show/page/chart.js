"use strict";

// Charts on uPlot, in the page's colours and languages. Each is also told in words to those who cannot see it.
//
//   Chart.curves(element, {title, series: [{label, values, colour?, dash?, sampled?}], x?, xLabel, yLabel, cursor?, onPick?})
//   Chart.histogram(element, {title, series: [{label, values, colour?, dash?}], bins?, from?, to?, xLabel, yLabel})
//
// Both give {update(changes), cursor(x), close()}. A colour is a custom property such as "--item-0"; labels are text, already in
// the page's language: a page that changes its language updates them.
const Chart = (() => {
  const DASHES = [[], [7, 4], [2, 3], [9, 3, 2, 3]];

  // Ticks, hours, people: what is counted has no halves, unless hardly anything is shown.
  const WHOLE = [1, 2, 5].flatMap((digit) => Array.from({ length: 9 }, (_, power) => digit * 10 ** power)).sort((a, b) => a - b);

  const FINE = [0.1, 0.2, 0.5];

  const css = (name, other) => Frame.colour(name || other);
  const colourOf = (series, place) => css(series.colour, `--item-${place % 7}`);
  const dashOf = (series, place) => (series.dash === undefined ? DASHES[place % DASHES.length] : series.dash);

  function fade(colour, share) {
    const digits = /^#(\w\w)(\w\w)(\w\w)$/.exec(colour);
    return digits ? `rgba(${digits.slice(1).map((two) => parseInt(two, 16)).join(",")},${share})` : colour;
  }

  // What both kinds share: the box, the legend, the words, and drawing anew when size, theme or data change.
  function box(element, options, { data, describe, series, scales }) {
    element.classList.add("chart");
    const key = document.createElement("ul");
    const drawing = document.createElement("div");
    const veil = document.createElement("div");
    key.className = "legend";
    drawing.className = "chart-drawing";
    veil.className = "chart-ahead";
    drawing.setAttribute("role", "img");
    element.replaceChildren(key, drawing);
    let plot = null, now = options.cursor;

    function keyOf(one, place) {
      const line = document.createElement("li");
      const sample = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      const stroke = document.createElementNS("http://www.w3.org/2000/svg", "path");
      sample.setAttribute("viewBox", "0 0 24 16");
      sample.setAttribute("aria-hidden", "true");
      sample.classList.add("chart-sample");
      stroke.setAttribute("d", "M1 8h22");
      stroke.setAttribute("stroke-dasharray", dashOf(one, place).join(" "));
      stroke.style.stroke = colourOf(one, place);
      stroke.style.strokeWidth = "3";
      sample.append(stroke);
      line.append(sample, one.label);
      return line;
    }

    function axis(label, more) {
      return {
        label, labelSize: 20, labelFont: "12px system-ui, sans-serif", font: "12px system-ui, sans-serif",
        labelGap: 0, stroke: css("--quiet"), grid: { stroke: css("--grid"), width: 1 },
        ticks: { show: false }, gap: 4, ...more,
      };
    }

    function draw() {
      const wide = drawing.clientWidth, high = drawing.clientHeight;
      key.replaceChildren(...options.series.map(keyOf));
      drawing.setAttribute("aria-label", describe(options));
      if (plot) plot.destroy();
      plot = null;
      if (!wide || !high) return;
      const figures = (self, splits) => splits.map((value) => (value === null ? "" : Words.number(value)));
      plot = new uPlot({
        width: wide, height: high, padding: [8, 14, 0, 0], legend: { show: false },
        cursor: { x: Boolean(options.onPick), y: false, points: { show: false }, drag: { x: false, y: false } },
        scales: scales(options),
        axes: [
          axis(options.xLabel, {
            size: 26, space: 64, values: figures,
            incrs: (plot, index, low, high) => (high - low > 3 ? WHOLE : FINE.concat(WHOLE)),
          }),
          axis(options.yLabel, { size: 48, space: 34, values: figures }),
        ],
        series: [{}, ...options.series.map((one, place) => series(one, place))],
        hooks: { ready: [(made) => showCursor(made)] },
      }, data(options), drawing);
      plot.over.append(veil);
      if (options.onPick) {
        plot.over.classList.add("chart-picked");
        plot.over.addEventListener("click", (event) => {
          const left = event.clientX - plot.over.getBoundingClientRect().left;
          options.onPick(plot.posToVal(left, "x"));
        });
      }
    }

    // What lies ahead of the cursor is veiled: moved by the browser, without drawing the chart again.
    function cursor(x) {
      now = x;
      if (plot) showCursor(plot);
    }

    function showCursor(made) {
      veil.hidden = now === undefined || now === null;
      const left = Math.max(0, Math.min(made.bbox.width / uPlot.pxRatio, made.valToPos(now || 0, "x")));
      veil.style.transform = `translateX(${left}px)`;
    }

    let size = "", pending = 0;
    const watching = new ResizeObserver(() => {
      const fresh = `${drawing.clientWidth} ${drawing.clientHeight}`;
      if (fresh === size) return;
      size = fresh;
      cancelAnimationFrame(pending);
      pending = requestAnimationFrame(draw);
    });
    const closing = new AbortController();
    watching.observe(drawing);
    document.addEventListener("theme", draw, closing);
    document.addEventListener("language", draw, closing);
    draw();

    return {
      cursor,
      update(changes) {
        options = { ...options, ...changes };
        if ("cursor" in changes) now = changes.cursor;
        draw();
      },
      close() {
        closing.abort();
        watching.disconnect();
        if (plot) plot.destroy();
      },
    };
  }

  function curves(element, options) {
    const across = (given) => given.x || Array.from({ length: longest(given) }, (_, tick) => tick);
    const longest = ({ series }) => series.reduce((most, { values }) => Math.max(most, values.length), 0);

    function describe(given) {
      const x = across(given);
      if (!x.length) return Words.say("chart_empty");
      const told = given.series.filter(({ values }) => values.length).map(({ label, values }) => {
        const value = values[values.length - 1], peak = values.reduce((most, one) => Math.max(most, one));
        return Words.say(peak > value ? "chart_peak" : "chart_end", { label, value, ...(peak > value ? { peak } : {}) });
      });
      return Words.say("chart_text", {
        title: given.title || given.yLabel, across: given.xLabel, from: x[0], to: x[x.length - 1], series: told.join("; "),
      });
    }

    return box(element, options, {
      describe,
      data: (given) => [across(given), ...given.series.map(({ values }) => Array.from(values))],
      scales: (given) => ({
        x: { time: false, range: (plot, low, high) => [low, high > low ? high : low + 1] },
        y: { range: (plot, low, high) => [0, given.most || (high > 0 ? high * 1.06 : 1)] },
      }),
      series: (one, place) => ({
        stroke: colourOf(one, place), width: 2.2, dash: dashOf(one, place), points: { show: false },
        ...(one.sampled ? {} : { paths: uPlot.paths.stepped({ align: 1 }) }), // sampled now and then: straight from one to the next
      }),
    });
  }

  function histogram(element, options) {
    function edges({ series, bins = 24, from, to }) {
      let low = from, high = to;
      for (const { values } of series) {
        for (const value of values) {
          if (from === undefined) low = low === undefined ? value : Math.min(low, value);
          if (to === undefined) high = high === undefined ? value : Math.max(high, value);
        }
      }
      if (low === undefined || high === undefined) return { low: 0, step: 1, count: 1 };
      // Whole numbers are never shared out unevenly among bins: each bin is as many of them as the next.
      const step = Math.max(1, Math.ceil((high - low + 1) / bins));
      return { low, step, count: Math.max(1, Math.ceil((high - low + 1) / step)) };
    }

    function data(given) {
      const { low, step, count } = edges(given);
      const x = Array.from({ length: count + 1 }, (_, bin) => low + bin * step);
      const columns = given.series.map(({ values }) => {
        const counts = new Array(count + 1).fill(0);
        for (const value of values) counts[Math.max(0, Math.min(count - 1, Math.floor((value - low) / step)))]++;
        counts[count] = counts[count - 1]; // the last step needs an end
        return counts;
      });
      return [x, ...columns];
    }

    function describe(given) {
      const told = given.series.filter(({ values }) => values.length).map(({ label, values }) => {
        const sorted = Array.from(values).sort((one, other) => one - other);
        const quantile = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
        return Words.say("chart_histogram_series", {
          label, median: quantile(0.5), low: quantile(0.05), high: quantile(0.95),
        });
      });
      if (!told.length) return Words.say("chart_empty");
      const n = Math.max(...given.series.map(({ values }) => values.length));
      return Words.say("chart_histogram_text", { title: given.title || given.xLabel, n, series: told.join("; ") });
    }

    return box(element, options, {
      describe, data,
      scales: () => ({
        x: { time: false, range: (plot, low, high) => [low, high] },
        y: { range: (plot, low, high) => [0, high > 0 ? high * 1.06 : 1] },
      }),
      series: (one, place) => ({
        stroke: colourOf(one, place), width: 1.8, dash: dashOf(one, place), points: { show: false },
        fill: fade(colourOf(one, place), 0.28), paths: uPlot.paths.stepped({ align: 1 }),
      }),
    });
  }

  return { curves, histogram };
})();
