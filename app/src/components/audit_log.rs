//! The rows of the audit log that the page's address asks for, page by page.

use gateway_api::{Page, audit::AuditEventView, paths, problem::Problem};
use leptos::{prelude::*, task::spawn_local};

use super::{
    audit_filters::AuditFilters,
    audit_row::AuditRow,
    list_failure::ListFailure,
    problem_notice::ProblemNotice,
    rows::{Rows, row},
};
use crate::{
    client,
    context::use_gateway,
    forms::reload,
    place::{Place, use_place},
    submission::Submission,
};

/// What is there so far.
#[derive(Clone, Copy)]
struct Loaded {
    list: RwSignal<Vec<AuditEventView>>,
    next: RwSignal<Option<String>>,
    problem: RwSignal<Option<Problem>>,
    is_loading: RwSignal<bool>,
}

impl Loaded {
    fn begin(first: Option<Result<Page<AuditEventView>, Problem>>) -> Self {
        let is_loading = RwSignal::new(first.is_none());
        let (page, problem) = match first {
            Some(Ok(page)) => (page, None),
            Some(Err(problem)) => (Page::whole(Vec::new()), Some(problem)),
            None => (Page::whole(Vec::new()), None),
        };
        Self {
            list: RwSignal::new(page.items),
            next: RwSignal::new(page.next_cursor),
            problem: RwSignal::new(problem),
            is_loading,
        }
    }

    fn append(self, page: Page<AuditEventView>) {
        self.list.update(|list| list.extend(page.items));
        self.next.set(page.next_cursor);
        self.is_loading.set(false);
    }
}

/// Filters, the table, and the ways to more of it.
#[component]
pub(crate) fn AuditLog() -> impl IntoView {
    let gateway = use_gateway();
    let rows = Loaded::begin(gateway.page.with_value(|page| page.audit.clone()));
    let query = StoredValue::new(use_place().query_string().to_owned());
    Effect::new(move || {
        let Some(organization) = gateway.organization_id().filter(|_| rows.is_loading.get_untracked()) else {
            return;
        };
        spawn_local(async move {
            match client::list_audit(organization, query.get_value()).await {
                Ok(page) => rows.append(page),
                Err(problem) => rows.problem.set(Some(problem)),
            }
        });
    });
    let export = move || {
        let organization = gateway.organization_id().map(|id| id.to_string()).unwrap_or_default();
        paths::fill(paths::AUDIT_CSV, &[&organization]) + "?" + &query.get_value()
    };
    let is_empty = move || rows.list.with(Vec::is_empty);
    let has_filter = is_filtered(&use_place());
    view! {
        <AuditFilters rows=rows.list/>
        <div class="section-head">
            <p class="hint">"The newest first. Open a row to see all of it."</p>
            <a class="button button--small" href=export download="audit.csv">"Export CSV"</a>
        </div>
        {move || rows.problem.get().map(|problem| view! { <ListFailure problem on_retry=|()| reload()/> })}
        {move || (is_empty() && rows.problem.with(Option::is_none)).then(|| {
            let text = match (rows.is_loading.get(), has_filter) {
                (true, _) => "Loading…",
                (false, true) => "Nothing matches these filters.",
                (false, false) => "Nothing has happened yet. Calls and changes appear here.",
            };
            view! { <p class="empty" role="status">{text}</p> }.into_any()
        })}
        {move || (!is_empty()).then(|| view! { <Table rows/> })}
        {move || rows.next.get().map(|_| view! { <Older rows query/> })}
    }
}

fn is_filtered(place: &Place) -> bool {
    place
        .query_string()
        .split('&')
        .any(|pair| pair.split_once('=').is_some_and(|(_, value)| !value.is_empty()))
}

#[component]
fn Table(rows: Loaded) -> impl IntoView {
    let drawn = Signal::derive(move || {
        let shown = |event: AuditEventView| {
            row(event.id.to_string(), move || view! { <AuditRow row=event.clone()/> })
        };
        rows.list.get().into_iter().map(shown).collect::<Vec<_>>()
    });
    view! {
        <table class="audit">
            <caption class="visually-hidden">"Audit log"</caption>
            <thead>
                <tr>
                    <th scope="col">"Time"</th>
                    <th scope="col">"Person"</th>
                    <th scope="col">"Client"</th>
                    <th scope="col">"What"</th>
                    <th scope="col">"Outcome"</th>
                    <th scope="col">"Took"</th>
                    <th scope="col">"Credentials"</th>
                </tr>
            </thead>
            <tbody>
                <Rows each=drawn/>
            </tbody>
        </table>
    }
}

#[component]
fn Older(rows: Loaded, query: StoredValue<String>) -> impl IntoView {
    let gateway = use_gateway();
    let submission = Submission::new();
    let fetch = move |_| {
        let (Some(organization), Some(cursor)) = (gateway.organization_id(), rows.next.get_untracked())
        else {
            return;
        };
        let query = query.get_value() + &paths::fill("&cursor={cursor}", &[&cursor]);
        submission.run(client::list_audit(organization, query), move |page| rows.append(page));
    };
    view! {
        <ProblemNotice problem=submission.problem/>
        <button type="button" class="button audit-older" class:is-busy=move || submission.is_busy.get()
            disabled=move || gateway.is_dead.get() on:click=fetch>
            "Older"
        </button>
    }
}
