import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const [world, backend] = ["./world.js", "../engine/backend.js"].map((file) =>
  fileURLToPath(new URL(file, import.meta.url)),
);

/** What a fresh process with the given environment says its engine is, or its error. */
function describeIn(env: Record<string, string>): string {
  const program = `
    await import(${JSON.stringify(world)});
    const { startEngine, describeEngine, tf } = await import(${JSON.stringify(backend)});
    const engine = await startEngine();
    const five = tf.sum(tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[1], [2]]))).dataSync()[0];
    console.log(describeEngine(engine), five);
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  return stdout || stderr;
}

test("each engine that comes with the package computes, and says what it is in one line", () => {
  for (const [env, name] of [
    [{ VARJEPA_ENGINE: "cpu" }, "cpu"],
    [{ VARJEPA_ENGINE: "wasm" }, "wasm (relaxed kernels)"],
    [{ VARJEPA_ENGINE: "wasm", VARJEPA_KERNELS: "plain" }, "wasm (plain kernels)"],
    [{ VARJEPA_ENGINE: "wasm", VARJEPA_KERNELS: "composed" }, "wasm (composed kernels)"],
  ] as const)
    assert.equal(
      describeIn({ ...env, VARJEPA_WORKERS: "3" }),
      `engine: TensorFlow.js 4.22.0 on ${name}, 3 workers 5\n`,
    );
});

test("without a wish, the first that works is taken; a native package without its binary is passed over", () => {
  assert.match(
    describeIn({ VARJEPA_WORKERS: "1" }),
    /engine: TensorFlow.js 4\.22\.0 on (tfjs-node-gpu|tfjs-node|wasm \(relaxed kernels\)), 1 worker 5\n$/,
  );
});

test("an unknown engine or a bad number of workers is refused by name", () => {
  assert.match(
    describeIn({ VARJEPA_ENGINE: "cuda" }),
    /VARJEPA_ENGINE is "cuda"; use tfjs-node-gpu, tfjs-node, wasm, cpu/,
  );
  assert.match(
    describeIn({ VARJEPA_ENGINE: "wasm", VARJEPA_KERNELS: "fast" }),
    /VARJEPA_KERNELS is "fast"; use relaxed, plain or composed/,
  );
  assert.match(describeIn({ VARJEPA_WORKERS: "0" }), /VARJEPA_WORKERS is "0"/);
});
