// What changed in the words of one component.

/** Parts between commas that stand outside of brackets. */
function parts(text) {
  const found = [];
  let depth = 0;
  let part = '';
  for (let i = 0; i < text.length; ++i) {
    if ('([{'.includes(text[i])) ++depth;
    if (')]}'.includes(text[i])) --depth;
    if (depth <= 0 && text[i] === ',' && text[i + 1] === ' ') {
      found.push(part);
      part = '';
      ++i;
    } else {
      part += text[i];
    }
  }
  if (part !== '') found.push(part);
  return found;
}

/** Pairs of "same", "gone" or "new" and a part: the longest common subsequence stays. */
function difference(before, after) {
  const a = parts(before);
  const b = parts(after);
  const common = Array.from({length: a.length + 1}, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; --i) {
    for (let j = b.length - 1; j >= 0; --j) {
      common[i][j] = a[i] === b[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const told = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      told.push(['same', a[i++]]);
      ++j;
    } else if (i < a.length && (j === b.length || common[i + 1][j] >= common[i][j + 1])) {
      told.push(['gone', a[i++]]);
    } else {
      told.push(['new', b[j++]]);
    }
  }
  return told;
}

/** The same as nodes, for the eye and for the ear. Without `gone` only what is there now. */
function differenceNodes(before, after, gone = true) {
  const nodes = [];
  const told = difference(before, after).filter(([kind]) => gone || kind !== 'gone');
  for (const [kind, text] of told) {
    if (nodes.length > 0) nodes.push(gone ? ' ' : ', ');
    if (kind === 'same') nodes.push(html('span', {class: 'same'}, text));
    if (kind === 'gone') nodes.push(html('del', {}, spoken('no longer: '), text));
    if (kind === 'new') nodes.push(html('ins', {}, spoken('now: '), text));
  }
  return nodes;
}
