import { readTensorFile } from "./parameters-file.js";
import type { StepLog } from "./task.js";

/**
 * What every step measured of a run that is kept on disk, under way or at its end.
 * @throws when there is no such file or it holds no run.
 */
export async function checkpointLog(file: string): Promise<StepLog> {
  const { tensors, metadata } = await readTensorFile(file);
  const values = tensors.find(({ name }) => name === "training.log")?.values;
  if (!values || metadata.run === undefined)
    throw new Error(`${file} holds no run; name the checkpoint of a training`);
  const { columns } = JSON.parse(metadata.run) as Pick<StepLog, "columns">;
  return { columns, values };
}
