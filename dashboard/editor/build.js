// Bundles src/ into ../static/editor.js, whose first line says which sources it is made of.
import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { build } from "esbuild"

const hash = createHash("sha256")
for (const name of [...readdirSync("src").sort().map(name => `src/${name}`), "package-lock.json"]) hash.update(readFileSync(name))

await build({
  entryPoints: ["src/main.js"], outfile: "../static/editor.js", bundle: true, format: "esm", minify: true,
  legalComments: "none", charset: "utf8", target: "es2022",
  banner: { js: `// Made by "make editor" of sources with SHA-256 ${hash.digest("hex")}; licences: editor-LICENSE.txt` },
})
