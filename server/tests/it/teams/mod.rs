//! Teams: organizations, plans, codes, members, invitations, sub-teams, shared connections, which credential is used.

mod story;
pub(crate) mod world;
