/** The page's service worker: keeps the page's files, and hands them out when the site cannot be reached. */

/** Paths of the files in the site, and a word that changes when one of them does. Put in when the book is made. */
declare const FILES: readonly string[];
declare const VERSION: string;

interface LifeEvent {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface Kept {
  addAll(files: readonly string[]): Promise<void>;
  match(request: Request, options: { ignoreSearch: boolean }): Promise<Response | undefined>;
}
interface Caches {
  open(name: string): Promise<Kept>;
  keys(): Promise<string[]>;
  delete(name: string): Promise<boolean>;
}
interface Scope {
  readonly location: { readonly origin: string };
  readonly caches: Caches;
  addEventListener(type: "install" | "activate", listener: (event: LifeEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
}
const scope = globalThis as unknown as Scope;

const prefix = "var-jepa-playground-";
const cache = `${prefix}${VERSION}`;

scope.addEventListener("install", (event) => {
  event.waitUntil(scope.caches.open(cache).then((kept) => kept.addAll(FILES)));
});

scope.addEventListener("activate", (event) => {
  const old = async () => {
    const names = await scope.caches.keys();
    return Promise.all(
      names
        .filter((name) => name.startsWith(prefix) && name !== cache)
        .map((name) => scope.caches.delete(name)),
    );
  };
  event.waitUntil(old());
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== scope.location.origin) return;
  event.respondWith(
    fetch(request).catch(async (error) => {
      const kept = await scope.caches.open(cache);
      const found = await kept.match(request, { ignoreSearch: true });
      if (!found) throw error;
      return found;
    }),
  );
});
