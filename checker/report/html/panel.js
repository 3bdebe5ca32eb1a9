// The step that is looked at, in words: what it is, what it sends and receives, why it matters, what it changed, and
// the whole state after it.

const step_link = (n) => html('a', {href: `#step-${n}`}, n === 0 ? 'the start' : `step ${n}`);

const section = (title, ...children) => html('section', {class: 'part'}, html('h3', {}, title), children);

/** How a message got to where it is, as nodes after its label. */
function fate_words(message, n) {
  const words = [];
  if (message.held !== null && message.held > n) words.push('taken at ', step_link(message.held));
  if (message.fate === 'lost' && message.end === message.sent) return ['lost at once'];
  if (message.end !== null && message.end > n) {
    if (words.length > 0) words.push(', ');
    words.push(`${{received: 'received', lost: 'lost', held: 'answered or forgotten'}[message.fate]} at `, step_link(message.end));
  }
  return words.length === 0 ? ['still on its way at the end'] : words;
}

const EVENT_WORDS = {sent: 'sends', received: 'receives', held: 'takes, to answer later', lost: 'lost:', released: 'done with'};

function message_item(trace, step, {message: id, event}) {
  const message = trace.messages[id];
  const [from, to] = [trace.lanes[message.from].label, trace.lanes[message.to].label];
  const route = event === 'sent' ? ` to ${to}: ` : ` from ${from}, sent at `;
  const rest = event === 'sent' ? fate_words(message, step.n) : step_link(message.sent);
  return html('li', {class: `mark ${event}`}, html('b', {}, `${EVENT_WORDS[event]} `),
    html('code', {}, message.label), route, rest);
}

const PROCESS_WORDS = {
  starting: 'is starting', started: 'is up', crashed: 'crashes', ended: 'ends', cleared: 'is gone; its place is free',
};

function process_item(trace, mark) {
  const name = html('b', {}, trace.lanes[mark.lane].label);
  if (mark.event === 'believed dead') return html('li', {}, html('b', {}, trace.lanes[mark.by].label), ' now believes ', name, ' dead');
  if (mark.event === 'believed alive') return html('li', {}, html('b', {}, trace.lanes[mark.by].label), ' believes ', name, ' dead no more');
  return html('li', {class: mark.event}, name, ` ${PROCESS_WORDS[mark.event]}`);
}

const REASONS = {
  enables: ['Without it, ', ' could not happen.'],
  prevents: ['It must come before ', ', after which it could not happen any more.'],
  order: ['It must come before ', ': the other order is possible and leads elsewhere.'],
};

function why_part(trace, step) {
  if (!trace.explained || step.n === 0) return null;
  if (!step.link) return section('Why', html('p', {}, step.round ? 'It is one of the steps that repeat for ever.' : 'Plays no part in the violation.'));
  const {before, reason} = step.link;
  const words = before === 0 ? ['The violation itself depends on it.'] :
    [REASONS[reason][0], step_link(before), REASONS[reason][1]];
  return section('Why', html('p', {class: 'because'}, words));
}

const RESCUE_ENDS = {
  kept: 'The protocol then comes to rest and the claim still holds.',
  'goes on': 'The protocol then goes on without end, and the claim holds all the time.',
  promised: 'What was promised then comes true.',
};

/** The steps that were not taken and how they end. */
const other_way = (rescue) => html('details', {class: 'other'},
  html('summary', {}, `The other way on, ${plural(rescue.steps.length, 'step')}`),
  html('ol', {}, rescue.steps.map((other) => html('li', {}, other.sentence))), html('p', {}, RESCUE_ENDS[rescue.end]));

function rescue_part(trace, step) {
  const {rescue} = trace.file;
  if (step.last_chance) {
    return section('Last chance', html('p', {}, 'From here the protocol alone can still avoid the violation; after ',
      step_link(step.n + 1), ' it cannot.'), other_way(rescue));
  }
  if (!rescue || step.n !== trace.last) return null;
  const title = 'Point of no return';
  if (!rescue.decided) return section(title, html('p', {}, `Not decided within the bound of ${rescue.states_max} states.`));
  if (rescue.after === null) {
    return section(title, html('p', {}, 'There is none: from the start on, the protocol alone cannot avoid the violation.'));
  }
  if (rescue.after === trace.last) {
    return section(title, html('p', {}, 'It never comes: after every step, the last one included, another order would keep the promise.'),
      other_way(rescue));
  }
  return section(title, html('p', {}, step_link(rescue.after + 1), ': before it another order could have avoided this, after it none can.'));
}

function rules_part(step) {
  if (step.rules.length === 0) return null;
  return section('Rules', html('ul', {class: 'rules'}, step.rules.map((rule) => html('li', {}, html('code', {}, rule.id),
    rule.file || rule.symbol
      ? html('span', {class: 'source'}, [rule.file, rule.symbol].filter((text) => text !== '').join(': ')) : null))));
}

/** One line of the difference table. */
function change_row(trace, step, {component, text}) {
  const before = step.n === 0 ? '' : trace.states[step.n - 1][component];
  return html('tr', {}, html('th', {scope: 'row'}, trace.file.components[component].label),
    html('td', {}, differenceNodes(before, text)));
}

function changes_part(trace, step) {
  if (step.n === 0) return null;
  const processes = step.processes.map((mark) => process_item(trace, mark));
  const rows = step.changes.map((change) => change_row(trace, step, change));
  return section('What changed', processes.length > 0 ? html('ul', {class: 'marks'}, processes) : null,
    rows.length > 0 ? html('table', {class: 'state'}, html('tbody', {}, rows)) : null,
    rows.length + processes.length === 0 ? html('p', {}, 'Nothing but messages.') : null);
}

/** Messages that are somewhere after the step. */
function open_messages(trace, n) {
  return trace.messages.filter((message) => message.sent <= n && (message.end === null || message.end > n));
}

function state_part(trace, step) {
  const changed = new Set(step.changes.map((change) => change.component));
  const rows = trace.file.components.map(({label, lane}, index) => {
    const text = trace.states[step.n][index];
    if (text === '' && !changed.has(index)) return null;
    const since = trace.since[step.n][index];
    return html('tr', {class: changed.has(index) ? 'changed' : ''},
      html('th', {scope: 'row'}, html('i', {class: `dot ${lane === null ? '' : trace.colour[lane]}`}), label),
      html('td', {}, changed.has(index) ? differenceNodes(trace.states[step.n - 1][index], text, text === '') : text),
      html('td', {class: 'since'}, since > 0 && since < step.n ? html('a', {href: `#step-${since}`, title: `since step ${since}`},
        spoken('since step '), String(since)) : ''));
  });
  const open = open_messages(trace, step.n).map((message) => html('tr', {class: message.sent === step.n && step.n > 0 ? 'changed' : ''},
    html('th', {scope: 'row'}, html('i', {class: 'dot'}), `${trace.lanes[message.from].label} → ${trace.lanes[message.to].label}`),
    html('td', {}, message.label, message.held !== null && message.held <= step.n ? ' (held)' : ''),
    html('td', {class: 'since'}, message.sent > 0 && message.sent < step.n ? step_link_number(message.sent) : '')));
  return section(step.n === 0 ? 'State at the start' : 'State after it',
    html('table', {class: 'state'}, html('tbody', {}, rows),
      open.length === 0 ? null : html('tbody', {}, html('tr', {}, html('th', {class: 'group', colspan: 3}, 'Messages')), open)));
}

const step_link_number = (n) => html('a', {href: `#step-${n}`}, spoken('since step '), String(n));

function chips(step) {
  if (step.bindings.length === 0) return step.about === '' ? null : html('p', {class: 'chips'}, html('code', {}, step.about));
  return html('p', {class: 'chips'}, step.bindings.map(({name, value}) => [html('span', {class: 'chip'}, html('span', {}, `${name} `), value), ' ']));
}

/** One way for a run to go on that is in a trap. */
function continuation_part(trace) {
  const run = trace.file.continuation;
  if (!run) return null;
  if (run.steps.length === 0) return html('p', {}, 'The protocol has nothing left to do.');
  const end = run.rests ? 'Then the protocol has nothing left to do.' :
    run.loop === null ? 'And further.' : `And so on as after ${run.loop === 0 ? 'the trap' : `step ${trace.last + run.loop}’`}, for ever.`;
  return html('details', {class: 'other'},
    html('summary', {}, `How it goes on, for example: ${plural(run.steps.length, 'step')}`),
    html('ol', {start: trace.last + 1}, run.steps.map((step) => html('li', {}, step.sentence))), html('p', {}, end));
}

function end_part(trace, step) {
  if (step.n !== trace.last) return null;
  const {file} = trace;
  return html('div', {class: 'part broken'}, html('p', {}, html('span', {class: 'badge bad'}, verdict_word(file)), ' ',
    html('code', {}, file.property || file.overflowing)), file.culprits.map((culprit) => html('p', {class: 'culprit'}, culprit)),
  html('p', {}, claim_words(file)),
  continuation_part(trace), file.waits.length === 0 ? null : [html('h3', {}, waits_title(file)),
    html('ul', {}, file.waits.map((wait) => html('li', {}, wait)))]);
}

/** The claim is what should be true; the trace breaks it. */
const claim_words = (file) => {
  if (file.kind === 'path') return 'Nothing is violated at its end.';
  return file.kind === 'overflow' ? file.claim : `Broken claim: ${file.claim}.`;
};

function show_step(trace, step, panel) {
  const marks = step.messages.filter(({message, event}) => event !== 'lost' || trace.messages[message].sent < step.n);
  panel.replaceChildren(
    html('h2', {id: 'step-title'}, html('a', {href: `#step-${step.n}`, title: 'link to this step'}, step.n === 0 ? 'Start' : `Step ${step.n}`),
      step.n === 0 ? '' : html('span', {class: 'of'}, ` of ${trace.last}`), ' ',
      step.fault ? html('span', {class: 'badge bad'}, 'FAULT') : '',
      step.round ? html('span', {class: 'badge round'}, '↻ repeats') : '',
      step.lane === null ? '' : html('span', {class: `badge who ${trace.colour[step.lane]}`}, trace.lanes[step.lane].label)),
    html('p', {class: 'sentence'}, step.n === 0 ? (trace.file.scenario.question || 'The state in which the run begins.') : step.words), ...[
      chips(step), end_part(trace, step), rescue_part(trace, step), why_part(trace, step),
      marks.length > 0 && step.n > 0
        ? section('Messages', html('ul', {class: 'marks'}, marks.map((mark) => message_item(trace, step, mark)))) : null,
      changes_part(trace, step), state_part(trace, step), rules_part(step),
    ].filter((part) => part !== null));
  panel.scrollTop = 0;
}
