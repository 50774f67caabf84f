// Signing in and out with a local account.

import type { Page } from '@playwright/test';

import type { Gateway } from '../fixtures/gateway.ts';
import { expect, test } from '../fixtures/test.ts';
import { ADA, BOB, begin, createAccount, setUp, signIn, signInByApi } from '../pages/account.ts';

const NEW_PASSWORD = 'another horse, another battery';

async function isSignedIn(page: Page, gateway: Gateway): Promise<boolean> {
  return (await page.request.get(`${gateway.url}/api/me`)).status() === 200;
}

test('the set-up link makes one account, once', async ({ page, newBrowser, startGateway }) => {
  const gateway = await startGateway();
  await page.goto(gateway.url);
  await page.getByRole('link', { name: 'Set up this gateway' }).click();
  await expect(page.getByRole('heading', { name: 'Almost there: make the first account' })).toBeVisible();

  await setUp(page, gateway);
  const rows = await gateway.database.audit();
  expect(rows.map(({ action }) => action)).toContain('account.create');

  const second = await (await newBrowser()).newPage();
  await second.goto(gateway.setUpLink);
  await expect(second.getByRole('heading', { name: 'This gateway is already set up' })).toBeVisible();
});

test('a forged set-up link makes nothing', async ({ page, startGateway }) => {
  const gateway = await startGateway();
  await page.goto(`${gateway.url}/auth/setup?token=forged`);
  await page.getByLabel('Name', { exact: true }).fill(ADA.name);
  await page.getByLabel('E-mail').fill(ADA.email);
  await page.getByLabel('Password').fill(ADA.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  expect(await isSignedIn(page, gateway)).toBe(false);
});

test('a wrong password and an unknown address are refused alike; then the page that was wanted opens', async ({
  page,
  startGateway,
}) => {
  const gateway = await startGateway();
  await gateway.createAccount(ADA.name, ADA.email);
  await page.goto(`${gateway.url}/connect`);
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();

  await signIn(page, { email: ADA.email, password: 'not her password' });
  const words = await page.getByRole('alert').innerText();
  // The page loads anew, so that the first answer cannot be taken for the second.
  await page.reload();
  await signIn(page, { email: BOB.email, password: 'not his password' });
  await expect(page.getByRole('alert')).toHaveText(words, { useInnerText: true });

  await signIn(page, ADA);
  await expect(page.getByRole('heading', { name: 'Connect Claude', level: 1 })).toBeVisible();
});

test('keyboard only: from the first page to Settings', async ({ page, startGateway }) => {
  const gateway = await startGateway();
  await gateway.createAccount(ADA.name, ADA.email);
  await page.goto(`${gateway.url}/auth/login`);
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeEnabled();

  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('E-mail')).toBeFocused();
  await page.keyboard.type(ADA.email);
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('Password')).toBeFocused();
  await page.keyboard.type(ADA.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
});

test('a dialog keeps the keyboard inside, closes with Escape, and gives the focus back', async ({
  page,
  startGateway,
}) => {
  const gateway = await startGateway({ args: ['--demo'] });
  await begin(page, gateway);
  await page.goto(`${gateway.url}/settings`);
  const opener = page.getByRole('button', { name: 'Connect Demo ticket desk' });
  await expect(opener).toBeEnabled();
  await opener.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Connect Demo ticket desk' });
  await expect(dialog).toBeVisible();
  for (let press = 0; press < 12; press += 1) {
    await page.keyboard.press('Tab');
    const place = await page.evaluate(() => {
      const focused = document.activeElement;
      return focused === document.body || focused?.closest('dialog') !== null;
    });
    expect(place, `after ${press + 1} tabs`).toBe(true);
  }
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(opener).toBeFocused();
});

test('sign up is open only where the operator opened it', async ({ page, startGateway }) => {
  const open = await startGateway({ args: ['--sign-up', 'open'] });
  await open.createAccount(BOB.name, BOB.email);
  await page.goto(`${open.url}/auth/login`);
  await page.getByRole('link', { name: 'Create account' }).click();
  await createAccount(page, ADA);

  const invited = await startGateway();
  await invited.createAccount(BOB.name, BOB.email);
  await page.context().clearCookies();
  await page.goto(`${invited.url}/auth/sign-up`);
  await expect(page).toHaveURL(`${invited.url}/auth/login`);
  await expect(page.getByRole('link', { name: 'Create account' })).toHaveCount(0);
  const { name, email, password } = ADA;
  const answer = await page.request.post(`${invited.url}/api/accounts`, { data: { name, email, password } });
  expect(answer.status()).toBe(403);
});

test('sign out ends this session; everywhere ends all', async ({ page, newBrowser, startGateway }) => {
  const gateway = await startGateway();
  await begin(page, gateway);
  const other = await (await newBrowser()).newPage();
  await signInByApi(other, gateway, ADA);

  await page.goto(`${gateway.url}/settings`);
  await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(`${gateway.url}/`);
  await expect(page.getByRole('main').getByRole('link', { name: 'Sign in' })).toBeVisible();
  expect(await isSignedIn(page, gateway)).toBe(false);
  expect(await isSignedIn(other, gateway)).toBe(true);

  await signInByApi(page, gateway, ADA);
  await page.goto(`${gateway.url}/settings`);
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await expect(page).toHaveURL(`${gateway.url}/`);
  expect(await isSignedIn(page, gateway)).toBe(false);
  expect(await isSignedIn(other, gateway)).toBe(false);
  expect(await gateway.database.count('sessions')).toBe(0);
});

test('a changed password ends the other sessions, and only the new one signs in', async ({
  page,
  newBrowser,
  startGateway,
}) => {
  const gateway = await startGateway();
  await begin(page, gateway);
  const other = await (await newBrowser()).newPage();
  await signInByApi(other, gateway, ADA);

  await page.goto(`${gateway.url}/settings`);
  const profile = page.getByRole('region', { name: 'Profile' });
  await profile.getByText('Change password').first().click();
  const change = async (current: string) => {
    await profile.getByLabel('Current password').fill(current);
    await profile.getByLabel('New password').fill(NEW_PASSWORD);
    await profile.getByRole('button', { name: 'Change password' }).click();
  };
  await change('not her password');
  await expect(profile.getByText(/current password/i).and(profile.locator('[id$="-error"], [role="alert"] *')).first()).toBeVisible();
  await change(ADA.password);
  await expect(profile.getByText('The password is changed. Your other sessions have ended.')).toBeVisible();
  expect(await isSignedIn(page, gateway)).toBe(true);
  expect(await isSignedIn(other, gateway)).toBe(false);

  await other.goto(`${gateway.url}/auth/login`);
  await signIn(other, ADA);
  await expect(other.getByRole('alert')).toBeVisible();
  await signIn(other, { email: ADA.email, password: NEW_PASSWORD });
  await expect(other.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
});

test('the session cookie cannot be read by scripts', async ({ page, context, startGateway }) => {
  const gateway = await startGateway();
  await begin(page, gateway);
  await page.goto(`${gateway.url}/settings`);
  const cookies = await context.cookies(gateway.url);
  expect(cookies).toMatchObject([{ name: 'session', httpOnly: true, sameSite: 'Lax', path: '/' }]);
  expect(await page.evaluate(() => document.cookie)).toBe('');
  expect(await page.evaluate(() => Object.keys(localStorage).concat(Object.keys(sessionStorage)))).toEqual([]);
});
