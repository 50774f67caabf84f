// The pages of the OpenID provider (npm `oidc-provider`, its development interactions).

import { expect, type Page } from '@playwright/test';

import type { OpenIdProvider } from '../fixtures/openid-provider.ts';

/** Signs in at the provider, up to its question whether the gateway may know. */
export async function enterLogin(page: Page, provider: OpenIdProvider, login: string): Promise<void> {
  await expect(page).toHaveURL((url) => url.origin === provider.issuer);
  await page.getByPlaceholder('Enter any login').fill(login);
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await expect(page.getByRole('button', { name: 'Continue' })).toBeVisible();
}

/** Signs in at the provider and consents there; the provider sends the browser back to the gateway. */
export async function signInAtProvider(page: Page, provider: OpenIdProvider, login: string): Promise<void> {
  await enterLogin(page, provider, login);
  await page.getByRole('button', { name: 'Continue' }).click();
}
