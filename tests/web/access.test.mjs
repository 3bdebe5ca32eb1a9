// For everybody and everywhere: themes, phones, the accessibility tree, the order of focus, motion; and traces from
// untrusted places.
import assert from 'node:assert/strict';
import {readFileSync, statSync} from 'node:fs';
import {after, before, describe, test} from 'node:test';
import {axe, make_page_of, page_of, read_trace, start_browser, step_of, stop_browser, with_page} from './browser.mjs';

before(start_browser);
after(stop_browser);

const phone = {viewport: {width: 390, height: 844}, hasTouch: true, isMobile: true, deviceScaleFactor: 2};
const brightness = (page) => page.evaluate(() => {
  const rgb = getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number);
  return (rgb[0] + rgb[1] + rgb[2]) / 3;
});

describe('themes', () => {
  const page_path = page_of('twelve_steps');

  test('follow the system, and can be chosen instead, for good', () => with_page(page_path, {}, async (page) => {
    assert.ok(await brightness(page) > 200);
    await page.emulateMedia({colorScheme: 'dark'});
    assert.ok(await brightness(page) < 60);
    const theme = page.locator('#theme');
    assert.equal(await theme.getAttribute('aria-label'), 'Theme: auto');
    await theme.click();
    assert.equal(await theme.getAttribute('aria-label'), 'Theme: light');
    assert.ok(await brightness(page) > 200);
    await page.reload();
    assert.ok(await brightness(page) > 200);
    await theme.click();
    await page.emulateMedia({colorScheme: 'light'});
    assert.ok(await brightness(page) < 60);
    await theme.click();
    assert.ok(await brightness(page) > 200);
  }));

  test('nothing moves for who wants no motion', () => with_page(page_path, {reducedMotion: 'reduce'}, async (page) => {
    const moving = await page.evaluate(() => [...document.querySelectorAll('*')].filter((element) => {
      const style = getComputedStyle(element);
      return style.animationName !== 'none' || style.transitionDuration.split(',').some((time) => parseFloat(time) > 0);
    }).length);
    assert.equal(moving, 0);
    assert.equal(await page.evaluate(() => getComputedStyle(document.getElementById('diagram')).scrollBehavior), 'auto');
  }));
});

for (const name of ['twelve_steps', 'long']) {
  describe(`${name} on a phone`, () => {
    const page_path = page_of(name);
    test('fits, and is used by touch', () => with_page(page_path, phone, async (page) => {
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
      assert.ok(await page.evaluate(() => document.documentElement.scrollHeight) <= 844);
      for (const id of ['first', 'previous', 'next', 'last']) {
        const box = await page.locator(`#${id}`).boundingBox();
        assert.ok(box.width >= 44 && box.height >= 44 && box.y + box.height <= 844 && box.x + box.width <= 390, id);
      }
      await page.locator('#next').tap();
      await page.locator('[data-step="2"] a').tap();
      assert.equal(await step_of(page), 2);
      const words = page.locator('[data-step="2"] .words');
      assert.ok(await words.isVisible());
      const [detail, diagram] = [await page.locator('#detail').boundingBox(), await page.locator('#diagram').boundingBox()];
      assert.ok(detail.height > 200 && diagram.height > 250);
      assert.ok(diagram.y + diagram.height <= detail.y + 1);
      await page.locator('#open-about').tap();
      assert.ok(await page.locator('#about').isVisible());
    }));
    test('turned round it still fits', () => with_page(page_path, {...phone, viewport: {width: 844, height: 390}}, async (page) => {
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 844);
      assert.ok((await page.locator('#diagram').boundingBox()).height > 120);
    }));
  });

  describe(`${name} without eyes or mouse`, () => {
    const trace = read_trace(name);
    const last = trace.steps.length;
    const page_path = page_of(name);

    for (const [kind, options] of [['light', {}], ['dark', {colorScheme: 'dark'}], ['a phone', phone]]) {
      test(`axe has nothing to say, ${kind}`, () => with_page(page_path, options, async (page) => {
        await page.evaluate(axe);
        for (const look of [() => {}, () => page.keyboard.press('f'), () => page.keyboard.press('End'), () => page.locator('#open-about').click(),
          async () => { await page.keyboard.press('Escape'); await page.locator('#open-real').click(); }]) {
          await look();
          const found = await page.evaluate(() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}));
          assert.deepEqual(found.violations.map((violation) => [violation.id, violation.nodes.map((node) => node.html)]), []);
          // Contrast over a gradient or a picture is what axe cannot judge; there is none.
          assert.deepEqual(found.incomplete.filter((open) => open.impact === 'critical').map((open) => open.id), []);
        }
      }));
    }

    test('the accessibility tree names everything', () => with_page(page_path, {hash: '#step-2'}, async (page) => {
      const step = trace.steps[1];
      const fault = trace.steps.findIndex((one) => one.fault) + 1;
      for (const n of [2, fault, last]) {
        const told = trace.steps[n - 1];
        const lane = told.lane === null ? '' : `, ${trace.lanes[told.lane].label}`;
        const repeats = trace.loop !== null && trace.loop < n;
        const apart = repeats ? ', repeats' : ', plays no part';
        const why = trace.chain.length === 0 ? '' : trace.chain.some((part) => part.step === n) ? ', part of why' : apart;
        const round = repeats ? ', repeats for ever' : '';
        const chance = trace.rescue?.decided && trace.rescue.after === n && n < last ? ', last chance to avoid the violation' : '';
        const heard = await page.locator(`#rows [data-step="${n}"]`).getByRole('link').evaluate((element) => {
          const copy = element.cloneNode(true);
          for (const silent of copy.querySelectorAll('[aria-hidden]')) silent.remove();
          return copy.textContent.replace(/\s+/g, ' ').trim();
        });
        assert.equal(heard, `Step ${n}${told.fault ? ', fault' : ''}${lane}${why}${round}${chance}: ${told.sentence.replace(' [', ' ').replace(/\]$/, '')}`);
      }
      assert.equal(await page.getByRole('slider', {name: 'Step'}).getAttribute('aria-valuetext'), `Step 2 of ${last}. ${step.fault ? 'Fault. ' : ''}${step.sentence}`);
      for (const [role, label] of [['button', 'Next step'], ['button', 'Previous step'], ['searchbox', 'Search steps'], ['region', 'Steps'],
        ['region', /Step 2/], ['button', 'Theme: auto'], ['main', ''], ['banner', ''], ['heading', `Broken claim: ${trace.claim}.`]]) {
        assert.equal(await page.getByRole(role, label === '' ? {} : {name: label, exact: true}).count(), 1, `${role} ${label}`);
      }
      const tree = await page.locator('body').ariaSnapshot();
      assert.match(tree, /- list:/);
      assert.match(tree, /- slider "Step"/);
      assert.doesNotMatch(tree, /- (img|graphics)/, 'the picture says nothing that the list does not');
    }));

    test('a step that is reached without focus on it is told', () => with_page(page_path, {}, async (page) => {
      await page.locator('#next').click();
      const step = trace.steps[0];
      assert.equal(await page.getByRole('status').textContent(), `Step 1 of ${last}. ${step.fault ? 'Fault. ' : ''}${step.sentence}`);
      assert.equal(await page.locator('#live').getAttribute('aria-live'), 'polite');
    }));

    test('a link in the panel keeps the focus in the panel', () => with_page(page_path, {hash: '#step-2'}, async (page) => {
      await page.locator('#detail a[href="#step-1"]').first().click();
      await page.waitForFunction(() => document.getElementById('scrubber').value === '1');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'detail');
      await page.keyboard.press('ArrowDown');
      assert.equal(await step_of(page), 1, 'down scrolls the panel');
      await page.keyboard.press('ArrowRight');
      assert.equal(await step_of(page), 2);
    }));

    test('the focus goes as the eye does, and is seen', () => with_page(page_path, {}, async (page) => {
      const order = [];
      for (let i = 0; i < 14; ++i) {
        await page.keyboard.press('Tab');
        const here = await page.evaluate(() => {
          const element = document.activeElement;
          const style = getComputedStyle(element);
          return {name: element.id || element.getAttribute('href') || element.tagName, seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2};
        });
        if (here.name === 'BODY') break;
        assert.ok(here.seen, `${here.name} shows that it has the focus`);
        order.push(here.name);
      }
      const expected = ['query', ...(trace.chain.length > 0 && trace.chain.length < last ? ['why'] : []), 'open-real', 'open-about', 'open-keys', 'theme', '#step-0', 'detail'];
      assert.deepEqual(order.slice(0, expected.length), expected);
    }));
  });
}

describe('a trace from an untrusted place', () => {
  const payloads = ['</script><script>window.pwned = 1</script>', '<img src=x onerror="window.pwned = 1">', '<!--<script>', ']]>',
    '"><svg onload=window.pwned=1>', '{{script}}', '\u2028\u2029', 'javascript:window.pwned=1', '<a href="http://example.invalid/">x</a>', '&lt;b&gt;'];

  /** Every text of the file that is not a word of its format, replaced. */
  function poisoned() {
    const trace = read_trace('twelve_steps');
    let next = 0;
    const poison = () => `${payloads[next++ % payloads.length]} ${next}`;
    for (const lane of trace.lanes) [lane.id, lane.label, lane.kind] = [poison(), poison(), poison()];
    for (const component of trace.components) component.label = poison();
    for (const message of trace.messages) [message.kind, message.label] = [poison(), poison()];
    for (const step of trace.steps) {
      [step.action, step.sentence] = [poison(), `${poison()} [${poison()}]`];
      for (const rule of step.rules) [rule.id, rule.file, rule.symbol] = [poison(), poison(), poison()];
      for (const binding of step.bindings) [binding.name, binding.value] = [poison(), poison()];
      for (const change of step.changes) change.text = poison();
    }
    for (const fact of trace.facts) [fact.name, fact.value] = [poison(), poison()];
    trace.start.components = trace.start.components.map(poison);
    Object.assign(trace, {property: poison(), claim: poison(), waits: [poison(), poison()]});
    Object.assign(trace.scenario, {name: poison(), path: poison(), question: poison(), text: poison()});
    return trace;
  }

  /** What a reader makes of it: characters that end a line unseen are gone (checker/core/plain.hpp). */
  const as_read = (trace) => JSON.parse(JSON.stringify(trace).replaceAll(/[\u2028\u2029]/g, '\ufffd'));

  test('is text and nothing else', () => {
    const page_path = make_page_of(poisoned(), 'poisoned');
    const trace = as_read(poisoned());
    return with_page(page_path, {}, async (page) => {
      const elements = () => page.evaluate(() => ['script', 'img', 'iframe', 'object', 'embed', 'link', 'base', 'form:not(#find, [method="dialog"])',
        'a:not([href^="#step-"])', '[onload]', '[onerror]'].map((selector) => document.querySelectorAll(selector).length));
      for (let n = 0; n <= trace.steps.length; ++n) {
        assert.deepEqual(await elements(), [3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], `step ${n}`);
        await page.keyboard.press('ArrowRight');
      }
      await page.locator('#open-about').click();
      await page.keyboard.press('Escape');
      await page.locator('#query').fill('<img');
      await page.keyboard.press('Enter');
      await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
      assert.deepEqual(await elements(), [3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
      assert.equal(await page.evaluate(() => window.pwned), undefined);
      assert.equal(await page.locator('h1').textContent(), `Broken claim: ${trace.claim}.`);
      assert.equal(await page.title(), `${trace.scenario.name}: ${trace.property}`.replace(/[ \t\n\f\r]+/g, ' ').trim());
      assert.deepEqual(await page.evaluate(() => JSON.parse(document.getElementById('trace').textContent)), trace);
    });
  });

  test('the policy stops what is not the page\'s own', async () => {
    const page_path = page_of('twelve_steps');
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(readFileSync(page_path, 'utf8'))[1];
    assert.match(policy, /^default-src 'none'; script-src 'sha256-[^']{44}'; style-src 'sha256-[^']{44}'; /);
    assert.doesNotMatch(policy, /unsafe|nonce|https?:|\*/);
    await assert.rejects(with_page(page_path, {}, async (page) => {
      const tries = await page.evaluate(async () => {
        const script = document.createElement('script');
        let refused = 0;
        try { script.textContent = 'window.pwned = 1'; document.body.append(script); } catch { ++refused; }
        try { document.body.innerHTML = '<p>'; } catch { ++refused; }
        try { await fetch('https://example.invalid/'); } catch { ++refused; }
        return [refused, window.pwned];
      });
      assert.deepEqual(tries, [3, undefined]);
    }), (error) => {
      // The browser's own words about each refusal are what this test wants.
      assert.match(String(error.message), /Content Security Policy|TrustedHTML|TrustedScript/);
      return true;
    });
  });
});

describe('the costs', () => {
  test('a page of more than 200 steps is smaller than 500 kB', () => {
    assert.ok(read_trace('long').steps.length > 200);
    assert.ok(statSync(page_of('long')).size < 500_000);
  });
  test('it is drawn in less than a second', () => with_page(page_of('long'), {}, async (page) => {
    const times = [];
    for (let run = 0; run < 3; ++run) {
      await page.reload();
      times.push(await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now()))))));
    }
    assert.ok(Math.min(...times) < 1000, `${times} ms`);
  }));
});
