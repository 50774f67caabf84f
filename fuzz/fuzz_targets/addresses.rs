//! Redirect URIs, client ID metadata documents and their addresses, resource indicators.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| gateway_server::fuzzing::check_addresses(input));
