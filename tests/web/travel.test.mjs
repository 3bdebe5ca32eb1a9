// Going through the steps: keys, buttons, scrubber, rows, links, and what the page then shows of the state.
import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';
import {executed, make_page_of, page_of, read_trace, start_browser, state_after, step_of, stop_browser, with_page} from './browser.mjs';

before(start_browser);
after(stop_browser);

/** The state table of the panel, with what is crossed out left out. */
const shown_state = (page) => page.evaluate(() => {
  const table = [...document.querySelectorAll('#detail .part')].find((part) => part.firstChild.textContent.startsWith('State')).querySelector('tbody');
  const without = (cell) => {
    const copy = cell.cloneNode(true);
    for (const gone of copy.querySelectorAll('del, .hidden')) gone.remove();
    return copy;
  };
  return [...table.rows].map((row) => [row.cells[0].textContent, row.cells[1].querySelector('ins, del, .same')
    ? [...without(row.cells[1]).children].map((part) => part.textContent).join(', ') : row.cells[1].textContent])
    .filter(([, text]) => text !== '');
});

for (const name of ['twelve_steps', 'long']) {
  describe(name, () => {
    const trace = read_trace(name);
    const last = trace.steps.length;
    const page_path = page_of(name);

    test('shows a row for each step, in its words', () => with_page(page_path, {}, async (page) => {
      const rows = await page.locator('#rows [data-step]').allInnerTexts();
      assert.equal(rows.length, last + 1);
      trace.steps.forEach((step, index) => {
        const words = step.sentence.replace(/ \[.*/s, '');
        assert.ok(rows[index + 1].includes(words), `${index + 1}: ${rows[index + 1]}`);
        assert.equal(rows[index + 1].includes('FAULT'), step.fault);
      });
      assert.equal(await page.locator('h1').innerText(), `Broken claim: ${trace.claim}.`);
      assert.ok((await page.locator('.row.end').innerText()).includes(trace.claim));
    }));

    test('keys go on, back, far and to the ends', () => with_page(page_path, {}, async (page) => {
      assert.equal(await step_of(page), 0);
      const far = Math.min(10, last);
      for (const [key, step] of [['ArrowLeft', 0], ['ArrowRight', 1], ['ArrowDown', 2], ['ArrowUp', 1], ['End', last],
        ['ArrowRight', last], ['PageUp', last - far], ['Home', 0], ['PageDown', far]]) {
        await page.keyboard.press(key);
        assert.equal(await step_of(page), step, key);
      }
    }));

    test('letters find faults and can be switched off', () => with_page(page_path, {}, async (page) => {
      const faults = trace.steps.flatMap((step, index) => (step.fault ? [index + 1] : []));
      assert.ok(faults.length > 0);
      for (const step of [...faults, faults[0]]) {
        await page.keyboard.press('f');
        assert.equal(await step_of(page), step);
      }
      await page.keyboard.press('?');
      assert.ok(await page.locator('#keys').isVisible());
      await page.keyboard.press('ArrowRight');
      await page.locator('#letters').uncheck();
      await page.keyboard.press('Escape');
      assert.ok(!await page.locator('#keys').isVisible());
      assert.equal(await step_of(page), faults[0], 'keys mean nothing while a dialog is open');
      await page.keyboard.press('Home');
      await page.keyboard.press('f');
      assert.equal(await step_of(page), 0);
    }));

    test('the scrubber is dragged, and tells where it is', () => with_page(page_path, {}, async (page) => {
      const box = await page.locator('#scrubber').boundingBox();
      const y = box.y + box.height / 2;
      await page.mouse.move(box.x + 8, y);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width / 2, y, {steps: 8});
      await page.mouse.up();
      const dragged = await step_of(page);
      assert.ok(Math.abs(dragged - last / 2) <= 1);
      await page.keyboard.press('ArrowRight');
      const n = await step_of(page);
      assert.equal(n, dragged + 1, 'one key is one step, also where the slider would take it for its own');
      const step = trace.steps[n - 1];
      assert.equal(await page.locator('#scrubber').getAttribute('aria-valuetext'),
        `Step ${n} of ${last}. ${step.fault ? 'Fault. ' : ''}${step.sentence}`);
      assert.equal(await page.locator('#place').innerText(), `${n} of ${last}`);
      await page.mouse.click(box.x + box.width - 4, y);
      assert.equal(await step_of(page), last);
    }));

    test('buttons and rows lead to steps, which come into view', () => with_page(page_path, {}, async (page) => {
      for (const [id, step] of [['next', 1], ['last', last], ['previous', last - 1], ['first', 0]]) {
        await page.locator(`#${id}`).click();
        assert.equal(await step_of(page), step, id);
        const [row, pane] = [await page.locator('.row.now').boundingBox(), await page.locator('#diagram').boundingBox()];
        assert.ok(row.y >= pane.y && row.y + row.height <= pane.y + pane.height, id);
      }
      await page.locator('#rows [data-step="5"]').click();
      assert.equal(await step_of(page), 5);
      await page.keyboard.press('ArrowDown');
      assert.equal(await step_of(page), 6);
      assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), '#step-6', 'the focus goes along');
    }));

    test('the state after every step is the file\'s', () => with_page(page_path, {}, async (page) => {
      for (let n = 0; n <= last; ++n) {
        assert.deepEqual(await shown_state(page), state_after(trace, n), `step ${n}`);
        await page.keyboard.press('ArrowRight');
      }
    }));

    test('what changed is shown as what went and what came', () => with_page(page_path, {}, async (page) => {
      for (let n = 1; n <= Math.min(last, 40); ++n) {
        await page.keyboard.press('ArrowRight');
        const rows = page.locator('#detail .part', {has: page.locator('h3', {hasText: 'What changed'})}).locator('tr');
        assert.equal(await rows.count(), trace.steps[n - 1].changes.length, `step ${n}`);
        const cells = await rows.evaluateAll((all) => all.map((row) => [row.cells[0].textContent, row.querySelectorAll('del, ins').length]));
        cells.forEach(([label, parts], index) => {
          assert.equal(label, trace.components[trace.steps[n - 1].changes[index].component].label);
          assert.ok(parts > 0);
        });
      }
    }));

    test('a link to a step leads to it, also after a reload', () => with_page(page_path, {hash: '#step-7'}, async (page) => {
      assert.equal(await step_of(page), 7);
      await page.keyboard.press('ArrowRight');
      await page.waitForFunction(() => location.hash === '#step-8');
      await page.reload();
      assert.equal(await step_of(page), 8);
      await page.evaluate(() => { location.hash = '#step-3'; });
      await page.waitForFunction(() => document.getElementById('scrubber').value === '3');
      assert.equal(await step_of(page), 3);
      await page.evaluate(() => { location.hash = '#step-999999'; });
      await page.waitForFunction((n) => document.getElementById('scrubber').value === String(n), last);
      await page.evaluate(() => { location.hash = '#step--1<script>'; });
      await page.keyboard.press('Home');
      assert.equal(await step_of(page), 0);
    }));

    test('search counts, marks, goes on and back, and is forgotten', () => with_page(page_path, {}, async (page) => {
      const word = trace.steps[4].action.split('(')[0];
      const hits = trace.steps.flatMap((step, index) => (JSON.stringify([step.action, step.rules]).includes(word) ? [index + 1] : []));
      await page.keyboard.press('/');
      await page.keyboard.type(word.toUpperCase());
      assert.equal(await page.locator('#hits').innerText(), `${hits.length} step${hits.length === 1 ? '' : 's'}`);
      assert.deepEqual(await page.locator('.row.hit').evaluateAll((all) => all.map((row) => Number(row.dataset.step))), hits);
      for (const step of [...hits, hits[0]]) {
        await page.keyboard.press('Enter');
        assert.equal(await step_of(page), step);
      }
      await page.keyboard.press('Shift+Enter');
      assert.equal(await step_of(page), hits.at(-1));
      await page.locator('#query').fill('zzz-nowhere');
      assert.equal(await page.locator('#hits').innerText(), 'none');
      const words = trace.steps[4].sentence.split(' ').slice(0, 2);
      await page.locator('#query').fill(words.join(' '));
      assert.ok((await page.locator('[data-step="5"] mark').allInnerTexts()).some((text) => text.toLowerCase() === words[1].toLowerCase()));
      await page.keyboard.press('Escape');
      assert.equal(await page.locator('#query').inputValue(), '');
      assert.equal(await page.locator('mark, .hit').count(), 0);
    }));
  });
}

describe('running it for real', () => {
  // Without the safeguard that it switches off the scenario is one of Ray as it is.
  const broken = read_trace('twelve_steps');
  const text = broken.scenario.text.replace(/^safeguards = .*\n/m, '');
  const trace = {...broken, scenario: {...broken.scenario, text}};

  test('of a counterexample without a safeguard that Ray has, Ray is to stand', () => with_page(page_of('twelve_steps'), {}, async (page) => {
    await page.getByRole('button', {name: 'See Ray stand', exact: true}).click();
    assert.equal(await page.locator('#real pre').innerText(), './raymc ray conduct --safeguards --again --only reply_location_is_checked');
  }));

  test('a button shows the commands, and what came of it last', () => with_page(make_page_of(trace, 'real'), {}, async (page) => {
    const button = page.getByRole('button', {name: 'Run it in Ray', exact: true});
    assert.equal(await page.locator('#real').isVisible(), false);
    await button.click();
    assert.ok(await page.getByRole('dialog', {name: 'Run it in Ray'}).isVisible());
    assert.deepEqual((await page.locator('#real pre').innerText()).split('\n'), [
      `./raymc check ${trace.scenario.path} --out out`,
      `./raymc ray conduct out/${trace.scenario.name}.trace.json`,
      `./raymc ray report out/${trace.scenario.name}.trace.json`,
    ]);
    assert.ok((await page.locator('#real-body').innerText()).includes('When that was done last'));
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#real').isVisible(), false);
  }));

  test('what the table of results knows is said', () => {
    const [finding, release, tries, happened, , reason] = executed();
    const known = {...trace, scenario: {...trace.scenario, name: finding}};
    return with_page(make_page_of(known, 'executed'), {}, async (page) => {
      await page.locator('#open-real').click();
      const seen = await page.locator('#real .seen li').allInnerTexts();
      assert.ok(seen.some((words) => words.startsWith(`Ray ${release}`) && words.includes(`in ${happened} of ${tries} `) && words.endsWith(reason)), seen.join());
    });
  });

  test('a path that violates nothing has no such button', () => {
    const path = {...trace, kind: 'path', property: '', claim: '', chain: [], rescue: null};
    return with_page(make_page_of(path, 'path'), {}, async (page) => {
      assert.equal(await page.locator('#open-real').isVisible(), false);
    });
  });
});
