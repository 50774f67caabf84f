//! The bundle `audit`.

fn main() {
    gateway_frontend::start(gateway_app::bundle::audit::hydrate);
}
