CREATE INDEX audit_events_by_user ON audit_events (user_id, id);
DROP INDEX audit_events_by_failure;
DROP INDEX audit_events_by_tool;
DROP INDEX audit_events_by_vendor;
DROP INDEX audit_events_by_client_name;
DROP INDEX audit_events_by_client;
DROP INDEX audit_events_by_actor;
DROP INDEX audit_events_by_member;
DROP TABLE upgrade_code_uses;
