// Generates code from the published contracts, as a hospital's developer would: node generate.mjs PUBLISHED OUT
// OUT gets modelina-java, modelina-ts (from asyncapi.yaml), quicktype-java, quicktype-ts (from the JSON Schemas).
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { JAVA_DESCRIPTION_PRESET, JAVA_JACKSON_PRESET, JavaFileGenerator, TypeScriptFileGenerator } from "@asyncapi/modelina";
import { FetchingJSONSchemaStore, InputData, JSONSchemaInput, quicktypeMultiFile } from "quicktype-core";

const [, , published, out] = process.argv;

async function modelina() {
  const document = await readFile(path.join(published, "asyncapi.yaml"), "utf8");
  const presets = [JAVA_JACKSON_PRESET, JAVA_DESCRIPTION_PRESET];
  const java = new JavaFileGenerator({ collectionType: "List", presets });
  await java.generateToFiles(document, path.join(out, "modelina-java"), { packageName: "modelina" });
  const typescript = new TypeScriptFileGenerator({ modelType: "interface" });
  await typescript.generateToFiles(document, path.join(out, "modelina-ts"), { exportType: "named" });
}

async function quicktype(lang, rendererOptions) {
  const schemas = new JSONSchemaInput(new FetchingJSONSchemaStore());
  const folder = path.join(published, "jsonschema");
  for (const file of (await readdir(folder)).sort()) {
    const schema = await readFile(path.join(folder, file), "utf8");
    await schemas.addSource({ name: JSON.parse(schema).title, schema });
  }
  const inputData = new InputData();
  inputData.addInput(schemas);
  const target = path.join(out, `quicktype-${lang === "java" ? "java" : "ts"}`);
  await mkdir(target, { recursive: true });
  for (const [name, { lines }] of await quicktypeMultiFile({ inputData, lang, rendererOptions })) {
    await writeFile(path.join(target, name === "stdout" ? "events.ts" : name), lines.join("\n"));
  }
}

await modelina();
await quicktype("java", { package: "quicktype" });
await quicktype("typescript", {});
