// Reads each published example into quicktype's compiled TypeScript and writes it again, one JSON document a line:
// node round-trip.mjs EVENTS.js PUBLISHED
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [, , module, published] = process.argv;
const { Convert } = await import(pathToFileURL(module).href);
const schemas = new Set(await readdir(path.join(published, "jsonschema")));
for (const file of (await readdir(path.join(published, "examples"))).sort()) {
  if (!schemas.has(file)) continue;
  const { title } = JSON.parse(await readFile(path.join(published, "jsonschema", file), "utf8"));
  const { value } = JSON.parse(await readFile(path.join(published, "examples", file), "utf8"));
  const read = Convert[`to${title}`](JSON.stringify(value));
  const written = Convert[`${title[0].toLowerCase()}${title.slice(1)}ToJson`](read);
  console.log(JSON.stringify({ type: file.replace(/\.json$/, ""), value: JSON.parse(written) }));
}
