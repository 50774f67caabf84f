//! The bundle `entry`: the light pages.

fn main() {
    gateway_frontend::start(gateway_app::bundle::entry::hydrate);
}
