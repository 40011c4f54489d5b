"use strict";

/* Many realisations, a few at a time, so that the page answers meanwhile. */
const Many = (() => {
  const SLICE = 14;  // milliseconds

  /* What a realisation is measured by: a count of the main item, or mean trust at the end, in per cent. */
  function measured(world, played, metric) {
    if (metric === "trust") return played.trust === null ? 0 : played.trust.at(-1) * 100;
    return played.curves[world.mainItem][metric].at(-1);
  }

  /* Play so many realisations of every job {world, plan, added, removed}; `finished` gets one array for each job,
     `progress` the number played so far, and may end it all by answering false. Returns how to stop it. */
  function start(jobs, first, count, metric, progress, finished) {
    const found = jobs.map(() => []);
    const channel = new MessageChannel();
    let stopped = false, next = 0;
    channel.port1.onmessage = () => {
      if (stopped) return;
      const until = performance.now() + SLICE;
      while (next < count && performance.now() < until) {
        jobs.forEach(({ world, plan, added, removed }, index) => {
          const played = Engine.play(world, { plan, realisation: first + next, added, removed, record: false });
          found[index].push(measured(world, played, metric));
        });
        next++;
      }
      if (progress(next) === false) return;
      if (next < count) channel.port2.postMessage(0);
      else finished(found);
    };
    channel.port2.postMessage(0);
    return () => { stopped = true; };
  }

  const mean = (values) => values.reduce((sum, one) => sum + one, 0) / values.length;

  /* Mean with its 95 % interval, and between what nine in ten lie. */
  function told(values) {
    const middle = mean(values), sorted = [...values].sort((one, other) => one - other);
    const spread = Math.sqrt(values.reduce((sum, one) => sum + (one - middle) ** 2, 0) / Math.max(values.length - 1, 1));
    const half = 1.96 * spread / Math.sqrt(values.length);
    const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
    return { mean: middle, low: middle - half, high: middle + half, p05: at(0.05), p50: at(0.5), p95: at(0.95) };
  }

  const share = (values, least) => values.filter((one) => one >= least).length / values.length;

  return { start, measured, told, share };
})();
