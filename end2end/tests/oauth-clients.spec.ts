// Two strict OAuth clients that know nothing of MCP, `openid-client` and `oauth4webapi`, against our authorization server:
// discovery (RFC 8414, RFC 9728), registration (RFC 7591), PKCE (RFC 7636), `iss` (RFC 9207), resource indicators (RFC
// 8707), JWT access tokens (RFC 9068), rotation, revocation (RFC 7009). They check every answer against these documents.

import type { Page } from '@playwright/test';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';

import type { Gateway } from '../fixtures/gateway.ts';
import { modern, modernBody, modernHeaders } from '../fixtures/mcp/raw.ts';
import type { RedirectCatcher } from '../fixtures/redirect-catcher.ts';
import { expect, test } from '../fixtures/test.ts';
import { begin } from '../pages/account.ts';
import { allow, openConsent } from '../pages/consent.ts';

/** Plain http is for this computer, as the gateway is. */
const HERE = { [oauth.allowInsecureRequests]: true } as const;

function metadata(name: string, catcher: RedirectCatcher) {
  return {
    client_name: name,
    redirect_uris: [catcher.url],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
}

/** The person allows it; where the browser came back. */
async function allowed(page: Page, url: URL, client: string, catcher: RedirectCatcher): Promise<URL> {
  await allow(await openConsent(page, url.href, client));
  const back = new URL(catcher.url);
  back.search = `${await catcher.next()}`;
  return back;
}

async function status(gateway: Gateway, token: string): Promise<number> {
  const response = await modern(gateway.mcpUrl, token, 'tools/list');
  await response.body?.cancel();
  return response.status;
}

test('openid-client: discovery, registration, PKCE, iss, refresh, revocation', async ({
  page,
  startGateway,
  catcher,
}) => {
  const gateway = await startGateway();
  await begin(page, gateway);
  const NAME = 'openid-client';
  const options: openid.DynamicClientRegistrationRequestOptions = {
    algorithm: 'oauth2',
    execute: [openid.allowInsecureRequests],
  };
  const issuer = new URL(gateway.url);
  const config = await openid.dynamicClientRegistration(issuer, metadata(NAME, catcher), openid.None(), options);
  expect(config.serverMetadata().issuer).toBe(gateway.url);
  expect(config.serverMetadata().supportsPKCE()).toBe(true);

  const ask = async () => {
    const pkceCodeVerifier = openid.randomPKCECodeVerifier();
    const expectedState = openid.randomState();
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: catcher.url,
      scope: config.serverMetadata().scopes_supported!.join(' '),
      resource: gateway.mcpUrl.href,
      state: expectedState,
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    });
    return { back: await allowed(page, url, NAME, catcher), checks: { pkceCodeVerifier, expectedState } };
  };
  const resource = { resource: gateway.mcpUrl.href };

  const { back, checks } = await ask();
  const elsewhere = new URL(back);
  elsewhere.searchParams.set('iss', 'https://evil.example');
  await expect(openid.authorizationCodeGrant(config, elsewhere, checks, resource), 'the client checks iss').rejects.toThrow();
  const tokens = await openid.authorizationCodeGrant(config, back, checks, resource);
  expect(tokens.token_type).toBe('bearer');
  expect(tokens.expiresIn()).toBeGreaterThan(0);
  expect(await status(gateway, tokens.access_token)).toBe(200);

  const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token!, resource);
  expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
  expect(await status(gateway, refreshed.access_token)).toBe(200);

  await openid.tokenRevocation(config, refreshed.refresh_token!);
  expect(await status(gateway, refreshed.access_token), 'revoked means now').toBe(401);
  const again = openid.refreshTokenGrant(config, refreshed.refresh_token!, resource);
  await expect(again).rejects.toMatchObject({ error: 'invalid_grant' });

  const wrong = await ask();
  const verifier = { ...wrong.checks, pkceCodeVerifier: openid.randomPKCECodeVerifier() };
  const refused = openid.authorizationCodeGrant(config, wrong.back, verifier, resource);
  await expect(refused, 'PKCE is checked').rejects.toMatchObject({ error: 'invalid_grant', status: 400 });
});

test('oauth4webapi: every document and answer holds, and the token is a JWT of RFC 9068', async ({
  page,
  startGateway,
  catcher,
}) => {
  const gateway = await startGateway();
  await begin(page, gateway);
  const NAME = 'oauth4webapi';

  const described = await oauth.resourceDiscoveryRequest(gateway.mcpUrl, HERE);
  const resource = await oauth.processResourceDiscoveryResponse(gateway.mcpUrl, described);
  const [issuer] = resource.authorization_servers!;
  const discovered = await oauth.discoveryRequest(new URL(issuer!), { ...HERE, algorithm: 'oauth2' });
  const server = await oauth.processDiscoveryResponse(new URL(issuer!), discovered);

  const registered = await oauth.dynamicClientRegistrationRequest(server, metadata(NAME, catcher), HERE);
  const client = await oauth.processDynamicClientRegistrationResponse(registered);

  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const url = new URL(server.authorization_endpoint!);
  const asked = {
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: catcher.url,
    scope: server.scopes_supported!.join(' '),
    resource: gateway.mcpUrl.href,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  const back = await allowed(page, url, NAME, catcher);
  const parameters = oauth.validateAuthResponse(server, client, back, state);

  const options = { ...HERE, additionalParameters: { resource: gateway.mcpUrl.href } };
  const exchanged = await oauth.authorizationCodeGrantRequest(
    server, client, oauth.None(), parameters, catcher.url, verifier, options,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, exchanged);
  expect(server.scopes_supported).toEqual(expect.arrayContaining(tokens.scope!.split(' ')));

  await test.step('a resource server of another make accepts the token', async () => {
    const request = new Request(gateway.mcpUrl, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    const claims = await oauth.validateJwtAccessToken(server, request, gateway.mcpUrl.href, HERE);
    expect(claims.client_id).toBe(client.client_id);
    const foreign = oauth.validateJwtAccessToken(server, request.clone(), 'https://other.example/mcp', HERE);
    await expect(foreign).rejects.toThrow();
  });

  const call = (token: string) => {
    const headers = new Headers(modernHeaders(token, 'tools/list'));
    headers.delete('authorization');
    return oauth.protectedResourceRequest(token, 'POST', gateway.mcpUrl, headers, modernBody('tools/list'), HERE);
  };
  expect((await call(tokens.access_token)).status).toBe(200);

  const renewed = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), tokens.refresh_token!, options);
  const refreshed = await oauth.processRefreshTokenResponse(server, client, renewed);
  expect((await call(refreshed.access_token)).status).toBe(200);

  const revoked = await oauth.revocationRequest(server, client, oauth.None(), refreshed.access_token, HERE);
  await oauth.processRevocationResponse(revoked);
  const refusal = await call(refreshed.access_token).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(oauth.WWWAuthenticateChallengeError);
  const { cause } = refusal as oauth.WWWAuthenticateChallengeError;
  expect(cause).toMatchObject([{ scheme: 'bearer', parameters: { error: 'invalid_token' } }]);
  expect(cause[0]!.parameters.resource_metadata).toBe(`${gateway.url}/.well-known/oauth-protected-resource/v1/mcp`);
});
