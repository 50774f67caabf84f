ALTER TABLE signing_keys DROP COLUMN retired_at;
ALTER TABLE refresh_tokens DROP COLUMN parent_hash;
ALTER TABLE codes DROP COLUMN declined_scope;
ALTER TABLE grants DROP COLUMN declined_scope;
