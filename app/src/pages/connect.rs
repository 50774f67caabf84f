//! `/connect`: how to point Claude at this gateway, and whether it has called yet.

use leptos::prelude::*;

use crate::{
    components::{
        connection_check::ConnectionCheckPanel, first_call_light::FirstCallLight, snippet::Snippet,
    },
    context::use_gateway,
    head::set_title,
};

/// The name the gateway gets in a client's configuration; as in the original's instructions.
const NAME: &str = "msp-mcp-gateway";

/// The page.
#[component]
pub(crate) fn ConnectPage() -> impl IntoView {
    set_title("Connect Claude");
    let gateway = use_gateway();
    let url = gateway
        .me
        .with_untracked(|me| me.as_ref().map(|me| me.mcp_url.clone()))
        .unwrap_or_else(|| gateway.public_url.get_value() + gateway_api::paths::MCP);
    let has_nothing = move || gateway.personal_connections_used() == 0;
    view! {
        <h1 class="page-title">"Connect Claude"</h1>
        <FirstCallLight/>
        {move || has_nothing().then(|| view! {
            <p class="notice notice--info">
                "You have not connected any vendor yet, so Claude will find nothing to work with. "
                <a href="/settings">"Connect a vendor first"</a> "."
            </p>
        }.into_any())}
        <section class="card" aria-labelledby="address-title">
            <h2 class="card__title" id="address-title">"The address"</h2>
            <p>"One address for all connected vendors. Any MCP client that can sign in with OAuth can use it."</p>
            <Snippet text=url.clone() what="the address"/>
            <p class="hint">
                "For a client that takes few tools: " <code>"/v1/itglue/mcp"</code>
                " has one vendor’s alone, " <code>"/v1/mcp?tools=search"</code> " lists three tools that find the others."
            </p>
        </section>
        <ClaudeCode url=url.clone()/>
        <ClaudeDesktop url=url.clone()/>
        <section class="card" aria-labelledby="then-title">
            <h2 class="card__title" id="then-title">"What happens then"</h2>
            <ol class="steps">
                <li>"On first use the client opens your browser. Sign in, and allow it."</li>
                <li>
                    "The tools of your vendors appear in Claude, each under its vendor’s name, e.g. "
                    <code>"autotask__search_tickets"</code> "."
                </li>
                <li>
                    "The client then stands under Authorized apps in " <a href="/settings">"Settings"</a>
                    ", where you can revoke it at any time."
                </li>
            </ol>
        </section>
        <ConnectionCheckPanel/>
    }
}

#[component]
fn ClaudeCode(url: String) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="code-title">
            <h2 class="card__title" id="code-title">"Claude Code"</h2>
            <p>"Run this once, then type " <code>"/mcp"</code> " in Claude Code to sign in:"</p>
            <Snippet text=add_command(&url) what="the command"/>
            <details class="disclosure">
                <summary>"For everyone in a project: .mcp.json"</summary>
                <p>"Put this into " <code>".mcp.json"</code> " in the project’s root:"</p>
                <Snippet text=project_file(&url) what="the content of .mcp.json"/>
            </details>
        </section>
    }
}

#[component]
fn ClaudeDesktop(url: String) -> impl IntoView {
    let is_local = is_local(&url);
    view! {
        <section class="card" aria-labelledby="desktop-title">
            <h2 class="card__title" id="desktop-title">"Claude Desktop and claude.ai"</h2>
            {if is_local {
                view! {
                    <p>
                        "Connectors reach out from Anthropic’s servers, and this gateway’s address works only on this \
                         computer. Use the bridge below, which runs here; it needs Node.js."
                    </p>
                }.into_any()
            } else {
                view! {
                    <p>
                        "Open Settings → Connectors → Add custom connector, give it a name, and paste the address \
                         above."
                    </p>
                }.into_any()
            }}
            <details class="disclosure" open=is_local>
                <summary>"With the bridge mcp-remote"</summary>
                <p>"Put this into " <code>"claude_desktop_config.json"</code> " and restart Claude Desktop:"</p>
                <Snippet text=desktop_file(&url) what="the content of claude_desktop_config.json"/>
                <p>"Or try the bridge in a terminal first:"</p>
                <Snippet text=format!("npx -y mcp-remote {url}") what="the bridge command"/>
            </details>
        </section>
    }
}

/// The command that adds the gateway to Claude Code.
fn add_command(url: &str) -> String {
    format!("claude mcp add --transport http {NAME} {url}")
}

fn project_file(url: &str) -> String {
    format!(
        "{{\n  \"mcpServers\": {{\n    \"{NAME}\": {{\n      \"type\": \"http\",\n      \"url\": \"{url}\"\n    }}\n  \
         }}\n}}"
    )
}

fn desktop_file(url: &str) -> String {
    format!(
        "{{\n  \"mcpServers\": {{\n    \"{NAME}\": {{\n      \"command\": \"npx\",\n      \"args\": [\"-y\", \
         \"mcp-remote\", \"{url}\"]\n    }}\n  }}\n}}"
    )
}

/// The address means "this computer": RFC 6761 section 6.3, RFC 8252 section 7.3.
fn is_local(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    ["localhost", "127.", "[::1]"].iter().any(|local| host.starts_with(local))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_json() {
        let url = "https://gateway.example/v1/mcp";
        let project: serde_json::Value = serde_json::from_str(&project_file(url)).unwrap();
        assert_eq!(project["mcpServers"][NAME]["url"], url);
        let desktop: serde_json::Value = serde_json::from_str(&desktop_file(url)).unwrap();
        assert_eq!(desktop["mcpServers"][NAME]["args"][2], url);
    }

    #[test]
    fn this_computer_is_recognised() {
        assert!(is_local("http://127.0.0.1:8080/v1/mcp") && is_local("http://localhost/v1/mcp"));
        assert!(!is_local("https://gateway.example/v1/mcp"));
    }
}
