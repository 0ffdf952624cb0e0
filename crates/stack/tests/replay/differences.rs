//! Intended differences between the stack's answers and the recorded ones.

use super::compare::Part::{self, Body, Header, NotSent, Status};

/// An exchange that differs.
pub struct Difference {
    /// `local`, `s3`, or empty for both.
    mode: &'static str,
    group: &'static str,
    pub exchanges: &'static [&'static str],
    pub parts: &'static [Part],
    /// Why this is right.
    #[allow(dead_code, reason = "for people")]
    reason: &'static str,
}

impl Difference {
    pub fn is_for(&self, mode: &str, group: &str) -> bool {
        (self.mode.is_empty() || self.mode == mode) && self.group == group
    }
}

const fn differs(
    mode: &'static str,
    group: &'static str,
    exchanges: &'static [&'static str],
    parts: &'static [Part],
    reason: &'static str,
) -> Difference {
    Difference {
        mode,
        group,
        exchanges,
        parts,
        reason,
    }
}

/// All of them.
pub const DIFFERENCES: &[Difference] = &[
    differs(
        "",
        "cors",
        &["preflight_worker_api", "actual_worker_api"],
        &[NotSent],
        "the stack's worker needs no WorkerAPI, and no page can use one",
    ),
    differs(
        "local",
        "files",
        &["traversal_get_url", "traversal_list"],
        &[Status, Body],
        "`..` must not lead out of the user's directory",
    ),
    // The emulator that stood in for S3 is laxer than S3, and its headers are its own.
    differs(
        "s3",
        "files",
        &[
            "config_exp_upload",
            "data_exp_doubleslash_upload",
            "frontend_config_root_upload",
            "data_deep_upload",
            "overwrite_upload",
        ],
        &[
            Header("content-type"),
            Header("location"),
            Header("vary"),
            Header("access-control-allow-credentials"),
            Header("access-control-allow-methods"),
            Header("access-control-expose-headers"),
            Header("access-control-max-age"),
            Header("etag"),
        ],
        "S3 says what it stored and where, without a content type, and applies the CORS rule",
    ),
    differs(
        "s3",
        "files",
        &["download_file_get", "download_range", "download_mat_get"],
        &[
            Header("vary"),
            Header("access-control-allow-credentials"),
            Header("access-control-allow-headers"),
        ],
        "S3 varies by what its CORS rules ask for, and names headers to preflights only",
    ),
    differs(
        "s3",
        "files",
        &["download_other_origin"],
        &[Header("vary"), Header("access-control-allow-origin")],
        "no rule allows this origin; the emulator lets every origin read",
    ),
    differs(
        "s3",
        "files",
        &["download_preflight", "presigned_post_preflight"],
        &[
            Header("content-type"),
            Header("vary"),
            Header("access-control-allow-credentials"),
            Header("access-control-allow-headers"),
        ],
        "S3 names the headers that were asked for, and sends no content type without a body",
    ),
    differs(
        "s3",
        "files",
        &["download_bad"],
        &[
            Status,
            Header("content-type"),
            Header("accept-ranges"),
            Header("vary"),
            Header("access-control-allow-credentials"),
            Header("access-control-allow-headers"),
            Header("etag"),
            Header("last-modified"),
            Body,
        ],
        "the signature was tampered with; the emulator does not look at it",
    ),
    differs(
        "s3",
        "files",
        &["download_dir_get"],
        &[
            Header("content-type"),
            Header("vary"),
            Header("access-control-allow-credentials"),
            Header("access-control-allow-methods"),
            Header("access-control-expose-headers"),
            Header("access-control-max-age"),
            Body,
        ],
        "an error of S3 is XML without white space, and the CORS rule applies to it as well",
    ),
    differs(
        "s3",
        "files",
        &["presigned_post_outside_prefix"],
        &[
            Status,
            Header("content-type"),
            Header("vary"),
            Header("access-control-allow-credentials"),
            Header("access-control-allow-methods"),
            Header("access-control-expose-headers"),
            Header("access-control-max-age"),
            Body,
        ],
        "the key is not what the policy allows; the emulator does not look at it",
    ),
    differs(
        "s3",
        "files",
        &["presigned_post_other_origin"],
        &[
            Header("content-type"),
            Header("location"),
            Header("vary"),
            Header("access-control-allow-origin"),
            Header("etag"),
        ],
        "S3 stores it, but no rule lets this origin read the answer",
    ),
    differs(
        "s3",
        "files",
        &["presigned_post_preflight_other"],
        &[
            Header("content-type"),
            Header("vary"),
            Header("access-control-allow-origin"),
            Header("access-control-allow-methods"),
            Header("access-control-allow-headers"),
            Body,
        ],
        "a refused preflight allows nothing; the emulator allows it all the same",
    ),
];
