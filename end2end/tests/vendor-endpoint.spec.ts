// `/v1/{vendor}/mcp` by the SDKs' clients, which are told nothing but its address: they find its metadata, ask for a token
// for it alone, and see the tools of one vendor.

import { McpClient } from '../fixtures/mcp/client.ts';
import { newest } from '../fixtures/mcp/newest.ts';
import { older } from '../fixtures/mcp/older.ts';
import { modern } from '../fixtures/mcp/raw.ts';
import { expect, test } from '../fixtures/test.ts';
import { begin } from '../pages/account.ts';
import { connectDemoByApi } from '../pages/connections.ts';
import { allow, openConsent } from '../pages/consent.ts';

const CLIENT = 'Client of one vendor';

for (const sdk of [newest, older]) {
  test(`${sdk.name} has one vendor's tools and no others`, async ({ page, startGateway, catcher }) => {
    const gateway = await startGateway({ args: ['--demo'] });
    await begin(page, gateway);
    await connectDemoByApi(page, gateway);
    const url = new URL('/v1/demo/mcp', gateway.url);
    const client = await McpClient.begin(sdk, url, catcher, CLIENT);
    await allow(await openConsent(page, client.authorizationUrl, CLIENT));
    const connection = await client.connect();

    const names = (await connection.listTools()).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('demo__')).length).toBeGreaterThan(3);
    expect(names.filter((name) => !name.startsWith('demo__'))).toEqual(['gateway__list_connections']);
    expect((await connection.callTool('demo__get_summary', {})).isError).toBeFalsy();
    await expect(connection.callTool('itglue__search_organizations', {})).rejects.toThrow(/not available/);
    await connection.close();

    await test.step('its token opens nothing else', async () => {
      for (const path of ['/v1/mcp', '/v1/itglue/mcp']) {
        const refused = await modern(new URL(path, gateway.url), client.accessToken, 'tools/list');
        expect(refused.status).toBe(401);
      }
    });
  });

  test(`${sdk.name} does not connect to a vendor that is not there, and the answer names the one that was meant`, async ({ startGateway, catcher }) => {
    const gateway = await startGateway({ args: ['--demo'] });
    const url = new URL('/v1/dmeo/mcp', gateway.url);
    await expect(McpClient.begin(sdk, url, catcher, CLIENT)).rejects.toThrow();
    const answer = await fetch(url, { method: 'POST' });
    expect(answer.status).toBe(404);
    expect((await answer.json()).error.message).toContain('/v1/demo/mcp');
  });
}
