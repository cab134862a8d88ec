// Validates one AsyncAPI document: prints every finding, exits 1 when one is an error or a warning.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

// Spectral counts 0 error, 1 warning, 2 information, 3 hint.
const WARNING = 1;

const path = process.argv[2];
if (!path) {
  console.error("usage: node validate.mjs DOCUMENT");
  process.exit(2);
}
const findings = await new Parser().validate(await readFile(path, "utf8"));
for (const { severity, code, message, path: where } of findings) {
  console.log(`${severity} ${code} ${where.join(".")}: ${message}`);
}
process.exit(findings.some(({ severity }) => severity <= WARNING) ? 1 : 0);
