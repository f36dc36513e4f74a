import { measurePages } from "./measure-pages.ts";

// `npm run bench:console [-- <devices> <files>]`: how long the pages of the console take until their rows can be seen, with so many
// devices and files in the table of a local stack. Takes a Chromium.
const [devices = 1_000, files = 20] = process.argv.slice(2).map(Number);
if (!(await measurePages({ devices, files }))) process.exitCode = 1;
