// Compiles every JSON Schema of a folder in Ajv's strict mode, as 2020-12; prints what Ajv says, exits 1 when it says anything.
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import addFormats from "ajv-formats";
import Ajv2020 from "ajv/dist/2020.js";

const folder = process.argv[2];
let said = 0;
const say = (file, text) => {
  said += 1;
  console.log(`${file}: ${text}`);
};
for (const file of (await readdir(folder)).sort()) {
  const logger = { log() {}, warn: (text) => say(file, text), error: (text) => say(file, text) };
  const ajv = new Ajv2020.default({ strict: true, strictTuples: true, strictRequired: true, logger });
  addFormats.default(ajv);
  try {
    ajv.compile(JSON.parse(await readFile(path.join(folder, file), "utf8")));
  } catch (error) {
    say(file, error.message);
  }
}
process.exit(said ? 1 : 0);
