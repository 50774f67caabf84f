-- Which organizations a code upgraded. Without a foreign key to the organization: the history outlives it.
CREATE TABLE upgrade_code_uses (
    code_id TEXT NOT NULL REFERENCES upgrade_codes (id),
    organization_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (code_id, organization_id, at)
);

-- What the audit log is filtered by, each with the id: a page is a stretch of one index, the newest first. Rows of
-- organizations are read by their organization alone, so it leads everywhere.
CREATE INDEX audit_events_by_member ON audit_events (organization_id, user_id, id);
CREATE INDEX audit_events_by_actor ON audit_events (organization_id, actor, id);
CREATE INDEX audit_events_by_client ON audit_events (organization_id, client_id, id);
CREATE INDEX audit_events_by_client_name ON audit_events (organization_id, client_name, id);
CREATE INDEX audit_events_by_vendor ON audit_events (organization_id, vendor, id);
CREATE INDEX audit_events_by_tool ON audit_events (organization_id, tool, id);
-- Nearly every row is ok: those are found without it, and their writing should not pay for it.
CREATE INDEX audit_events_by_failure ON audit_events (organization_id, outcome, id) WHERE outcome <> 'ok';
DROP INDEX audit_events_by_user;
