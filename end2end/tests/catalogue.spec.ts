// What is supported: the public pages of the vendors, which need no script, and the grid in Settings.

import { McpClient, textOf } from '../fixtures/mcp/client.ts';
import { newest } from '../fixtures/mcp/newest.ts';
import { expect, test } from '../fixtures/test.ts';
import { ADA, begin, signIn } from '../pages/account.ts';
import { ALERTMANAGER, DEMO, card, connectDemoByApi, fillAlertmanager, showAll } from '../pages/connections.ts';
import { allow, openConsent } from '../pages/consent.ts';

test('without script and without an account, one finds a vendor and what it can do', async ({ browser, startGateway }) => {
  const gateway = await startGateway();
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(gateway.url);
  await page.getByRole('link', { name: 'See all vendors and their tools' }).click();
  await expect(page.getByRole('heading', { name: 'Vendors', level: 1 })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'RMM', level: 2 })).toBeVisible();

  await page.getByRole('searchbox', { name: 'Search vendors and tools' }).fill('create silence');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByText(/^1 of \d+ vendors for “create silence”/)).toBeVisible();
  await page.getByRole('link', { name: ALERTMANAGER }).click();
  await expect(page.getByRole('heading', { name: ALERTMANAGER, level: 1 })).toBeVisible();
  await expect(page).toHaveTitle(/^Prometheus Alertmanager/);
  await expect(page.getByRole('region', { name: 'What connecting asks for' })).toContainText('Alertmanager address');
  await expect(page.getByText('alertmanager__create_silence', { exact: true })).toBeVisible();
  const tool = page.getByRole('listitem').filter({ hasText: 'alertmanager__list_alerts' });
  await tool.getByText(/argument/).click();
  await expect(tool.getByText('filter', { exact: true })).toBeVisible();
  await context.close();
});

test('an unknown vendor is 404, and says which one may be meant', async ({ page, startGateway }) => {
  const gateway = await startGateway();
  const answer = await page.goto(`${gateway.url}/vendors/it-glue`);
  expect(answer?.status()).toBe(404);
  await page.getByRole('link', { name: 'IT Glue' }).click();
  await expect(page.getByRole('heading', { name: 'IT Glue', level: 1 })).toBeVisible();
});

test('from a vendor’s page through sign-in to its form', async ({ page, startGateway, alertmanager }) => {
  const gateway = await startGateway();
  await gateway.createAccount(ADA.name, ADA.email, ADA.password);
  await page.goto(`${gateway.url}/vendors/alertmanager`);
  await page.getByRole('link', { name: `Connect ${ALERTMANAGER}` }).click();
  await signIn(page, ADA);
  const dialog = page.getByRole('dialog', { name: `Connect ${ALERTMANAGER}` });
  await expect(dialog).toBeVisible();
  await fillAlertmanager(dialog, alertmanager, alertmanager.password);
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(card(page, ALERTMANAGER).getByText(/^Connected/)).toBeVisible();
  await expect(card(page, ALERTMANAGER).getByRole('heading')).toBeFocused();
  // Connected: the same link opens nothing.
  await page.goto(`${gateway.url}/settings?connect=alertmanager`);
  await expect(card(page, ALERTMANAGER).getByRole('button', { name: `Test ${ALERTMANAGER}` })).toBeEnabled();
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('the link in a tool’s error opens the form of that vendor', async ({ page, startGateway, catcher }) => {
  const gateway = await startGateway();
  await begin(page, gateway);
  const client = await McpClient.begin(newest, gateway.mcpUrl, catcher, 'Claude');
  await allow(await openConsent(page, client.authorizationUrl, 'Claude'));
  const connection = await client.connect();
  const said = textOf(await connection.callTool('itglue__search_organizations', {}));
  const link = said.match(/http:\S+\/settings\?connect=[a-z0-9-]+/)?.[0];
  expect(link, said).toBeDefined();
  await page.goto(link!);
  await expect(page.getByRole('dialog', { name: 'Connect IT Glue' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Where to find it' })).toHaveAttribute('href', /^https:/);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.goto(`${gateway.url}/settings?connect=no-such-vendor`);
  await expect(page.getByRole('button', { name: 'Show all vendors' })).toBeEnabled();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await connection.close();
});

test('the form says what could not be confirmed about a vendor', async ({ page, startGateway }) => {
  const gateway = await startGateway({ args: ['--demo'] });
  await begin(page, gateway);
  await page.goto(`${gateway.url}/settings?connect=autotask`);
  const dialog = page.getByRole('dialog', { name: 'Connect Autotask PSA' });
  await expect(dialog.getByText('Not everything about Autotask PSA could be confirmed.')).toBeVisible();
  const [opened] = await Promise.all([
    page.context().waitForEvent('page'),
    dialog.getByRole('link', { name: 'What is open' }).click(),
  ]);
  await expect(opened.getByRole('region', { name: 'What could not be confirmed' })).toBeVisible();
  await page.goto(`${gateway.url}/settings?connect=demo`);
  await expect(page.getByRole('dialog', { name: `Connect ${DEMO}` })).toBeVisible();
  await expect(page.getByText('could be confirmed')).toHaveCount(0);
});

test('connected vendors come first, of the others only some; keys alone reach them all', async ({ page, startGateway }) => {
  const gateway = await startGateway({ args: ['--demo'] });
  await begin(page, gateway);
  await connectDemoByApi(page, gateway);
  await page.goto(`${gateway.url}/settings`);
  const cards = page.getByRole('article');
  await expect(cards.first()).toHaveAccessibleName(DEMO);
  await expect(cards).toHaveCount(12);
  const count = page.getByRole('status').filter({ hasText: /vendors$/ });
  await expect(count).toHaveText(/^12 of \d+ vendors$/);
  const button = page.getByRole('button', { name: 'Show all vendors' });
  await expect(button).toBeEnabled();
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(button).toHaveCount(0);
  await expect(cards.nth(12).getByRole('heading')).toBeFocused();
  await expect(count).toHaveText(/^\d+ vendors$/);

  // What is searched for is found among all of them.
  await page.reload();
  await page.getByLabel('Search vendors').fill('zabbix');
  await expect(cards).toHaveCount(1);
  await page.getByLabel('Search vendors').fill('');
  await expect(cards).toHaveCount(12);
  await showAll(page);
  await expect(card(page, 'Zabbix').getByRole('link', { name: /tools of Zabbix$/ })).toHaveAttribute('href', '/vendors/zabbix');
});
