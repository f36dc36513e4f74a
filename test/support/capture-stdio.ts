/** Runs `work` and returns everything that it wrote to stdout and stderr meanwhile, besides its result. */
export async function captureStdio<Result>(
  work: () => Promise<Result>,
): Promise<{ result: Result; written: string }> {
  const streams = [process.stdout, process.stderr];
  const originals = streams.map((stream) => stream.write);
  let written = "";
  for (const stream of streams) {
    stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
      written += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
      for (const argument of rest) if (typeof argument === "function") argument();
      return true;
    };
  }
  try {
    return { result: await work(), written };
  } finally {
    streams.forEach((stream, index) => {
      const original = originals[index];
      if (original !== undefined) stream.write = original;
    });
  }
}
