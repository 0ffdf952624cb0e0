//! The UserAPI.
