// `client_credentials` (OAuth 2.1 section 4.2) by client libraries that know nothing of this gateway: a service client gets
// its token and calls what the team shares.

import type { Page } from '@playwright/test';
import * as openid from 'openid-client';

import type { Alertmanager } from '../fixtures/alertmanager.ts';
import type { Gateway } from '../fixtures/gateway.ts';
import { textOf } from '../fixtures/mcp/client.ts';
import { modern, toolNames } from '../fixtures/mcp/raw.ts';
import { newestService, olderService, type ServiceClient } from '../fixtures/mcp/service.ts';
import { expect, test } from '../fixtures/test.ts';
import { begin } from '../pages/account.ts';
import { connectForTeamByApi, createServiceClientByApi, createTeamByApi } from '../pages/team.ts';

const STATUS = 'alertmanager__get_status';

/** A team that shares Alertmanager, and a service client of it. */
async function prepare(page: Page, gateway: Gateway, alertmanager: Alertmanager): Promise<ServiceClient> {
  await begin(page, gateway);
  const team = await createTeamByApi(page, gateway, 'ACME');
  await connectForTeamByApi(page, gateway, team, alertmanager);
  return createServiceClientByApi(page, gateway, team, 'Nightly report');
}

const WAYS = [
  ['in the form', openid.ClientSecretPost],
  ['by Basic', openid.ClientSecretBasic],
] as const;

for (const [name, way] of WAYS) {
  test(`openid-client sends the secret ${name}`, async ({ page, startGateway, alertmanager }) => {
    const gateway = await startGateway();
    const { clientId, clientSecret } = await prepare(page, gateway, alertmanager);
    const discover = (secret: string) =>
      openid.discovery(new URL(gateway.url), clientId, undefined, way(secret), {
        algorithm: 'oauth2',
        execute: [openid.allowInsecureRequests],
      });

    const config = await discover(clientSecret);
    const tokens = await openid.clientCredentialsGrant(config, { resource: gateway.mcpUrl.href });
    expect(tokens.token_type).toBe('bearer');
    expect(tokens.expiresIn()).toBeGreaterThan(0);
    expect(tokens.refresh_token).toBeUndefined();
    expect(await toolNames(gateway.mcpUrl, tokens.access_token)).toContain(STATUS);
    const called = await modern(gateway.mcpUrl, tokens.access_token, 'tools/call', { name: STATUS, arguments: {} });
    expect(called.status).toBe(200);
    expect((await called.json()).result.isError).toBe(false);

    const wrong = openid.clientCredentialsGrant(await discover(`${clientSecret}x`));
    await expect(wrong).rejects.toMatchObject({ status: 401 });
    const foreign = openid.clientCredentialsGrant(config, { resource: 'https://elsewhere.example/mcp' });
    await expect(foreign).rejects.toMatchObject({ error: 'invalid_target', status: 400 });
  });
}

for (const sdk of [newestService, olderService]) {
  test(`${sdk.name} signs itself in`, async ({ page, startGateway, alertmanager }) => {
    const gateway = await startGateway();
    const client = await prepare(page, gateway, alertmanager);
    const connection = await sdk.connect(gateway.mcpUrl, client);
    const names = (await connection.listTools()).map((tool) => tool.name);
    expect(names).toContain(STATUS);
    const result = await connection.callTool(STATUS, {});
    expect(result.isError).toBeFalsy();
    expect(textOf(result)).toContain('versionInfo');
    await connection.close();

    await expect(sdk.connect(gateway.mcpUrl, { ...client, clientSecret: 'wrong' })).rejects.toThrow();
  });
}
