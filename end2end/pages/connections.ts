// "Your Connections" in Settings.

import { expect, type Locator, type Page } from '@playwright/test';

import type { Alertmanager } from '../fixtures/alertmanager.ts';
import type { Gateway } from '../fixtures/gateway.ts';
import { good } from './account.ts';

export const ALERTMANAGER = 'Prometheus Alertmanager';
export const DEMO = 'Demo ticket desk';

/** The card of a vendor. */
export function card(page: Page, vendor: string): Locator {
  return page.getByRole('article', { name: vendor, exact: true });
}

/** Has all cards shown, where only the first are. */
export async function showAll(page: Page): Promise<void> {
  const button = page.getByRole('button', { name: 'Show all vendors' });
  await expect(page.getByRole('searchbox', { name: 'Search vendors' })).toBeVisible();
  if ((await button.count()) > 0) await button.click();
}

/** Opens the form of a vendor, to connect it or to replace what is stored. */
export async function openForm(page: Page, vendor: string, button: 'Connect' | 'Replace' = 'Connect'): Promise<Locator> {
  await showAll(page);
  await card(page, vendor).getByRole('button', { name: `${button} ${vendor}` }).click();
  const title = button === 'Connect' ? `Connect ${vendor}` : `Replace the credentials of ${vendor}`;
  const dialog = page.getByRole('dialog', { name: title });
  await expect(dialog).toBeVisible();
  return dialog;
}

/** Fills Alertmanager's form. */
export async function fillAlertmanager(dialog: Locator, alertmanager: Alertmanager, password: string): Promise<void> {
  await dialog.getByLabel('Alertmanager address').fill(alertmanager.url);
  await dialog.getByLabel('User name').fill(alertmanager.user);
  await dialog.getByLabel('Password').fill(password);
}

/** Connects Alertmanager on the open Settings page. */
export async function connectAlertmanager(page: Page, alertmanager: Alertmanager): Promise<void> {
  const dialog = await openForm(page, ALERTMANAGER);
  await fillAlertmanager(dialog, alertmanager, alertmanager.password);
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(card(page, ALERTMANAGER).getByText(/^Connected/)).toBeVisible();
}

/** Connects the demo vendor without a page. */
export async function connectDemoByApi(page: Page, gateway: Gateway): Promise<void> {
  const data = { fields: { api_key: 'demo-key' } };
  await good(page.request.put(`${gateway.url}/api/connections/demo`, { data }));
}

/** What `GET /api/connections` says. */
export async function connections(page: Page, gateway: Gateway): Promise<{ vendor: string; state: string }[]> {
  const { items } = await (await good(page.request.get(`${gateway.url}/api/connections`))).json();
  return items;
}
