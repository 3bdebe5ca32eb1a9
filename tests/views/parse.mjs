// Parses each file as Mermaid does; fails with what is wrong.
import { readFileSync } from "node:fs";
import mermaid from "mermaid";

for (const file of process.argv.slice(2)) {
  try {
    const found = await mermaid.parse(readFileSync(file, "utf8"));
    if (found.diagramType !== "sequence") throw new Error(`is a ${found.diagramType}`);
  } catch (mistake) {
    console.error(`${file}: ${mistake.message}`);
    process.exitCode = 1;
  }
}
