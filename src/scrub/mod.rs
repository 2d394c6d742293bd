//! The scrub stage.

mod base64;
mod decode;
mod detect;
mod features;
mod hits;
mod keys;
mod kind;
