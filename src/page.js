// The page's side of the suite: its origin, the text that people read, the events that machines
// read, and the few things about files that are best said in the page's own language.

const output = document.getElementById("output");
const channel = (globalThis.opencloud ??= { events: [], questions: [] });
const askers = [];

/** Whoever drives the browser answers a question here. */
channel.answer = (id, reply) => askers[id]?.(reply);

/** Appends text for people; the test runner streams it to the terminal. */
export function say(text) {
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

/** Waits until it has. */
export async function untilStopped() {
  await whenStopped;
}

/** Whether the page's address asks for a test: `/?only=files` asks for those with that in their names. */
export function asksFor(test) {
  return test.includes(new URLSearchParams(location.search).get("only") ?? "");
}

/**
 * Asks the program that drives the browser what became of a request that the page knows only as
 * failed: "lost", where no answer came, "refused", where the browser kept it from the page, or null,
 * where nobody knows.
 */
export function askBrowser(method, url, startedAt, limit) {
  if (!channel.isDriven) return Promise.resolve(null);
  return new Promise((resolve) => {
    channel.questions.push({ id: askers.push(resolve) - 1, method, url, startedAt });
    setTimeout(() => resolve(null), limit);
  });
}

/**
 * Whether new errors carry a stack trace. A failed test has told what is wrong; the trace that the
 * runner would print with it shows nothing but the runner itself.
 */
export function traceErrors(enabled) {
  Error.stackTraceLimit = enabled ? 20 : 0;
}

/** A blob of `size` bytes, no two mebibytes of it alike. */
export function sampleBlob(size) {
  const block = new Uint8Array(Math.min(1 << 20, size));
  for (let at = 0; at < block.length; at += 65536) {
    crypto.getRandomValues(block.subarray(at, at + 65536));
  }
  const parts = [];
  for (let left = size, number = 0; left > 0; left -= block.length, number += 1) {
    const part = block.slice(0, left);
    part[0] = number & 255;
    part[1] = number >> 8;
    parts.push(new Blob([part]));
  }
  return new Blob(parts);
}

/** Whether two blobs hold the same bytes. Reads a slice at a time, so that size costs no memory. */
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

/** Signs text with a key that nobody knows (RS256), in the form of a JSON Web Signature's end. */
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
 * Opens a page at `origin` in a frame (`null`: in a sandboxed one, whose origin is opaque) and
 * gives the frame once that page is there. Throws where another page comes, or none within `limit`
 * (milliseconds); then nothing of it is left.
 */
export async function openFrame(origin, limit) {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  if (origin === "null") frame.sandbox = "allow-scripts";
  const load = () => {
    frame.src = `${origin === "null" ? "" : origin}/tests/page/frame.html`;
  };
  const listening = new AbortController();
  const opened = new Promise((resolve, reject) => {
    const ready = ({ source, origin }) => source === frame.contentWindow && resolve(origin);
    addEventListener("message", ready, { signal: listening.signal });
    setTimeout(() => reject(new Error(`no page opens at ${origin}`)), limit);
  });
  load();
  document.body.append(frame);
  // The stock test runner's server (tiny_http 0.12) can leave one of two connections that come at
  // once waiting behind others for ever; one more connection gets a thread of its own.
  const again = setInterval(load, 1000);
  try {
    const actual = await opened;
    if (actual !== origin) throw new Error(`the page opened at ${actual} instead of ${origin}`);
    return frame;
  } catch (error) {
    frame.remove();
    throw error;
  } finally {
    clearInterval(again);
    listening.abort();
  }
}

/** Closes a frame. */
export function closeFrame(frame) {
  frame.remove();
}

/**
 * Lets the page at `origin` in a frame send a request, which may hold the user's token, and says
 * what it could see of the answer: `{status}` or `{error}` with the name of what `fetch` threw, as
 * JSON.
 */
export function fetchInFrame(frame, origin, request, file) {
  const { port1, port2 } = new MessageChannel();
  // An opaque origin cannot be named.
  const target = origin === "null" ? "*" : origin;
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(JSON.stringify(data));
    frame.contentWindow.postMessage({ request: JSON.parse(request), file }, target, [port2]);
  });
}

/**
 * Whether the browser sends such a request at all. Listening to the upload forces a preflight, and
 * the upload ends before the answer is looked at (XMLHttpRequest standard, "send"): so it tells a
 * preflight that is refused from an answer that is. `fetch` cannot.
 */
export function isSent(method, url, limit) {
  const request = new XMLHttpRequest();
  return new Promise((resolve) => {
    request.upload.onload = () => resolve(true);
    request.onloadend = () => resolve(false);
    request.open(method, url);
    request.timeout = limit;
    request.send("nothing");
  });
}

/**
 * The origin that the page must have: FRONTEND_URL of .env, else that of the environment; null if
 * that is no origin. `cargo e2e` opens the page there; this is for a runner that does not.
 */
async function frontendOrigin() {
  const answer = await fetch("/.env");
  const dotenv = answer.ok ? await answer.text() : "";
  const value = (key) => {
    const line = new RegExp(`^[ \\t]*(?:export[ \\t]+)?${key}[ \\t]*=[ \\t]*["']?([^\\s"'#]*)`, "gm");
    return [...dotenv.matchAll(line)].at(-1)?.[1];
  };
  const isPublic = /^(dev|prod)$/i.test(value("ENVIRONMENT") ?? "");
  const usual = isPublic ? "https://ries-lab.github.io" : "http://localhost:8080";
  const frontend = value("FRONTEND_URL") || usual;
  return /^https?:/.test(frontend) && URL.canParse(frontend) ? new URL(frontend).origin : null;
}

/** Whether `origin` leads to this very server: it can then run a script that lies beside the page. */
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

/** Why the page cannot take `origin` under this runner; undefined if it can. */
async function whyNot(origin) {
  if (origin === null) return "FRONTEND_URL in .env is no origin, such as http://localhost:8080";
  const refusal = `the page cannot take the origin ${origin}: `;
  // It may be that of the real frontend, to which nothing is ever sent.
  if (origin.startsWith("https:")) {
    return `${refusal}this runner does not serve https, but \`cargo e2e\` does`;
  }
  if (await leadsHere(origin)) return undefined;
  return `${refusal}webdriver.json must map its host and port to ${location.host} (host-resolver-rules)`;
}

/**
 * Takes the page to the frontend's origin. The test runner opens it on a numeric address, which is
 * another origin; no test may start there, so this module's evaluation never ends on it.
 */
async function takeFrontendOrigin() {
  const origin = await frontendOrigin();
  if (location.origin === origin) return;
  const obstacle = await whyNot(origin);
  if (obstacle === undefined) {
    location.replace(`${origin}/${location.search}${location.hash}`);
  } else {
    // The runner waits for this line and for nothing else.
    say(`error: ${obstacle}\n\ntest result: FAILED. 0 passed; 1 failed\n`);
  }
  await new Promise(() => {});
}

await takeFrontendOrigin();
