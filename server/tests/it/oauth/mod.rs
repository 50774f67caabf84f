//! The authorization server, as clients and browsers meet it.

mod authorize;
mod bearer;
mod cimd;
mod confidential;
mod consent;
mod flow;
mod metadata;
mod refresh;
mod register;
mod service_clients;
mod token;
