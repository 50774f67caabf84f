// schemathesis (PyPI): requests of every kind that /api/openapi.json allows, and that it does not, by somebody who is signed
// in. Nothing may answer 5xx, or with a status, media type or shape that the document does not name.

import { writeFile } from 'node:fs/promises';

import { Folder } from '../fixtures/folder.ts';
import type { Gateway } from '../fixtures/gateway.ts';
import { Program } from '../fixtures/process.ts';
import { pythonProgram } from '../fixtures/python.ts';
import { expect, test } from '../fixtures/test.ts';
import { begin, good } from '../pages/account.ts';
import { createTeamByApi } from '../pages/team.ts';

/** How long it goes on; `cargo xtask fuzz-api` gives it more. */
const SECONDS = Number(process.env.API_FUZZ_SECONDS ?? '60');

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];

/** The stream that does not end is not for it: its answers are tried by `server/tests/it/`. */
const ENDLESS = ['--exclude-path', '/api/events'];

/** What ends the session or the organization of the run comes last, by itself, and needs no more than this. */
const LAST_SECONDS = 10;
const LAST_PATHS = ['/api/sessions', '/api/me/password'];
const LAST_OPERATIONS = ['delete_session', 'delete_organization'];

/** The options that choose these operations, or all but these. */
function last(how: 'include' | 'exclude'): string[] {
  const paths = LAST_PATHS.flatMap((path) => [`--${how}-path`, path]);
  return [...paths, ...LAST_OPERATIONS.flatMap((id) => [`--${how}-operation-id`, id])];
}

/** Somebody's session, and what is theirs in paths. */
type Signed = { gateway: Gateway; cookies: string; parameters: Record<string, string> };

async function run({ gateway, cookies, parameters }: Signed, seconds: number, choice: string[]): Promise<void> {
  await using folder = await Folder.make('schemathesis');
  const lines = Object.entries(parameters).map(([name, value]) => `"path.${name}" = "${value}"`);
  await writeFile(folder.file('schemathesis.toml'), `[parameters]\n${lines.join('\n')}\n`);
  const args = [
    ...['--config-file', folder.file('schemathesis.toml'), 'run', `${gateway.url}/api/openapi.json`],
    ...['--header', `Cookie: ${cookies}`, '--header', `Origin: ${gateway.url}`],
    ...['--checks', CHECKS.join(','), '--max-time', String(seconds), '--warnings', 'off', ...choice],
  ];
  const program = new Program('schemathesis', pythonProgram('schemathesis'), args, process.env, folder.path);
  const code = await program.end();
  await test.info().attach('schemathesis.log', { body: program.log, contentType: 'text/plain' });
  expect(code, program.log.slice(-20_000)).toBe(0);
  expect(program.log).toMatch(/[1-9]\d* generated/);
}

test('schemathesis finds nothing that the document does not say', async ({ page, startGateway }) => {
  test.setTimeout((SECONDS + LAST_SECONDS + 90) * 1000);
  const gateway = await startGateway({ args: ['--demo'] });
  await begin(page, gateway);
  const organization = await createTeamByApi(page, gateway, 'ACME IT Services');
  const teams = `${gateway.url}/api/organizations/${organization}/teams`;
  const team = (await (await good(page.request.post(teams, { data: { name: 'NOC' } }))).json()).id;
  const cookies = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const signed = { gateway, cookies, parameters: { org: organization, team, vendor: 'demo' } };

  await run(signed, SECONDS, [...ENDLESS, ...last('exclude')]);
  expect((await page.request.get(`${gateway.url}/api/me`)).status(), 'still signed in').toBe(200);
  await run(signed, LAST_SECONDS, last('include'));
  // 401; or 429, which replaces it (and only it) once the run has asked too often without a session.
  expect([401, 429], 'it has signed out').toContain((await page.request.get(`${gateway.url}/api/me`)).status());
});
