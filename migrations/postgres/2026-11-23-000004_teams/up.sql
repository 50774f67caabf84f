-- Sub-teams: named parts of an organization. name_key is the name in lower case.
CREATE TABLE teams (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (organization_id, name_key)
);
-- Who leaves the organization leaves its sub-teams.
CREATE TABLE team_members (
    team_id TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (team_id, user_id),
    FOREIGN KEY (organization_id, user_id) REFERENCES memberships (organization_id, user_id) ON DELETE CASCADE
);
CREATE INDEX team_members_by_user ON team_members (user_id, organization_id);
-- Links that let people join. Only the SHA-256 of the link's token is kept.
CREATE TABLE invitations (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL UNIQUE,
    note TEXT,
    max_uses INTEGER NOT NULL,
    used INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX invitations_by_organization ON invitations (organization_id, id);
-- Who joined by which. user_name is the name then: the row outlives the membership.
CREATE TABLE invitation_uses (
    invitation_id TEXT NOT NULL REFERENCES invitations (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    user_name TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (invitation_id, user_id)
);
CREATE INDEX grants_by_organization ON grants (organization_id);
CREATE INDEX sessions_by_organization ON sessions (organization_id);
