// Every page, for what holds on all of them: accessibility, narrow screens, pictures.

import { expect, type Page } from '@playwright/test';

import type { Alertmanager } from '../fixtures/alertmanager.ts';
import type { Gateway, GatewayOptions } from '../fixtures/gateway.ts';
import { McpClient } from '../fixtures/mcp/client.ts';
import { newest } from '../fixtures/mcp/newest.ts';
import type { OpenIdProvider } from '../fixtures/openid-provider.ts';
import type { RedirectCatcher } from '../fixtures/redirect-catcher.ts';
import { ADA, BOB, begin, good, signIn, signInByApi } from './account.ts';
import { ALERTMANAGER, DEMO, card, connectAlertmanager, fillAlertmanager, openForm } from './connections.ts';
import { allow, openConsent } from './consent.ts';
import { connectForTeam, createInvitation, createTeamByApi, inviteByApi } from './team.ts';

const CLIENT = 'Claude Code (msp-mcp-gateway)';

/** What a visit may use. */
export interface Surroundings {
  startGateway: (options?: GatewayOptions) => Promise<Gateway>;
  newProvider: () => Promise<OpenIdProvider>;
  alertmanager: Alertmanager;
  catcher: RedirectCatcher;
}

/** Opens pages one after the other, and has each looked at while it is open. */
export type Visit = (
  page: Page,
  surroundings: Surroundings,
  look: (name: string) => Promise<void>,
) => Promise<void>;

/** Before there is an account. */
const firstStart: Visit = async (page, { startGateway }, look) => {
  const gateway = await startGateway({ args: ['--demo'] });
  await page.goto(gateway.url);
  await look('home-first-start');
  await page.goto(`${gateway.url}/auth/setup`);
  await look('set-up-without-link');
  await page.goto(gateway.setUpLink);
  await alive(page, 'Create account');
  await look('set-up');
};

/** With accounts, signed out. */
const signedOut: Visit = async (page, { startGateway, newProvider }, look) => {
  const corp = await newProvider();
  const gateway = await startGateway({ args: ['--sign-up', 'open'], oidc: corp.service('corp', 'Corp') });
  await gateway.createAccount(ADA.name, ADA.email);
  await page.goto(gateway.url);
  await look('home');
  await page.goto(`${gateway.url}/auth/login`);
  await alive(page, 'Sign in');
  await look('sign-in');
  await signIn(page, { email: ADA.email, password: 'not her password' });
  await expect(page.getByRole('alert')).toBeVisible();
  await look('sign-in-refused');
  await page.goto(`${gateway.url}/auth/sign-up`);
  await alive(page, 'Create account');
  await look('sign-up');
  await page.goto(`${gateway.url}/auth/setup?token=used`);
  await look('set-up-done');
  await page.goto(`${gateway.url}/no/such/page`);
  await look('not-found');
  await page.goto(`${gateway.url}/vendors`);
  await look('vendors');
  await page.goto(`${gateway.url}/vendors?q=ticket`);
  await look('vendors-search');
  await page.goto(`${gateway.url}/vendors/autotask`);
  await page.getByText(/^\d+ arguments/).first().click();
  await look('vendor');
  await page.goto(`${gateway.url}/vendors/auto-tsk`);
  await look('vendor-unknown');
};

/** Signed in. */
const signedIn: Visit = async (page, { startGateway, alertmanager }, look) => {
  const gateway = await startGateway({ args: ['--demo'] });
  await begin(page, gateway);
  await page.goto(`${gateway.url}/connect`);
  await expect(page.getByText('Waiting for Claude’s first call')).toBeVisible();
  await look('connect-claude-first');
  await page.goto(`${gateway.url}/settings`);
  await expect(page.getByText('None yet.')).toBeVisible();
  await look('settings-empty');
  const dialog = await openForm(page, ALERTMANAGER);
  await look('connect-dialog');
  await fillAlertmanager(dialog, alertmanager, 'wrong password');
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
  await expect(dialog.getByRole('alert')).toBeVisible();
  await look('connect-dialog-refused');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await connectAlertmanager(page, alertmanager);
  await card(page, ALERTMANAGER).getByRole('button', { name: `Disconnect ${ALERTMANAGER}` }).click();
  await expect(page.getByRole('dialog', { name: `Disconnect ${ALERTMANAGER}?` })).toBeVisible();
  await look('disconnect-dialog');
};

/** With an app that asks, then is allowed. */
const withAnApp: Visit = async (page, { startGateway, alertmanager, catcher }, look) => {
  const gateway = await startGateway({ args: ['--demo'] });
  await begin(page, gateway);
  await page.goto(`${gateway.url}/settings`);
  await connectAlertmanager(page, alertmanager);
  const client = await McpClient.begin(newest, gateway.mcpUrl, catcher, CLIENT);
  const question = await openConsent(page, client.authorizationUrl, CLIENT);
  await look('consent');
  const consentUrl = page.url();
  await allow(question);
  const connection = await client.connect();
  await connection.callTool('alertmanager__get_status', {});
  await connection.close();
  await page.goto(consentUrl);
  await expect(page.getByRole('heading', { name: 'This request cannot be answered' })).toBeVisible();
  await look('consent-gone');
  await page.goto(`${gateway.url}/settings`);
  await expect(card(page, DEMO)).toBeVisible();
  await expect(page.getByRole('button', { name: `Revoke ${CLIENT}` })).toBeEnabled();
  await look('settings');
  await page.goto(`${gateway.url}/connect`);
  await expect(page.getByText('Claude is connected')).toBeVisible();
  await look('connect-claude');
  const panel = page.getByRole('region', { name: 'Does it not connect?' });
  await panel.getByRole('button', { name: 'Check the connection' }).click();
  await expect(panel.getByRole('status')).toContainText('Clients can connect');
  await look('connect-claude-checked');
  const wrong = new URL(client.authorizationUrl);
  wrong.searchParams.set('redirect_uri', 'https://evil.example/callback');
  await page.goto(wrong.href);
  await look('authorize-error');
};

/** A team on Pro with two members, seen by its owner; and what a colleague sees of it. */
const inATeam: Visit = async (page, { startGateway, alertmanager }, look) => {
  const gateway = await startGateway({ args: ['--demo'] });
  await begin(page, gateway, BOB);
  await page.goto(`${gateway.url}/settings`);
  await expect(page.getByRole('form', { name: 'Create a Team' })).toBeVisible();
  await look('settings-create-team');
  await begin(page, gateway);
  const team = await createTeamByApi(page, gateway, 'ACME IT Services');
  const link = await inviteByApi(page, gateway, team);
  await signInByApi(page, gateway, BOB);
  await page.goto(link);
  await alive(page, 'Accept & Join Team');
  await look('invite');
  await page.getByRole('button', { name: 'Accept & Join Team' }).click();
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
  await page.goto(link);
  await look('invite-member');
  await page.goto(`${gateway.url}/team`);
  await alive(page, 'Leave the team');
  await look('team-member');
  await page.goto(`${gateway.url}/audit`);
  await look('audit-member');

  await signInByApi(page, gateway, ADA);
  await page.request.patch(`${gateway.url}/api/session`, { data: { organization_id: team } });
  const teams = `${gateway.url}/api/organizations/${team}/teams`;
  await good(page.request.post(teams, { data: { name: 'Service Desk' } }));
  await page.goto(`${gateway.url}/team`);
  await connectForTeam(page, alertmanager);
  await createInvitation(page, 'For the night shift');
  await look('team');
  await page.getByRole('button', { name: `Remove ${BOB.name}` }).click();
  await expect(page.getByRole('dialog', { name: `Remove ${BOB.name}?` })).toBeVisible();
  await look('remove-dialog');
  await page.goto(`${gateway.url}/settings`);
  await expect(card(page, ALERTMANAGER).getByText('Shared by your team')).toBeVisible();
  await look('settings-team');
  await page.goto(`${gateway.url}/audit`);
  await page.getByText('connection.put').first().click();
  await look('audit');
  await page.goto(`${gateway.url}/audit?outcome=error`);
  await look('audit-empty');
  await page.context().clearCookies();
  await page.goto(link);
  await look('invite-used-up');
};

/** A team that has gone back to Free. */
const asleep: Visit = async (page, { startGateway, alertmanager }, look) => {
  const gateway = await startGateway();
  await begin(page, gateway);
  const team = await createTeamByApi(page, gateway, 'ACME IT Services');
  await page.goto(`${gateway.url}/team`);
  await connectForTeam(page, alertmanager);
  await gateway.setPlan(team, 'free');
  await page.goto(`${gateway.url}/settings`);
  await expect(page.getByText('Needs Pro').first()).toBeVisible();
  await look('settings-asleep');
  await page.goto(`${gateway.url}/team`);
  await alive(page, 'Upgrade to Pro');
  await look('team-asleep');
};

/** All visits, by name. */
export const visits: Record<string, Visit> = {
  'at first start': firstStart,
  'signed out': signedOut,
  'signed in': signedIn,
  'with an app': withAnApp,
  'in a team': inATeam,
  'in a team asleep': asleep,
};

/** The page's script runs: its main button can be pressed. */
async function alive(page: Page, button: string): Promise<void> {
  await expect(page.getByRole('button', { name: button })).toBeEnabled();
}
