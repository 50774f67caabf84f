//! What the demo desk holds, and what it starts with. Names and addresses are invented (RFC 2606, RFC 5737).

use serde::{Deserialize, Serialize};

/// State of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    New,
    InProgress,
    Waiting,
    Closed,
}

/// Urgency of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Priority {
    Low,
    Normal,
    High,
    Urgent,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Customer {
    pub(super) id: u32,
    pub(super) name: &'static str,
    pub(super) city: &'static str,
    pub(super) contact: &'static str,
    pub(super) email: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Device {
    pub(super) id: u32,
    pub(super) customer_id: u32,
    pub(super) hostname: &'static str,
    pub(super) kind: &'static str,
    pub(super) os: &'static str,
    pub(super) ip: &'static str,
    pub(super) online: bool,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Comment {
    pub(super) author: String,
    pub(super) text: String,
    pub(super) internal: bool,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Ticket {
    pub(super) id: u32,
    pub(super) customer_id: u32,
    pub(super) subject: String,
    pub(super) description: String,
    pub(super) status: Status,
    pub(super) priority: Priority,
    pub(super) assignee: Option<String>,
    pub(super) device_id: Option<u32>,
    pub(super) comments: Vec<Comment>,
}

const fn customer(
    id: u32,
    name: &'static str,
    city: &'static str,
    contact: &'static str,
    email: &'static str,
) -> Customer {
    Customer { id, name, city, contact, email }
}

pub(super) const CUSTOMERS: [Customer; 5] = [
    customer(1, "Bright Dental Care", "Springfield", "Mia Hart", "mia@bright-dental.example"),
    customer(2, "Harbor Logistics", "Port Alden", "Sam Ortega", "sam@harbor-logistics.example"),
    customer(3, "Northwind Law", "Riverton", "Ada Finch", "ada@northwind-law.example"),
    customer(4, "Green Valley School", "Green Valley", "Leo Park", "leo@gv-school.example"),
    customer(5, "Copper Kettle Bakery", "Springfield", "Nora Bell", "nora@copper-kettle.example"),
];

const fn device(
    id: u32,
    customer_id: u32,
    hostname: &'static str,
    kind: &'static str,
    os: &'static str,
    ip: &'static str,
    online: bool,
) -> Device {
    Device { id, customer_id, hostname, kind, os, ip, online }
}

pub(super) const DEVICES: [Device; 10] = [
    device(11, 1, "BDC-SRV01", "server", "Windows Server 2022", "192.0.2.11", true),
    device(12, 1, "BDC-FRONT01", "workstation", "Windows 11", "192.0.2.12", true),
    device(13, 1, "BDC-XRAY", "workstation", "Windows 10", "192.0.2.13", false),
    device(21, 2, "HARBOR-FW", "firewall", "OPNsense 26.1", "198.51.100.1", true),
    device(22, 2, "HARBOR-NAS", "storage", "TrueNAS 25", "198.51.100.20", true),
    device(23, 2, "HARBOR-SCAN07", "handheld", "Android 15", "198.51.100.77", false),
    device(31, 3, "NWL-LT-ADA", "laptop", "macOS 15", "203.0.113.31", true),
    device(32, 3, "NWL-PRINT", "printer", "embedded", "203.0.113.40", false),
    device(41, 4, "GVS-LAB-SW", "switch", "embedded", "192.0.2.141", true),
    device(51, 5, "KETTLE-POS", "workstation", "Windows 11", "192.0.2.151", true),
];

type Sample = (u32, &'static str, &'static str, Status, Priority, Option<&'static str>, Option<u32>);

const TICKETS: [Sample; 10] = [
    (
        1,
        "Backup failed on BDC-SRV01",
        "The nightly backup ended with error 0x80070015 twice.",
        Status::New,
        Priority::High,
        None,
        Some(11),
    ),
    (
        1,
        "X-ray workstation does not start",
        "Black screen after power on; the practice opens at 8.",
        Status::InProgress,
        Priority::Urgent,
        Some("Jordan"),
        Some(13),
    ),
    (
        2,
        "VPN drops every hour",
        "Remote dispatchers lose the tunnel at about the full hour.",
        Status::InProgress,
        Priority::High,
        Some("Riley"),
        Some(21),
    ),
    (
        2,
        "NAS is 92 % full",
        "Old video archives; may we move them?",
        Status::Waiting,
        Priority::Normal,
        Some("Jordan"),
        Some(22),
    ),
    (
        2,
        "Hand scanner 07 lost",
        "Replace and revoke its certificate.",
        Status::New,
        Priority::Normal,
        None,
        Some(23),
    ),
    (
        3,
        "New laptop for a paralegal",
        "Starts on the first of next month.",
        Status::Waiting,
        Priority::Low,
        Some("Casey"),
        None,
    ),
    (
        3,
        "Printer offline",
        "Shows offline to everyone on the second floor.",
        Status::New,
        Priority::Normal,
        None,
        Some(32),
    ),
    (
        4,
        "Wi-Fi slow in the computer lab",
        "30 pupils, one access point.",
        Status::InProgress,
        Priority::Normal,
        Some("Riley"),
        Some(41),
    ),
    (
        4,
        "Reset password for a teacher",
        "Locked out after the holidays.",
        Status::Closed,
        Priority::Low,
        Some("Casey"),
        None,
    ),
    (
        5,
        "Card terminal cannot reach the till",
        "Since this morning; cash only for now.",
        Status::New,
        Priority::Urgent,
        None,
        Some(51),
    ),
];

/// The first ticket's id.
const FIRST_TICKET: u32 = 1001;

/// Fresh copies of the sample tickets.
pub(super) fn tickets() -> Vec<Ticket> {
    TICKETS
        .iter()
        .zip(FIRST_TICKET..)
        .map(|(&(customer_id, subject, description, status, priority, assignee, device_id), id)| Ticket {
            id,
            customer_id,
            subject: subject.to_owned(),
            description: description.to_owned(),
            status,
            priority,
            assignee: assignee.map(str::to_owned),
            device_id,
            comments: Vec::new(),
        })
        .collect()
}
