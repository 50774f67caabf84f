-- What is known about each connection's vendor and credential, and the access tokens that replicas share.
-- Everything here goes with its connection.

-- The lights. called_problem is null if the last call was good. next_check_at: whoever moves it on makes the check.
CREATE TABLE connection_health (
    connection_id TEXT NOT NULL PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    reached_at BIGINT,
    unreached_at BIGINT,
    unreached_why TEXT,
    accepted_at BIGINT,
    refused_at BIGINT,
    refused_why TEXT,
    called_at BIGINT,
    called_problem TEXT,
    next_check_at BIGINT NOT NULL
);
CREATE INDEX connection_health_by_next_check ON connection_health (next_check_at);
-- Counts per day (of UTC, since 1970-01-01), calls and checks together.
CREATE TABLE connection_days (
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    day BIGINT NOT NULL,
    good BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    unreachable BIGINT NOT NULL,
    limited BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    PRIMARY KEY (connection_id, day)
);
-- When a connection began to need attention, and when it was good again (problem is null).
CREATE TABLE connection_changes (
    id TEXT NOT NULL PRIMARY KEY,
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    problem TEXT
);
CREATE INDEX connection_changes_by_connection ON connection_changes (connection_id, at);
-- The access token of one version of a connection's credentials, sealed like them. Whoever holds the lease fetches one.
CREATE TABLE vendor_tokens (
    connection_id TEXT NOT NULL PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    key_id TEXT,
    sealed BYTEA,
    renew_at BIGINT NOT NULL,
    lease_id TEXT,
    leased_until BIGINT NOT NULL
);
