// Your Connections: the Free limit, and what can be done with a connection.

import { Folder } from '../fixtures/folder.ts';
import { expect, test } from '../fixtures/test.ts';
import { writeAlertmanagers } from '../fixtures/vendors-dir.ts';
import { begin, good } from '../pages/account.ts';
import {
  ALERTMANAGER,
  DEMO,
  card,
  connectAlertmanager,
  connectDemoByApi,
  connections,
  fillAlertmanager,
  openForm,
} from '../pages/connections.ts';

test('the plan’s limit is said before the click, and kept by the server', async ({
  page,
  startGateway,
  alertmanager,
}) => {
  await using folder = await Folder.make('vendors');
  await writeAlertmanagers(folder, ['Second', 'Third']);
  const gateway = await startGateway({ args: ['--demo', '--vendors-dir', folder.path] });
  await begin(page, gateway);
  const fields = { base_url: alertmanager.url, username: alertmanager.user, password: alertmanager.password };
  for (const vendor of ['second', 'third']) {
    await good(page.request.put(`${gateway.url}/api/connections/${vendor}`, { data: { fields } }));
  }

  await page.goto(`${gateway.url}/settings`);
  await expect(page.getByText('2 of 3 personal connections used (Free)')).toBeVisible();
  await connectAlertmanager(page, alertmanager);
  await expect(page.getByText(/^3 of 3 personal connections used\. Free allows no more/)).toBeVisible();
  const button = card(page, DEMO).getByRole('button', { name: `Connect ${DEMO}` });
  await expect(button).toBeDisabled();
  await expect(button).toHaveAccessibleDescription(/3 of 3 personal connections used/);

  const fourth = await page.request.put(`${gateway.url}/api/connections/demo`, {
    data: { fields: { api_key: 'demo-key' } },
  });
  expect(fourth.status()).toBe(403);
  expect(await fourth.json()).toMatchObject({ code: 'plan_required' });
  expect(await connections(page, gateway)).toHaveLength(3);

  // Replacing is no fourth connection.
  await good(page.request.put(`${gateway.url}/api/connections/third`, { data: { fields } }));
});

test('test, replace, disconnect', async ({ page, startGateway, alertmanager }) => {
  const gateway = await startGateway();
  await begin(page, gateway);
  await page.goto(`${gateway.url}/settings`);
  await connectAlertmanager(page, alertmanager);
  const ours = card(page, ALERTMANAGER);

  await ours.getByRole('button', { name: `Test ${ALERTMANAGER}` }).click();
  await expect(ours.getByRole('status')).toContainText(`${ALERTMANAGER} accepted it`);

  // A refused replacement leaves the stored credentials as they are.
  const dialog = await openForm(page, ALERTMANAGER, 'Replace');
  await expect(dialog.getByLabel('Password')).toHaveValue('');
  await fillAlertmanager(dialog, alertmanager, 'wrong password');
  await dialog.getByRole('button', { name: 'Replace', exact: true }).click();
  await expect(dialog.getByRole('alert')).toContainText('Unauthorized');
  const test = await good(page.request.post(`${gateway.url}/api/connections/alertmanager/test`));
  expect(await test.json()).toMatchObject({ is_ok: true });
  await dialog.getByLabel('Password').fill(alertmanager.password);
  await dialog.getByRole('button', { name: 'Replace', exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(ours.getByText(/^Connected/)).toBeVisible();

  await ours.getByRole('button', { name: `Disconnect ${ALERTMANAGER}` }).click();
  const question = page.getByRole('dialog', { name: `Disconnect ${ALERTMANAGER}?` });
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(ours.getByText(/^Connected/)).toBeVisible();
  await ours.getByRole('button', { name: `Disconnect ${ALERTMANAGER}` }).click();
  await question.getByRole('button', { name: 'Disconnect', exact: true }).click();
  await expect(ours.getByText('Not connected')).toBeVisible();
  expect(await connections(page, gateway)).toEqual([]);
  expect(await gateway.database.count('connections')).toBe(0);

  const actions = (await gateway.database.audit()).map(({ action, outcome }) => `${action} ${outcome}`);
  expect(actions.filter((action) => action.startsWith('connection.'))).toEqual([
    'connection.put ok',
    'connection.test ok',
    'connection.put error',
    'connection.test ok',
    'connection.put ok',
    'connection.delete ok',
  ]);
});

test('an address where nobody listens is told apart from a wrong key', async ({ page, startGateway }) => {
  const gateway = await startGateway();
  await begin(page, gateway);
  await page.goto(`${gateway.url}/settings`);
  const dialog = await openForm(page, ALERTMANAGER);
  await dialog.getByLabel('Alertmanager address').fill('http://127.0.0.1:9');
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
  await expect(dialog.getByRole('alert')).toContainText('No connection to 127.0.0.1');
  await expect(dialog.getByRole('alert')).not.toContainText('refused these credentials');
  expect(await connections(page, gateway)).toEqual([]);
});

test('what is stored is never shown again', async ({ page, startGateway, alertmanager }) => {
  const gateway = await startGateway();
  await begin(page, gateway);
  await page.goto(`${gateway.url}/settings`);
  await connectAlertmanager(page, alertmanager);
  await page.reload();
  await expect(card(page, ALERTMANAGER).getByText(/^Connected/)).toBeVisible();
  expect(await page.content()).not.toContain(alertmanager.password);
  const answers = ['/api/connections', '/api/vendors', '/api/me'].map(async (path) =>
    (await good(page.request.get(gateway.url + path))).text(),
  );
  for (const answer of await Promise.all(answers)) expect(answer).not.toContain(alertmanager.password);
});

test('search and category narrow the grid', async ({ page, startGateway }) => {
  const gateway = await startGateway({ args: ['--demo'] });
  await begin(page, gateway);
  await connectDemoByApi(page, gateway);
  await page.goto(`${gateway.url}/settings`);
  await expect(card(page, DEMO).getByRole('button', { name: `Test ${DEMO}` })).toBeEnabled();
  await page.getByLabel('Search vendors').fill('glue');
  await expect(page.getByRole('article')).toHaveCount(1);
  await expect(page.getByRole('article', { name: 'IT Glue' })).toBeVisible();
  await page.getByLabel('Search vendors').fill('no such vendor');
  await expect(page.getByText('No vendor matches.')).toBeVisible();
  await page.getByLabel('Search vendors').fill('');
  await page.getByLabel('Category').selectOption({ label: 'Monitoring' });
  await expect(card(page, ALERTMANAGER)).toBeVisible();
  await expect(card(page, DEMO)).toBeHidden();
});
