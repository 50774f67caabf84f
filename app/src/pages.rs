//! The pages, one file each.

pub(crate) mod audit;
pub(crate) mod connect;
pub(crate) mod consent;
pub(crate) mod home;
pub(crate) mod invite;
pub(crate) mod login;
pub(crate) mod not_found;
pub(crate) mod settings;
pub(crate) mod setup;
pub(crate) mod sign_up;
pub(crate) mod team;
pub(crate) mod trouble;
