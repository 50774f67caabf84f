//! What operations may answer beside their own statuses, because of the layers around them all (`router.rs`): written
//! once here, instead of at every handler.

use utoipa::openapi::{
    ContentBuilder, OpenApi, PathItem, Ref, RefOr, Response, ResponseBuilder, path::Operation,
};

/// RFC 9457.
const PROBLEM: &str = "application/problem+json";

/// Status, and what it means wherever it comes.
const UNREADABLE: (&str, &str) = ("400", "The request cannot be read.");
const FOREIGN: (&str, &str) = ("403", "Another web site sent the request.");
const TOO_LARGE: (&str, &str) = ("413", "The body is too large.");
/// limits/public.rs
const TOO_MANY: (&str, &str) = ("429", "Too many requests from this address had no good session.");
const NO_JSON: (&str, &str) = ("415", "The body is not declared as JSON.");

/// Gives every problem its media type, and every operation the statuses that the layers around it answer.
pub(super) fn describe(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        let PathItem { get, put, post, delete, patch, .. } = item;
        for operation in get.iter_mut() {
            describe_operation(operation, false);
        }
        for operation in [put, post, delete, patch].into_iter().flatten() {
            describe_operation(operation, true);
        }
    }
}

fn describe_operation(operation: &mut Operation, is_unsafe: bool) {
    for (status, response) in &mut operation.responses.responses {
        if let (false, RefOr::T(response)) = (status.starts_with('2'), response) {
            name_media_type(response);
        }
    }
    let has_body = operation.request_body.is_some();
    let has_parameters = operation.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty());
    let mut more = Vec::new();
    if has_body || has_parameters {
        more.push(UNREADABLE);
    }
    if has_body {
        more.push(TOO_LARGE);
    }
    if operation.responses.responses.contains_key("401") {
        more.push(TOO_MANY);
    }
    if is_unsafe {
        // auth/csrf.rs
        more.extend([FOREIGN, NO_JSON]);
    }
    for (status, description) in more {
        let responses = &mut operation.responses.responses;
        responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(problem(description)));
    }
}

/// The handlers name only the shape.
fn name_media_type(response: &mut Response) {
    if let Some(content) = response.content.shift_remove("application/json") {
        response.content.insert(PROBLEM.to_owned(), content);
    }
}

fn problem(description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(description).content(PROBLEM, content).build()
}
