-- Sessions of MCP clients that speak a revision before 2026-07-28: what any replica needs to carry one on.
-- initialize_params is JSON. Without a foreign key to the grant: a session of a revoked grant is not reachable, and
-- expires.
CREATE TABLE mcp_sessions (
    id_hash TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    grant_id TEXT NOT NULL,
    initialize_params TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX mcp_sessions_by_grant ON mcp_sessions (grant_id, created_at);
