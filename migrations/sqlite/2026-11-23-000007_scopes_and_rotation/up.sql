-- What the person was asked for and did not allow, separated by blanks. What was not asked for stands in neither column.
ALTER TABLE grants ADD COLUMN declined_scope TEXT NOT NULL DEFAULT '';
ALTER TABLE codes ADD COLUMN declined_scope TEXT NOT NULL DEFAULT '';
-- The token that was exchanged for this one; none for the first of a family. A retried exchange makes several of one parent.
ALTER TABLE refresh_tokens ADD COLUMN parent_hash TEXT;
-- Since when a newer key signs. What it signed before still verifies, until all of that has expired.
ALTER TABLE signing_keys ADD COLUMN retired_at BIGINT;
