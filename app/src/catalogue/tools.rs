//! A vendor's tools: what each may do and what it takes.

use gateway_api::vendors::{ToolArgument, ToolRisk, VendorTool};
use leptos::prelude::*;

use super::count;

/// The section of the page.
#[component]
pub(super) fn Tools(
    /// Whose they are.
    slug: String,
    /// Whose they are, for people.
    name: String,
    /// All of them.
    tools: Vec<VendorTool>,
) -> impl IntoView {
    let summary = summary(&tools);
    let is_empty = tools.is_empty();
    view! {
        <section class="catalogue-section" aria-labelledby="tools">
            <div class="section-head">
                <h2 id="tools">"Tools of " {name}</h2>
                <p class="hint">{summary}</p>
            </div>
            {if is_empty {
                view! { <p class="empty">"Its tools are told by the vendor once it is connected."</p> }.into_any()
            } else {
                view! {
                    <p class="hint">
                        "Claude sees each as " <code>{slug} "__name"</code> ". Who allows an app decides how far it may go: \
                         read; write as well; or delete and administrate, too."
                    </p>
                    <ul class="tools" role="list">
                        {tools.into_iter().map(|tool| view! { <Tool tool/> }).collect_view()}
                    </ul>
                }.into_any()
            }}
        </section>
    }
}

const RISKS: [(ToolRisk, &str, &str); 4] = [
    (ToolRisk::Read, "Read", "badge"),
    (ToolRisk::Write, "Write", "badge badge--write"),
    (ToolRisk::Delete, "Delete", "badge badge--danger"),
    (ToolRisk::Admin, "Admin", "badge badge--danger"),
];

/// `20 read, 4 write, 1 admin`.
fn summary(tools: &[VendorTool]) -> String {
    let parts = RISKS.iter().filter_map(|(risk, title, _)| {
        let number = tools.iter().filter(|tool| tool.risk == *risk).count();
        (number > 0).then(|| format!("{number} {}", title.to_lowercase()))
    });
    parts.collect::<Vec<_>>().join(", ")
}

#[component]
fn Tool(tool: VendorTool) -> impl IntoView {
    let (title, class) = RISKS
        .iter()
        .find(|(risk, ..)| *risk == tool.risk)
        .map_or(("", "badge"), |(_, title, class)| (title, class));
    let of = format!(" of {}", tool.title);
    view! {
        <li class="tool">
            <div class="tool__head">
                <h3>{tool.title}</h3>
                <span class=class>{title}</span>
            </div>
            <p class="tool__name"><code>{tool.name}</code></p>
            <p>{tool.description}</p>
            {tool.uncertain.map(|reason| view! {
                <p class="tool__uncertain">"Not confirmed: " {reason}</p>
            }.into_any())}
            {if tool.arguments.is_empty() {
                view! { <p class="hint">"No arguments"</p> }.into_any()
            } else {
                view! { <Arguments arguments=tool.arguments of/> }.into_any()
            }}
        </li>
    }
}

#[component]
fn Arguments(arguments: Vec<ToolArgument>, of: String) -> impl IntoView {
    view! {
        <details class="disclosure">
            <summary>{count(arguments.len(), "argument")} <span class="visually-hidden">{of}</span></summary>
            <dl class="arguments">
                {arguments.into_iter().map(|argument| {
                    let (kind, said) = (kind_of(&argument), said_of(&argument));
                    view! {
                        <div>
                            <dt><code>{argument.name}</code> " " <span class="hint">{kind}</span></dt>
                            <dd>{said}</dd>
                        </div>
                    }.into_any()
                }).collect_view()}
            </dl>
        </details>
    }
}

fn kind_of(argument: &ToolArgument) -> String {
    let kind = &argument.kind;
    if argument.is_required { format!("{kind}, required") } else { kind.clone() }
}

/// What it means, which values it takes, and what is sent without it.
fn said_of(argument: &ToolArgument) -> String {
    let mut said: Vec<String> = argument.description.iter().cloned().collect();
    if !argument.choices.is_empty() {
        said.push(format!("One of {}.", argument.choices.join(", ")));
    }
    said.extend(argument.default.iter().map(|default| format!("Without it: {default}.")));
    said.join(" ")
}
