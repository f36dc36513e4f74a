// Everything else is imported after this, since an older Node cannot even parse it.
const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 24) {
  console.error(
    `The local stack needs Node 24, and this is ${process.version}: npm start takes the one that npm ci brings along (Linux), or install it.`,
  );
  process.exitCode = 1;
} else {
  const { runCommand } = await import("./stack/run-command.ts");
  const { env, stdout } = process;
  process.exitCode = await runCommand(process.argv.slice(2), { env, cwd: process.cwd(), stdout });
}
