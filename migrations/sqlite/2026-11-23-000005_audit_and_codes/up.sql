-- Which organizations a code upgraded. Without a foreign key to the organization: the history outlives it.
CREATE TABLE upgrade_code_uses (
    code_id TEXT NOT NULL REFERENCES upgrade_codes (id),
    organization_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (code_id, organization_id, at)
);
