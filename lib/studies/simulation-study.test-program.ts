/** Runs the study whose configuration is the first argument; `simulation-study.test.ts` kills it half-way. */
import "../node/world.js";
import { runSimulationStudy } from "./simulation-study.js";

await runSimulationStudy(JSON.parse(process.argv[2]));
