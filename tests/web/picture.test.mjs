// The picture: that it says what the file says, by where its lines are. And the fold, the lasso, the paper.
import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';
import {make_page_of, page_of, read_trace, start_browser, step_of, stop_browser, with_page} from './browser.mjs';

before(start_browser);
after(stop_browser);

/** Where each message starts and ends, by the file: steps, and how it ends. */
function journeys(trace) {
  const told = trace.messages.map((message) => ({...message, sent: 0, arrives: null, lost: false}));
  [trace.start, ...trace.steps].forEach((moment, n) => {
    for (const {message, event} of moment.messages) {
      if (event === 'sent') told[message].sent = n;
      if (event === 'received' || event === 'held' || event === 'lost') told[message].arrives ??= n;
      if (event === 'lost') told[message].lost = true;
    }
  });
  return told;
}

/** Middle of each lane's head and of each row, and the two ends of each message's line, in pixels of the picture. */
const geometry = (page) => page.evaluate(() => {
  const frame = document.getElementById('picture').getBoundingClientRect();
  const middle = (box) => (box.left + box.right) / 2 - frame.left;
  return {
    lanes: [...document.querySelectorAll('.lane-head')].map((head) => middle(head.getBoundingClientRect())),
    rows: Object.fromEntries([...document.querySelectorAll('#rows [data-step]')].map((row) => {
      const box = row.getBoundingClientRect();
      return [row.dataset.step, [box.top - frame.top, box.bottom - frame.top]];
    })),
    lines: Object.fromEntries([...document.querySelectorAll('[data-message]')].map((group) => {
      const line = group.querySelector('.line');
      const [from, to] = [line.getPointAtLength(0), line.getPointAtLength(line.getTotalLength())];
      return [group.dataset.message, {from: [from.x, from.y], to: [to.x, to.y], head: group.querySelector('.head') !== null,
        lost: group.querySelector('.lost-mark') !== null}];
    })),
  };
});

for (const name of ['twelve_steps', 'long']) {
  for (const [kind, viewport] of [['desktop', {width: 1440, height: 900}], ['phone', {width: 390, height: 844}]]) {
    describe(`${name} on a ${kind}`, () => {
      const trace = read_trace(name);
      const page_path = page_of(name);

      test('every message goes from its sender to its receiver, from its sending to its receipt', () => with_page(page_path, {viewport}, async (page) => {
        const {lanes, rows, lines} = await geometry(page);
        assert.equal(lanes.length, trace.lanes.length);
        const inside = (y, [top, bottom]) => y >= top && y <= bottom;
        journeys(trace).forEach((message, id) => {
          if (message.arrives === message.sent) return assert.ok(!(id in lines));
          const line = lines[id];
          assert.ok(line, `message ${id} is drawn`);
          assert.ok(Math.abs(line.from[0] - lanes[message.from]) < 8, `message ${id} starts at its sender`);
          assert.ok(Math.abs(line.to[0] - lanes[message.to]) < 8, `message ${id} ends at its receiver`);
          assert.ok(inside(line.from[1], rows[message.sent]), `message ${id} starts when it is sent`);
          if (message.arrives !== null) assert.ok(inside(line.to[1], rows[message.arrives]), `message ${id} ends when it arrives`);
          assert.equal(line.lost, message.lost);
          assert.equal(line.head, message.arrives !== null && !message.lost);
        });
      }));

      test('what a receiver keeps is a bar on its lane until it is done with it', () => with_page(page_path, {viewport}, async (page) => {
        const {lanes, rows} = await geometry(page);
        const bars = await page.locator('#picture rect.held').evaluateAll((all) => all.map((bar) => {
          const {x, y, width, height} = bar.getBBox();
          return [Number(bar.parentNode.dataset.message), x + width / 2, y, y + height];
        }));
        const kept = new Map();
        trace.steps.forEach((step, index) => {
          for (const {message, event} of step.messages) {
            if (event === 'held') kept.set(message, [index + 1, null]);
            if (event === 'released') kept.get(message)[1] = index + 1;
          }
        });
        assert.ok(kept.size > 0 || name === 'long');
        assert.deepEqual(bars.map(([id]) => id), [...kept.keys()].sort((a, b) => a - b));
        for (const [id, x, top, bottom] of bars) {
          const [from, to] = kept.get(id);
          assert.ok(Math.abs(x - lanes[trace.messages[id].to]) < 2);
          assert.ok(top >= rows[from][0] && top <= rows[from][1]);
          if (to !== null) assert.ok(bottom >= rows[to][0] && bottom <= rows[to][1]);
        }
      }));

      test('crashes and restarts stand in their rows', () => with_page(page_path, {viewport}, async (page) => {
        for (const [event, mark] of [['crashed', 'crash'], ['ended', 'ended'], ['started', 'started'], ['starting', 'starting'], ['believed dead', 'belief']]) {
          const expected = trace.steps.map((step) => step.processes.filter((process) => process.event === event).length
            + (event === 'crashed' && step.fault && step.lane !== null && !step.processes.some((process) => process.event === 'crashed') ? 1 : 0));
          const found = await page.evaluate(([many, selector]) => Array.from({length: many}, (_, i) =>
            document.querySelectorAll(`.moment[data-step="${i + 1}"] .${selector}`).length), [trace.steps.length, mark]);
          assert.deepEqual(found, expected, event);
        }
      }));
    });
  }
}

describe('what the violation depends on', () => {
  const trace = read_trace('long');
  // Every third step matters, and the last one.
  trace.chain = trace.steps.map((_, index) => index + 1).filter((n) => n % 3 === 0 || n === trace.steps.length)
    .map((step, index, all) => ({step, before: all[index + 1] ?? 0, reason: 'enables'}));
  const page_path = make_page_of(trace, 'chain');
  const matter = [0, ...trace.chain.map((link) => link.step)];
  // What repeats for ever stays as well.
  const stay = [0, ...trace.steps.keys()].map((_, n) => n).filter((n) => matter.includes(n) || (trace.loop !== null && n > trace.loop));

  test('is marked, and the others fold away and unfold', () => with_page(page_path, {}, async (page) => {
    const shown = () => page.locator('#rows [data-step]').evaluateAll((all) => all.map((row) => Number(row.dataset.step)));
    assert.deepEqual(await page.locator('.row.matters').evaluateAll((all) => all.map((row) => Number(row.dataset.step))), matter.slice(1));
    await page.keyboard.press('w');
    assert.equal(await page.locator('#why').getAttribute('aria-pressed'), 'true');
    assert.deepEqual(await shown(), stay);
    await page.keyboard.press('ArrowRight');
    assert.equal(await step_of(page), 3, 'keys go over what is folded');
    assert.equal(await page.locator('.fold button').first().innerText(), '⋯ steps 1 to 2 play no part');
    await page.locator('.fold button').first().click();
    assert.deepEqual(await shown(), [0, 1, 2, ...stay.slice(1)]);
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), '#step-1');
    await page.evaluate(() => { location.hash = '#step-5'; });
    await page.waitForFunction(() => document.querySelector('[data-step="5"] [aria-current]'));
    assert.equal(await step_of(page), 5, 'a link opens the fold that it leads into');
    await page.locator('#why').click();
    assert.equal((await shown()).length, trace.steps.length + 1);
  }));

  test('gives its reason at each step', () => with_page(page_path, {hash: '#step-3'}, async (page) => {
    const why = page.locator('#detail .part', {has: page.locator('h3', {hasText: 'Why'})});
    assert.match(await why.innerText(), /Without it, step 6 could not happen/);
    await why.getByRole('link', {name: 'step 6'}).click();
    await page.waitForFunction(() => document.getElementById('scrubber').value === '6');
    await page.keyboard.press('ArrowRight');
    assert.match(await why.innerText(), /Plays no part/);
    await page.locator('#last').click();
    assert.match(await why.innerText(), /The violation itself depends on it/);
  }));

  test('is no switch where the file does not say it', () => with_page(make_page_of({...trace, chain: []}, 'no_chain'), {}, async (page) => {
    assert.ok(!await page.locator('#why').isVisible());
    await page.keyboard.press('w');
    assert.equal(await page.locator('#rows [data-step]').count(), trace.steps.length + 1);
  }));
});

test('what the violation depends on keeps the loop and the last step', async () => {
  const trace = read_trace('long');
  trace.loop = trace.steps.length - 3;
  trace.kind = 'eventually';
  trace.chain = [{step: 2, before: 0, reason: 'enables'}];
  await with_page(make_page_of(trace, 'why_of_lasso'), {}, async (page) => {
    await page.keyboard.press('w');
    const shown = await page.locator('#rows [data-step]').evaluateAll((all) => all.map((row) => Number(row.dataset.step)));
    const last = trace.steps.length;
    assert.deepEqual(shown, [0, 2, last - 2, last - 1, last]);
  });
});

describe('a lasso', () => {
  const trace = read_trace('long');
  trace.loop = 180;
  trace.kind = 'eventually';
  trace.waits = ['the first waits for the second', 'the second waits for the first'];
  const page_path = make_page_of(trace, 'lasso');

  test('is drawn as a way back over the steps that repeat', () => with_page(page_path, {}, async (page) => {
    const {rows} = await geometry(page);
    const box = await page.locator('#picture .loop path').first().evaluate((path) => {
      const {y, height} = path.getBBox();
      return [y, y + height];
    });
    assert.ok(box[0] >= rows[181][0] && box[0] <= rows[181][1]);
    assert.ok(box[1] >= rows[trace.steps.length][0] && box[1] <= rows[trace.steps.length][1]);
    assert.deepEqual(await page.locator('.row.round').evaluateAll((all) => all.map((row) => Number(row.dataset.step))),
      trace.steps.map((_, index) => index + 1).filter((n) => n > 180));
    const end = await page.locator('.row.end').innerText();
    assert.match(end, /and so on as after step 180, for ever/);
    for (const wait of trace.waits) assert.ok(end.includes(wait));
    await page.keyboard.press('End');
    assert.match(await page.locator('#detail').innerText(), /repeats/);
    await page.locator('#ticks .loop').waitFor({state: 'attached'});
  }));

  test('a run that stops has no way back', () => with_page(page_of('twelve_steps'), {}, async (page) => {
    assert.equal(await page.locator('#picture .loop, #ticks .loop').count(), 0);
  }));
});

describe('the point of no return', () => {
  const trace = read_trace('twelve_steps');
  const other = [{action: 'a', sentence: 'the other one goes first'}, {action: 'b', sentence: 'and all is well'}];
  const rescue = {decided: true, after: 10, states: 7, states_max: 100, steps: other, end: 'kept'};
  const at_end = async (name, change, expected) => with_page(make_page_of({...trace, rescue: {...rescue, ...change}}, name), {hash: '#step-12'}, async (page) => {
    const part = page.locator('#detail .part', {has: page.locator('h3', {hasText: 'Point of no return'})});
    assert.match(await part.innerText(), expected);
    assert.equal(await page.locator('.last-chance').count(), change.after === undefined && change.decided === undefined ? 1 : 0);
  });

  test('stands in its row, with the other way on', () => with_page(make_page_of({...trace, rescue}, 'rescue'), {hash: '#step-10'}, async (page) => {
    assert.equal(await page.locator('.last-chance').getAttribute('data-step'), '10');
    const part = page.locator('#detail .part', {has: page.locator('h3', {hasText: 'Last chance'})});
    await part.locator('summary').click();
    const text = await part.innerText();
    for (const step of other) assert.ok(text.includes(step.sentence));
    assert.match(text, /comes to rest and the claim still holds/);
    await part.getByRole('link', {name: 'step 11'}).click();
    await page.waitForFunction(() => document.getElementById('scrubber').value === '11');
  }));
  test('is named at the end', () => at_end('rescue', {}, /^point of no return\s+step 11: before it/i));
  test('may be nowhere', () => at_end('rescue_none', {after: null, steps: []}, /from the start on/));
  test('may never come', () => at_end('rescue_never', {after: 12}, /after every step, the last one included/));
  test('may not be known', () => at_end('rescue_open', {decided: false, after: null, steps: []}, /bound of 100 states/));
});

describe('a small trace', () => {
  const trace = read_trace('twelve_steps');

  test('of no steps is its start and its end', () => with_page(make_page_of({...trace, steps: [], chain: [], rescue: null, loop: null,
    messages: trace.messages.slice(0, trace.start.messages.length)}, 'no_steps'), {}, async (page) => {
    assert.equal(await page.locator('#rows [data-step]').count(), 1);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('End');
    assert.equal(await step_of(page), 0);
    assert.ok((await page.locator('.row.end').innerText()).includes(trace.claim));
  }));

  test('that overflows says so', () => with_page(make_page_of({...trace, kind: 'overflow', property: '', overflowing: 'some.A1.action(n1)',
    claim: 'too many leases', chain: [], rescue: null}, 'overflow'), {}, async (page) => {
    assert.equal(await page.locator('#verdict').innerText(), 'OVERFLOW');
    assert.equal(await page.locator('#property').innerText(), 'some.A1.action(n1)');
    assert.equal(await page.locator('h1').innerText(), 'too many leases');
  }));

  test('without processes is a list', () => {
    const bare = structuredClone(trace);
    Object.assign(bare, {lanes: [], messages: [], start: {...bare.start, lives: [], messages: [], processes: []}});
    for (const part of [...bare.components, ...bare.steps]) part.lane = null;
    for (const step of bare.steps) [step.messages, step.processes] = [[], []];
    return with_page(make_page_of(bare, 'no_lanes'), {}, async (page) => {
      await page.keyboard.press('End');
      assert.equal(await step_of(page), trace.steps.length);
      assert.ok(await page.locator('.row.now .words').isVisible());
      assert.equal(await page.locator('#picture *').count(), trace.steps.length + 1);
    });
  });
});

describe('on paper', () => {
  const trace = read_trace('twelve_steps');
  test('every step stands with its changes, black on white', () => with_page(page_of('twelve_steps'), {colorScheme: 'dark'}, async (page) => {
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    await page.emulateMedia({media: 'print'});
    const text = await page.locator('#paper').innerText();
    for (const step of trace.steps) assert.ok(text.includes(step.sentence));
    assert.ok(!await page.locator('.travel').isVisible());
    assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('.diagram')).backgroundColor), 'rgb(255, 255, 255)');
    const width = await page.evaluate(() => document.getElementById('picture').getBoundingClientRect().width);
    assert.ok(width < 690);
    await page.emulateMedia({media: null});
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    assert.equal(await page.locator('#paper').count(), 0);
    assert.ok((await page.pdf({format: 'A4'})).length > 10_000);
  }));
});
