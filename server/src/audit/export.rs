//! The audit log as a file of any size: page after page, so that memory stays flat and no transaction stays open.

use gateway_api::ids::OrganizationId;
use gateway_store::{
    Database, StoreError,
    audit::{self as rows, Filter},
};

use super::csv;

/// How many rows are read at once.
const PAGE: i64 = 1000;

/// An export on its way.
#[derive(Debug)]
pub struct Export {
    organization: Option<OrganizationId>,
    filter: Filter,
    progress: Progress,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Head,
    Rows,
    Done,
}

/// The export cannot go on; what was written is not the whole.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The CSV could not be written.
    #[error(transparent)]
    Csv(#[from] ::csv::Error),
    /// A row's id is none, so it is not known what comes next.
    #[error("the audit row {0:?} has no readable id")]
    Id(String),
}

impl Export {
    /// What the filter lets through, the newest first: of this organization, or (for the operator) of everything.
    pub fn new(organization: Option<OrganizationId>, filter: Filter) -> Self {
        Self { organization, filter, progress: Progress::Head }
    }

    /// The next piece; none after the last one. A connection is held for no longer than one page takes to be read.
    pub async fn next(&mut self, database: &Database) -> Result<Option<Vec<u8>>, ExportError> {
        let mut piece = match self.progress {
            Progress::Done => return Ok(None),
            Progress::Head => csv::head()?,
            Progress::Rows => Vec::new(),
        };
        let mut connection = database.read().await?;
        let page = match self.organization {
            Some(organization) => rows::page(&mut connection, organization, &self.filter, PAGE).await?,
            None => rows::page_of_all(&mut connection, &self.filter, PAGE).await?,
        };
        drop(connection);
        piece.extend(csv::lines(&page)?);
        self.progress = match page.last() {
            Some(last) if page.len() == usize::try_from(PAGE).unwrap_or(0) => {
                let id = last.id.parse().map_err(|_| ExportError::Id(last.id.clone()))?;
                self.filter.before = Some(id);
                Progress::Rows
            }
            _ => Progress::Done,
        };
        Ok(Some(piece))
    }
}
