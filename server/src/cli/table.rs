//! Lists on a terminal: columns that stand one below the other, and times that can be read.

use gateway_store::Timestamp;
use time::OffsetDateTime;

/// The rows as lines, each column as wide as its widest cell. The first row is the head.
pub(super) fn lines(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let cell = |row: &[String], column: usize| row.get(column).map_or(0, |cell| cell.chars().count());
    let widths: Vec<usize> =
        (0..columns).map(|column| rows.iter().map(|row| cell(row, column)).max().unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

/// `2026-11-23 12:00`, in UTC.
pub(super) fn moment(at: Timestamp) -> String {
    let at = OffsetDateTime::from(at);
    format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute())
}

/// On one line: nobody's name may look like another row, or steer the terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|one| if one.is_control() { ' ' } else { one }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_one_below_the_other() {
        let rows = [["ID", "NAME"], ["1", "Å"], ["1000", "b"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(lines(&rows), "ID    NAME\n1     Å\n1000  b\n");
        assert_eq!(moment(Timestamp::from_micros(1_795_435_200_000_000)), "2026-11-23 12:00");
        assert_eq!(printable("a\nb\u{1b}[1m"), "a b [1m");
    }
}
