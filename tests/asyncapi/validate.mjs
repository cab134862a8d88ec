// Validates AsyncAPI documents: prints the findings of each in one line, as JSON.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

const paths = process.argv.slice(2);
if (paths.length === 0) {
  console.error("usage: node validate.mjs DOCUMENT...");
  process.exit(2);
}
for (const path of paths) {
  const findings = await new Parser().validate(await readFile(path, "utf8"));
  console.log(JSON.stringify(findings.map(({ severity, code, message }) => ({ severity, code, message }))));
}
