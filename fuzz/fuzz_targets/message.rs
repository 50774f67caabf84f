//! What the MCP endpoint reads of a POST before rmcp does.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| gateway_server::fuzzing::check_message(input));
