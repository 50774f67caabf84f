//! The loader of vendor manifests.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| gateway_server::fuzzing::check_manifest(input));
