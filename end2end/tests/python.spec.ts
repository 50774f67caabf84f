// The Python SDK's client (PyPI `mcp`), in both eras: the whole sign-in, the list, a call.

import { PythonClient } from '../fixtures/python.ts';
import { expect, test } from '../fixtures/test.ts';
import { begin } from '../pages/account.ts';
import { app } from '../pages/apps.ts';
import { connectDemoByApi } from '../pages/connections.ts';
import { allow, openConsent } from '../pages/consent.ts';

for (const { mode, version } of [
  { mode: 'auto', version: '2026-07-28' },
  { mode: 'legacy', version: '2025-11-25' },
] as const) {
  test(`the Python client signs in, lists and calls (${mode})`, async ({ page, startGateway, catcher }) => {
    const gateway = await startGateway({ args: ['--demo'] });
    await begin(page, gateway);
    await connectDemoByApi(page, gateway);

    await using client = PythonClient.start(gateway.mcpUrl, catcher.url, mode);
    const name = `Python client (${mode})`;
    await allow(await openConsent(page, await client.authorizationUrl(), name));
    const result = await client.finish(await catcher.next());
    expect(result.version).toBe(version);
    expect(result.tools).toContain('demo__search_tickets');
    expect(result.is_error).toBe(false);
    expect(JSON.parse(result.text)).toBeTruthy();

    await page.goto(`${gateway.url}/settings`);
    await expect(app(page, name)).toBeVisible();
  });
}
