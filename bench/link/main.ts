import { parseArgs } from "node:util";
import { judge } from "./bounds.ts";
import { compareCorpora } from "./compare.ts";
import { CORPORA } from "./corpora.ts";
import { cacheFolder } from "./published.ts";
import { table, verdicts } from "./report.ts";

// What updates of real files take on a device's link, by the notifier's and the agent's own code, against the whole file, the
// sample's base64 and brotli. The first run fetches the files by npm; later ones ask nobody.
const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const cache = cacheFolder();
console.error(`published versions are kept in ${cache}`);
const { summaries, source } = await compareCorpora(CORPORA, cache, (line) => console.error(line));
const judged = judge(summaries, source);
if (values.json) console.log(JSON.stringify({ corpora: summaries, source, judged }, undefined, 2));
else console.log(`${table([...summaries, source])}\n\n${verdicts(judged)}`);
if (judged.some(({ holds }) => !holds)) process.exitCode = 1;
