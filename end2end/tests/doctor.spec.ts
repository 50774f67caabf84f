// "Does it not connect?" on the page Connect Claude: the walk of the connection doctor, for people. What it says of broken
// proxies is tested with the server (server/tests/it/doctor/).

import { expect, test } from '../fixtures/test.ts';
import { begin } from '../pages/account.ts';

test('the page checks the connection, step by step, in words', async ({ page, startGateway }) => {
  const gateway = await startGateway();
  await begin(page, gateway);
  await page.goto(`${gateway.url}/connect`);
  const panel = page.getByRole('region', { name: 'Does it not connect?' });
  await panel.getByRole('button', { name: 'Check the connection' }).click();
  await expect(panel.getByRole('status')).toContainText('Clients can connect');
  const steps = panel.getByRole('list', { name: 'Steps of a client' }).getByRole('listitem');
  await expect(steps).toHaveCount(12);
  await expect(steps.first()).toContainText('Reach the gateway: good.');
  await expect(steps.filter({ hasText: 'Sign-in page' })).toContainText(`${gateway.url}/auth/login`);
  await expect(steps.last()).toContainText('Streams: not tried.');
});
