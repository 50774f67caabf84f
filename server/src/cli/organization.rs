//! `mcp-gateway organization`: the tenants, as their operator sees them.

use anyhow::bail;
use clap::Subcommand;
use gateway_api::{ids::OrganizationId, plans::Plan};
use gateway_store::{Event, Topic, operator, organizations};

use super::{
    by_operator, open, say,
    table::{self, moment, printable},
};
use crate::{
    audit::{self, action},
    clock::Clock,
    config::{DataOptions, parse_plan},
};

#[derive(Debug, Subcommand)]
pub(super) enum OrganizationCommand {
    /// List all organizations with their plan and their number of members.
    List {
        #[command(flatten)]
        data: DataOptions,
    },
    /// Set an organization's plan. Going back to Free deletes nothing: what Free does not include sleeps until the
    /// organization is on Pro again.
    SetPlan {
        /// The organization's id, as `mcp-gateway organization list` shows it.
        id: OrganizationId,
        /// The plan.
        #[arg(value_parser = parse_plan())]
        plan: Plan,
        #[command(flatten)]
        data: DataOptions,
    },
}

pub(super) async fn run(command: OrganizationCommand) -> anyhow::Result<()> {
    match command {
        OrganizationCommand::List { data } => list_organizations(&data).await,
        OrganizationCommand::SetPlan { id, plan, data } => set_plan(id, plan, &data).await,
    }
}

async fn list_organizations(data: &DataOptions) -> anyhow::Result<()> {
    let database = open(data).await?;
    let found = operator::list_organizations(&mut database.read().await?).await?;
    if found.is_empty() {
        return say("there are no organizations; the first account brings one\n");
    }
    let mut rows = vec![["ID", "PLAN", "MEMBERS", "MADE", "NAME"].map(str::to_owned).to_vec()];
    rows.extend(found.into_iter().map(|(organization, members)| {
        vec![
            organization.id.to_string(),
            organization.plan.as_str().to_owned(),
            members.to_string(),
            moment(organization.created_at),
            printable(&organization.name),
        ]
    }));
    say(&table::lines(&rows))
}

async fn set_plan(id: OrganizationId, plan: Plan, data: &DataOptions) -> anyhow::Result<()> {
    let clock = Clock::system();
    let database = open(data).await?;
    let mut transaction = database.write().await?;
    // From here on nobody else changes the plan, so the row says truly what it was.
    organizations::lock(&mut transaction, id).await?;
    let Some(organization) = operator::find_organization(&mut transaction, id).await? else {
        bail!("there is no organization with the id {id}; `mcp-gateway organization list` shows the ids");
    };
    let name = printable(&organization.name);
    if organization.plan == plan {
        return say(&format!("{name} is on the plan {} already\n", plan.title()));
    }
    organizations::set_plan(&mut transaction, id, plan).await?;
    let event = audit::Event {
        organization: Some(id),
        target: Some(format!("{} -> {}", organization.plan.as_str(), plan.as_str())),
        ..by_operator(action::ORGANIZATION_PLAN)
    };
    event.write(&clock, &mut transaction).await?;
    transaction.publish(Event::Changed(Topic::Organization, id.uuid()));
    transaction.commit().await?;
    say(&format!("{name} is on the plan {} now\n", plan.title()))
}
