// "Team" in Settings, Manage Team, and the invite page.

import { expect, type Locator, type Page } from '@playwright/test';

import type { Alertmanager } from '../fixtures/alertmanager.ts';
import type { Gateway } from '../fixtures/gateway.ts';
import { good } from './account.ts';
import { ALERTMANAGER, card, fillAlertmanager, showAll } from './connections.ts';

/** Creates a team on the open Settings page; the page works in it afterwards. */
export async function createTeam(page: Page, name: string, code = ''): Promise<void> {
  const form = page.getByRole('form', { name: 'Create a Team' });
  await form.getByLabel('Team name').fill(name);
  await form.getByLabel('Invite code').fill(code);
  await form.getByRole('button', { name: 'Create a Team' }).click();
}

/** Creates a team without a page; its id. The browser's session works in it. */
export async function createTeamByApi(page: Page, gateway: Gateway, name: string): Promise<string> {
  const data = { name, upgrade_code: await gateway.createCode() };
  const made = await good(page.request.post(`${gateway.url}/api/organizations`, { data }));
  return (await made.json()).id;
}

/** Makes an invite link without a page. */
export async function inviteByApi(page: Page, gateway: Gateway, team: string, maxUses = 1): Promise<string> {
  const data = { max_uses: maxUses };
  const made = await good(page.request.post(`${gateway.url}/api/organizations/${team}/invitations`, { data }));
  return (await made.json()).url;
}

/** Joins by an invite link without a page; the browser is signed in. */
export async function joinByApi(page: Page, gateway: Gateway, link: string): Promise<void> {
  const token = new URL(link).pathname.split('/').at(-1);
  await good(page.request.post(`${gateway.url}/api/invitations/${token}/accept`, { data: {} }));
}

/** Makes an invite link on the open Manage Team page. */
export async function createInvitation(page: Page, note = ''): Promise<string> {
  await page.getByRole('button', { name: 'Create Invite Link' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create Invite Link' });
  await dialog.getByLabel('Note').fill(note);
  await dialog.getByRole('button', { name: 'Create Link' }).click();
  const link = page.getByText(/\/invite\/[\w-]{43}$/);
  await expect(link).toBeVisible();
  return (await link.textContent())!.trim();
}

/** Connects Alertmanager for the team on the open Manage Team page. */
export async function connectForTeam(page: Page, alertmanager: Alertmanager): Promise<void> {
  const title = `Connect ${ALERTMANAGER} for Team`;
  await showAll(page);
  await card(page, ALERTMANAGER).getByRole('button', { name: title }).click();
  const dialog = page.getByRole('dialog', { name: title });
  await fillAlertmanager(dialog, alertmanager, alertmanager.password);
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(card(page, ALERTMANAGER).getByText(/^Connected/)).toBeVisible();
}

/** Connects Alertmanager for the team without a page. */
export async function connectForTeamByApi(
  page: Page,
  gateway: Gateway,
  team: string,
  alertmanager: Alertmanager,
): Promise<void> {
  const { url, user, password } = alertmanager;
  const data = { fields: { base_url: url, username: user, password } };
  await good(page.request.put(`${gateway.url}/api/organizations/${team}/connections/alertmanager`, { data }));
}

/** Makes a service client without a page; what it is told once. */
export async function createServiceClientByApi(
  page: Page,
  gateway: Gateway,
  team: string,
  name: string,
): Promise<{ clientId: string; clientSecret: string }> {
  const path = `/api/organizations/${team}/service-clients`;
  const made = await good(page.request.post(`${gateway.url}${path}`, { data: { name } }));
  const { client_id: clientId, client_secret: clientSecret } = await made.json();
  return { clientId, clientSecret };
}

/** A member's entry on the open Manage Team page. */
export function member(page: Page, name: string): Locator {
  return page.getByRole('region', { name: 'Members' }).getByRole('listitem').filter({ hasText: name });
}

/** Removes a member on the open Manage Team page. */
export async function removeMember(page: Page, name: string): Promise<void> {
  await member(page, name).getByRole('button', { name: `Remove ${name}` }).click();
  const dialog = page.getByRole('dialog', { name: `Remove ${name}?` });
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await expect(dialog).toBeHidden();
  await expect(member(page, name)).toHaveCount(0);
}
