// The story of issue 2: from nothing to Claude's first call. Everything in it is real but the person: the browser, the
// OpenID provider, Alertmanager, the MCP clients.

import { randomBytes } from 'node:crypto';

import type { Page } from '@playwright/test';

import type { Gateway } from '../fixtures/gateway.ts';
import { McpClient, textOf, type Connection } from '../fixtures/mcp/client.ts';
import { newest } from '../fixtures/mcp/newest.ts';
import { older } from '../fixtures/mcp/older.ts';
import type { OpenIdProvider } from '../fixtures/openid-provider.ts';
import { expect, test } from '../fixtures/test.ts';
import { setUp } from '../pages/account.ts';
import { revoke } from '../pages/apps.ts';
import { ALERTMANAGER, connectAlertmanager, connections, fillAlertmanager, openForm } from '../pages/connections.ts';
import { allow, consent } from '../pages/consent.ts';
import { signInAtProvider } from '../pages/openid.ts';

const CLIENT = 'Claude of the story';
const HOUR_MS = 3_600_000;

/** A way to become somebody, and what stands in the audit rows then. */
interface Way {
  name: string;
  actor: string;
  start(
    startGateway: (options?: { args?: string[]; oidc?: string }) => Promise<Gateway>,
    newProvider: () => Promise<OpenIdProvider>,
  ): Promise<{ gateway: Gateway; signUp: (page: Page) => Promise<void> }>;
}

const localAccount: Way = {
  name: 'a local account, made by the set-up link',
  actor: 'Ada Lovelace',
  async start(startGateway) {
    const gateway = await startGateway();
    return { gateway, signUp: (page) => setUp(page, gateway) };
  },
};

const singleSignOn: Way = {
  name: 'an OpenID account',
  actor: 'Grace of Corp',
  async start(startGateway, newProvider) {
    const provider = await newProvider();
    const gateway = await startGateway({ args: ['--sign-up', 'open'], oidc: provider.service('corp', 'Corp') });
    await provider.serve(gateway.url, 'corp');
    const signUp = async (page: Page) => {
      await page.goto(`${gateway.url}/auth/login`);
      await page.getByRole('link', { name: 'Continue with Corp' }).click();
      await signInAtProvider(page, provider, 'grace');
      await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
    };
    return { gateway, signUp };
  },
};

for (const way of [localAccount, singleSignOn]) {
  for (const sdk of [newest, older]) {
    test(`from nothing to the first call: ${way.name}; ${sdk.name}`, async ({
      page,
      startGateway,
      newProvider,
      alertmanager,
      catcher,
    }) => {
      const { gateway, signUp } = await way.start(startGateway, newProvider);
      const alert = `Story${randomBytes(4).toString('hex')}`;
      await alertmanager.fire(alert, { instance: 'db-1' });

      await test.step('sign up', () => signUp(page));

      await test.step('a wrong password is refused in the vendor’s own words, and nothing is stored', async () => {
        const dialog = await openForm(page, ALERTMANAGER);
        await fillAlertmanager(dialog, alertmanager, 'wrong password');
        await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
        const refusal = dialog.getByRole('alert');
        await expect(refusal).toContainText(`${ALERTMANAGER} refused these credentials`);
        await expect(refusal).toContainText('Unauthorized');
        // What was typed is still there.
        await expect(dialog.getByLabel('Alertmanager address')).toHaveValue(alertmanager.url);
        await expect(dialog.getByLabel('Password')).toHaveValue('wrong password');
        expect(await connections(page, gateway)).toEqual([]);
        expect(await gateway.database.count('connections')).toBe(0);
        await dialog.getByRole('button', { name: 'Cancel' }).click();
      });

      await test.step('the right one connects', async () => {
        await connectAlertmanager(page, alertmanager);
        expect(await connections(page, gateway)).toMatchObject([{ vendor: 'alertmanager', state: 'connected' }]);
      });

      const client = await test.step('the client registers, the browser consents', async () => {
        const begun = await McpClient.begin(sdk, gateway.mcpUrl, catcher, CLIENT);
        expect(begun.exchanges[0]).toEqual({ method: 'POST', path: '/v1/mcp', status: 401 });
        await page.goto(begun.authorizationUrl);
        const question = await consent(page, CLIENT);
        await expect(question).toContainText(new URL(catcher.url).host);
        await expect(question).toContainText(way.actor);
        await allow(question);
        return begun;
      });

      const connection = await client.connect();
      await test.step('the tools are there, sorted', () => seesTools(connection));
      await test.step('a call lists the alert', async () => {
        const result = await connection.callTool('alertmanager__list_alerts', { filter: [`alertname="${alert}"`] });
        expect(result.isError ?? false).toBe(false);
        const alerts = JSON.parse(textOf(result));
        expect(alerts).toMatchObject([{ labels: { alertname: alert, instance: 'db-1' }, status: { state: 'active' } }]);
      });

      await test.step('another makes a silence, which is really there', async () => {
        const comment = `Silence of ${alert}`;
        const result = await connection.callTool('alertmanager__silence_alert', {
          alert_name: alert,
          starts_at: new Date().toISOString(),
          ends_at: new Date(Date.now() + HOUR_MS).toISOString(),
          created_by: 'Claude',
          comment,
        });
        expect(result.isError ?? false).toBe(false);
        const silences = await alertmanager.silences(comment);
        expect(silences).toMatchObject([
          { createdBy: 'Claude', matchers: [{ name: 'alertname', value: alert, isRegex: false, isEqual: true }] },
        ]);
        expect(textOf(result)).toContain(silences[0]!.id);
      });

      await test.step('the audit rows are there', async () => {
        const rows = (await gateway.database.audit()).filter(({ action }) => action === 'tool.call');
        const common = { actor: way.actor, client_name: CLIENT, vendor: 'alertmanager', credential_scope: 'personal' };
        expect(rows).toMatchObject([
          { ...common, tool: 'alertmanager__list_alerts', outcome: 'ok' },
          { ...common, tool: 'alertmanager__silence_alert', outcome: 'ok' },
        ]);
        for (const row of rows) expect(Number(row.duration_us)).toBeGreaterThan(0);
      });

      await test.step('the app is revoked in Settings, and the very next call gets 401', async () => {
        await page.goto(`${gateway.url}/settings`);
        await revoke(page, CLIENT);
        const before = client.exchanges.length;
        await expect(connection.callTool('alertmanager__get_status', {})).rejects.toThrow();
        expect(client.exchanges[before]).toEqual({ method: 'POST', path: '/v1/mcp', status: 401 });
      });

      expect(gateway.log, 'secrets stay out of the log').not.toContain(alertmanager.password);
    });
  }
}

async function seesTools(connection: Connection): Promise<void> {
  const tools = await connection.listTools();
  const names = tools.map(({ name }) => name);
  expect(names).toEqual([...names].sort());
  expect(names).toContain('gateway__list_connections');
  const ofVendor = tools.filter(({ name }) => name.startsWith('alertmanager__'));
  expect(ofVendor.length).toBeGreaterThanOrEqual(8);
  expect(names.filter((name) => !/^(alertmanager|gateway)__/.test(name))).toEqual([]);
  for (const tool of tools) expect(tool.inputSchema.type, tool.name).toBe('object');
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  expect(byName.get('alertmanager__list_alerts')?.annotations?.readOnlyHint).toBe(true);
  expect(byName.get('alertmanager__expire_silence')?.annotations?.destructiveHint).toBe(true);
}
