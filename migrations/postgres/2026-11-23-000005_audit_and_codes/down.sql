DROP TABLE upgrade_code_uses;
