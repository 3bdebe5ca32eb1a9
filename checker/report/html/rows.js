// The list of steps beside the picture, each a link to itself.

/** What a screen reader says of a step; the same words as the eye reads, and what it sees by colour and place. */
function row_name(trace, step) {
  const parts = [step.n === 0 ? 'Start' : `Step ${step.n}`];
  if (step.fault) parts.push('fault');
  if (step.lane !== null) parts.push(trace.lanes[step.lane].label);
  if (step.n > 0 && trace.explained) parts.push(step.matters ? 'part of why' : step.round ? 'repeats' : 'plays no part');
  if (step.round) parts.push('repeats for ever');
  if (step.last_chance) parts.push('last chance to avoid the violation');
  return `${parts.join(', ')}: `;
}

function step_row(trace, step, words) {
  const name = ['row'];
  if (step.fault) name.push('fault');
  if (trace.explained && !step.matters) name.push('aside');
  if (trace.explained && step.link) name.push('matters');
  if (step.round) name.push('round');
  if (step.last_chance) name.push('last-chance');
  return html('li', {class: name.join(' '), 'data-step': step.n},
    html('a', {href: `#step-${step.n}`, tabindex: '-1'},
      spoken(row_name(trace, step)),
      html('span', {class: 'number', 'aria-hidden': 'true'}, String(step.n)),
      step.last_chance ? html('span', {class: 'turn', 'aria-hidden': 'true'}, 'last chance ▴') : null,
      html('span', {class: 'text'},
        step.fault ? html('span', {class: 'badge bad', 'aria-hidden': 'true'}, 'FAULT') : null,
        step.fault ? ' ' : null,
        html('span', {class: 'words'}, marked(step.n === 0 ? 'start' : step.words, words)), ' ',
        html('span', {class: 'about'}, marked(step.about, words)))));
}

function fold_row(row) {
  const [first, last] = [row.steps[0].n, row.steps.at(-1).n];
  const which = first === last ? `step ${first} plays no part` : `steps ${first} to ${last} play no part`;
  return html('li', {class: 'row fold'},
    html('button', {type: 'button', 'data-fold': first, 'aria-expanded': 'false'}, html('span', {'aria-hidden': 'true'}, '⋯ '), which));
}

const waits_title = (file) =>
  (file.loop === null && !file.continuation?.loop && file.continuation?.loop !== 0 ? 'What waits at the end' : 'What waits all the time');

/** On what the property breaks, with values. */
const culprit_list = (file) => file.culprits.map((culprit) => html('span', {class: 'culprit'}, culprit));

/** What stands under the last step. */
function end_row(trace) {
  const {file} = trace;
  const again = file.loop === null ? null : html('p', {class: 'again'},
    html('span', {'aria-hidden': 'true'}, '↻ '), `and so on as after step ${file.loop}, for ever`);
  const waits = file.waits.length === 0 ? null : [
    html('p', {}, `${waits_title(file)}:`),
    html('ul', {}, file.waits.map((wait) => html('li', {}, wait)))];
  return html('li', {class: 'row end'}, again,
    html('p', {class: 'broken'}, html('span', {class: 'badge bad'}, verdict_word(file)), ' ',
      html('code', {}, file.property || file.overflowing), ' ', culprit_list(file), ' ', file.claim), waits);
}

const verdict_word = (file) => ({overflow: 'OVERFLOW', path: 'A PATH'}[file.kind] || 'VIOLATED');
