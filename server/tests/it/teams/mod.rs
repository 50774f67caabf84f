//! Teams: organizations, plans, codes, members, invitations, sub-teams, shared connections, which credential is used.

mod story;
mod world;
