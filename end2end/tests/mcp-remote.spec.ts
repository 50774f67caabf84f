// `mcp-remote`, the bridge that Claude Desktop uses: it finds its own way to the consent page.

import { textOf } from '../fixtures/mcp/client.ts';
import { Bridge } from '../fixtures/mcp/remote.ts';
import { expect, test } from '../fixtures/test.ts';
import { begin } from '../pages/account.ts';
import { connectDemoByApi } from '../pages/connections.ts';
import { allow } from '../pages/consent.ts';

test('mcp-remote connects, lists tools and calls one', async ({ page, startGateway }) => {
  const gateway = await startGateway({ args: ['--demo'] });
  await begin(page, gateway);
  await connectDemoByApi(page, gateway);

  await using bridge = await Bridge.start(gateway.mcpUrl);
  await expect.poll(() => bridge.authorizationUrl, { message: 'the bridge asks for a browser', timeout: 20_000 }).toBeTruthy();
  await page.goto(bridge.authorizationUrl!);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('to use this gateway in your name?');
  await allow(page.getByRole('main'));

  const connection = await bridge.connect();
  const names = (await connection.listTools()).map(({ name }) => name);
  expect(names).toContain('demo__search_tickets');
  const summary = await connection.callTool('demo__get_summary', {});
  expect(summary.isError ?? false).toBe(false);
  expect(JSON.parse(textOf(summary))).toBeTruthy();
});
