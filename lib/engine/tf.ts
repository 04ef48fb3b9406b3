/**
 * TensorFlow.js as everything here uses it: the core, the plain JavaScript backend and the gradients. The whole of
 * `@tensorflow/tfjs` is three times as large and brings nothing more that is used.
 */
export * from "@tensorflow/tfjs-core";

import "@tensorflow/tfjs-backend-cpu";
// Bundled by `npm run build:gradients`: the core's program for Node.js leaves the gradients out. After the core, whose engine they join.
import "./tfjs-gradients.js";
