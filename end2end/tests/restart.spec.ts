// A gateway that stops and starts again: nobody has to do anything anew.

import { McpClient, textOf } from '../fixtures/mcp/client.ts';
import { newest } from '../fixtures/mcp/newest.ts';
import { older } from '../fixtures/mcp/older.ts';
import { expect, test } from '../fixtures/test.ts';
import { begin } from '../pages/account.ts';
import { ALERTMANAGER, card, connectAlertmanager } from '../pages/connections.ts';
import { allow, openConsent } from '../pages/consent.ts';

for (const sdk of [newest, older]) {
  test(`after a restart everybody goes on: ${sdk.name}`, async ({ page, startGateway, alertmanager, catcher }) => {
    const gateway = await startGateway();
    await begin(page, gateway);
    await page.goto(`${gateway.url}/settings`);
    await connectAlertmanager(page, alertmanager);
    const client = await McpClient.begin(sdk, gateway.mcpUrl, catcher, 'Claude');
    await allow(await openConsent(page, client.authorizationUrl, 'Claude'));
    const connection = await client.connect();
    expect((await connection.callTool('alertmanager__get_status', {})).isError ?? false).toBe(false);
    // No page may be open that asks meanwhile.
    await page.goto('about:blank');

    await gateway.restart();

    const again = await connection.callTool('alertmanager__list_receivers', {});
    expect(again.isError ?? false).toBe(false);
    expect(JSON.parse(textOf(again))).toEqual([{ name: 'none' }]);
    await page.goto(`${gateway.url}/settings`);
    await card(page, ALERTMANAGER).getByRole('button', { name: `Test ${ALERTMANAGER}` }).click();
    await expect(card(page, ALERTMANAGER).getByRole('status')).toContainText(`${ALERTMANAGER} accepted it`);
    await connection.close();
  });
}
