// Keys, clicks, links and the first look. Last of the scripts: it starts the page.

const TRAVEL = {
  ArrowRight: () => go(1), ArrowLeft: () => go(-1), ArrowDown: () => go(1), ArrowUp: () => go(-1),
  PageDown: () => go(10), PageUp: () => go(-10), Home: () => 0, End: () => trace.last,
};
const LETTERS = {
  '/': () => byId('query').focus(), f: () => select(next_fault()), w: toggle_why, '?': () => byId('keys').showModal(),
};

function on_key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  const {target, key} = event;
  if (target === byId('query')) return;
  if (key === 'Escape' && now.words.length > 0) return forget_search();
  // Where text can be scrolled, the keys that scroll it are its own.
  const scrolls = byId('detail').contains(target) && key !== 'ArrowLeft' && key !== 'ArrowRight';
  if (TRAVEL[key] && !scrolls) {
    event.preventDefault();
    select(TRAVEL[key](), {focus: byId('rows').contains(target)});
  } else if (LETTERS[key] && byId('letters').checked) {
    event.preventDefault();
    LETTERS[key]();
  }
}

function forget_search() {
  byId('query').value = '';
  search('');
}

function on_query_key(event) {
  if (event.key === 'Enter') next_hit(event.shiftKey ? -1 : 1);
  else if (event.key === 'Escape') forget_search();
  else return;
  event.preventDefault();
}

function on_row_click(event) {
  const fold = event.target.closest('[data-fold]');
  const item = event.target.closest('[data-step]');
  if (fold) {
    now.opened.add(Number(fold.dataset.fold));
    render();
    items.get(Number(fold.dataset.fold)).firstElementChild.focus();
  } else if (item && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    select(Number(item.dataset.step), {focus: true});
  }
}

/** The step that the address names, or none. */
function step_of_address() {
  const match = /^#step-(\d{1,7})$/.exec(location.hash);
  return match ? Number(match[1]) : null;
}

function fill_head() {
  const {file} = trace;
  const faults = trace.steps.filter((step) => step.fault).length;
  byId('verdict').textContent = verdict_word(file);
  byId('property').textContent = file.property || file.overflowing;
  byId('counts').textContent = [file.scenario.name, plural(trace.last, 'step'), plural(faults, 'fault'),
    file.loop === null ? '' : `the last ${trace.last - file.loop} for ever`].filter((text) => text !== '').join(' · ');
  byId('claim').textContent = claim_words(file);
  byId('scrubber').max = String(trace.last);
  const why = byId('why');
  const parts = trace.file.chain.length;
  why.hidden = !trace.explained;
  why.disabled = parts === trace.last;
  why.textContent = why.disabled ? 'Every step matters' : `Only why: ${parts} of ${trace.last}`;
  why.title = why.disabled ? 'The violation depends on every step' :
    `Show the ${plural(parts, 'step')} that the violation depends on and fold the others`;
}

/** What the lines and signs of the picture mean, drawn as it draws them. */
function fill_legend() {
  const line = (name, ...more) => svg('g', {class: `message ${name}`}, svg('path', {class: 'line', d: 'M4 11L58 11'}), more);
  const signs = [
    [line('', arrow_head(60, 11, 0)), 'a message, from its sending to its receipt; one that waits goes down beside its receiver\'s lane'],
    [line('reply', arrow_head(60, 11, 0)), 'an answer'],
    [line('held', svg('rect', {class: 'held', x: 54, y: 3, width: 8, height: 18, rx: 4})), 'a request that its receiver keeps, to answer later'],
    [line('lost', cross(58, 11, 5, 'lost-mark')), 'a message that is lost'],
    [line('open'), 'a message that is still on its way at the end'],
    [cross(32, 11, 8, 'crash'), 'a fault: the process crashes, or is struck otherwise'],
    [svg('path', {class: 'ended', d: 'M23 11L41 11'}), 'a process ends as the protocol wants it'],
    [svg('circle', {class: 'started', cx: 32, cy: 11, r: 8}), 'a process starts, or starts again'],
    [svg('text', {class: 'belief', x: 22, y: 15}, '† n1'), 'from here this process believes n1 dead'],
    [svg('g', {class: 'loop'}, svg('path', {d: 'M52 18L14 18L14 5L46 5'}), arrow_head(52, 5, 0)), 'these steps repeat for ever'],
  ];
  byId('legend').append(...signs.map(([sign, words]) =>
    html('li', {}, svg('svg', {viewBox: '0 0 64 22', 'aria-hidden': 'true', focusable: 'false'}, sign), words)));
}

function fill_about() {
  const {file} = trace;
  byId('about-body').append(
    html('p', {class: 'question'}, file.scenario.question),
    html('table', {class: 'state'}, html('tbody', {}, file.facts.map(({name, value}) =>
      html('tr', {}, html('th', {scope: 'row'}, name), html('td', {}, value))))),
    html('h3', {}, 'The scenario file'), html('pre', {tabindex: '0'}, file.scenario.text));
}

/** How the trace is made to happen in the real system, where the program that wrote the page knows that. */
function fill_real() {
  const real = JSON.parse(byId('real-data').textContent);
  if (real === null) return;
  byId('open-real').hidden = false;
  for (const id of ['open-real', 'real-title']) byId(id).textContent = real.label;
  byId('real-body').append(
    html('p', {}, 'In a checkout of the project:'), html('pre', {tabindex: '0'}, real.commands.join('\n')),
    html('h3', {}, 'When that was done last'),
    real.seen.length === 0 ? html('p', {}, 'No result is noted.') : html('ul', {class: 'seen'}, real.seen.map((words) => html('li', {}, words))));
}

/** Paper has no scrubber: every step with its changes stands below the picture. */
function print_steps() {
  byId('paper')?.remove();
  document.body.append(html('section', {id: 'paper'}, html('h2', {}, 'Step by step'), trace.steps.slice(1).map((step) =>
    html('section', {class: 'part'}, html('h3', {}, `${step.n}  ${step.fault ? 'FAULT  ' : ''}${step.sentence}`),
      html('table', {class: 'state'}, html('tbody', {}, step.changes.map((change) => change_row(trace, step, change))))))));
}

function set_width(width) {
  if (width === now.width || width === 0) return;
  now.width = width;
  render();
}

const PAPER_WIDTH = 690;

function on_paper(printing) {
  now.printing = printing;
  if (printing) print_steps();
  else byId('paper')?.remove();
  set_width(printing ? PAPER_WIDTH : byId('diagram').clientWidth);
}

function listen() {
  document.addEventListener('keydown', on_key);
  byId('query').addEventListener('keydown', on_query_key);
  byId('query').addEventListener('input', () => search(byId('query').value));
  byId('find').addEventListener('submit', (event) => event.preventDefault());
  byId('hit-next').addEventListener('click', () => next_hit(1));
  byId('hit-previous').addEventListener('click', () => next_hit(-1));
  byId('rows').addEventListener('click', on_row_click);
  byId('scrubber').addEventListener('input', () => select(Number(byId('scrubber').value)));
  for (const [id, target] of Object.entries({first: TRAVEL.Home, previous: TRAVEL.ArrowLeft, next: TRAVEL.ArrowRight, last: TRAVEL.End})) {
    byId(id).addEventListener('click', () => select(target()));
  }
  byId('why').addEventListener('click', toggle_why);
  byId('open-about').addEventListener('click', () => byId('about').showModal());
  byId('open-real').addEventListener('click', () => byId('real').showModal());
  byId('open-keys').addEventListener('click', () => byId('keys').showModal());
  byId('theme').addEventListener('click', () => {
    const theme = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length];
    set_theme(theme);
    remember('theme', theme);
  });
  byId('letters').addEventListener('change', () => remember('letters', byId('letters').checked ? 'on' : 'off'));
  addEventListener('hashchange', () => select(step_of_address() ?? now.n));
  new ResizeObserver(() => now.printing || set_width(byId('diagram').clientWidth)).observe(byId('diagram'));
  addEventListener('beforeprint', () => on_paper(true));
  addEventListener('afterprint', () => on_paper(false));
}

set_theme(THEMES.includes(remembered('theme')) ? remembered('theme') : 'auto');
byId('letters').checked = remembered('letters') !== 'off';
fill_head();
fill_about();
fill_real();
fill_legend();
now.width = byId('diagram').clientWidth;
render();
select(step_of_address() ?? 0, {quiet: true});
listen();
