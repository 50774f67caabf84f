// A program without a person: an owner makes a service client, and the program calls what the team shares.

import { modern } from '../fixtures/mcp/raw.ts';
import { expect, test } from '../fixtures/test.ts';
import { begin } from '../pages/account.ts';
import { connectForTeam, createTeamByApi } from '../pages/team.ts';

const NAME = 'Nightly report';

/** What the program is told to do, by the command on the page. */
async function tokenBy(command: string): Promise<Response> {
  const [, url, secret] = /^curl (\S+) -d grant_type=client_credentials -u (\S+)$/.exec(command)!;
  return fetch(url!, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(secret!)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
}

/** The status of a tool call with this token, and the text of its answer. */
async function call(url: URL, token: string): Promise<{ status: number; text: string }> {
  const answer = await modern(url, token, 'tools/call', { name: 'gateway__list_connections', arguments: {} });
  return { status: answer.status, text: await answer.text() };
}

test('an owner makes a service client, a program uses it, and deleting it ends that', async ({
  page,
  startGateway,
  alertmanager,
}) => {
  const gateway = await startGateway();
  await begin(page, gateway);
  await createTeamByApi(page, gateway, 'ACME');
  await page.goto(`${gateway.url}/team`);
  await connectForTeam(page, alertmanager);
  const section = page.getByRole('region', { name: 'Service clients' });

  const command = await test.step('the secret is shown once, with the command that uses it', async () => {
    await section.getByRole('button', { name: 'Create Service Client' }).click();
    const dialog = page.getByRole('dialog', { name: 'Create Service Client' });
    await dialog.getByLabel('Client name').fill(NAME);
    await dialog.getByLabel('Expires after').selectOption('30 days');
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await expect(dialog).toBeHidden();
    await expect(section.getByRole('button', { name: 'Copy the secret' })).toBeVisible();
    return (await section.getByLabel('the command', { exact: true }).textContent())!.trim();
  });
  const row = section.getByRole('listitem').filter({ hasText: NAME });
  await expect(row).toContainText('never used');

  const token = await test.step('the program gets a token and calls', async () => {
    const answer = await tokenBy(command);
    expect(answer.status).toBe(200);
    const { access_token: token, refresh_token: refresh } = await answer.json();
    expect(refresh).toBeUndefined();
    const { status, text } = await call(gateway.mcpUrl, token);
    expect(status).toBe(200);
    expect(text).toContain('service clients use no other');
    return token as string;
  });

  await test.step('the page does not show the secret again, and says that it was used', async () => {
    await page.reload();
    await expect(row).toContainText('last used');
    await expect(section.getByRole('button', { name: 'Copy the secret' })).toHaveCount(0);
  });

  await test.step('the audit log names it', async () => {
    await page.goto(`${gateway.url}/audit`);
    await expect(page.getByRole('table', { name: 'Audit log' }).getByText(NAME).first()).toBeVisible();
  });

  await test.step('in a browser its id leads to a page that explains', async () => {
    const id = command.split(' ').at(-1)!.split(':')[0]!;
    const query = new URLSearchParams({ response_type: 'code', client_id: id });
    await page.goto(`${gateway.url}/authorize?${query}`);
    await expect(page.getByRole('heading', { name: 'A service client does not sign people in' })).toBeVisible();
    await expect(page.getByText(gateway.mcpUrl.href)).toBeVisible();
  });

  await test.step('once it is deleted, its next call is refused', async () => {
    await page.goto(`${gateway.url}/team`);
    await row.getByRole('button', { name: `Delete ${NAME}` }).click();
    const dialog = page.getByRole('dialog', { name: `Delete ${NAME}?` });
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(section.getByText('No service clients yet.')).toBeVisible();
    expect((await call(gateway.mcpUrl, token)).status).toBe(401);
    expect((await tokenBy(command)).status).toBe(401);
  });
});
