"use strict";

// What every page has around its own contents: the choice of language and of light or dark, the way past the heading.
// Whoever draws on a canvas asks `Frame.colour` and draws again when the document's event "theme" comes.
const Frame = (() => {
  const root = document.documentElement;
  const language = document.getElementById("language");
  const theme = document.getElementById("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  const data = (id) => JSON.parse(document.getElementById(id).textContent);
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();

  function paint() {
    root.dataset.theme = theme.value === "auto" ? (dark.matches ? "dark" : "light") : theme.value;
    document.dispatchEvent(new CustomEvent("theme"));
  }

  function toTheme(name) {
    theme.value = ["light", "dark"].includes(name) ? name : "auto";
    paint();
  }

  language.addEventListener("change", () => Words.to(language.value));
  document.addEventListener("language", () => { language.value = Words.language; });
  theme.addEventListener("change", paint);
  dark.addEventListener("change", paint);
  // A link to #main would do, but the part after # belongs to pages that keep their state there.
  document.getElementById("skip").addEventListener("click", () => document.getElementById("main").focus());
  Words.apply();
  paint();

  return { data, colour, toTheme, still, get theme() { return theme.value; } };
})();
