//! What a server of 2026-07-28 says without being asked: that its tools have changed (MCP 2026-07-28, subscriptions). Before
//! that revision it stands on the stream of a session, which rmcp listens to by itself.

use std::time::Duration;

use rmcp::RoleClient;
use rmcp::model::{ServerNotification, SubscriptionFilter};
use rmcp::service::{Peer, ServiceError};
use tokio_util::sync::CancellationToken;

/// A subscription that ended is asked for again after this.
const AGAIN: Duration = Duration::from_mins(1);

/// Tells every change until the connection ends, or the server says that it has nothing to tell.
pub(super) async fn listen(server: Peer<RoleClient>, alive: CancellationToken, tell: impl Fn()) {
    let listening = async {
        while !matches!(subscribe(&server, &tell).await, Err(ServiceError::McpError(_))) {
            tokio::time::sleep(AGAIN).await;
        }
    };
    alive.run_until_cancelled(listening).await;
}

async fn subscribe(server: &Peer<RoleClient>, tell: impl Fn()) -> Result<(), ServiceError> {
    let wanted = SubscriptionFilter::builder().tools_list_changed().build();
    let mut subscription = server.listen(wanted).await?;
    while let Some(news) = subscription.next().await? {
        if matches!(news, ServerNotification::ToolListChangedNotification(_)) {
            tell();
        }
    }
    Ok(())
}
