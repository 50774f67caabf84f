// A vendor that is a remote MCP server: its tools beside all others, for each credential on its own.

import { Everything, KEYS } from '../fixtures/everything.ts';
import { Folder } from '../fixtures/folder.ts';
import { McpClient, textOf } from '../fixtures/mcp/client.ts';
import { newest } from '../fixtures/mcp/newest.ts';
import { older } from '../fixtures/mcp/older.ts';
import { expect, test } from '../fixtures/test.ts';
import { BOB, begin, good } from '../pages/account.ts';
import { allow, openConsent } from '../pages/consent.ts';

for (const sdk of [newest, older]) {
  test(`the tools of a real server, before and after its restart: ${sdk.name}`, async ({
    page,
    startGateway,
    catcher,
  }) => {
    await using folder = await Folder.make('vendors');
    await using everything = await Everything.start();
    await everything.writeManifest(folder);
    const gateway = await startGateway({ args: ['--demo', '--vendors-dir', folder.path] });
    await begin(page, gateway);
    const connect = (vendor: string, key: string) =>
      page.request.put(`${gateway.url}/api/connections/${vendor}`, { data: { fields: { api_key: key } } });
    const refused = await connect('everything', 'no-key-at-all');
    expect(refused.status()).toBe(422);
    expect(await refused.text()).toContain('This key opens nothing.');
    await good(connect('everything', KEYS[0]));
    await good(connect('demo', 'demo-key'));

    const client = await McpClient.begin(sdk, gateway.mcpUrl, catcher, 'Claude');
    await allow(await openConsent(page, client.authorizationUrl, 'Claude'));
    const connection = await client.connect();
    const tools = await connection.listTools();
    const names = tools.map(({ name }) => name).filter((name) => name.startsWith('everything__'));
    expect(names).toEqual(expect.arrayContaining(['everything__echo', 'everything__get_sum']));
    expect(names.some((name) => /get_env|toggle/.test(name)), 'hidden tools').toBe(false);

    const echo = await connection.callTool('everything__echo', { message: `hello ${KEYS[0]}` });
    expect(textOf(echo)).toBe('Echo: hello [redacted]');
    const sum = await connection.callTool('everything__get_sum', { a: 20, b: 22 });
    expect(textOf(sum)).toContain('42');
    const wrong = await connection.callTool('everything__get_sum', { a: 'twenty', b: 22 });
    expect(wrong.isError).toBe(true);
    expect(textOf(wrong)).toContain('nvalid arguments');

    await everything.stop();
    expect((await connection.callTool('everything__echo', { message: 'x' })).isError).toBe(true);
    expect((await connection.callTool('demo__get_summary', {})).isError ?? false).toBe(false);
    const meanwhile = (await connection.listTools()).map(({ name }) => name);
    expect(meanwhile).toEqual(expect.arrayContaining(names));

    const card = page.getByRole('article', { name: 'Everything' });
    await page.goto(`${gateway.url}/settings`);
    await expect(card.getByRole('link', { name: 'tools of its MCP server' })).toBeVisible();
    await card.getByText('Tools and last 30 days').click();
    await expect(card.getByText(/^\d+ tools of its MCP server$/)).toBeVisible();

    await everything.startAgain();
    const again = await connection.callTool('everything__echo', { message: 'again' });
    expect(textOf(again)).toBe('Echo: again');
    expect(new Set(everything.seen.map(({ key }) => key))).toEqual(new Set(['no-key-at-all', KEYS[0]]));
    await connection.close();
  });
}

test('two people, two keys', async ({ page, startGateway, catcher, newBrowser }) => {
  await using folder = await Folder.make('vendors');
  await using everything = await Everything.start();
  await everything.writeManifest(folder);
  const gateway = await startGateway({ args: ['--vendors-dir', folder.path] });
  await begin(page, gateway);
  const other = await (await newBrowser()).newPage();
  await begin(other, gateway, BOB);

  for (const [index, somebody] of [page, other].entries()) {
    const key = KEYS[index]!;
    const form = { data: { fields: { api_key: key } } };
    await good(somebody.request.put(`${gateway.url}/api/connections/everything`, form));
    const client = await McpClient.begin(newest, gateway.mcpUrl, catcher, 'Claude');
    await allow(await openConsent(somebody, client.authorizationUrl, 'Claude'));
    const connection = await client.connect();
    const before = everything.seen.length;
    const echo = await connection.callTool('everything__echo', { message: KEYS.join(' ') });
    // Each is kept from seeing their own key, and knows nothing of the other's.
    expect(textOf(echo)).toBe(`Echo: ${KEYS.join(' ').replace(key, '[redacted]')}`);
    const keys = everything.seen.slice(before).map(({ key }) => key);
    expect(new Set(keys)).toEqual(new Set([key]));
    await connection.close();
  }
});
