// The consent page.

import { expect, type Locator, type Page } from '@playwright/test';

/** Opens the page that an MCP client asked for, in a browser that is signed in. */
export async function openConsent(page: Page, authorizationUrl: string, client: string): Promise<Locator> {
  await page.goto(authorizationUrl);
  return consent(page, client);
}

/** The open consent page's question. */
export async function consent(page: Page, client: string): Promise<Locator> {
  const heading = page.getByRole('heading', { level: 1, name: client });
  await expect(heading).toBeVisible();
  await expect(heading).toContainText('to use this gateway in your name?');
  return page.getByRole('main');
}

/** Allows it, and waits until the browser is back at the client. */
export async function allow(question: Locator): Promise<void> {
  await answer(question, 'Allow');
}

/** Denies it, and waits until the browser is back at the client. */
export async function deny(question: Locator): Promise<void> {
  await answer(question, 'Deny');
}

async function answer(question: Locator, button: 'Allow' | 'Deny'): Promise<void> {
  const page = question.page();
  const { origin } = new URL(page.url());
  await question.getByRole('button', { name: button }).click();
  await expect(page).toHaveURL((url) => url.origin !== origin);
}
