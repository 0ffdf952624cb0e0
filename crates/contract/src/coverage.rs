//! What of the frontend's calls a run of the suite makes: the operations of the UserAPI's own
//! description, and the calls of HTTP Archives, each beside the suite's.

mod archive;
mod body;
mod call;
mod calls;
mod comparison;
mod document;
mod operations;
mod report;

pub use body::Body;
pub use call::{Call, Name};
pub use calls::Calls;
pub use comparison::{Compared, Verdict};
pub use document::Document;
pub use operations::{Operation, Other};
pub use report::Coverage;
