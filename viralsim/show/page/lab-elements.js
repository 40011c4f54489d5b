"use strict";

// Elements of a page, put together without markup: whatever comes from data is text and stays text.
const Elements = (() => {
  // Properties that begin with a letter are set as such; "aria-..." and "data-..." as attributes, "on..." as listeners.
  function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (value === undefined || value === null) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (name.includes("-") || name === "role" || name === "for" || name === "lang") element.setAttribute(name, value);
      else element[name] = value;
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return element;
  }

  const byId = (id) => document.getElementById(id);

  return { make, byId };
})();
