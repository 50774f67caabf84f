DROP INDEX sessions_by_organization;
DROP INDEX grants_by_organization;
DROP TABLE invitation_uses;
DROP TABLE invitations;
DROP TABLE team_members;
DROP TABLE teams;
