type Fetch = typeof globalThis.fetch;

/** Variables that name a proxy, as curl and others read them: the small names first. */
const proxyVariables = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"] as const;

/**
 * `fetch` through the proxies that the environment names, `NO_PROXY` respected; Node's own, which knows no proxy,
 * where none is named.
 * @throws naming the variable that holds no address of a proxy.
 */
export async function environmentFetch(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Fetch> {
  const named = proxyVariables.filter((name) => env[name]);
  if (named.length === 0) return fetch;
  for (const name of named) checkProxy(name, env[name]!);
  const undici = await import("undici");
  const dispatcher = new undici.EnvHttpProxyAgent({
    httpProxy: env.http_proxy ?? env.HTTP_PROXY,
    httpsProxy: env.https_proxy ?? env.HTTPS_PROXY,
    noProxy: env.no_proxy ?? env.NO_PROXY ?? "",
  });
  // An agent fits the `fetch` of its own version only; the two types differ in what is not used here.
  const through = (url: string, init: RequestInit) =>
    undici.fetch(url, { ...(init as object), dispatcher }) as Promise<unknown>;
  return through as Fetch;
}

/** The proxy's address may hold a password, so it is not repeated. */
function checkProxy(name: string, value: string): void {
  try {
    if (/^https?:$/.test(new URL(value).protocol)) return;
  } catch {
    // No URL at all: the sentence below.
  }
  throw new Error(`${name} is no address of a proxy; set it to one such as http://proxy.example.org:3128`);
}
