// schemathesis (PyPI): requests of every kind that /api/openapi.json allows, and that it does not, by somebody who is signed
// in. Nothing may answer 5xx, or with a status, media type or shape that the document does not name.

import { writeFile } from 'node:fs/promises';

import { Folder } from '../fixtures/folder.ts';
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

/** Left out: the stream that does not end, and what would end the session or the organization of the run. */
const WITHOUT = [
  ['--exclude-path', '/api/events'],
  ['--exclude-path', '/api/sessions'],
  ['--exclude-path', '/api/me/password'],
  ['--exclude-operation-id', 'delete_session'],
  ['--exclude-operation-id', 'delete_organization'],
].flat();

test('schemathesis finds nothing that the document does not say', async ({ page, startGateway }) => {
  test.setTimeout((SECONDS + 60) * 1000);
  const gateway = await startGateway({ args: ['--demo'] });
  await begin(page, gateway);
  const organization = await createTeamByApi(page, gateway, 'ACME IT Services');
  const teams = `${gateway.url}/api/organizations/${organization}/teams`;
  const team = (await (await good(page.request.post(teams, { data: { name: 'NOC' } }))).json()).id;
  const cookies = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');

  await using folder = await Folder.make('schemathesis');
  const parameters = { org: organization, team, vendor: 'demo' };
  const lines = Object.entries(parameters).map(([name, value]) => `"path.${name}" = "${value}"`);
  await writeFile(folder.file('schemathesis.toml'), `[parameters]\n${lines.join('\n')}\n`);
  const args = [
    ...['--config-file', folder.file('schemathesis.toml'), 'run', `${gateway.url}/api/openapi.json`],
    ...['--header', `Cookie: ${cookies}`, '--header', `Origin: ${gateway.url}`],
    ...['--checks', CHECKS.join(','), '--max-time', String(SECONDS), '--warnings', 'off', ...WITHOUT],
  ];
  const program = new Program('schemathesis', pythonProgram('schemathesis'), args, process.env, folder.path);
  const code = await program.end();
  await test.info().attach('schemathesis.log', { body: program.log, contentType: 'text/plain' });
  expect(code, program.log.slice(-20_000)).toBe(0);
  expect(program.log).toMatch(/[1-9]\d* generated/);
  expect((await page.request.get(`${gateway.url}/api/me`)).status(), 'still signed in').toBe(200);
});
