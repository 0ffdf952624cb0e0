//! The tests of the model that need files beside them. They are one program, which is linked once.

mod application_inputs;
mod dotenv;
mod pyyaml;
