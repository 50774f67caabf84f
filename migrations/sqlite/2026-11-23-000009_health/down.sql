DROP TABLE vendor_tokens;
DROP TABLE connection_changes;
DROP TABLE connection_days;
DROP TABLE connection_health;
