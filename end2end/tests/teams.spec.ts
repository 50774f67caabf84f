// The story of issue 3: two people, two browsers, one team. The shared vendor and the personal one are two Alertmanagers
// with different alerts, so that the answer itself tells whose credentials were used.

import { randomBytes } from 'node:crypto';

import type { Page } from '@playwright/test';

import type { Gateway } from '../fixtures/gateway.ts';
import { McpClient, textOf, type Connection } from '../fixtures/mcp/client.ts';
import { newest } from '../fixtures/mcp/newest.ts';
import type { OpenIdProvider } from '../fixtures/openid-provider.ts';
import { expect, test } from '../fixtures/test.ts';
import { ADA, BOB, begin, signInByApi } from '../pages/account.ts';
import { ALERTMANAGER, card, connectAlertmanager, showAll } from '../pages/connections.ts';
import { allow, openConsent } from '../pages/consent.ts';
import { signInAtProvider } from '../pages/openid.ts';
import {
  connectForTeam,
  createInvitation,
  createTeam,
  createTeamByApi,
  inviteByApi,
  joinByApi,
  member,
  removeMember,
} from '../pages/team.ts';

const CLIENT = 'Claude of the colleague';
const TEAM = 'ACME IT Services';

/** How the colleague becomes somebody, on the open invite page. */
interface Way {
  name: string;
  person: string;
  oidc: (corp: OpenIdProvider) => string | undefined;
  signUp: (page: Page, corp: OpenIdProvider) => Promise<void>;
}

const ways: Way[] = [
  {
    name: 'a local account',
    person: BOB.name,
    oidc: () => undefined,
    async signUp(page) {
      await page.getByRole('link', { name: 'Create an account' }).click();
      await page.getByLabel('Name', { exact: true }).fill(BOB.name);
      await page.getByLabel('E-mail').fill(BOB.email);
      await page.getByLabel('Password').fill(BOB.password);
      await page.getByRole('button', { name: 'Create account' }).click();
    },
  },
  {
    name: 'an OpenID account',
    person: 'Linus of Corp',
    oidc: (corp) => corp.service('corp', 'Corp'),
    async signUp(page, corp) {
      await page.getByRole('link', { name: 'Sign in to accept' }).click();
      await page.getByRole('link', { name: 'Continue with Corp' }).click();
      await signInAtProvider(page, corp, 'linus');
    },
  },
];

for (const way of ways) {
  test(`a team from its code to its audit log; the colleague has ${way.name}`, async ({
    page,
    newBrowser,
    startGateway,
    newProvider,
    alertmanager,
    newAlertmanager,
    catcher,
  }) => {
    test.slow();
    const corp = await newProvider();
    const oidc = way.oidc(corp);
    const gateway = await startGateway(oidc === undefined ? {} : { oidc });
    if (oidc !== undefined) await corp.serve(gateway.url, 'corp');
    const [shared, own] = [name('Shared'), name('Own')];
    const personal = await newAlertmanager();
    await alertmanager.fire(shared);
    await personal.fire(own);

    await begin(page, gateway);
    await test.step('the owner creates the team with a code', async () => {
      await page.goto(`${gateway.url}/settings`);
      await createTeam(page, TEAM, await gateway.createCode());
      await expect(page.getByRole('region', { name: 'Team', exact: true }).getByText(TEAM)).toBeVisible();
      await expect(page.getByRole('banner').getByText('Pro')).toBeVisible();
    });
    await page.goto(`${gateway.url}/team`);
    await test.step('connects for the team', () => connectForTeam(page, alertmanager));
    const link = await test.step('and invites', () => createInvitation(page, 'For the new colleague'));

    const colleague = await (await newBrowser()).newPage();
    await test.step('the colleague opens the link, signs up, and accepts', async () => {
      await colleague.goto(link);
      await expect(colleague.getByRole('heading', { name: `Join ${TEAM}` })).toBeVisible();
      await expect(colleague.getByText(ADA.name)).toBeVisible();
      await way.signUp(colleague, corp);
      await colleague.getByRole('button', { name: 'Accept & Join Team' }).click();
      await expect(colleague.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
      await expect(card(colleague, ALERTMANAGER).getByText('Shared by your team')).toBeVisible();
    });
    await test.step('the owner’s open page shows them, without a reload', async () => {
      await expect(member(page, way.person)).toBeVisible();
      await expect(page.getByText(`used by ${way.person}`)).toBeAttached();
    });

    const client = await McpClient.begin(newest, gateway.mcpUrl, catcher, CLIENT);
    const question = await openConsent(colleague, client.authorizationUrl, CLIENT);
    await question.getByRole('radio', { name: TEAM }).check();
    await allow(question);
    const connection = await client.connect();
    await test.step('a call uses the shared credentials', () => answers(connection, shared, own));
    await test.step('their own come first', async () => {
      await colleague.goto(`${gateway.url}/settings`);
      await connectAlertmanager(colleague, personal);
      await expect(card(colleague, ALERTMANAGER).getByText('It is your own credential')).toBeVisible();
      await answers(connection, own, shared);
    });
    await test.step('without them, it is the shared ones again', async () => {
      await card(colleague, ALERTMANAGER).getByRole('button', { name: `Disconnect ${ALERTMANAGER}` }).click();
      const dialog = colleague.getByRole('dialog', { name: `Disconnect ${ALERTMANAGER}?` });
      await dialog.getByRole('button', { name: 'Disconnect' }).click();
      await expect(card(colleague, ALERTMANAGER).getByText('Shared by your team')).toBeVisible();
      await answers(connection, shared, own);
    });

    await test.step('the owner removes them: the very next call is refused', async () => {
      await removeMember(page, way.person);
      await expect(page.getByText(CLIENT)).toBeVisible();
      const before = client.exchanges.length;
      await expect(connection.callTool('alertmanager__get_status', {})).rejects.toThrow();
      expect(client.exchanges[before]).toEqual({ method: 'POST', path: '/v1/mcp', status: 401 });
    });

    await test.step('the audit log shows all of it', async () => {
      await page.goto(`${gateway.url}/audit`);
      for (const action of ['organization.create', 'connection.put', 'invitation.create', 'member.join', 'member.remove']) {
        await expect(page.getByRole('table').getByText(action).first()).toBeVisible();
      }
      const calls = page.getByRole('row').filter({ hasText: 'alertmanager__list_alerts' });
      await expect(calls).toHaveCount(3);
      await expect(calls.filter({ hasText: 'Personal' })).toHaveCount(1);
      await page.goto(`${gateway.url}/audit?outcome=denied`);
      await expect(page.getByRole('heading', { name: 'Audit', level: 1 })).toBeVisible();
      await expect(page.getByText('member.join')).toHaveCount(0);
      const csv = await page.request.get(`${gateway.url}/api/organizations/${await organization(page, gateway)}/audit.csv`);
      expect(await csv.text()).toContain('member.remove');
    });
  });
}

/** The alerts that a call lists tell whose Alertmanager was asked. */
async function answers(connection: Connection, alert: string, not: string): Promise<void> {
  const text = textOf(await connection.callTool('alertmanager__list_alerts', {}));
  expect(text).toContain(alert);
  expect(text).not.toContain(not);
}

test('sub-teams have their own members and credentials', async ({ page, newBrowser, startGateway, alertmanager }) => {
  const { gateway, colleague } = await twoPeople(page, newBrowser, startGateway);
  await page.goto(`${gateway.url}/team`);
  await page.getByRole('button', { name: 'Create Sub-team' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create Sub-team' });
  await dialog.getByLabel('Sub-team name').fill('Service Desk');
  await dialog.getByRole('button', { name: 'Create Sub-team' }).click();
  await expect(dialog).toBeHidden();
  await page.getByLabel('Shared with').selectOption('Service Desk');
  await connectForTeam(page, alertmanager);

  await colleague.goto(`${gateway.url}/settings`);
  await showAll(colleague);
  await expect(card(colleague, ALERTMANAGER).getByText('Not connected')).toBeVisible();
  await page.getByRole('button', { name: 'Add a member to Service Desk' }).click();
  const add = page.getByRole('dialog', { name: 'Add a member to Service Desk' });
  await add.getByLabel('Member', { exact: true }).selectOption({ label: `${BOB.name} (${BOB.email})` });
  await add.getByRole('button', { name: 'Add' }).click();
  await expect(add).toBeHidden();
  // Without a reload.
  await expect(card(colleague, ALERTMANAGER).getByText('Shared by your team')).toBeVisible();
  await expect(card(colleague, ALERTMANAGER).getByText('your only sub-team')).toBeVisible();
});

test('what an owner connects appears on a member’s open page', async ({ page, newBrowser, startGateway, alertmanager }) => {
  const { gateway, colleague } = await twoPeople(page, newBrowser, startGateway);
  await colleague.goto(`${gateway.url}/settings`);
  await expect(colleague.getByRole('button', { name: 'Show all vendors' })).toBeEnabled();
  // Not one of the first.
  await expect(card(colleague, ALERTMANAGER)).toHaveCount(0);
  await page.goto(`${gateway.url}/team`);
  await connectForTeam(page, alertmanager);
  await expect(card(colleague, ALERTMANAGER).getByText('Shared by your team')).toBeVisible();
  await expect(colleague.getByRole('button', { name: `Connect ${ALERTMANAGER} for Team` })).toHaveCount(0);
});

test('an invite page says why it cannot be used', async ({ page, newBrowser, startGateway }) => {
  const { gateway, team, colleague } = await twoPeople(page, newBrowser, startGateway);
  const says = async (visitor: Page, link: string, title: string) => {
    await visitor.goto(link);
    await expect(visitor.getByRole('heading', { name: title, level: 1 })).toBeVisible();
  };
  const link = await inviteByApi(page, gateway, team);
  await says(page, link, 'You are already in this team');
  await says(colleague, link, 'You are already in this team');
  const stranger = await (await newBrowser()).newPage();
  await says(stranger, link, `Join ${TEAM}`);
  await says(stranger, `${gateway.url}/invite/${'x'.repeat(43)}`, 'This invitation cannot be opened');
  await page.goto(`${gateway.url}/team`);
  await page.getByRole('button', { name: /^Revoke the invitation/ }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await says(stranger, link, 'This invitation was revoked');
  const used = await inviteByApi(page, gateway, team);
  await gateway.createAccount('Carl Sagan', 'carl@msp.example');
  await signInByApi(stranger, gateway, { ...BOB, email: 'carl@msp.example' });
  await joinByApi(stranger, gateway, used);
  const late = await (await newBrowser()).newPage();
  await says(late, used, 'This invitation is used up');
});

test('several teams: the switch in the header, and leaving', async ({ page, newBrowser, startGateway }) => {
  const { gateway, colleague } = await twoPeople(page, newBrowser, startGateway);
  await colleague.goto(`${gateway.url}/settings`);
  const header = colleague.getByRole('banner');
  await expect(header.getByLabel('Team', { exact: true }).locator('option:checked')).toHaveText(TEAM);
  await header.getByLabel('Team', { exact: true }).selectOption(`${BOB.name}'s team`);
  await expect(header.getByText('Free')).toBeVisible();
  await header.getByLabel('Team', { exact: true }).selectOption(TEAM);
  await expect(header.getByText('Pro')).toBeVisible();
  await colleague.goto(`${gateway.url}/team`);
  await expect(colleague.getByRole('button', { name: 'Create Invite Link' })).toHaveCount(0);
  await colleague.getByRole('button', { name: 'Leave the team' }).click();
  await colleague.getByRole('dialog', { name: `Leave ${TEAM}?` }).getByRole('button', { name: 'Leave' }).click();
  await expect(colleague.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
  await expect(header.getByText('Free')).toBeVisible();
});

test('a wrong code is a field error and creates nothing', async ({ page, startGateway }) => {
  const gateway = await startGateway();
  await begin(page, gateway);
  await page.goto(`${gateway.url}/settings`);
  await createTeam(page, TEAM, 'not-a-code');
  await expect(page.getByText('This invite code is not known.')).toBeVisible();
  const { organizations } = await (await page.request.get(`${gateway.url}/api/me`)).json();
  expect(organizations).toHaveLength(1);
  await createTeam(page, TEAM);
  await expect(page.getByRole('banner').getByText('Free')).toBeVisible();
  await page.getByText('Upgrade', { exact: true }).click();
  const upgrade = page.getByRole('form', { name: 'Upgrade' });
  await upgrade.getByLabel('Invite code').fill(await gateway.createCode());
  await upgrade.getByRole('button', { name: 'Upgrade to Pro' }).click();
  await expect(page.getByRole('banner').getByText('Pro')).toBeVisible();
});

/** Ada, who owns a team on Pro, and Bob, who has joined it. */
async function twoPeople(
  page: Page,
  newBrowser: () => Promise<import('@playwright/test').BrowserContext>,
  startGateway: () => Promise<Gateway>,
): Promise<{ gateway: Gateway; team: string; colleague: Page }> {
  const gateway = await startGateway();
  await begin(page, gateway);
  const team = await createTeamByApi(page, gateway, TEAM);
  const colleague = await (await newBrowser()).newPage();
  await begin(colleague, gateway, BOB);
  await joinByApi(colleague, gateway, await inviteByApi(page, gateway, team));
  return { gateway, team, colleague };
}

async function organization(page: Page, gateway: Gateway): Promise<string> {
  return (await (await page.request.get(`${gateway.url}/api/me`)).json()).organization_id;
}

function name(prefix: string): string {
  return prefix + randomBytes(4).toString('hex');
}
