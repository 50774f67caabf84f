// The consent page: denying, and who may answer.

import { McpClient } from '../fixtures/mcp/client.ts';
import { newest } from '../fixtures/mcp/newest.ts';
import { expect, test } from '../fixtures/test.ts';
import { ADA, BOB, begin, signIn, signInByApi } from '../pages/account.ts';
import { app } from '../pages/apps.ts';
import { allow, consent, deny, openConsent } from '../pages/consent.ts';

const CLIENT = 'Client of the consent';

test('Deny goes back to the client as access_denied, from this issuer', async ({ page, startGateway, catcher }) => {
  const gateway = await startGateway();
  await begin(page, gateway);
  const client = await McpClient.begin(newest, gateway.mcpUrl, catcher, CLIENT);
  await deny(await openConsent(page, client.authorizationUrl, CLIENT));

  const answer = await client.redirect();
  expect(answer.get('error')).toBe('access_denied');
  expect(answer.get('iss')).toBe(gateway.url);
  expect(answer.has('code')).toBe(false);
  await page.goto(`${gateway.url}/settings`);
  await expect(app(page, CLIENT)).toHaveCount(0);
});

test('who is not signed in signs in first, and then decides', async ({ page, startGateway, catcher }) => {
  const gateway = await startGateway();
  await gateway.createAccount(ADA.name, ADA.email);
  const client = await McpClient.begin(newest, gateway.mcpUrl, catcher, CLIENT);
  await page.goto(client.authorizationUrl);
  await expect(page.getByText('An app wants to use this gateway in your name.')).toBeVisible();
  await signIn(page, ADA);
  await allow(await consent(page, CLIENT));
  const connection = await client.connect();
  expect((await connection.listTools()).map(({ name }) => name)).toContain('gateway__list_connections');
  await connection.close();

  await page.goto(`${gateway.url}/settings`);
  await expect(app(page, CLIENT)).toContainText(new URL(catcher.url).hostname);
});

test('a consent page opened in another browser cannot be answered', async ({
  page,
  newBrowser,
  startGateway,
  catcher,
}) => {
  const gateway = await startGateway();
  await begin(page, gateway);
  await gateway.createAccount(BOB.name, BOB.email);
  const client = await McpClient.begin(newest, gateway.mcpUrl, catcher, CLIENT);
  await openConsent(page, client.authorizationUrl, CLIENT);
  const consentUrl = page.url();

  // Bob is signed in, has the address, and is still not who was asked.
  const bob = await (await newBrowser()).newPage();
  await signInByApi(bob, gateway, BOB);
  await bob.goto(consentUrl);
  await expect(bob.getByRole('heading', { name: 'This request cannot be answered' })).toBeVisible();
  const id = new URL(consentUrl).pathname.split('/').pop();
  const answer = await bob.request.post(`${gateway.url}/api/consents/${id}`, { data: { is_allowed: true } });
  expect(answer.status()).toBe(404);
  expect(catcher.hasCaught).toBe(false);

  // Nor may the person's own other browser: the request belongs to the browser that brought it.
  const second = await (await newBrowser()).newPage();
  await signInByApi(second, gateway, ADA);
  await second.goto(consentUrl);
  await expect(second.getByRole('heading', { name: 'This request cannot be answered' })).toBeVisible();
});

test('a consent is answered once', async ({ page, startGateway, catcher }) => {
  const gateway = await startGateway();
  await begin(page, gateway);
  const client = await McpClient.begin(newest, gateway.mcpUrl, catcher, CLIENT);
  const question = await openConsent(page, client.authorizationUrl, CLIENT);
  const consentUrl = page.url();
  await allow(question);
  await client.redirect();
  await page.goto(consentUrl);
  await expect(page.getByRole('heading', { name: 'This request cannot be answered' })).toBeVisible();
});

test('a redirect URI that is not registered is an error page, never a redirect', async ({
  page,
  startGateway,
  catcher,
}) => {
  const gateway = await startGateway();
  await begin(page, gateway);
  const client = await McpClient.begin(newest, gateway.mcpUrl, catcher, CLIENT);
  const url = new URL(client.authorizationUrl);
  url.searchParams.set('redirect_uri', 'https://evil.example/callback');
  const response = await page.goto(url.href);
  expect(response?.status()).toBe(400);
  expect(new URL(page.url()).origin).toBe(gateway.url);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});
