// The picture: a lane for each process, time going down, one row for each step. Rows are a list of links, which is what
// a keyboard and a screen reader meet; the lines between lanes are drawn behind them and say nothing that is not in words.

const NARROW = 640;
const SIZES = {
  wide: {row: 48, fold: 30, gutter: 50, lane: [40, 126], text: 300, share: 0.62},
  narrow: {row: 78, fold: 30, gutter: 42, lane: [34, 90], text: 0, share: 1},
};

/** The rows to show: a step each, or the neighbours that play no part as one. `opened` are first steps of open folds. */
function rows_of(trace, only_why, opened) {
  const rows = [];
  for (const step of trace.steps) {
    // The last step and what repeats for ever stay: without them the end cannot be read.
    const hidden = only_why && !step.matters && !step.round && step.n !== trace.last;
    const before = rows.at(-1);
    if (hidden && before?.steps && before.steps.at(-1).n === step.n - 1) {
      before.steps.push(step);
    } else {
      rows.push(hidden ? {steps: [step]} : {step});
    }
  }
  return rows.flatMap((row) => (row.steps && opened.has(row.steps[0].n) ? row.steps.map((step) => ({step})) : [row]));
}

/** Where rows and lanes are, for a pane of that many pixels. */
function measure(trace, rows, width) {
  const narrow = width < NARROW;
  const size = narrow ? SIZES.narrow : SIZES.wide;
  const lanes = Math.max(trace.lanes.length, 1);
  const room = Math.min(width * size.share, width - size.text) - size.gutter - (narrow ? 8 : 0);
  const lane = Math.min(size.lane[1], Math.max(size.lane[0], Math.floor(room / lanes)));
  const place = {narrow, size, lane, folded: new Set(), width: size.gutter + (trace.lanes.length > 0 ? lanes * lane : 0), y: [], index: []};
  // On a phone a row's words stand above its lines.
  const middle = narrow ? size.row - 20 : size.row / 2;
  let top = 0;
  rows.forEach((row, index) => {
    for (const step of row.steps ?? [row.step]) {
      place.y[step.n] = top + (row.steps ? size.fold / 2 : middle);
      place.index[step.n] = index;
      if (row.steps) place.folded.add(step.n);
    }
    top += row.steps ? size.fold : size.row;
  });
  place.y.push(top + 8);
  place.index.push(rows.length);
  place.height = top + 16;
  place.x = (index) => size.gutter + (index + 0.5) * lane;
  return place;
}

/** Beside the lane where it waits, a message that is long on its way takes a track of its own. */
function take_track(tracks, key, from, to) {
  const taken = tracks.get(key) ?? [];
  tracks.set(key, taken);
  let track = 0;
  while (taken.some((other) => other.track === track && other.from < to && from < other.to)) ++track;
  taken.push({track, from, to});
  return track;
}

/** As much of a text as there is room for, in pixels, and "…" if some is missing. */
const fitting = (() => {
  const pen = document.createElement('canvas').getContext('2d');
  pen.font = `600 10.5px ${getComputedStyle(document.body).fontFamily}`;
  return (text, room) => {
    let many = text.length;
    if (pen.measureText(text).width <= room) return text;
    while (many > 3 && pen.measureText(`${text.slice(0, many)}…`).width > room) --many;
    return many > 3 ? `${text.slice(0, many)}…` : '';
  };
})();

const point = (x, y) => `${x.toFixed(1)} ${y.toFixed(1)}`;

function arrow_head(x, y, angle) {
  const corner = (turn, length) => point(x - length * Math.cos(angle + turn), y - length * Math.sin(angle + turn));
  return svg('path', {class: 'head', d: `M${point(x, y)}L${corner(0.42, 9)}L${corner(-0.42, 9)}Z`});
}

function cross(x, y, size, name) {
  return svg('path', {class: name, d: `M${point(x - size, y - size)}L${point(x + size, y + size)}M${
    point(x - size, y + size)}L${point(x + size, y - size)}`});
}

/** The line of a message between two lanes; gives its path and the angle at which it arrives. */
function course(place, message, y1, y2, rows_between, tracks) {
  const [x1, x2] = [place.x(message.from), place.x(message.to)];
  if (message.from === message.to) {
    const bend = Math.min(place.lane * 0.32, 26);
    return {d: `M${point(x1 + 5, y1)}C${point(x1 + bend, y1)} ${point(x1 + bend, y2)} ${point(x1 + 7, y2)}`, x: x1 + 7,
      angle: Math.PI};
  }
  const side = Math.sign(x2 - x1);
  const end = x2 - side * 6;
  if (rows_between === 0) {
    const start = x1 + side * 5;
    return {d: `M${point(start, y1)}L${point(end, y1)}`, x: end, angle: side > 0 ? 0 : Math.PI};
  }
  if (rows_between === 1) {
    const start = x1 + side * 5;
    return {d: `M${point(start, y1)}L${point(end, y2)}`, x: end, angle: Math.atan2(y2 - y1, end - start)};
  }
  const track = take_track(tracks, `${message.to} ${side}`, y1, y2);
  const wait = x2 - side * Math.min(13 + 7 * track, Math.abs(x2 - x1) * 0.8);
  const low = Math.min(y1 + place.size.row * 0.8, y2 - 16);
  return {d: `M${point(x1 + side * 5, y1)}L${point(wait, low)}L${point(wait, y2 - 9)}Q${point(wait, y2)} ${point(end, y2)}`,
    x: end, angle: side > 0 ? 0 : Math.PI};
}

function message_label(place, message, y1, order) {
  const [x1, x2] = [place.x(message.from), place.x(message.to)];
  const right = x2 >= x1;
  const room = right ? place.width - x1 - 10 : x1 - place.size.gutter - 10;
  // Of an answer, what it says: what it answers stood at the request.
  const words = message.reply ? message.label.split(': ').slice(1).join(': ') || message.label : message.label;
  const text = fitting(words, Math.min(room, Math.max(Math.abs(x2 - x1) + 60, 190)));
  if (text === '') return null;
  // The first above its line, the second below.
  return svg('text', {class: 'label', x: x1 + (right ? 9 : -9), y: y1 + [-7, 16, 27][Math.min(order, 2)],
    'text-anchor': right ? 'start' : 'end'}, text);
}

function draw_message(place, message, tracks, order) {
  const arrival = message.held ?? message.end;
  const finish = arrival ?? place.y.length - 1;
  const between = place.index[finish] - place.index[message.sent];
  // What is lost as it is sent ends in its own row; what is sent and received in one fold is not seen.
  if (between === 0 && !(message.fate === 'lost' && message.end === message.sent)) return null;
  const [y1, y2] = [place.y[message.sent], place.y[finish]];
  const line = course(place, message, y1, y2, between, tracks);
  const shown = svg('g', {class: `message ${message.fate}${message.reply ? ' reply' : ''}`, 'data-message': message.id});
  if (message.held !== null) {
    const x = place.x(message.to);
    const until = place.y[message.end ?? place.y.length - 1];
    shown.append(svg('rect', {class: 'held', x: x - 4, y: y2, width: 8, height: Math.max(until - y2, 0), rx: 4}));
  }
  shown.append(svg('path', {class: 'line', d: line.d}));
  if (message.fate === 'lost') shown.append(cross(line.x, y2, 5, 'lost-mark'));
  if (arrival !== null && message.fate !== 'lost') shown.append(arrow_head(line.x, y2, line.angle));
  const label = place.narrow || place.folded.has(message.sent) ? null : message_label(place, message, y1, order);
  if (label) shown.append(label);
  return shown;
}

function draw_lives(place, trace) {
  const drawn = [];
  trace.stretches.forEach((stretches, lane) => {
    const x = place.x(lane);
    for (const {life, from, to} of stretches) {
      const y1 = from === 0 ? 0 : place.y[from];
      const y2 = to === trace.last ? place.height : place.y[to];
      if (y2 > y1) drawn.push(svg('line', {class: `life ${life} ${trace.colour[lane]}`, x1: x, x2: x, y1, y2}));
    }
  });
  return drawn;
}

const MARKS = {
  crashed: (x, y) => cross(x, y, 9, 'crash'),
  ended: (x, y) => svg('path', {class: 'ended', d: `M${point(x - 9, y)}L${point(x + 9, y)}`}),
  started: (x, y) => svg('circle', {class: 'started', cx: x, cy: y, r: 8}),
  starting: (x, y) => svg('circle', {class: 'starting', cx: x, cy: y, r: 8}),
};

function draw_step(place, trace, step) {
  const drawn = [];
  const y = place.y[step.n];
  const crashed = step.processes.some((mark) => mark.event === 'crashed');
  if (step.lane !== null && !crashed) {
    drawn.push(step.fault ? cross(place.x(step.lane), y, 7, 'crash')
                          : svg('circle', {class: `event ${trace.colour[step.lane]}`, cx: place.x(step.lane), cy: y, r: 5}));
  }
  for (const mark of step.n === 0 ? [] : step.processes) {
    if (MARKS[mark.event]) drawn.push(MARKS[mark.event](place.x(mark.lane), y));
    if (mark.event === 'believed dead') {
      const x = place.x(mark.by);
      const left = x + 44 > place.width;
      drawn.push(svg('text', {class: 'belief', x: left ? x - 8 : x + 8, y: y + 15, 'text-anchor': left ? 'end' : 'start'},
        `† ${short_name(trace, mark.lane)}`));
    }
  }
  return svg('g', {class: 'moment', 'data-step': step.n}, drawn);
}

/** The way back of a lasso, left of the numbers. */
function draw_loop(place, trace) {
  const [top, bottom] = [place.y[trace.file.loop + 1], place.y[trace.last]];
  const half = place.size.row / 2 - 6;
  return svg('g', {class: 'loop'},
    svg('path', {d: `M${point(13, bottom + half)}Q${point(5, bottom + half)} ${point(5, bottom + half - 8)}L${
      point(5, top - half + 8)}Q${point(5, top - half)} ${point(12, top - half)}`}),
    arrow_head(15, top - half, 0));
}

/** Kind, name and place of a lane as its head shows them: "raylet", "n1", "" or "worker", "w1", "n1". */
function head_words(trace, lane) {
  const {label, kind} = trace.lanes[lane];
  const [name, place = ''] = label.split(' on ');
  if (name.toLowerCase() === kind.toLowerCase()) return ['', name, place];
  return [kind, name.toLowerCase().startsWith(`${kind.toLowerCase()} `) ? name.slice(kind.length + 1) : name, place];
}

const short_name = (trace, lane) => head_words(trace, lane)[1];

/** Draws everything; `heads` and `picture` are emptied first. */
function draw(trace, place, heads, picture) {
  heads.replaceChildren(...trace.lanes.map((lane, index) => {
    const [kind, name, where] = head_words(trace, index);
    const head = html('div', {class: `lane-head ${trace.colour[index]}`, title: lane.label},
      html('span', {class: 'kind'}, where === '' ? kind : place.lane > 84 ? `${kind} on ${where}` : `on ${where}`), html('span', {class: 'name'}, name));
    head.style.left = `${place.x(index) - place.lane / 2}px`;
    head.style.width = `${place.lane}px`;
    return head;
  }));
  heads.style.width = `${place.width}px`;
  heads.classList.toggle('tight', place.lane < 56);
  picture.setAttribute('width', place.width);
  picture.setAttribute('height', place.height);
  const tracks = new Map();
  const sent = new Map();
  const lines = trace.messages.map((message) => {
    const order = sent.get(message.sent) ?? 0;
    sent.set(message.sent, order + 1);
    return draw_message(place, message, tracks, order);
  });
  picture.replaceChildren(...[
    trace.file.loop === null ? [] : [draw_loop(place, trace)],
    draw_lives(place, trace),
    lines.filter((line) => line !== null),
    trace.steps.filter((step) => !place.folded.has(step.n)).map((step) => draw_step(place, trace, step)),
  ].flat());
}
