// The suite's `server` command can send no token. This proxy on loopback adds it, and passes on everything else as it came:
// method, path, Host, Origin, every Mcp-* header, bodies in both directions as they flow, and the end of a connection.

import { createServer, request as ask, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** A proxy that stands before one gateway. */
export class TokenProxy implements AsyncDisposable {
  private target: URL | undefined;
  private token: string | undefined;

  private constructor(
    /** Its own address: the public URL of the gateway behind it. */
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async start(): Promise<TokenProxy> {
    const server = createServer();
    // A client may keep a connection longer than Node does by default, and must not meet its end half-way.
    server.keepAliveTimeout = 120_000;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const proxy = new TokenProxy(`http://127.0.0.1:${address.port}`, server);
    server.on('request', (request, response) => proxy.pass(request, response));
    return proxy;
  }

  /** Where requests go. */
  standBefore(url: string): void {
    this.target = new URL(url);
  }

  /** Adds this token to every request that brings none. */
  useToken(token: string): void {
    this.token = token;
  }

  private pass(request: IncomingMessage, response: ServerResponse): void {
    if (!this.target) {
      response.writeHead(503).end();
      return;
    }
    const headers = [...request.rawHeaders];
    if (this.token !== undefined && request.headers.authorization === undefined) {
      headers.push('Authorization', `Bearer ${this.token}`);
    }
    const { hostname, port } = this.target;
    const onward = ask({ hostname, port, method: request.method, path: request.url, headers, agent: false });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode!, answer.statusMessage, answer.rawHeaders);
      response.flushHeaders();
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    onward.on('error', () => response.destroy());
    // Who hangs up hangs up on the gateway.
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
