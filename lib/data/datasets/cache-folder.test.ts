import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { cacheFolder } from "./cache-folder.js";

const home = path.join("/", "home", "ann");

test("the cache is where each system keeps caches", () => {
  const env = {};
  assert.equal(cacheFolder({ env, platform: "linux", home }), path.join(home, ".cache", "var-jepa"));
  assert.equal(
    cacheFolder({ env, platform: "darwin", home }),
    path.join(home, "Library", "Caches", "var-jepa"),
  );
  const LOCALAPPDATA = path.join(home, "Local");
  assert.equal(
    cacheFolder({ env: { LOCALAPPDATA }, platform: "win32", home }),
    path.join(LOCALAPPDATA, "var-jepa"),
  );
  assert.equal(
    cacheFolder({ env, platform: "win32", home }),
    path.join(home, "AppData", "Local", "var-jepa"),
  );
});

test("XDG_CACHE_HOME comes first on every system; an empty one does not count", () => {
  for (const platform of ["linux", "darwin", "win32"] as const)
    assert.equal(
      cacheFolder({ env: { XDG_CACHE_HOME: "/scratch" }, platform, home }),
      path.join("/scratch", "var-jepa"),
    );
  assert.equal(
    cacheFolder({ env: { XDG_CACHE_HOME: "" }, platform: "linux", home }),
    path.join(home, ".cache", "var-jepa"),
  );
});
