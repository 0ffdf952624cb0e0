//! Tokens that are longer than an indicator.

mod block;
mod flow;
mod name;
mod plain;

pub(crate) use block::block_scalar;
pub(crate) use flow::quoted_scalar;
pub(crate) use name::{anchor, directive, tag};
pub(crate) use plain::plain_scalar;
