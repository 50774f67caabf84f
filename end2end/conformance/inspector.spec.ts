// The Inspector's command line in both eras: every tool of every manifest has a schema that clients can use.

import { readFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { expect, test } from '@playwright/test';

import { Folder } from '../fixtures/folder.ts';
import { Gateway } from '../fixtures/gateway.ts';
import { Program } from '../fixtures/process.ts';
import { Person } from './person.ts';

const VENDORS = join(import.meta.dirname, '../../vendors');

/** The Inspector with a home of its own, for one gateway. */
class Inspector {
  constructor(
    private readonly home: Folder,
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** Runs it; the result, and what it printed. Every exit code but 0 is an error that says why. */
  async run(era: 'legacy' | 'modern', method: string, ...more: string[]) {
    const output = this.home.file(`${era}-${method.replace('/', '-')}.json`);
    const args = [
      ...[program(), '--cli', this.url, '--transport', 'http', '--header', `Authorization: Bearer ${this.token}`],
      ...['--protocol-era', era, '--method', method, '--format', 'json', '--output', output, '--stored-auth-only'],
      ...more,
    ];
    const env = { PATH: process.env.PATH, HOME: this.home.path, MCP_INSPECTOR_SECRET_STORE: 'memory', NO_COLOR: '1' };
    const run = new Program('the Inspector', process.execPath, args, env);
    const code = await run.end();
    expect(code, run.log).toBe(0);
    return { result: JSON.parse(await readFile(output, 'utf8')), printed: run.log };
  }
}

function program(): string {
  const manifest = createRequire(import.meta.url).resolve('@modelcontextprotocol/inspector/package.json');
  return join(dirname(manifest), 'clients/launcher/build/index.js');
}

for (const era of ['modern', 'legacy'] as const) {
  test(`no schema finding on any tool of any manifest (${era})`, async ({ request }) => {
    await using home = await Folder.make('inspector');
    await using gateway = await Gateway.start({ args: ['--demo'] });
    const person = await Person.signIn(request, gateway);
    const inspector = new Inspector(home, gateway.mcpUrl.href, await person.token());
    await inspector.run(era, 'tools/call', '--tool-name', 'test_connect_all_vendors');

    const { result, printed } = await inspector.run(era, 'tools/list', '--strict');
    // The exit code tells of errors only; findings are also what it merely warns of.
    expect(printed + JSON.stringify(result), 'findings').not.toContain('schemaFindings');
    const listed = new Set(result.tools.map(({ name }: { name: string }) => name.split('__')[0]));
    const manifests = (await readdir(VENDORS)).filter((name) => name.endsWith('.toml'));
    const vendors = manifests.map((name) => name.replace('.toml', '').replaceAll('-', '_'));
    expect(vendors.filter((vendor) => !listed.has(vendor)), 'vendors without a tool in the list').toEqual([]);

    const called = await inspector.run(era, 'tools/call', '--tool-name', 'gateway__list_connections');
    expect(JSON.parse(called.result.content[0].text).connections.length).toBe(vendors.length);
  });
}
