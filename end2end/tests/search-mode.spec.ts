// `/v1/mcp?tools=search` by clients that are told nothing but this address: the SDKs', which go by the metadata, and a strict
// OAuth client, which compares the `resource` of the metadata with its own URL for equality (RFC 9728) and sends that URL as
// the resource it wants a token for (RFC 8707).

import * as oauth from 'oauth4webapi';

import { McpClient, textOf } from '../fixtures/mcp/client.ts';
import { newest } from '../fixtures/mcp/newest.ts';
import { older } from '../fixtures/mcp/older.ts';
import { modern } from '../fixtures/mcp/raw.ts';
import { expect, test } from '../fixtures/test.ts';
import { begin } from '../pages/account.ts';
import { connectDemoByApi } from '../pages/connections.ts';
import { allow, openConsent } from '../pages/consent.ts';

const CLIENT = 'Client that searches';
const ADDRESS = '/v1/mcp?tools=search';
const LISTED = ['gateway__call_tool', 'gateway__list_connections', 'gateway__search_tools'];

for (const sdk of [newest, older]) {
  test(`${sdk.name} signs in at this address, finds a tool and calls it`, async ({ page, startGateway, catcher }) => {
    const gateway = await startGateway({ args: ['--demo'] });
    await begin(page, gateway);
    await connectDemoByApi(page, gateway);
    const url = new URL(ADDRESS, gateway.url);
    const client = await McpClient.begin(sdk, url, catcher, CLIENT);
    expect(new URL(client.authorizationUrl).searchParams.get('resource')).toBe(url.href);
    await allow(await openConsent(page, client.authorizationUrl, CLIENT));
    const connection = await client.connect();

    expect((await connection.listTools()).map(({ name }) => name).sort()).toEqual(LISTED);
    const found = await connection.callTool('gateway__search_tools', { query: 'summary' });
    expect(textOf(found)).toContain('demo__get_summary');
    const called = await connection.callTool('gateway__call_tool', { name: 'demo__get_summary', arguments: {} });
    expect(called.isError, textOf(called)).toBeFalsy();
    await connection.close();
  });
}

test('a client that takes its own URL for the resource is understood', async ({ page, startGateway, catcher }) => {
  const HERE = { [oauth.allowInsecureRequests]: true } as const;
  const gateway = await startGateway({ args: ['--demo'] });
  await begin(page, gateway);
  const url = new URL(ADDRESS, gateway.url);

  const described = await oauth.resourceDiscoveryRequest(url, HERE);
  const resource = await oauth.processResourceDiscoveryResponse(url, described);
  expect(resource.resource).toBe(url.href);
  const issuer = new URL(resource.authorization_servers![0]!);
  const discovered = await oauth.discoveryRequest(issuer, { ...HERE, algorithm: 'oauth2' });
  const server = await oauth.processDiscoveryResponse(issuer, discovered);
  const metadata = { client_name: CLIENT, redirect_uris: [catcher.url], token_endpoint_auth_method: 'none' };
  const registered = await oauth.dynamicClientRegistrationRequest(server, metadata, HERE);
  const client = await oauth.processDynamicClientRegistrationResponse(registered);

  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const asked = new URL(server.authorization_endpoint!);
  asked.search = `${new URLSearchParams({
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: catcher.url,
    resource: url.href,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })}`;
  await allow(await openConsent(page, asked.href, CLIENT));
  const back = new URL(catcher.url);
  back.search = `${await catcher.next()}`;
  const parameters = oauth.validateAuthResponse(server, client, back, state);
  const options = { ...HERE, additionalParameters: { resource: url.href } };
  const exchanged = await oauth.authorizationCodeGrantRequest(
    server, client, oauth.None(), parameters, catcher.url, verifier, options,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, exchanged);
  const answer = await modern(url, tokens.access_token, 'tools/list');
  expect(answer.status).toBe(200);
  expect((await answer.json()).result.tools).toHaveLength(LISTED.length);
});
