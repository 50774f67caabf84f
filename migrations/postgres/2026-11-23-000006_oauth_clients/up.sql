-- How a registered client proves who it is at the token endpoint (RFC 7591 section 2): `none`, or the SHA-256 of the
-- secret it was given once.
ALTER TABLE clients ADD COLUMN auth_method TEXT NOT NULL DEFAULT 'none';
ALTER TABLE clients ADD COLUMN secret_hash TEXT;
-- Programs that an organization lets in by a secret, without a person. Only the SHA-256 of the secret is kept. An access
-- token of one names its id as its grant.
CREATE TABLE service_clients (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    scope TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX service_clients_by_organization ON service_clients (organization_id, id);
-- A session of a service client is nobody's.
ALTER TABLE mcp_sessions ALTER COLUMN user_id DROP NOT NULL;
