// Signing in with OpenID providers: the chooser, the straight way, and what can go wrong.

import type { Page } from '@playwright/test';

import { expect, test } from '../fixtures/test.ts';
import { ADA, signIn } from '../pages/account.ts';
import { enterLogin, signInAtProvider } from '../pages/openid.ts';

test('the chooser offers every service and local accounts', async ({ page, startGateway, newProvider }) => {
  const [corp, lab] = [await newProvider(), await newProvider()];
  const oidc = corp.service('corp', 'Corp') + lab.service('lab', 'Lab');
  const gateway = await startGateway({ args: ['--sign-up', 'open'], oidc });
  await corp.serve(gateway.url, 'corp');
  await lab.serve(gateway.url, 'lab');
  await gateway.createAccount(ADA.name, ADA.email);

  await page.goto(`${gateway.url}/auth/login?return_to=%2Fconnect`);
  await expect(page.getByRole('link', { name: 'Continue with Corp' })).toBeVisible();
  await page.getByRole('link', { name: 'Continue with Lab' }).click();
  await signInAtProvider(page, lab, 'linus');
  await expect(page.getByRole('heading', { name: 'Connect Claude', level: 1 })).toBeVisible();
  const me = await (await page.request.get(`${gateway.url}/api/me`)).json();
  expect(me.user).toMatchObject({ name: 'Linus of Corp', email: 'linus@corp.example', has_password: false });

  await page.context().clearCookies();
  await page.goto(`${gateway.url}/auth/login`);
  await signIn(page, ADA);
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
});

test('with one service and no local accounts, signing in goes straight on', async ({
  page,
  startGateway,
  newProvider,
}) => {
  const corp = await newProvider();
  const args = ['--sign-up', 'open', '--local-accounts', 'false'];
  const gateway = await startGateway({ args, oidc: corp.service('corp', 'Corp') });
  await corp.serve(gateway.url, 'corp');

  await page.goto(`${gateway.url}/settings`);
  await signInAtProvider(page, corp, 'grace');
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Profile' })).toContainText('Corp');
  await expect(page.getByText('Change password')).toHaveCount(0);

  const answer = await page.request.post(`${gateway.url}/api/session`, {
    data: { email: 'grace@corp.example', password: 'correct horse battery' },
  });
  expect(answer.ok()).toBe(false);
});

test('the same person comes back to the same account', async ({ page, startGateway, newProvider }) => {
  const corp = await newProvider();
  const gateway = await startGateway({ args: ['--sign-up', 'open'], oidc: corp.service('corp', 'Corp') });
  await corp.serve(gateway.url, 'corp');
  const whoSignsIn = async () => {
    await page.context().clearCookies();
    await page.goto(`${gateway.url}/auth/oidc/corp`);
    await signInAtProvider(page, corp, 'grace');
    await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
    return (await (await page.request.get(`${gateway.url}/api/me`)).json()).user.id as string;
  };
  expect(await whoSignsIn()).toBe(await whoSignsIn());
});

test('who cancels at the provider is told so, and may try again', async ({ page, startGateway, newProvider }) => {
  const corp = await newProvider();
  const args = ['--sign-up', 'open', '--local-accounts', 'false'];
  const gateway = await startGateway({ args, oidc: corp.service('corp', 'Corp') });
  await corp.serve(gateway.url, 'corp');

  await page.goto(`${gateway.url}/auth/login`);
  await page.getByRole('link', { name: /Cancel/ }).click();
  await expect(page.getByRole('alert')).toContainText('The sign-in was cancelled.');
  await page.getByRole('link', { name: 'Continue with Corp' }).click();
  await signInAtProvider(page, corp, 'grace');
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
});

test('who is not invited is told so', async ({ page, startGateway, newProvider }) => {
  const corp = await newProvider();
  const gateway = await startGateway({ oidc: corp.service('corp', 'Corp') });
  await corp.serve(gateway.url, 'corp');
  await gateway.createAccount(ADA.name, ADA.email);

  await page.goto(`${gateway.url}/auth/login`);
  await page.getByRole('link', { name: 'Continue with Corp' }).click();
  await signInAtProvider(page, corp, 'mallory');
  await expect(page.getByRole('alert')).toContainText('There is no account for you here yet.');
  expect((await page.request.get(`${gateway.url}/api/me`)).status()).toBe(401);
});

test('a provider that does not answer is named as the trouble', async ({ page, startGateway, newProvider }) => {
  const corp = await newProvider();
  const gateway = await startGateway({ oidc: corp.service('corp', 'Corp') });
  await gateway.createAccount(ADA.name, ADA.email);

  await page.goto(`${gateway.url}/auth/login`);
  await page.getByRole('link', { name: 'Continue with Corp' }).click();
  await expect(page.getByRole('alert')).toContainText('The sign-in service does not answer.');
});

test('a callback in another browser signs nobody in', async ({ page, newBrowser, startGateway, newProvider }) => {
  const corp = await newProvider();
  const gateway = await startGateway({ args: ['--sign-up', 'open'], oidc: corp.service('corp', 'Corp') });
  await corp.serve(gateway.url, 'corp');

  // The thief signs in, keeps the address at which the gateway waits for him, and sends it to the victim.
  await page.goto(`${gateway.url}/auth/oidc/corp`);
  await enterLogin(page, corp, 'mallory');
  const stolen = await withheldCallback(page, `${gateway.url}/auth/oidc/corp/callback`);

  const victim = await (await newBrowser()).newPage();
  await victim.goto(stolen);
  await expect(victim.getByRole('alert')).toContainText('That sign-in took too long, or was already used.');
  expect((await victim.request.get(`${gateway.url}/api/me`)).status()).toBe(401);
});

/** Consents at the provider by hand, and does not follow the last redirect. */
async function withheldCallback(page: Page, callback: string): Promise<string> {
  const form = page.locator('form').filter({ has: page.getByRole('button', { name: 'Continue' }) });
  const action = new URL((await form.getAttribute('action')) ?? '', page.url()).href;
  let answer = await page.request.post(action, { form: { prompt: 'consent' }, maxRedirects: 0 });
  for (;;) {
    const location = answer.headers()['location'];
    if (location === undefined) throw new Error(`the provider answers ${answer.status()} without a redirect`);
    if (location.startsWith(callback)) return location;
    answer = await page.request.get(location, { maxRedirects: 0 });
  }
}
