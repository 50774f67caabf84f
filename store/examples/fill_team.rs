//! Fills an organization with made-up members, for `cargo xtask bench`: `fill_team ORGANIZATION MEMBERS`, on the database
//! that `MCP_GATEWAY_DATABASE_URL` names.

use gateway_api::{ids::Id, organizations::Role};
use gateway_store::{
    Database, Purpose, Timestamp, members,
    organizations::Membership,
    users::{self, User},
};
use uuid::Uuid;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().ok_or(format!("{what} is missing"));
    let (organization, count): (_, u128) = (next("ORGANIZATION")?.parse()?, next("MEMBERS")?.parse()?);
    let database = Database::open(&std::env::var("MCP_GATEWAY_DATABASE_URL")?, Purpose::Command).await?;
    let mut transaction = database.write().await?;
    let joined_at = Timestamp::from_micros(1_795_435_200_000_000);
    for number in 1..=count {
        let user = User {
            id: Id::from_uuid(Uuid::from_u128(number)),
            name: format!("Person Number {number}"),
            email: format!("person.{number}@msp.example"),
            created_at: joined_at,
        };
        users::insert(&mut transaction, &user).await?;
        let membership =
            Membership { organization_id: organization, user_id: user.id, role: Role::Member, joined_at };
        members::insert(&mut transaction, &membership).await?;
    }
    Ok(transaction.commit().await?)
}
