// "Does it not connect?" on the page Connect Claude, and `mcp-gateway doctor --sign-in`: the walk of the connection doctor
// with a person. What it says of broken proxies is tested with the server (server/tests/it/doctor/).

import { Program, fromEnvironment } from '../fixtures/process.ts';
import { expect, test } from '../fixtures/test.ts';
import { begin } from '../pages/account.ts';
import { connectDemoByApi } from '../pages/connections.ts';
import { allow, openConsent } from '../pages/consent.ts';

const CLIENT = 'Connection doctor';

test('the page takes every step of Claude, says how each went, and leaves nothing behind', async ({ page, startGateway }) => {
  const gateway = await startGateway({ args: ['--demo'] });
  await begin(page, gateway);
  await connectDemoByApi(page, gateway);
  await page.goto(`${gateway.url}/connect`);
  const panel = page.getByRole('region', { name: 'Does it not connect?' });
  await panel.getByRole('button', { name: 'Check the connection' }).click();
  await expect(panel.getByRole('status')).toContainText('Clients can connect: all that Claude does went well.');
  const steps = panel.getByRole('list', { name: 'Steps of a client' }).getByRole('listitem');
  await expect(steps).toHaveCount(14);
  await expect(steps.filter({ hasText: /^[^:]*: good\. / })).toHaveCount(14);
  await expect(steps.first()).toContainText('Reach the gateway: good.');
  await expect(steps.filter({ hasText: 'Sign-in and consent' })).toContainText(`${gateway.url}/auth/login`);
  await expect(steps.filter({ hasText: 'tools/list' })).toContainText('of connected vendors');
  await expect(steps.last()).toContainText('Revocation: good. The token was given back');
  await expect(page.getByText('Waiting for Claude’s first call')).toBeVisible();

  await page.goto(`${gateway.url}/settings`);
  await expect(page.getByText('None yet.')).toBeVisible();
  const rows = (await gateway.database.audit()).filter(({ client_name }) => client_name === CLIENT);
  expect(rows.map(({ action }) => action)).toEqual(['grant.create', 'grant.revoke']);
});

test('the command signs in by a browser, and leaves nothing behind', async ({ page, startGateway, origins }) => {
  const gateway = await startGateway({ args: ['--demo'] });
  await begin(page, gateway);
  await connectDemoByApi(page, gateway);
  const args = ['doctor', `${gateway.mcpUrl.href}?tools=search`, '--sign-in'];
  const doctor = new Program('the doctor', fromEnvironment('GATEWAY_BIN'), args);
  try {
    const [, url] = await doctor.says(/^ {2}(http\S+)$/m);
    origins.add(new URL(new URL(url!).searchParams.get('redirect_uri')!).origin);
    await allow(await openConsent(page, url!, CLIENT));
    await expect(page.getByText('The test goes on in the terminal')).toBeVisible();
    expect(await doctor.end(), doctor.log).toBe(0);
  } finally {
    await doctor.stop();
  }
  expect(doctor.log).toContain('0 failed, 0 not tried');
  expect(doctor.log).toMatch(/^ok {6}tools\/list: 3 tools, which find and call those of the connected vendors\.$/m);
  await page.goto(`${gateway.url}/settings`);
  await expect(page.getByText('None yet.')).toBeVisible();
});
