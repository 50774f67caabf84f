DELETE FROM mcp_sessions WHERE user_id IS NULL;
ALTER TABLE mcp_sessions ALTER COLUMN user_id SET NOT NULL;
DROP TABLE service_clients;
ALTER TABLE clients DROP COLUMN secret_hash;
ALTER TABLE clients DROP COLUMN auth_method;
