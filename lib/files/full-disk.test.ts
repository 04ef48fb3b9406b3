/** Every writer of the project on a disk of 6 MB that is full, or nearly so: it writes the whole file, or says so and leaves what was there. */
import "../node/world.js";
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import {
  closeSync,
  type Dirent,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, mock, test } from "node:test";
import Papa from "papaparse";
import { writeNotebook } from "../../environment/notebook-file.js";
import { runCommand } from "../cli/run-command.js";
import { downloadFile } from "../data/datasets/download.js";
import { sha256 } from "../data/datasets/original-file.js";
import { tableRecords } from "../data/tables/records.js";
import { startEngine } from "../engine/backend.js";
import { savePredictions } from "../evaluation/predictors/predictions-file.js";
import { show } from "../figures/drawing/show.js";
import { lossCurves } from "../figures/loss-curves.js";
import { messyTable, untrainedVarTJepa } from "../inference/messy.test-table.js";
import { projectFolder } from "../settings.js";
import { writeCell } from "../studies/store.js";
import { saveTabularStudy, type TabularStudy } from "../studies/tabular-study.js";
import { writeCheckpoint } from "../training/checkpoint.js";
import { writeParameters } from "../training/parameters-file.js";
import { loadTableModel, saveModel } from "../training/trained-model.js";

process.env.VARJEPA_WORKERS = "1";
const folder = mkdtempSync(path.join(tmpdir(), "full-disk-test-"));
const disk = path.join(folder, "disk");
const why = mountDisk();
const model = path.join(folder, "model");
const csv = path.join(folder, "messy.csv");
const trained = untrainedVarTJepa(messyTable());
const server = createServer((_, response) => response.end(content));
const content = Buffer.alloc(300_000, "original\n");

/** Why there is no small disk, if there is none. */
function mountDisk(): string | false {
  mkdirSync(disk);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", disk], { stdio: "pipe" });
    return false;
  } catch (error) {
    return `no small file system can be mounted here, so nothing about full disks is tested: ${(error as Error).message.trim()}`;
  }
}

before(async () => {
  await startEngine();
  await saveModel(model, trained);
  writeFileSync(csv, Papa.unparse(tableRecords(messyTable())));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

after(() => {
  server.close();
  if (!why) execFileSync("umount", [disk]);
  rmdirSync(disk);
  rmSync(folder, { recursive: true });
});

const at = (...names: string[]) => path.join(disk, ...names);
const filler = at("filler");

/** Fills the disk but for so many bytes, a multiple of 4096. */
function fill(free: number): void {
  rmSync(filler, { force: true });
  const { bavail, bsize } = statfsSync(disk);
  const file = openSync(filler, "w");
  for (let left = bavail * bsize - free; left > 0; left -= 4096) writeSync(file, Buffer.alloc(4096));
  closeSync(file);
  assert.equal(statfsSync(disk).bavail * bsize, free);
}

function makeRoom(): void {
  const file = openSync(filler, "r+");
  ftruncateSync(file, 0);
  closeSync(file);
}

/** Runs a command in this process; what it says on standard error becomes the error's message. */
async function command(...words: string[]): Promise<void> {
  let said = "";
  const log = mock.method(console, "log", () => {});
  const write = mock.method(process.stderr, "write", (text: string) => {
    said += text;
    return true;
  });
  const code = await runCommand(words).finally(() => {
    log.mock.restore();
    write.mock.restore();
  });
  process.removeAllListeners("SIGINT");
  if (code !== 0) throw new Error(said);
}

/** Every writer, called with a folder to write into; the same each time, byte for byte. */
const writers: Record<string, (folder: string) => Promise<unknown> | undefined> = {
  weights: (to) =>
    writeParameters(path.join(to, "w.safetensors"), trained.parameters, { name: "x".repeat(9000) }),
  checkpoint: (to) => {
    const values = new Float32Array(50_000);
    const log = { columns: ["loss"], values };
    const state = {
      updates: 1,
      average: undefined,
      epoch: 1,
      stopped: false,
      microBatch: 1,
      history: [],
      log,
    };
    const moments = { firstMoment: values, secondMoment: values };
    return writeCheckpoint(
      path.join(to, "c.safetensors"),
      { ...state, ...moments, parameters: trained.parameters },
      {},
    );
  },
  model: (to) => saveModel(to, trained),
  "embed csv": (to) => command("embed", model, csv, "--out", path.join(to, "e.csv")),
  "embed parquet": (to) => command("embed", model, csv, "--out", path.join(to, "e.parquet")),
  "embed npy": (to) => command("embed", model, csv, "--out", path.join(to, "e.npy")),
  impute: (to) => {
    const [full, cells] = ["full.csv", "cells.csv"].map((name) => path.join(to, name));
    return command("impute", model, csv, "--out", full, "--report", cells, "--samples", "2");
  },
  "impute draws": (to) => command("impute", model, csv, "--out", path.join(to, "full.csv"), "--draws", "3"),
  generate: (to) =>
    command("generate", model, csv, "--hide", "x1,c1", "--samples", "20", "--out", path.join(to, "s.csv")),
  predict: (to) =>
    command("predict", model, csv, csv, "--out", path.join(to, "p.csv"), "--predictor", "linear"),
  evaluate: (to) => command("evaluate", model, csv, "--rows", "20", "--json", path.join(to, "e.json")),
  cell: async (to) => {
    const cell = { study: "study", arm: "A", seed: 1, computations: [], configuration: {} };
    const time = "1970-01-01T00:00:00.000Z";
    const making = { engine: "none", startedAt: time, finishedAt: time, seconds: 1 };
    return writeCell(cell, { numbers: Array(5000).fill(0.5) }, making, to);
  },
  predictions: async (to) => {
    const rows = Int32Array.from({ length: 4000 }, (_, row) => row % 2);
    const split = { train: rows.subarray(0, 2), validation: rows.subarray(0, 2), test: rows };
    const scores = { labels: rows, predicted: rows, probabilities: new Float32Array(8000).fill(0.3) };
    savePredictions(path.join(to, "p.json"), {
      predictor: "linear",
      settings: {},
      split,
      classes: 2,
      ...scores,
    });
  },
  study: (to) => saveTabularStudy("study", { notes: "x".repeat(20_000) } as unknown as TabularStudy, to),
  figure: (to) => {
    process.env.VARJEPA_FIGURES = to;
    return show(lossCurves([{ name: "loss", values: Array.from({ length: 500 }, (_, i) => i) }]), {
      name: "f",
    });
  },
  notebook: (to) => {
    const cell = { cell_type: "raw" as const, id: "a", metadata: {}, source: ["x".repeat(30_000)] };
    return writeNotebook(path.join(to, "n.ipynb"), {
      nbformat: 4,
      nbformat_minor: 5,
      metadata: {},
      cells: [cell],
    });
  },
  kernel: (to) => {
    const program = path.join(projectFolder, "dist/environment/install-kernel.js");
    return new Promise<void>((resolve, reject) =>
      execFile(process.execPath, [program, "--dir", to], (error, _, stderr) =>
        error ? reject(new Error(stderr)) : resolve(),
      ),
    );
  },
  download: (to) => {
    const urls = [`http://127.0.0.1:${(server.address() as AddressInfo).port}/tiny.csv`];
    return downloadFile({ name: "tiny.csv", sha256: sha256(content), urls }, to, {
      write: () => {},
      waitMs: 1,
    });
  },
};

/** Writers that take seconds, and write as others do. */
const slow = ["evaluate", "figure", "kernel"];

/** Every file below a folder, with the sum of its content; but for what a download goes on from. */
function contents(of: string): Record<string, string> {
  const names = (readdirSync(of, { recursive: true, withFileTypes: true }) as Dirent[])
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".part"))
    .map((entry) => path.join(entry.parentPath, entry.name));
  return Object.fromEntries(names.map((name) => [name, sha256(readFileSync(name))]));
}

for (const [name, write] of Object.entries(writers))
  test(`${name}: whole or not at all on a full disk, which is said`, { skip: why }, async () => {
    const to = at(name.replace(" ", "-"));
    for (const name of readdirSync(disk)) rmSync(at(name), { recursive: true });
    mkdirSync(to);
    await write(to);
    const before = contents(to);
    assert.ok(Object.values(before).length > 0);
    fill(0);
    await assert.rejects(
      async () => write(to),
      ({ message }: Error) =>
        /could not be written: the disk is full \(ENOSPC\); what was there before is unchanged; make room/.test(
          message,
        ) && Object.keys(before).some((file) => message.includes(path.basename(file))),
    );
    assert.deepEqual(contents(to), before);
    if (slow.includes(name)) return;
    fill(8192);
    await (async () => write(to))().catch((error: Error) =>
      assert.match(error.message, /the disk is full \(ENOSPC\)/),
    );
    assert.deepEqual(contents(to), before);
    makeRoom();
    await write(to);
    assert.deepEqual(contents(to), before);
  });

test("a training that finds the disk full keeps its last checkpoint and goes on when there is room", {
  skip: why,
}, async () => {
  const to = at("trained");
  const train = ["train", csv, "--epochs", "3", "--out", to];
  for (const name of readdirSync(disk)) rmSync(at(name), { recursive: true });
  await command(...train);
  const whole = contents(to);
  const { size } = statSync(path.join(to, "weights.safetensors"));
  rmSync(to, { recursive: true });
  // Weights and two moments fit once, not twice.
  fill(4096 * Math.ceil((4.5 * size) / 4096));
  await assert.rejects(command(...train), /checkpoint\.safetensors could not be written: the disk is full/);
  assert.deepEqual(readdirSync(to).sort(), ["checkpoint.json", "checkpoint.safetensors"]);
  makeRoom();
  await command(...train);
  for (const name of ["log.csv", "run.json"].map((each) => path.join(to, each)))
    assert.equal(contents(to)[name], whole[name]);
  assert.deepEqual(Object.keys(contents(to)), Object.keys(whole));
  assert.deepEqual((await loadTableModel(to)).history.length, 3);
});
