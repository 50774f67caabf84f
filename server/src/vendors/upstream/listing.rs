//! Reading the list of tools of a server, page by page, and no more of it than can be used.

use rmcp::RoleClient;
use rmcp::model::{ClientRequest, CustomResult, ListToolsRequest, PaginatedRequestParams, ServerResult};
use rmcp::service::{Peer, PeerRequestOptions, RequestHandle, ServiceError};
use serde_json::Value;
use tokio::runtime::Handle;

use super::tools::MAX_TOOLS;
use crate::vendors::error::CallError;

/// A list is not read beyond this: pages, and bytes of JSON in all.
const MAX_PAGES: usize = 20;
const MAX_LIST: usize = 1024 * 1024;

/// The tools of a server.
pub(super) struct Listed {
    /// As it wrote them; one that is not of the protocol's form is there as well.
    pub(super) tools: Vec<Value>,
    /// There were more than are read.
    pub(super) is_cut: bool,
    /// Calls can repeat arguments as headers where they must: rmcp does so for lists that it could read whole.
    pub(super) repeats_headers: bool,
    /// How large they are as JSON.
    pub(super) bytes: usize,
}

/// A page of them.
struct Page {
    tools: Vec<Value>,
    next: Option<String>,
    /// rmcp could read it. A page with one bad tool is no page to rmcp, but the others count.
    is_good: bool,
}

/// A request that is cancelled when nobody waits for it any more: it would keep one of the connection's few places.
struct Asked(Option<RequestHandle<RoleClient>>);

/// Every tool of a server.
pub(super) async fn read(
    server: &Peer<RoleClient>,
    is_modern: bool,
) -> Result<Result<Listed, CallError>, ServiceError> {
    let mut listed = Listed { tools: Vec::new(), is_cut: false, repeats_headers: true, bytes: 0 };
    let mut cursor = None;
    for _ in 0..MAX_PAGES {
        let mut page = Page::ask(server, cursor.take()).await?;
        let room = MAX_TOOLS - listed.tools.len();
        listed.is_cut = page.tools.len() > room;
        page.tools.truncate(room);
        listed.repeats_headers &= page.is_good || !is_modern;
        listed.bytes += page.tools.iter().map(|tool| tool.to_string().len()).sum::<usize>();
        if listed.bytes > MAX_LIST {
            return Ok(Err(CallError::TooLarge { limit: MAX_LIST }));
        }
        listed.tools.append(&mut page.tools);
        cursor = page.next;
        if cursor.is_none() || listed.is_cut {
            break;
        }
    }
    listed.is_cut |= cursor.is_some();
    Ok(Ok(listed))
}

impl Page {
    async fn ask(server: &Peer<RoleClient>, cursor: Option<String>) -> Result<Self, ServiceError> {
        let params = PaginatedRequestParams::default().with_cursor(cursor);
        let request = ClientRequest::ListToolsRequest(ListToolsRequest::with_param(params));
        let asked = server.send_cancellable_request(request, PeerRequestOptions::no_options()).await?;
        Self::of(Asked(Some(asked)).answer().await?)
    }

    fn of(result: ServerResult) -> Result<Self, ServiceError> {
        match result {
            ServerResult::ListToolsResult(page) => {
                let tools = page.tools.iter().map(|tool| serde_json::to_value(tool).unwrap_or_default());
                Ok(Self { tools: tools.collect(), next: page.next_cursor, is_good: true })
            }
            ServerResult::CustomResult(CustomResult(mut page)) => {
                let Some(Value::Array(tools)) = page.get_mut("tools").map(Value::take) else {
                    return Err(ServiceError::UnexpectedResponse);
                };
                let next = page.get("nextCursor").and_then(Value::as_str).map(str::to_owned);
                Ok(Self { tools, next, is_good: false })
            }
            _ => Err(ServiceError::UnexpectedResponse),
        }
    }
}

impl Asked {
    async fn answer(mut self) -> Result<ServerResult, ServiceError> {
        let Some(asked) = &mut self.0 else { return Err(ServiceError::TransportClosed) };
        let answer = (&mut asked.rx).await.map_err(|_| ServiceError::TransportClosed)?;
        self.0 = None;
        answer
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        if let (Some(asked), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(asked.cancel(None));
        }
    }
}
