//! The tables as diesel sees them; the same for both engines. Meant to be read beside `migrations/`.

diesel::table! {
    users (id) { id -> Text, name -> Text, email -> Text, created_at -> BigInt, }
}
diesel::table! {
    local_accounts (user_id) { user_id -> Text, email_key -> Text, password_hash -> Text, changed_at -> BigInt, }
}
diesel::table! {
    identities (issuer, subject) { issuer -> Text, subject -> Text, user_id -> Text, created_at -> BigInt, }
}
diesel::table! {
    organizations (id) { id -> Text, name -> Text, plan -> Text, is_personal -> Bool, created_at -> BigInt, }
}
diesel::table! {
    memberships (organization_id, user_id) {
        organization_id -> Text, user_id -> Text, role -> Text, joined_at -> BigInt,
    }
}
diesel::table! {
    teams (id) { id -> Text, organization_id -> Text, name -> Text, name_key -> Text, created_at -> BigInt, }
}
diesel::table! {
    team_members (team_id, user_id) {
        team_id -> Text, organization_id -> Text, user_id -> Text, added_at -> BigInt,
    }
}
diesel::table! {
    invitations (id) {
        id -> Text, organization_id -> Text, token_hash -> Text, note -> Nullable<Text>, max_uses -> Integer,
        used -> Integer, created_by -> Text, created_at -> BigInt, expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}
diesel::table! {
    invitation_uses (invitation_id, user_id) {
        invitation_id -> Text, user_id -> Text, user_name -> Text, at -> BigInt,
    }
}
diesel::table! {
    upgrade_codes (id) {
        id -> Text, code_hash -> Text, max_uses -> Integer, used -> Integer, created_at -> BigInt,
        expires_at -> Nullable<BigInt>, revoked_at -> Nullable<BigInt>,
    }
}
diesel::table! {
    upgrade_code_uses (code_id, organization_id, at) { code_id -> Text, organization_id -> Text, at -> BigInt, }
}
diesel::table! {
    sessions (token_hash) {
        token_hash -> Text, user_id -> Text, organization_id -> Text, created_at -> BigInt, expires_at -> BigInt,
    }
}
diesel::table! {
    setup_tokens (token_hash) { token_hash -> Text, expires_at -> BigInt, }
}
diesel::table! {
    sign_in_states (state_hash) {
        state_hash -> Text, service -> Text, browser_hash -> Text, nonce -> Text, pkce_verifier -> Text,
        return_to -> Text, expires_at -> BigInt,
    }
}
diesel::table! {
    throttles (bucket) { bucket -> Text, attempts -> Integer, window_ends_at -> BigInt, }
}
diesel::table! {
    master_keys (id) { id -> Text, check_value -> Binary, created_at -> BigInt, }
}
diesel::table! {
    vault_salts (scope, owner_id) { scope -> Text, owner_id -> Text, salt -> Binary, }
}
diesel::table! {
    connections (id) {
        id -> Text, scope -> Text, owner_id -> Text, vendor -> Text, version -> BigInt, key_id -> Text,
        sealed -> Binary, account -> Nullable<Text>, problem -> Nullable<Text>, created_by -> Text,
        created_at -> BigInt, updated_at -> BigInt, checked_at -> BigInt,
    }
}
diesel::table! {
    connection_health (connection_id) {
        connection_id -> Text, reached_at -> Nullable<BigInt>, unreached_at -> Nullable<BigInt>,
        unreached_why -> Nullable<Text>, accepted_at -> Nullable<BigInt>, refused_at -> Nullable<BigInt>,
        refused_why -> Nullable<Text>, called_at -> Nullable<BigInt>, called_problem -> Nullable<Text>,
        next_check_at -> BigInt,
    }
}
diesel::table! {
    connection_days (connection_id, day) {
        connection_id -> Text, day -> BigInt, good -> BigInt, refused -> BigInt, unreachable -> BigInt,
        limited -> BigInt, failed -> BigInt,
    }
}
diesel::table! {
    connection_changes (id) { id -> Text, connection_id -> Text, at -> BigInt, problem -> Nullable<Text>, }
}
diesel::table! {
    vendor_tokens (connection_id) {
        connection_id -> Text, version -> BigInt, key_id -> Nullable<Text>, sealed -> Nullable<Binary>,
        renew_at -> BigInt, lease_id -> Nullable<Text>, leased_until -> BigInt,
    }
}
diesel::table! {
    mcp_sessions (id_hash) {
        id_hash -> Text, user_id -> Nullable<Text>, grant_id -> Text, initialize_params -> Text, created_at -> BigInt,
        expires_at -> BigInt,
    }
}
diesel::table! {
    audit_events (id) {
        id -> Text, at -> BigInt, organization_id -> Nullable<Text>, user_id -> Nullable<Text>, actor -> Text,
        client_id -> Nullable<Text>, client_name -> Nullable<Text>, action -> Text, vendor -> Nullable<Text>,
        tool -> Nullable<Text>, target -> Nullable<Text>, outcome -> Text, reason -> Nullable<Text>,
        credential_scope -> Nullable<Text>, duration_us -> Nullable<BigInt>, request_id -> Nullable<Text>,
    }
}

diesel::table! {
    clients (id) {
        id -> Text, name -> Text, redirect_uris -> Text, created_at -> BigInt, last_used_at -> Nullable<BigInt>,
        auth_method -> Text, secret_hash -> Nullable<Text>,
    }
}
diesel::table! {
    service_clients (id) {
        id -> Text, organization_id -> Text, name -> Text, secret_hash -> Text, scope -> Text, created_by -> Text,
        created_at -> BigInt, expires_at -> BigInt, last_used_at -> Nullable<BigInt>,
    }
}
diesel::table! {
    authorization_requests (id) {
        id -> Text, browser_hash -> Text, client_id -> Text, client_name -> Text, redirect_uri -> Text,
        state -> Nullable<Text>, scope -> Text, resource -> Text, code_challenge -> Text, expires_at -> BigInt,
    }
}
diesel::table! {
    grants (id) {
        id -> Text, user_id -> Text, organization_id -> Text, client_id -> Text, client_name -> Text,
        redirect_uri -> Text, scope -> Text, resource -> Text, created_at -> BigInt, expires_at -> BigInt,
        last_used_at -> Nullable<BigInt>, revoked_at -> Nullable<BigInt>, declined_scope -> Text,
    }
}
diesel::table! {
    codes (code_hash) {
        code_hash -> Text, grant_id -> Text, user_id -> Text, organization_id -> Text, client_id -> Text,
        client_name -> Text, redirect_uri -> Text, scope -> Text, resource -> Text, code_challenge -> Text,
        expires_at -> BigInt, redeemed_at -> Nullable<BigInt>, declined_scope -> Text,
    }
}
diesel::table! {
    refresh_tokens (token_hash) {
        token_hash -> Text, grant_id -> Text, created_at -> BigInt, expires_at -> BigInt,
        rotated_at -> Nullable<BigInt>, parent_hash -> Nullable<Text>,
    }
}
diesel::table! {
    signing_keys (id) {
        id -> Text, generation -> Integer, key_id -> Text, sealed -> Binary, created_at -> BigInt,
        retired_at -> Nullable<BigInt>,
    }
}

diesel::joinable!(local_accounts -> users (user_id));
diesel::joinable!(identities -> users (user_id));
diesel::joinable!(memberships -> organizations (organization_id));
diesel::joinable!(memberships -> users (user_id));
diesel::joinable!(team_members -> users (user_id));
diesel::joinable!(invitations -> organizations (organization_id));
diesel::joinable!(invitations -> users (created_by));
diesel::joinable!(invitation_uses -> invitations (invitation_id));
diesel::joinable!(service_clients -> organizations (organization_id));
diesel::joinable!(service_clients -> users (created_by));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(sessions -> organizations (organization_id));
diesel::joinable!(grants -> users (user_id));
diesel::joinable!(grants -> organizations (organization_id));
diesel::joinable!(refresh_tokens -> grants (grant_id));
diesel::joinable!(connection_health -> connections (connection_id));
diesel::allow_tables_to_appear_in_same_query!(connections, teams, connection_health);
diesel::allow_tables_to_appear_in_same_query!(
    users,
    local_accounts,
    identities,
    organizations,
    memberships,
    teams,
    team_members,
    invitations,
    invitation_uses,
    sessions,
    grants,
    refresh_tokens,
    clients,
    service_clients,
    mcp_sessions
);
diesel::allow_tables_to_appear_in_same_query!(upgrade_code_uses, organizations);
