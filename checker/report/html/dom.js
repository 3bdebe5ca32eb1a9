// Elements without markup: a text from a trace only ever becomes a text node or an attribute's value.

const SVG = 'http://www.w3.org/2000/svg';

const byId = (id) => document.getElementById(id);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An HTML element; children are nodes, texts, or arrays of them. */
const html = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);

/** An SVG element. */
const svg = (name, attributes, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

/** A text that only a screen reader tells. */
const spoken = (text) => html('span', {class: 'hidden'}, text);

const plural = (count, word) => `${count} ${word}${count === 1 ? '' : 's'}`;

/** The text with every occurrence of the words marked; nodes. */
function marked(text, words) {
  const lower = text.toLowerCase();
  // A few letters grow when they are made small; then places would be off.
  if (words.length === 0 || lower.length !== text.length) return [text];
  const nodes = [];
  let at = 0;
  while (at < text.length) {
    let from = -1;
    let word = '';
    for (const candidate of words) {
      const found = lower.indexOf(candidate, at);
      if (found >= 0 && (from < 0 || found < from)) [from, word] = [found, candidate];
    }
    if (from < 0) break;
    if (from > at) nodes.push(text.slice(at, from));
    nodes.push(html('mark', {}, text.slice(from, from + word.length)));
    at = from + word.length;
  }
  if (at < text.length) nodes.push(text.slice(at));
  return nodes;
}
