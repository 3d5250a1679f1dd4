// Elements are only ever made here, and text only ever goes in as text.

const SVG = "http://www.w3.org/2000/svg";

/** An element: attributes by name, `on*` as listeners, children as nodes or text. */
export function h(tag, attributes = null, ...children) {
  const element = document.createElement(tag);
  assign(element, attributes);
  append(element, children);
  return element;
}

function assign(element, attributes) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name === "value" || name === "checked" || name === "tabIndex" || name === "hidden") element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** Replaces what an element holds, keeping keyboard focus on the control with the same data-key. */
export function fill(element, ...children) {
  const active = document.activeElement;
  const key = element.contains(active) ? active.dataset.key : undefined;
  const caret = key && (active.type === "search" || active.type === "text") ? active.selectionStart : null;
  const scroll = element.firstChild ? element.scrollTop : 0; // asking it of an empty one would lay out the page
  element.replaceChildren();
  append(element, children);
  if (scroll) element.scrollTop = scroll;
  if (key) {
    for (const candidate of element.querySelectorAll("[data-key]")) {
      if (candidate.dataset.key === key) {
        candidate.focus({ preventScroll: true });
        if (caret !== null) candidate.setSelectionRange(caret, caret);
        break;
      }
    }
  }
}

/** A line icon from a path on a 24 x 24 grid. */
export function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", width: "20", height: "20", "aria-hidden": "true" }))
    svg.setAttribute(name, value);
  const shape = document.createElementNS(SVG, "path");
  for (const [name, value] of Object.entries({
    d: path,
    fill: "none",
    stroke: "currentColor",
    "stroke-width": "2",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
  }))
    shape.setAttribute(name, value);
  svg.append(shape);
  return svg;
}

export const byId = (id) => document.getElementById(id);
