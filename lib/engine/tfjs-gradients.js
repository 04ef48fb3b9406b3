// What `npm run build:gradients` bundles: Node.js cannot load these modules as the package ships them.
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
