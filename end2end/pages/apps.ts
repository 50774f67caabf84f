// "Authorized apps" in Settings.

import { expect, type Locator, type Page } from '@playwright/test';

/** The list's entry of an app. */
export function app(page: Page, name: string): Locator {
  return page.getByRole('region', { name: 'Authorized apps' }).getByRole('listitem').filter({ hasText: name });
}

/** Revokes an app on the open Settings page. */
export async function revoke(page: Page, name: string): Promise<void> {
  await app(page, name).getByRole('button', { name: `Revoke ${name}` }).click();
  const dialog = page.getByRole('dialog', { name: `Revoke ${name}?` });
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await expect(dialog).toBeHidden();
  await expect(app(page, name)).toHaveCount(0);
}
