// The official suite, `@modelcontextprotocol/conformance`: its program, the scenarios that it requires, and what it wrote
// about each of them.

import { readFileSync } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Program } from '../fixtures/process.ts';

const PACKAGE = join(import.meta.dirname, '../node_modules/@modelcontextprotocol/conformance');

/** One run of the suite. */
export interface Suite {
  name: string;
  /** The scenarios that must pass. */
  scenarios: string[];
  /** What is given to the program before its `--url`. */
  command: string[];
}

/** The scenarios that a revision requires of servers, and those beyond them that this gateway passes as well. */
function server(revision: string, required: number, more: string[]): Suite {
  const text = readFileSync(join(PACKAGE, 'requirements', `${revision}.yaml`), 'utf8');
  const list = text.match(/^server:\n((?: {2}- .+\n)+)/m)?.[1] ?? '';
  const scenarios = [...list.matchAll(/^ {2}- (\S+)$/gm)].map(([, name]) => name!);
  if (scenarios.length !== required) throw new Error(`${revision} requires ${scenarios.length} scenarios, not ${required}`);
  return {
    name: `server ${revision}`,
    scenarios: [...scenarios, ...more],
    command: ['server', '--requirements', revision],
  };
}

export const SERVER_2026 = server('2026-07-28', 37, [
  'json-schema-2020-12',
  'http-header-validation',
  'http-custom-header-server-validation',
]);
export const SERVER_2025 = server('2025-11-25', 30, ['json-schema-2020-12', 'server-session-lifecycle']);
export const AUTHORIZATION: Suite = {
  name: 'authorization',
  scenarios: ['authorization-server-metadata-endpoint', 'authorization-code-grant'],
  command: ['authorization'],
};
export const SUITES = [SERVER_2026, SERVER_2025, AUTHORIZATION];

/** What the suite says about one requirement. */
export interface Check {
  id: string;
  status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  description: string;
  errorMessage?: string;
  details?: unknown;
}

/** Starts the suite; what it finds goes to `folder`. */
export async function start(suite: Suite, folder: string, url: string, more: string[] = []): Promise<Program> {
  const out = join(folder, suite.name);
  await mkdir(out, { recursive: true });
  const program = join(PACKAGE, 'dist/index.js');
  const args = [program, ...suite.command, '--url', url, '--output-dir', out, ...more];
  return new Program(`the suite (${suite.name})`, process.execPath, args, { ...process.env, NO_COLOR: '1' });
}

/** Waits for the suite's end, and keeps what it said. */
export async function finish(suite: Suite, folder: string, program: Program): Promise<void> {
  const code = await program.end();
  await writeFile(join(folder, suite.name, 'output.txt'), program.log);
  await writeFile(join(folder, suite.name, 'code.txt'), String(code));
}

/** Whether the suite itself was content with the whole run, and its summary. */
export async function verdict(suite: Suite, folder: string): Promise<{ code: string; summary: string }> {
  const read = (name: string) => readFile(join(folder, suite.name, name), 'utf8');
  const output = await read('output.txt');
  return { code: await read('code.txt'), summary: output.slice(Math.max(0, output.lastIndexOf('=== SUMMARY ==='))) };
}

/** The checks of one scenario. */
export async function checks(suite: Suite, folder: string, scenario: string): Promise<Check[]> {
  const out = join(folder, suite.name);
  const pattern = new RegExp(`^(?:server-|authorization-server-)?${scenario}-\\d{4}-\\d{2}-\\d{2}T`);
  const found = (await readdir(out)).filter((name) => pattern.test(name));
  if (found.length !== 1) throw new Error(`the suite wrote ${found.length} results for ${scenario}`);
  return JSON.parse(await readFile(join(out, found[0]!, 'checks.json'), 'utf8'));
}

/** A check as a person reads it, with what was seen. */
export function show({ id, description, errorMessage, details }: Check): string {
  const seen = details === undefined ? '' : `\n    seen: ${JSON.stringify(details).slice(0, 3000)}`;
  return `${id}: ${description}\n    ${errorMessage ?? 'no reason given'}${seen}`;
}
