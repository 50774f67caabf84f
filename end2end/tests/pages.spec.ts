// What holds on every page: accessible, useful on a narrow screen, and an honest status.

import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import { expect, test } from '../fixtures/test.ts';
import { visits } from '../pages/everywhere.ts';

/** The Web Content Accessibility Guidelines up to 2.2 AA, and what axe's authors hold for good practice. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

for (const [where, visit] of Object.entries(visits)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`accessible and narrow, ${where}, ${colorScheme}`, async ({
      page,
      startGateway,
      newProvider,
      alertmanager,
      catcher,
    }) => {
      await page.setViewportSize({ width: 360, height: 740 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await visit(page, { startGateway, newProvider, alertmanager, catcher }, async (name) => {
        await test.step(name, async () => {
          await isAccessible(page, name);
          await fits(page, name);
        });
      });
    });
  }
}

async function isAccessible(page: Page, name: string): Promise<void> {
  const { passes, violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  expect(passes.length, 'axe looked at something').toBeGreaterThan(5);
  const found = violations.map(({ id, help, nodes }) => ({ id, help, at: nodes.map(({ html }) => html) }));
  expect.soft(found, `axe on ${name}`).toEqual([]);
}

/** Nothing is wider than the screen, so that nobody must scroll sideways; code may scroll within itself. */
async function fits(page: Page, name: string): Promise<void> {
  const { wanted, there } = await page.evaluate(() => ({
    wanted: document.documentElement.scrollWidth,
    there: document.documentElement.clientWidth,
  }));
  expect.soft(wanted, `${name} is wider than the screen`).toBeLessThanOrEqual(there);
}

test('a path without a page answers 404, and says so', async ({ page, startGateway }) => {
  const gateway = await startGateway();
  const response = await page.goto(`${gateway.url}/no/such/page`);
  expect(response?.status()).toBe(404);
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible();
  await expect(page).toHaveTitle(/^Not found/);
});

test('every page comes with a policy that allows only this origin', async ({ page, startGateway }) => {
  const gateway = await startGateway();
  for (const path of ['/', '/auth/login', '/auth/setup', '/no/such/page']) {
    const response = await page.goto(gateway.url + path);
    const policy = response?.headers()['content-security-policy'] ?? '';
    expect(policy, path).toContain("default-src 'none'");
    expect(policy, path).toContain("frame-ancestors 'none'");
    expect(policy, path).not.toContain("'unsafe-inline'");
    expect(policy, path).not.toContain("'unsafe-eval'");
    expect(response?.headers()['x-content-type-options'], path).toBe('nosniff');
  }
});

test('without script, a page still says what it is', async ({ browser, startGateway }) => {
  const gateway = await startGateway();
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(gateway.url);
  await expect(page.getByRole('heading', { name: 'All your MSP tools, one line to Claude' })).toBeVisible();
  await page.getByRole('link', { name: 'Set up this gateway' }).click();
  await expect(page.getByRole('heading', { name: 'Almost there: make the first account' })).toBeVisible();
  await context.close();
});
