// Looks into blobs, so that a wrong download can be explained.

import { parts } from "./page.js";

/** The first `length` bytes of a blob as text. */
export async function head(blob, length) {
  return await blob.slice(0, length).text();
}

/** Whether a blob is packed by gzip (RFC 1952). */
export async function isGzip(blob) {
  const [first, second] = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
  return first === 0x1f && second === 0x8b;
}

/** What a blob holds that is packed by gzip; null if it cannot be unpacked. */
export async function unpacked(blob) {
  try {
    const stream = blob.stream().pipeThrough(new DecompressionStream("gzip"));
    return await new Response(stream).blob();
  } catch {
    return null;
  }
}

/**
 * Compares the body of a response with a blob while both are read, so that neither is held. Returns as JSON
 * that they are the same, or how many bytes they have in common at their start, how many came, and the
 * first `length` of those as text, or why the blob cannot be read. Fails if the body stands still for `limit`
 * milliseconds.
 */
export async function difference(response, blob, length, limit) {
  const expected = blob.stream().getReader();
  let head = new Uint8Array(0);
  let rest = new Uint8Array(0);
  let [size, agreed, same] = [0, 0, true];
  for await (const value of parts(response, limit)) {
    size += value.length;
    if (head.length < length) head = joined(head, value.subarray(0, length - head.length));
    for (let at = 0; same && at < value.length; ) {
      if (rest.length === 0) {
        try {
          rest = (await expected.read()).value ?? rest;
        } catch (error) {
          return JSON.stringify({ unreadable: String(error) });
        }
      }
      const count = Math.min(rest.length, value.length - at);
      const equal = equalBytes(rest, value.subarray(at), count);
      agreed += equal;
      same = count > 0 && equal === count;
      rest = rest.subarray(count);
      at += count;
    }
  }
  if (same && size === blob.size) return JSON.stringify("same");
  return JSON.stringify({ differs: { agreed, size, head: new TextDecoder().decode(head) } });
}

function joined(a, b) {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** How many of the first `count` bytes are the same before the first that differs. */
function equalBytes(a, b, count) {
  let at = 0;
  while (at < count && a[at] === b[at]) at += 1;
  return at;
}

/** How many bytes two blobs have in common at their start. */
export async function agreement(a, b) {
  const slice = 1 << 20;
  const end = Math.min(a.size, b.size);
  for (let start = 0; start < end; start += slice) {
    const [left, right] = await Promise.all(
      [a, b].map(async (blob) => {
        const part = blob.slice(start, Math.min(start + slice, end));
        return new Uint8Array(await part.arrayBuffer());
      }),
    );
    const at = left.findIndex((byte, at) => byte !== right[at]);
    if (at >= 0) return start + at;
  }
  return end;
}

/** Files of more bytes are not looked into: their changes take too much memory. */
const LARGEST = 16 << 20;

/**
 * What was done to a file on its way, if it is one of the things that are done to what is taken for text:
 * `text` (what is not UTF-8 was replaced), `latin` (each byte is a letter), `base64` or `lines` (line feeds are
 * preceded by a carriage return), `bom` (a byte order mark stands before it); null if it is none of them.
 */
export async function change(uploaded, down) {
  if (Math.max(uploaded.size, down.size) > LARGEST) return null;
  const [before, after] = await Promise.all(
    [uploaded, down].map(async (blob) => new Uint8Array(await blob.arrayBuffer())),
  );
  const is = (bytes) => bytes.length === after.length && equalBytes(bytes, after, after.length) === after.length;
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(before);
  if (is(new TextEncoder().encode(text))) return "text";
  if (is(expanded(before, (byte) => (byte < 128 ? [byte] : [192 | (byte >> 6), 128 | (byte & 63)])))) return "latin";
  if (is(Uint8Array.from([0xef, 0xbb, 0xbf, ...before]))) return "bom";
  if (is(expanded(before, (byte) => (byte === 10 ? [13, 10] : [byte])))) return "lines";
  try {
    const unpacked = atob(new TextDecoder().decode(after).trim());
    const bytes = Uint8Array.from(unpacked, (letter) => letter.charCodeAt(0));
    const same = bytes.length === before.length && equalBytes(bytes, before, before.length) === before.length;
    return same ? "base64" : null;
  } catch {
    return null;
  }
}

/** `bytes` with each replaced by those that `by` makes of it. */
function expanded(bytes, by) {
  const all = [];
  for (const byte of bytes) all.push(...by(byte));
  return Uint8Array.from(all);
}
