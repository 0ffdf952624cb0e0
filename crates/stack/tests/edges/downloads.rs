//! Downloads from a disk: their media types, and the parts of a file that a request asks for.

use crate::edges::{
    ask::{Ask, Headers},
    table::Edge,
};

const fn media(name: &'static str, headers: Headers) -> Edge {
    let download = Ask::Download(name, &[]);
    Edge::new(download, "200 0123456789").local().with(headers)
}

// A row a line.
#[rustfmt::skip]
pub(crate) const MEDIA_TYPES: &[Edge] = &[
    media("a.bin", &[("content-type", "application/octet-stream")]),
    media("a.exe", &[("content-type", "application/octet-stream")]),
    media("a.gif", &[("content-type", "image/gif")]),
    media("a.svg", &[("content-type", "image/svg+xml")]),
    media("a.bmp", &[("content-type", "image/bmp")]),
    media("a.mp4", &[("content-type", "video/mp4")]),
    media("a.avi", &[("content-type", "video/x-msvideo")]),
    media("a.tgz", &[("content-type", "application/x-tar")]),
    media("a.tar.gz", &[("content-type", "application/x-tar")]),
    media("a.csv.gz", &[("content-type", "text/csv; charset=utf-8")]),
    media("a.js", &[("content-type", "application/javascript")]),
    media("a.css", &[("content-type", "text/css; charset=utf-8")]),
    media("a.sh", &[("content-type", "application/x-sh")]),
    media("a.nc", &[("content-type", "application/x-netcdf")]),
    media("a.xls", &[("content-type", "application/vnd.ms-excel")]),
    media("a.yaml", &[("content-type", "text/plain; charset=utf-8")]),
    media("a.mat", &[("content-type", "text/plain; charset=utf-8")]),
    media("a.tif", &[("content-type", "image/tiff")]),
    media("a.TIF", &[("content-type", "image/tiff")]),
    media("a.h5", &[("content-type", "application/x-hdf5")]),
    media("a.csv", &[("content-type", "text/csv; charset=utf-8")]),
    media("a.zip", &[("content-type", "application/zip")]),
    media("a.gz", &[("content-type", "text/plain; charset=utf-8")]),
    media("a", &[("content-type", "text/plain; charset=utf-8")]),
    media(".png", &[("content-type", "text/plain; charset=utf-8")]),
    media("a.svgz", &[("content-type", "image/svg+xml")]),
    media("a.html", &[("content-type", "text/html; charset=utf-8")]),
    media("a.xlsx", &[("content-type", "text/plain; charset=utf-8")]),
    media("a.npy", &[("content-type", "text/plain; charset=utf-8")]),
    media("a.parquet", &[("content-type", "text/plain; charset=utf-8")]),
    media("a.json", &[("content-type", "application/json")]),
    media("a.webp", &[("content-type", "text/plain; charset=utf-8")]),
    media("a.Z", &[("content-type", "text/plain; charset=utf-8")]),
    media("a.csv.Z", &[("content-type", "text/csv; charset=utf-8")]),
    media("a.csv.z", &[("content-type", "text/plain; charset=utf-8")]),
];

const fn range(headers: Headers, real: &'static str) -> Edge {
    Edge::new(Ask::Download("f", headers), real).local()
}

const WHOLE: &str = "200 0123456789";
const OUTSIDE: Headers = &[("content-range", "*/10")];
const RFC: &str = "RFC 9110: a suffix that is longer than the file asks for all of it";
const TWO_PARTS: &str = "RFC 9110 lets a server ignore the header; the real answer has more bytes than its \
                         Content-Length says, so it breaks off";
const EMPTY: &str = "a part without bytes is none";

// A row a line.
#[rustfmt::skip]
pub(crate) const RANGES: &[Edge] = &[
    range(&[("Range", "bytes=0-1")], "206 01").with(&[("content-range", "bytes 0-1/10"), ("content-length", "2")]),
    range(&[("Range", "bytes=0-1"), ("If-Range", "{etag}")], "206 01").with(&[("content-range", "bytes 0-1/10")]),
    range(&[("Range", "bytes=0-1"), ("If-Range", "{date}")], "206 01").with(&[("content-range", "bytes 0-1/10")]),
    range(&[("Range", "bytes=0-1"), ("If-Range", "W/{etag}")], WHOLE),
    range(&[("Range", "bytes=0-1"), ("If-Range", "\"another\"")], WHOLE).with(&[("content-range", "")]),
    range(&[("Range", "bytes=0-1"), ("If-Range", "Mon, 23 Nov 2037 06:56:26 GMT")], WHOLE),
    range(&[("Range", "bytes=a"), ("If-Range", "\"another\"")], WHOLE),
    range(&[("Range", "bytes=-10")], "206 0123456789").with(&[("content-range", "bytes 0-9/10")]),
    range(&[("Range", "bytes=-100")], "416").here("206 0123456789", RFC).with(&[("content-range", "bytes 0-9/10")]),
    range(&[("Range", "bytes=-0")], "416").with(OUTSIDE),
    range(&[("Range", "bytes=10-")], "416").with(OUTSIDE),
    range(&[("Range", "bytes=0-1,20-")], "416").with(OUTSIDE),
    range(&[("Range", "bytes=0-1,2-4")], "206 01234").with(&[("content-range", "bytes 0-4/10"), ("content-length", "5")]),
    range(&[("Range", "bytes=0-4,2-3")], "206 01234").with(&[("content-range", "bytes 0-4/10")]),
    range(&[("Range", "bytes=0-1, 2-3")], "206 0123").with(&[("content-range", "bytes 0-3/10")]),
    range(&[("Range", "bytes=0-1,")], "206 01").with(&[("content-range", "bytes 0-1/10")]),
    range(&[("Range", "bytes=0-1,4-5")], "206 --…").here(WHOLE, TWO_PARTS),
    range(&[("Range", "bytes=1-b")], "206 123456789").with(&[("content-range", "bytes 1-9/10")]),
    range(&[("Range", "bytes=5-4")], "206").here("400 Range header: start must be less than end", EMPTY),
    range(&[("Range", "bytes=5-3")], "400 Range header: start must be less than end"),
    range(&[("Range", "bytes=-")], "400 Range header: range must be requested"),
    range(&[("Range", "bytes=0 - 1")], "400 Range header: range must be requested"),
    range(&[("Range", "lines=0-1")], "400 Only support bytes range"),
    range(&[("Range", "bytes")], "400 Malformed range header."),
    range(&[("If-None-Match", "{etag}")], WHOLE),
];
