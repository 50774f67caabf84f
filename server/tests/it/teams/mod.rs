//! Teams: organizations, plans, codes, members, invitations, sub-teams, shared connections, which credential is used.

mod invitations;
mod live;
mod members;
mod organizations;
mod races;
mod resolution;
mod shared_pace;
mod story;
mod subteams;
mod two_replicas;
pub(crate) mod world;
