// The five-minute path: no vendor account anywhere, and still Claude's first call.

import { McpClient, textOf } from '../fixtures/mcp/client.ts';
import { newest } from '../fixtures/mcp/newest.ts';
import { expect, test } from '../fixtures/test.ts';
import { setUp } from '../pages/account.ts';
import { DEMO, card, openForm } from '../pages/connections.ts';
import { allow, openConsent } from '../pages/consent.ts';

test('with --demo: set up, connect the demo with the key on the page, call a tool', async ({
  page,
  startGateway,
  catcher,
}) => {
  const gateway = await startGateway({ args: ['--demo'] });
  await setUp(page, gateway);
  const key = await page.getByRole('complementary', { name: 'Demo' }).getByRole('code').innerText();
  const dialog = await openForm(page, DEMO);
  await dialog.getByLabel('API key').fill(key);
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
  await expect(card(page, DEMO).getByText(/^Connected/)).toBeVisible();

  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Connect Claude' }).click();
  await expect(page.getByText('Waiting for Claude’s first call')).toBeVisible();
  await expect(page.getByLabel('the address', { exact: true })).toHaveText(gateway.mcpUrl.href);

  const client = await McpClient.begin(newest, gateway.mcpUrl, catcher, 'Claude');
  const consentPage = await page.context().newPage();
  await allow(await openConsent(consentPage, client.authorizationUrl, 'Claude'));
  const connection = await client.connect();
  const found = await connection.callTool('demo__search_tickets', { status: 'new' });
  expect(found.isError ?? false).toBe(false);
  expect(textOf(found)).toContain('"status":"new"');

  const listed = await connection.callTool('gateway__list_connections', {});
  expect(textOf(listed)).toContain('demo');

  // The light on the page turns on by itself.
  await expect(page.getByText('Claude is connected')).toBeVisible({ timeout: 20_000 });
  await connection.close();
});

test('arguments against the schema come back as an error that the model can act on', async ({
  page,
  startGateway,
  catcher,
}) => {
  const gateway = await startGateway({ args: ['--demo'] });
  await setUp(page, gateway);
  const dialog = await openForm(page, DEMO);
  await dialog.getByLabel('API key').fill('demo-key');
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
  await expect(dialog).toBeHidden();
  const client = await McpClient.begin(newest, gateway.mcpUrl, catcher, 'Claude');
  await allow(await openConsent(page, client.authorizationUrl, 'Claude'));
  const connection = await client.connect();

  const wrong = await connection.callTool('demo__get_ticket', { ticket_id: 'first' });
  expect(wrong.isError).toBe(true);
  expect(textOf(wrong)).toContain('ticket_id');
  const missing = await connection.callTool('demo__get_ticket', { ticket_id: 999_999 });
  expect(missing.isError).toBe(true);
  const notConnected = await connection.callTool('alertmanager__list_alerts', {});
  expect(notConnected.isError).toBe(true);
  expect(textOf(notConnected)).toContain(`${gateway.url}/settings?connect=alertmanager`);
  await expect(connection.callTool('nobody__nothing', {})).rejects.toThrow();

  const calls = (await gateway.database.audit()).filter(({ action }) => action === 'tool.call');
  expect(calls.map(({ tool }) => tool)).toEqual([
    'demo__get_ticket',
    'demo__get_ticket',
    'alertmanager__list_alerts',
    'nobody__nothing',
  ]);
  expect(calls.map(({ outcome }) => outcome)).not.toContain('ok');
  await connection.close();
});
