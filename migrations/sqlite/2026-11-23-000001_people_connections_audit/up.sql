-- Portable columns only (docs/ARCHITECTURE.md, "One code base, two databases"):
-- ids are UUIDs as text, times are microseconds since 1970-01-01 UTC, enums are text.

-- People -----------------------------------------------------------------------------------------------------
CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
-- A person who signs in with e-mail and password. email_key is the address in lower case.
CREATE TABLE local_accounts (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    email_key TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);
-- A person known to an OpenID Connect issuer, keyed as OpenID Connect Core section 5.7 says.
CREATE TABLE identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_by_user ON identities (user_id);

-- Organizations ----------------------------------------------------------------------------------------------
CREATE TABLE organizations (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    plan TEXT NOT NULL,
    is_personal BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE TABLE memberships (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    joined_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX memberships_by_user ON memberships (user_id);
-- What unlocks Pro. Only the SHA-256 of the code is kept.
CREATE TABLE upgrade_codes (
    id TEXT NOT NULL PRIMARY KEY,
    code_hash TEXT NOT NULL UNIQUE,
    max_uses INTEGER NOT NULL,
    used INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
);

-- Signing in -------------------------------------------------------------------------------------------------
CREATE TABLE sessions (
    token_hash TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE TABLE setup_tokens (
    token_hash TEXT NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
-- A sign-in on its way through an OpenID Connect provider.
CREATE TABLE sign_in_states (
    state_hash TEXT NOT NULL PRIMARY KEY,
    service TEXT NOT NULL,
    browser_hash TEXT NOT NULL,
    nonce TEXT NOT NULL,
    pkce_verifier TEXT NOT NULL,
    return_to TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
-- Counted attempts within a window, for what must not be tried without end.
CREATE TABLE throttles (
    bucket TEXT NOT NULL PRIMARY KEY,
    attempts INTEGER NOT NULL,
    window_ends_at BIGINT NOT NULL
);

-- Vault and connections --------------------------------------------------------------------------------------
-- check_value is a known text sealed with the master key of this id: it tells a wrong key at start.
CREATE TABLE master_keys (
    id TEXT NOT NULL PRIMARY KEY,
    check_value BLOB NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE TABLE vault_salts (
    scope TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    salt BLOB NOT NULL,
    PRIMARY KEY (scope, owner_id)
);
-- owner_id is a user's, a sub-team's or an organization's id, as scope says.
CREATE TABLE connections (
    id TEXT NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    vendor TEXT NOT NULL,
    version BIGINT NOT NULL,
    key_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    account TEXT,
    problem TEXT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    checked_at BIGINT NOT NULL,
    UNIQUE (scope, owner_id, vendor)
);

-- Audit ------------------------------------------------------------------------------------------------------
-- No foreign keys: a row stays true when what it names is gone.
CREATE TABLE audit_events (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    organization_id TEXT,
    user_id TEXT,
    actor TEXT NOT NULL,
    client_id TEXT,
    client_name TEXT,
    action TEXT NOT NULL,
    vendor TEXT,
    tool TEXT,
    target TEXT,
    outcome TEXT NOT NULL,
    reason TEXT,
    credential_scope TEXT,
    duration_us BIGINT,
    request_id TEXT
);
CREATE INDEX audit_events_by_organization ON audit_events (organization_id, id);
CREATE INDEX audit_events_by_user ON audit_events (user_id, id);
