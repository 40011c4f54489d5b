"use strict";

/* Beside the stage: what this is and which lessons there are, or one lesson: a question, a prediction to commit to, an
   experiment, an explanation. What to predict comes first: nobody learns from an experiment that was expected anyway. */
const Guide = (() => {
  const { make } = Elements;
  let root, lab;

  const lessonWords = (lesson) => lesson.words[Words.language];

  function begin(element, of) {
    root = element;
    lab = of;
  }

  function show(focus) {
    const { lesson } = lab.open;
    root.replaceChildren(...(lesson ? ofLesson(lesson) : freePlay()));
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
      ...(data.lessons.length ? [
        make("h3", {}, Words.say("lab_lessons")),
        make("p", {}, Words.say("lab_lessons_lead")),
        make("ol", { className: "lessons" }, data.lessons.map((lesson) => make("li", {},
          make("button", { type: "button", className: "plain", onclick: () => lab.enter(lesson.name) },
            lessonWords(lesson).title)))),
      ] : []),
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
    const commit = make("button", { type: "submit", className: "main", disabled: true }, Words.say("lab_commit"));
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
      const result = lab.found(index);
      return make("li", { className: state.done.includes(index) ? "done" : "" },
        make("p", {}, words.steps[index]),
        make("button", { type: "button", className: index === next ? "main" : "", "data-step": index,
          onclick: () => lab.step(index) }, times),
        result ? make("p", { className: "result", role: "status" }, result) : null);
    }));
    const left = lesson.steps.length - state.done.length;
    return [
      heading("h3", Words.say("lab_experiment"), "experiment"), list, ...table(lesson, words),
      ...(state.told ? [] : [
        left ? make("p", { className: "hint" }, Words.say("lab_steps_left", { n: left })) : null,
        make("button", { type: "button", className: left ? "" : "main", disabled: left > 0, "data-part": "explain",
          onclick: () => lab.explain() }, Words.say("lab_explain")),
      ].filter(Boolean)),
    ];
  }

  function table(lesson) {
    const rows = lab.rows();
    if (rows.length < 2) return [];
    const two = rows.some((row) => row.cells.length > 3);
    const heads = ["lab_step", ...(two ? ["lab_found_a", "lab_found_b", "lab_found_difference"]
      : ["lab_found_mean", "lab_found_viral"])];
    return [make("div", { className: "wide", tabIndex: 0, role: "region", "aria-label": Words.say("lab_found") },
      make("table", {}, make("caption", {}, Words.say("lab_found")),
        make("thead", {}, make("tr", {}, heads.map((key) => make("th", { scope: "col" }, Words.say(key))))),
        make("tbody", {}, rows.map(({ cells: [first, ...rest] }) => make("tr", {},
          make("th", { scope: "row" }, first), rest.map((cell) => make("td", {}, cell)))))))];
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
      make("button", { type: "button", className: "main", onclick: () => lab.enter(after ? after.name : State.FREE) },
        after ? Words.say("lab_next_lesson") : Words.say("lab_to_free")),
      make("button", { type: "button", onclick: () => lab.enter(lesson.name) }, Words.say("lab_again")),
    ].filter(Boolean);
  }

  return { begin, show };
})();
