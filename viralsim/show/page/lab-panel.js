"use strict";

/* The controls: which plan, sliders with their value and unit, and whose luck. Rows are made anew only when there are
   others, so that a slider keeps its focus while it is moved. */
const Panel = (() => {
  const { make, byId } = Elements;
  let lab, made = "", rows = [];

  function begin(of) {
    lab = of;
    byId("plan").addEventListener("change", (event) => lab.setSide({ plan: Number(event.target.value) }));
    byId("all").addEventListener("change", (event) => lab.change({ all: event.target.checked }));
    byId("as-given").addEventListener("click", () => lab.setSide({ set: {}, added: [], removed: [] }));
    byId("compare").addEventListener("click", () => lab.toggleCompare());
    byId("luck-before").addEventListener("click", () => lab.luck(lab.state.realisation - 1));
    byId("luck-after").addEventListener("click", () => lab.luck(lab.state.realisation + 1));
    byId("luck").addEventListener("change", (event) => lab.luck(Number(event.target.value)));
    for (const side of [0, 1])
      byId(`side-${side}`).addEventListener("change", () => lab.change({ active: side }));
    document.addEventListener("language", () => { made = ""; });
  }

  function controls() {
    const { open: { world, lesson }, state } = lab, plan = state.sides[state.active].plan;
    const found = Settings.all(world, plan, lesson ? lesson.sliders : {});
    const listed = Settings.usual(found, lesson);
    return { shown: state.all ? found : listed, more: found.length > listed.length };
  }

  function show() {
    const { open, state } = lab, { world, lesson } = open, side = state.sides[state.active];
    const locked = lesson !== null && state.guess === null;
    byId("controls").toggleAttribute("data-locked", locked);
    byId("settings").disabled = locked;
    byId("locked").hidden = !locked;
    byId("sides").hidden = !state.compare;
    byId(`side-${state.active}`).checked = true;
    byId("compare").setAttribute("aria-pressed", String(state.compare));
    const plans = byId("plan");
    plans.replaceChildren(...world.plans.map((plan, index) => make("option", { value: String(index) }, plan.name)));
    plans.value = String(side.plan);
    byId("plan-row").hidden = world.plans.length < 2;
    byId("luck").value = String(state.realisation);
    byId("luck-before").disabled = state.realisation === 0;
    byId("all").checked = state.all;
    byId("as-given").disabled = !Object.keys(side.set).length && !side.added.length && !side.removed.length;

    const { shown, more } = controls();
    byId("all-row").hidden = !more && !state.all;
    const these = JSON.stringify([open.name, Words.language, shown.map(({ path, values }) => [path, values])]);
    if (these !== made) {
      made = these;
      build(shown);
    }
    for (const row of rows) fill(row, side);
  }

  function build(shown) {
    const { world } = lab.open, groups = new Map();
    rows = shown.map((control, index) => {
      const id = `slider-${index}`, name = Words.say(`lab_${control.word}`, control.told);
      const output = make("output", { htmlFor: id });
      const input = make("input", { type: "range", id, min: "0", step: "1", title: control.path,
        "data-path": control.path, oninput: () => lab.setting(control.path, rows[index].values[Number(input.value)]) });
      const element = make("div", { className: "slider" },
        make("label", { for: id, title: control.path }, name), output, input);
      const group = world.items.length > 1 && control.told.item ? control.told.item : "";
      groups.set(group, [...(groups.get(group) || []), element]);
      return { control, input, output, values: control.values };
    });
    byId("sliders").replaceChildren(...[...groups].flatMap(([item, elements]) => (item
      ? [make("div", { className: "group", role: "group", "aria-label": item }, make("h3", {}, item), elements)]
      : elements)));
  }

  function fill(row, side) {
    const { world } = lab.open, { control, input, output } = row;
    const usual = Settings.base(world, control.path), set = control.path in side.set;
    const value = set ? side.set[control.path] : usual;
    row.values = Settings.including(control.values, value);
    input.max = String(row.values.length - 1);
    input.value = String(Settings.nearest(row.values, value));
    const text = Settings.shown(control.kind, value, world);
    output.textContent = text;
    output.classList.toggle("set", set);
    input.style.setProperty("--done", `${100 * Number(input.value) / Math.max(1, row.values.length - 1)}%`);
    input.setAttribute("aria-valuetext", text);
  }

  return { begin, show };
})();
