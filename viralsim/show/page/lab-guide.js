"use strict";

/* Beside the stage: what this is and which lessons there are, or one lesson: a question, a prediction to commit to, an
   experiment, an explanation. What to predict comes first: nobody learns from an experiment that was expected anyway. */
const Guide = (() => {
  const { make } = Elements;
  let root, lab, shown = "";

  const lessonWords = (lesson) => lesson.texts[Words.language];

  function begin(element, of) {
    root = element;
    lab = of;
  }

  /* Made anew only where it says something else, and the focus stays on what it was on. */
  function show(focus) {
    const { lesson, name } = lab.open, { state } = lab;
    const now = JSON.stringify([name, Words.language, state.guess, state.done, state.told, lesson ? lab.rows() : 0]);
    if (now !== shown) {
      const held = root.contains(document.activeElement) ? document.activeElement.dataset : {};
      const again = held.step ? `[data-step="${held.step}"]` : held.part ? `[data-part="${held.part}"]` : "";
      shown = now;
      root.replaceChildren(...(lesson ? ofLesson(lesson) : freePlay()));
      if (again) root.querySelector(again)?.focus({ preventScroll: true });
    }
    if (focus) root.querySelector(`[data-part="${focus}"]`)?.focus();
  }

  const heading = (tag, text, part) => make(tag, { tabIndex: -1, "data-part": part }, text);
  const paragraphs = (texts) => texts.map((text) => make("p", {}, text));

  function freePlay() {
    const { data } = lab;
    const first = ["lab_first_play", "lab_first_change", "lab_first_click", "lab_first_many"];
    return [
      heading("h2", Words.say("lab_free_title"), "title"),
      make("p", { className: "lead" }, Words.say("lab_free_lead", { people: lab.open.world.people })),
      make("ol", { className: "first" }, first.map((key) => make("li", {}, Words.say(key)))),
      make("div", { className: "about-lessons" },
        make("h3", {}, Words.say("lab_lessons")),
        make("p", {}, Words.say("lab_lessons_lead")),
        make("ol", { className: "lessons" }, data.lessons.map((lesson) => make("li", {},
          make("button", { type: "button", className: "plain", onclick: () => lab.enter(lesson.name) },
            lessonWords(lesson).title))))),
    ];
  }

  function ofLesson(lesson) {
    const { state } = lab, words = lessonWords(lesson), number = lab.data.lessons.indexOf(lesson) + 1;
    return [
      make("p", { className: "kicker" }, Words.say("lab_lesson_of", { number, lessons: lab.data.lessons.length })),
      heading("h2", words.title, "title"),
      make("p", { className: "lead" }, words.question),
      ...(state.guess === null ? prediction(words) : [committed(words), ...experiment(lesson, words)]),
      ...(state.told ? explanation(lesson, words) : []),
    ];
  }

  function prediction(words) {
    const commit = make("button", { type: "submit", className: "primary", disabled: true }, Words.say("lab_commit"));
    const form = make("form", { className: "prediction" },
      make("fieldset", {}, make("legend", {}, Words.say("lab_prediction")),
        words.options.map((option, index) => make("label", { className: "option" },
          make("input", { type: "radio", name: "guess", value: String(index),
            onchange: () => { commit.disabled = false; } }), make("span", {}, option)))),
      make("p", { className: "hint" }, Words.say("lab_prediction_hint")), commit);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = form.querySelector("input:checked");
      if (chosen) lab.commit(Number(chosen.value));
    });
    return [form];
  }

  const committed = (words) => make("p", { className: "committed" },
    make("strong", {}, Words.say("lab_predicted")), " ", words.options[lab.state.guess]);

  function experiment(lesson, words) {
    const { state } = lab, next = lesson.steps.findIndex((_, index) => !state.done.includes(index));
    const list = make("ol", { className: "steps" }, lesson.steps.map((step, index) => {
      const times = step.play > 1 ? Words.say("lab_step_many", { n: step.play }) : Words.say("lab_step_one");
      return make("li", { className: state.done.includes(index) ? "done" : "" },
        make("p", {}, words.steps[index]),
        make("button", { type: "button", className: index === next ? "primary" : "", "data-step": index,
          onclick: () => lab.step(index) }, times));
    }));
    const left = lesson.steps.length - state.done.length;
    return [
      heading("h3", Words.say("lab_experiment"), "experiment"), list, ...table(lesson),
      ...(state.told ? [] : [
        left ? make("p", { className: "hint" }, Words.say("lab_steps_left", { n: left })) : null,
        make("button", { type: "button", className: left ? "" : "primary", disabled: left > 0, "data-part": "explain",
          onclick: () => lab.explain() }, Words.say("lab_explain")),
      ].filter(Boolean)),
    ];
  }

  function table(lesson) {
    const rows = lab.rows();
    if (!rows.length) return [];
    const often = lesson.metric === "engaged", several = new Set(rows.map((row) => row[1])).size > 1;
    const kept = [true, several, true, true, often];
    const heads = ["lab_step", "lab_plan", lesson.metric === "trust" ? "lab_found_trust" : "lab_found_mean", "lab_found_spread",
      "lab_found_viral"];
    const cells = (row) => row.filter((_, place) => kept[place]);
    return [make("div", { className: "wide", tabIndex: 0, role: "region", "aria-label": Words.say("lab_found") },
      make("table", {}, make("caption", {}, Words.say("lab_found")),
        make("thead", {}, make("tr", {}, cells(heads).map((key) => make("th", { scope: "col" }, Words.say(key))))),
        make("tbody", {}, rows.map((row) => make("tr", {}, cells(row).map((cell, place) =>
          make(place ? "td" : "th", place ? {} : { scope: "row" }, cell)))))))];
  }

  function explanation(lesson, words) {
    const { state, data } = lab, right = state.guess === lesson.answer;
    const after = data.lessons[data.lessons.indexOf(lesson) + 1];
    return [
      heading("h3", Words.say("lab_explanation"), "explanation"),
      make("p", { className: right ? "verdict right" : "verdict" },
        right ? Words.say("lab_right") : Words.say("lab_wrong", { answer: words.options[lesson.answer] })),
      ...paragraphs(words.explanation),
      words.source ? make("p", { className: "source" }, words.source) : null,
      make("p", { className: "hint" }, Words.say("lab_now_free")),
      make("button", { type: "button", className: "primary", onclick: () => lab.enter(after ? after.name : State.FREE) },
        after ? Words.say("lab_next_lesson") : Words.say("lab_to_free")),
      make("button", { type: "button", onclick: () => lab.enter(lesson.name) }, Words.say("lab_again")),
    ].filter(Boolean);
  }

  return { begin, show };
})();
