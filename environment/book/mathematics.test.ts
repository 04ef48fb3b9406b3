import assert from "node:assert/strict";
import { test } from "node:test";
import { markdownHtml } from "./markdown.js";
import { type Formula, putMathematics, putTex, putWords, takeMathematics } from "./mathematics.js";

function texOf(markdown: string): string[] {
  const formulas: Formula[] = [];
  takeMathematics(markdown, formulas);
  return formulas.map(({ tex, display }) => (display ? `$$${tex}$$` : `$${tex}$`));
}

test("underscores, asterisks and bars in mathematics stay what they are, beside emphasis that is none of it", () => {
  const markdown =
    "*The* $s_x * \\mu_*$ of **$q(s_x|x)$** and KL$_{agg}$, _not_ $s_y$.\n\n| a | b |\n|---|---|\n| $|x|_1$ | y |";
  assert.deepEqual(texOf(markdown), ["$s_x * \\mu_*$", "$q(s_x|x)$", "$_{agg}$", "$s_y$", "$|x|_1$"]);
  const formulas: Formula[] = [];
  const html = markdownHtml(markdown, formulas);
  assert.equal(html.match(/<em>/g)?.length, 2);
  assert.equal(html.match(/<td>/g)?.length, 2);
  const typeset = putMathematics(html, formulas);
  assert.match(typeset, /<annotation encoding="application\/x-tex">s_x \* \\mu_\*<\/annotation>/);
  assert.doesNotMatch(typeset, /[\uE000\uE001]/);
});

test("formulas on lines of their own may run over lines, those in a line end with the paragraph", () => {
  assert.deepEqual(texOf("so\n\n$$a_1\n+ b_2.$$\n\nand $c\n+ d$"), ["$$a_1\n+ b_2.$$", "$c\n+ d$"]);
  assert.deepEqual(texOf("a dollar $ alone, and $x\n\ny$ in two paragraphs"), []);
});

test("dollars that are money open no formula, nor do those that are escaped", () => {
  const money = [
    "It costs $5 and then $10.",
    "$5-$10",
    "US$ 5 or C$ 6",
    "(for $3)",
    "\\$x\\$",
    "$20,000 to $30,000",
  ];
  for (const text of money) assert.deepEqual(texOf(text), [], text);
  assert.deepEqual(texOf("$5 for $n$ rows"), ["$n$"]);
});

test("code holds no mathematics", () => {
  const markdown =
    "`$a$` and `` `$b$` `` and\n\n```bash\necho $HOME $PATH $x$\n```\n\n~~~\n$c$\n```\n$d$\n~~~\n\n$e$";
  assert.deepEqual(texOf(markdown), ["$e$"]);
  assert.match(markdownHtml("`$a$`", []), /<code>\$a\$<\/code>/);
});

test("folds and tables of Markdown, and mathematics in them", () => {
  const formulas: Formula[] = [];
  const html = markdownHtml("<details><summary>Answer</summary>\n\nIt is *$d_1$*.\n\n</details>", formulas);
  assert.match(html, /<details><summary>Answer<\/summary>\s*<p>It is <em>.*<\/em>\.<\/p>\s*<\/details>/);
  assert.equal(formulas.length, 1);
});

test("a formula as TeX and as words", () => {
  const formulas: Formula[] = [];
  const marked = takeMathematics("of $q(s_x \\mid x)$ and $\\mathcal N(0, I)$", formulas);
  assert.equal(putTex(marked, formulas), "of q(s_x \\mid x) and \\mathcal N(0, I)");
  assert.equal(putWords(marked, formulas), "of q(s_x | x) and N(0, I)");
});

test("a formula that is not TeX is named", () => {
  const formulas: Formula[] = [];
  const marked = takeMathematics("$\\nonsense{x}$", formulas);
  assert.throws(() => putMathematics(marked, formulas), /the formula \\nonsense\{x\} cannot be typeset/);
});
