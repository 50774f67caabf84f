// Runs the official suites, each against a gateway of its own. What they found is read by `scenarios.spec.ts`.

import { test as setup } from '@playwright/test';

import { Gateway } from '../fixtures/gateway.ts';
import { freePort } from '../fixtures/process.ts';
import { AUTHORIZATION, SERVER_2025, SERVER_2026, finish, start } from './official.ts';
import { Person } from './person.ts';
import { TokenProxy } from './token-proxy.ts';

setup.setTimeout(300_000);

for (const suite of [SERVER_2026, SERVER_2025]) {
  setup(`the suite runs: ${suite.name}`, async ({ request }, { project }) => {
    await using proxy = await TokenProxy.start();
    await using gateway = await Gateway.start({ args: ['--public-url', proxy.url] });
    proxy.standBefore(gateway.url);
    const person = await Person.signIn(request, gateway, proxy.url);
    proxy.useToken(await person.token());
    const program = await start(suite, project.outputDir, `${proxy.url}/v1/mcp`);
    await finish(suite, project.outputDir, program);
    if (gateway.log.includes('panicked')) throw new Error(gateway.log);
  });
}

setup(`the suite runs: ${AUTHORIZATION.name}`, async ({ request }, { project }) => {
  await using gateway = await Gateway.start();
  const person = await Person.signIn(request, gateway);
  const port = await freePort();
  const clientId = await person.register(`http://127.0.0.1:${port}/callback`);
  const more = ['--client-id', clientId, '--resource', gateway.mcpUrl.href, '--port', String(port)];
  const program = await start(AUTHORIZATION, project.outputDir, gateway.url, more);
  const [authorizationUrl] = await program.says(/http:\S+\/authorize\?\S+/);
  await person.follow(await person.allow(authorizationUrl));
  await finish(AUTHORIZATION, project.outputDir, program);
});
