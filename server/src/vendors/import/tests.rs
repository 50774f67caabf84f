//! The import as a whole: what a document becomes, and what is refused.

use proptest::prelude::*;

use super::*;

const HEAD: &str = "openapi: 3.0.3\ninfo: {title: Acme Desk API, version: '1', description: Help desk.}\nservers: [{url: 'https://api.acme.example/v1'}]\n";

fn import(paths: &str) -> String {
    import_openapi(&format!("{HEAD}{paths}"), "acme", &[]).unwrap_or_else(|error| panic!("{error}")).text
}

fn refused(document: &str, include: &[&str]) -> String {
    let include: Vec<_> = include.iter().map(|name| (*name).to_owned()).collect();
    import_openapi(document, "acme", &include).unwrap_err().to_string()
}

#[track_caller]
fn has(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|found| found.trim() == *line), "no {line} in\n{text}");
    }
}

#[test]
fn parameters() {
    let text = import(
        "paths:
  /tickets/{ticketId}/notes:
    parameters: [{name: ticketId, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getNotes
      summary: Notes of a ticket
      description: Lists the notes of a ticket. Needs the right to read tickets.
      parameters:
        - {name: 'filter[state]', in: query, schema: {type: array, items: {type: string, enum: [open, done]}}}
        - {name: ids, in: query, explode: false, schema: {type: array, items: {type: integer, format: int64}}}
        - {name: X-Tenant, in: header, required: true, schema: {type: string, nullable: true}, description: The tenant.}
        - {name: range, in: query, style: deepObject, schema: {type: object, properties: {from: {type: string, format: date}}}}
        - {name: page, in: query, schema: {type: integer, minimum: 0, exclusiveMinimum: true, default: 1}}
        - {name: per_page, in: query, schema: {type: integer, default: 25, maximum: 100}}
        - {name: Authorization, in: header, schema: {type: string}}
      responses: {'200': {content: {application/json: {schema: {type: object, properties: {data: {type: array, items: {}}, total: {type: integer}}}}}}}
",
    );
    has(
        &text,
        &[
            "# GET /tickets/{ticketId}/notes (getNotes)",
            "name = \"list_notes\"",
            "title = \"Notes of a ticket\"",
            "description = \"Lists the notes of a ticket. Needs the right to read tickets.\"",
            "risk = \"read\"",
            "path = \"/tickets/{ticket_id}/notes\"",
            "result = \"/data\"",
            "{ name = \"ticket_id\", in = \"path\", type = \"integer\", required = true, description = \"Ticket id.\" },",
            "{ name = \"filter_state\", in = \"query\", as = \"filter[state]\", type = \"array\", items = { type = \"string\", enum = [\"open\", \"done\"] }, repeat = true, description = \"Filter state.\" },",
            "{ name = \"ids\", in = \"query\", type = \"array\", items = { type = \"integer\" }, description = \"Ids.\" },",
            "{ name = \"x_tenant\", in = \"header\", as = \"X-Tenant\", type = \"string\", required = true, description = \"The tenant.\" },",
            "{ name = \"range_from\", in = \"query\", as = \"range[from]\", type = \"string\", format = \"date\", description = \"Range from.\" },",
            "{ name = \"page\", in = \"query\", type = \"integer\", default = 1, minimum = 1, description = \"Page.\" },",
            "[paging]",
            "size = \"per_page\"",
            "page = \"page\"",
        ],
    );
    assert!(!text.contains("authorization"), "{text}");
}

#[test]
fn bodies() {
    let text = import(
        "paths:
  /tickets:
    post:
      operationId: create-ticket
      requestBody: {$ref: '#/components/requestBodies/Ticket'}
  /tickets/{id}:
    put:
      requestBody: {content: {application/json: {schema: {type: object, properties: {id: {type: integer}, open: {type: boolean, default: true}}}}}}
    delete: {operationId: removeTicket}
  /tags:
    post: {operationId: setTags, requestBody: {required: true, content: {application/json: {schema: {type: array, items: {type: string}}}}}}
  /files:
    post: {operationId: upload, requestBody: {required: true, content: {application/octet-stream: {}}}}
    put: {operationId: send, requestBody: {content: {multipart/form-data: {schema: {type: object, properties: {title: {type: string}, data: {type: string, format: binary}}}}}}}
components:
  requestBodies: {Ticket: {content: {application/json: {schema: {allOf: [{$ref: '#/components/schemas/Base'}, {required: [subject], properties: {subject: {type: string, maxLength: 80, description: The subject}}}]}}}}}
  schemas: {Base: {type: object, properties: {id: {type: integer, readOnly: true}, customFields: {type: object, additionalProperties: {type: string}}}}}
",
    );
    has(
        &text,
        &[
            "name = \"create_ticket\"",
            "{ name = \"custom_fields\", in = \"body\", as = \"customFields\", type = \"object\", additionalProperties = { type = \"string\" }, description = \"Custom fields.\" },",
            "{ name = \"subject\", in = \"body\", type = \"string\", maxLength = 80, required = true, description = \"The subject.\" },",
            "name = \"set_tickets\"",
            "{ name = \"id_2\", in = \"body\", as = \"id\", type = \"integer\", description = \"Id.\" },",
            "{ name = \"open\", in = \"body\", type = \"boolean\", description = \"Open.\" },",
            "risk = \"delete\"",
            "# decide: the document does not describe `id` of the path",
            "body = \"{body}\"",
            "# - POST /files: its body is application/octet-stream",
            "encoding = \"multipart\"",
            "# decide: `data` is a file, which a tool cannot send: it was left out",
        ],
    );
}

#[test]
fn ways_to_sign_in() {
    let sign_in = |security: &str| import(&format!("paths: {{/me: {{get: {{}}}}}}\n{security}"));
    let schemes = "components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Api-Key}, id: {type: apiKey, in: query, name: client}, who: {type: http, scheme: Basic}, web: {type: oauth2, flows: {authorizationCode: {tokenUrl: 'https://a.example/t'}}}, app: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://a.example/t', scopes: {a: A, b: B}}}}}}\n";
    let text = sign_in(&format!("{schemes}security: [{{web: []}}, {{key: [], id: []}}]"));
    has(&text, &["X-Api-Key = \"{api_key}\"", "client = \"{client}\"", "[auth.query]", "[[fields]]"]);
    assert!(text.contains("`key with id` was taken; the document also knows web"), "{text}");
    let text = sign_in(&format!("{schemes}security: [{{app: []}}]"));
    has(
        &text,
        &[
            "[auth.oauth2]",
            "grant = \"client_credentials\"",
            "token_url = \"https://a.example/t\"",
            "scope = \"a b\"",
            "client_secret = \"{client_secret}\"",
        ],
    );
    has(&sign_in(&format!("{schemes}security: [{{web: []}}]")), &["bearer = \"{token}\""]);
    let text = sign_in(&format!("{schemes}security: [{{who: []}}]"));
    has(&text, &["[auth.basic]", "username = \"{username}\"", "password = \"{password}\""]);
    assert!(sign_in("").contains("how requests are signed: the document does not say it"));
}

#[test]
fn which_way_to_sign_in() {
    let schemes = "components: {securitySchemes: {main: {type: http, scheme: bearer}, hook: {type: apiKey, in: header, name: X-Hook}}}\n";
    let hook = "post: {security: [{hook: []}]}";
    let text = import(&format!("paths: {{/a: {{get: {{}}, {hook}}}}}\nsecurity: [{{main: []}}]\n{schemes}"));
    has(&text, &["bearer = \"{token}\""]);
    let own = "get: {security: [{main: []}]}";
    let text = import(&format!("paths: {{/a: {{{own}, {hook}}}, /b: {{{own}}}}}\n{schemes}"));
    has(&text, &["bearer = \"{token}\""]);
    assert!(text.contains("`main` was taken; the document also knows hook"), "{text}");
}

/// Each of them once ended in a draft that the gateway itself refused.
#[test]
fn credentials_that_meet() {
    let sign_in = |schemes: &str, names: &str| {
        import(&format!(
            "paths: {{/me: {{get: {{}}}}}}\nsecurity: [{{{names}}}]\ncomponents: {{securitySchemes: {{{schemes}}}}}\n"
        ))
    };
    let text = sign_in("a: {type: apiKey, in: query, name: access_token}", "a: []");
    has(&text, &["access_token = \"{access_token_2}\""]);
    let text = sign_in(
        "a: {type: apiKey, in: cookie, name: sid}, b: {type: apiKey, in: cookie, name: csrf}",
        "a: [], b: []",
    );
    has(&text, &["Cookie = \"sid={sid}; csrf={csrf}\""]);
    let text = sign_in(
        "a: {type: apiKey, in: header, name: Authorization}, b: {type: http, scheme: bearer}",
        "a: [], b: []",
    );
    assert!(text.contains("the document also wants `bearer`, which writes the same header"), "{text}");
    let text = sign_in(
        "a: {type: http, scheme: bearer}, b: {type: apiKey, in: header, name: authorization}",
        "a: [], b: []",
    );
    assert!(text.contains("the document also wants {api_key}, which writes the same header"), "{text}");
    let text = sign_in(
        "a: {type: oauth2, flows: {clientCredentials: {tokenUrl: /t, scopes: {read: x, 'tenant:{id}': y}}}}",
        "a: []",
    );
    has(&text, &["scope = \"read\""]);
    assert!(text.contains("a part that is not known: tenant:{id}"), "{text}");
}

/// A schema that is a part of itself, many times over.
#[test]
fn an_answer_that_refers_to_itself() {
    let parts = vec!["{$ref: '#/components/schemas/X'}"; 50].join(", ");
    let text = import(&format!(
        "paths: {{/xs: {{get: {{responses: {{'200': {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/X'}}}}}}}}}}}}}}}}\ncomponents: {{schemas: {{X: {{type: object, properties: {{items: {{type: array}}}}, allOf: [{parts}]}}}}}}\n"
    ));
    has(&text, &["result = \"/items\""]);
}

#[test]
fn nothing_is_lost_without_a_word() {
    let text = import(
        "paths:
  /files:
    post: {requestBody: {content: {application/octet-stream: {}}}}
    get: {requestBody: {content: {application/json: {}}}}
    put: {requestBody: {content: {multipart/form-data: {schema: {type: object, properties: {title: {type: string}, files: {type: array, items: {type: string, format: binary}}}}}}}}
  /elsewhere: {$ref: 'paths/elsewhere.yaml'}
  tickets: {get: {}}
  /up: {servers: [{url: 'https://uploads.acme.example'}], post: {}, put: {servers: [{url: 'https://put.acme.example'}]}}
",
    );
    has(
        &text,
        &[
            "# decide: its body is application/octet-stream, which a tool cannot send: it was left out",
            "# decide: a GET with a body, which a tool cannot send: it was left out",
            "# decide: `files` is a file, which a tool cannot send: it was left out",
            "# - /elsewhere: `paths/elsewhere.yaml` stands outside of the document, and is never fetched",
            "# - tickets: a path begins with `/`",
            "# decide: the document has this at https://uploads.acme.example, not at the base URL",
            "# decide: the document has this at https://put.acme.example, not at the base URL",
        ],
    );
    let old = "swagger: '2.0'\ninfo: {title: Old, version: '1'}\nhost: a.example\npaths:\n  /a: {$ref: '#/x-paths/a'}\nx-paths: {a: {post: {parameters: [{name: note, in: body, schema: {type: object, properties: {text: {type: string}}}}]}}}\n";
    let text = import_openapi(old, "acme", &[]).unwrap().text;
    assert!(text.contains("{ name = \"text\", in = \"body\""), "{text}");
}

#[test]
fn one_bad_operation_is_in_nobodys_way() {
    let document = format!(
        "{HEAD}paths: {{/a: {{get: {{operationId: bad, parameters: [{{$ref: '#/components/parameters/A'}}]}}}}, /b: {{get: {{operationId: good}}}}}}\ncomponents: {{parameters: {{A: {{$ref: '#/components/parameters/A'}}}}}}"
    );
    let draft = import_openapi(&document, "acme", &["good".into()]).unwrap();
    assert_eq!((draft.tools, draft.left_out), (1, 0));
    let draft = import_openapi(&document, "acme", &[]).unwrap();
    assert_eq!((draft.tools, draft.left_out), (1, 1), "{}", draft.text);
}

#[test]
fn nothing_is_fetched() {
    let text = import(
        "paths:
  /a: {get: {parameters: [{$ref: 'https://other.example/p.yaml#/x'}]}}
  /b: {post: {requestBody: {content: {application/json: {schema: {type: object, properties: {c: {$ref: 'common.yaml#/C'}}}}}}}}
",
    );
    has(
        &text,
        &[
            "# - GET /a: `https://other.example/p.yaml#/x` stands outside of the document, and is never fetched",
        ],
    );
    has(&text, &["# decide: `common.yaml#/C` stands outside of the document, and is never fetched"]);
}

/// A mistake at one place costs what hangs on it, and is said; everything else becomes a draft.
#[test]
fn references_without_an_end() {
    let loops = "A: {$ref: '#/components/x/B'}, B: {$ref: '#/components/x/A'}";
    let text = import(&format!(
        "paths:
  /a: {{get: {{parameters: [{{$ref: '#/components/x/A'}}]}}}}
  /b: {{get: {{parameters: [{{name: state, in: query, schema: {{$ref: '#/components/x/A'}}}}, {{name: page, in: query, schema: {{type: integer}}}}], responses: {{'200': {{$ref: '#/components/x/B'}}}}}}}}
  /c: {{post: {{requestBody: {{$ref: '#/components/x/A'}}}}}}
  /d: {{post: {{requestBody: {{content: {{application/json: {{schema: {{type: object, properties: {{e: {{$ref: '#/components/x/B'}}, f: {{type: integer}}}}}}}}}}}}}}}}
  /g: {{$ref: '#/components/x/A'}}
components: {{x: {{{loops}}}, securitySchemes: {{key: {{$ref: '#/components/x/A'}}}}}}
"
    ));
    let endless = "refers to itself, by a chain of $ref that has no end";
    let left_out = |place: &str| format!("# - {place}: `#/components/x/A` {endless}");
    has(
        &text,
        &[&left_out("GET /a"), &left_out("POST /c"), &left_out("/g"), "path = \"/b\"", "path = \"/d\""],
    );
    for name in ["state", "page", "f"] {
        assert!(text.contains(&format!("{{ name = \"{name}\"")), "{name}: {text}");
    }
    // Two tools and the sign-in have a question about it.
    assert_eq!(text.matches(&format!("# decide: `#/components/x/A` {endless}")).count(), 2, "{text}");
    has(&text, &[&format!("# decide: `#/components/x/B` {endless}")]);
}

#[test]
fn what_is_sent_twice_under_one_name() {
    let text = import(
        "paths:
  /a: {get: {parameters: [{name: state, in: query, schema: {type: string}}, {name: filter, in: query, schema: {type: object, properties: {state: {type: integer}, age: {type: integer}}}}, {name: X-Id, in: header, schema: {type: string}}, {name: x-id, in: header, schema: {type: string}}]}}
",
    );
    has(&text, &["# decide: two things are called `state` in the query: the second was left out"]);
    has(&text, &["# decide: two things are called `x-id` in the header: the second was left out"]);
    for name in ["state", "age", "x_id"] {
        assert_eq!(text.matches(&format!("{{ name = \"{name}\"")).count(), 1, "{name}: {text}");
    }
}

#[test]
fn refusals() {
    let paths = |paths: &str| format!("{HEAD}paths: {paths}");
    let double = paths(
        "{/a: {get: {operationId: x, tags: [Devices]}}, /b: {get: {operationId: x}}, /c: {get: {operationId: getDevice}}}",
    );
    assert_eq!(
        refused(&double, &[]),
        "the operationId `x` stands at GET /a and at GET /b; it must be unique: rename one of them"
    );
    assert!(import_openapi(&double, "acme", &["getDevice".into()]).is_ok());
    assert_eq!(
        refused(&double, &["getDevices"]),
        "--include getDevices: there is no such tag and no such operation; did you mean getDevice, Devices?"
    );
    assert!(refused(&double, &["zzz"]).ends_with("no such operation"));
    let cyclic = paths(
        "{/a: {get: {parameters: [{$ref: '#/components/parameters/A'}]}}}\ncomponents: {parameters: {A: {$ref: '#/components/parameters/B'}, B: {$ref: '#/components/parameters/A'}}}",
    );
    let reason = refused(&cyclic, &[]);
    assert!(
        reason.starts_with("no operation can become a tool: GET /a: `#/")
            && reason.contains("refers to itself"),
        "{reason}"
    );
    assert_eq!(refused(&paths("{}"), &[]), "no operation can become a tool; the document has no paths");
    assert!(refused(&paths("{/a: {get: {deprecated: true}}}"), &[]).contains("GET /a: deprecated"));
    for (slug, words) in [
        ("gateway", "the gateway itself"),
        ("Acme", "lower-case"),
        ("a-very-long-slug-for-a-vendor", "at most 24"),
    ] {
        assert!(import_openapi(&double, slug, &[]).unwrap_err().to_string().contains(words));
    }
}

#[test]
fn long_names_stay_unique() {
    let path = |n| {
        format!("  /x{n}: {{get: {{operationId: getTheVeryLongNameOfSomethingThatIsHardToTellApart{n}}}}}")
    };
    let paths: Vec<_> = (0..30).map(path).collect();
    let text = import(&format!("paths:\n{}\n", paths.join("\n")));
    let names: BTreeSet<_> = text.lines().filter(|line| line.starts_with("name = \"get_")).collect();
    assert_eq!(names.len(), 30, "{names:#?}");
}

#[test]
fn an_existing_file_stays() {
    let draft = import_openapi(&format!("{HEAD}paths: {{/a: {{get: {{}}}}}}"), "acme", &[]).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("acme.toml");
    assert!(matches!(
        draft.save("acme", &dir.path().join("other.toml"), false),
        Err(ImportError::FileName { .. })
    ));
    std::fs::write(&file, "mine").unwrap();
    assert!(matches!(draft.save("acme", &file, false), Err(ImportError::Exists(_))));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    draft.save("acme", &file, true).unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), draft.text);
}

/// Any text at all in the places that documents have: a draft passes `vendors check`, or there is a reason.
fn hostile() -> impl Strategy<Value = Value> {
    let text = prop_oneof![any::<String>(), "[a-zA-Z_{}'\"\\\\\n#/$.-]{0,12}"];
    let schema = (text.clone(), text.clone(), any::<i64>(), 0..6_usize).prop_map(|(pattern, words, number, kind)| {
        let kind = ["string", "integer", "array", "object", "number", "x"][kind];
        serde_json::json!({ "type": kind, "pattern": pattern, "description": words, "default": number, "minimum": number, "enum": [words, null, number], "properties": { (pattern): { "type": [kind, "null"] } } })
    });
    let parameter = (text.clone(), 0..5_usize, schema.clone(), any::<bool>()).prop_map(|(name, place, schema, required)| {
        let place = ["path", "query", "header", "cookie", "x"][place];
        serde_json::json!({ "name": name, "in": place, "schema": schema, "required": required, "description": name })
    });
    (text.clone(), text.clone(), text.clone(), proptest::collection::vec(parameter, 0..4), schema).prop_map(
        |(path, id, url, parameters, schema)| {
            serde_json::json!({
                "openapi": "3.1.0",
                "info": { "title": id, "description": path, "version": url },
                "servers": [{ "url": url }],
                "paths": { (format!("/{path}")): { "post": {
                    "operationId": id, "summary": id, "parameters": parameters,
                    "requestBody": { "content": { "application/json": { "schema": schema } } },
                } } },
                "security": [{ (id.clone()): [], "cookie": [], "query": [], "app": [], "basic": [] }],
                "components": { "securitySchemes": {
                    (id.clone()): { "type": "apiKey", "in": "header", "name": path },
                    "cookie": { "type": "apiKey", "in": "cookie", "name": url },
                    "query": { "type": "apiKey", "in": "query", "name": id },
                    "app": { "type": "oauth2", "flows": { "clientCredentials": { "tokenUrl": url, "scopes": { (path): url } } } },
                    "basic": { "type": "http", "scheme": "basic" },
                } },
            })
        },
    )
}

proptest! {
    #[test]
    fn any_document_gives_a_sound_draft_or_a_reason(document in hostile()) {
        match import_openapi(&document.to_string(), "acme", &[]) {
            Ok(_) | Err(ImportError::NoTools(_)) => {}
            Err(other) => prop_assert!(false, "{other}\n{document}"),
        }
    }
}
