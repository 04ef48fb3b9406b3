import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { type CodeCell, readNotebook, toLines, writeNotebook } from "./notebook-file.js";
import { nbformatErrors, randomSource, scratchFolder } from "./testing.js";

const code = (source: unknown, more: object = {}) => ({ cell_type: "code", metadata: {}, source, ...more });
const full = {
  nbformat: 4,
  nbformat_minor: 2,
  metadata: { title: "T", kernelspec: { name: "python3", display_name: "Python" } },
  cells: [
    { cell_type: "markdown", metadata: {}, source: ["# A\n", "b"] },
    code("1\n2", { id: "same", outputs: [{ output_type: "stream" }], execution_count: 7 }),
    code(["3"], { id: "same", metadata: { tags: ["x"], execution: { "iopub.status.busy": "2026-01-01" } } }),
    code("4", { id: "not allowed!" }),
    { cell_type: "raw", metadata: {}, source: "r" },
  ],
};

test("an old notebook becomes nbformat 4.5 with unique ids, without outputs and times", async (t) => {
  const folder = scratchFolder(t);
  const [input, output] = [path.join(folder, "in.ipynb"), path.join(folder, "sub", "out.ipynb")];
  writeFileSync(input, JSON.stringify(full));
  await writeNotebook(output, readNotebook(input));
  const text = readFileSync(output, "utf8");
  const notebook = JSON.parse(text);
  assert.deepEqual(nbformatErrors(notebook), []);
  assert.deepEqual(
    notebook.cells.map((cell: CodeCell) => cell.id),
    ["cell-1", "same", "cell-3", "cell-4", "cell-5"],
  );
  assert.equal(notebook.metadata.kernelspec.name, "var-jepa");
  assert.equal(notebook.metadata.kernelspec.language, "typescript");
  assert.equal(notebook.metadata.title, "T");
  assert.deepEqual(notebook.cells[1].outputs, []);
  assert.deepEqual(notebook.cells[1].source, ["1\n", "2"]);
  assert.deepEqual(notebook.cells[2].metadata, { tags: ["x"] });
  assert.ok(text.startsWith('{\n "cells": [') && text.endsWith("\n}\n"), "keys sorted, indented by one");
  await writeNotebook(input, readNotebook(output));
  assert.equal(readFileSync(input, "utf8"), text, "a second pass changes nothing");
});

test("what is not a notebook is refused with the field's name", (t) => {
  const file = path.join(scratchFolder(t), "bad.ipynb");
  const refused = (content: unknown, message: RegExp) => {
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    assert.throws(() => readNotebook(file), message);
  };
  refused("{", /not JSON/);
  refused({ ...full, nbformat: 3 }, /nbformat is 3/);
  refused({ ...full, cells: undefined }, /cells is undefined; it must be a list/);
  refused({ ...full, cells: [code(undefined)] }, /cells\[0\]\.source/);
  refused(
    { ...full, cells: [code("1"), { ...code("1"), cell_type: "heading" }] },
    /cells\[1\]\.cell_type is "heading"/,
  );
});

test("a damaged notebook is read as a valid one, or refused in one short sentence that names the place", (t) => {
  const file = path.join(scratchFolder(t), "damaged.ipynb");
  const next = randomSource(16);
  const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
  const long = "x".repeat(20_000);
  const values = [
    null,
    5,
    -1,
    "",
    "x",
    long,
    [],
    [null],
    {},
    { a: null },
    true,
    [long],
    deep,
    { tags: 5 },
    ["a", "a"],
  ];
  const source = structuredClone(full) as unknown as Record<string, unknown>;
  const attached = {
    cell_type: "markdown",
    metadata: {},
    source: "a",
    attachments: { "a.png": { "image/png": "AA" } },
  };
  source.cells = [...full.cells, attached, code("5", { metadata: { tags: ["a"], name: "n", jupyter: {} } })];
  const text = JSON.stringify(source);
  let refusals = 0;
  for (let i = 0; i < 600; i++) {
    let damaged: string | Buffer = text;
    if (i % 5 === 0) {
      const bytes = Buffer.from(text);
      bytes[next() % bytes.length] = next() % 256;
      damaged = i % 2 === 0 ? bytes : bytes.subarray(0, next() % bytes.length);
    } else {
      const copy = JSON.parse(text);
      let place = copy;
      for (let steps = next() % 5; steps > 0; steps--) {
        const inner = Object.values(place).filter((each) => typeof each === "object" && each !== null);
        if (inner.length > 0) place = inner[next() % inner.length];
      }
      const fields = Object.keys(place).concat(["tags", "attachments", "scrolled"]);
      const field = fields[next() % fields.length];
      if (next() % 4 === 0) delete place[field];
      else place[field] = values[next() % values.length];
      damaged = JSON.stringify(next() % 50 === 0 ? values[next() % values.length] : copy);
      damaged = damaged.replace('"@deep"', deep);
    }
    writeFileSync(file, damaged);
    try {
      assert.deepEqual(nbformatErrors(JSON.parse(JSON.stringify(readNotebook(file)))), []);
    } catch (error) {
      const { name, message } = error as Error;
      assert.equal(name, "Error", message);
      assert.ok(
        message.startsWith(file) && message.length < file.length + 300 && !message.includes("\n"),
        message,
      );
      assert.match(message, /; (it must be|use|make|save|give) /);
      refusals++;
    }
  }
  assert.ok(refusals > 150 && refusals < 550, `${refusals} refusals`);
});

test("lines keep their ends", () => {
  assert.deepEqual(toLines("a\n\nb"), ["a\n", "\n", "b"]);
  assert.deepEqual(toLines("a\n"), ["a\n"]);
  assert.deepEqual(toLines(""), []);
});

const good = () => ({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {
    kernelspec: { name: "var-jepa", display_name: "TypeScript" },
    language_info: { name: "typescript" },
  },
  cells: [
    { cell_type: "markdown", id: "a", metadata: {}, source: ["# A"] },
    {
      cell_type: "code",
      id: "b",
      metadata: {},
      source: ["1"],
      execution_count: 1,
      outputs: [
        { output_type: "stream", name: "stdout", text: ["x\n"] },
        { output_type: "display_data", data: { "image/png": "AA", "text/plain": ["x"] }, metadata: {} },
        { output_type: "execute_result", data: { "text/plain": ["x"] }, metadata: {}, execution_count: 1 },
        { output_type: "error", ename: "E", evalue: "v", traceback: ["t"] },
      ] as Record<string, unknown>[],
    },
  ] as Record<string, unknown>[],
});

test("the schema takes a good notebook and finds every kind of break", () => {
  assert.deepEqual(nbformatErrors(good()), []);
  const outputsOf = (notebook: ReturnType<typeof good>) =>
    notebook.cells[1].outputs as Record<string, unknown>[];
  const breaks: Record<string, (notebook: ReturnType<typeof good>) => void> = {
    "id missing": (n) => delete n.cells[0].id,
    "id not allowed": (n) => Object.assign(n.cells[0], { id: "a b" }),
    "id empty": (n) => Object.assign(n.cells[0], { id: "" }),
    "ids double": (n) => Object.assign(n.cells[0], { id: "b" }),
    "older format": (n) => Object.assign(n, { nbformat_minor: 4 }),
    "kernelspec missing": (n) => Reflect.deleteProperty(n.metadata, "kernelspec"),
    "cell type unknown": (n) => Object.assign(n.cells[0], { cell_type: "heading" }),
    "source missing": (n) => delete n.cells[0].source,
    "source a text": (n) => Object.assign(n.cells[0], { source: "# A" }),
    "outputs missing": (n) => delete n.cells[1].outputs,
    "outputs of prose": (n) => Object.assign(n.cells[0], { outputs: [] }),
    "execution count missing": (n) => delete n.cells[1].execution_count,
    "execution count a text": (n) => Object.assign(n.cells[1], { execution_count: "1" }),
    "unknown field": (n) => Object.assign(n.cells[1], { extra: 1 }),
    "output type unknown": (n) => Object.assign(outputsOf(n)[0], { output_type: "pyout" }),
    "stream name unknown": (n) => Object.assign(outputsOf(n)[0], { name: "stdlog" }),
    "stream text a text": (n) => Object.assign(outputsOf(n)[0], { text: "x" }),
    "display without metadata": (n) => delete outputsOf(n)[1].metadata,
    "display id stored": (n) => Object.assign(outputsOf(n)[1], { transient: {} }),
    "picture not a text": (n) => Object.assign(outputsOf(n)[1], { data: { "image/png": 3 } }),
    "result without count": (n) => delete outputsOf(n)[2].execution_count,
    "error without traceback": (n) => delete outputsOf(n)[3].traceback,
  };
  for (const [what, apply] of Object.entries(breaks)) {
    const notebook = good();
    apply(notebook);
    assert.notDeepEqual(nbformatErrors(notebook), [], what);
  }
});
