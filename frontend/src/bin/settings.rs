//! The bundle `settings`.

fn main() {
    gateway_frontend::start(gateway_app::bundle::settings::hydrate);
}
