// Leads the page's origins to this run's own listener, and everything else where the environment's
// proxies lead it. `known` stands above.

// Which proxy a request for `url` is sent to; browsers call this.
function FindProxyForURL(url, host) {
  const [origin, scheme, port] = /^(\w+):\/\/[^\/?#]*?(?::(\d+))?(?=[\/?#]|$)/.exec(url) ?? [];
  if (known.origins.includes(origin)) return known.page;
  const server = known.servers[scheme];
  const asked = port ?? { http: "80", https: "443" }[scheme];
  return server && !isDirect(host.replace(/^\[|\]$/g, "").toLowerCase(), asked) ? server : "DIRECT";
}

function isDirect(host, port) {
  if (known.allDirect || host === "localhost" || host.endsWith(".localhost")) return true;
  const bits = bitsOf(host);
  if (bits !== undefined) {
    const isLoopback = bits.length === 32 ? bits.startsWith("01111111") : /^0{127}1$/.test(bits);
    const isIn = ([length, start]) => bits.length === length && bits.startsWith(start);
    return isLoopback || known.networks.some(isIn);
  }
  return known.hosts.some(([name, itsPort, withItself]) => {
    const isMeant = host.endsWith(`.${name}`) || (withItself && host === name);
    return isMeant && (itsPort === null || itsPort === port);
  });
}

// The bits of an address; undefined for a name.
function bitsOf(host) {
  const write = (numbers, length) =>
    numbers.map((number) => number.toString(2).padStart(length, "0")).join("");
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return write(host.split(".").map(Number), 8);
  if (!host.includes(":")) return undefined;
  const groups = (part) => (part ? part.split(":").map((group) => parseInt(group, 16)) : []);
  const [start, end] = host.split("::").map(groups);
  const zeros = end ? Array(8 - start.length - end.length).fill(0) : [];
  return write([...start, ...zeros, ...(end ?? [])], 16);
}
