// A person with a browser, without the pages: signs in, allows what a client asks for, and hands over the token.

import { createHash, randomBytes } from 'node:crypto';

import type { APIRequestContext, APIResponse } from '@playwright/test';

import type { Gateway } from '../fixtures/gateway.ts';
import { ADA, good } from '../pages/account.ts';

/** Where the answers go that are read from the redirect itself. */
const NOWHERE = 'http://127.0.0.1:9/callback';

/** Someone who is signed in; `request` keeps the cookies. */
export class Person {
  private constructor(
    private readonly request: APIRequestContext,
    /** The gateway as the person knows it. */
    private readonly url: string,
  ) {}

  /** Makes an account as the operator does, and signs in at `url`. */
  static async signIn(request: APIRequestContext, gateway: Gateway, url = gateway.url): Promise<Person> {
    await gateway.createAccount(ADA.name, ADA.email);
    const { email, password } = ADA;
    await good(request.post(`${url}/api/session`, { data: { email, password } }));
    return new Person(request, url);
  }

  /** Registers a public client (RFC 7591); its id. */
  async register(redirectUri = NOWHERE): Promise<string> {
    const data = {
      client_name: 'Conformance',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
    };
    return (await json(this.request.post(`${this.url}/register`, { data }))).client_id;
  }

  /** Follows a client's authorization request and allows it; where the browser is sent then. */
  async allow(authorizationUrl: string): Promise<URL> {
    const answer = await this.request.get(authorizationUrl, { maxRedirects: 0 });
    const id = answer.headers().location?.match(/\/consent\/([^/?]+)/)?.[1];
    if (!id) throw new Error(`no consent page: ${answer.status()} ${await answer.text()}`);
    const consent = `${this.url}/api/consents/${id}`;
    const { organizations } = await json(this.request.get(consent));
    const data = { is_allowed: true, organization_id: organizations[0].id };
    return new URL((await json(this.request.post(consent, { data }))).redirect_to);
  }

  /** Goes where the browser is sent. */
  async follow(url: URL): Promise<void> {
    await good(this.request.get(url.href));
  }

  /** An access token for the MCP endpoint with every scope there is. */
  async token(): Promise<string> {
    const clientId = await this.register();
    const verifier = randomBytes(32).toString('base64url');
    const protectedResource = `${this.url}/.well-known/oauth-protected-resource/v1/mcp`;
    const { resource, scopes_supported: scopes } = await json(this.request.get(protectedResource));
    const authorize = new URL('/authorize', this.url);
    authorize.search = new URLSearchParams({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: NOWHERE,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      scope: scopes.join(' '),
      resource,
    }).toString();
    const code = (await this.allow(authorize.href)).searchParams.get('code');
    if (!code) throw new Error('the authorization server gave no code');
    const form = {
      grant_type: 'authorization_code',
      code,
      client_id: clientId,
      redirect_uri: NOWHERE,
      code_verifier: verifier,
      resource,
    };
    return (await json(this.request.post(`${this.url}/token`, { form }))).access_token;
  }
}

async function json(answer: Promise<APIResponse>) {
  return (await good(answer)).json();
}
