//! The bundle `team`.

fn main() {
    gateway_frontend::start(gateway_app::bundle::team::hydrate);
}
