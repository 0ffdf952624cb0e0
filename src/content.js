// Looks into blobs, so that a wrong download can be explained.

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
