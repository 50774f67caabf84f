"""The Python SDK's client (PyPI `mcp`), as its users write it: signs in by OAuth, lists the tools, calls one.

    python mcp_client.py URL REDIRECT_URI MODE

MODE is `auto` (2026-07-28 where the server has it) or `legacy` (initialize). It prints `AUTHORIZE URL`, reads the query
of the redirect from standard input, and prints `RESULT JSON`. The browser and the redirect belong to the caller.
"""

import asyncio
import json
import sys
from urllib.parse import parse_qs

from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata


class Memory:
    """Keeps what the provider wants kept, for this run."""

    def __init__(self):
        self.tokens = None
        self.client_info = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client_info

    async def set_client_info(self, client_info):
        self.client_info = client_info


async def ask_for_browser(url):
    print("AUTHORIZE", url, flush=True)


async def wait_for_redirect():
    line = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    query = {name: values[0] for name, values in parse_qs(line.strip()).items()}
    if "code" not in query:
        raise SystemExit(f"no code came back: {query.get('error')}")
    return AuthorizationCodeResult(code=query["code"], state=query.get("state"), iss=query.get("iss"))


async def main(url, redirect_uri, mode):
    metadata = OAuthClientMetadata(
        client_name=f"Python client ({mode})",
        redirect_uris=[redirect_uri],
        token_endpoint_auth_method="none",
    )
    auth = OAuthClientProvider(url, metadata, Memory(), ask_for_browser, wait_for_redirect)
    async with create_mcp_http_client(auth=auth) as http:
        async with Client(streamable_http_client(url, http_client=http), mode=mode) as client:
            tools = (await client.list_tools()).tools
            summary = await client.call_tool("demo__get_summary", {})
            result = {
                "version": client.protocol_version,
                "tools": [tool.name for tool in tools],
                "is_error": bool(summary.is_error),
                "text": summary.content[0].text,
            }
            print("RESULT", json.dumps(result), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
