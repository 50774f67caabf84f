// Draws every page at 360 and 1440 px, light and dark, into end2end/screenshots: for people to look at.
// `npm run screenshots`; not part of `npm test`.

import { join } from 'node:path';

import { test } from '../fixtures/test.ts';
import { visits } from '../pages/everywhere.ts';

const FOLDER = join(import.meta.dirname, '../screenshots');

for (const [where, visit] of Object.entries(visits)) {
  for (const width of [360, 1440]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test(`pictures, ${where}, ${width} px, ${colorScheme}`, async ({
        page,
        startGateway,
        newProvider,
        alertmanager,
        catcher,
      }) => {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await visit(page, { startGateway, newProvider, alertmanager, catcher }, async (name) => {
          // A dialog belongs to the window, not to the page.
          const fullPage = (await page.locator('dialog[open]').count()) === 0;
          await page.screenshot({ path: join(FOLDER, `${name}-${width}-${colorScheme}.png`), fullPage });
        });
      });
    }
  }
}
