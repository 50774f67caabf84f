//! Making a person: with an organization of their own, so that nobody is without one.

use gateway_api::{organizations::Role, plans::Plan, problem::FieldError};
use gateway_store::{
    StoreError, Transaction,
    organizations::{self, Membership, Organization},
    users::{self, User},
};

use crate::clock::Clock;

/// The longest name of a person, in characters.
const NAME_MAX: usize = 100;
/// The longest e-mail address (RFC 5321 section 4.5.3.1.3).
const EMAIL_MAX: usize = 254;

/// Stores a new person and their personal organization, with the plan Free.
pub async fn create(
    transaction: &mut Transaction,
    clock: &Clock,
    name: &str,
    email: &str,
) -> Result<(User, Organization), StoreError> {
    let now = clock.now();
    let user = User {
        id: clock.new_id(),
        name: name.trim().to_owned(),
        email: email.trim().to_owned(),
        created_at: now,
    };
    let organization = Organization {
        id: clock.new_id(),
        name: format!("{}'s team", user.name),
        plan: Plan::Free,
        is_personal: true,
        created_at: now,
    };
    let membership =
        Membership { organization_id: organization.id, user_id: user.id, role: Role::Owner, joined_at: now };
    users::insert(transaction, &user).await?;
    organizations::insert(transaction, &organization).await?;
    organizations::insert_membership(transaction, &membership).await?;
    Ok((user, organization))
}

/// What is wrong with the fields of a new local account; empty if nothing is.
pub fn check_account(name: &str, email: &str, password: &str) -> Vec<FieldError> {
    let checks = [
        ("name", check_name(name)),
        ("email", check_email(email)),
        ("password", super::passwords::check(password)),
    ];
    checks
        .into_iter()
        .filter_map(|(field, check)| check.err().map(|message| (field, message)))
        .map(|(field, message)| FieldError { field: field.to_owned(), message: message.to_owned() })
        .collect()
}

fn check_name(name: &str) -> Result<(), &'static str> {
    match name.trim().chars().count() {
        0 => Err("Please enter your name."),
        length if length > NAME_MAX => Err("Please use at most 100 characters."),
        _ if name.trim().chars().any(char::is_control) => Err("Please use letters, digits and signs only."),
        _ => Ok(()),
    }
}

fn check_email(email: &str) -> Result<(), &'static str> {
    let email = email.trim();
    if email.is_empty() {
        return Err("Please enter your e-mail address.");
    }
    if email.len() > EMAIL_MAX {
        return Err("This is too long for an e-mail address.");
    }
    // Whether it exists, only a message to it could tell; this finds slips of typing.
    if garde::rules::email::parse_email(email).is_err() || email.chars().any(char::is_whitespace) {
        return Err("This is not an e-mail address, like name@company.example.");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_fields_are_named() {
        let fields = |name, email, password| {
            check_account(name, email, password).into_iter().map(|error| error.field).collect::<Vec<_>>()
        };
        assert_eq!(fields("Ada", "ada@company.example", "long enough to pass"), Vec::<String>::new());
        assert_eq!(fields(" ", "ada", "short"), ["name", "email", "password"]);
        assert_eq!(fields("a\u{7}b", "a b@c.example", "long enough to pass"), ["name", "email"]);
        assert_eq!(fields("عائشة 👩‍💻", "jo@company.example", "long enough to pass"), Vec::<String>::new());
    }
}
