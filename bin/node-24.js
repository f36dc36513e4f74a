// node bin/node-24.js <file> [arguments]: an older Node cannot even load TypeScript, so this file, which it can, says what to do.
import { argv, exit, version, versions } from "node:process";

const [major] = versions.node.split(".").map(Number);
if (major < 24) {
  console.error(
    `This needs Node 24, and here is ${version}. On Linux npm ci brings one along, which every npm start and npm run takes; elsewhere install it: https://nodejs.org`,
  );
  exit(1);
}
const [file] = argv.splice(2, 1);
argv[1] = file;
await import(new URL(file, new URL("../", import.meta.url)).href);
