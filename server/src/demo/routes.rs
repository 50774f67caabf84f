//! The HTTP interface of the demo desk: JSON, an `X-Api-Key` header, errors as `{"error": {"message": ...}}`.

use std::sync::Arc;

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

use super::API_KEY;
use super::data::{CUSTOMERS, DEVICES, Status, Ticket};
use super::desk::{Desk, DeskError, NewComment, NewTicket, TicketChange, TicketQuery, contains};

/// Largest request body, in bytes.
const MAX_BODY: usize = 64 * 1024;

type Shared = State<Arc<Desk>>;

/// All routes of the desk.
pub(super) fn router(desk: Desk) -> Router {
    Router::new()
        .route("/api/account", get(get_account))
        .route("/api/summary", get(get_summary))
        .route("/api/tickets", get(search_tickets).post(create_ticket))
        .route("/api/tickets/{id}", get(get_ticket).patch(update_ticket).delete(delete_ticket))
        .route("/api/tickets/{id}/comments", post(add_comment))
        .route("/api/customers", get(list_customers))
        .route("/api/customers/{id}", get(get_customer))
        .route("/api/devices", get(list_devices))
        .route("/api/devices/{id}", get(get_device))
        .fallback(|| async { Failure(StatusCode::NOT_FOUND, "there is nothing here".into()) })
        .layer(middleware::from_fn(require_key))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(Arc::new(desk))
}

async fn require_key(request: Request, next: Next) -> Response {
    let key = request.headers().get("x-api-key").map(axum::http::HeaderValue::as_bytes).unwrap_or_default();
    if bool::from(key.ct_eq(API_KEY.as_bytes())) {
        return next.run(request).await;
    }
    Failure(StatusCode::UNAUTHORIZED, "the API key is wrong; the demo's key is demo-key".into())
        .into_response()
}

async fn get_account() -> Json<Value> {
    Json(json!({"name": "Demo ticket desk", "note": "sample data, gone when the gateway stops"}))
}

async fn get_summary(State(desk): Shared) -> Json<Value> {
    let count = |status| desk.search(&TicketQuery { status: Some(status), ..TicketQuery::default() }).1;
    Json(json!({
        "tickets": {
            "new": count(Status::New),
            "in_progress": count(Status::InProgress),
            "waiting": count(Status::Waiting),
            "closed": count(Status::Closed),
        },
        "customers": CUSTOMERS.len(),
        "devices": DEVICES.len(),
        "devices_offline": DEVICES.iter().filter(|device| !device.online).count(),
    }))
}

async fn search_tickets(State(desk): Shared, Query(query): Query<TicketQuery>) -> Json<Value> {
    let (items, total) = desk.search(&query);
    Json(json!({"items": items, "total": total, "page": query.page.unwrap_or(1)}))
}

async fn get_ticket(State(desk): Shared, Path(id): Path<u32>) -> Result<Json<Ticket>, Failure> {
    Ok(Json(desk.get(id)?))
}

async fn create_ticket(State(desk): Shared, Body(new): Body<NewTicket>) -> Result<Response, Failure> {
    Ok((StatusCode::CREATED, Json(desk.create(new)?)).into_response())
}

async fn update_ticket(
    State(desk): Shared,
    Path(id): Path<u32>,
    Body(change): Body<TicketChange>,
) -> Result<Json<Ticket>, Failure> {
    Ok(Json(desk.update(id, change)?))
}

async fn delete_ticket(State(desk): Shared, Path(id): Path<u32>) -> Result<StatusCode, Failure> {
    desk.delete(id)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn add_comment(
    State(desk): Shared,
    Path(id): Path<u32>,
    Body(new): Body<NewComment>,
) -> Result<Response, Failure> {
    Ok((StatusCode::CREATED, Json(desk.comment(id, new)?)).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CustomerQuery {
    text: Option<String>,
}

async fn list_customers(Query(query): Query<CustomerQuery>) -> Json<Value> {
    let text = query.text.unwrap_or_default().to_lowercase();
    let fits = |name: &str, city: &str| contains(name, &text) || contains(city, &text);
    let items: Vec<_> = CUSTOMERS.iter().filter(|customer| fits(customer.name, customer.city)).collect();
    Json(json!({ "items": items }))
}

async fn get_customer(Path(id): Path<u32>) -> Result<Json<Value>, Failure> {
    let customer =
        CUSTOMERS.iter().find(|customer| customer.id == id).ok_or(DeskError::NotFound("customer"))?;
    let devices: Vec<_> = DEVICES.iter().filter(|device| device.customer_id == id).collect();
    Ok(Json(json!({"customer": customer, "devices": devices})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviceQuery {
    customer_id: Option<u32>,
    online: Option<bool>,
}

async fn list_devices(Query(query): Query<DeviceQuery>) -> Json<Value> {
    let items: Vec<_> = DEVICES
        .iter()
        .filter(|device| query.customer_id.is_none_or(|customer| device.customer_id == customer))
        .filter(|device| query.online.is_none_or(|online| device.online == online))
        .collect();
    Json(json!({ "items": items }))
}

async fn get_device(Path(id): Path<u32>) -> Result<Json<Value>, Failure> {
    let device = DEVICES.iter().find(|device| device.id == id).ok_or(DeskError::NotFound("device"))?;
    Ok(Json(json!(device)))
}

/// An error answer.
struct Failure(StatusCode, String);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"error": {"message": self.1}}))).into_response()
    }
}

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Self {
        let status = match error {
            DeskError::NotFound(_) => StatusCode::NOT_FOUND,
            DeskError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            DeskError::Full => StatusCode::CONFLICT,
        };
        Self(status, error.to_string())
    }
}

impl From<JsonRejection> for Failure {
    fn from(rejection: JsonRejection) -> Self {
        Self(rejection.status(), rejection.body_text())
    }
}

impl From<QueryRejection> for Failure {
    fn from(rejection: QueryRejection) -> Self {
        Self(rejection.status(), rejection.body_text())
    }
}

impl From<PathRejection> for Failure {
    fn from(_: PathRejection) -> Self {
        Self(StatusCode::NOT_FOUND, "there is nothing with this id".into())
    }
}

/// axum's `Json`, with our error answer.
#[derive(FromRequest)]
#[from_request(via(Json), rejection(Failure))]
struct Body<T>(T);

/// axum's `Query`, with our error answer.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Failure))]
struct Query<T>(T);

/// axum's `Path`, with our error answer.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Failure))]
struct Path<T>(T);
