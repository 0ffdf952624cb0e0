// The page's side of the suite: its origin, its output, its events, and work on blobs, frames and
// keys that is shorter in JavaScript.

const output = document.getElementById("output");
const channel = (globalThis.opencloud ??= { events: [], questions: [], progress: 0 });
const askers = [];

/** The program that drives the browser answers a question by calling this. */
channel.answer = (id, reply) => askers[id]?.(reply);

/** Shows the program that drives the browser that a test goes on, also one whose events are kept for now. */
export function countProgress() {
  channel.progress += 1;
}

/** Appends text to the page's output, which the test runner streams to the terminal. */
export function print(text) {
  output.append(text);
}

/** Queues an event (JSON) for the program that drives the browser, if there is one. */
export function queue(event) {
  channel.events.push(event);
}

let isStopped = false;
const whenStopped = new Promise((resolve) => {
  channel.stop = () => {
    isStopped = true;
    resolve();
  };
});

/** Whether the program that drives the browser has called `opencloud.stop()`. */
export function stopped() {
  return isStopped;
}

/** Waits until it has called `opencloud.stop()`. */
export async function untilStopped() {
  await whenStopped;
}

let driven = false;

/** Says that `cargo e2e` drives the browser: it answers questions. */
export function setDriven() {
  driven = true;
}

/** Whether `cargo e2e` drives the browser. */
export function isDriven() {
  return driven;
}

/** Whether the page's address selects a test: `/?only=files` selects those with that in their names. */
export function asksFor(test) {
  return test.includes(new URLSearchParams(location.search).get("only") ?? "");
}

/** How many tests the test runner runs, which is the first line of its output. */
export function countOfTests() {
  count ??= Number(/^running (\d+) test/m.exec(output.textContent)?.[1] ?? 0);
  return count;
}

let count;

/**
 * Asks the program that drives the browser what the engine saw of a `fetch` that failed. Returns that
 * as JSON, or null if nobody answers.
 */
export function askBrowser(method, url, startedAt, limit) {
  if (!driven) return Promise.resolve(null);
  return new Promise((resolve) => {
    channel.questions.push({ id: askers.push(resolve) - 1, method, url, startedAt });
    setTimeout(() => resolve(null), limit);
  });
}

/**
 * Sets whether new errors carry a stack trace. A failed test has already reported what is wrong, and
 * the trace that the runner would print shows only the runner.
 */
export function traceErrors(enabled) {
  Error.stackTraceLimit = enabled ? 20 : 0;
}

/** `size` random bytes in blocks, no two of which are alike. */
function* sample(size) {
  const block = new Uint8Array(Math.min(1 << 20, size));
  for (let at = 0; at < block.length; at += 65536) {
    crypto.getRandomValues(block.subarray(at, at + 65536));
  }
  // A file of one or two bytes must not look like an empty block.
  block[0] |= 1;
  for (let left = size, number = 0; left > 0; left -= block.length, number += 1) {
    const part = block.slice(0, left);
    part[0] ^= number & 255;
    part[1] ^= number >> 8;
    yield part;
  }
}

/** A blob of `size` random bytes. */
export function sampleBlob(size) {
  return new Blob([...sample(size)]);
}

/**
 * A file of `size` random bytes that lies on a disk, as a user's file does: a browser holds large blobs in
 * memory, and refuses those that are too large. It is in the private file system of the page's origin; a
 * browser that has none keeps it where it keeps blobs.
 */
export async function sampleFile(name, size) {
  if (!navigator.storage) return new File([...sample(size)], name);
  const directory = await navigator.storage.getDirectory();
  const handle = await directory.getFileHandle(name, { create: true });
  const writable = await handle.createWritable();
  // Each write takes a message to another process.
  let blocks = [];
  for (const block of sample(size)) {
    if (blocks.push(block) < 16) continue;
    await writable.write(new Blob(blocks));
    blocks = [];
  }
  await writable.write(new Blob(blocks));
  await writable.close();
  return await handle.getFile();
}

/** Removes the file that `sampleFile` has made, if it has. */
export async function removeSampleFile(name) {
  if (!navigator.storage) return;
  const directory = await navigator.storage.getDirectory();
  await directory.removeEntry(name).catch((error) => {
    if (error.name !== "NotFoundError") throw error;
  });
}

/** Whether the browser writes names of files in a form as they are, and not in the Unicode form NFC. */
export async function keepsFormNames() {
  const decomposed = "o\u0308";
  const form = new FormData();
  form.append("file", new Blob(), decomposed);
  const written = await new Response(form).text();
  return written.includes(decomposed);
}

/** Whether two blobs hold the same bytes. Reads a slice at a time, so that large blobs need no memory. */
export async function sameBytes(a, b) {
  if (a.size !== b.size) return false;
  const slice = 4 << 20;
  for (let start = 0; start < a.size; start += slice) {
    const [left, right] = await Promise.all(
      [a, b].map(async (blob) => {
        const bytes = await blob.slice(start, start + slice).arrayBuffer();
        return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      }),
    );
    if (left.some((byte, at) => byte !== right[at])) return false;
  }
  return true;
}

/** Signs text with a new RS256 key; the signature is encoded as in a JSON Web Token. */
export async function signWithForeignKey(text) {
  const algorithm = {
    name: "RSASSA-PKCS1-v1_5",
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: "SHA-256",
  };
  const { privateKey } = await crypto.subtle.generateKey(algorithm, false, ["sign"]);
  const bytes = new TextEncoder().encode(text);
  const signature = await crypto.subtle.sign(algorithm.name, privateKey, bytes);
  const base64 = btoa(String.fromCharCode(...new Uint8Array(signature)));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Opens a page at `origin` in a frame and returns the frame once that page has loaded. For the origin
 * `null` the frame is sandboxed, which makes its origin opaque. If no page or another one loads, removes
 * the frame and throws.
 */
export async function openFrame(origin) {
  const frames = [];
  const load = () => {
    const frame = document.createElement("iframe");
    frame.hidden = true;
    if (origin === "null") frame.sandbox = "allow-scripts";
    frame.src = `${origin === "null" ? "" : origin}/tests/page/frame.html`;
    frames.push(frame);
    document.body.append(frame);
  };
  const listening = new AbortController();
  const ready = new Promise((resolve, reject) => {
    const take = ({ source, origin: actual }) => {
      const frame = frames.find(({ contentWindow }) => contentWindow === source);
      if (!frame) return;
      if (actual === origin) resolve(frame);
      else reject(new Error(`the page opened at ${actual} instead of ${origin}`));
    };
    addEventListener("message", take, { signal: listening.signal });
    setTimeout(() => reject(new Error(`no page opens at ${origin}`)), 8000);
  });
  load();
  // The stock test runner's server (tiny_http 0.12) may never serve one of two connections that come
  // at once. Another connection gets a thread of its own. It is made by a new frame, because a frame
  // that is reloaded may lose a message.
  const reload = setInterval(load, 1000);
  let opened;
  try {
    opened = await ready;
    return opened;
  } finally {
    clearInterval(reload);
    listening.abort();
    for (const frame of frames) if (frame !== opened) frame.remove();
  }
}

/** Closes a frame. */
export function closeFrame(frame) {
  frame.remove();
}

/**
 * Lets the page at `origin` in a frame send a request, which may hold the user's token. Returns as JSON
 * what that page could see of the answer: `{status}`, or `{error}` with the name of the error that
 * `fetch` threw.
 */
export function fetchInFrame(frame, origin, request, file) {
  const { port1, port2 } = new MessageChannel();
  // An opaque origin cannot be named.
  const target = origin === "null" ? "*" : origin;
  return new Promise((resolve) => {
    const settle = (seen) => resolve(JSON.stringify(seen));
    port1.onmessage = ({ data }) => settle(data);
    const sent = { request: JSON.parse(request), file };
    frame.contentWindow.postMessage(sent, target, [port2]);
    // The frame keeps the deadline itself, unless its process has ended.
    setTimeout(() => settle({ error: "TimeoutError" }), sent.request.deadline + 1000);
  });
}

/**
 * Whether the browser sends such a request at all. An upload listener forces a preflight, and the
 * upload ends before the browser checks the answer (XMLHttpRequest standard, "send"). So the event
 * shows whether the preflight or the answer was refused, which `fetch` cannot show. `headers` is a JSON
 * array of names and values.
 */
export function isSent(method, url, headers, limit) {
  const request = new XMLHttpRequest();
  return new Promise((resolve) => {
    request.upload.onload = () => resolve(true);
    request.onloadend = () => resolve(false);
    request.open(method, url);
    for (const [name, value] of JSON.parse(headers)) request.setRequestHeader(name, value);
    request.timeout = limit;
    request.send("nothing");
  });
}

/**
 * The origin that the page must have: FRONTEND_URL of .env, else that of the environment, or null if
 * that is not an origin. `cargo e2e` opens the page there itself; other runners do not.
 */
async function frontendOrigin() {
  const answer = await fetch("/.env");
  const dotenv = answer.ok ? await answer.text() : "";
  const value = (key) => {
    const line = new RegExp(`^[ \\t]*(?:export[ \\t]+)?${key}[ \\t]*=[ \\t]*["']?([^\\s"'#]*)`, "gm");
    return [...dotenv.matchAll(line)].at(-1)?.[1];
  };
  const isPublic = /^(dev|prod)$/i.test(value("ENVIRONMENT") ?? "");
  const byEnvironment = isPublic ? "https://ries-lab.github.io" : "http://localhost:8080";
  const frontend = value("FRONTEND_URL") || byEnvironment;
  return /^https?:/.test(frontend) && URL.canParse(frontend) ? new URL(frontend).origin : null;
}

/** Whether `origin` leads to this page's server: then a script from there runs. */
function leadsHere(origin) {
  return new Promise((resolve) => {
    const script = document.createElement("script");
    script.onload = () => resolve(globalThis.opencloudBeacon === true);
    script.onerror = () => resolve(false);
    setTimeout(() => resolve(false), 5000);
    script.src = `${origin}/tests/page/beacon.js`;
    document.head.append(script);
  });
}

/** The mark in the page's address that the browser reaches the frontend's origin without being led there. */
const UNLED = "#unled";

/**
 * Whether a page can be opened at `origin`. Under a test runner that listens at the frontend's own address,
 * because its browser cannot be led elsewhere, most other origins lead nowhere; what listens at another port
 * is a stranger, who may serve such a page as well and is not asked.
 */
export async function isServed(origin) {
  if (location.hash !== UNLED || !origin.startsWith("http:")) return true;
  return new URL(origin).port === location.port && (await leadsHere(origin));
}

/** Why the page cannot move to `origin` under this runner; undefined if it can. */
async function obstacleTo(origin) {
  if (origin === null) return "FRONTEND_URL in .env is not an origin, such as http://localhost:8080";
  const refusal = `the page cannot move to the origin ${origin}: `;
  // This may be the origin of the real frontend, which must get no request from a test.
  if (origin.startsWith("https:")) {
    return `${refusal}this runner does not serve https, but \`cargo e2e\` does`;
  }
  if (await leadsHere(origin)) return undefined;
  return (
    `${refusal}webdriver.json must map its host and port to ${location.host} (host-resolver-rules), or ` +
    `WASM_BINDGEN_TEST_ADDRESS must be 127.0.0.1:${new URL(origin).port || 80} if nothing else listens there`
  );
}

/**
 * Moves the page to the frontend's origin. The test runner opens it at a numeric address, which is
 * another origin. No test may start there, so on that origin this module's evaluation never ends.
 */
async function moveToFrontendOrigin() {
  const origin = await frontendOrigin();
  if (location.origin === origin) return;
  const obstacle = await obstacleTo(origin);
  if (obstacle === undefined) {
    const hash = new URL(origin).port === location.port ? UNLED : location.hash;
    location.replace(`${origin}/${location.search}${hash}`);
  } else {
    // The runner waits for the line `test result: `.
    print(`error: ${obstacle}\n\ntest result: FAILED. 0 passed; 1 failed\n`);
  }
  await new Promise(() => {});
}

/**
 * The parts of a response's body, as they come. Fails if none comes for `limit` milliseconds: a body may take
 * its time, but not stand still.
 */
export async function* parts(response, limit) {
  if (response.body === null) return;
  const reader = response.body.getReader();
  let [size, before, stalled] = [0, -1, false];
  const watch = setInterval(() => {
    stalled ||= size === before;
    before = size;
    if (stalled) reader.cancel();
  }, limit);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      yield value;
    }
  } finally {
    clearInterval(watch);
    await reader.cancel();
  }
  if (stalled) throw new Error(`no byte came for ${limit / 1000} s after the first ${size}`);
}

/** The body of a response, which the browser keeps. Fails if it stands still for `limit` milliseconds. */
export async function body(response, limit) {
  // Parts that are put together now and then need not all be in memory.
  const together = 8 << 20;
  let [blobs, last, size] = [[], [], 0];
  for await (const part of parts(response, limit)) {
    last.push(part);
    size += part.length;
    if (size >= together) {
      blobs.push(new Blob(last));
      [last, size] = [[], 0];
    }
  }
  return new Blob([...blobs, ...last], { type: response.headers.get("content-type") ?? "" });
}

await moveToFrontendOrigin();
