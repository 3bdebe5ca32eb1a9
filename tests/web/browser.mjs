// A page of a trace in a real Chromium. Each test gets one of its own and says at its end that nothing went wrong that
// nobody looked at: no message on the console, no exception, no dialog, no request but for the file itself.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

const web = process.env.RAYMC_WEB;
const require = createRequire(join(web, 'package.json'));
const {chromium} = require('playwright-core');

/** The source of axe-core, for `page.evaluate`. */
export const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const read_file = (name) => JSON.parse(readFileSync(join(process.env.RAYMC_SOURCE, 'tests/cli/traces', `${name}.trace.json`), 'utf8'));

/** A lasso that goes round once more before its loop: the steps that repeat, with messages of their own. */
function once_more(trace) {
  const messages = [...trace.messages];
  const open = [];
  const same = (a, b) => a.label === b.label && a.from === b.from && a.to === b.to;
  for (const {message, event} of [trace.start, ...trace.steps].flatMap((moment) => moment.messages)) {
    if (event === 'sent') open.push(message);
    else if (event !== 'held') open.splice(open.indexOf(message), 1);
  }
  const again = trace.steps.slice(trace.loop).map((step) => ({...step, messages: step.messages.map(({message, event}) => {
    const told = messages[message];
    if (event === 'sent') {
      open.push(messages.push({...told}) - 1);
      return {message: messages.length - 1, event};
    }
    const at = open.findIndex((id) => same(messages[id], told));
    const id = open[at];
    if (event !== 'held') open.splice(at, 1);
    return {message: id, event};
  })}));
  return {...trace, messages, steps: [...trace.steps, ...again], loop: trace.loop + again.length};
}

/** The traces of the tests: "twelve_steps", and "long", a lasso of more than 200. */
export function read_trace(name) {
  const trace = read_file(name);
  return name === 'long' ? once_more(trace) : trace;
}

/** The page of one of them. */
export const page_of = (name) => make_page_of(read_trace(name), name);

/** Runs raymc on a trace file and gives the page as a file of that name. */
function make_page(trace_file, name) {
  mkdirSync(join(web, 'pages'), {recursive: true});
  const path = join(web, 'pages', `${name}.html`);
  const text = execFileSync(process.env.RAYMC, ['trace', trace_file, '--format', 'html'], {maxBuffer: 1 << 28});
  writeFileSync(path, text);
  return path;
}

/** A row of the table of what was conducted, by columns. */
export const executed = () => readFileSync(join(process.env.RAYMC_SOURCE, 'results/executed.tsv'), 'utf8').split('\n')
  .find((line) => line !== '' && !line.startsWith('#') && !line.startsWith('finding\t')).split('\t');

/** The page of a trace that a test made up. */
export function make_page_of(trace, name) {
  mkdirSync(join(web, 'pages'), {recursive: true});
  const path = join(web, 'pages', `${name}.trace.json`);
  writeFileSync(path, JSON.stringify(trace));
  return make_page(path, name);
}

let browser;
export async function start_browser() {
  // Grey letters, not coloured ones: pictures of them are half as large.
  const args = ['--disable-lcd-text', ...(process.getuid() === 0 ? ['--no-sandbox'] : [])];
  browser = await chromium.launch({executablePath: process.env.CHROMIUM, args});
}
export const browser_version = () => browser.version();
export const stop_browser = () => browser.close();

/** Opens a file, hands the page to `use`, and looks at what the browser complained about. */
export async function with_page(path, options, use) {
  const {hash = '', ...context_options} = options;
  const context = await browser.newContext({viewport: {width: 1440, height: 900}, colorScheme: 'light', ...context_options});
  const page = await context.newPage();
  const complaints = [];
  const requests = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`exception: ${error.stack}`));
  page.on('dialog', (dialog) => { complaints.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  context.on('request', (request) => requests.push(request.url().replace(/#.*/, '')));
  const url = pathToFileURL(path).href;
  try {
    await page.goto(url + hash);
    await use(page, context);
    assert.deepEqual(complaints, []);
    assert.deepEqual(requests.filter((request) => request !== url), []);
  } finally {
    await context.close();
  }
}

/** Which step the page says it is at, everywhere that it says so; they must agree. */
export async function step_of(page) {
  const said = await page.evaluate(() => ({
    hash: location.hash,
    scrubber: Number(document.getElementById('scrubber').value),
    current: [...document.querySelectorAll('#rows [aria-current="step"]')].map((link) => link.getAttribute('href')),
    tabs: [...document.querySelectorAll('#rows a')].filter((link) => link.tabIndex === 0).map((link) => link.getAttribute('href')),
    title: document.querySelector('#step-title a').getAttribute('href'),
  }));
  const n = said.scrubber;
  assert.deepEqual(said, {hash: `#step-${n}`, scrubber: n, current: [`#step-${n}`], tabs: [`#step-${n}`], title: `#step-${n}`});
  return n;
}

/** The texts of all components after n steps, as the file says; at rest ones are left out. */
export function state_after(trace, n) {
  const texts = [...trace.start.components];
  for (const step of trace.steps.slice(0, n)) for (const {component, text} of step.changes) texts[component] = text;
  return trace.components.map(({label}, index) => [label, texts[index]]).filter(([, text]) => text !== '');
}
