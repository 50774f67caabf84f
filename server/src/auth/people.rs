//! Making a person: with an organization of their own, so that nobody is without one.

use gateway_api::{
    ids::{OrganizationId, UserId},
    invitations::InvitationState,
    organizations::Role,
    plans::Plan,
    problem::FieldError,
};
use gateway_store::{
    Connection, StoreError, Transaction, invitations, members,
    organizations::{self, Membership, Organization},
    sessions,
    users::{self, User},
};

use crate::{
    clock::{Clock, hash_token},
    names,
    state::App,
};

/// The longest e-mail address (RFC 5321 section 4.5.3.1.3).
const EMAIL_MAX: usize = 254;

/// Stores a new person and their personal organization.
pub async fn create(
    transaction: &mut Transaction,
    clock: &Clock,
    plan: Plan,
    (name, email): (&str, &str),
) -> Result<(User, Organization), StoreError> {
    let user = User {
        id: clock.new_id(),
        name: name.trim().to_owned(),
        email: email.trim().to_owned(),
        created_at: clock.now(),
    };
    users::insert(transaction, &user).await?;
    let organization = create_personal_organization(transaction, clock, plan, &user).await?;
    Ok((user, organization))
}

/// Where a person works who can no longer work in `left`: in another organization of theirs, or in a new personal one,
/// so that nobody is without any. Their sessions go on there.
///
/// Who leaves two organizations at once would go on in the one that they leave as well, so the one waits for the other.
/// Whoever moves several people on does it in the order of their ids.
pub async fn move_on(
    state: &App,
    transaction: &mut Transaction,
    user: &User,
    left: OrganizationId,
) -> Result<usize, StoreError> {
    users::lock(transaction, user.id).await?;
    let others = organizations::of_user(transaction, user.id).await?;
    let other = others.into_iter().map(|(organization, _)| organization.id).find(|id| *id != left);
    let next = match other {
        Some(id) => id,
        None => {
            create_personal_organization(transaction, &state.clock, state.config.default_plan, user).await?.id
        }
    };
    sessions::move_of_user(transaction, user.id, left, next).await
}

async fn create_personal_organization(
    transaction: &mut Transaction,
    clock: &Clock,
    plan: Plan,
    owner: &User,
) -> Result<Organization, StoreError> {
    let organization = Organization {
        id: clock.new_id(),
        name: format!("{}'s team", owner.name),
        plan,
        is_personal: true,
        created_at: clock.now(),
    };
    found(transaction, &organization, owner.id).await?;
    Ok(organization)
}

/// Stores a new organization with its first owner.
pub async fn found(
    transaction: &mut Transaction,
    organization: &Organization,
    owner: UserId,
) -> Result<(), StoreError> {
    let membership = Membership {
        organization_id: organization.id,
        user_id: owner,
        role: Role::Owner,
        joined_at: organization.created_at,
    };
    organizations::insert(transaction, organization).await?;
    members::insert(transaction, &membership).await
}

/// Whether a token is of an invitation that lets somebody in: who holds one may make an account. That uses nothing up.
pub async fn is_invited(connection: &mut Connection, clock: &Clock, token: &str) -> Result<bool, StoreError> {
    let found = invitations::find(connection, &hash_token(token)).await?;
    Ok(found.is_some_and(|(invitation, ..)| invitation.state(clock.now()) == InvitationState::Active))
}

/// What is wrong with the fields of a new local account; empty if nothing is.
pub fn check_account(name: &str, email: &str, password: &str) -> Vec<FieldError> {
    let checks = [
        ("name", names::check(name, "Please enter your name.").map(drop)),
        ("email", check_email(email)),
        ("password", super::passwords::check(password)),
    ];
    checks
        .into_iter()
        .filter_map(|(field, check)| check.err().map(|message| (field, message)))
        .map(|(field, message)| FieldError { field: field.to_owned(), message: message.to_owned() })
        .collect()
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
