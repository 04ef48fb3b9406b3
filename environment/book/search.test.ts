import assert from "node:assert/strict";
import { test } from "node:test";
import { type Entry, find } from "./search.js";

const entries: Entry[] = [
  { href: "a.html", words: "The ELBO, step by step" },
  { href: "a.html#x", words: "Exercises", page: "The ELBO, step by step" },
  { href: "b.html", words: "Latents of Gögl" },
  { href: "b.html#y", words: "Prelatents and the ELBO", page: "Latents of Gögl" },
  { href: "b.html#z", words: "Exercises", page: "Latents of Gögl" },
];
const found = (query: string) => find(entries, query).map(({ href }) => href);

test("every word of a query is in what is found, whole titles and beginnings of words first", () => {
  assert.deepEqual(found("latent"), ["b.html", "b.html#y", "b.html#z"]);
  assert.deepEqual(found("ELBO"), ["a.html", "b.html#y", "a.html#x"]);
  assert.deepEqual(found("exercises elbo"), ["a.html#x"]);
  assert.deepEqual(found("gogl ex"), ["b.html#z"]);
});

test("nothing is found of nothing, nor of signs that mean something in patterns", () => {
  for (const query of ["", "  ", "(.*", "\\", "zzz"]) assert.deepEqual(found(query), [], query);
});
