// What a page costs: bytes, and milliseconds from opening the file until all is drawn, and for each step after that.
// Prints a table; `./raymc bench html` keeps it as results/bench/html.tsv.
import {execFileSync} from 'node:child_process';
import {statSync} from 'node:fs';
import {browser_version, make_page_of, read_trace, start_browser, stop_browser, with_page} from './browser.mjs';

const RUNS = 9;

/** The first steps of a trace, with the messages that were sent in them. */
export function first_steps(trace, count) {
  const steps = trace.steps.slice(0, count);
  const sent = new Set([trace.start, ...steps].flatMap((moment) => moment.messages.map((mark) => mark.message)));
  if ([...sent].some((id) => id >= sent.size)) throw new Error('messages are numbered as they are sent');
  return {...trace, steps, messages: trace.messages.slice(0, sent.size), loop: null, waits: [], chain: [], rescue: null};
}

const middle = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const two_frames = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now()))));

await start_browser();
const whole = read_trace('long');
console.log('# Regenerate with: ./raymc bench html. Milliseconds from opening the file until two frames are drawn, and for one step;');
console.log(`# medians and maxima of ${RUNS} openings and of all steps, in headless Chromium ${browser_version()}`);
console.log(`# ${execFileSync(process.env.RAYMC, ['--version'], {encoding: 'utf8'}).trim()}`);
console.log('trace\tsteps\tbytes\topen_ms_median\topen_ms_max\tstep_ms_median\tstep_ms_max');
for (const [name, trace] of [['twelve_steps', read_trace('twelve_steps')], ['first_50_of_long', first_steps(whole, 50)], ['long', whole]]) {
  const path = make_page_of(trace, `measured_${name}`);
  await with_page(path, {}, async (page) => {
    await page.evaluate(two_frames);
    const opened = [];
    for (let run = 0; run < RUNS; ++run) {
      await page.reload();
      opened.push(await page.evaluate(two_frames));
    }
    // Without the frames: what the page itself does when a key asks for the next step.
    const stepped = await page.evaluate(() => Array.from(document.querySelectorAll('#rows [data-step]'), () => {
      const begin = performance.now();
      document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}));
      document.getElementById('rows').getBoundingClientRect();
      return performance.now() - begin;
    }));
    const told = [middle(opened), Math.max(...opened), middle(stepped), Math.max(...stepped)].map((time) => time.toFixed(1));
    console.log([name, trace.steps.length, statSync(path).size, ...told].join('\t'));
  });
}
await stop_browser();
