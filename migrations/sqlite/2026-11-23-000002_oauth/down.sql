DROP TABLE signing_keys;
DROP TABLE refresh_tokens;
DROP TABLE codes;
DROP TABLE grants;
DROP TABLE authorization_requests;
DROP TABLE clients;
