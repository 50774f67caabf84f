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

/** Allows it; the browser goes back to the client. */
export async function allow(question: Locator): Promise<void> {
  await question.getByRole('button', { name: 'Allow' }).click();
}

/** Denies it; the browser goes back to the client. */
export async function deny(question: Locator): Promise<void> {
  await question.getByRole('button', { name: 'Deny' }).click();
}
