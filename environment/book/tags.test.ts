import assert from "node:assert/strict";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import { tagsOf } from "./tags.js";

test("the tags of a page are those that a parser finds", () => {
  const { document } = new JSDOM("<!doctype html>").window;
  document.body.innerHTML = `<p id=a title='&lt;b class="x">&amp;&nbsp;"'>a &lt;i id="b"&gt; <img src=x alt><svg viewBox="0 0 1 1"/><details open>
    <a href="?a=1&amp;b=2#c">c</a></details><pre>id="d" &lt;e id="f"&gt;</pre>`;
  const parsed = Array.from(document.body.querySelectorAll("*"), (element) => ({
    name: element.localName,
    attributes: new Map(Array.from(element.attributes, ({ name, value }) => [name, value])),
  }));
  assert.equal(parsed.length, 6);
  assert.deepEqual(tagsOf(document.body.innerHTML), parsed);
});
