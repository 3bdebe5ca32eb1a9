// The trace as the page uses it: the file's own data, and what follows from them for every step. The program that wrote
// the page has checked the file; nothing here is asked twice.

/** The words in square brackets at the end of a sentence name who and what takes part. */
function split_sentence(sentence) {
  const at = sentence.endsWith(']') ? sentence.indexOf(' [') : -1;
  return at < 0 ? [sentence, ''] : [sentence.slice(0, at), sentence.slice(at + 2, -1)];
}

/** Where each message was sent, held, and ended; steps count from 0, the start. */
function read_messages(file, moments) {
  const messages = file.messages.map((message, id) => ({...message, id, sent: 0, held: null, end: null, fate: 'open'}));
  moments.forEach((moment, step) => {
    for (const {message, event} of moment.messages) {
      const told = messages[message];
      if (event === 'sent') told.sent = step;
      if (event === 'held') [told.held, told.fate] = [step, 'held'];
      if (event === 'received' || event === 'lost') [told.end, told.fate] = [step, event];
      if (event === 'released') told.end = step;
    }
  });
  // What goes back between two processes that spoke of the same before, and says something of it, is an answer.
  const asked = new Set();
  for (const told of messages) {
    told.reply = told.from !== told.to && told.label.includes(': ') && asked.has(`${told.kind} ${told.to} ${told.from}`);
    if (!told.reply) asked.add(`${told.kind} ${told.from} ${told.to}`);
  }
  return messages;
}

const LIFE_AFTER = {starting: 'starting', started: 'up', crashed: 'down', ended: 'down', cleared: 'absent'};

/** For each lane its stretches of life: {life, from, to}; the last one goes on to the end. */
function read_stretches(file, moments) {
  return file.lanes.map((_, lane) => {
    const stretches = [{life: file.start.lives[lane], from: 0, to: moments.length - 1}];
    moments.forEach((moment, step) => {
      for (const mark of moment.processes) {
        const life = LIFE_AFTER[mark.event];
        const now = stretches.at(-1);
        if (mark.lane !== lane || life === undefined || life === now.life) continue;
        now.to = step;
        stretches.push({life, from: step, to: moments.length - 1});
      }
    });
    return stretches;
  });
}

/** Everything that a search looks into, in small letters. */
function searchable(step, messages, file) {
  const texts = [step.sentence, step.action, step.fault ? 'fault' : ''];
  for (const rule of step.rules) texts.push(rule.id, rule.file, rule.symbol);
  for (const {name, value} of step.bindings) texts.push(`${name} ${value}`);
  for (const mark of step.messages) texts.push(messages[mark.message].label);
  for (const change of step.changes) texts.push(`${file.components[change.component].label}: ${change.text}`);
  return texts.join('\n').toLowerCase();
}

function read_trace(file) {
  const start = {...file.start, action: '', sentence: 'the start', fault: false, lane: null, rules: [], bindings: [],
    changes: []};
  const moments = [start, ...file.steps];
  const messages = read_messages(file, moments);
  const states = [file.start.components];
  // When each component got its present text.
  const since = [file.start.components.map(() => 0)];
  file.steps.forEach((step, index) => {
    const [state, times] = [[...states[index]], [...since[index]]];
    for (const {component, text} of step.changes) [state[component], times[component]] = [text, index + 1];
    states.push(state);
    since.push(times);
  });
  const links = new Map(file.chain.map((link) => [link.step, link]));
  const steps = moments.map((moment, n) => {
    const [words, about] = split_sentence(moment.sentence);
    return {...moment, n, words, about, link: links.get(n) ?? null,
      matters: n === 0 || links.has(n), round: file.loop !== null && n > file.loop,
      last_chance: file.rescue !== null && file.rescue.decided && file.rescue.after === n &&
        n < file.steps.length,
      search: n === 0 ? file.start.components.join('\n').toLowerCase() : searchable(moment, messages, file)};
  });
  return {file, steps, messages, states, since, stretches: read_stretches(file, moments), last: steps.length - 1,
    lanes: file.lanes, explained: file.chain.length > 0};
}
