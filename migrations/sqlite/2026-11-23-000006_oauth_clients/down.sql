CREATE TABLE mcp_sessions_of_people (
    id_hash TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    grant_id TEXT NOT NULL,
    initialize_params TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
INSERT INTO mcp_sessions_of_people SELECT id_hash, user_id, grant_id, initialize_params, created_at, expires_at FROM mcp_sessions WHERE user_id IS NOT NULL;
DROP TABLE mcp_sessions;
ALTER TABLE mcp_sessions_of_people RENAME TO mcp_sessions;
CREATE INDEX mcp_sessions_by_grant ON mcp_sessions (grant_id, created_at);
DROP TABLE service_clients;
ALTER TABLE clients DROP COLUMN secret_hash;
ALTER TABLE clients DROP COLUMN auth_method;
