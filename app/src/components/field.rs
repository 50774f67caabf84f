//! A labelled input with its help and its error.

use gateway_api::problem::Problem;
use leptos::prelude::*;

/// What a field asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct FieldSpec {
    /// The form it stands in; makes its `id` unique on the page.
    pub(crate) form: &'static str,
    /// Its name in the form.
    pub(crate) name: String,
    /// Its name in the API's field errors, where that is another, e.g. `fields.api_key`.
    pub(crate) error_name: Option<String>,
    /// What stands above it.
    pub(crate) label: String,
    /// The `type` of the input.
    pub(crate) input_type: &'static str,
    /// The browser's hint for filling it in (HTML, 4.10.18.7 "Autofill").
    pub(crate) autocomplete: &'static str,
    /// It must not be empty.
    pub(crate) is_required: bool,
    /// What stands in it at first.
    pub(crate) default: Option<String>,
    /// A regular expression the browser checks before sending.
    pub(crate) pattern: Option<String>,
    /// The fewest characters.
    pub(crate) min_length: Option<u32>,
    /// The most characters.
    pub(crate) max_length: Option<u32>,
    /// What it is, in a sentence.
    pub(crate) help: Option<String>,
    /// A page that says where to find it.
    pub(crate) help_url: Option<String>,
    /// The cursor stands in it when its dialog opens.
    pub(crate) has_focus: bool,
    /// If not empty, these are the choices: value and label.
    pub(crate) choices: Vec<(String, String)>,
    /// What the browser offers while somebody types.
    pub(crate) suggestions: Vec<String>,
    /// Nobody would expect that it must be filled in, so it is not said that it need not be: a filter.
    pub(crate) is_plainly_optional: bool,
}

/// An input or a select, as `spec` says, with the error `problem` has for it.
#[component]
pub(crate) fn Field(
    /// What it asks for.
    spec: FieldSpec,
    /// Why the form was refused, if it was.
    #[prop(into)]
    problem: Signal<Option<Problem>>,
) -> impl IntoView {
    let id = format!("{}-{}", spec.form, spec.name);
    let help_id = format!("{id}-help");
    let error_id = format!("{id}-error");
    let error_name = spec.error_name.clone().unwrap_or_else(|| spec.name.clone());
    let error = Memo::new(move |_| {
        problem.with(|problem| {
            problem.as_ref().and_then(|problem| problem.field(&error_name)).map(str::to_owned)
        })
    });
    let has_help = spec.help.is_some() || spec.help_url.is_some();
    let described_by = {
        let (help_id, error_id) = (help_id.clone(), error_id.clone());
        Memo::new(move |_| match (has_help, error.with(Option::is_some)) {
            (true, true) => Some(format!("{error_id} {help_id}")),
            (true, false) => Some(help_id.clone()),
            (false, true) => Some(error_id.clone()),
            (false, false) => None,
        })
    };
    let label = spec.label.clone();
    let is_optional = !spec.is_required && !spec.is_plainly_optional;
    let (help, help_url) = (spec.help.clone(), spec.help_url.clone());
    view! {
        <div class="field" class:field--wrong=move || error.with(Option::is_some)>
            <label class="field__label" for=id.clone()>{label}</label>
            {is_optional.then(|| view! { <span class="field__optional" aria-hidden="true">"optional"</span> }.into_any())}
            <Control spec id error described_by/>
            {move || error.get().map(|message| {
                view! { <p class="field__error" id=error_id.clone()>{message}</p> }.into_any()
            })}
            {has_help.then(|| view! {
                <p class="field__help" id=help_id>
                    {help}
                    {help_url.map(|url| view! {
                        " " <a href=url target="_blank" rel="noreferrer">"Where to find it"</a>
                    }.into_any())}
                </p>
            }.into_any())}
        </div>
    }
}

#[component]
fn Control(
    spec: FieldSpec,
    id: String,
    error: Memo<Option<String>>,
    described_by: Memo<Option<String>>,
) -> impl IntoView {
    let is_invalid = move || error.with(|error| error.as_ref().map(|_| "true"));
    if spec.choices.is_empty() {
        let is_plain_code =
            spec.input_type == "password" || spec.input_type == "url" || spec.input_type == "email";
        let list = (!spec.suggestions.is_empty()).then(|| format!("{id}-list"));
        return view! {
            {list.clone().map(|id| view! {
                <datalist id=id>
                    {spec.suggestions.into_iter().map(|value| view! { <option value=value></option> }.into_any()).collect_view()}
                </datalist>
            }.into_any())}
            <input
                class="input"
                id=id
                list=list
                name=spec.name
                type=spec.input_type
                autocomplete=spec.autocomplete
                required=spec.is_required
                value=spec.default
                pattern=spec.pattern
                minlength=spec.min_length.map(|length| length.to_string())
                maxlength=spec.max_length.map(|length| length.to_string())
                spellcheck="false"
                autofocus=spec.has_focus
                autocapitalize=is_plain_code.then_some("none")
                aria-invalid=is_invalid
                aria-describedby=move || described_by.get()
            />
        }
        .into_any();
    }
    let default = spec.default.clone();
    view! {
        <select
            class="input select"
            id=id
            name=spec.name
            required=spec.is_required
            autofocus=spec.has_focus
            aria-invalid=is_invalid
            aria-describedby=move || described_by.get()
        >
            {default.is_none().then(|| view! { <option value="">"Choose…"</option> }.into_any())}
            {spec.choices.into_iter().map(|(value, label)| {
                let is_default = default.as_deref() == Some(&value);
                view! { <option value=value selected=is_default>{label}</option> }
            }).collect_view()}
        </select>
    }
    .into_any()
}
