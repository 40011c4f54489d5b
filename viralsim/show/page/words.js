"use strict";

// All that a page says, in every language it knows. Elements marked with a key as data-words show that text; data-words-label,
// data-words-title and data-words-placeholder give an element its aria-label, title and placeholder. What a script says
// itself it asks of `say`, and says again when the document's event "language" tells that the language has changed.
const Words = (() => {
  const all = JSON.parse(document.getElementById("words").textContent);
  const attributes = { label: "aria-label", title: "title", placeholder: "placeholder" };
  let language = document.documentElement.lang;

  // A key "people_one" is how "people" is said of exactly one: {n: 1}. Numbers are written as the language writes them.
  function say(key, values = {}) {
    const texts = all[language];
    const text = (values.n === 1 && texts[`${key}_one`]) || texts[key];
    if (text === undefined) throw new Error(`no words for ${key}`);
    return text.replace(/\{(\w+)\}/g, (whole, name) => {
      const value = values[name];
      if (value === undefined) throw new Error(`${key} needs ${name}`);
      return typeof value === "number" ? number(value) : String(value);
    });
  }

  function number(value, digits = 3) {
    const options = Math.abs(value) >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: digits };
    return new Intl.NumberFormat(language, options).format(value);
  }

  const share = (value, digits = 1) =>
    new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: digits }).format(value);

  function apply(root = document) {
    for (const element of root.querySelectorAll("[data-words]")) element.textContent = say(element.dataset.words);
    for (const [name, attribute] of Object.entries(attributes)) {
      for (const element of root.querySelectorAll(`[data-words-${name}]`)) {
        element.setAttribute(attribute, say(element.getAttribute(`data-words-${name}`)));
      }
    }
  }

  function to(name) {
    if (!(name in all) || name === language) return;
    language = name;
    document.documentElement.lang = name;
    apply();
    document.dispatchEvent(new CustomEvent("language", { detail: name }));
  }

  return { say, number, share, apply, to, all, get language() { return language; } };
})();
