//! temp
pub mod bearer;
