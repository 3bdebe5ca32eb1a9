// The page as a whole: which step is looked at, what is folded, searched and switched, and how keys and links change it.

const trace = read_trace(JSON.parse(byId('trace').textContent));
{
  const kinds = [...new Set(trace.lanes.map((lane) => lane.kind))];
  trace.colour = trace.lanes.map((lane) => `k${kinds.indexOf(lane.kind) % 6}`);
}
const now = {n: 0, only_why: false, opened: new Set(), words: [], hits: [], width: 0, printing: false};
let rows = [];
let items = new Map();

const remembered = (name) => {
  try { return localStorage.getItem(`raymc.${name}`); } catch { return null; }
};
const remember = (name, value) => {
  try { localStorage.setItem(`raymc.${name}`, value); } catch { /* A page from a file may have no storage. */ }
};

function render() {
  rows = rows_of(trace, now.only_why, now.opened);
  const place = measure(trace, rows, now.width);
  const list = byId('rows');
  list.style.setProperty('--row', `${place.size.row}px`);
  list.style.setProperty('--fold', `${place.size.fold}px`);
  list.style.setProperty('--lanes', `${place.width}px`);
  list.style.setProperty('--gutter', `${place.size.gutter}px`);
  byId('diagram').classList.toggle('narrow', place.narrow);
  list.replaceChildren(...rows.map((row) => (row.steps ? fold_row(row) : step_row(trace, row.step, now.words))), end_row(trace));
  items = new Map([...list.querySelectorAll('[data-step]')].map((item) => [Number(item.dataset.step), item]));
  for (const n of now.hits) items.get(n)?.classList.add('hit');
  draw(trace, place, byId('heads'), byId('picture'));
  draw_ticks();
  mark();
}

function draw_ticks() {
  const ticks = byId('ticks');
  const many = Math.max(trace.last, 1);
  ticks.setAttribute('viewBox', `0 0 ${many * 10} 12`);
  const bar = (n, name, y, height) => svg('line', {class: name, x1: n * 10, x2: n * 10, y1: y, y2: y + height});
  ticks.replaceChildren(...[
    trace.file.loop === null ? [] : [svg('rect', {class: 'loop', x: trace.file.loop * 10, y: 0, width: (many - trace.file.loop) * 10, height: 12})],
    trace.steps.filter((step) => step.fault).map((step) => bar(step.n, 'fault', 0, 12)),
    now.hits.map((n) => bar(n, 'hit', 6, 6)),
  ].flat());
}

/** Marks the present step in the list and its messages in the picture. */
function mark() {
  for (const [n, item] of items) {
    const here = n === now.n;
    item.classList.toggle('now', here);
    const link = item.firstElementChild;
    link.tabIndex = here ? 0 : -1;
    if (here) link.setAttribute('aria-current', 'step');
    else link.removeAttribute('aria-current');
  }
  const near = new Set(trace.steps[now.n].messages.map((told) => told.message));
  const open = new Set(now.n === 0 ? [] : open_messages(trace, now.n).map((message) => message.id));
  for (const line of byId('picture').querySelectorAll('[data-message]')) {
    const id = Number(line.dataset.message);
    line.classList.toggle('now', near.has(id));
    line.classList.toggle('flying', open.has(id) && !near.has(id));
  }
  for (const moment of byId('picture').querySelectorAll('[data-step]')) moment.classList.toggle('now', Number(moment.dataset.step) === now.n);
}

const place_words = (n) => (n === 0 ? `start of ${trace.last}` : `${n} of ${trace.last}`);

function step_words(step) {
  const name = step.n === 0 ? 'Start' : `Step ${step.n} of ${trace.last}`;
  return `${name}. ${step.fault ? 'Fault. ' : ''}${step.n === 0 ? '' : step.sentence}`;
}

/** Opens the fold that hides a step. */
function reveal(n) {
  const fold = rows.find((row) => row.steps?.some((step) => step.n === n));
  if (!fold) return false;
  now.opened.add(fold.steps[0].n);
  return true;
}

/** Looks at a step. `focus` moves the focus to its row; what has the focus is told by itself, everything else is said. */
function select(n, {focus = false, quiet = false} = {}) {
  now.n = Math.min(Math.max(n, 0), trace.last);
  if (reveal(now.n)) render();
  else mark();
  const step = trace.steps[now.n];
  const scrubber = byId('scrubber');
  scrubber.value = String(now.n);
  scrubber.setAttribute('aria-valuetext', step_words(step));
  byId('place').textContent = place_words(now.n);
  for (const id of ['first', 'previous']) byId(id).setAttribute('aria-disabled', String(now.n === 0));
  for (const id of ['next', 'last']) byId(id).setAttribute('aria-disabled', String(now.n === trace.last));
  // A link in the panel that led here is gone with the panel's old text; the panel itself takes its focus.
  const within = byId('detail').contains(document.activeElement);
  show_step(trace, step, byId('detail'));
  if (within) byId('detail').focus({preventScroll: true});
  const item = items.get(now.n);
  // The last step is seen with what it leads to.
  if (now.n === trace.last) byId('rows').lastElementChild.scrollIntoView({block: 'nearest', inline: 'nearest'});
  item.scrollIntoView({block: 'nearest', inline: 'nearest'});
  if (focus) item.firstElementChild.focus({preventScroll: true});
  const told = focus || within || document.activeElement === scrubber;
  if (!quiet && !told) byId('live').textContent = step_words(step);
  try { history.replaceState(null, '', `#step-${now.n}`); } catch { /* Too many in a row for some browsers. */ }
}

/** The next visible step in a direction. */
function go(by) {
  const direction = Math.sign(by);
  let n = now.n;
  for (let left = Math.abs(by); left > 0; --left) {
    let next = n + direction;
    while (next >= 0 && next <= trace.last && !items.has(next)) next += direction;
    if (next < 0 || next > trace.last) break;
    n = next;
  }
  return n;
}

function search(query) {
  now.words = query.toLowerCase().split(/\s+/).filter((word) => word !== '');
  now.hits = now.words.length === 0 ? [] :
    trace.steps.filter((step) => now.words.every((word) => step.search.includes(word))).map((step) => step.n);
  byId('hits').textContent = now.words.length === 0 ? '' : now.hits.length === 0 ? 'none' : plural(now.hits.length, 'step');
  for (const id of ['hit-previous', 'hit-next']) byId(id).hidden = now.hits.length === 0;
  byId('live').textContent = now.words.length === 0 ? '' : `${plural(now.hits.length, 'step')} found.`;
  render();
}

function next_hit(direction) {
  if (now.hits.length === 0) return;
  const later = direction > 0 ? now.hits.find((n) => n > now.n) : now.hits.findLast((n) => n < now.n);
  const n = later ?? (direction > 0 ? now.hits[0] : now.hits.at(-1));
  select(n, {quiet: true});
  byId('hits').textContent = `${now.hits.indexOf(n) + 1} of ${now.hits.length}`;
  byId('live').textContent = `Match ${now.hits.indexOf(n) + 1} of ${now.hits.length}. ${step_words(trace.steps[n])}`;
}

function toggle_why() {
  if (!trace.explained || byId('why').disabled) return;
  now.only_why = !now.only_why;
  now.opened.clear();
  byId('why').setAttribute('aria-pressed', String(now.only_why));
  render();
  // A step that is folded away now is not looked at any more: the next that matters is.
  if (!items.has(now.n)) select([...items.keys()].find((n) => n > now.n) ?? 0);
  else items.get(now.n).scrollIntoView({block: 'nearest'});
  byId('live').textContent = now.only_why ? `Only the ${plural(trace.file.chain.length, 'step')} that the violation depends on.`
    : `All ${plural(trace.last, 'step')}.`;
}

const THEMES = ['auto', 'light', 'dark'];

function set_theme(theme) {
  document.documentElement.dataset.theme = theme;
  byId('theme').textContent = `◐ ${theme}`;
  byId('theme').setAttribute('aria-label', `Theme: ${theme}`);
}

function next_fault() {
  const faults = trace.steps.filter((step) => step.fault).map((step) => step.n);
  return faults.find((n) => n > now.n) ?? faults[0] ?? now.n;
}
