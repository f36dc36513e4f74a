import { registerHooks } from "node:module";
import { watchParent } from "../../../host/child-process/watch-parent.ts";

// Loaded before AWS's runtime client, which needs a native addon that takes a C++ compiler to build. The same three
// functions in JavaScript take its place; everything else of the runtime runs unmodified.
const hooks = registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== "./rapid-client.node") return nextResolve(specifier, context);
    hooks.deregister();
    return {
      url: new URL("./rapid-client.ts", import.meta.url).href,
      format: "module-typescript",
      shortCircuit: true,
    };
  },
});

watchParent();
