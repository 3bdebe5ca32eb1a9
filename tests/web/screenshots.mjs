// The pictures of the HTML view that the README shows: screenshots.mjs FOLDER, which holds the pages and gets the pictures.
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {start_browser, stop_browser, with_page} from './browser.mjs';

const folder = process.argv[2];
const desktop = {viewport: {width: 1240, height: 720}};
const phone = {viewport: {width: 390, height: 780}, hasTouch: true, isMobile: true};
const pictures = [
  ['desktop_light', 'c1_dead_worker_is_granted', '#step-5', {...desktop, colorScheme: 'light'}],
  ['desktop_dark_lasso', 'hang_c8_driver_is_refused_for_ever', '#step-18', {...desktop, colorScheme: 'dark'}],
  ['phone', 'spillback_to_dead_node_waits', '#step-8', {...phone, colorScheme: 'light'}],
];

await start_browser();
mkdirSync(join(folder, 'screenshots'), {recursive: true});
for (const [name, page_name, hash, options] of pictures) {
  await with_page(join(folder, `${page_name}.html`), {...options, hash}, async (page) => {
    await page.screenshot({path: join(folder, 'screenshots', `${name}.png`)});
  });
}
await stop_browser();
