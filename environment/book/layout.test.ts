import assert from "node:assert/strict";
import { test } from "node:test";
import type { Chapter } from "./chapter.js";
import { type Book, chapterPage, companionPage, indexPage } from "./layout.js";

function chapter(name: string, title: string): Chapter {
  const headings = [{ id: "part", level: 2, html: "<em>Part</em>", words: "Part" }];
  return {
    name,
    file: `${name}.html`,
    title,
    answers: "<b>What</b>?",
    headings,
    body: "<p>text</p>",
    files: new Map(),
  };
}

const book: Book = {
  title: "Book",
  description: "A & B",
  chapters: [chapter("00-a", "Var-JEPA <here>"), chapter("01-b", "Second"), chapter("c", "Third")],
  companions: [
    {
      file: "playground.html",
      title: "Playground",
      answers: "Try it.",
      main: "<h1>Play</h1>",
      style: "assets/play.css",
      program: "assets/play.js",
    },
  ],
};

test("a page names itself, its headings, all others, and the pages before and after", () => {
  const html = chapterPage(book, 1);
  assert.match(html, /<title>Second · Book<\/title>/);
  assert.match(html, /<p class="number">Notebook 01<\/p>\s*<h1>Second<\/h1>/);
  assert.match(html, /<a href="01-b.html" aria-current="page">/);
  assert.equal(html.match(/href="#part"/g)?.length, 1);
  assert.match(html, /<a rel="prev" href="00-a.html">.*<a rel="next" href="c.html">/);
  assert.doesNotMatch(chapterPage(book, 0), /rel="prev"/);
  assert.doesNotMatch(chapterPage(book, 2), /rel="next"|Notebook/);
});

test("titles are texts, and their words stay whole at hyphens", () => {
  assert.match(chapterPage(book, 0), /<h1><span class="whole">Var-JEPA<\/span> &#60;here&#62;<\/h1>/);
});

test("the first page says what each page answers, and pages with a program of their own are named with the rest", () => {
  const html = indexPage(book);
  assert.match(html, /<title>Book<\/title>/);
  assert.match(html, /<p class="lead">A &#38; B<\/p>/);
  assert.match(html, /<h2><a href="01-b.html">Second<\/a><\/h2><p><b>What<\/b>\?<\/p>/);
  assert.match(html, /<h2><a href="playground.html">Playground<\/a><\/h2><p>Try it.<\/p>/);
  assert.match(chapterPage(book, 0), /<a href="playground.html">.*Playground/);
  const page = companionPage(book, book.companions[0]);
  assert.match(page, /<a href="playground.html" aria-current="page">/);
  assert.match(page, /href="assets\/play.css">.*<script src="assets\/play.js" defer>.*<h1>Play<\/h1>/s);
  assert.doesNotMatch(html + chapterPage(book, 0), /assets\/play/);
});
