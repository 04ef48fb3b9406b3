import assert from "node:assert/strict";
import { test } from "node:test";
import { cleanHtml, document } from "./clean-html.js";

function cleaned(html: string): string {
  const place = document.createElement("div");
  place.append(cleanHtml(html));
  return place.innerHTML;
}

test("what runs, loads or asks is gone", () => {
  const harmful = [
    "<script>alert(1)</script>",
    "<style>body { display: none }</style>",
    "<iframe src='https://a.example'></iframe>",
    "<svg><script>alert(1)</script></svg>",
    "<form action='/x'><input><button>b</button></form>",
    "<template><img src=x onerror=alert(1)></template>",
    "<link rel=stylesheet href=x><meta http-equiv=refresh content=0><base href=//x>",
    "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
  ];
  for (const html of harmful) assert.equal(cleaned(`a${html}b`), "ab", html);
});

test("attributes that are not known to be harmless are gone, and addresses that are neither web nor mail", () => {
  assert.equal(
    cleaned('<p onclick="x()" id="a" style="color:red" class="b hljs-keyword">p</p>'),
    '<p class="hljs-keyword">p</p>',
  );
  assert.equal(cleaned('<a href="javascript:alert(1)" target="x">a</a>'), "<a>a</a>");
  assert.equal(cleaned('<a href="java\tscript:alert(1)">a</a>'), "<a>a</a>");
  assert.equal(cleaned('<img src="data:text/html;base64,AAAA" srcset="x" alt="a">'), '<img alt="a">');
  assert.equal(
    cleaned('<a href="https://a.example/#b" title="t">a</a>'),
    '<a href="https://a.example/#b" title="t">a</a>',
  );
});

test("unknown elements leave what they hold", () => {
  assert.equal(
    cleaned("<section><font>a</font> <x-y><b onclick=x>c</b></x-y><constructor></constructor></section>"),
    "a <b>c</b>",
  );
});

test("the alignment of a table's cells stays", () => {
  assert.equal(
    cleaned('<table><tbody><tr><td style="text-align:right;padding:2px 10px">1</td></tr></tbody></table>'),
    '<table><tbody><tr><td class="right">1</td></tr></tbody></table>',
  );
});
